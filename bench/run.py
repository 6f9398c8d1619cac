"""Measure the kit beside what else would do the work: `python3 -m evidence_kit bench [--only A] [--rounds 3] [--json]`.

Ratios against named baselines, the sides turn by turn in one run. Nothing here passes or fails by a time: the status is
0, or 3 when some side could not do its work at all.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

if not __package__:  # started as a file: its own folder gives way to the checkout's
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from bench import drawing, facts, job, looking, probing, report, retention, starting, stopping, verifying
from bench.measure import Measured, Race, measure

PARTS = ("A", "C", "D", "E", "P", "R", "S", "V")
UNITS, MANY_UNITS = 100_000, 1_000_000
#: The short ones are run more often: their times are small and their spread is not.
OFTEN = 5


def main(arguments: Sequence[str]) -> int:
    """Measure, print the page or the JSON on stdout, say progress on stderr."""
    asked = _parser().parse_args(arguments)
    about: dict[str, Any] = {"on": datetime.now(UTC).date().isoformat(), **facts.machine()}
    about["load_before"] = facts.load()
    measured = list(_measured(asked))
    about["load_after"] = facts.load()
    command = " ".join(("python3 -m evidence_kit bench", *arguments))
    if asked.json:
        record = {"command": command, **about, "races": [one.record() for one in measured]}
        print(json.dumps(record, ensure_ascii=False, indent=1))
    else:
        print(report.page(command, about, measured), end="")
    return 3 if any(one.failed for one in measured) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="evidence_kit bench", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=PARTS,
        metavar="PART",
        help="A (with B): the job beside papermill and nbconvert; C: drawing; D: retention; E: start; P: erased people "
        "looked for; R: the schema classified; S: messages after a stop; V: bundles verified. May be repeated.",
    )
    parser.add_argument(
        "--rounds",
        type=_number,
        default=3,
        help=f"how often each side runs (default: 3; the short ones at least {OFTEN} times)",
    )
    parser.add_argument(
        "--large",
        action="store_true",
        help=f"C with {MANY_UNITS:,} units as well, D with {retention.MANY_ROWS:,} rows, P with {probing.ROWS:,}, "
        f"R with {looking.MANY_ROWS:,}, S with {stopping.MANY_ROWS:,}, V with {verifying.MANY_CASES[-1]:,} cases",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    return parser


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("give a whole number, 1 or more")
    return int(text)


def _measured(asked: argparse.Namespace) -> Iterator[Measured]:
    with tempfile.TemporaryDirectory(prefix="ek-bench-") as scratch:
        for part in asked.only or PARTS:
            with _races(part, Path(scratch) / part, large=asked.large) as races:
                for prepare in races:
                    race = prepare()
                    _say(race.title)
                    often = asked.rounds if part == "A" else max(asked.rounds, OFTEN)
                    yield measure(race, race.rounds or often, _say)


@contextmanager
def _races(part: str, folder: Path, *, large: bool) -> Iterator[list[Callable[[], Race]]]:
    folder.mkdir()
    if part == "A":
        yield [lambda: job.race(folder)]
    elif part == "C":
        units = (UNITS, MANY_UNITS) if large else (UNITS,)
        yield [lambda n=n: drawing.race(folder / str(n), n) for n in units]  # type: ignore[misc]
    elif part == "D":
        yield retention.races(folder, retention.MANY_ROWS if large else retention.ROWS)
    elif part == "P":
        yield probing.races(folder, *((probing.SUBJECTS, probing.ROWS) if large else probing.SMALL))
    elif part == "R":
        yield looking.races(folder, looking.MANY_ROWS if large else looking.ROWS)
    elif part == "S":
        yield stopping.races(folder, stopping.MANY_ROWS if large else stopping.ROWS)
    elif part == "V":
        yield verifying.races(folder, verifying.MANY_CASES if large else verifying.CASES)
    else:
        yield [lambda: starting.race(folder)]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
