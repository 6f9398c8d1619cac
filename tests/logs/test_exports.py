"""Exports of two ticket systems, in the shape of their interfaces, through the mappings that the kit brings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence_kit.edges.params import load
from evidence_kit.errors import SourceError
from tests.edges.desks import PARAMS
from tests.edges.workbooks import cell, lines, number, ods, rows, serial, text, xlsx
from tests.logs.auditing import Audited, audit

ENGAGEMENT = """\
engagement: own
title: {en: "Own requests", fr: "Demandes propres"}
organisation: {name: Own, country: FR}
period: {from: 2026-01-01, until: 2026-06-30}
as_of: 2026-06-30T21:59:59Z
timezone: Europe/Paris
calendar: FR
limit: LIMIT
controls: [REQ-02]
sources: {requests: FILE}
"""
Run = Callable[..., Audited]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(mapping: str, name: str, content: bytes, agreed: str = "", limit: str = "{months: 1}") -> Audited:
        """Audit `content`, called `name`, by a mapping of the kit, or by the text of one; `agreed`: a line more."""
        engagement, own = tmp_path / "engagements" / "own.yaml", tmp_path / "sources" / "own.yaml"
        for folder in (engagement.parent, own.parent):
            folder.mkdir(exist_ok=True)
        own.write_text(mapping, encoding="utf-8")
        file = mapping if mapping.endswith(".yaml") else "own.yaml"
        agreement = ENGAGEMENT.replace("FILE", file).replace("LIMIT", limit) + agreed
        engagement.write_text(agreement, encoding="utf-8")
        path = tmp_path / name
        path.write_bytes(content)
        return audit(load(str(engagement), PARAMS, {"requests": str(path)}), path, tmp_path / f"home-{name}")

    return run


def found(audited: Audited) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {result.unit: (result.verdict.value, result.reasons) for result in audited.results}


# --- Zendesk ----------------------------------------------------------------------------------------------------------

RIGHT, ARRIVED, EXTENDED = 360001112223, 360001112224, 360001112225


def ticket(number: int, status: str, created: str, solved: str | None, **more: object) -> dict[str, object]:
    """One ticket of GET /api/v2/incremental/tickets.json?include=metric_sets."""
    fields = {RIGHT: more.get("right", "right_access"), ARRIVED: more.get("arrived"), EXTENDED: None}
    return {
        "url": f"https://own.zendesk.example/api/v2/tickets/{number}.json",
        "id": number,
        "external_id": None,
        "via": {"channel": more.get("channel", "email"), "source": {"from": {}, "to": {}, "rel": None}},
        "created_at": created,
        "updated_at": solved or created,
        "generated_timestamp": 1767225600,
        "type": "question",
        "subject": "My data",
        "description": 'Please send me what you hold, "all" of it: { } [ ]',
        "priority": "normal",
        "status": status,
        "requester_id": 20978392000 + number,
        "tags": more.get("tags", ["privacy_request", "right_access"]),
        "custom_fields": [{"id": key, "value": value} for key, value in fields.items()],
        "satisfaction_rating": None,
        "due_at": None,
        "metric_set": {"ticket_id": number, "reopens": 0, "created_at": created, "solved_at": solved},
    }


def test_tickets_of_zendesk(run: Run) -> None:
    tickets = [
        ticket(35436, "solved", "2026-01-05T22:30:00Z", "2026-02-05T10:00:00Z"),
        ticket(35437, "closed", "2026-01-05T23:30:00Z", "2026-02-06T10:00:00Z"),
        ticket(35438, "solved", "2026-01-05T09:00:00Z", "2026-02-06T10:00:00Z", right="right_erasure", channel="web"),
        ticket(35439, "solved", "2026-01-20T09:00:00Z", "2026-02-06T10:00:00Z", arrived="2026-01-02"),
        ticket(35440, "pending", "2026-02-01T09:00:00Z", None),
        ticket(35441, "open", "2026-06-20T09:00:00Z", None),
        ticket(35442, "deleted", "2026-01-05T09:00:00Z", None),
        ticket(35443, "solved", "2026-01-05T09:00:00Z", "2026-01-06T09:00:00Z", right="right_to_win"),
        ticket(35444, "solved", "2026-01-05T09:00:00Z", "2026-01-06T09:00:00Z", tags=["sales"]),
        ticket(35445, "solved", "2026-01-05T09:00:00Z", None),
    ]
    export = {"tickets": tickets, "count": len(tickets), "end_of_stream": True, "end_time": 1767225600}
    mine = run("zendesk_tickets.yaml", "tickets.json", json.dumps(export, indent=2).encode())
    assert found(mine) == {
        "35436": ("PASS", ()),  # 5 January in Paris: due on Thursday, 5 February
        "35437": ("PASS", ()),  # half past eleven in UTC is 6 January in Paris
        "35438": ("FAIL", ("answered-late",)),
        "35439": ("FAIL", ("answered-late",)),  # the letter came before the ticket
        "35440": ("FAIL", ("open-past-due",)),
        "35443": ("ERROR", ("unmapped-value",)),
        "35445": ("ERROR", ("unreadable-date",)),  # solved, and nobody knows when
    }
    assert (mine.read, mine.aside) == (10, 1)


# --- a register kept by hand ------------------------------------------------------------------------------------------

REGISTER = """\
Numéro|Adresse|Droit|Voie|Reçue le|Accusé le|Prolongée le|Répondue le|Suite
D-2026-001|a@example.com|Accès|Courriel|2026-01-05|2026-01-06||2026-02-05|Satisfaite
D-2026-002|b@example.com|Effacement|Courrier|2026-01-05|||2026-02-06|En partie
D-2026-003|c@example.com|Opposition|Guichet|2026-01-05||2026-02-04|2026-04-07|Refusée
D-2026-004|d@example.com|Portabilité|Formulaire|2026-02-02||||
D-2026-005|e@example.com|Limitation|Téléphone|05/01/2026|||2026-01-20|Aucune donnée
D-2026-006|f@example.com|Oubli|Courriel|2026-01-05|||2026-01-20|Retirée"""
WHOLE_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def register(engine: str) -> bytes:
    """The register as a workbook: a title, the names, one row a request; days as days, but one typed as text."""
    lined = [["Registre des demandes"], *(line.split("|") for line in REGISTER.splitlines())]
    if engine == "xlsx":
        made = [[number(serial(one), 1) if WHOLE_DAY.fullmatch(one) else text(one) for one in line] for line in lined]
        return xlsx(rows(*made), ("Notes", ""), name="Registre")
    told = [
        [cell(one, "date", office__date_value=one) if WHOLE_DAY.fullmatch(one) else cell(one) for one in line]
        for line in lined
    ]
    return ods(lines(*told), ("Notes", ""), name="Registre")


@pytest.mark.parametrize("engine", ["xlsx", "ods"])
def test_a_register_kept_in_a_workbook(engine: str, run: Run) -> None:
    mine = run(f"register_{engine}.yaml", f"register.{engine}", register(engine))
    assert found(mine) == {
        "D-2026-001": ("PASS", ()),
        "D-2026-002": ("FAIL", ("answered-late",)),
        # Extended to Tuesday, 7 April, after Easter; but nobody kept the letter that must give reasons.
        "D-2026-003": ("INCONCLUSIVE", ("depends-on-arguable-facts",)),
        "D-2026-004": ("FAIL", ("open-past-due",)),
        "D-2026-005": ("ERROR", ("unreadable-date",)),  # typed as text, and no format declared: never guessed
        "D-2026-006": ("ERROR", ("unmapped-value",)),
    }
    assert (mine.read, mine.aside) == (6, 0)


# --- Jira -------------------------------------------------------------------------------------------------------------


def issue(number: int, created: str, resolved: str | None, **more: str) -> dict[str, object]:
    """One issue of GET /rest/api/2/search."""
    state = "done" if resolved else "indeterminate"
    return {
        "expand": "operations,versionedRepresentations",
        "id": str(10000 + number),
        "self": f"https://own.atlassian.example/rest/api/2/issue/{10000 + number}",
        "key": f"DSR-{number}",
        "fields": {
            "summary": "Access to my data",
            "issuetype": {"id": "10100", "name": more.get("type", "Data subject request"), "subtask": False},
            "project": {"id": "10000", "key": "DSR"},
            "reporter": {"accountId": f"5b10{number}", "emailAddress": f"person{number}@example.com", "active": True},
            "created": created,
            "updated": resolved or created,
            "resolutiondate": resolved,
            "resolution": {"id": "10000", "name": more.get("resolution", "Done")} if resolved else None,
            "status": {"name": "Closed", "statusCategory": {"id": 3, "key": state, "name": "Done"}},
            "customfield_10201": {"value": more.get("right", "Access"), "id": "10020"},
            "customfield_10202": {"value": "E-mail", "id": "10021"},
            "customfield_10203": None,
        },
    }


def test_issues_of_jira(run: Run) -> None:
    issues = [
        issue(1, "2026-01-05T23:30:00.000+0100", "2026-02-05T10:00:00.000+0100"),
        issue(2, "2026-01-05T09:30:00.000+0100", "2026-02-06T10:00:00.000+0100"),
        issue(3, "2026-01-05T09:30:00.000+0100", None),
        issue(4, "2026-06-25T09:30:00.000+0200", None),
        issue(5, "2026-01-05T09:30:00.000+0100", "2026-01-05T09:29:00.000+0100"),
        issue(6, "2026-01-05T09:30:00.000+0100", "2026-01-09T09:30:00.000+0100", right="Forgotten"),
        issue(7, "2026-01-05T09:30:00.000+0100", "2026-01-09T09:30:00.000+0100", type="Bug"),
        issue(8, "05/Jan/26 9:30 AM", "2026-01-09T09:30:00.000+0100"),
    ]
    export = {"expand": "schema,names", "startAt": 0, "maxResults": 50, "total": 8, "issues": issues}
    mine = run("jira_issues.yaml", "issues.json", json.dumps(export).encode())
    assert found(mine) == {
        "DSR-1": ("PASS", ()),
        "DSR-2": ("FAIL", ("answered-late",)),
        "DSR-3": ("FAIL", ("open-past-due",)),
        "DSR-5": ("ERROR", ("closed-before-received",)),
        "DSR-6": ("ERROR", ("unmapped-value",)),
        "DSR-8": ("ERROR", ("unreadable-date",)),
    }
    assert (mine.read, mine.aside) == (8, 1)


def test_a_message_log_of_opendsr_that_was_answered(run: Run) -> None:
    """The day of an answer is that of the message that tells of it; without one it is not known."""

    def told(request: str, sent: str | None, status: str = "completed") -> list[dict[str, object]]:
        body = {
            "subject_request_id": request,
            "received_time": "2026-01-05T15:00:01Z",
            "expected_completion_time": "2026-02-04T15:00:01Z",
        }
        back = {"subject_request_id": request, "request_status": status, "expected_completion_time": None}
        plain = {"section": "7.4", "headers": {}, "body": body}
        return [plain, {"section": "8.7", "headers": {"Date": sent} if sent else {}, "body": back}]

    messages = [
        *told("in-time", "Wed, 04 Feb 2026 22:59:59 GMT"),
        *told("late", "Wed, 04 Feb 2026 23:00:01 GMT"),
        *told("undated", None),
        *told("waiting", None, "pending"),
        {"section": "7.2", "body_raw": "{", "parse_error": "it does not parse"},
        {"section": "7.2", "body_raw": "[", "parse_error": "it does not parse"},
    ]
    log = "".join(json.dumps(one) + "\n" for one in messages).encode()
    mine = run("opendsr.yaml", "messages.jsonl", log, limit="{given: true}")
    torn = {unit: said for unit, said in found(mine).items() if unit.startswith("not parsed: ")}
    assert list(torn.values()) == [("ERROR", ("unreadable-date",))] * 2
    assert {unit: said for unit, said in found(mine).items() if unit not in torn} == {
        "in-time": ("PASS", ()),
        "late": ("FAIL", ("answered-late",)),
        "undated": ("ERROR", ("unreadable-date",)),
        "waiting": ("FAIL", ("open-past-due",)),
    }


# --- people's own files -----------------------------------------------------------------------------------------------

OWN = """\
source: requests
engine: ENGINE
frames:
  request_log:
    columns:
      request_id: id
      request_seq: null
      subject_key: null
      capacity: {const: controller}
      account_key: null
      country: {const: FR}
      right_invoked: {const: access}
      channel: {const: email}
      received_at: RECEIVED
      logged_at: null
      acknowledged_at: unknown
      authenticated_by: null
      identity_requested_at: null
      identity_received_at: null
      identity_doubt_reason: null
      identity_document_at: null
      identity_document_deleted_at: null
      clarification_requested_at: null
      clarification_reason: null
      clarification_received_at: null
      extension_notified_at: null
      forwarded_at: null
      responded_at: {value: answered, precision: day}
      reopened_at: null
      reopen_cause: null
      responded_again_at: null
      due_given_on: null
      outcome: null
      status: {const: closed}
      void_reason: null
