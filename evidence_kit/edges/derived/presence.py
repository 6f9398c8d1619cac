"""Where each provider is known: in the register, in the flows, in the ledger; and whose name reads nearly like it.

Names are compared outside SQL, over the portfolio and the recipients alone; what is compared is folded, what is shown
are identifiers. Source: docs/norm/frames.md, `provider_presence`; docs/processors.md, "Names".
"""

from __future__ import annotations

from collections import defaultdict

from evidence_kit.edges.derived.ground import Ground
from evidence_kit.rules import spellings

#: Identifiers listed beside one provider; the command `processors twins` lists all.
LISTED = 20
LIKE, RECIPIENTS = "ek_named_like", "ek_recipients_met"


def provider_presence(ground: Ground) -> str:
    """One row for each provider of the portfolio, whatever its state."""
    ground.needed("processors")
    rows = ground.connection.execute(
        "SELECT processor_id, min(name), min(parent_id) FROM frame_processors "
        "WHERE processor_id IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    called = {str(id_): str(name) for id_, name, _ in rows if name is not None}
    _keep_named_like(ground, called, {str(id_): str(parent) for id_, _, parent in rows if parent is not None})
    in_register = in_flows = "CAST(NULL AS BOOLEAN)"
    if ground.relation("activity_recipients") is not None:
        _keep_recipients_met(ground, called)
        in_register = f"p.processor_id IN (SELECT processor_id FROM {RECIPIENTS})"
    if ground.relation("processor_flows") is not None:
        in_flows = "EXISTS (SELECT 1 FROM frame_processor_flows AS f WHERE f.processor_id = p.processor_id)"
    status, moved, last = "CAST(NULL AS VARCHAR)", "CAST(NULL AS TIMESTAMPTZ)", ""
    if ground.relation("processor_moves") is not None:
        status, moved = "m.to_status", "m.moved_at"
        # What the ledger says after the cut-off is not what stood at the cut-off.
        last = """
  LEFT JOIN (SELECT processor_id, to_status, moved_at FROM frame_processor_moves WHERE moved_at <= :as_of
    QUALIFY row_number() OVER (PARTITION BY processor_id ORDER BY moved_at DESC, move_id DESC) = 1) AS m
    ON m.processor_id = p.processor_id"""
    return f"""SELECT p.processor_id, {in_register} AS in_register, {in_flows} AS in_flows,
  l.named_like, {status} AS status_in_ledger, {moved} AS moved_at
FROM (SELECT DISTINCT processor_id FROM frame_processors WHERE processor_id IS NOT NULL) AS p
  LEFT JOIN {LIKE} AS l ON l.processor_id = p.processor_id{last}"""


def _keep_named_like(ground: Ground, called: dict[str, str], parents: dict[str, str]) -> None:
    """The table of proposals: a provider, and those that may be the same one under another spelling."""
    known = apart(parents) | set(ground.engagement.told_apart)
    found: dict[str, list[str]] = defaultdict(list)
    for pair in spellings.alike(called, known):
        found[pair.first].append(pair.second)
        found[pair.second].append(pair.first)
    listed = {id_: ",".join(sorted(others)[:LISTED]) for id_, others in sorted(found.items())}
    ground.connection.execute(
        f"CREATE OR REPLACE TABLE {LIKE} AS SELECT unnest($ids::VARCHAR[]) AS processor_id, "
        "unnest($others::VARCHAR[]) AS named_like",
        {"ids": list(listed), "others": list(listed.values())},
    )


def apart(parents: dict[str, str]) -> set[tuple[str, str]]:
    """Pairs that the portfolio itself tells apart: a provider and its parent, and those of one parent."""
    children: dict[str, list[str]] = defaultdict(list)
    for child, parent in parents.items():
        children[parent].append(child)
    found = set(parents.items())
    for family in children.values():
        found |= {(one, other) for one in family for other in family if one < other}
    return found


def _keep_recipients_met(ground: Ground, called: dict[str, str]) -> None:
    """Providers that an entry of the register names: by identifier, or by a name that folds to the same letters."""
    rows = ground.connection.execute(
        "SELECT DISTINCT recipient, processor_id FROM frame_activity_recipients"
    ).fetchall()
    told = {words for recipient, _ in rows if recipient is not None for words in spellings.folded(str(recipient))}
    met = {str(id_) for _, id_ in rows if id_ is not None}
    met |= {id_ for id_, name in called.items() if not told.isdisjoint(spellings.folded(name))}
    ground.connection.execute(
        f"CREATE OR REPLACE TABLE {RECIPIENTS} AS SELECT unnest($ids::VARCHAR[]) AS processor_id", {"ids": sorted(met)}
    )
