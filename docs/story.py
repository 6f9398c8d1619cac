"""The audit story on the rehearsal company: nine rows, each done by commands and held to what was planted.

    python docs/story.py --out /tmp/story [--contacts 1000]

Runs the kit as a person would, one process a command, and stops with a sentence at the first row that does not hold.
What each row must come to is not written here: it follows from the list of planted faults that the generator keeps
beside the company, and from what the bundles themselves hold. docs/story.md tells the same without running it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
#: What the company mended between the two audits, beside M01 to M06, which it mends by itself: half of what the mock
#: audit finds, and states all of it, for what happened cannot be mended (docs/rehearsal.md).
MENDED = tuple("F15 F16 F17 F19 F20 F25 F26 F28 F29 F32 F35 F36 F37 F40 F41 F43".split())
NONCES = ("1a" * 32, "2b" * 32)
Json = Mapping[str, Any]


class Untrue(Exception):
    """A row of the story that does not hold."""


@dataclass(frozen=True)
class Kit:
    """The command line, with its outputs in `out`."""

    out: Path

    def __call__(self, *arguments: str, status: int = 0) -> str:
        """What one command prints. Raises Untrue when it ends otherwise than expected."""
        print(f"    $ evidence_kit {' '.join(arguments)}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "evidence_kit", *arguments],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(ROOT), "EVIDENCE_KIT_OUT": str(self.out)},
        )
        if done.returncode != status:
            raise Untrue(f"the command ended with {done.returncode}, not {status}: {done.stderr.strip()[-600:]}")
        return done.stdout

    def json(self, *arguments: str) -> Any:
        """The document that one command prints."""
        return json.loads(self(*arguments, "--json"))


@dataclass(frozen=True)
class Told:
    """Both bundles of the engagement, and what the generator says must be found in the company of each."""

    kit: Kit
    engagement: Path
    bundles: tuple[Path, Path]
    signer: str
    planted: tuple[Json, Json]

    def read(self, which: int, name: str) -> Any:
        """One JSON document of a bundle."""
        return json.loads((self.bundles[which] / "data" / name).read_text("utf-8"))

    def rows(self, which: int, name: str) -> list[Any]:
        """The rows of a file of a bundle."""
        return [json.loads(line) for line in (self.bundles[which] / "data" / name).read_text("utf-8").splitlines()]

    def counts(self, which: int) -> dict[str, Json]:
        """Control → its line of the summary."""
        return {one["control"]: one for one in self.read(which, "summary.json")["controls"]}


def engagement(folder: Path, contacts: int) -> Path:
    """The rehearsal's own engagement, smaller: everything planted at the mock audit, half of it mended at the audit."""
    text = (ROOT / "params/engagements/rehearsal.yaml").read_text("utf-8")
    faults = f'"all but {",".join(MENDED)}"'
    for before, after in (
        (r"^rehearsal: \{(.*)faults: all, ", rf"rehearsal: {{\1faults: {faults}, "),
        (r"^  rehearsal: \{as_of: mock\}", "  rehearsal: {as_of: mock, faults: all}"),
        (r"contacts: \d+", f"contacts: {contacts}"),
    ):
        text, found = re.subn(before, after, text, count=1, flags=re.MULTILINE)
        if not found:
            raise Untrue(f"params/engagements/rehearsal.yaml has no line like {before}")
    path = folder / "rehearsal.yaml"
    path.write_text(text, "utf-8")
    return path


def audited(folder: Path, contacts: int) -> Told:
    """The mock audit, and the audit since it: two runs of one engagement, with nonces that came after the freeze."""
    kit, path = Kit(folder / "runs"), engagement(folder, contacts)
    home = folder / "runs" / "rehearsal"
    made, planted = [], []
    for nonce, more in zip(NONCES, (("--kind", "mock"), ("--since", "r001")), strict=True):
        kind = more if more[0] == "--kind" else ()
        kit("freeze", str(path), *kind, "-q")
        kit("draw", str(path), *kind, "--nonce", nonce, "-q")
        before = set(home.glob("company-*"))
        made.append(kit.json("run", str(path), *more, "-q"))
        companies = set(home.glob("company-*"))
        company = next(iter(companies - before or companies - {Path(one["company"]) for one in planted}))
        found = json.loads((company / "planted" / "expected.json").read_text("utf-8"))
        planted.append({"company": str(company), "expected": found})
    first, second = (Path(one["bundle"]) for one in made)
    return Told(kit, path, (first, second), made[0]["signer"], (planted[0]["expected"], planted[1]["expected"]))


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise Untrue(what)


