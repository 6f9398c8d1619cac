"""The main job: freeze, reveal, draw, test, conclude, close, seal. The parent holds no secret; it asks the collector.

Source: docs/norm/notebook-gate.md, sections 2, 3 and 5.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evidence_kit import __version__
from evidence_kit.edges.collector import Spawned, plain_environment, seal_process, send
from evidence_kit.errors import ParameterError, SourceError
from evidence_kit.ledger.records import NOTEBOOKS as BY_FAMILY
from evidence_kit.model.audit import AUDIT, Engagement
from evidence_kit.model.canonical import digest, dumps
from evidence_kit.wiring import places

if TYPE_CHECKING:
    from evidence_kit.edges.notebooks.kernels import Kernels
    from evidence_kit.wiring.chapter import Chapter
    from evidence_kit.wiring.comparing import Since

START = "import sys; from evidence_kit.wiring import serving; serving.serve(int(sys.argv[1]))"
#: Notebooks run at a time. A lane of its own imports Great Expectations once more: with two cores that is no gain.
LANES = 2 if (os.cpu_count() or 1) > 2 else 1

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stand:
    """Where an engagement stands on disk: its folder, the run that is open or comes next, and whether it was begun."""

    home: Path
    run: str
    begun: bool

    @property
    def folder(self) -> Path:
        """The folder of this run."""
        return self.home / self.run


def stand(engagement: Engagement, out: Path) -> Stand:
    """The open run, or the number of the next one. Raises ParameterError when the outputs cannot be written."""
    home = out / engagement.id
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = home / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise ParameterError(
            f"{home}: nothing can be written there ({error.strerror}). Choose another --out."
        ) from error
    runs = sorted(path.name for path in home.glob("r[0-9][0-9][0-9]") if path.is_dir())
    if runs and not (home / runs[-1] / "notes" / "ended.json").exists():
        return Stand(home, runs[-1], True)
    return Stand(home, f"r{len(runs) + 1:03d}", False)


def refuse_other_kind(engagement: Engagement, at: Stand) -> None:
    """Raises ParameterError where the open run is of the other kind: one run is the mock audit or the audit."""
    agreed = at.folder / "payload" / "engagement.json"
    if not at.begun or not agreed.is_file():
        return
    open_ = json.loads(agreed.read_bytes()).get("kind", AUDIT)
    if open_ != engagement.kind:
        raise ParameterError(
            f"{engagement.id}: run {at.run} is open and of the other kind. Go on with it by --kind {open_}, or give it "
            f"up with `abandon --kind {open_}`."
        )


@contextmanager
def alone(home: Path, engagement: str) -> Iterator[None]:
    """One run of an engagement at a time. The lock is the system's: it goes with its process, however that ends.

    A killed run could not take along its working database, which holds what the sources say: the next one does.
    """
    import fcntl

    with (home / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            raise SourceError(
                f"{engagement}: another run is going on in {home} ({file.read().strip()}). "
                "Wait for it, or use another --out."
            ) from error
        file.truncate(0)
        file.write(f"pid {os.getpid()}, since {time.strftime('%Y-%m-%d %H:%M:%S')}")
        file.flush()
        _sweep(home)
        yield


def _sweep(home: Path) -> None:
    for left in (*home.glob("r[0-9][0-9][0-9]/engine-*"), *home.glob("probes/engine-*")):
        try:
            shutil.rmtree(left)
        except OSError as error:
            raise ParameterError(
                f"{left}: a killed run left it, it may hold personal data, and it cannot be deleted from here. "
                "Delete it, then run again."
            ) from error


def paths(engagement: Engagement, home: Path, say: Say) -> dict[str, Path]:
    """Where each source is. The rehearsal's company is made first, once, when it is not there.

    Raises ParameterError for a source that nobody placed, or whose path is missing.
    """
    if engagement.rehearsal is not None and set(engagement.sources) - set(engagement.opened):
        return {**company(engagement, home, say), **_given(engagement, set(engagement.opened))}
    return _given(engagement, set(engagement.sources))


def _given(engagement: Engagement, names: set[str]) -> dict[str, Path]:
    """Where each file is. A server has no path: its address stays where it is, and only the collector reads it."""
    found = {name: places.reached(engagement, name) for name in sorted(names)}
    return {name: path for name, path in found.items() if path is not None}


def company(engagement: Engagement, home: Path, say: Say) -> dict[str, Path]:
    """The made-up company on disk, made once per version of the kit, seed, size, faults and cut-off."""
    import fcntl

    from evidence_kit.edges.rehearsal import write

    asked, folder = engagement.rehearsal, made(engagement, home)
    assert asked is not None
    if not folder.exists():
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (home / "company.lock").open("a+") as lock:
            # Notebooks opened side by side want the same company: one makes it, the others wait for it.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                say(f"making the rehearsal company ({asked.contacts} contacts)")
                try:
                    write.make(folder, asked.seed, asked.contacts, asked.faults, asked.as_of)
                except ValueError as error:  # a knob: what a person wrote in the engagement
                    raise ParameterError(f"{engagement.file}: rehearsal.{error}") from error
    return {name: write.place(folder, name) for name in engagement.sources}


def made(engagement: Engagement, home: Path) -> Path:
    """Where the company of a rehearsal lies, or will lie: a place of its own for each of what it is made from."""
    from evidence_kit.edges.rehearsal import write

    asked = engagement.rehearsal
    assert asked is not None
    key = digest(dumps([__version__, write.SHAPE, asked.seed, asked.contacts, asked.faults, asked.as_of]))[:12]
    return home / f"company-{key}"


def planted(engagement: Engagement, home: Path) -> str | None:
    """The folder of the company whose list of planted rows the run is compared with when it is closed.

    None for what is no rehearsal, and where a source was opened elsewhere: of that nobody listed what was planted.
    """
    return None if engagement.rehearsal is None or engagement.opened else str(made(engagement, home))


class Job:
    """One engagement's run, with its collector alive: what `run`, `freeze`, `draw` and `lab` have in common."""

    def __init__(
        self,
        engagement: Engagement,
        at: Stand,
        placed: Mapping[str, Path],
        *,
        draft: bool = False,
        signs: bool = False,
        reach: bool = True,
    ) -> None:
        """`signs`: the collector opens and tries the signing key; without `reach`, no address of a server is read."""
        self.engagement, self.at = engagement, at
        at.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.collector = Spawned(START, at.folder / "collector.log")
        send(
            self.collector.ask.channel,
            {
                "engagement": str(places.located(engagement.file)),
                "kind": engagement.kind,
                "sources": dict(engagement.opened),
                "paths": {name: str(path) for name, path in placed.items()},
                "home": str(at.home),
                "run": at.run,
                "draft": draft,
                "signs": signs,
                "reach": reach,
                "planted": planted(engagement, at.home),
            },
        )
        self.door = Path(str(self.collector.ask.answer()))
        seal_process()
        scrub()
        self.ask = self.collector.ask

    def close(self) -> None:
        """End the collector."""
        self.collector.close()

    @property
    def frozen(self) -> list[dict[str, Any]]:
        """What was noted of each population frozen in this run."""
        notes = sorted((self.at.folder / "notes").glob("population.*.json"))
        return [json.loads(note.read_bytes()) for note in notes]

    @property
    def controls(self) -> tuple[str, ...]:
        """The engagement's controls, in its order."""
        return tuple(control.id for control in self.engagement.controls)


