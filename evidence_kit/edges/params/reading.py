"""YAML as plain values, with the line and column of every key. A smaller YAML than PyYAML's, on purpose.

`NO` stays text (it is a country), dates stay text, there is no octal and no base 60. What two readers could understand
differently is refused: `0123` without quotes, a key given twice, anchors, aliases, tags and merge keys.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import yaml  # type: ignore[import-untyped]

from evidence_kit.errors import ParameterError

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"
Steps: TypeAlias = tuple[str | int, ...]

MOST_BYTES = 256 * 1024
DEEPEST = 24
WORDS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
HUGE = re.compile(r"[-+]?[0-9]{19,}")
DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file. Both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with one parameter file, in words for the person who wrote it."""

    mark: Mark
    key: str
    text: str

    def as_text(self, file: str) -> str:
        """One line: file, line, column, key, what was found and what is accepted."""
        key = f": {self.key}" if self.key else ""
        return f"{file}, line {self.mark.line}, column {self.mark.column}{key}: {self.text}"


@dataclass(slots=True)
class Document:
    """One parameter file as read. `marks`: the place of every key and list item, by its path in the document."""

    file: str
    value: Value = None
    marks: dict[Steps, Mark] = field(default_factory=lambda: {(): Mark(1, 1)})
    problems: list[Problem] = field(default_factory=list)

    def mark(self, path: Steps) -> Mark:
        """The place of `path`, or of the nearest thing around it that is written in the file."""
        while path not in self.marks:
            path = path[:-1]
        return self.marks[path]

    def report(self, path: Steps, text: str) -> None:
        """Note one problem at `path`; nothing is raised before the whole file was read."""
        self.problems.append(Problem(self.mark(path), dotted(path), text))

    def lines(self) -> list[str]:
        """Every problem noted, one line each, in the order of the file."""
        return list(dict.fromkeys(problem.as_text(self.file) for problem in sorted(self.problems)))


def dotted(path: Steps) -> str:
    """A path as people write it: `frames.request_log.columns.status`, `people[2].id` (items count from 1)."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{shown(step)}" if text else shown(step)
    return text


def shown(name: str) -> str:
    """A name from a file, made fit for one line of a terminal: at most 60 characters, nothing unprintable."""
    cut = name if len(name) <= 60 else name[:59] + "…"
    return "".join(letter if letter.isprintable() else "?" for letter in cut)


def read(path: Path, file: str, most: int = MOST_BYTES, deepest: int = DEEPEST) -> Document:
    """The document in `path`, called `file` in messages. Its `problems` hold what has no single meaning.

    `most` bytes and `deepest` levels are for what is no parameter file but a register, which is longer.

    Raises ParameterError when the file is not there, is not text, or is not YAML at all.
    """
    document = Document(file)
    text = _text(path, file, most)
    try:
        problems, node = _tree(text, deepest)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ParameterError(f"{file}{place}: this is not YAML ({error.problem}). Repair this line.") from error
    except yaml.YAMLError as error:
        raise ParameterError(
            f"{file}: this file holds characters that YAML does not allow. Save it as text."
        ) from error
    document.problems.extend(problems)
    if node is not None:
        document.value = _value(document, node, ())
    return document


class _Replayed(yaml.BaseLoader):  # type: ignore[misc]
    """Composes a tree from events read before, so that a file is scanned once and not twice."""

    def __init__(self, events: Iterable[yaml.Event]) -> None:
        yaml.composer.Composer.__init__(self)
        yaml.resolver.BaseResolver.__init__(self)
        self._events = deque(events)

    def check_event(self, *choices: type) -> bool:
        """Whether the next event is one of these."""
        return isinstance(self._events[0], choices)

    def peek_event(self) -> yaml.Event:
        """The next event, left where it is."""
        return self._events[0]

    def get_event(self) -> yaml.Event:
        """The next event."""
        return self._events.popleft()


@lru_cache(maxsize=128)
def _tree(text: str, deepest: int) -> tuple[tuple[Problem, ...], yaml.Node | None]:
    """What a text may not hold, and without any of it, its tree, which nobody changes. Raises YAMLError.

    The same files are opened by one command several times over, and reading them is most of opening an engagement.
    """
    events: list[yaml.Event] = []
    problems = tuple(_extras(text, deepest, events))
    return problems, None if problems else _Replayed(events).get_single_node()


def _text(path: Path, file: str, most: int) -> str:
    try:
        if path.stat().st_size > most:
            what = "a parameter file" if most == MOST_BYTES else "a file of this kind"
            raise ParameterError(f"{file}: larger than {most >> 10} KiB, so not {what}. Check the path.")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParameterError(f"{file}: byte {error.start} is not UTF-8. Save the file as UTF-8.") from error
    except IsADirectoryError as error:
        raise ParameterError(f"{file}: this is a folder. Give the YAML file itself.") from error
    except OSError as error:
        raise ParameterError(
            f"{file}: cannot be read ({error.strerror}). Check the path and its permissions."
        ) from error


def _extras(text: str, deepest: int, events: list[yaml.Event]) -> Iterator[Problem]:
    """What makes one place of a file mean another: anchors, aliases, tags; and depth that no parameter needs.

    Every event read on the way is added to `events`.
    """
    depth, documents = 0, 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        events.append(event)
        mark = Mark(event.start_mark.line + 1, event.start_mark.column + 1)
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            yield Problem(mark, "", "anchors and aliases are not accepted. Write the value out.")
        elif getattr(event, "tag", None):
            yield Problem(mark, "", "tags (`!`) are not accepted. Write the plain value.")
        if documents > 1 or depth > deepest:
            what = "a second document begins" if documents > 1 else f"more than {deepest} levels"
            yield Problem(mark, "", f"{what}; one file holds one document, a few levels deep.")
            return


def _value(document: Document, node: yaml.Node, path: Steps) -> Value:
    document.marks.setdefault(path, Mark(node.start_mark.line + 1, node.start_mark.column + 1))
    if isinstance(node, yaml.SequenceNode):
        return [_value(document, item, (*path, place)) for place, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(document, node, path)
    return node.value if node.style else _plain(document, node.value, path)


def _mapping(document: Document, node: yaml.MappingNode, path: Steps) -> dict[str, Value]:
    given: dict[str, Value] = {}
    for key, value in node.value:
        mark = Mark(key.start_mark.line + 1, key.start_mark.column + 1)
        if not isinstance(key, yaml.ScalarNode) or not key.value or key.value == "<<":
            document.problems.append(Problem(mark, dotted(path), "this key is not a name. Write `name: value`."))
            continue
        here = (*path, key.value)
        if key.value in given:
            text = f"this key is given twice (first on line {document.marks[here].line}). Keep one."
            document.problems.append(Problem(mark, dotted(here), text))
            continue
        document.marks[here] = mark
        given[key.value] = _value(document, value, here)
    return given


def _plain(document: Document, text: str, path: Steps) -> Value:
    """What an unquoted scalar means: YAML 1.2's core words and whole numbers; everything else is text."""
    if text in WORDS:
        return WORDS[text]
    if LEADING_ZERO.fullmatch(text) or HUGE.fullmatch(text):
        why = "a number with a leading zero" if LEADING_ZERO.fullmatch(text) else "a very long number"
        document.report(path, f"{why} has two readings. Put it in quotes to keep it as text.")
        return text
    if WHOLE.fullmatch(text):
        return int(text)
    return float(text) if DECIMAL.fullmatch(text) else text