def _as_planted(told: Told, families: Iterable[str]) -> str:
    """Controls of these families have, in both runs, the failures, doubts and errors that were planted, and no more."""
    checked = Counter[str]()
    for which in (0, 1):
        expected = told.planted[which]
        for name, line in told.counts(which).items():
            if name[:3] in families:
                found = {key: line[key] for key in ("fail", "inconclusive", "error")}
                wanted = {key: expected.get(name, {}).get(key.upper(), 0) for key in found}
                _expect(found == wanted, f"{name} of run {which + 1} found {found}, and {wanted} was planted")
                checked["failures"] += line["fail"]
                checked["controls"] += which
    return f"{checked['controls']} controls; {checked['failures']} failures in two runs, those that were planted"


def requests(told: Told) -> str:
    """1 Access, rectification and deletion requests: answered, complete, really carried out."""
    return _as_planted(told, ("REQ", "ERA"))


def register(told: Told) -> str:
    """2 The register of processing against the live schema."""
    counts = told.counts(1)["REG-01"]
    mended = told.counts(0)["REG-01"]["fail"] - counts["fail"]
    _expect(mended > 0, "no column was declared between the two audits")
    return f"{_as_planted(told, ('REG',))}; {mended} columns declared since the mock audit"


def deadlines(told: Told) -> str:
    """3 Proof of answering in time, each deadline with its working."""
    late = [one for one in told.rows(1, "results/REQ-02.jsonl") if (one["days_late"] or 0) > 0]
    _expect(bool(late), "nobody was answered late, although that was planted")
    _expect(all(one["due_on"] and one["working"] for one in late), "a late answer has no due day, or no working")
    said = told.kit.json("deadline", "--received", "2025-12-01", "--country", "FR", "--answered", "2026-01-05")
    _expect(said["verdict"] == "FAIL", "an answer after five weeks counts as in time")
    worst = max(one["days_late"] for one in late)
    return f"{len(late)} answers late, by {worst} days at most; each with its due day, step by step"


def real_cases(told: Told) -> str:
    """4 Real cases: the population is frozen and committed to before the auditor's nonce draws the sample."""
    for which, nonce in enumerate(NONCES):
        entries = told.rows(which, "ledger.jsonl")
        last = entries[-1]["seq"]
        sealed = [one["seq"] for one in entries if one["action"] == "ledger.sealed"]
        since = max((seq for seq in sealed if seq < last), default=0)
        made = [one["seq"] for one in entries if one["action"] == "commitment.made" and one["seq"] > since]
        drawn = [one for one in entries if one["action"] == "nonce.revealed" and one["seq"] > since]
        _expect(max(made) < min(one["seq"] for one in drawn), "a nonce was known before the last commitment")
        _expect({one["data"]["nonce"] for one in drawn} == {nonce}, "another nonce drew the sample")
    cases = len(list((told.bundles[1] / "data/site/en").glob("case-*.html")))
    _expect(cases > 0, "no case has a sheet")
    return f"both runs committed before their nonce; {cases} sheets of cases in the audit's bundle"


def processors(told: Told) -> str:
    """5 Eighty processors: referenced, under contract, reviewed, nothing after the end."""
    listed = told.rows(1, "frames/PRO-02.processors.jsonl")
    return f"{_as_planted(told, ('PRO',))}; {len({one['processor_id'] for one in listed})} providers read"


def mock_to_audit(told: Told) -> str:
    """6 From the mock audit to the audit: closed is exactly what was mended, control by control."""
    delta = told.read(1, "delta.json")
    printed = told.kit.json("compare", "r001", "r002", "--runs", str(told.kit.out), "--key", told.signer)
    _expect(delta["controls"] == printed["controls"], "the bundle and `compare` say otherwise")
    digest = delta["before"]["tagmanifest_sha256"]
    _expect(digest == printed["before"]["tagmanifest_sha256"], "the later bundle names another earlier one")
    planted = [told.read(which, "planted.json") for which in (0, 1)]
    lost = _faults(planted[0]) - _faults(planted[1])
    _expect(set(MENDED) <= lost and {f"M0{n}" for n in range(1, 7)} <= lost, f"mended was {sorted(lost)}")
    closed, wanted = _closed(delta), _mended(planted[0], lost)
    _expect(closed == wanted, f"closed {closed}, mended {wanted}")
    return f"{sum(closed.values())} units of {len(closed)} controls closed, those that were mended and no other"


