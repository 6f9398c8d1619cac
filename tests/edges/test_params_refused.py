"""Each thing that a parameter file may get wrong, and what the person who wrote it is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.edges.params_folder import C, E, Edit, S, added, params_folder, refusal, swapped

#: An action as it should be; the engagement runs REQ-02 alone, and declares an auditor.
ACTION = (
    "actions:\n  - control: REQ-02\n    cause: {en: c, fr: c}\n    effect: {en: e, fr: e}\n    action: {en: a, fr: a}\n"
    "    evidence: {en: v, fr: v}\n    owner: auditor\n    due: 2017-09-30\n"
)


def planned(old: str, new: str) -> Edit:
    """An action with one thing wrong."""
    assert ACTION.count(old) == 1
    return added(ACTION.replace(old, new))


# What is wrong, how, and what the message must say (regular expressions, but for the opening brace).
ENGAGEMENTS = [
    (
        "unknown key",
        swapped("calendar: US", "calender: US"),
        [r"line 11, column 1: calender", "nearest known is calendar"],
    ),
    (
        "nested unknown key",
        swapped("working_days: 20", "workingdays: 20"),
        ["limit.workingdays", "nearest known is working_days"],
    ),
    ("missing key", swapped("as_of:", "#"), ["as_of: this key is missing", "2026-06-30T21:59:59Z"]),
    (
        "missing inner key",
        swapped("country: US", "land: US"),
        ["organisation.country: this key is missing", "land: this key is not known"],
    ),
    ("0123 as an id", swapped("id: auditor", "id: 0123"), [r"people\[1\].id", "leading zero", "in quotes"]),
    (
        "YAML NO as text",
        swapped("limit: {working_days: 20}", "limit: {working_days: NO}"),
        ["found text; accepted: a whole number"],
    ),
    ("a number as text", swapped("id: auditor", "id: 12"), ["found a whole number; accepted: text", "in quotes"]),
    ("a flag as text", swapped("US Department of Justice,", "true,"), ["found true or false; accepted: text"]),
    ("text as a flag", swapped("calendar: US", "naive_is_local: yes"), ["found text; accepted: true or false"]),
    (
        "a list as keys",
        swapped("limit: {working_days: 20}", "limit: [20]"),
        ["found a list; accepted: keys and values"],
    ),
    ("a text as list", swapped("[REQ-02]", "REQ-02"), ["controls: found text; accepted: a list"]),
    ("duplicate key", added("calendar: FR"), ["given twice .first on line 11", "line 19, column 1"]),
    ("anchor", swapped("calendar: US", "calendar: &a US"), ["anchors and aliases"]),
    ("alias", added("timezone: *a"), ["anchors and aliases"]),
    ("tag", swapped("calendar: US", "calendar: !!python/object/apply:os.system [id]"), ["tags"]),
    ("merge key", swapped("{working_days: 20}", "{<<: {working_days: 20}}"), ["not a name"]),
    ("second document", added("---\na: 1"), ["a second document begins"]),
    ("not YAML", swapped("[REQ-02]", "[REQ-02"), ["this is not YAML"]),
    ("empty file", lambda _: "# nothing\n", ["the file is empty"]),
    ("deep nesting", lambda _: "a: " + "[" * 5000, ["more than 24 levels"]),
    (
        "a day that does not exist",
        swapped("from: 2012-01-01", "from: 2023-02-30"),
        ["period.from: no calendar has this day"],
    ),
    ("a day in another writing", swapped("from: 2012-01-01", "from: 01/01/2012"), ["a day written YYYY-MM-DD"]),
    ("an instant without zone", swapped("03:59:59Z", "03:59:59"), ["as_of: this text does not fit", "in UTC"]),
    (
        "period back to front",
        swapped("until: 2017-08-31", "until: 2011-08-31"),
        ["period.until: the period ends before"],
    ),
    (
        "mock audit that ends after the cut-off",
        added("mock: {period: {from: 2012-01-01, until: 2027-01-01}, as_of: 2016-08-31T03:59:59Z}"),
        [r"line 19, column \d+: mock.period.until: the mock audit's period ends after the audit's cut-off"],
    ),
    (
        "mock audit after the audit",
        added("mock: {period: {from: 2012-01-01, until: 2016-08-31}, as_of: 2027-01-01T03:59:59Z}"),
        [r"line 19, column \d+: mock.as_of", "lies after the audit's"],
    ),
    (
        "mock audit back to front",
        added("mock: {period: {from: 2017-01-01, until: 2016-08-31}, as_of: 2016-08-31T03:59:59Z}"),
        ["mock.period.until: the period ends before it begins", "mock.as_of: the cut-off lies before"],
    ),
    (
        "mock audit with a key of its own",
        added("mock: {period: {from: 2012-01-01, until: 2016-08-31}, as_off: 2016-08-31T03:59:59Z}"),
        ["mock.as_of: this key is missing", "mock.as_off: this key is not known; the nearest known is as_of"],
    ),
    (
        "mock audit of another company",
        added("mock: {period: {from: 2012-01-01, until: 2016-08-31}, as_of: 2016-08-31T03:59:59Z, rehearsal: {}}"),
        ["mock.rehearsal: this engagement audits no made-up company"],
    ),
    (
        "action of no control",
        planned("REQ-02", "REQ-20"),
        [r"line 20, column \d+: actions\[1\].control: this control is not run here; the nearest known is REQ-02"],
    ),
    (
        "two actions of one control",
        added(ACTION + ACTION.removeprefix("actions:\n")),
        [r"line 27, column \d+: actions\[2\].control: this control has its action already, on line 20"],
    ),
    (
        "action of nobody",
        planned("owner: auditor", "owner: auditer"),
        [r"line 25, column \d+: actions\[1\].owner: nobody of `people`", "nearest known is auditor", "never a name"],
    ),
    ("action of a person's name", planned("owner: auditor", "owner: Jane Doe"), [r"actions\[1\].owner"]),
    ("action without evidence", planned("    evidence: {en: v, fr: v}\n", ""), ["evidence: this key is missing"]),
    (
        "action in one language",
        planned("action: {en: a, fr: a}", "action: {en: a}"),
        ["action.fr: this key is missing"],
    ),
    ("action that says too much", planned("cause: {en: c,", "cause: {en: " + "c" * 601 + ","), ["cause.en"]),
    ("action due on no day", planned("due: 2017-09-30", "due: 2017-09-31"), ["due: no calendar has this day"]),
    ("action with another key", planned("due: 2017-09-30", "due: 2017-09-30\n    done: 2017-09-01"), ["nearest known"]),
    ("no such zone", swapped("America/New_York", "America/NewYork"), ["no time zone", "America/New_York"]),
    ("zone as a path", swapped("America/New_York", "../../etc/passwd"), ["no time zone has this name"]),
    (
        "no such calendar",
        swapped("calendar: US", "calendar: FR-99"),
        ["no calendar has this name", "nearest known is FR-"],
    ),
    ("two limits", swapped("{working_days: 20}", "{working_days: 20, days: 30}"), ["limit: give exactly one"]),
    (
        "limit of nothing",
        swapped("working_days: 20", "working_days: 0"),
        ["limit.working_days", "out of range; accepted: 1 or more"],
    ),
    ("roll alone", swapped("{working_days: 20}", "{working_days: 20, roll: true}"), ["roll goes with days only"]),
    ("no such control", swapped("[REQ-02]", "[REQ-20]"), [r"controls\[1\]", "no file controls/REQ-20.yaml", "REQ-02"]),
    ("control twice", swapped("[REQ-02]", "[REQ-02, REQ-02]"), [r"controls\[2\]: this is given twice"]),
    (
        "no such source file",
        swapped("doj_foia.yaml", "doj-foia.yaml"),
        ["no file sources/doj-foia.yaml", "nearest known is doj_foia"],
    ),
    ("file out of the folder", swapped("doj_foia.yaml", "../../secret.yaml"), ["name of a file in params/sources"]),
    ("in and out of scope", added("out_of_scope: {REQ-02: no}"), ["run and out of scope"]),
    ("plan of no control", added("plans: {REQ-03: {census: true}}"), ["not run here", "REQ-02"]),
    ("strata of no control", added("strata: {REQ-03: channel}"), ["strata.REQ-03", "not run here", "REQ-02"]),
    ("strata of two expressions", added("strata: {REQ-02: 'a, b'}"), ["two expressions"]),
    ("gap that ends first", added("explained_gaps: [{from: 9, until: 7, reason: x}]"), ["ends before it begins"]),
    ("gap without a reason", added("explained_gaps: [{from: 9}]"), ["reason: this key is missing"]),
    ("no such parameter", added("parameters: {ask_in_days: 3}"), ["not known; the nearest known is ask_within_days"]),
    ("false demonstration", added("demonstration: true"), ["demonstration: the rehearsal's keys"]),
    (
        "word of duplicates",
        swapped("on_duplicate: refuse", "on_duplicate: number"),
        ["accepted: refuse, collapse", "number-them"],
    ),
    ("pair of duplicates", swapped("on_duplicate: refuse", "on_duplicate: [refuse, number-them]"), ["refuse is alone"]),
    (
        "rate without quotes",
        added("plans: {REQ-02: {tolerable: 0.05}}"),
        ["REQ-02.tolerable: is a number without quotes"],
    ),
    (
        "rate in per cent",
        added("plans: {REQ-02: {tolerable: 5%}}"),
        ['is a percentage. Write "0.05"; rates are decimals'],
    ),
    ("rate above one", added('plans: {REQ-02: {tolerable: "5"}}'), ["a decimal from 0 to 1"]),
    ("rate of one", added('plans: {REQ-02: {confidence: "1"}}'), ["between 0 and 1, both left out"]),
    (
        "expected above tolerable",
        added('plans: {REQ-02: {expected: "0.1", tolerable: "0.05"}}'),
        ["below the tolerable"],
    ),
    ("other name inside", swapped("engagement: doj-foia", "engagement: doj"), ["this file is called doj-foia.yaml"]),
    (
        "capitals in the id",
        swapped("engagement: doj-foia", "engagement: DOJ"),
        ["lower-case letters, digits and dashes"],
    ),
    ("line break in a title", swapped('"Freedom of', '"Freedom\\nof'), ["title.en: holds a line break"]),
]

CONTROLS = [
    ("control id inside", swapped("control: REQ-02", "control: REQ-03"), ["this file is called REQ-02.yaml"]),
    (
        "unknown column",
        swapped("- capacity", "- capasity"),
        ["capasity is not a column of request_log", "nearest known is capacity"],
    ),
    ("column asked twice", swapped("- capacity", "- channel"), ["channel is asked twice"]),
    (
        "no optional event",
        swapped("optional:", "optional:\n      - void_reason"),
        ["void_reason is not an optional event"],
    ),
    ("unknown frame", swapped("frame: mailbox_messages", "frame: mailbox"), ["frame is not known", "mailbox_messages"]),
    ("test of another family", swapped("test: requests", "test: retention"), ["written requests.<name>"]),
    ("letters out of order", swapped("letter: B", "letter: D"), ["letters are given once each, in order"]),
    (
        "statement in where",
        swapped("coalesce(status, '') <> 'void'", "1=1; drop table x"),
        ["population.where: `;` is refused"],
    ),
]

SOURCES = [
    (
        "column forgotten",
        swapped("      channel: {const: unknown}\n", ""),
        ["columns.channel: this column is not mapped", "cannot be null"],
    ),
    (
        "nullable forgotten",
        swapped("      void_reason: null\n", ""),
        ["void_reason: this column is not mapped", "write null"],
    ),
    (
        "null where none may be",
        swapped("channel: {const: unknown}", "channel: null"),
        ["channel: this column cannot be null"],
    ),
    (
        "unknown that is no event",
        swapped("void_reason: null", "void_reason: unknown"),
        ["only an optional event may be unknown"],
    ),
    (
        "unknown column mapped",
        swapped("void_reason: null", "void_reasons: null"),
        ["not a column of request_log", "void_reason"],
    ),
    ("computed column mapped", added("      source_ref: id"), ["computed by the kit and is not mapped"]),
    (
        "frame built by the kit",
        swapped("frames:\n", "frames:\n  retention_observations: {columns: {}}\n"),
        ["built by the kit"],
    ),
    ("unknown frame mapped", swapped("request_log:", "request_logs:"), ["nearest known is request_log"]),
    (
        "key that is no pseudonym",
        swapped("subject_key: null", "subject_key: email"),
        ["is a pseudonym", "{person: expression}"],
    ),
    ("pseudonym of another kind", swapped("subject_key: null", "subject_key: {account: a}"), ["{person: expression}"]),
    ("pseudonym that is no key", swapped("country: {const: US}", "country: {person: a}"), ["is no pseudonym"]),
    (
        "word out of the list",
        swapped("channel: {const: unknown}", "channel: {const: fax}"),
        ["fax is not a word of this column", "form, email"],
    ),
    ("mapped to no word", swapped("No records: no_data", "No records: nothing"), ["nothing is not a word", "no_data"]),
    (
        "const of another kind",
        swapped("country: {const: US}", "country: {const: 1}"),
        ["const does not fit a column of kind string"],
    ),
    ("two forms", swapped("country: {const: US}", "country: {const: US, value: a}"), ["give exactly one of"]),
    (
        "format without value",
        swapped("{const: US}", '{const: US, format: "%Y-%m-%d"}'),
        ["format goes with value only"],
    ),
    (
        "format of no date",
        swapped("country: {const: US}", 'country: {value: a, format: "%Y-%m-%d"}'),
        ["are for dates"],
    ),
    ("year of two digits", swapped("%m/%d/%Y", "%m/%d/%y"), ["a directive is not accepted", "four digits"]),
    (
        "day and month both ways round",
        swapped(
            '{value: \'"Submitted Date"\', format: "%m/%d/%Y", precision: day}',
            '{value: a, format: ["%m/%d/%Y", "%Y-%m-%d", "%d/%m/%Y"]}',
        ),
        [r"received_at.format: two formats differ only in the order of %d and %m"],
    ),
    (
        "day and month both ways round, with a time",
        swapped(
            '{value: \'"Submitted Date"\', format: "%m/%d/%Y", precision: day}',
            '{value: a, format: ["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"]}',
        ),
        ["two formats differ only in the order"],
    ),
    ("an offset of a day", swapped("%m/%d/%Y", "%m/%d/%Y %z"), ["a day has no offset"]),
    (
        "no such zone of a source",
        swapped("timezone: America/New_York", "timezone: America/New_Yorc"),
        ["timezone: no time zone has this name", "America/New_York"],
    ),
    (
        "sheet of no spreadsheet",
        swapped('delimiter: ","', "sheet: Log"),
        ["options.sheet: engine csv has no such option"],
    ),
    (
        "rows that are no pointer",
        swapped('options: {encoding: utf-8, delimiter: ","}', "options: {rows: tickets}"),
        ["options.rows", "JSON Pointer"],
    ),
    (
        "header of no row",
        swapped('delimiter: ","', "header: 0"),
        ["options.header", "out of range; accepted: 1 or more"],
    ),
    ("comment in an expression", swapped('when "Closed Date"', "when /* x */ 1"), ["`/.` is refused"]),
    ("two expressions", swapped("void_reason: null", "void_reason: a, b"), ["a comma outside brackets"]),
    ("statement", swapped("void_reason: null", "void_reason: delete"), ["delete begins a statement"]),
    (
        "closing what was not opened",
        swapped("void_reason: null", "void_reason: 'a) from x union (select b'"),
        ["never opened"],
    ),
    ("unknown bound name", swapped("void_reason: null", "void_reason: ':nonce'"), ["bound names are"]),
    (
        "a number as expression",
        swapped("void_reason: null", "void_reason: 1"),
        ["found a whole number; accepted: text"],
    ),
    ("password", swapped("engine: csv", "engine: csv\nopen: postgres://u:p@h/d"), ["never an address with a password"]),
    ("option of another engine", swapped("engine: csv", "engine: parquet"), ["engine parquet has no such option"]),
    (
        "no such engine",
        swapped("engine: csv", "engine: cvs"),
        ["another word; accepted: csv", "nearest: csv|nearest known is csv"],
    ),
    ("other logical name", swapped("source: requests", "source: log"), ["maps another source than requests"]),
    ("join of nothing", swapped("engine: csv", "engine: csv\njoins: [crm]"), ["joins crm, which is no other source"]),
]

CASES = [
    pytest.param(file, edit, said, id=name)
    for file, cases in ((E, ENGAGEMENTS), (C, CONTROLS), (S, SOURCES))
    for name, edit, said in cases
]


@pytest.mark.parametrize(("file", "edit", "said"), CASES)
def test_what_is_refused_is_told(tmp_path: Path, file: str, edit: Edit, said: list[str]) -> None:
    message = refusal(params_folder(tmp_path), file, edit)
    for words in said:
        assert re.search(words.replace("{", r"\{"), message, re.IGNORECASE), message
