"""Erasures and retention of a made company, looked at again in plain SQL: no rule, mapping or planting helps."""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from tests.edges.made_company import Rows, instant, lines, messages, opened, tables_of

#: The file of a request, where people stand for good reason.
REQUEST_FILE = {"desk.tickets", "desk.ticket_events", "desk.replies", "mailbox.messages"}
SEARCHED = ("prod", "archive", "lake", "crm", "desk", "ops", "docs")
TOKENS = r"[a-z0-9.+_-]+@[a-z0-9.-]+|[0-9a-f]{32,128}"
#: (erasure, object) → how the person is seen there: address, hash or keyed.
Standing = dict[tuple[str, str], set[str]]


def suppression_key(seed: int) -> bytes:
    """The key of the list, from the seed, as docs/norm/rehearsal draws every value."""
    return hashlib.sha256("\x1f".join((str(seed), "vault", "suppression", "key")).encode()).digest()


def forms(address: str, seed: int) -> dict[str, str]:
    """How an address may be written, hashed or not."""
    text = address.lower().encode()
    found = {address.lower(): "address"}
    found |= {hashlib.new(name, text).hexdigest(): "hash" for name in ("md5", "sha1", "sha256", "sha512")}
    return found | {hmac.new(suppression_key(seed), text, "sha256").hexdigest(): "keyed"}


def erased(folder: Path) -> dict[str, dict[str, Any]]:
    """Erasure → its ticket, with the day it was executed; the address from the desk, for all of them."""
    tickets = {row["request_id"]: row for row in lines(folder, "desk/tickets.jsonl")}
    rows = opened(folder).execute("SELECT erasure_id, request_id, executed_at FROM prod.erasure_log").fetchall()
    return {unit: {**tickets[request], "executed_at": at} for unit, request, at in rows}


def loaded(folder: Path) -> duckdb.DuckDBPyConnection:
    """Every source of the company, the mailbox too."""
    connection = opened(folder)
    connection.execute("CREATE TABLE mailbox.messages (from_email VARCHAR, body VARCHAR)")
    connection.executemany("INSERT INTO mailbox.messages VALUES (?, ?)",
                           [[row["from_email"], row["body"]] for row in messages(folder)])  # fmt: skip
    return connection


def met(connection: duckdb.DuckDBPyConnection, wanted: dict[str, set[str]]) -> dict[str, set[str]]:
    """Table → those of `wanted` (by token) that any cell of any row holds."""
    connection.execute("CREATE OR REPLACE TEMP TABLE wanted AS SELECT unnest(?) AS token", [sorted(wanted)])
    found: dict[str, set[str]] = defaultdict(set)
    for source in (*SEARCHED, "mailbox"):
        for table in tables_of(connection, source):
            rows = connection.execute(
                "SELECT DISTINCT token FROM (SELECT unnest(regexp_extract_all(lower(CAST(row AS VARCHAR)), "
                f"'{TOKENS}')) AS token FROM (SELECT CAST(live AS VARCHAR) AS row FROM {source}.{table} AS live)) "
                "JOIN wanted USING (token)"
            )
            found[f"{source}.{table}"] = {token for (token,) in rows.fetchall()}
    return found


def standing(folder: Path, seed: int) -> Standing:
    """Where erased people stand today, outside the request file."""
    seen: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for unit, ticket in erased(folder).items():
        for token, form in forms(ticket["subject_email"], seed).items():
            seen[token][form].add(unit)
    found: Standing = defaultdict(set)
    for table, tokens in met(loaded(folder), {token: set() for token in seen}).items():
        for token in tokens if table not in REQUEST_FILE else ():
            for form, units in seen[token].items():
                for unit in units:
                    found[unit, table].add(form)
    return dict(found)


def told(folder: Path, *faults: str) -> Rows:
    """The planted rows of some faults."""
    return [one for one in lines(folder, "planted/planted.jsonl") if one["fault"] in faults]


def restored(folder: Path) -> dict[str, int]:
    """Restoration → erasures executed between its backup and itself."""
    connection = opened(folder)
    days = [row["executed_at"] for row in erased(folder).values()]
    rows = connection.execute(
        "SELECT restore_id, CAST(taken_at AS TIMESTAMP), CAST(restored_at AS TIMESTAMP) FROM ops.restores "
        "JOIN ops.backups USING (backup_id)"
    ).fetchall()
    return {restore: sum(taken < day <= back for day in days) for restore, taken, back in rows}


def late_notices(folder: Path) -> dict[str, set[str]]:
    """FAIL and INCONCLUSIVE of the notices of erasures: the pairs, by ERA-04 as docs/norm/controls has it."""
    executed = {unit: row["executed_at"] for unit, row in erased(folder).items()}
    found: dict[str, set[str]] = {"FAIL": set(), "INCONCLUSIVE": set()}
    rows = opened(folder).execute(
        "SELECT case_id, recipient_id, CAST(notified_at AS VARCHAR), exemption, exemption_reason_ref, "
        "confirmed_at IS NULL FROM ops.notices WHERE action = 'erasure'"
    )
    for case, recipient, at, exemption, reason, unconfirmed in rows.fetchall():
        notified = instant(at)
        late = notified is None or notified.replace(tzinfo=None) > executed[case] + timedelta(days=30)
        if late and exemption is None:
            found["FAIL"].add(f"{case}/{recipient}")
        elif exemption is not None and reason is None:
            found["INCONCLUSIVE"].add(f"{case}/{recipient}")
        else:
            assert exemption or not unconfirmed, (case, recipient)
    return found
