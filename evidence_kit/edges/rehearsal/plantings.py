"""Faults and decoys that lie in tables: each function changes rows in place and lists what it changed."""

from __future__ import annotations

from evidence_kit.edges.rehearsal.company import Company, Planted

#: 40 contacts of clients in a lawsuit: past their period, under a hold placed before the limit (D14).
HELD = 40
OVERDUE_EVENTS = 800
UNDATED_CONSENTS = 15
OLD_CLICKS = 480
BEFORE_MOCK = "TIMESTAMP '2026-01-30 20:00:00'"


def _drawn(company: Company, name: str, table: str, key: str, where: str, count: int) -> list[int]:
    """`count` keys of `table`, those with the lowest draws under `name`."""
    sql = f"SELECT {key} FROM {table} WHERE {where} ORDER BY draw('{name}', {key}, 'pick'), {key} LIMIT {count}"
    keys = sorted(row[0] for row in company.ask(sql))
    if len(keys) < count:
        raise ValueError(f"{name}: {table} has {len(keys)} rows to choose from, {count} are needed; raise contacts.")
    return keys


def _listed(keys: list[int]) -> str:
    return ", ".join(map(str, keys))


def plant_d14(company: Company) -> list[Planted]:
    """Rows past the period, excused by a documented hold in a table whose rule allows it."""
    where = "contact_id <= 1000 AND created_at < TIMESTAMP '2025-06-01 00:00:00'"
    keys = _drawn(company, "D14", "prod.contacts", "contact_id", where, HELD)
    company.connection.execute(
        "UPDATE prod.contacts SET created_at = least(created_at, TIMESTAMP '2022-06-01 00:00:00'), "
        "consent_at = least(consent_at, TIMESTAMP '2022-06-01 00:00:00'), last_contact_at = moment('D14', contact_id, "
        "'at', TIMESTAMP '2022-09-05 00:00:00', TIMESTAMP '2022-11-25 00:00:00'), "
        "legal_hold_reference = 'TJ-LILLE-2024-0713', legal_hold_from = DATE '2024-05-13' "
        f"WHERE contact_id IN ({_listed(keys)})"
    )
    return [Planted("D14", "RET-01", "A", "PASS", "RR-01", "prod.contacts", str(key)) for key in keys]


def plant_f27(company: Company) -> list[Planted]:
    """The run of May says success and leaves 800 rows; at the mock audit these rows were inside their period."""
    keys = _drawn(company, "F27", "prod.events", "event_id", f"occurred_at < {BEFORE_MOCK}", OVERDUE_EVENTS)
    company.connection.execute(
        f"UPDATE prod.events SET message_id = event_id + {company.rows('messages')}, occurred_at = moment('F27', "
        "event_id, 'at', TIMESTAMP '2025-03-02 00:00:00', TIMESTAMP '2025-03-30 00:00:00') "
        f"WHERE event_id IN ({_listed(keys)})"
    )
    if company.as_of == "mock":
        return []
    run = "RUN-03-2026-05"
    company.connection.execute(
        f"UPDATE ops.deletion_runs SET rows_eligible = rows_eligible + {OVERDUE_EVENTS} WHERE run_id = '{run}'"
    )
    rows = [Planted("F27", "RET-01", "A", "FAIL", "RR-03", "prod.events", str(key)) for key in keys]
    return [*rows, Planted("F27", "RET-04", "C", "FAIL", run, "ops.deletion_runs", run)]


def plant_f28(company: Company) -> list[Planted]:
    """Consents without a date."""
    keys = _drawn(company, "F28", "prod.consents", "consent_id", f"given_at < {BEFORE_MOCK}", UNDATED_CONSENTS)
    company.connection.execute(
        f"UPDATE prod.consents SET given_at = NULL, withdrawn_at = NULL WHERE consent_id IN ({_listed(keys)})"
    )
    return [Planted("F28", "RET-01", "B", "INCONCLUSIVE", "RR-05", "prod.consents", str(key)) for key in keys]


def plant_f31(company: Company) -> list[Planted]:
    """The table was dropped on 2026-06-20; its rule and its entry in the register point to nothing."""
    if company.as_of == "mock":
        return []
    company.connection.execute("DROP TABLE prod.sessions_old")
    return [
        Planted("F31", "RET-01", "A", "ERROR", "RR-06", "prod.sessions_old", ""),
        Planted("F31", "REG-02", "A", "FAIL", "ACT-06", "prod.sessions_old", ""),
    ]


def plant_f36(company: Company) -> list[Planted]:
    """13 months declared, 25 configured: old clicks are still there. Half of them are past the period at the mock."""
    keys = _drawn(company, "F36", "prod.click_logs", "click_id", f"occurred_at < {BEFORE_MOCK}", OLD_CLICKS)
    older, newer = keys[: OLD_CLICKS // 2], keys[OLD_CLICKS // 2 :]
    for ids, start, end in ((older, "2024-06-02", "2024-11-28"), (newer, "2024-12-03", "2025-03-30")):
        company.connection.execute(
            f"UPDATE prod.click_logs SET message_id = click_id + {company.rows('messages')}, occurred_at = "
            f"moment('F36', click_id, 'at', TIMESTAMP '{start} 00:00:00', TIMESTAMP '{end} 00:00:00') "
            f"WHERE click_id IN ({_listed(ids)})"
        )
    company.connection.execute("UPDATE ops.jobs SET configured_duration = '25 months' WHERE rule_id = 'RR-04'")
    past = older if company.as_of == "mock" else keys
    rows = [Planted("F36", "RET-01", "A", "FAIL", "RR-04", "prod.click_logs", str(key)) for key in past]
    return [Planted("F36", "REG-04", "A", "FAIL", "RR-04", "ops.jobs", "RR-04"), *rows]
