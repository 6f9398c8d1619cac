"""Names and rows of a text file, found before an engine reads it: what is torn is refused here, with its line.

An engine that meets a torn file may skip what it cannot place. Values are not kept; only names and counts come out.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

#: The longest value of one field, in characters: as far as the reader's own counter goes.
LONGEST = 2**31 - 1
#: A byte order mark is no part of the first column's name.
WITH_MARK = {"utf-8": "utf-8-sig"}


class Torn(ValueError):
    """A place that is not what its file says to be: a line by its number, or another place in words.

    `why` never quotes it.
    """

    def __init__(self, place: int | str, why: str) -> None:
        self.place = f"line {place}" if isinstance(place, int) else place
        self.why = why
        super().__init__(f"{self.place}: {why}")


def csv_shape(file: Path, encoding: str, delimiter: str) -> tuple[tuple[str, ...], int]:
    """The names of the columns and the number of rows below them; a blank line is no row, except of one column.

    A name met twice is numbered in both places, so that a mapping has to say which it means; an empty one is called by
    its place. Raises Torn for a row of another width, a quote that is not closed, or bytes of another encoding.
    """
    csv.field_size_limit(LONGEST)
    start, width, rows = 1, 0, 0
    names: tuple[str, ...] = ()
    try:
        with _text(file, WITH_MARK.get(encoding, encoding)) as stream:
            reader = csv.reader(stream, delimiter=delimiter, strict=True)
            for fields in reader:
                if not names and fields:
                    names, width = column_names(fields, 1), len(fields)
                elif names and (fields or width == 1):
                    if max(len(fields), 1) != width:
                        raise Torn(start, f"{len(fields)} fields under a header of {width}")
                    rows += 1
                start = reader.line_num + 1
    except csv.Error as error:
        raise Torn(start, "a quote is not closed, or goes on after it was") from error
    except UnicodeError as error:
        raise Torn(undecoded(file, encoding), f"its bytes are not {encoding}") from error
    if not names:
        raise Torn(1, "there is no header line")
    return names, rows


def jsonl_shape(file: Path) -> tuple[tuple[str, ...], int]:
    """Every key met, in the order of meeting, and the number of objects; a blank line is none.

    Raises Torn for a line that is not one JSON object, or keys that differ by case alone.
    """
    keys: dict[str, int] = {}
    rows = 0
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line, object_pairs_hook=lambda pairs: pairs, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise Torn(number, "this is not one JSON object in UTF-8") from error
        if line.lstrip()[:1] != b"{":
            raise Torn(number, "this is not one JSON object")
        met = [key for key, _ in found]
        if len(set(met)) != len(met):
            raise Torn(number, "a key stands twice in the object")
        keys.update((key, number) for key in met if key not in keys)
        rows += 1
    told_apart(keys)
    return tuple(keys), rows


def told_apart(keys: Mapping[str, int]) -> None:
    """Keys of JSON objects, each with the line where it was met, as names of columns: an engine knows no case.

    Raises Torn for two that differ by case alone.
    """
    folded = Counter(key.casefold() for key in keys)
    for key, number in keys.items():
        if folded[key.casefold()] > 1:
            raise Torn(number, "two keys of the file differ by upper and lower case alone")


def _no_number(text: str) -> None:
    """`NaN` and `Infinity` are no JSON. Raises ValueError."""
    raise ValueError("no number of JSON")


def column_names(fields: Sequence[str], place: int | str) -> tuple[str, ...]:
    """The columns under a header: a name met twice is numbered in both places, an empty one is called by its place.

    Raises Torn at `place`, where the header stands, when two are the same all the same.
    """
    met = Counter(field.casefold() for field in fields)
    seen: Counter[str] = Counter()
    names = []
    for number, field in enumerate(fields):
        seen[field.casefold()] += 1
        named = field or f"column{number}"
        names.append(f"{named}_{seen[field.casefold()]}" if field and met[field.casefold()] > 1 else named)
    if len({name.casefold() for name in names}) != len(names):
        raise Torn(place, "two columns have the same name")
    return tuple(names)


def _text(file: Path, encoding: str) -> IO[str]:
    if file.name.endswith(".gz"):
        return gzip.open(file, "rt", encoding=encoding, newline="")
    return file.open(encoding=encoding, newline="")


def _lines(file: Path) -> Iterator[bytes]:
    with gzip.open(file) if file.name.endswith(".gz") else file.open("rb") as stream:
        yield from stream


def undecoded(file: Path, encoding: str) -> int:
    """The first line whose bytes are not of `encoding`; the first of all where lines cannot be told apart by bytes."""
    if encoding == "utf-16":
        return 1
    for number, line in enumerate(_lines(file), start=1):
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            return number
    return 1
