"""What is derived from the flows: every destination, wherever it was seen, and the provider it was matched with.

A provider counts as found only where the portfolio holds it: a flow may name one that nobody referenced.
Source: docs/norm/controls, PRO-01; GDPR art. 28, 30(1)(d); docs/norm/frames.md, "Frames of the kit".
"""

from __future__ import annotations

from evidence_kit.edges.derived.ground import Ground
from evidence_kit.edges.relations import UNREADABLE

#: Where a destination was seen that an entry of the register names.
IN_REGISTER = "register"
#: What a destination's provider is judged by here.
JUDGED = ("relation", "risk_tier", "status")


def destination_units(ground: Ground) -> str:
    """Every destination once: where it was seen, and what the sightings say of it together.

    `personal_data`: true as soon as one sighting says so, false only where all of them do. `processor_id`: a provider
    of the portfolio that a sighting names; null where none names one, or names one that is not there.
    """
    return f"""SELECT s.destination, coalesce(string_agg(DISTINCT s.seen_in, ',' ORDER BY s.seen_in), '') AS seen_in,
  min(p.processor_id) AS processor_id,
  CASE WHEN bool_or(s.personal_data) THEN true WHEN bool_or(s.personal_data IS NULL) THEN NULL ELSE false END
    AS personal_data,
  min(s.first_seen_on) AS first_seen_on, max(s.last_seen_on) AS last_seen_on,
  CAST(sum(s.volume) AS BIGINT) AS volume,
  nullif(string_agg(DISTINCT s.doubts, ',' ORDER BY s.doubts), '') AS {UNREADABLE}
FROM ({_sightings(ground)}) AS s
  LEFT JOIN ({_portfolio(ground)}) AS p ON p.processor_id = s.processor_id
GROUP BY s.destination"""


def destination_processors(ground: Ground) -> str:
    """Each provider of the portfolio that a destination was matched with, and how many providers stand below it.

    `subprocessor_list` is true where a list of them was read; null where nobody lists documents at all.
    """
    read = "CAST(NULL AS BOOLEAN)"
    if ground.relation("processor_documents") is not None:
        read = (
            "EXISTS (SELECT 1 FROM frame_processor_documents AS d WHERE d.processor_id = p.processor_id "
            "AND d.kind = 'subprocessor_list' AND d.studied_on IS NOT NULL)"
        )
    below = "(SELECT count(DISTINCT c.processor_id) FROM frame_processors AS c WHERE c.parent_id = p.processor_id)"
    return f"""SELECT s.destination, p.processor_id, p.relation, p.risk_tier, p.status, {below} AS sub_processors,
  {read} AS subprocessor_list, p.doubts AS {UNREADABLE}
FROM (SELECT DISTINCT destination, processor_id FROM ({_sightings(ground)})) AS s
  JOIN ({_portfolio(ground)}) AS p ON p.processor_id = s.processor_id"""


def _sightings(ground: Ground) -> str:
    """The flows, and the recipients that entries of the register name.

    A recipient that was matched with a provider of the portfolio is found there. It is a destination all the same where
    flows call one by its name.
    """
    ground.needed("processor_flows")
    flows = f"""SELECT destination, seen_in, processor_id, personal_data, first_seen_on, last_seen_on, volume,
    {ground.doubts("processor_flows", "f")} AS doubts FROM frame_processor_flows AS f"""
    if ground.relation("activity_recipients") is None:
        return flows
    return f"""{flows}
  UNION ALL SELECT r.recipient, '{IN_REGISTER}', r.processor_id, true, NULL, NULL, NULL,
    {ground.doubts("activity_recipients", "r")} FROM frame_activity_recipients AS r
  WHERE NOT EXISTS (SELECT 1 FROM ({_portfolio(ground)}) AS known WHERE known.processor_id = r.processor_id)
    OR EXISTS (SELECT 1 FROM frame_processor_flows AS f WHERE f.destination = r.recipient)"""


def _portfolio(ground: Ground) -> str:
    """The providers, each once; none where nobody lists them. Of one listed twice the words that ask most count."""
    if ground.relation("processors") is None:
        none = ", ".join(f"CAST(NULL AS VARCHAR) AS {name}" for name in ("processor_id", *JUDGED, "doubts"))
        return f"SELECT {none} WHERE false"
    words = ", ".join(f"min({name}) AS {name}" for name in JUDGED)
    # A contract whose day nobody can read is for another control to say.
    doubts = f"array_to_string(regexp_extract_all(one.{UNREADABLE}, '({'|'.join(JUDGED)})=[a-z-]+'), ',')"
    return f"""SELECT processor_id, {words}, nullif(string_agg(DISTINCT {doubts}, ','), '') AS doubts
    FROM frame_processors AS one GROUP BY processor_id"""
