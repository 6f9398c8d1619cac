"""A made company read back from its files, and its requests judged again in plain Python: no rule of the kit helps."""

from __future__ import annotations

import fcntl
import json
import mailbox
import os
import re
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import holidays
import pytest

from evidence_kit.edges.rehearsal import write
from evidence_kit.edges.rehearsal.write import FORMS, SEED, make

ROOT = Path(__file__).resolve().parents[2]
SMALL = 1000
RENDER = write.mailbox.mbox
Rows = list[dict[str, Any]]
Place = tuple[str, str]
#: (control, unit) → letters of the attributes that fail.
Failures = dict[tuple[str, str], set[str]]
PARIS = ZoneInfo("Europe/Paris")
HOLIDAYS = holidays.country_holidays("FR", years=range(2025, 2028))
#: The one number that the engagement file explains.
EXPLAINED = 144
#: Column that says when a row came to be, the first that a table has; a table with none of them counts whole.
CREATED = (
    "created_at sent_at occurred_at submitted_at called_at received_at unsubscribed_at given_at added_at collected_at "
    "exported_at loaded_at started_at"
).split()
ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+")
#: Field → where it stands, and under which columns.
CORRECTED = {
    "name": {
        "prod.accounts": ("owner_email", "owner_name"), "prod.users": ("email", "full_name"),
        "crm.people": ("email", "first_name last_name"),
    },
    "phone": {
        "prod.accounts": ("owner_email", "owner_phone"), "prod.users": ("email", "phone"),
        "crm.people": ("email", "phone"),
    },
}  # fmt: skip


@cache
def _rendered(row: tuple[tuple[str, Any], ...]) -> bytes:
    return RENDER(dict(row))


def maker(shelf: pytest.TempPathFactory) -> Callable[..., Path]:
    """Companies by knobs, each made once for all files of tests and all processes: nobody changes one."""
    base = shelf.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "companies"
    shared.mkdir(exist_ok=True)

    @cache
    def one(faults: str, as_of: str, seed: int, contacts: int) -> Path:
        folder = shared / f"{faults}-{as_of}-{seed}-{contacts}"
        with folder.with_suffix(".lock").open("a") as lock, pytest.MonkeyPatch.context() as patch:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                # Half of the work is the letters, and companies of one seed have nearly all of them in common.
                patch.setattr(write.mailbox, "mbox", lambda row: _rendered(tuple(row.items())))
                make(folder, seed=seed, contacts=contacts, faults=faults, as_of=as_of)
        return folder

    def made(faults: str = "all", as_of: str = "real", seed: int = SEED, contacts: int = SMALL) -> Path:
        return one(faults, as_of, seed, contacts)

    return made


def lines(folder: Path, name: str) -> Rows:
    """The rows of one JSONL file."""
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]


def opened(folder: Path) -> duckdb.DuckDBPyConnection:
    """Every source of a made company, as schemas or databases."""
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")
    for name in ("prod", "archive"):
        connection.execute(f"ATTACH '{folder}/{name}.duckdb' AS {name} (READ_ONLY)")
    for name, tables in FORMS.items():
        connection.execute(f"CREATE SCHEMA {name}")
        for table, form in tables.items():
            file = folder / name / f"{table}.{form}"
            read = {"csv": "read_csv", "jsonl": "read_json", "parquet": "read_parquet"}.get(form)
            if read:
                connection.execute(f"CREATE TABLE {name}.{table} AS SELECT * FROM {read}('{file}')")
    return connection


def tables_of(connection: duckdb.DuckDBPyConnection, source: str) -> list[str]:
    """Names of the tables of one source."""
    sql = "SELECT table_name FROM duckdb_tables() WHERE database_name = $s OR schema_name = $s ORDER BY ALL"
    return [row[0] for row in connection.execute(sql, {"s": source}).fetchall()]


def messages(folder: Path) -> Rows:
    """The mailbox, one row a message, under the names of docs/norm/rehearsal-tables."""
    found = []
    for message in mailbox.mbox(folder / "mailbox/messages.mbox", create=False):
        sender = str(make_header(decode_header(message["From"])))
        told = {
            name: message[f"X-{name.replace('_', '-')}"]
            for name in ("mailbox", "folder", "triage", "triaged_by", "right", "request_id")
        }
        found.append(
            {
                "message_id": message["Message-ID"],
                "from_name": sender.partition("<")[0].strip(),
                "from_email": ADDRESS.findall(sender)[-1],
                "subject": message["Subject"],
                "body": str(message.get_payload(decode=True), "utf-8"),
                "received_at": parsedate_to_datetime(message["Received"].rpartition(";")[2].strip()).isoformat(),
                **told,
            }
        )
    return found


def stored(folder: Path) -> dict[str, Rows]:
    """Every row that the search for a person may meet, by table; all values as text."""
    connection = opened(folder)
    found: dict[str, Rows] = {"mailbox.messages": messages(folder)}
    for source in ("prod", "archive", "lake", "crm", "desk"):
        for table in tables_of(connection, source):
            rows = connection.execute(f"SELECT COLUMNS(*)::VARCHAR FROM {source}.{table}")
            names = [column[0] for column in rows.description or ()]
            found[f"{source}.{table}"] = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    return found


