"""The payload as the pages read it: every value remembers the file and the pointer it came from.

A page may show a figure only through a `Node`, so what is shown and where it stands cannot drift apart.
Source: docs/norm/bundle.md, sections 6 and 7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Payload:
    """The parsed files that go into the bag: path under data/ -> value.

    `.json` and `.ipynb` are objects, `.jsonl` a list of objects, `.sql` and `.txt` text.
    """

    files: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Seal:
    """What the catalogue will say of the bundle; the pages show it and point into bundle.json.

    `sealed_at` is an instant in UTC, `head_sha256` the digest of the ledger's last entry, `entries` their number,
    `signer` the fingerprint text (`SHA256:…`). `derived_from`: at other levels than auditor-full, `bundle` and
    `tagmanifest_sha256` of the full one.
    """

    bundle: str
    engagement: str
    run: str
    level: str
    kit: str
    sealed_at: str
    head_sha256: str
    entries: int
    signer: str
    demonstration: bool
    derived_from: Mapping[str, str] | None = None

    def catalogue(self) -> dict[str, Any]:
        """The part of bundle.json that these values will be, in its shape."""
        return {
            "bundle": self.bundle,
            "engagement": self.engagement,
            "run": self.run,
            "level": self.level,
            "kit": self.kit,
            "sealed_at": self.sealed_at,
            "ledger": {"entries": self.entries, "head_sha256": self.head_sha256},
            "signer": self.signer,
            "demonstration": self.demonstration,
            "derived_from": None if self.derived_from is None else dict(self.derived_from),
        }


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the payload. `ek` is its address, `FILE#/POINTER` (RFC 6901; in JSONL the row's id first)."""

    file: str
    pointer: str
    value: Any

    @property
    def ek(self) -> str:
        """The address that `data-ek` carries: the path is that under data/."""
        return f"{self.file}#{self.pointer}"

    @property
    def absent(self) -> bool:
        """Whether the value is null."""
        return self.value is None

    @property
    def text(self) -> str:
        """The value as JSON would write it, text without its quotes. Raises ValueError for null, lists and objects."""
        match self.value:
            case bool():
                return "true" if self.value else "false"
            case str() | int():
                return str(self.value)
        raise ValueError(f"{self.ek}: there is no figure here to show")

    def __getitem__(self, step: str | int) -> Node:
        if isinstance(step, str) and step not in self.value:
            raise ValueError(f"{self.ek}: the key {step} is missing")
        escaped = str(step).replace("~", "~0").replace("/", "~1")
        return Node(self.file, f"{self.pointer}/{escaped}", self.value[step])

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, Mapping) and key in self.value

    def __iter__(self) -> Iterator[Node]:
        return (self[place] for place in range(len(self.value)))

    def __len__(self) -> int:
        return len(self.value)


@dataclass(frozen=True, slots=True)
class Dossier:
    """Payload and seal together, read by name. Raises ValueError for a file that must be there and is not."""

    payload: Payload
    seal: Seal

    def has(self, name: str) -> bool:
        """Whether the payload holds this file."""
        return name in self.payload.files

    def names(self, folder: str, suffix: str) -> tuple[str, ...]:
        """The files of one folder with one suffix, ascending by path."""
        return tuple(sorted(n for n in self.payload.files if n.startswith(folder + "/") and n.endswith(suffix)))

    def doc(self, name: str) -> Node:
        """The root of a `.json` file; `bundle.json` is the seal's own part of the catalogue."""
        if name == "bundle.json":
            return Node(name, "", self.seal.catalogue())
        return Node(name, "", self._file(name))

    def rows(self, name: str) -> tuple[Node, ...]:
        """The rows of a `.jsonl` file, each addressed by its id (the ledger's by its seq)."""
        rows = self._file(name)
        if not isinstance(rows, list):
            raise ValueError(f"{name}: rows were expected")
        return tuple(Node(name, f"/{row['id'] if 'id' in row else row['seq']}", row) for row in rows)

    def text(self, name: str) -> str:
        """The text of a `.sql` or `.txt` file."""
        return str(self._file(name))

    def _file(self, name: str) -> object:
        if name not in self.payload.files:
            raise ValueError(f"{name}: the pages need this file and the payload has none")
        return self.payload.files[name]
