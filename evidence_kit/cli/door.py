"""How every command begins and ends: options that several share, what is printed where, and the exit status.

Results go to standard output; progress, warnings and errors to standard error. Statuses: docs/commands.md.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from evidence_kit.errors import EvidenceError, traced

if TYPE_CHECKING:
    from evidence_kit.model.audit import Engagement

INCOMPLETE, INTERRUPTED, TERMINATED = 3, 130, 143
#: With this variable set to 1, an error also shows where it was raised.
TRACE = "EVIDENCE_KIT_TRACE"

Command = TypeVar("Command", bound=Callable[..., Any])


class Door(click.Group):
    """The group of all commands: whatever happens inside one leaves as a sentence and a status, not a traceback."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run one command and exit with its status; without `standalone_mode`, return the status."""
        with _ended_by_signal():
            status = self._status(args, *rest, **extra)
        if standalone_mode:
            sys.exit(status)
        return status

    def _status(self, args: Sequence[str] | None, prog_name: str | None = None, **extra: Any) -> int:
        try:
            answered = super().main(args, prog_name, standalone_mode=False, **extra)
            return answered if isinstance(answered, int) else 0
        except click.ClickException as wrong:
            wrong.show()
            return wrong.exit_code
        except (click.Abort, KeyboardInterrupt):
            tell("interrupted; nothing was sealed.")
            return INTERRUPTED
        except EvidenceError as error:
            _trace(error)
            tell(str(error))
            return error.exit_code
        except OSError as error:
            _trace(error)
            place = f"{error.filename}: " if error.filename else ""
            tell(f"{place}{error.strerror or type(error).__name__}. Nothing was sealed.")
            return INCOMPLETE
        except Exception as defect:  # named by its type and place, never by its text, which may quote a value
            _trace(defect)
            last = traceback.extract_tb(defect.__traceback__)[-1]
            where = f"{Path(last.filename).name}, line {last.lineno}"
            tell(f"a defect of the kit: {type(defect).__name__} in {where}. {TRACE}=1 shows more; please report it.")
            return INCOMPLETE

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of an audit, not of the alphabet."""
        return list(self.commands)


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """SIGTERM unwinds like an exit, so that kernels and collector are ended; the status is 128 + its number."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _trace(error: BaseException) -> None:
    if os.environ.get(TRACE) == "1":
        click.echo(traced(error), err=True, nl=False)


def tell(message: str) -> None:
    """A message on standard error, each of its lines with the program's name before it."""
    for line in message.splitlines():
        click.echo(f"evidence_kit: {line}", err=True)


def progress(quiet: bool) -> Callable[[str], None]:
    """What hears of progress: standard error, or nobody."""
    return (lambda _: None) if quiet else (lambda line: click.echo(line, err=True))


def emit(document: object) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(document, indent=2))


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns side by side on standard output; numbers stand right."""
    text = [[str("–" if cell is None else cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *text, strict=True)]
    right = [bool(rows) and all(isinstance(row[place], int | None) for row in rows) for place in range(len(heads))]
    for line in ([*heads], *text):
        cells = (
            cell.rjust(width) if numbers else cell.ljust(width)
            for cell, width, numbers in zip(line, widths, right, strict=True)
        )
        click.echo("  ".join(cells).rstrip())


def _sources(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """`NAME=PATH`, each name once. Raises BadParameter."""
    found: dict[str, str] = {}
    for one in given:
        name, equals, path = one.partition("=")
        if not (name and equals and path):
            raise click.BadParameter("write NAME=PATH, such as requests=log.csv.", ctx, parameter)
        if name in found:
            raise click.BadParameter(f"{name} is given twice.", ctx, parameter)
        found[name] = path
    return found


def engagement_argument(default: str | None = None) -> Callable[[Command], Command]:
    """The ENGAGEMENT: a name of params/engagements, or the path of a YAML file."""
    return click.argument("engagement", default=default, required=default is None)


def _option(*names: str, **how: Any) -> Callable[[Command], Command]:
    return click.option(*names, **how)


sources_option = _option(
    "--source",
    "sources",
    multiple=True,
    metavar="NAME=PATH",
    callback=_sources,
    help="Where a source of the engagement lies, whatever its mapping says. Once for each source.",
)
out_option = _option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="EVIDENCE_KIT_OUT",
    metavar="DIR",
    help="Where runs and bundles go.  [default: outputs]",
)
keys_option = _option(
    "--key",
    "keys",
    multiple=True,
    metavar="FILE|SHA256:…",
    help="A signer you trust, as `verify` takes it. Repeatable.",
)
runs_option = _option(
    "--runs",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="EVIDENCE_KIT_OUT",
    metavar="DIR",
    help="Where runs lie that are named and not given by path.  [default: outputs]",
)
json_option = _option("--json", "as_json", is_flag=True, help="One JSON document on standard output, nothing else.")
quiet_option = _option("-q", "--quiet", is_flag=True, help="No progress on standard error.")


kind_option = _option(
    "--kind",
    type=click.Choice(["mock", "audit"]),
    default="audit",
    show_default=True,
    help="Which of the two runs: the mock audit that the engagement's `mock:` states, or the audit.",
)


def opened(engagement: str, sources: Mapping[str, str], kind: str = "audit") -> Engagement:
    """The engagement with its places, as its run of that kind is.

    Raises ParameterError with file, line and nearest known key.
    """
    from evidence_kit.wiring import places

    return places.load(engagement, sources, kind)


def folder(out: Path | None) -> Path:
    """The folder of all runs, whole: kernels and the collector stand elsewhere."""
    from evidence_kit.wiring import places

    return (out or places.outputs()).absolute()