def scrub() -> None:
    """Forget what a kernel must never inherit: everything of the user's environment but a fixed list."""
    keep = plain_environment()
    for name in [name for name in os.environ if name not in keep and not name.startswith(("PYTHON", "LC_"))]:
        del os.environ[name]


@contextmanager
def job(engagement: Engagement, at: Stand, say: Say, *, reach: bool = True, signs: bool = False) -> Iterator[Job]:
    """The engagement's collector, alone in its folder; with every source reached, unless only the ledger is wanted."""
    placed = paths(engagement, at.home, say)
    with alone(at.home, engagement.id):
        begun = Job(engagement, at, placed, signs=signs)
        try:
            if reach:
                say(f"opening {len(engagement.sources)} source(s)")
                begun.ask("open")
            yield begun
        finally:
            begun.close()


def freeze(engagement: Engagement, out: Path, say: Say) -> list[dict[str, Any]]:
    """Freeze and commit every population; what the auditor is shown before giving a nonce."""
    at = stand(engagement, out)
    refuse_other_kind(engagement, at)
    with job(engagement, at, say) as begun:
        if at.begun and _revealed(at):
            raise ParameterError(
                f"{engagement.id}: the auditor's nonce is already known for run {at.run}; nothing can be frozen "
                "after it. Finish it with `run`, or give it up with `abandon`."
            )
        return [_freeze(begun, control, say) for control in begun.controls]


def _freeze(begun: Job, control: str, say: Say) -> dict[str, Any]:
    population = _dict(begun.ask("freeze", control=control))
    sample = begun.ask("commit", control=control)
    say(f"{control}: {population['count']} units frozen" if sample else f"{control}: refused ({population['refusal']})")
    return {
        "control": control,
        "population": population["name"],
        "count": population["count"],
        "root": population["root"],
        "refusal": population["refusal"],
        "commitment_sha256": _dict(sample)["commitment_sha256"] if sample else None,
    }


def _revealed(at: Stand) -> bool:
    notes = (at.folder / "notes").glob("sample.*.json")
    return any(json.loads(note.read_bytes())["rounds"] for note in notes)


def _committed(at: Stand) -> bool:
    return any((at.folder / "notes").glob("sample.*.json"))


