"""Faults and decoys of the organisation's own trail of actions. Source: docs/norm/rehearsal, F44, F45, D20."""

from __future__ import annotations

from evidence_kit.edges.rehearsal.company import Company, Planted
from evidence_kit.edges.rehearsal.desk import staff
from evidence_kit.edges.rehearsal.ops import SERVICE, digest_of

#: Somebody of the desk who wrote none of the entries that are altered.
ANOTHER = 18
DECOYS = 12


def plant_f44(company: Company) -> list[Planted]:
    """Three erasures whose erasing step the systems never wrote; the chain of the others is whole."""
    units = [ticket.request_id for ticket in company.chosen["F44"]]
    gone = company.connection.execute(
        "DELETE FROM ops.audit_trail WHERE action = 'erased' AND request_id IN (SELECT unnest(?)) RETURNING "
        "request_id, entry_id",
        [units],
    ).fetchall()
    _chain_again(company)
    return [Planted("F44", "TRC-01", "A", "FAIL", unit, "ops.audit_trail", entry) for unit, entry in sorted(gone)]


def plant_f45(company: Company) -> list[Planted]:
    """One entry says another actor than the one it was written with: its digest is still that of the first."""
    planted = []
    for ticket in company.chosen["F45"]:
        found = company.ask(
            "SELECT entry_id FROM ops.audit_trail WHERE request_id = ? AND action = 'answered'", [ticket.request_id]
        )
        if not found:
            continue  # the cut of the mock audit came before its answer
        ((entry,),) = found
        company.connection.execute(
            "UPDATE ops.audit_trail SET actor = ? WHERE entry_id = ?", [staff(ANOTHER, company.dice), entry]
        )
        planted.append(Planted("F45", "TRC-01", "D", "FAIL", ticket.request_id, "ops.audit_trail", entry))
    return planted


def plant_d20(company: Company) -> list[Planted]:
    """Steps written by a service account that has a name and that nobody shares."""
    taken = [one.unit for one in company.planted if one.control == "TRC-01"]
    rows = company.ask(
        "SELECT request_id, min(entry_id) FROM ops.audit_trail WHERE actor = ? AND action = 'erased' AND NOT "
        f"list_contains(?, request_id) GROUP BY 1 ORDER BY 1 LIMIT {DECOYS}",
        [SERVICE, taken],
    )
    return [Planted("D20", "TRC-01", "B", "PASS", unit, "ops.audit_trail", entry) for unit, entry in rows]


def _chain_again(company: Company) -> None:
    """Number and chain what is left of the trail, as the systems would have that never wrote the others."""
    columns = ("entry_id", "seq", "occurred_at", "actor", "action", "object_ref")
    previous, chained = "0" * 64, []
    for seq, found in enumerate(company.ask(f"SELECT {', '.join(columns)} FROM ops.audit_trail ORDER BY seq"), start=1):
        row = dict(zip(columns, found, strict=True)) | {"seq": seq, "prev_digest": previous}
        previous = digest_of(row)
        chained.append((row["entry_id"], seq, row["prev_digest"], previous))
    company.connection.execute(
        "UPDATE ops.audit_trail AS t SET seq = n.seq, prev_digest = n.prev, digest = n.digest FROM "
        "(SELECT unnest(?) AS entry_id, unnest(?) AS seq, unnest(?) AS prev, unnest(?) AS digest) AS n "
        "WHERE n.entry_id = t.entry_id",
        [list(column) for column in zip(*chained, strict=True)],
    )
