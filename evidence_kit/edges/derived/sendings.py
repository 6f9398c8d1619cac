"""What is derived from the sendings: each campaign beside the stop lists, each message that went to a stopped person.

Source: docs/norm/controls, SND-02; GDPR art. 21(2)-(3); docs/norm/frames.md, `send_checks`, `send_exceptions`.
"""

from __future__ import annotations

from evidence_kit.edges import stopping
from evidence_kit.edges.derived.ground import Ground
from evidence_kit.edges.opening import literal
from evidence_kit.edges.relations import UNREADABLE, Relation

#: Everybody who said stop, with the span of time in which they did; `person` null: nobody can be compared with it.
STOPS = "temp.main.ek_stops"
#: Every message that met a stop of its recipient: `past` the grace, or `unsure` whether it is.
HITS = "temp.main.ek_hits"
#: Hundredths of an hour and hours, in microseconds.
CENTIHOUR, HOUR = 36_000_000, 3_600_000_000
#: More than a column of `lag_hours` can hold: of a stop dated in the year 1.
LONGEST = 999_999_999
#: The unit of messages without a campaign.
NO_CAMPAIGN = "without-campaign"
NO_TIME = "CAST(NULL AS TIMESTAMPTZ)"


def send_exceptions(ground: Ground) -> str:
    """Every message of marketing to somebody who had said stop before the grace; of several, the first in force."""
    stops, hits = confront(ground)
    told = "".join(f"-- {line}\n" for text in (stops, hits) for line in text.splitlines())
    lag = f"least(max(lag) // {CENTIHOUR}, {LONGEST})"
    return f"""{told}SELECT campaign_id, message_key, recipient_key, min(stopped_at) AS stopped_at,
  max_by(sent_at, lag) AS sent_at, CAST(CAST({lag} AS DECIMAL(18, 0)) * 0.01 AS DECIMAL(9, 2)) AS lag_hours,
  CAST(NULL AS VARCHAR) AS {UNREADABLE}
FROM {HITS} WHERE past GROUP BY campaign_id, message_key, recipient_key"""


