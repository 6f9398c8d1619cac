"""What the steps may ask of the world, and what they may expect when it goes wrong. No engine is known here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from evidence_kit.model.audit import Control, Engagement
from evidence_kit.model.sample import Drawn, EvidenceFrame, Identity, Kept, Population, Row
from evidence_kit.model.terms import Terms


class Collected(NamedTuple):
    """One evidence frame as a source gave it: its query, how many rows it read, and where they came from.

    `identities`: who is behind the pseudonyms of its rows. They go to the vault and nowhere else.
    """

    frame: str
    columns: tuple[tuple[str, str, str], ...]
    rows: tuple[Row, ...]
    sql: str
    sources: tuple[str, ...]
    identities: tuple[Identity, ...]


class Fetched(NamedTuple):
    """The frames of some units of a control, and the units whose row is no longer the one that was frozen."""

    frames: tuple[Collected, ...]
    changed: tuple[str, ...]


class Source(Protocol):
    """The places where personal data live, opened read-only."""

    def freeze(self, control: Control, aside: frozenset[str]) -> tuple[Population, tuple[Kept, ...]]:
        """Digest every unit of the control where it lives. Units in `aside` go to the stratum of the not yet due.

        Raises SourceError with the norm's refusal code before any digest exists.
        """

    def rows(self, control: Control) -> tuple[tuple[str, str], ...]:
        """(unit, canonical row) of the population frozen last in this session: raw values, for the vault alone."""

    def population_sql(self, control: Control) -> str:
        """The text of the population's query, as it ran."""

    def accounts(self) -> tuple[tuple[str, int], ...]:
        """What became of every row of the log, and how numbers and messages compare with it: words and counts."""

    def open_units(self, control: Control) -> tuple[str, ...]:
        """Units whose event has not happened: those that a rule with a calendar may set aside."""

    def fetch(self, control: Control, units: Sequence[str], leaves: Mapping[str, str]) -> Fetched:
        """The rows of `units`, in that order, and only the columns the control needs. `leaves`: unit → frozen leaf."""

    def draw(
        self,
        kept: Sequence[Kept],
        sizes: Mapping[str, int],
        commitment_sha256: str,
        nonce: str,
        round_: int,
        before: Sequence[str],
    ) -> tuple[Drawn, ...]:
        """The smallest tickets of a kept list, computed where lists are sorted well: in the engine."""


class Vault(Protocol):
    """What must not leave the house: salt, keys, frozen lists, identities."""

    @property
    def fingerprint(self) -> str:
        """The signing key's fingerprint, `SHA256:…`."""

    def pseudonym(self, kind: str, text: str) -> str:
        """A keyed digest: the same person in every frame of one engagement, nobody anywhere else."""

    def key(self, reference: str) -> bytes:
        """The key or salt of one of the organisation's own digests: `vault:NAME` or `env:NAME`.

        Raises ParameterError when it is not there.
        """

    def blind(self, engagement: str, population: str) -> str:
        """The secret that blinds the leaves of one population."""

    def entry_salt(self, seq: int, prev_sha256: str) -> str:
        """The salt of one ledger entry."""

    def sign(self, data: bytes) -> str:
        """An armoured SSHSIG over `data`."""

    def keep(self, commitment_sha256: str, rows: Sequence[Kept]) -> None:
        """Keep a frozen list for the draw, today or next week."""

    def kept(self, commitment_sha256: str) -> tuple[Kept, ...]:
        """The list that was kept. Raises SourceError when there is none."""

    def keep_rows(self, commitment_sha256: str, rows: Sequence[tuple[str, str]]) -> None:
        """Keep the canonical rows of a frozen list, for the openings of those that will be drawn."""

    def rows(self, commitment_sha256: str) -> Mapping[str, str]:
        """Unit → canonical row, as kept. Raises SourceError when nothing was kept."""

    def keep_identities(self, frame_sha256: str, identities: Sequence[Identity]) -> None:
        """Keep who is behind the pseudonyms of one frame."""


class Archive(Protocol):
    """The run's folder and the engagement's ledger."""

    def put(self, name: str, data: bytes) -> str:
        """Write one payload file whole or not at all; return its SHA-256."""

    def get(self, name: str) -> bytes:
        """Read one payload file."""

    def note(self, name: str, value: Mapping[str, object]) -> None:
        """Remember something about this run that is no payload."""

    def recall(self, name: str) -> dict[str, object] | None:
        """What was noted; None when nothing was."""

    def append(self, actor: str, action: str, subject: str, data: Mapping[str, object]) -> object:
        """Append one action to the ledger; return its entry.

        Raises LedgerBroken, and writes nothing, if the last line is not the head.
        """


@dataclass(frozen=True, slots=True)
class Desk:
    """All that the collector's steps work with. `now` is the only clock there is; `aside` finds what is not yet due.

    A `draft` is never sealed: nobody will ask who is behind its pseudonyms, and so nothing of that is kept.
    """

    engagement: Engagement
    terms: Terms
    source: Source
    vault: Vault
    archive: Archive
    now: Callable[[], datetime]
    aside: Callable[[Control, Mapping[str, EvidenceFrame], Sequence[str]], frozenset[str]]
    draft: bool = False

    def control(self, id_: str) -> Control:
        """One control of the engagement. Raises KeyError for any other."""
        return next(control for control in self.engagement.controls if control.id == id_)
