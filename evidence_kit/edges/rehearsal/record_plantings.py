"""Faults and decoys of what is kept about erasures: lists that stop a sending, notices to recipients, backups.

Source: docs/norm/rehearsal, F19, F20, F23 to F25, M05, D12, D13.
"""

from __future__ import annotations

from evidence_kit.edges.rehearsal.company import Company, Planted
from evidence_kit.edges.rehearsal.erasure_plantings import chosen
from evidence_kit.edges.rehearsal.plantings import BEFORE_MOCK
from evidence_kit.edges.rehearsal.stores import erasure_id

IN_CLEAR, WITH_NAMES, IN_CLEAR_AT_MOCK = 40, 25, 300
LISTED = f"entry_id <= 50000 AND reason <> 'erasure' AND added_at <= {BEFORE_MOCK}"
UNSUBSCRIBER = "reason = 'unsubscribe' AND list_name = 'global'"
#: Backups that outlive their 35 days: how many, taken from when to when. None of them was ever restored.
KEPT_TOO_LONG = ((1, "2025-07-20", "2025-12-01"), (2, "2026-01-25", "2026-05-20"))
#: A provider whose end was certified on 2025-11-01 (docs.processors), and its last disclosure before it.
ENDED, DISCLOSED_ON = "P-075", "2025-09-15"


def _entries(company: Company) -> tuple[list[int], list[int], list[int]]:
    """Entries of the list for F19, F20 and M05: disjoint, of nobody erased, there at both cuts.

    F19 and M05 leave the reason and the day of an entry as they are, so later choices find the same rows.
    """
    order = "ORDER BY draw('{0}', entry_id, 'pick'), entry_id LIMIT {1}"
    found: list[list[int]] = []
    for name, where, count in (("F19", UNSUBSCRIBER, IN_CLEAR), ("F20", "true", WITH_NAMES),
                               ("M05", "true", IN_CLEAR_AT_MOCK)):  # fmt: skip
        taken = ", ".join(str(entry) for keys in found for entry in keys) or "0"
        rows = company.ask(
            f"SELECT entry_id FROM prod.suppression WHERE {LISTED} AND {where} AND entry_id NOT IN ({taken}) "
            + order.format(name, count)
        )
        if len(rows) < count:
            raise ValueError(f"{name}: {len(rows)} entries to choose from, {count} are needed; raise contacts.")
        found.append([entry for (entry,) in rows])
    return found[0], found[1], found[2]


def _in_clear(company: Company, fault: str, entries: list[int]) -> list[Planted]:
    company.connection.execute(
        "UPDATE prod.suppression SET entry = email_of(listed_pool(entry_id), listed_number(entry_id)), "
        f"stored_form = 'plaintext' WHERE entry_id IN ({', '.join(map(str, entries))})"
    )
    return [Planted(fault, "ERA-02", "A", "FAIL", str(n), "prod.suppression", str(n)) for n in sorted(entries)]


def plant_f19(company: Company) -> list[Planted]:
    """Addresses of unsubscribers in clear, on the list of the whole company."""
    return _in_clear(company, "F19", _entries(company)[0])


def plant_f20(company: Company) -> list[Planted]:
    """A digest, and beside it the name and the birth date that no sending needs."""
    entries = _entries(company)[1]
    company.connection.execute(
        "UPDATE prod.suppression SET name = full_name(listed_pool(entry_id), listed_number(entry_id)), "
        "birth_date = birth_of(listed_pool(entry_id), listed_number(entry_id)) "
        f"WHERE entry_id IN ({', '.join(map(str, entries))})"
    )
    return [Planted("F20", "ERA-02", "B", "FAIL", str(n), "prod.suppression", str(n)) for n in sorted(entries)]


def plant_m05(company: Company) -> list[Planted]:
    """At the mock audit 300 more addresses stood in clear; they were hashed on 2026-04-02."""
    return _in_clear(company, "M05", _entries(company)[2]) if company.as_of == "mock" else []


def plant_d12(company: Company) -> list[Planted]:
    """A digest, its reason and its date: the entries of everybody erased."""
    rows = company.ask("SELECT entry_id FROM prod.suppression WHERE reason = 'erasure' ORDER BY entry_id")
    return [Planted("D12", "ERA-02", "B", "PASS", str(n), "prod.suppression", str(n)) for (n,) in rows]


def _notices(company: Company, fault: str, changes: str) -> list[tuple[str, str]]:
    """Change the notice to the first recipient of each erasure that `fault` chose; erasure and recipient come back."""
    found = []
    for ticket in chosen(company, fault):
        case = erasure_id(ticket)
        (row,) = company.ask("SELECT min(recipient_id) FROM ops.notices WHERE case_id = ?", [case])
        (after,) = company.connection.execute(
            f"UPDATE ops.notices SET notified_at = NULL, confirmed_at = NULL{changes} "
            "WHERE case_id = ? AND recipient_id = ? RETURNING recipient_id",
            [case, *row],
        ).fetchall()
        found.append((case, str(after[0])))
    return found


def plant_f23(company: Company) -> list[Planted]:
    """A provider had the data and was never told."""
    pairs = [f"{case}/{recipient}" for case, recipient in _notices(company, "F23", "")]
    return [Planted("F23", "ERA-04", "A", "FAIL", pair, "ops.notices", pair) for pair in pairs]


def plant_f24(company: Company) -> list[Planted]:
    """Not told for its “disproportionate effort”, and nobody wrote down which."""
    pairs = [f"{case}/{one}" for case, one in _notices(company, "F24", ", exemption = 'disproportionate_effort'")]
    return [Planted("F24", "ERA-04", "B", "INCONCLUSIVE", pair, "ops.notices", pair) for pair in pairs]


def plant_d13(company: Company) -> list[Planted]:
    """A provider that had certified its own deletion before: nobody is left to tell, and the reason is written."""
    changes = (
        f", recipient_id = '{ENDED}', disclosed_on = DATE '{DISCLOSED_ON}', exemption = 'impossible', "
        f"exemption_reason_ref = 'certificats/{ENDED}.pdf'"
    )
    pairs = [f"{case}/{recipient}" for case, recipient in _notices(company, "D13", changes)]
    return [Planted("D13", "ERA-04", "B", "PASS", pair, "ops.notices", pair) for pair in pairs]


def plant_f25(company: Company) -> list[Planted]:
    """Full backups that nobody destroyed when their 35 days were over."""
    keys: list[str] = []
    for count, start, end in KEPT_TOO_LONG:
        rows = company.ask(
            f"SELECT backup_id FROM ops.backups WHERE taken_at BETWEEN '{start}' AND '{end}' "
            "AND deleted_at IS NOT NULL AND backup_id NOT IN ('BK-012', 'BK-030', 'BK-045') "
            f"ORDER BY draw('F25', backup_id, 'pick') LIMIT {count}"
        )
        keys += [key for (key,) in rows] if start < "2026" or company.as_of == "real" else []
    company.connection.execute(
        f"UPDATE ops.backups SET deleted_at = NULL WHERE backup_id IN ({', '.join(repr(key) for key in keys)})"
    )
    return [Planted("F25", "ERA-05", "B", "FAIL", key, "ops.backups", key) for key in keys]
