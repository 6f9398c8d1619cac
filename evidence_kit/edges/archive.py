"""The run's folder on disk: payload files written whole or not at all, notes beside them, and the engagement's ledger.

<outputs>/<engagement>/ledger.jsonl      the working ledger, through every run
<outputs>/<engagement>/<run>/payload/    what will stand under data/ of the bundle
<outputs>/<engagement>/<run>/notes/      what the run remembers about itself; sealed runs need it no more
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from evidence_kit.edges.ledger_file import LedgerFile
from evidence_kit.errors import SealError
from evidence_kit.ledger.chain import Action, Entry


class RunArchive:
    """One run's folder and the ledger it belongs to."""

    def __init__(self, folder: Path, ledger: LedgerFile) -> None:
        self.folder, self.ledger = folder, ledger
        self.payload = folder / "payload"
        for part in (self.payload, folder / "notes"):
            part.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, name: str, data: bytes) -> str:
        """Write one payload file, readable only and by its owner only; return its SHA-256."""
        write_whole(self.payload / name, data, mode=0o400)
        return sha256(data).hexdigest()

    def get(self, name: str) -> bytes:
        """Read one payload file."""
        return (self.payload / name).read_bytes()

    def drop(self, *names: str) -> None:
        """Forget payload files of an earlier attempt."""
        for name in names:
            (self.payload / name).unlink(missing_ok=True)

    def names(self) -> tuple[str, ...]:
        """Every payload file, by its path under data/, ascending."""
        found = (path.relative_to(self.payload).as_posix() for path in self.payload.rglob("*") if path.is_file())
        return tuple(sorted(found, key=str.encode))

    def note(self, name: str, value: Mapping[str, object]) -> None:
        """Remember something about this run."""
        write_whole(self.folder / "notes" / f"{name}.json", json.dumps(value, ensure_ascii=False).encode(), mode=0o600)

    def recall(self, name: str) -> dict[str, object] | None:
        """What was noted; None when nothing was."""
        path = self.folder / "notes" / f"{name}.json"
        if not path.exists():
            return None
        known = json.loads(path.read_bytes())
        assert isinstance(known, dict)
        return known

    def append(self, actor: str, action: str, subject: str, data: Mapping[str, object]) -> Entry:
        """Append one action to the ledger."""
        return self.ledger.append(Action(actor, action, subject, data))

    def entries(self) -> tuple[Entry, ...]:
        """The ledger so far."""
        return self.ledger.entries


def write_whole(path: Path, data: bytes, *, mode: int) -> None:
    """Write under a temporary name, flush, rename: either the old file stays or the new one is whole.

    Raises SealError naming the file and the bytes needed when the disk or its rights do not allow it.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, temporary = tempfile.mkstemp(prefix=".", dir=path.parent)
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        raise SealError(
            f"{path}: {len(data)} bytes could not be written ({error.strerror}). Free space or change the rights, "
            "then run again."
        ) from error
