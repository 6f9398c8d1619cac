"""The lines that list a bag's files, the digest over its content, and what may differ between two equal runs.

Source: docs/norm/bundle, sections 1, 2, 4 and 11.
"""

import re
from collections.abc import Mapping
from typing import Final

from evidence_kit.model.canonical import digest

LONGEST_PATH: Final = 180
LONGEST_SEGMENT: Final = 64
MOST_SEGMENTS: Final = 8

# Files of data/ that show or hold the ledger's head, and so cannot be under a digest that the ledger holds.
AFTER_THE_HEAD: Final = ("data/ledger.jsonl", "data/bundle.json", "data/ro-crate-metadata.json", "data/site/")

# What may differ between two runs with the same inputs and nonce when the clock or the randomness differs: whatever
# shows a time, draws `blinding.txt`, or lists a digest of one that does. Names that end with / are folders.
VOLATILE: Final = (
    "bag-info.txt",
    "manifest-sha256.txt",
    "tagmanifest-sha256.txt",
    "tagmanifest-sha256.txt.sig",
    "tagmanifest-sha256.txt.sig.tsr",
    "data/blinding.txt",
    "data/scan.json",
    *AFTER_THE_HEAD,
)

_SEGMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def check_path(path: str) -> None:
    """Raises ValueError unless `path` opens the same on Windows, macOS and Linux."""
    segments = path.split("/")
    if len(path) > LONGEST_PATH or len(segments) > MOST_SEGMENTS:
        raise ValueError(f"{path}: longer than {LONGEST_PATH} characters or {MOST_SEGMENTS} segments")
    for segment in segments:
        if len(segment) > LONGEST_SEGMENT or not _SEGMENT.fullmatch(segment) or segment.endswith("."):
            raise ValueError(
                f"{path}: a segment that is not [A-Za-z0-9][A-Za-z0-9._-]*, or too long, or ends with a dot"
            )
        if _DEVICE.fullmatch(segment):
            raise ValueError(f"{path}: a device name of Windows")


def manifest(digests: Mapping[str, str]) -> str:
    """One line per file, `<sha256>  <path>`, ascending by the bytes of the path. `digests`: path → SHA-256.

    Raises ValueError for a path or digest of another form, and for two paths equal but for case.
    """
    lower: dict[str, str] = {}
    for path, sha256 in digests.items():
        check_path(path)
        if not _DIGEST.fullmatch(sha256):
            raise ValueError(f"{path}: its digest is not 64 lowercase hex digits")
        if path.lower() in lower:
            raise ValueError(f"{path}: differs from {lower[path.lower()]} in case only")
        lower[path.lower()] = path
    return "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(digests.items()))


def content(digests: Mapping[str, str]) -> dict[str, str]:
    """The payload files that `ledger.sealed` binds: all but those that show or hold the ledger's head."""
    return {path: sha256 for path, sha256 in digests.items() if not _under(path, AFTER_THE_HEAD)}


def content_sha256(digests: Mapping[str, str]) -> str:
    """The digest of the manifest lines of `content(digests)`; paths begin with `data/`."""
    return digest(manifest(content(digests)))


def is_volatile(path: str) -> bool:
    """Whether a file of the bag may differ between two equal runs."""
    return _under(path, VOLATILE)


def _under(path: str, names: tuple[str, ...]) -> bool:
    return any(path.startswith(name) if name.endswith("/") else path == name for name in names)
