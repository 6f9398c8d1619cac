"""What a notebook shows of erased people: where they were found, who was told, which backups lie about."""

from __future__ import annotations

from collections.abc import Iterable

from evidence_kit.drawn.grids import MOST_COLUMNS, MOST_ROWS, Frames, every, grid
from evidence_kit.model.sample import Row
from evidence_kit.shown import Shown, table

#: What should not be there, or could not be looked at: whoever has one of these is drawn first.
LEFT = ("present", "reappeared", "unreachable")


def _probes(frames: Frames) -> dict[str, dict[str, Row]]:
    """Erasure → object → what the search saw there. Several controls read the same probes: the fullest row counts."""
    found: dict[str, dict[str, Row]] = {}
    for row in sorted(every(frames, "erasure_probes"), key=len):
        found.setdefault(str(row["case_id"]), {})[f"{row['source']}.{row['object']}"] = row
    return found


def _seen(row: Row | None) -> str:
    """One field in words. Nothing found proves nothing unless somebody known to be there was found."""
    if row is None:
        return "no row"
    state = str(row["state"])
    if state == "present" and row.get("exception_declared"):
        return "kept"
    return "absent, not shown" if state == "absent" and row.get("positive_control") is not True else state


def _about(seen: Iterable[str]) -> bool:
    """Whether some field says that something of the person was found, or that nobody could look."""
    return any(one not in ("absent", "absent, not shown", "no row") for one in seen)


def probes(frames: Frames) -> Shown:
    """Every field that is not plain absence: erasure, object, what was seen, rows, columns in which they stand."""
    rows = [
        (case, name, _seen(row), row.get("matched_rows"), row.get("matched_in"))
        for case, mine in _probes(frames).items()
        for name, row in sorted(mine.items())
        if _about([_seen(row)])
    ]
    return table("Erased persons found, object by object", ("erasure", "object", "seen", "rows", "in"), rows)


def searched(frames: Frames) -> Shown:
    """Each object: how many persons were looked for, of how many nothing was found, and whether a canary was."""
    found = _probes(frames)
    objects = sorted({name for mine in found.values() for name in mine})
    rows = []
    for name in objects:
        mine = [each[name] for each in found.values() if name in each]
        seen = {row.get("positive_control") for row in mine}
        canary = "not found" if False in seen else "found" if seen == {True} else "not run"
        rows.append((name, len(mine), sum(row["state"] == "absent" for row in mine), canary))
    return table("Objects searched", ("object", "persons looked for", "nothing of", "canary"), rows)


def matrix(frames: Frames) -> Shown:
    """Persons of whom something was found, by object: one shape for each kind of field."""
    found = _probes(frames)
    cases = [case for case, mine in found.items() if _about(map(_seen, mine.values()))]
    cases.sort(key=lambda case: not any(_seen(row) in LEFT for row in found[case].values()))
    met = {name for case in cases for name, row in found[case].items() if _about([_seen(row)])}
    objects = sorted(met)
    clean = len(found) - len(cases)
    said = (
        f"Erased persons by object: {len(cases)} with something found, in {len(objects)} objects; "
        f"{clean} persons of whom nothing was found"
    )
    fields = [[_seen(found[case].get(name)) for name in objects[:MOST_COLUMNS]] for case in cases[:MOST_ROWS]]
    return grid(said, cases[:MOST_ROWS], objects[:MOST_COLUMNS], fields)


def returns(frames: Frames) -> Shown:
    """Who came back: where, when last seen absent, since when, and by what, where somebody knows it."""
    rows = [
        (
            case,
            name,
            _day(row.get("previously_absent_at")),
            _day(row.get("earliest_row_at")),
            row.get("return_cause") or "not known",
        )
        for case, mine in _probes(frames).items()
        for name, row in sorted(mine.items())
        if row["state"] == "reappeared"
    ]
    return table("Who came back", ("erasure", "object", "seen absent", "oldest row", "by"), rows)


def _day(value: object) -> str:
    return "" if value is None else str(value)[:10]


def notices(frames: Frames) -> Shown:
    """Each erasure and recipient: told, confirmed, or exempt; those told of nothing first."""
    rows = [
        (row["case_id"], row["recipient_id"], _day(row["notified_at"]), _day(row["confirmed_at"]), row["exemption"])
        for row in sorted(every(frames, "recipient_units"), key=lambda row: row["notified_at"] is not None)
    ]
    return table("Recipients of erased data", ("erasure", "recipient", "told", "confirmed", "exempt"), rows)


def backups(frames: Frames) -> Shown:
    """Each backup and restoration with its days."""
    columns = ("unit_id", "taken_at", "expires_at", "deleted_at", "restored_at", "replayed_at", "opened_at")
    rows = [(row[columns[0]], *(_day(row[name]) for name in columns[1:])) for row in every(frames, "backup_units")]
    heads = ("unit", "taken", "expires", "destroyed", "restored", "replayed", "opened")
    return table("Backups and restorations", heads, rows)
