"""What a notebook shows of providers: the portfolio by state and tier, the letters of their contracts, their reviews,
the destinations that belong to nobody, what still goes to those whose relation ended, what was promised.

Only providers that a control looks at have rows here: candidates have none. Whole tables stand in the bundle.
"""

from __future__ import annotations

from collections.abc import Mapping

from evidence_kit.drawn.grids import Frames, grid
from evidence_kit.model.processor_frames import STATUSES, TIERS
from evidence_kit.model.sample import EvidenceFrame, Row
from evidence_kit.shown import CASES, Shown, table

LETTERS = "abcdefgh"
#: Columns of the grid beside the letters: what each is read from.
BESIDE = ("signed", "sub-processing", "transfer")
THERE, LACKING, UNREAD, NOT_ASKED = "in the contract", "not in the contract", "not read", "not asked"


def _providers(frames: Frames) -> dict[str, Row]:
    """Provider → what is known of it. Several controls read a part each; together they have it all."""
    found: dict[str, dict[str, object]] = {}
    for mine in frames.values():
        for row in mine["processors"].rows if "processors" in mine else ():
            found.setdefault(str(row["processor_id"]), {}).update(row)
    return dict(sorted(found.items()))


def _by_provider(frames: Frames, frame: str) -> dict[str, list[Row]]:
    """Provider → its rows of one frame, of the first control that has it."""
    rows = next((mine[frame].rows for mine in frames.values() if frame in mine), ())
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(str(row["processor_id"]), []).append(row)
    return found


def portfolio(frames: Frames) -> Shown:
    """How many providers stand in which state, by tier of risk."""
    counted: dict[tuple[str, str], int] = {}
    for row in _providers(frames).values():
        key = (str(row["status"]), str(row.get("risk_tier") or "not read"))
        counted[key] = counted.get(key, 0) + 1
    tiers = [tier for tier in (*reversed(TIERS.split()), "not read") if any(tier == one for _, one in counted)]
    rows = [
        (status, *(counted.get((status, tier), 0) for tier in tiers), sum(counted.get((status, t), 0) for t in tiers))
        for status in STATUSES.split()
        if any(status == one for one, _ in counted)
    ]
    return table("Providers by state and tier of risk", ("state", *tiers, "all"), rows)


def letters(frames: Frames) -> Shown:
    """Contracts by letter of art. 28(3), as a picture: what is missing, and what nobody has read."""
    mine = {unit: row for unit, row in _providers(frames).items() if "art28_terms" in row}
    fields = {unit: _letters(row) for unit, row in mine.items()}
    units = sorted(fields, key=lambda unit: LACKING not in fields[unit])
    lacking = sum(LACKING in one for one in fields.values())
    said = f"Contracts by letter of article 28(3): {len(units)} providers, {lacking} with something missing"
    return grid(said, units, (*LETTERS, *BESIDE), [fields[unit] for unit in units])


def _letters(row: Row) -> list[str]:
    """The fields of one contract, as they are recorded: what follows from them is the rule's."""
    terms = row["art28_terms"]
    read = [UNREAD if terms is None else THERE if one in str(terms).lower() else LACKING for one in LETTERS]
    known = {True: THERE, False: LACKING, None: UNREAD}
    transfer = NOT_ASKED if row["transfer_mechanism"] is None else THERE
    signed = LACKING if row["contract_signed_on"] is None else THERE
    return [*read, signed, known[row["subprocessing_terms"]], transfer]  # type: ignore[index]


def reviews(frames: Frames) -> Shown:
    """Each provider with its last review, those never reviewed and those longest ago first."""
    held = _by_provider(frames, "processor_reviews")
    rows = []
    for unit, provider in _providers(frames).items():
        if "review_months" not in provider:
            continue
        last = max(held.get(unit, ()), key=lambda row: str(row["reviewed_on"]), default=None)
        seen = (None, None, None) if last is None else (last["reviewed_on"], last["outcome"], last["next_due_on"])
        rows.append((unit, provider["risk_tier"], provider["review_months"], *seen))
    rows.sort(key=lambda row: (str(row[3] or ""), row[0]))
    heads = ("provider", "tier", "every months", "last review", "outcome", "planned")
    return table("Reviews, the longest ago first", heads, rows, CASES)


def destinations(frames: Frames) -> Shown:
    """Where data go, those first that belong to no referenced provider."""
    rows = next((mine["destination_units"].rows for mine in frames.values() if "destination_units" in mine), ())
    names = ("destination", "seen_in", "processor_id", "personal_data", "first_seen_on", "last_seen_on")
    ordered = sorted(rows, key=lambda row: (row["processor_id"] is not None, str(row["destination"])))
    heads = ("destination", "seen in", "provider", "personal data", "first seen", "last seen")
    return table("Destinations, those of nobody first", heads, [[row[name] for name in names] for row in ordered])


def ended(frames: Frames) -> Shown:
    """Providers whose relation ended: when, what was certified, and when something of theirs was last seen."""
    # The control on contracts reads flows too, but not when they were last seen.
    watching = {id_: mine for id_, mine in frames.items() if "last_seen_on" in _columns(mine)}
    flows = _by_provider(watching, "processor_flows")
    rows = []
    for unit, row in _providers(frames).items():
        if row["status"] == "terminated":
            mine = flows.get(unit, [])
            last = max((str(one["last_seen_on"]) for one in mine), default=None)
            places = ", ".join(sorted({str(one["seen_in"]) for one in mine}))
            rows.append((unit, row["terminated_on"], row["data_returned_or_deleted_on"], last, places))
    return table("Ended relations", ("provider", "ended", "certified", "last seen", "seen in"), rows)


def _columns(mine: Mapping[str, EvidenceFrame]) -> tuple[str, ...]:
    """The columns of the flows that a control reads; none where it reads no flow."""
    return tuple(name for name, _, _ in mine["processor_flows"].columns) if "processor_flows" in mine else ()


def promises(frames: Frames) -> Shown:
    """What providers promised: charters, amendments and actions, those not done first."""
    rows = [row for mine in _by_provider(frames, "processor_commitments").values() for row in mine]
    names = ("processor_id", "kind", "signed_on", "due_on", "completed_on")
    ordered = sorted(rows, key=lambda row: (bool(row["completed_on"] or row["signed_on"]), str(row["due_on"] or "")))
    listed = [[row[name] for name in names] for row in ordered]
    return table("Commitments, those open first", ("provider", "kind", "signed", "due", "done"), listed, CASES)
