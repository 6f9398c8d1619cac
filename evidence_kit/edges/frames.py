"""The frames of one engagement inside the engine: each made once, when it is first asked for.

A mapped frame is the rows of every source that gives it, with identifiers met twice settled, messages tied to their
cases and our own search beside what the company answered; a derived one is made of those. Source: docs/norm/frames.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import duckdb

from evidence_kit.edges import linking, probing, schemas, searching
from evidence_kit.edges.derived import DERIVED, Ground, derive
from evidence_kit.edges.derived.requests import MET
from evidence_kit.edges.opening import doubts, quote
from evidence_kit.edges.relations import Relation, relate
from evidence_kit.edges.repeats import settle_repeats
from evidence_kit.errors import SourceError
from evidence_kit.model.audit import Engagement
from evidence_kit.rules.triage import rule

#: Frames measured on live objects, a rule at a time; neither mapped nor a table of the engine.
BUILT = ("retention_observations", "retention_exceptions", "retention_ages")
#: Mapped frames of which our own search fills the columns that no source gives.
SEARCHED = {"access_answer_items": searching.stored, "rectification_checks": searching.observed}


class Frames:
    """Frame name → relation. `notes`: frame → what a reader of it must know, for the frames made so far.

    `key`: where keys and salts of the organisation's own digests are asked for.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, engagement: Engagement, key: Callable[[str], bytes]
    ) -> None:
        self._connection, self._engagement, self._key = connection, engagement, key
        self._made: dict[str, Relation] = {}
        self.notes: dict[str, str] = {}
        self.period = _period(engagement)

    def given(self, frame: str) -> bool:
        """Whether a source maps it."""
        return any(frame in source.frames for source in self._engagement.sources.values())

    def held(self, frame: str) -> bool:
        """Whether there is any such frame. One that nobody gives is absent, and the test says what that means."""
        return frame in BUILT or self._made_here(frame) or self.given(frame)

    def relation(self, frame: str) -> Relation:
        """The relation of a frame. Raises SourceError when no source maps it, or its rows do not fit the mapping."""
        if frame not in self._made:
            self._made[frame] = self._make(frame)
        return self._made[frame]

    def ready(self, frame: str) -> Relation | None:
        """The same; None where the engine holds no such table."""
        return self.relation(frame) if self._made_here(frame) or self.given(frame) else None

    @property
    def ground(self) -> Ground:
        """What derived frames are made of."""
        return Ground(self._connection, self._engagement, self.ready, self.period, self._key)

    def _made_here(self, frame: str) -> bool:
        """Whether it is a table of ours. Where nobody keeps a log of erasures, nobody is searched."""
        if frame == schemas.FRAME:
            return True
        return frame in DERIVED or (frame == probing.FRAME and self.given("erasure_log"))

    def _make(self, frame: str) -> Relation:
        if frame == probing.FRAME:
            return probing.probe(self.ground, self._key)
        if frame == schemas.FRAME:
            return schemas.look(self.ground)
        if frame not in DERIVED:
            return self._mapped(frame)
        relation = derive(self.ground, frame)
        if frame == "field_units":
            # What of a trace of statements could not be read stands beside the population.
            told = [doubts(self._connection, self._engagement.sources[source]) for source in relation.sources]
            if said := "; ".join(filter(None, told)):
                self.notes[frame] = said
        return relation

    def _mapped(self, frame: str) -> Relation:
        sources = [source for source in self._engagement.sources.values() if frame in source.frames]
        if not sources:
            raise SourceError(f"no source of {self._engagement.id} maps the frame {frame}.")
        relation = relate(self._connection, frame, sources, self.period)
        self._connection.execute("SET schema = 'main'")
        if frame == "request_log":
            self._connection.execute(f"CREATE OR REPLACE TABLE {MET} AS FROM {quote(relation.table)}")
        notes = [settle_repeats(self._connection, relation, self._engagement.on_duplicate)]
        notes += [doubts(self._connection, source) for source in sources]
        if said := "; ".join(filter(None, notes)):
            self.notes[frame] = said
        parameters = self._engagement.parameters
        if "triage_" in relation.sql:
            # Which rule triaged stands beside the statement that used what it found.
            relation = replace(relation, sql=f"-- {rule(parameters['triage_score'])}\n{relation.sql}")
        if frame == "mailbox_messages" and (log := self.ready("request_log")):
            zone = self._engagement.timezone
            relation = linking.link(self._connection, relation, log, parameters["match_days"], zone)
        if frame in SEARCHED:
            relation = SEARCHED[frame](self._connection, self._engagement, relation, self.relation("request_log"))
        return relation


def _period(engagement: Engagement) -> Mapping[str, str]:
    """Period bounds as text with the local time and its offset; the end is exclusive.

    Compared with an instant the text is that instant, with a day it is its local day: a log may keep both.
    """
    zone, period = ZoneInfo(engagement.timezone), engagement.period
    first, after = period.start_on, period.until_on + timedelta(days=1)
    moments = (datetime.combine(first, time(), zone), datetime.combine(after, time(), zone), engagement.as_of)
    texts = [moment.astimezone(zone).isoformat(sep=" ", timespec="seconds") for moment in moments]
    return dict(zip(("period_start", "period_end", "as_of"), texts, strict=True))
