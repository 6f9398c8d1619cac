"""Names and ids that may be ordinary words: looked for where they stand as names, and not inside a sentence.

The leak scan proper looks for values under sixteen disguises, anywhere. A source called `archive`, or unit 86, would
then forbid every sentence and every count; such a name is looked for as the whole of a JSON string, of a cell, or of a
name with dots, and one that no word looks like (`P-022`, `tmp_export`) as a whole word anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from evidence_kit.edges.scan import Hit

_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"(\s*:)?")
_CELL = re.compile(r">([^<>]+)<")
_WORD = re.compile(r"[^\W_][\w.@/-]*")
_DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_WORDY = re.compile(r"[^\W\d_]+|\d+")


def met(files: Iterable[tuple[str, bytes]], names: Mapping[str, Iterable[str]]) -> tuple[Hit, ...]:
    """Every name met, with file and row. `names`: what such names are called → the names. None is ever reported.

    Keys of JSON are words of the norm, and so are the paths: neither comes from data.
    """
    known = {name.casefold(): label for label, several in names.items() for name in several if name}
    marked = {name: label for name, label in known.items() if not _WORDY.fullmatch(name)}
    return tuple(hit for path, data in files for hit in _of_file(path, data, known, marked))


def digests_met(files: Iterable[tuple[str, bytes]], digests: frozenset[bytes], label: str) -> tuple[Hit, ...]:
    """Every digest of a set that is met, 64 lower-case hex digits each, in contents and in file names."""
    hits = []
    for number, (path, data) in enumerate(files, 1):
        if digests.intersection(_DIGEST.findall(path.encode())):
            hits.append(Hit(f"file {number} (its name leaks)", None, "file name", "plain", label))
        elif digests.intersection(_DIGEST.findall(data)):
            rows = (row for row, line in enumerate(data.split(b"\n"), 1) if digests.intersection(_DIGEST.findall(line)))
            hits.append(Hit(path, next(rows), None, "plain", label))
    return tuple(hits)


def _of_file(path: str, data: bytes, known: Mapping[str, str], marked: Mapping[str, str]) -> Iterator[Hit]:
    for row, line in enumerate(data.decode("utf-8", "replace").casefold().splitlines(), 1):
        found = {known[cell] for cell in _whole(line, path.endswith(".html")) if cell in known}
        found |= {marked[word] for word in _words(line) if word in marked}
        yield from (Hit(path, row, None, "plain", label) for label in sorted(found))


def _whole(line: str, page: bool) -> Iterator[str]:
    """What stands alone: strings of JSON; on a page the text of an element, where a number is a count and no id."""
    if page:
        yield from (found.strip() for found in _CELL.findall(line) if not found.strip().isdigit())
    else:
        yield from (found.strip() for found, is_key in _STRING.findall(line) if not is_key)


def _words(line: str) -> Iterator[str]:
    """Words with the marks that names have inside; also without the full stop of a sentence, and their beginnings."""
    for word in _WORD.findall(line):
        yield word
        bare = word.rstrip("./-")
        yield bare
        yield from bare.split("/")