def send_checks(ground: Ground) -> str:
    """Every sending with the messages it sent and those of them that went to a stopped person.

    A hit is a hit, whatever else is not known. Without one, what cannot be compared (a message without recipient or
    time, a stop without a person, a time nobody can read) leaves the count null: nothing unread may pass for nothing.
    """
    ground.needed("send_exceptions")
    grace = ground.engagement.parameters["stop_grace_hours"] * HOUR
    messages = ground.needed("send_messages")
    _, sent_to = _span(ground, messages, "sent_at", "m")
    code = r"nullif(regexp_extract(%s, '\b(sent_at|recipient_key|stopped_at|lifted_at)=([a-z-]+)', 2), '')"
    # A message of which nobody says to what sending it belongs is a sending that nobody describes.
    campaign = f"coalesce(campaign_id, {literal(NO_CAMPAIGN)})"
    campaigns = f"""SELECT campaign_id, account_key, message_type, list_unsubscribe, one_click,
    {ground.doubts("send_campaigns", "c")} AS doubts FROM main.frame_send_campaigns AS c
  UNION ALL
  SELECT DISTINCT {campaign}, CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS BOOLEAN),
    CAST(NULL AS BOOLEAN), CAST(NULL AS VARCHAR) FROM main.frame_send_messages
  WHERE {campaign} NOT IN (SELECT campaign_id FROM main.frame_send_campaigns WHERE campaign_id IS NOT NULL)"""
    return f"""WITH campaigns AS (
  {campaigns}
), sent AS (
  SELECT {campaign} AS campaign_id, count(*) AS sent_count, max({sent_to}) AS last_at,
    bool_or({sent_to} IS NULL OR {stopping.blank("m.recipient_key")}) AS unknown,
    min({code % f"m.{UNREADABLE}"}) AS code
  FROM main.frame_send_messages AS m GROUP BY ALL
), met AS (
  SELECT campaign_id, count(DISTINCT row(message_key, recipient_key)) FILTER (past) AS hits,
    bool_or(NOT past) AS unsure, min({code % "doubts"}) FILTER (NOT past) AS code
  FROM {HITS} GROUP BY campaign_id
), blind AS (
  SELECT DISTINCT c.campaign_id FROM campaigns AS c LEFT JOIN sent AS n ON n.campaign_id = c.campaign_id
    JOIN (SELECT account_key, min(coalesce(epoch_us(stopped_from), -{LONGEST * HOUR})) AS stopped FROM {STOPS}
      WHERE person IS NULL GROUP BY account_key) AS b ON (b.account_key IS NULL OR b.account_key = c.account_key)
      AND coalesce(epoch_us(n.last_at) - b.stopped > {grace}, true)
)
SELECT c.campaign_id, c.account_key, c.message_type, coalesce(n.sent_count, 0) AS sent_count,
  CASE WHEN m.hits > 0 THEN m.hits WHEN (SELECT count(*) FROM {STOPS}) = 0 THEN NULL
    WHEN coalesce(n.unknown, false) OR coalesce(m.unsure, false) OR b.campaign_id IS NOT NULL THEN NULL
    ELSE 0 END AS stopped_hits, c.list_unsubscribe, c.one_click,
  nullif(concat_ws(',', c.doubts, CASE WHEN coalesce(m.hits, 0) = 0
    THEN 'stopped_hits=' || nullif(coalesce(n.code, m.code), 'unknown') END), '') AS {UNREADABLE}
FROM campaigns AS c LEFT JOIN sent AS n ON n.campaign_id = c.campaign_id
  LEFT JOIN met AS m ON m.campaign_id = c.campaign_id LEFT JOIN blind AS b ON b.campaign_id = c.campaign_id"""


def confront(ground: Ground) -> tuple[str, str]:
    """Fill `ek_stops` and `ek_hits`: the statements that did, which hold no key and no person."""
    ground.needed("send_campaigns")
    ground.needed("send_messages")
    stopping.prepare(ground)
    made = []
    for table, sql in ((STOPS, _stops(ground)), (HITS, _hits(ground))):
        statement = f"CREATE OR REPLACE TEMP TABLE {table.rpartition('.')[2]} AS\n{sql}"
        ground.connection.execute(statement)
        made.append(statement)
    return made[0], made[1]


def _stops(ground: Ground) -> str:
    """Every stop of both lists with the person it stands for; an entry kept as a digest only, for whom it is met."""
    stops, listed = ground.relation("send_stops"), stopping.entries(ground)
    clear = []
    if stops is not None:
        begun, ended = _span(ground, stops, "stopped_at", "s")
        lifted, lifted_to = _span(ground, stops, "lifted_at", "s")
        clear.append(
            f"SELECT s.recipient_key AS written, s.account_key, {begun} AS stopped_from, {ended} AS stopped_to, "
            f"{lifted} AS lifted_from, {lifted_to} AS lifted_to, {ground.doubts('send_stops', 's')} AS doubts "
            "FROM main.frame_send_stops AS s"
        )
    if listed is not None:
        begun, ended = _span(ground, ground.needed("suppression_list"), "added_at", "e", "stopped_at")
        times = (
            f"account_key, {begun} AS stopped_from, {ended} AS stopped_to, {NO_TIME} AS lifted_from, "
            f"{NO_TIME} AS lifted_to, replace(e.{UNREADABLE}, 'added_at=', 'stopped_at=') AS doubts"
        )
        clear.append(f"SELECT e.written, {times} FROM entries AS e WHERE e.digest IS NULL")
    if not clear:
        return (
            f"SELECT CAST(NULL AS VARCHAR) AS person, CAST(NULL AS VARCHAR) AS account_key, {NO_TIME} AS stopped_from, "
            f"{NO_TIME} AS stopped_to, {NO_TIME} AS lifted_from, {NO_TIME} AS lifted_to, "
            "CAST(NULL AS VARCHAR) AS doubts WHERE false"
        )
    columns = "person, account_key, stopped_from, stopped_to, lifted_from, lifted_to, doubts"
    both = stopping.joined(ground, "\n  UNION ALL ".join(clear), "written")
    if listed is None:
        return f"SELECT {columns} FROM (\n  {both})"
    people = stopping.joined(
        ground,
        "SELECT DISTINCT recipient_key AS written FROM main.frame_send_messages WHERE recipient_key IS NOT NULL",
        "written",
    )
    # An entry of nobody who was written to is kept as a stop of somebody else: it was compared, and met nobody.
    return f"""WITH entries AS (
  {listed}
)
SELECT {columns} FROM (
  {both})
UNION ALL
SELECT coalesce(h.person, 'ek:met by nobody') AS person, {times}
FROM entries AS e LEFT JOIN (
  {stopping.hashed(people)}) AS h ON h.digest = e.digest
WHERE e.digest IS NOT NULL"""