def draw(
    engagement: Engagement, out: Path, nonce: str, say: Say, extend: Mapping[str, Mapping[str, int]] | None = None
) -> list[dict[str, Any]]:
    """Draw every sample with the auditor's nonce. `extend`: control → stratum → units, one round more of these alone.

    Raises ParameterError before any freeze.
    """
    at = stand(engagement, out)
    refuse_other_kind(engagement, at)
    if not _committed(at):
        raise ParameterError(
            f"{engagement.id}: nothing is committed yet. Run `freeze` first; the nonce comes after it."
        )
    strangers = set(extend or {}) - {control.id for control in engagement.controls}
    if strangers:
        raise ParameterError(f"--extend: {engagement.id} has no control {', '.join(sorted(strangers))}.")
    with job(engagement, at, say) as begun:
        if not extend:
            begun.ask("reveal", nonce=nonce, independent=True)
        drawn = []
        for control in begun.controls:
            if extend and control in extend:
                begun.ask("extend", control=control, nonce=nonce, sizes=dict(extend[control]))
            sample = begun.ask("draw", control=control)
            units = _dict(sample)["units"] if sample else []
            say(f"{control}: {len(units)} units drawn")
            drawn.append({"control": control, "drawn": len(units), "units": [unit["unit"] for unit in units]})
        return drawn


def abandon(engagement: Engagement, out: Path, reason: str, say: Say) -> int:
    """Give the open draw up. It stays in the ledger with its reason, and the next run starts anew."""
    at = stand(engagement, out)
    if not at.begun:
        raise ParameterError(f"{engagement.id}: no run is open in {at.home}; there is nothing to give up.")
    refuse_other_kind(engagement, at)
    with job(engagement, at, say, reach=False) as begun:
        given_up = int(str(begun.ask("abandon", reason=reason)))
        (at.folder / "notes" / "ended.json").write_text(json.dumps({"abandoned": True}))
        return given_up


def run(
    engagement: Engagement,
    out: Path,
    nonce: str | None,
    say: Say,
    *,
    lanes: int = LANES,
    warm: bool = True,
    as_zip: bool = False,
    since: Since | None = None,
) -> dict[str, Any]:
    """The whole job. Answers `bundle, signer, tagmanifest_sha256, controls`; raises EvidenceError, nothing sealed.

    `since`: an earlier bundle, verified; what changed since goes into this one.
    """
    from evidence_kit.edges.notebooks.kernels import Kernels
    from evidence_kit.wiring import bagging, sealing, unsealed
    from evidence_kit.wiring.chapter import ALWAYS, Chapter

    started, at = time.monotonic(), stand(engagement, out)
    refuse_other_kind(engagement, at)
    paths(engagement, at.home, say)  # a source that is not there is said before anything starts
    if at.begun and (at.folder / "notes" / unsealed.NOTE).is_file():
        say(f"{at.run} was whole but for its seal, which `seal` alone would have set; it is made anew")
    independent = _committed(at) and not _revealed(at)
    if os.environ.get("EVIDENCE_CLOCK"):
        lanes = 1  # two lanes enter their actions as they come; a run that must repeat byte for byte has one
    with ExitStack() as stack:
        # The kernels' servers import while the sources are opened; what waits is the machine, not the person.
        every = [stack.enter_context(Kernels(warm=warm)) for _ in range(lanes)]
        begun = stack.enter_context(job(engagement, at, say, signs=True))
        tested = dict.fromkeys(BY_FAMILY[control.family] for control in engagement.controls)
        wanted = [name for name in tested if name not in ALWAYS]
        chapters = {name: Chapter(begun, name, say) for name in ("10_population", "20_sample", *wanted, "90_findings")}
        chapters["10_population"].execute(every[0])
        for refused in (one for one in begun.frozen if one["refusal"]):
            say(f"{refused['control']}: its population is refused ({refused['refusal']}); the control ends as ERROR")
        begun.ask("reveal", nonce=nonce, independent=independent and nonce is not None)
        chapters["20_sample"].execute(every[0])
        _side_by_side([chapters[name] for name in wanted], every)
        for control in begun.controls:
            begun.ask("conclude", control=control)
        chapters["90_findings"].execute(every[0])
        sealed = sealing.seal(begun, list(chapters.values()), say, since)
        if as_zip:
            say(f"zipped: {bagging.zipped(Path(sealed['bundle']))}")
        say(f"done in {time.monotonic() - started:.1f} s")
        return sealed


def _side_by_side(chapters: Sequence[Chapter], lanes: Sequence[Kernels]) -> None:
    """Chapters that do not depend on one another, one per lane; the first failure is raised after all ended."""
    with ThreadPoolExecutor(max_workers=len(lanes)) as pool:
        going = [
            pool.submit(_one_after_another, chapters[place :: len(lanes)], lane) for place, lane in enumerate(lanes)
        ]
        try:
            problems = [problem for one in going if (problem := one.exception()) is not None]
        except BaseException:  # interrupted: nobody waits for kernels that go on by themselves
            for lane in lanes:
                lane.stop()
            raise
    for problem in problems:
        raise problem


def _one_after_another(chapters: Sequence[Chapter], lane: Kernels) -> None:
    for chapter in chapters:
        chapter.execute(lane)


def _dict(value: object) -> dict[str, Any]:
    assert isinstance(value, dict)
    return value
