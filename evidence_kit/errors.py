"""What stops a run, as one small tree. A verdict is not an error: evidence may say no, and the run still ends with 0.

    EvidenceError          3    nothing was sealed, and the ledger says why
    ├── ParameterError     2    usage or parameters: file, key, what was found, what is accepted; nothing was run
    ├── SourceError        3    unreachable, not read-only, column missing, or a refusal code of docs/norm/sampling
    ├── PopulationMoved    3    the kept list no longer gives the committed root
    ├── LedgerBroken       3    line number, expected and found
    ├── Disagreement       3    units that only one of two readings failed
    ├── SealError          3    ledger, bag or signature could not be written
    └── SetupError        69    set-up is impossible on this machine

The number is the exit code of the command. A message names file, row and column, and never a value of the data; it says
what happened, on which thing, and what to do next. In the command line it is one line, without a traceback.
"""

import traceback
from collections.abc import Iterable, Iterator
from typing import ClassVar


class EvidenceError(Exception):
    """Base of what the kit raises on purpose. `code`: a code of the norm, or empty when the norm has none."""

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class ParameterError(EvidenceError):
    """A parameter, an option or an order of commands that cannot be accepted. Nothing was run."""

    exit_code: ClassVar[int] = 2


class SourceError(EvidenceError):
    """A source that cannot be read as declared, or a population that the norm refuses (`code`)."""


class PopulationMoved(EvidenceError):
    """The frozen list no longer gives the root that was committed."""

    def __init__(self, population: str, committed: str, found: str) -> None:
        super().__init__(
            f"{population}: the population moved since its commitment ({committed[:4]}…, now {found[:4]}…). "
            "Freeze it again and commit anew."
        )
        self.population, self.committed, self.found = population, committed, found


class LedgerBroken(EvidenceError):
    """A ledger whose lines do not follow from one another. `line` counts from 1."""

    def __init__(self, line: int, expected: str, found: str) -> None:
        super().__init__(
            f"ledger, line {line}: expected {expected}, found {found}. "
            "Nothing was written; compare it with a sealed bundle."
        )
        self.line, self.expected, self.found = line, expected, found


class Disagreement(EvidenceError):
    """Two readings of the same frame differ. `points`: on what, as names of expectations or of counts."""

    def __init__(self, control: str, points: Iterable[str]) -> None:
        self.control, self.points = control, tuple(sorted(points))
        shown = "; ".join(self.points[:5]) + (" …" if len(self.points) > 5 else "")
        super().__init__(f"{control}: two readings of the same rows differ ({shown}). Nothing is concluded.")


class SealError(EvidenceError):
    """The ledger, the bag or its signature could not be written."""


class SetupError(EvidenceError):
    """The machine lacks something without which nothing can start."""

    exit_code: ClassVar[int] = 69


def traced(error: BaseException) -> str:
    """Where an error was raised, and those that led to it, the first one first: files, lines, functions and types.

    The text of an error that is not of the kit may quote a value of the data, so it is left out.
    """
    told = []
    for one in reversed([*_causes(error)]):
        text = f": {one}" if isinstance(one, EvidenceError) else ""
        told.append("Traceback (most recent call last), values left out:\n")
        told += [*traceback.format_tb(one.__traceback__), f"{type(one).__name__}{text}\n"]
    return "".join(told)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what led to it, the last one first, each once."""
    met: set[int] = set()
    while error is not None and id(error) not in met:
        met.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
