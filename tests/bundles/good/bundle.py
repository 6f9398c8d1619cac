"""A bundle as files in memory, with what the catalogue says of each."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.bundles.good.base import BUNDLE, Json, canonical
from tests.bundles.good.seals import Seal


@dataclass
class Bundle:
    """All files as bytes. `entries` is the ledger; `columns` and `made_by` are what the catalogue says of a file."""

    files: dict[str, bytes] = field(default_factory=dict)
    entries: list[Json] = field(default_factory=list)
    columns: dict[str, list[list[str]]] = field(default_factory=dict)
    made_by: dict[str, Json] = field(default_factory=dict)
    catalogue: Json = field(default_factory=dict)
    seal: Seal = field(default_factory=Seal)
    name: str = BUNDLE

    def copy(self) -> Bundle:
        return copy.deepcopy(self)

    def json(self, path: str) -> Any:
        return json.loads(self.files[path])

    def put(self, path: str, value: Any) -> None:
        self.files[path] = (canonical(value) + "\n").encode()

    def rows(self, path: str) -> list[Json]:
        return [json.loads(line) for line in self.files[path].splitlines()]

    def put_rows(self, path: str, rows: Iterable[Json]) -> None:
        self.files[path] = "".join(canonical(row) + "\n" for row in rows).encode()

    def edit(self, path: str, change: Callable[[Any], Any]) -> None:
        """Change a JSON document, or the list of rows of a JSONL file, in place."""
        if path.endswith(".jsonl"):
            rows = self.rows(path)
            self.put_rows(path, change(rows) or rows)
        else:
            value = self.json(path)
            self.put(path, change(value) or value)

    def entry(self, action: str, **data: Any) -> Json:
        """The first entry with this action and these data."""
        for entry in self.entries:
            if entry["action"] == action and all(entry["data"].get(key) == value for key, value in data.items()):
                return entry
        raise LookupError(action)

    def write(self, parent: Path) -> Path:
        folder = parent / self.name
        for name, data in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return folder


def sha(bundle: Bundle, path: str) -> str:
    return sha256(bundle.files[path]).hexdigest()


def payload(bundle: Bundle) -> list[str]:
    return sorted(name for name in bundle.files if name.startswith("data/"))


def content(bundle: Bundle) -> list[str]:
    aside = ("data/ledger.jsonl", "data/bundle.json", "data/ro-crate-metadata.json")
    return [name for name in payload(bundle) if name not in aside and not name.startswith("data/site/")]


def manifest(bundle: Bundle, names: Iterable[str]) -> str:
    return "".join(f"{sha(bundle, name)}  {name}\n" for name in sorted(names))


def record(bundle: Bundle, path: str) -> str:
    return sha256(bundle.files[path].removesuffix(b"\n")).hexdigest()