def _hits(ground: Ground) -> str:
    """Messages of marketing joined with the stops of their recipients, where the grace was or may have been over."""
    grace = ground.engagement.parameters["stop_grace_hours"] * HOUR
    messages = ground.needed("send_messages")
    sent, sent_to = _span(ground, messages, "sent_at", "m")
    days = all(
        relation is None or relation.kinds.get(name) == "date"
        for relation, name in (
            (ground.relation("send_stops"), "stopped_at"),
            (ground.relation("suppression_list"), "added_at"),
        )
    )
    zone = literal(ground.engagement.timezone)
    shown = f"CAST(timezone({zone}, s.stopped_from) AS DATE)" if days else "s.stopped_from"
    rows = f"""SELECT m.campaign_id, m.message_key, m.recipient_key, m.sent_at, {sent} AS sent_from,
    {sent_to} AS sent_to, c.account_key FROM main.frame_send_messages AS m
    JOIN (SELECT DISTINCT campaign_id, account_key FROM main.frame_send_campaigns
      WHERE message_type IS DISTINCT FROM 'transactional') AS c ON c.campaign_id = m.campaign_id"""
    return f"""WITH sent AS (
  {stopping.joined(ground, rows, "recipient_key")}
), met AS (
  SELECT m.campaign_id, m.message_key, m.recipient_key, m.sent_at, {shown} AS stopped_at, s.doubts,
    epoch_us(m.sent_from) - epoch_us(s.stopped_to) AS lag, epoch_us(m.sent_to) - epoch_us(s.stopped_from) AS most,
    coalesce(s.lifted_from > m.sent_to, true) AND coalesce(s.doubts, '') NOT LIKE '%lifted_at=%' AS in_force
  FROM sent AS m JOIN {STOPS} AS s ON s.person = m.person
  WHERE (s.account_key IS NULL OR s.account_key = m.account_key) AND coalesce(s.lifted_to > m.sent_from, true)
)
SELECT campaign_id, message_key, recipient_key, sent_at, stopped_at, doubts, lag,
  coalesce(in_force AND lag > {grace}, false) AS past
FROM met WHERE coalesce(most > {grace}, true)"""


def _span(ground: Ground, relation: Relation, column: str, alias: str, called: str | None = None) -> tuple[str, str]:
    """SQL: the first and the last instant that a time may be. Of a day alone nobody knows the hour."""
    if column not in relation.kinds:
        return NO_TIME, NO_TIME
    name = f"{alias}.{called or column}"
    if relation.kinds[column] != "date":
        return (f"CASE WHEN isfinite({name}) THEN {name} END",) * 2
    zone = literal(ground.engagement.timezone)
    day = f"timezone({zone}, CAST({name} AS TIMESTAMP){{}})"
    return day.format(""), day.format(" + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND")
