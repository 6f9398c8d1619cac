"""A bundle that is whole but for its seal: how it is signed and stamped, at the end of a run or later, alone.

Everything is there, in `.<bundle-id>.part/`; the ledger says `ledger.sealed` of it. What lacks is the signature, or the
time stamp over it. Source: docs/norm/threats.md, X18; docs/norm/bundle.md, sections 8 and 12.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evidence_kit.errors import EvidenceError, ParameterError, SealError
from evidence_kit.wiring import bagging, batch, stamping

if TYPE_CHECKING:
    from evidence_kit.model.audit import Engagement
    from evidence_kit.wiring.batch import Job, Say

#: What a run notes before it has its bundle signed: which one, and the digest of its tag manifest.
NOTE = "unsealed.json"

Signs = Callable[[str], str]
Stamps = Callable[[str], bytes | None]


def finishing(job: Job, bundle: str, say: Say) -> tuple[Signs, Stamps]:
    """Sign and stamp for `bagging`. Both raise SealError that says where the bundle waits, and how to finish it."""
    note = job.at.folder / "notes" / NOTE
    part = job.at.home / f".{bundle}.part"

    def sign(text: str) -> str:
        note.write_text(json.dumps({"bundle": bundle, "tagmanifest_sha256": sha256(text.encode()).hexdigest()}))
        try:
            return str(job.ask("sign", text=text, bundle=bundle))
        except EvidenceError as error:
            raise _waits(error, "its signature", part, job.engagement) from error

    def stamp(armoured: str) -> bytes | None:
        try:
            token = stamping.asked(job.engagement, armoured.encode(), say)
        except EvidenceError as error:
            raise _waits(error, "its time stamp", part, job.engagement) from error
        say("checking the bag with its own verifier")
        return token

    return sign, stamp


def _waits(error: EvidenceError, what: str, part: Path, engagement: Engagement) -> SealError:
    return SealError(
        f"{error} The bundle is there and lacks {what} alone: {part}. Finish it, without running anything again, by: "
        f"evidence_kit seal {engagement.file}"
    )


def seal(engagement: Engagement, out: Path, say: Say) -> dict[str, Any]:
    """Sign, and stamp where that was agreed, the bundle of a run that ended without its seal. Answers what `run` does.

    Raises ParameterError when nothing waits, SealError when the ledger went on since, or the bundle is another one.
    """
    at = batch.stand(engagement, out)
    batch.refuse_other_kind(engagement, at)
    noted = at.folder / "notes" / NOTE
    if not at.begun or not noted.is_file():
        raise ParameterError(f"{engagement.id}: no bundle waits for its seal in {at.home}.")
    known = json.loads(noted.read_text())
    bundle = str(known["bundle"])
    folder = at.home / f".{bundle}.part" / bundle
    if not (folder / bagging.TAGMANIFEST).is_file():
        raise ParameterError(f"{folder}: the bundle that waited is not there. Make it again: `run`.")
    if sha256((folder / bagging.TAGMANIFEST).read_bytes()).hexdigest() != known["tagmanifest_sha256"]:
        raise SealError(
            f"{folder / bagging.TAGMANIFEST} is not what the run wrote. Nothing was signed; `run` makes it again."
        )
    with batch.alone(at.home, engagement.id):
        job = batch.Job(engagement, at, {}, signs=True, reach=False)
        try:
            signer = str(json.loads((folder / "data" / "bundle.json").read_text("utf-8"))["signer"])
            job.ask("resume", ledger=str(folder / "data" / "ledger.jsonl"), signer=signer)
            sign, stamp = finishing(job, bundle, say)
            place, tagmanifest = bagging.finish(folder, signer, sign, stamp)
            ended(job, bundle)
        finally:
            job.close()
    summary = json.loads((place / "data" / "summary.json").read_text("utf-8"))
    tested = controls(summary)
    return {"bundle": str(place), "signer": signer, "tagmanifest_sha256": tagmanifest, "controls": tested}


def ended(job: Job, bundle: str) -> None:
    """Note that the run is sealed; what it kept for its openings alone is deleted."""
    (job.at.folder / "notes" / "ended.json").write_text(json.dumps({"sealed": bundle}))
    job.ask("forget")


def controls(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What `run` and `seal` print of each control."""
    return [
        {
            "id": one["control"],
            "verdict": one["verdict"],
            "population": one["units"],
            "tested": one["drawn"],
            "deviations": one["deviations"],
        }
        for one in summary["controls"]
    ]