"""
DAY = "{value: arrived, precision: day}"


def own(engine: str, received: str = DAY) -> str:
    return OWN.replace("ENGINE", engine).replace("RECEIVED", received)


def test_a_log_kept_in_a_spreadsheet(run: Run) -> None:
    """46027 is 5 January 2026 as a workbook counts days; the fourth date was typed as text."""
    head = [text("id"), text("arrived"), text("answered")]
    log = [
        [number(1), number(46027, 1), number(46058, 1)],
        [number(2), number(46027, 1), number(46059, 1)],
        [number(3), text("05/01/2026"), number(46058, 1)],
    ]
    mine = run(own("xlsx"), "log.xlsx", xlsx(rows(head, *log)))
    assert found(mine) == {
        "1": ("PASS", ()),
        "2": ("FAIL", ("answered-late",)),
        "3": ("ERROR", ("unreadable-date",)),
    }


def test_three_ways_of_writing_a_day_in_one_column_are_not_guessed(run: Run) -> None:
    log = b"id,arrived,answered\n1,2026-01-05,2026-01-09\n2,05/01/2026,2026-01-09\n3,Jan 5 2026,2026-01-09\n"
    unread = ("ERROR", ("unreadable-date",))
    assert found(run(own("csv"), "a.csv", log)) == {"1": ("PASS", ()), "2": unread, "3": unread}
    declared = '{value: arrived, format: ["%Y-%m-%d", "%d/%m/%Y", "%b %d %Y"], precision: day}'
    assert found(run(own("csv", declared), "b.csv", log)) == dict.fromkeys("123", ("PASS", ()))


def test_a_time_of_no_known_zone_is_never_called_in_time(run: Run) -> None:
    """With naive_is_local: false only the mapping can say what a time without offset means."""
    log = b"id,arrived,answered\n1,2026-01-05 09:30:00,2026-01-09\n2,2026-01-05T09:30:00+01:00,2026-01-09\n3,soon,\n"
    unsettled = "naive_is_local: false\n"
    zoneless = found(run(own("csv", "arrived"), "a.csv", log, unsettled))
    assert zoneless == {
        "1": ("ERROR", ("unknown-time-zone",)),
        "2": ("PASS", ()),
        "3": ("ERROR", ("unreadable-date",)),
    }
    stated = own("csv", "arrived").replace("engine: csv", "engine: csv\ntimezone: Europe/Paris")
    assert found(run(stated, "b.csv", log, unsettled))["1"] == ("PASS", ())
    assert found(run(own("csv", "arrived"), "c.csv", log))["1"] == ("PASS", ())


def test_a_key_given_twice_stops_an_export_by_its_line(run: Run) -> None:
    with pytest.raises(SourceError, match=r"issues\.json, line 2: a key stands twice in one object"):
        run("jira_issues.yaml", "issues.json", b'{"issues": [\n{"key": "DSR-1", "key": "DSR-2"}]}')
