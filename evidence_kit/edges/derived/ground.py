"""What derived frames are made of: the engine's session and the frames that sources map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import duckdb

from evidence_kit.edges.opening import literal
from evidence_kit.edges.relations import UNREADABLE, Relation
from evidence_kit.errors import SourceError
from evidence_kit.model.audit import Engagement


def no_key(place: str) -> bytes:
    """Where nobody keeps any. Raises SourceError."""
    raise SourceError(f"{place}: there is no vault here that would give this key.")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a frame is derived from. `relation`: a mapped frame by name; None when no source maps it.

    `key`: where keys and salts of the organisation's own digests are asked for.
    """

    connection: duckdb.DuckDBPyConnection
    engagement: Engagement
    relation: Callable[[str], Relation | None]
    period: Mapping[str, str]
    key: Callable[[str], bytes] = no_key

    def log(self) -> Relation:
        """The log of requests. Raises SourceError when no source maps it."""
        return self.needed("request_log")

    def needed(self, frame: str) -> Relation:
        """A mapped frame. Raises SourceError when no source maps it."""
        found = self.relation(frame)
        if found is None:
            raise SourceError(f"no source of {self.engagement.id} maps the frame {frame}.")
        return found

    def doubts(self, frame: str, alias: str) -> str:
        """SQL for what could not be read of a row of a mapped frame, and for the events that its source cannot know.

        Of a unit made of that row it holds as well: without it a date nobody can read would be a thing not done.
        """
        mapped = [source.frames[frame] for source in self.engagement.sources.values() if frame in source.frames]
        events = sorted({name for one in mapped for name, column in one.columns.items() if column.unknown})
        unknown = "".join(f", {literal(f'{name}=unknown')}" for name in events)
        return f"nullif(concat_ws(',', {alias}.{UNREADABLE}{unknown}), '')"
