"""Texts that an audit answers to, clause by clause: which control serves which clause, how far, and how sure that is.

One file of params/frameworks is one text in one edition. Source: docs/norm/controls.md, "relation in frameworks.csv".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Relation(StrEnum):
    """What a control does for a clause.

    FULL: it alone tests the whole clause. PARTIAL: a part of it, or the operation but not the documented procedure.
    SUPPORTS: its evidence is useful there. NONE: the file says, with a reason, that the control serves no clause.
    """

    FULL = "full"
    PARTIAL = "partial"
    SUPPORTS = "supports"
    NONE = "none"


class Verified(StrEnum):
    """How far a mapping was checked, the surest first: against the text, against what others say of it, not at all."""

    OPENED = "opened"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"


class Coverage(StrEnum):
    """How far the controls of a scope test a clause, together. Whether they found it in order is another question."""

    COVERED = "covered"
    PARTLY = "partly"
    SUPPORTED = "supported"
    GAP = "gap"


class Step(StrEnum):
    """What becomes of a clause in another edition or another text. GONE: a file says that it has no counterpart;
    UNKNOWN: no file names one."""

    SAME = "same"
    RENUMBERED = "renumbered"
    MERGED = "merged"
    SPLIT = "split"
    NEW = "new"
    GONE = "gone"
    UNKNOWN = "no-counterpart"


@dataclass(frozen=True, slots=True)
class ControlMapping:
    """One row: a control and a clause. Of a row with relation NONE, `clause` is empty and `title` is the reason."""

    control: str
    clause: str
    title: str
    relation: Relation
    verified: Verified
    source: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause with its titles (several where the rows say which part they mean) and the rows that name it."""

    clause: str
    titles: tuple[str, ...]
    mappings: tuple[ControlMapping, ...]


@dataclass(frozen=True, slots=True)
class Framework:
    """One text in one edition. `id`: the name of its file; `file`: as messages show it; `sha256`: of its bytes.

    `clauses` stand in the order in which a reader looks for them, `left_out` are the rows with relation NONE.
    """

    id: str
    name: str
    edition: str
    file: str
    sha256: str
    clauses: tuple[Clause, ...]
    left_out: tuple[ControlMapping, ...] = ()

    @property
    def title(self) -> str:
        """Name and edition, as a person would say them."""
        return f"{self.name}, {self.edition}"

    @property
    def mappings(self) -> tuple[ControlMapping, ...]:
        """Every row that names a clause."""
        return tuple(one for clause in self.clauses for one in clause.mappings)

    @property
    def controls(self) -> frozenset[str]:
        """Every control of which the file says something, be it that it serves no clause."""
        return frozenset(one.control for one in (*self.mappings, *self.left_out))


@dataclass(frozen=True, slots=True)
class Served:
    """One clause as the controls of one scope serve it.

    `mine`: the rows of controls in scope; `others`: of those that are not. `verdict`: the worst that the controls of
    `mine` found (None: none of them is in scope). `verified`: the weakest check of the rows that count.
    """

    clause: Clause
    mine: tuple[ControlMapping, ...]
    others: tuple[ControlMapping, ...]
    coverage: Coverage
    verdict: str | None
    verified: Verified


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a migration: clauses of the earlier text, clauses of the later one, and what is known of it.

    `kept`: controls that serve both sides; `lost`, `gained`: one side alone. `verified`: the weakest of all rows, None
    where no row stands on one of the sides. `akin`: of a clause without a counterpart, clauses of the other text that
    share a control with it: a hint, and no correspondence.
    """

    step: Step
    earlier: tuple[str, ...]
    later: tuple[str, ...]
    titles: tuple[str, ...]
    kept: tuple[str, ...]
    lost: tuple[str, ...]
    gained: tuple[str, ...]
    verified: Verified | None
    akin: tuple[str, ...] = ()