def _faults(planted: Json) -> set[str]:
    """What was planted in a run."""
    return {one["fault"] for control in planted["controls"] for one in control["faults"]}


def _closed(delta: Json) -> dict[str, int]:
    """Control → how many units deviated and do not any more: put right, or gone with what they were units of."""
    found = {one["control"]: one["changes"]["closed"] + one["changes"]["gone"] for one in delta["controls"]}
    return {name: n for name, n in found.items() if n}


def _mended(planted: Json, lost: set[str]) -> dict[str, int]:
    """Control → how many units of the earlier run were planted for faults that the later one has no more."""
    found = {
        control["control"]: sum(one["planted"] for one in control["faults"] if one["fault"] in lost)
        for control in planted["controls"]
    }
    return {name: n for name, n in found.items() if n}


def ledger(told: Told) -> str:
    """7 Traceability: one ledger through both runs, whole, and every bundle holds its first entries."""
    said = told.kit.json("ledger", "verify", "rehearsal", "--out", str(told.kit.out))
    _expect(said["whole"], f"the ledger is not whole: {said['remarks']}")
    runs = [(one["run"], one["ended"]) for one in said["runs"] if one["run"]]
    _expect(runs == [("r001", "signed"), ("r002", "signed")], f"runs are {runs}")
    _expect(len(said["bundles"]) >= 2, "the bundles were not held against it")
    return f"{said['entries_read']} entries, {len(said['bundles'])} bundles held against them"


def frameworks(told: Told) -> str:
    """8 The next framework: the same evidence under ISO/IEC 27701:2025, without a new run, and what migrates."""
    moves = told.kit.json("frameworks", "diff", "27701:2019", "27701:2025")["moves"]
    page = told.kit.out.parent / "27701-2025.html"
    said = told.kit.json("frameworks", "relabel", str(told.bundles[1]), "27701:2025", "--out", str(page))
    clauses = said["framework"]["clauses"]
    _expect(page.is_file() and bool(clauses), "nothing was shown under the other framework")
    carried = sum(bool(one["kept"]) for one in moves)
    _expect(carried > 0, "no clause of the earlier edition carries its evidence over")
    found = Counter(one["coverage"] for one in clauses)
    tested = ", ".join(f"{n} {word}" for word, n in sorted(found.items()))
    return f"{len(clauses)} clauses of the 2025 edition ({tested}); {carried} of 2019 carry their evidence over"


def client_summary(told: Told) -> str:
    """9 Proof for a client: themes and figures, no row of a person; its own verifier passes it."""
    arguments = ("--level", "client", "--to", "client-nord", "--engagement", str(told.engagement))
    made = told.kit.json("release", str(told.bundles[1]), *arguments, "--out", str(told.kit.out))
    place = Path(made["bundle"])
    script = str(place / "verify.py")
    done = subprocess.run(
        [sys.executable, "-I", "-S", script, str(place), "--key", told.signer, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    _expect(done.returncode == 0, "the client's bundle does not pass the verifier that lies in it")
    _expect(not (place / "data/frames").exists() and not (place / "data/results").exists(), "it holds rows")
    said = told.kit.json("ledger", "show", "rehearsal", "--action", "bundle.released", "--out", str(told.kit.out))
    went = [one["data"]["recipient"] for one in said["entries"]]
    _expect(went[-1:] == ["client-nord"], "no entry says to whom it went")
    return f"{sum(path.is_file() for path in place.rglob('*'))} files, verified, and entered in the ledger"


ROWS: tuple[Callable[[Told], str], ...] = (
    requests, register, deadlines, real_cases, processors, mock_to_audit, ledger, frameworks, client_summary,
)  # fmt: skip


def main() -> int:
    """Tell the story. Returns 0 when every row holds, 1 at the first that does not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", required=True, type=Path, help="a new folder")
    parser.add_argument("--contacts", type=int, default=1000, help="size of the company (default 1000)")
    asked = parser.parse_args()
    folder = asked.out.absolute()
    if folder.exists() and any(folder.iterdir()):
        parser.error(f"{folder} holds something already. Name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        print("0 A mock audit, half of what it finds mended, and the audit", flush=True)
        told = audited(folder, asked.contacts)
        for row in ROWS:
            print((row.__doc__ or "").partition("\n")[0], flush=True)
            print(f"  = {row(told)}", flush=True)
    except Untrue as wrong:
        print(f"  ! {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
