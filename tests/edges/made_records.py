"""The register, the sendings and the providers of a made company, judged again in SQL: no rule of the kit helps."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from tests.edges.made_company import lines, opened, personal_columns, tables_of
from tests.edges.made_erasures import suppression_key

CUTS = {"real": date(2026, 6, 30), "mock": date(2026, 1, 31)}
#: Control → units, and units that fail with the letters that do.
Found = dict[str, tuple[int, dict[str, str]]]
#: What art. 30 asks of a controller's entry, by letter.
CELLS = {
    "A": "controller_contact", "B": "purposes", "C": "subject_categories", "D": "recipient_categories",
    "E": "third_countries", "F": "erasure_periods", "G": "security_measures",
}  # fmt: skip
NOTHING = ("à compléter", "?", "n/a")
#: Columns of the campaigns that hold codes nobody explains.
UNKNOWN = {"prod.campaigns": {"custom_1", "custom_2"}}
OFFERED = {"email", "first_name", "last_name", "city", "birth_date", "phone", "postal_address"}
MONTHS = {"low": 36, "medium": 24, "high": 12}


def judged(folder: Path, as_of: str, seed: int) -> Found:
    """Every control of these families, from the tables themselves."""
    connection, cut = opened(folder), CUTS[as_of]
    connection.execute("SET VARIABLE cut = ?", [cut])
    return {
        "REG-01": _declared(folder, connection),
        "REG-02": _living(connection),
        "REG-03": _filled(connection),
        "SND-01": _offered(connection),
        "SND-02": _stopped(connection, seed),
        **_providers(connection),
    }


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[str, ...]]:
    return connection.execute(sql).fetchall()


def _declared(folder: Path, connection: duckdb.DuckDBPyConnection) -> tuple[int, dict[str, str]]:
    """Personal columns that hold something, by the stars of the norm, and those that no entry names.

    Codes that nobody explains are a unit too, and no fault that was seen.
    """
    named = set(_rows(connection, "SELECT concat(source, '.', object), column_name FROM docs.register_objects"))
    there = {f"{source}.{table}" for source in ("prod", "archive", "lake", "crm", "desk")
             for table in tables_of(connection, source)}  # fmt: skip
    units, missing = len(personal_columns()["mailbox.messages"]), {}
    for known, told in ((True, personal_columns()), (False, UNKNOWN)):
        for table, columns in told.items():
            for name in columns if table in there else ():
                if _rows(connection, f"SELECT count({name}) FROM {table}") == [(0,)]:
                    continue
                units += 1
                if known and (table, None) not in named and (table, name) not in named:
                    missing[f"{table}.{name}"] = "A"
    assert ("mailbox.messages", None) in named
    return units, missing


def _living(connection: duckdb.DuckDBPyConnection) -> tuple[int, dict[str, str]]:
    """Entries of which an object is gone, or whose only object is empty."""
    active = {entry for (entry,) in _rows(connection, "SELECT activity_id FROM docs.register WHERE status = 'active'")}
    failing = {}
    for source, table, entries in connection.execute(
        "SELECT source, object, list(DISTINCT activity_id) FROM docs.register_objects "
        "WHERE source <> 'mailbox' GROUP BY ALL"
    ).fetchall():
        if table == "audit_trail":
            continue
        gone = table not in tables_of(connection, source)
        if gone or _rows(connection, f"SELECT count(*) FROM {source}.{table}") == [(0,)]:
            failing.update(dict.fromkeys(set(entries) & active, "A"))
    return len(active), failing


def _filled(connection: duckdb.DuckDBPyConnection) -> tuple[int, dict[str, str]]:
    failing = {}
    for letter, column in CELLS.items():
        sql = (
            f"SELECT activity_id FROM docs.register WHERE coalesce(list_contains({list(NOTHING)}, {column}), true) "
            "AND status = 'active'"
        )
        failing.update({entry: letter for (entry,) in _rows(connection, sql)})
    ((count,),) = connection.execute("SELECT count(*) FROM docs.register WHERE status = 'active'").fetchall()
    return count, failing


def _offered(connection: duckdb.DuckDBPyConnection) -> tuple[int, dict[str, str]]:
    rows = _rows(
        connection,
        "SELECT CAST(template_id AS VARCHAR), field_name, used_in FROM prod.templates "
        "WHERE purpose IS NOT NULL AND necessary",
    )
    mine = [row for row in rows if row[1] in OFFERED]
    return len(mine), {f"{template}/{name}": "A" for template, name, used in mine if used == "unused"}


def _stopped(connection: duckdb.DuckDBPyConnection, seed: int) -> tuple[int, dict[str, str]]:
    """Campaigns of marketing with a letter to somebody who stood on either list, as a digest too, for over 48 hours."""
    key = suppression_key(seed).ljust(64, b"\0")
    outer, inner = (bytes(one ^ pad for one in key).hex() for pad in (0x5C, 0x36))
    digest = f"sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode(email))))"
    sql = f"""
    WITH sent AS (SELECT DISTINCT campaign_id, c.account_id, recipient_email AS email, m.sent_at
        FROM prod.messages m JOIN prod.campaigns c USING (campaign_id) WHERE message_type = 'marketing'),
    people AS (SELECT email, {digest} AS digest FROM (SELECT DISTINCT email FROM sent)),
    stops AS (SELECT email, account_id, unsubscribed_at AS since FROM prod.unsubscribes UNION ALL
      SELECT p.email, s.account_id, s.added_at FROM prod.suppression s JOIN people p
        ON s.entry IN (p.digest, p.email) WHERE s.reason = 'unsubscribe')
    SELECT DISTINCT CAST(campaign_id AS VARCHAR) FROM sent JOIN stops USING (email)
    WHERE coalesce(stops.account_id = sent.account_id, stops.account_id IS NULL)
      AND sent_at - since > INTERVAL 48 HOUR"""
    units = _rows(
        connection, "SELECT CAST(campaign_id AS VARCHAR) FROM prod.campaigns WHERE message_type = 'marketing'"
    )
    return len(units), {campaign: "A" for (campaign,) in _rows(connection, sql)}


def _providers(connection: duckdb.DuckDBPyConnection) -> Found:
    def failing(letters: str, sql: str) -> dict[str, str]:
        return {unit: letters for (unit,) in _rows(connection, sql)}

    hosts = (
        "(SELECT destination, processor_id, first_seen_on FROM ops.egress WHERE personal_data UNION ALL "
        "SELECT supplier_code, processor_id, first_paid_on FROM docs.supplier_ledger s WHERE personal_data AND "
        "NOT EXISTS (SELECT 1 FROM ops.egress e WHERE e.processor_id = s.processor_id))"
    )
    contracts = "docs.processors p WHERE status = 'active' AND relation = 'processor'"
    working = "docs.processors p WHERE status IN ('active', 'charter', 'action_plan')"
    ended = "docs.processors p WHERE status = 'terminated'"
    improving = "docs.processors p WHERE status IN ('charter', 'action_plan')"
    mine = "processor_id = p.processor_id"
    last = f"(SELECT max(reviewed_on) FROM docs.reviews WHERE {mine})"
    months = "CASE risk_tier WHEN 'low' THEN 36 WHEN 'medium' THEN 24 ELSE 12 END"
    first = f"(SELECT min(first_seen_on) FROM {hosts} h WHERE h.{mine})"
    cut = "getvariable('cut')"
    checks = {
        "PRO-01": (hosts, [("A", f"SELECT destination FROM {hosts} WHERE processor_id IS NULL")]),
        "PRO-02": (contracts, [
            ("B", f"SELECT processor_id FROM {contracts} AND art28_terms <> 'abcdefgh'"),
            ("A", f"SELECT processor_id FROM {contracts} AND NOT coalesce(contract_signed_on <= {first}, false)"),
        ]),
        "PRO-03": (working, [
            ("A", f"SELECT processor_id FROM {working} AND {last} IS NULL"),
            ("B", f"SELECT processor_id FROM {working} AND {last} + to_months({months}) < {cut}"),
        ]),
        "PRO-04": (ended, [("A", f"SELECT processor_id FROM {ended} AND (SELECT max(last_seen_on) FROM ops.egress e "
                                 f"WHERE e.{mine}) > terminated_on + 7")]),
        "PRO-05": (improving, [
            ("A", f"SELECT processor_id FROM {improving} AND NOT EXISTS (SELECT 1 FROM docs.commitments c WHERE "
                  f"c.{mine} AND kind = 'charter' AND signed_on IS NOT NULL)"),
            ("B", f"SELECT processor_id FROM {improving} AND EXISTS (SELECT 1 FROM docs.commitments c WHERE c.{mine} "
                  f"AND due_on < {cut} AND completed_on IS NULL)"),
        ]),
    }  # fmt: skip
    found: Found = {}
    for control, (of, asked) in checks.items():
        ((units,),) = connection.execute(f"SELECT count(*) FROM {of}").fetchall()
        failed: dict[str, str] = {}
        for letter, sql in asked:
            failed.update(failing(letter, sql))
        found[control] = (units, failed)
    return found


def papers(folder: Path) -> tuple[set[str], set[str]]:
    """The papers that reviews and promises name, and those that lie there."""
    connection = opened(folder)
    named = {name for (name,) in _rows(connection, "SELECT document_ref FROM docs.reviews UNION ALL "
                                                   "SELECT evidence_ref FROM docs.commitments") if name}  # fmt: skip
    docs = folder / "docs"
    return named, {path.relative_to(docs).as_posix() for path in docs.rglob("*.txt")}


def planted(folder: Path, control: str) -> dict[str, str]:
    """Unit → letter of what must fail."""
    rows = lines(folder, "planted/planted.jsonl")
    return {one["unit"]: one["attribute"] for one in rows if one["control"] == control and one["verdict"] == "FAIL"}