def instant(text: str | None) -> datetime | None:
    """An instant written with its offset, or in UTC without."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def local_day(text: str) -> date:
    """The day in Paris of an instant."""
    moment = instant(text)
    assert moment is not None
    return moment.astimezone(PARIS).date()


def first_due(received: date) -> date:
    """The month of article 12(3), moved to a working day."""
    year, month = divmod(received.year * 12 + received.month, 12)
    day = date(year, month + 1, min(received.day, monthrange(year, month + 1)[1]))
    while day.weekday() > 4 or day in HOLIDAYS:
        day += timedelta(days=1)
    return day


def personal_columns() -> dict[str, set[str]]:
    """Table → columns with a star in the norm."""
    text = (ROOT / "docs/norm/rehearsal-tables.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `([\w.]+)` \| (.*) \|$", text, re.MULTILINE)
    return {table: {word[:-1] for word in columns.split() if word.endswith("*")} for table, columns in found}


def audited(folder: Path) -> tuple[Failures, Counter[str]]:
    """What fails in the requests of a made company, and how many units each control has."""
    tickets = [row for row in lines(folder, "desk/tickets.jsonl") if row["status"] != "void"]
    own = [row for row in tickets if row["capacity"] == "controller"]
    letters: dict[str, Rows] = defaultdict(list)
    for row in lines(folder, "desk/replies.jsonl"):
        letters[row["request_id"]].append(row)
    tables = stored(folder)
    failures: Failures = defaultdict(set)
    units: Counter[str] = Counter()
    checks = (
        ("REQ-04", identities(own)),
        ("REQ-05", answers(own, letters, tables)),
        ("REQ-06", corrections(folder, own, tables)),
        ("REQ-07", refusals(own, letters)),
        ("REQ-08", channels(folder)),
        ("COM-01", numbers(folder, tables["mailbox.messages"])),
        ("COM-02", receipts(tickets, letters, tables["mailbox.messages"])),
    )
    for control, found in checks:
        for unit, failed in found:
            units[control] += 1
            if failed:
                failures[control, unit] |= set(failed)
    return dict(failures), units


def letter(name: str, failed: bool) -> str:
    return name if failed else ""


def identities(own: Rows) -> Iterator[tuple[str, str]]:
    """REQ-04."""
    for row in own:
        if row["channel"] == "unsubscribe_link":
            continue
        assert row["auth_method"] is not None
        known = row["auth_method"] in ("account_login", "known_address")
        shown, gone, asked = (instant(row[name]) for name in ("id_doc_at", "id_copy_deleted_at", "id_asked_at"))
        received = local_day(row["received_at"])
        kept = shown is not None and (gone is None or gone > shown + timedelta(days=30))
        late = asked is not None and local_day(row["id_asked_at"]) > received + timedelta(days=7)
        yield (
            row["request_id"],
            letter("A", known and shown is not None)
            + letter("B", asked is not None and not row["id_doubt"])
            + letter("C", kept)
            + letter("D", late),
        )


def answers(own: Rows, letters: dict[str, Rows], tables: dict[str, Rows]) -> Iterator[tuple[str, str]]:
    """REQ-05: every table searched for the address, and what lay there when the answer was sent."""
    where: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for table, rows in tables.items():
        for row in rows:
            for address in {found for value in row.values() if value for found in ADDRESS.findall(value)}:
                where[address].append((table, row))
    given: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for item in tables["desk.answer_items"]:
        place = f"{item['source']}.{item['object']}"
        assert place not in given[item["request_id"]]
        given[item["request_id"]][place] = (int(item["rows"]), int(item["fields"]))
    personal, wanted = personal_columns(), set()
    for row in own:
        if row["right"] not in ("access", "portability") or row["answered_at"] is None:
            continue
        unit = row["request_id"]
        wanted.add(unit)
        there = lying(where[row["subject_email"]], row["answered_at"], personal)
        assert len(there) >= 5, "the person is known to the company"
        told = {place: given[unit][place] for place in given[unit]}
        (answer,) = [one for one in letters[unit] if one["kind"] == "answer"]
        assert answer["sent_at"] == row["answered_at"]
        yield (
            unit,
            letter("A", bool(there.keys() - told.keys()))
            + letter("B", any(there.get(place) != count for place, count in told.items()))
            + letter("C", answer["art15_items"] != "abcdefgh")
            + letter("D", answer["recipients_named"] is not True),
        )
    assert set(given) <= wanted


def lying(
    found: list[tuple[str, dict[str, Any]]], until: str, personal: dict[str, set[str]]
) -> dict[str, tuple[int, int]]:
    """Table → rows that were there at `until`, and personal columns that hold a value in them."""
    kept: dict[str, Rows] = defaultdict(list)
    for table, row in found:
        column = next((name for name in CREATED if name in row), None)
        created, limit = instant(row[column]) if column else None, instant(until)
        assert limit is not None
        if created is None or created <= limit:
            kept[table].append(row)
    return {
        table: (len(rows), sum(any(row.get(name) is not None for row in rows) for name in personal[table]))
        for table, rows in kept.items()
    }


def corrections(folder: Path, own: Rows, tables: dict[str, Rows]) -> Iterator[tuple[str, str]]:
    """REQ-06: the value asked for, wherever it stands; and the notice."""
    asked: dict[str, Rows] = defaultdict(list)
    for row in lines(folder, "desk/corrections.jsonl"):
        asked[row["request_id"]].append(row)
    connection = opened(folder)
    sql = "SELECT case_id, notified_at IS NOT NULL FROM ops.notices WHERE action = 'rectification'"
    told = dict(connection.execute(sql).fetchall())
    notices = connection.execute("SELECT count(*) FROM ops.notices WHERE action = 'rectification'").fetchone()
    assert notices == (len(told),)
    for ticket in own:
        if ticket["right"] != "rectification" or ticket["outcome"] != "fulfilled":
            continue
        unit, wrong = ticket["request_id"], False
        assert asked[unit]
        for correction in asked[unit]:
            for table, (key, columns) in CORRECTED[correction["field"]].items():
                held = [row for row in tables[table] if row[key] == ticket["subject_email"]]
                assert held, table
                values = {" ".join(row[name] for name in columns.split()) for row in held}
                wrong |= values != {correction["requested_value"]}
        yield unit, letter("A", wrong) + letter("B", not told.get(unit))


def refusals(own: Rows, letters: dict[str, Rows]) -> Iterator[tuple[str, str]]:
    """REQ-07."""
    for row in own:
        if row["outcome"] not in ("refused", "partial"):
            continue
        wanted = "refusal" if row["outcome"] == "refused" else "answer"
        (sent,) = [one for one in letters[row["request_id"]] if one["kind"] in ("refusal", "answer")]
        assert sent["kind"] == wanted
        yield (
            row["request_id"],
            letter("A", local_day(sent["sent_at"]) > first_due(local_day(row["received_at"])))
            + letter("B", sent["reasons"] is not True)
            + letter("C", sent["complaint_right"] is not True)
            + letter("D", sent["judicial_remedy"] is not True),
        )


def channels(folder: Path) -> Iterator[tuple[str, str]]:
    """REQ-08: the last round of each channel."""
    last: dict[str, dict[str, Any]] = {}
    for row in sorted(lines(folder, "desk/channels.jsonl"), key=lambda row: int(row["round"])):
        last[row["channel_id"]] = row
    for unit, row in last.items():
        tested, created, effect = (instant(row[name]) for name in ("tested_at", "ticket_created_at", "effective_at"))
        assert tested is not None
        stop = row["channel"] == "unsubscribe_link"
        yield (
            unit,
            letter("A", row["reachable"] is not True)
            + letter("B", created is None or created - tested > timedelta(days=1))
            + letter("C", stop and (row["login_required"] or row["document_required"]))
            + letter("D", stop and (effect is None or effect - tested > timedelta(hours=48))),
        )


def numbers(folder: Path, received: Rows) -> Iterator[tuple[str, str]]:
    """COM-01: numbers from the first to the last, rights messages, and the one extract of the log."""
    log = lines(folder, "desk/tickets.jsonl")
    kept = Counter(int(row["seq"]) for row in log)
    known = {row["request_id"] for row in log}
    for number in range(1, max(kept) + 1):
        yield (
            f"DSR-{number:04d}",
            letter("A", number not in kept and number != EXPLAINED) + letter("E", kept[number] > 1),
        )
    for row in received:
        assert row["triage"] in ("rights_request", "other")
        if row["triage"] == "rights_request":
            assert row["request_id"] is None or row["request_id"] in known
            yield row["message_id"], letter("B", row["request_id"] is None)
    yield "extract", letter("E", len(known) != len(log))


def receipts(tickets: Rows, letters: dict[str, Rows], received: Rows) -> Iterator[tuple[str, str]]:
    """COM-02: the log against the messages."""
    linked = {row["request_id"]: row for row in received if row["request_id"]}
    assert len(linked) == sum(row["request_id"] is not None for row in received)
    for row in tickets:
        message = linked.get(row["request_id"])
        assert (message is not None) == (row["channel"] == "email")
        if message is None:
            continue
        sent = [one for one in letters[row["request_id"]] if one["kind"] in ("answer", "refusal")]
        assert len(sent) == (row["answered_at"] is not None)
        yield (
            row["request_id"],
            letter("A", local_day(row["received_at"]) != local_day(message["received_at"]))
            + letter("B", row["right"] != message["right"])
            + letter("C", any(local_day(one["sent_at"]) != local_day(row["answered_at"]) for one in sent))
            + letter("D", row["logged_at"] < row["received_at"]),
        )
