"""One notebook of a run: ledger entry, kernel, gate, ledger entry. papermill says whether cells raised; the gate says
whether the work was done. Source: docs/norm/notebook-gate.md, sections 3 to 5.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from evidence_kit.edges.archive import write_whole
from evidence_kit.edges.notebooks import lint, neutral, parameters
from evidence_kit.edges.notebooks.gate import GateCase, Refusal, gate
from evidence_kit.errors import SourceError
from evidence_kit.ledger.records import NOTEBOOKS as BY_FAMILY
from evidence_kit.model.canonical import digest, dump_line, dumps
from evidence_kit.wiring import places, session

if TYPE_CHECKING:
    from evidence_kit.edges.notebooks.kernels import Executed, Kernels
    from evidence_kit.wiring.batch import Job, Say

#: Seconds a whole notebook may take.
TIMEOUT = 3600
RELEASED = places.NOTEBOOKS / "released.json"
#: Run first and last in every audit: the population, the sample, the findings.
ALWAYS = ("10_population", "20_sample", "90_findings")


class Chapter:
    """One notebook and the controls it speaks of. `tests`: the controls whose results it must hand over."""

    def __init__(self, job: Job, name: str, say: Say) -> None:
        self.job, self.name, self._say = job, name, say
        self.template = places.NOTEBOOKS / f"{name}.ipynb"
        self.folder = job.at.folder / "runs" / name
        families = [family for family, notebook in BY_FAMILY.items() if notebook == name]
        every = job.engagement.controls
        mine = tuple(control.id for control in every if not families or control.family in families)
        self.tests = mine if families else ()
        # Notebooks that every run has speak of all controls, whichever they test themselves.
        self.controls = tuple(control.id for control in every) if name in ALWAYS else mine
        self.started = 0
        before = self.template.read_bytes()
        self.template_sha256 = neutral.template_sha256(before)
        notebook = json.loads(before)
        problems = lint.lint(notebook, self.template.name)
        if problems:
            raise SourceError(f"{problems[0]}. A template holds narrative and calls only.")
        given = {"engagement": job.engagement.id, "run": job.at.run}
        self.parameters = parameters.check_parameters(
            parameters.declared_parameters(notebook), given, where=self.template.name
        )
        self.params_sha256 = digest(dumps(dict(self.parameters)))

    def execute(self, lane: Kernels) -> None:
        """Run the notebook and pass it through the gate. Raises SourceError when it is refused: nothing is sealed."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        before = self.template.read_bytes()
        begun = self._begin(lane.launcher().kind)
        self.started = int(begun["started"])
        try:
            done = lane.execute(
                self.template, self.parameters, run_dir=self.folder, environment=self._environment(), timeout=TIMEOUT
            )
        except BaseException:  # interrupted: the ledger says that this run was lost
            self._end("lost")
            raise
        refusals = gate(self._case(before, done, str(begun["nonce"])))
        self._say(f"{self.name}: {done.launcher} kernel, {done.seconds:.1f} s" + (", refused" if refusals else ""))
        executed = done.path.read_bytes() if done.path.exists() and not refusals else None
        neutered = neutral.neutral(executed) if executed is not None else None
        status = "failed" if done.error else "refused" if refusals else "passed"
        self._end(status, refusals, neutered, self._counted())
        if neutered is None or refusals:
            raise SourceError(self._why(done.error, refusals))
        self._keep(before, neutered)

    def _end(
        self,
        status: str,
        refusals: Sequence[Refusal] = (),
        executed: bytes | None = None,
        counts: Sequence[Mapping[str, object]] = (),
    ) -> None:
        self.job.ask(
            "end",
            notebook=self.name,
            started=self.started,
            status=status,
            gate=sorted({refusal.id for refusal in refusals}),
            executed_sha256=None if executed is None else digest(executed.decode().rstrip("\n")),
            counts=list(counts),
        )

    def _begin(self, launcher: str) -> dict[str, Any]:
        begun = self.job.ask(
            "begin",
            notebook=self.name,
            controls=list(self.controls),
            template_sha256=self.template_sha256,
            params_sha256=self.params_sha256,
            launcher=launcher,
            folder=str(self.folder),
        )
        assert isinstance(begun, dict)
        return begun

    def _environment(self) -> dict[str, str]:
        """What the kernel is told beside the fixed list: where the collector listens, and where its own folder is."""
        return {
            session.SOCKET: str(self.job.door),
            session.FOLDER: str(self.folder),
            session.ENGAGEMENT: str(places.located(self.job.engagement.file)),
            session.KIND: self.job.engagement.kind,
            "EVIDENCE_KIT_PAYLOAD": str(self.job.at.folder / "payload"),
        }

    def _case(self, before: bytes, done: Executed, nonce: str) -> GateCase:
        """Everything the gate judges: the kernel's own word, and what the collector knows without the kernel."""
        there = {path.name: str(path) for path in (done.path, done.log) if path.exists()}
        known = self.job.ask("inspect", started=self.started, files=there)
        assert isinstance(known, dict)
        return GateCase(
            template_before=before,
            template_after=self.template.read_bytes(),
            template_sha256=self.template_sha256,
            released=frozenset(released().values()),
            parameters=self.parameters,
            executed=done.path.read_bytes() if done.path.exists() else b"",
            exit_code=done.exit_code,
            log=done.log.read_text(errors="replace"),
            nonce=nonce,
            expected={one.pop("control"): one for one in self._counted()},
            frames_intact=known["intact"],
            promised=self._promised(),
            concluded=known["concluded"],
            missing=known["missing"],
            versions=locked(),
            leak_hits=known["leak_hits"],
            ledger_ok=known["ledger_ok"],
        )

    def _promised(self) -> list[str]:
        """The controls this notebook must conclude: all of its family but those whose population was refused."""
        refused = {one["control"] for one in self.job.frozen if one["refusal"]}
        return [control for control in self.tests if control not in refused]

    def _counted(self) -> list[dict[str, Any]]:
        """The collector's own counts of this notebook's controls."""
        found = []
        for control in self.tests:
            counts = self.job.ask("counts", control=control)
            if isinstance(counts, dict):
                found.append(
                    {"control": control, **{word: counts[word] for word in ("pass", "fail", "error", "inconclusive")}}
                )
        return found

    def _keep(self, template: bytes, executed: bytes) -> None:
        payload = self.job.at.folder / "payload"
        canonical = neutral.canonical_template(template).encode() + b"\n"
        write_whole(payload / f"notebooks/{self.name}.template.ipynb", canonical, mode=0o400)
        write_whole(payload / f"notebooks/{self.name}.ipynb", executed, mode=0o400)
        write_whole(payload / f"params/{self.name}.json", dump_line(dict(self.parameters)), mode=0o400)

    def _why(self, error: str | None, refusals: Sequence[Refusal]) -> str:
        said = "; ".join(f"{r.id}{'' if r.cell is None else f' cell {r.cell}'}: {r.what}" for r in refusals[:3])
        log = self.folder / f"{self.name}.log"
        return f"{self.template.name}: {error or said}. Nothing was sealed; the ledger says so. Log: {log}"


def released() -> dict[str, str]:
    """The templates' digests as released with the kit."""
    known = json.loads(RELEASED.read_text())
    assert isinstance(known, dict)
    return known


def locked() -> dict[str, str]:
    """The versions of a receipt's packages as the lock states them; as installed where there is no lock."""
    lock = places.ROOT / "requirements.lock"
    text = lock.read_text() if lock.exists() else ""
    stated = dict(re.findall(r"^([a-z0-9._-]+)==([^ \\;]+)", text, flags=re.MULTILINE))
    return {name: stated.get(name) or version(name) for name in session.PACKAGES}
