"""The collector's room: sources, vault and ledger behind the verbs that the parent and the kernels may ask.

Runs in the collector process only. Source: docs/norm/notebook-gate.md, section 2; docs/norm/bundle.md, section 12.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evidence_kit import __version__, steps
from evidence_kit.edges.archive import RunArchive, write_whole
from evidence_kit.edges.collector import Arguments, Caller
from evidence_kit.edges.ledger_file import LedgerFile
from evidence_kit.edges.scan import Scanner
from evidence_kit.edges.signing import Seal
from evidence_kit.edges.source import SqlSource
from evidence_kit.errors import EvidenceError, ParameterError, SealError
from evidence_kit.ledger import records
from evidence_kit.model.audit import Control, Engagement
from evidence_kit.model.canonical import digest, dump_line, dumps
from evidence_kit.model.outcome import Checked
from evidence_kit.model.sample import EvidenceFrame
from evidence_kit.ports import Desk
from evidence_kit.rules import findings, requests
from evidence_kit.wiring import closing, keys, places
from evidence_kit.wiring.comparing import Since

if TYPE_CHECKING:
    from evidence_kit.edges.servers.addresses import Address

#: Packages whose versions the engagement's record states.
PACKAGES = ("duckdb", "great-expectations", "nbclient", "nbconvert", "pandas", "papermill")


class Room:
    """One engagement's run as the collector holds it. A `draft` is what Lab writes, never sealed."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.engagement = places.load(settings["engagement"], settings["sources"], settings["kind"])
        self.run, self.draft = str(settings["run"]), bool(settings["draft"])
        self.home = Path(settings["home"])
        self.paths = {name: Path(path) for name, path in settings["paths"].items()}
        self.planted = Path(settings["planted"]) if settings.get("planted") else None
        self.addresses = addresses(self.engagement) if settings.get("reach", True) else {}
        self.callers: dict[str, Caller] = {}
        self._submitted: dict[int, list[str]] = {}
        self.vault = keys.opened(self.engagement, self.home)
        self._seal = keys.signer(self.engagement, self.vault) if settings.get("signs") else None
        self._terms = places.terms(self.engagement)
        self.ledger = LedgerFile(self.home, self.engagement.id, places.clock, self.vault.entry_salt)
        self.archive = RunArchive(self.home / self.run, self.ledger)

    @cached_property
    def source(self) -> SqlSource:
        """Every source of the engagement, opened."""
        return SqlSource(self.engagement, self.paths, self.archive.folder, self.vault, self.addresses)

    @cached_property
    def desk(self) -> Desk:
        """The desk of the steps; making it opens every source."""
        return Desk(
            self.engagement,
            self._terms,
            self.source,
            self.vault,
            self.archive,
            places.clock,
            self._aside,
            self.draft,
        )

    @property
    def seal(self) -> Seal:
        """The key that signs. Raises SealError in a room that was opened for something else."""
        if self._seal is None:
            raise SealError("this process was not started to seal anything.")
        return self._seal

    def leave(self) -> None:
        """End the session: what the sources hold in clear lay in its working database, which goes with it."""
        if "source" in vars(self):
            self.source.close()

    def _aside(self, control: Control, frames: Mapping[str, EvidenceFrame], units: Sequence[str]) -> frozenset[str]:
        """Open units that may still be answered in time. A row nobody can read stays in: its unit ends as ERROR."""
        found = set()
        for unit in units:
            rows = {name: frame.by_unit.get(unit, ()) for name, frame in frames.items()}
            if len(rows.get(control.frame, ())) != 1 or any(row["unreadable"] for row in rows[control.frame]):
                continue
            if requests.NOT_YET_DUE[control.test](rows, self._terms):
                found.add(unit)
        return frozenset(found)

    def open(self, _: Arguments) -> object:
        """Open this run in the ledger: lost runs are closed, the engagement is entered, the sources are reached."""
        for started in self.ledger.story.running:
            data = {"started": started, "status": "lost", "gate": [], "executed_sha256": None, "counts": []}
            self.archive.append("process:run", "run.ended", f"run:{started}", data)
        self._enter()
        try:
            assert self.desk.source is not None  # opened here, once
            assert self.scanner is not None  # made here too, while everybody waits for the kernels' imports
        except EvidenceError as error:
            reason = {"job": "open the sources", "reason": type(error).__name__}
            self.archive.append(steps.COLLECTOR, "job.failed", f"engagement:{self.engagement.id}", reason)
            raise
        return {
            "controls": [control.id for control in self.engagement.controls],
            "unreachable": self.source.unreachable(),
            "doubts": self.source.doubts(),
        }

    def _enter(self) -> None:
        agreed = agreed_record(self.engagement)
        controls = records.controls_record(self.engagement.controls)
        subject, data = f"engagement:{self.engagement.id}", {"engagement_sha256": digest(dumps(agreed))}
        known = self.archive.recall("opened")
        if known is not None:
            if known["engagement_sha256"] != data["engagement_sha256"]:
                raise ParameterError(
                    f"the parameters, or the versions, are no longer those with which run {self.run} was begun. "
                    "Put them back, or give that run up with `abandon`; the next one then starts anew."
                )
            return
        if not self.ledger.entries:
            self.archive.append("process:run", "ledger.opened", subject, data)
        loaded = {**data, "controls_sha256": digest(dumps(controls))}
        self.archive.put("engagement.json", dump_line(agreed))
        self.archive.put("controls.json", dump_line(controls))
        self.archive.append("process:run", "engagement.loaded", subject, loaded)
        self.archive.note("opened", {"mode": "lab" if self.draft else "run", **data})

    # --- what kernels may ask, by control -----------------------------------------------------------------------

    def freeze(self, asked: Arguments, _: Caller | None = None) -> object:
        """Freeze one control's population."""
        return records.population_record(steps.freeze(self.desk, self._control(asked)))

    def accounts(self, asked: Arguments, _: Caller | None = None) -> object:
        """What became of every row of the log, in words and counts: no row, no identifier."""
        self._control(asked)
        return [list(one) for one in self.desk.source.accounts()]

    def commit(self, asked: Arguments, _: Caller | None = None) -> object:
        """Commit to one control's frozen population."""
        return steps.commit(self.desk, self._control(asked))

    def draw(self, asked: Arguments, _: Caller | None = None) -> object:
        """Draw one control's sample."""
        self._prepare()
        return steps.draw(self.desk, self._control(asked))

    def collect(self, asked: Arguments, _: Caller | None = None) -> object:
        """Collect one control's frames of the drawn units."""
        control = self._control(asked)
        self._prepare()
        return {"sample": steps.draw(self.desk, control), "frames": steps.collect(self.desk, control)}

    def submit_results(self, asked: Arguments, caller: Caller | None = None) -> object:
        """Take one control's results and checks; answer with our own counts of them."""
        if caller is not None:
            self._submitted.setdefault(caller.started, []).append(str(asked["control"]))
        results, checks = asked["results"], asked["checks"]
        assert isinstance(results, list)
        assert isinstance(checks, list)
        read = [records.read_result(result) for result in results]
        counts = steps.accept(self.desk, self._control(asked), read, [Checked(**check) for check in checks])
        return records.counts_record(counts)

    def finding(self, asked: Arguments, _: Caller | None = None) -> object:
        """One control's finding, from the files that the collector wrote."""
        control = self._control(asked)
        if self.archive.recall(f"population.{control.id}") is None or (
            not (self.archive.payload / f"results/{control.id}.jsonl").exists()
            and steps.freeze(self.desk, control).refusal is None
        ):
            return None
        found = steps.conclude(self.desk, control)
        return {"summary": records.finding_summary(found), "line": steps.finding_record(self.desk, control, found, 1)}

    def note(self, asked: Arguments, caller: Caller | None = None) -> object:
        """Enter a person's remark on a unit."""
        data = {key: asked[key] for key in ("what", "unit", "reason")}
        self.archive.append("process:run", "note.added", f"control:{asked['control']}", data)
        return None

    def _prepare(self) -> None:
        """In a draft each notebook runs alone: what comes before it is done on the way, with a nonce of our own."""
        if not self.draft:
            return
        for control in self.engagement.controls:
            steps.freeze(self.desk, control)
            steps.commit(self.desk, control)
        steps.reveal(self.desk, self._nonce(), "process:run", given=False, independent=False)

    # --- what only the parent may ask ---------------------------------------------------------------------------

    def reveal(self, asked: Arguments) -> object:
        """Enter the auditor's nonce, or one of our own when none was given."""
        nonce, independent = asked["nonce"], bool(asked["independent"])
        if nonce is None:
            return steps.reveal(self.desk, self._nonce(), "process:run", given=False, independent=False)
        return steps.reveal(self.desk, str(nonce), self._auditor, given=True, independent=independent)

    def extend(self, asked: Arguments) -> object:
        """One round more for one control, with a fresh nonce of the auditor's."""
        control, sizes = self._control(asked), asked["sizes"]
        assert isinstance(sizes, dict)
        whole = {str(stratum): int(str(size)) for stratum, size in sizes.items()}
        return steps.extend(self.desk, control, str(asked["nonce"]), self._auditor, whole)

    @property
    def _auditor(self) -> str:
        """Who gives nonces: the person whose role it is, or this process when the engagement names nobody."""
        return next((one.actor for one in self.engagement.actors if one.role == "auditor"), "process:run")

    def begin(self, asked: Arguments) -> object:
        """Start a run: its ledger entry comes before its kernel. Answers its number and where its token lies."""
        folder = Path(str(asked["folder"]))
        token, nonce = secrets.token_hex(32), self._run_nonce(str(asked["notebook"]))
        data = {key: asked[key] for key in ("notebook", "controls", "template_sha256", "params_sha256", "launcher")}
        data |= {"nonce_sha256": digest(nonce), "packages_sha256": digest(dumps(_packages()))}
        entry = self.archive.append("process:run", "run.started", f"run:{asked['notebook']}", data)
        write_whole(folder / "token", token.encode(), mode=0o600)
        write_whole(folder / "nonce", nonce.encode(), mode=0o600)
        controls = asked["controls"]
        assert isinstance(controls, list)
        self.callers[token] = Caller(str(asked["notebook"]), frozenset(map(str, controls)), entry.seq, token)
        return {"started": entry.seq, "nonce": nonce}

    def end(self, asked: Arguments) -> object:
        """End a run with the gate's answer; from now on its token opens nothing."""
        for caller in self.callers.values():
            caller.ended = caller.ended or caller.started == asked["started"]
        data = {key: asked[key] for key in ("started", "status", "gate", "executed_sha256", "counts")}
        self.archive.append("process:run", "run.ended", f"run:{asked['notebook']}", data)
        return None

    def inspect(self, asked: Arguments) -> object:
        """What the gate must know of a run and only we do: what was handed in, what is missing, intact, leaked."""
        started, files = int(str(asked["started"])), asked["files"]
        assert isinstance(files, dict)
        report = self.scanner.scan((name, Path(path).read_bytes()) for name, path in sorted(files.items()))
        handed_in = self._submitted.get(started, [])
        return {
            "concluded": handed_in,
            "missing": {control: self._missing(control) for control in sorted(set(handed_in))},
            "intact": all(_still(self.archive, known) for known in self.frames({})),
            "ledger_ok": started in self.ledger.story.running,
            "leak_hits": len(report.hits),
        }

    def _missing(self, control: str) -> list[str]:
        results = steps.stored_results(self.desk, self._control({"control": control}))
        return [result.unit for result in results if "result-missing" in result.reasons]

    def frames(self, _: Arguments) -> list[dict[str, Any]]:
        """What was noted of every collected frame."""
        notes = sorted((self.archive.folder / "notes").glob("frame.*.json"))
        return [json.loads(path.read_bytes()) for path in notes]

    def counts(self, asked: Arguments) -> object:
        """Our own counts of one control's results; None when none were submitted."""
        control = self._control(asked)
        if not (self.archive.payload / f"results/{control.id}.jsonl").exists():
            return None
        return records.counts_record(findings.count(steps.stored_results(self.desk, control)))

    def conclude(self, asked: Arguments) -> object:
        """Enter one control's conclusion. Its run has passed the gate."""
        control = self._control(asked)
        finding = steps.conclude(self.desk, control)
        counts = records.counts_record(finding.counts)
        data = {key: counts[key] for key in ("pass", "fail", "error", "inconclusive")}
        data |= {"control": control.id, "verdict": finding.verdict.value}
        self.archive.append(steps.COLLECTOR, "control.concluded", f"control:{control.id}", data)
        return {**counts, "control": control.id, "verdict": finding.verdict.value}

    def abandon(self, asked: Arguments) -> object:
        """Give every open draw of the ledger up, with a reason that stays there; answer how many there were."""
        given_up = steps.open_draws(self.ledger.entries)
        for commitment, number, control in given_up:
            data = {
                "control": control,
                "commitment_sha256": commitment,
                "round": number,
                "reason": str(asked["reason"]),
            }
            self.archive.append("process:run", "sample.abandoned", f"control:{control}", data)
        self.forget({})
        return len(given_up)

    def forget(self, _: Arguments) -> object:
        """Delete the rows that were kept for openings: the run is sealed, or given up."""
        for control in self.engagement.controls:
            known = self.archive.recall(f"sample.{control.id}")
            if known is not None:
                self.vault.forget_rows(str(known["commitment_sha256"]))
        return None

    def close(self, asked: Arguments) -> object:
        """Write what follows from the results, scan for leaks, and seal the ledger. Answers the head."""
        since = asked.get("since")
        if since is None:
            return closing.close(self)
        return closing.close(self, Since(Path(str(since)), str(asked["since_sha256"])))

    @cached_property
    def scanner(self) -> Scanner:
        """Looks for what pseudonyms stand for, for secrets, and for this machine's and user's names."""
        return closing.scanner(self)

    def scan(self, asked: Arguments) -> object:
        """Scan other files (pages) before release: a gate that leaves no digest. Raises SealError on a hit."""
        files = asked["files"]
        assert isinstance(files, dict)
        closing.refuse_leaks(self.scanner.scan((name, Path(path).read_bytes()) for name, path in sorted(files.items())))
        return None

    def resume(self, asked: Arguments) -> object:
        """Let a bundle be signed that was closed earlier. Raises SealError when the ledger went on without it."""
        closing.refuse_overtaken(self, Path(str(asked["ledger"])).read_bytes(), str(asked["signer"]))
        return None

    def sign(self, asked: Arguments) -> object:
        """An armoured signature over the tag manifest, and the ledger's entry of it, once."""
        data = str(asked["text"]).encode()
        armoured = self.seal.sign(data)
        made = {"tagmanifest_sha256": sha256(data).hexdigest(), "fingerprint": self.seal.fingerprint}
        known = (one.data for one in reversed(self.ledger.entries) if one.action == "bundle.signed" and one.data)
        if not any(made.items() <= one.items() for one in known):
            self.archive.append(steps.COLLECTOR, "bundle.signed", f"bundle:{asked['bundle']}", made)
        return armoured

    def _control(self, asked: Arguments) -> Control:
        try:
            return self.desk.control(str(asked["control"]))
        except (KeyError, StopIteration) as error:
            raise ParameterError("this engagement has no such control.") from error

    def _nonce(self) -> str:
        return self.random("nonce")

    def _run_nonce(self, notebook: str) -> str:
        return self.random(f"run:{notebook}")[:32]

    def random(self, label: str) -> str:
        """64 hex digits of the system's randomness; from the seed where a fixed clock asks the rehearsal to repeat."""
        if self.engagement.rehearsal is not None and os.environ.get("EVIDENCE_CLOCK"):
            return digest(f"ek1:rehearsal:{self.engagement.rehearsal.seed}:{self.run}:{label}")
        return secrets.token_hex(32)


def agreed_record(engagement: Engagement) -> records.Record:
    """`engagement.json`: what was agreed, with the digests of its mappings and the versions it is run with."""
    mappings = [
        {
            "source": name,
            "engine": one.engine,
            "mapping_sha256": sha256(places.located(one.file).read_bytes()).hexdigest(),
        }
        for name, one in engagement.sources.items()
    ]
    packages = {name: version(name) for name in PACKAGES}
    return records.engagement_record(engagement, mappings, packages, __version__)


def addresses(engagement: Engagement) -> Mapping[str, Address]:
    """The addresses of servers, from the environment that is about to be forgotten. Raises ParameterError."""
    if not any(source.served for source in engagement.sources.values()):
        return {}
    from evidence_kit.edges.servers.addresses import read  # SQLAlchemy: only for those who read a server

    return read(engagement, os.environ)


def _still(archive: RunArchive, known: Mapping[str, Any]) -> bool:
    """Whether a collected frame on disk still has the digest that the ledger holds."""
    return sha256(archive.get(str(known["path"]))).hexdigest() == str(known["sha256"])


def _packages() -> dict[str, str]:
    return {name.replace("-", "_"): version(name) for name in PACKAGES}
