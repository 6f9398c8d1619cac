"""The conformance corpus on disk, for any implementation of the verifier, and a comparison with one.

    python -m tests.bundles.corpus DIR                            write every case below DIR, and corpus.json
    python -m tests.bundles.corpus DIR --run "python3 verify.py"  run a verifier over it, and say where it disagrees

What stands in DIR, and what a verifier must answer: docs/norm/corpus.md.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Container, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.bundles import good as g
from tests.bundles import zips
from tests.bundles.good import Bundle, Json
from tests.bundles.mutations import ACCEPTED, MUTATIONS, UNDECIDED, Mutation

CASES = (*MUTATIONS, *UNDECIDED, *ACCEPTED)
NORM = Path(__file__).parents[2] / "docs" / "norm" / "verifier.md"
LINE = re.compile(r"^\| ([FUP][0-9]+) \| (.*?) \|", re.MULTILINE)
#: Lines about a folder alone, or about where it lies: a ZIP says another thing.
FOLDERS = ("F15", "F94", "P01", "P16", "P18")
#: Over a minute to write and to read where a machine is slow.
LARGE = ("P12",)
#: Seconds that one case may take.
PATIENCE = 120


def sentences() -> dict[str, str]:
    """What each line of the three tables of the norm says."""
    return {match.group(1): match.group(2) for match in LINE.finditer(NORM.read_text("utf-8"))}


def folder_of(mutation: Mutation) -> str:
    """The name of a case's folder: its id, and the number of its variant among those of the id."""
    same = [one for one in CASES if one.id == mutation.id]
    return f"{mutation.id}-{same.index(mutation) + 1}" if len(same) > 1 else mutation.id


def write_case(mutation: Mutation, below: Path) -> Json:
    """Write one case into its folder below `below`; what corpus.json says of it."""
    folder = below / folder_of(mutation)
    folder.mkdir(parents=True)
    made = mutation.change(g.good(), mutation.variant)
    if isinstance(made, Bundle) and mutation.id not in FOLDERS and made.name == zips_name(made):
        path = folder / f"{made.name}.zip"
        path.write_bytes(zips.write(zips.canonical_entries(made)))
        arguments = [str(path), "--key", g.KEY.fingerprint]
    else:
        arguments = mutation.arguments(made, folder)
    bundle, *options = [one.removeprefix(f"{below}/") for one in arguments]
    said = {"sentence": sentences()[mutation.id], "variant": mutation.variant}
    answer: Json = {"exit": mutation.code, "check": mutation.fires or None}
    return {"id": mutation.id, **said, "bundle": bundle, "options": options, **answer, "large": mutation.id in LARGE}


def zips_name(bundle: Bundle) -> str:
    """The name that the catalogue gives, which the ZIP's top folder must bear."""
    try:
        named = json.loads(bundle.files["data/bundle.json"])["bundle"]
    except (ValueError, KeyError, TypeError):
        return bundle.name
    return str(named)


def write(below: Path, cases: Iterable[Mutation] = CASES) -> None:
    """Write the cases, the keys and corpus.json below a folder that is empty or not there."""
    below.mkdir(parents=True, exist_ok=True)
    if any(below.iterdir()):
        raise FileExistsError(f"{below} is not empty")
    keys = below / "keys"
    keys.mkdir()
    for name, key in (("signer", g.KEY), ("another", g.OTHER_KEY)):
        (keys / f"{name}.pub").write_text(key.line)
        (keys / f"{name}.pem").write_bytes(key.pem)
    listed = [write_case(one, below) for one in cases]
    made = {"format": "evidence-kit-corpus", "version": 1, "signer": g.KEY.fingerprint, "cases": listed}
    text = json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True)
    (below / "corpus.json").write_text(text + "\n", "utf-8")


@dataclass(frozen=True)
class Answer:
    """What a verifier said of one case. `wrong`: why that is not what the corpus expects; empty where it is."""

    case: Json
    wrong: str
    seconds: float


def ask(below: Path, command: Sequence[str], case: Json) -> Answer:
    """Run a verifier on one case, from the corpus' folder, without standing input."""
    begun = time.perf_counter()
    try:
        done = subprocess.run(
            [*command, case["bundle"], *case["options"]],
            cwd=below,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(case, f"no answer in {PATIENCE} seconds", PATIENCE)
    out, took = done.stdout.decode("utf-8", "replace"), time.perf_counter() - begun
    failed = set(re.findall(r"^([A-Z][0-9]{2}) FAIL\b", out, re.MULTILINE))
    wrong = ""
    if done.returncode != case["exit"]:
        wrong = f"exit {done.returncode}, not {case['exit']}"
    elif case["check"] and case["check"] not in failed:
        wrong = f"{case['check']} does not fail; failing: {', '.join(sorted(failed)) or 'none'}"
    elif case["exit"] != 1 and failed:
        wrong = f"{', '.join(sorted(failed))} fails"
    return Answer(case, wrong, took)


def run(below: Path, command: Sequence[str], wanted: Container[str], at_once: int = 2) -> Iterator[Answer]:
    """What a verifier says of the cases of these lines, in the order of corpus.json."""
    listed = json.loads((below / "corpus.json").read_text("utf-8"))["cases"]
    cases = [case for case in listed if case["id"] in wanted]
    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(lambda case: ask(below, command, case), cases)


def compare(below: Path, command: str, wanted: Container[str]) -> int:
    """Say where a verifier disagrees with the corpus. Returns 0 when it nowhere does, else 1."""
    # The verifier runs in the corpus' folder: a file that the command names is meant from here.
    words = [str(Path(word).resolve()) if Path(word).is_file() else word for word in shlex.split(command)]
    answers = list(run(below, words, wanted))
    for one in answers:
        if one.wrong:
            named = f"{one.case['id']} {one.case['variant']}".rstrip()
            print(f"{named}: {one.wrong} ({one.case['sentence']}; {one.case['bundle']})")
    agreed = sum(not one.wrong for one in answers)
    slowest = max(answers, key=lambda one: one.seconds, default=None)
    took = f"; the slowest took {slowest.seconds:.1f} s ({slowest.case['id']})" if slowest else ""
    print(f"{agreed} of {len(answers)} cases agree{took}")
    return 0 if answers and agreed == len(answers) else 1


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bundles.corpus", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the corpus is, or will be, written")
    parser.add_argument("--run", metavar="COMMAND", help="a verifier, to which bundle and options are given")
    parser.add_argument("--only", metavar="IDS", help="these lines of the tables alone: F01,P03")
    options = parser.parse_args(argv)
    below: Path = options.folder.resolve()
    wanted = set(options.only.split(",")) if options.only else {one.id for one in CASES}
    unknown = sorted(wanted - {one.id for one in CASES})
    if unknown:
        parser.error(f"no such line: {', '.join(unknown)}")
    if options.run is not None and (below / "corpus.json").exists():
        return compare(below, options.run, wanted)
    try:
        write(below, [one for one in CASES if one.id in wanted])
    except FileExistsError as error:
        parser.error(str(error))
    return compare(below, options.run, wanted) if options.run is not None else 0


if __name__ == "__main__":
    sys.exit(main())
