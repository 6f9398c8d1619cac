"""What a frame is made of: columns, how each may be filled, what tells rows apart. Source: docs/norm/frames.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One canonical column. `kind`: string, integer, decimal, bool, date or timestamp.

    `privacy`: `key` (a pseudonym, never the value) or `none` (no person in it). `values`: the closed list of words, or
    empty when any is accepted. `event`: null means that it did not happen, so a source that cannot know says `unknown`.
    `computed`: made by the kit, never mapped. `pseudonym`: the kind of key that the kit makes, for privacy `key`.
    """

    name: str
    kind: str
    nullable: bool
    privacy: str = "none"
    may_be_future: bool = False
    values: tuple[str, ...] = ()
    event: bool = False
    computed: bool = False
    pseudonym: str | None = None

    @property
    def of_file(self) -> bool:
        """Whether it is the digest of a file that a mapping names: the kit reads the file, nobody states a digest."""
        return self.name.endswith("_sha256") and not self.computed


@dataclass(frozen=True, slots=True)
class FrameSpec:
    """One canonical frame. `unique_key`: the columns that no two rows share; null counts as a value.

    `built`: made by the kit from other frames and live objects; no source maps it. `own`: a frame of the kit's, not one
    of the norm's thirty.
    """

    name: str
    columns: tuple[Column, ...]
    unique_key: tuple[str, ...]
    built: bool = False
    own: bool = False

    def column(self, name: str) -> Column:
        """The column called `name`. Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns, in order."""
        return tuple(column.name for column in self.columns)


def must(name: str, kind: str = "string", *, values: str = "", computed: bool = False) -> Column:
    """A column that is never null."""
    return Column(name, kind, nullable=False, values=tuple(values.split()), computed=computed)


def may(
    name: str,
    kind: str = "string",
    *,
    values: str = "",
    event: bool = False,
    may_be_future: bool = False,
    computed: bool = False,
) -> Column:
    """A column that may be null: not known, or, for an `event`, that it did not happen."""
    words = tuple(values.split())
    return Column(name, kind, nullable=True, may_be_future=may_be_future, values=words, event=event, computed=computed)


def key(name: str, pseudonym: str, *, nullable: bool, computed: bool = False) -> Column:
    """A column of pseudonyms; the kit makes them of the kind `pseudonym`."""
    return Column(name, "string", nullable=nullable, privacy="key", pseudonym=pseudonym, computed=computed)


def event(name: str) -> Column:
    """The instant of something that may not have happened."""
    return may(name, "timestamp", event=True)
