"""Tests of the retention controls on what was measured and on what the jobs wrote down. A unit is a rule, or a run.

Source: docs/norm/controls, RET-01 to RET-04; docs/norm/retention.md, section 3; CNIL, guide on retention (2020).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from evidence_kit.model.outcome import Answer, Mark, Test
from evidence_kit.model.sample import Row
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.rules.rows import not_asked

Rows = Mapping[str, tuple[Row, ...]]

#: Departments that may need an archive: for a claim, for the accounts, to keep the rules, to keep it running.
ARCHIVE_READERS = ("legal", "finance", "dpo", "it")
#: Words of an event that an opening or a sending makes, in English and French: neither comes from the person.
MESSAGES = re.compile(
    r"(open(s|ed|er|ings?)?|ouv(r|er)\w*|reads?|reading|lu[es]?|lecture\w*|sent|send\w*|envo[iy]\w*|deliver\w*|"
    r"delivr\w*|impressions?|pixels?|affich\w*|emailed|mailed)"
)
#: Words that may be either: "last activity" usually counts openings, and "mail" does not say whose.
UNCLEAR = re.compile(r"(activ\w*|engage\w*|interact\w*|e?mails?|courriels?|newsletters?|campaigns?|campagnes?)")
#: What a person opens or sends too (an account, a reply): beside such a word a stem of `MESSAGES` is unclear.
OWN = re.compile(
    r"(accounts?|comptes?|contracts?|contrats?|forms?|formulaires?|repl(y|ies)|reponses?|requests?|demandes?)"
)
#: What the authority recommends for prospects; more is for whoever writes why.
RECOMMENDED = {"days": 1096, "months": 36, "years": 3}


def active_within_period(rows: Rows, terms: Terms) -> Test:
    """RET-01: in the active base no row is past its limit and grace, recorded holds excepted.

    A: nothing past its limit, no faulty hold. B: no row without a start. C: every hold documented. D: every date sound.
    """
    seen, why = _measured(rows, "active")
    if seen is None:
        return Test(tuple(Answer(letter, why.mark, why.reason) for letter in "ABCD"))
    return Test(
        (
            _past(seen, "A"),
            _none(seen, "B", "start_missing_rows", Mark.MISSING, "start-event-missing"),
            _none(seen, "C", "hold_undocumented_rows", Mark.MISSING, "hold-not-documented"),
            _none(seen, "D", "bad_date_rows", Mark.ERROR, "unreadable-date"),
        )
    )


def archives_finite(rows: Rows, terms: Terms) -> Test:
    """RET-02: the archive stands apart, ends, and is open only to those who need it.

    A: another object than the active one. B: nothing past its archive limit. C: every reader justified.
    """
    return Test(
        (_apart(rows["retention_rules"][0]), _within(rows, "archive"), _readers(rows.get("archive_grants", ())))
    )


def prospects_leave(rows: Rows, terms: Terms) -> Test:
    """RET-03: prospects leave when the period since their own last contact is over.

    A: the job's start is an act of the person. B: nothing past its limit, measured without openings. C: every row has a
    start, or its collection instead.
    """
    rule = rows["retention_rules"][0]
    seen, why = _measured(rows, "active")
    started = why if seen is None else _none(seen, "C", "start_missing_rows", Mark.MISSING, "start-event-missing")
    answers = (_own_contact(rule), _within(rows, "active"), Answer("C", started.mark, started.reason))
    number, _, span = str(rule["keep"]).partition(" ")
    most = RECOMMENDED.get(span.rstrip("s") + "s")
    longer = most is not None and number.isdecimal() and int(number) > most
    flags = {"period-beyond-recommendation": longer, "basis-not-written": longer and rule["basis_ref"] is None}
    return Test(answers, tuple(flag for flag, raised in flags.items() if raised))


def jobs_ran(rows: Rows, terms: Terms) -> Test:
    """RET-04: the run took place, ended well, and accounts for every row that was due."""
    run = rows["job_units"][0]
    if run["run_id"] is None or run["status"] == "missed":
        return Test((Answer("A", Mark.FAIL, "run-missed"), not_asked("B"), not_asked("C")))
    return Test((Answer("A", Mark.PASS), _ended(run), _adds_up(run)))


def _measured(rows: Rows, place: str) -> tuple[Row | None, Answer]:
    """What was counted in one place of a rule; else, under the letter B, why nothing can be said of it."""
    measured = [row for row in rows.get("retention_observations", ()) if row["place"] == place]
    if len(measured) != 1:
        return None, Answer("B", Mark.MISSING, "not-measured")
    seen = measured[0]
    if seen["status"] != "ok" or seen["rows"] is None:
        return None, Answer("B", Mark.ERROR, "object-missing")
    if seen["rows"] == 0:
        # A query that finds nothing proves nothing.
        return None, Answer("B", Mark.MISSING, "nothing-counted")
    return seen, Answer("B", Mark.PASS)


def _past(seen: Row, letter: str) -> Answer:
    over = "kept-past-limit" if seen["past_limit_rows"] else "hold-faulty" if seen["hold_faulty_rows"] else None
    if over is None and None in (seen["past_limit_rows"], seen["hold_faulty_rows"]):
        return Answer(letter, Mark.MISSING, "column-not-kept")
    return Answer(letter, Mark.FAIL if over else Mark.PASS, over)


def _none(seen: Row, letter: str, column: str, mark: Mark, reason: str) -> Answer:
    if seen[column] is None:
        return Answer(letter, Mark.MISSING, "column-not-kept")
    return Answer(letter, mark, reason) if seen[column] else Answer(letter, Mark.PASS)


def _within(rows: Rows, place: str) -> Answer:
    """Nothing past its limit, under one letter, in the order of docs/norm/retention.md: what is past, what cannot be
    read, what cannot be known. A prospect without a start is asked about by a letter of its own."""
    seen, why = _measured(rows, place)
    if seen is None:
        return why
    asked = [_past(seen, "B"), _none(seen, "B", "bad_date_rows", Mark.ERROR, "unreadable-date")]
    if place == "archive":
        asked.append(_none(seen, "B", "start_missing_rows", Mark.MISSING, "archive-start-missing"))
    asked.append(_none(seen, "B", "hold_undocumented_rows", Mark.MISSING, "hold-not-documented"))
    order = (Mark.FAIL, Mark.ERROR, Mark.MISSING, Mark.PASS)
    return min(asked, key=lambda answer: order.index(answer.mark))


def _apart(rule: Row) -> Answer:
    if rule["archive_source"] is None:
        return Answer("A", Mark.MISSING, "archive-place-unknown")
    active, archive = ((rule[f"{place}source"], rule[f"{place}object"]) for place in ("", "archive_"))
    same = [str(name).casefold() for name in active] == [str(name).casefold() for name in archive]
    return Answer("A", Mark.FAIL, "archive-in-active-base") if same else Answer("A", Mark.PASS)


def _readers(grants: tuple[Row, ...]) -> Answer:
    """An archive that nobody is said to read is one whose grants nobody lists."""
    if not grants:
        return Answer("C", Mark.MISSING, "grants-not-listed")
    if any(row["department"] not in (None, *ARCHIVE_READERS) for row in grants):
        return Answer("C", Mark.FAIL, "reader-without-need")
    if any(row["justification_ref"] is None for row in grants):
        return Answer("C", Mark.FAIL, "reader-not-justified")
    unknown = any(row["department"] is None for row in grants)
    return Answer("C", Mark.MISSING, "department-unknown") if unknown else Answer("C", Mark.PASS)


def _own_contact(rule: Row) -> Answer:
    """Whether the job starts from acts of the person. Names are all there is to read; unclear ones prove nothing."""
    if rule["configured_start"] is None:
        return Answer("A", Mark.MISSING, "start-not-configured")
    read = {start_rests_on(name) for name in re.findall(r"[^\W\d]\w*", str(rule["configured_start"]))}
    if "message" in read:
        return Answer("A", Mark.FAIL, "start-rests-on-messages")
    return Answer("A", Mark.PASS) if read == {"person"} else Answer("A", Mark.MISSING, "start-unclear")


def start_rests_on(name: str) -> str:
    """What an event is an act of, by its name: `message` (an opening or a sending), `person`, or `unclear`.

    >>> start_rests_on("last_open_at"), start_rests_on("dernierClic"), start_rests_on("last_activity")
    ('message', 'person', 'unclear')
    """
    plain = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", plain)]
    sent = any(MESSAGES.fullmatch(word) for word in words)
    if sent and not any(OWN.fullmatch(word) for word in words):
        return "message"
    return "unclear" if sent or not words or any(UNCLEAR.fullmatch(word) for word in words) else "person"


def _ended(run: Row) -> Answer:
    reasons = {"partial": "run-partial", "failed": "run-failed"}
    status = str(run["status"])
    if status in reasons:
        return Answer("B", Mark.FAIL, reasons[status])
    return Answer("B", Mark.PASS) if status == "success" else Answer("B", Mark.MISSING, "run-status-unknown")


def _adds_up(run: Row) -> Answer:
    """Deleted and excused are what was eligible.

    Rows excused that nobody counted matter only where rows are left over: then there may be a hold behind them, or
    none. Where as many rows were deleted as were due, nothing is left to excuse.
    """
    if run["rows_eligible"] is None or run["rows_deleted"] is None:
        return Answer("C", Mark.MISSING, "run-not-counted")
    left = int(str(run["rows_eligible"])) - int(str(run["rows_deleted"]))
    if run["rows_excused"] is None:
        if left > 0:
            return Answer("C", Mark.MISSING, "run-not-counted")
        return Answer("C", Mark.PASS) if left == 0 else Answer("C", Mark.FAIL, "rows-not-accounted-for")
    accounted = left == int(str(run["rows_excused"]))
    return Answer("C", Mark.PASS) if accounted else Answer("C", Mark.FAIL, "rows-not-accounted-for")


TESTS: Mapping[str, UnitTest] = {
    "retention.active_within_period": active_within_period,
    "retention.archives_finite": archives_finite,
    "retention.prospects_leave": prospects_leave,
    "retention.jobs_ran": jobs_ran,
}
