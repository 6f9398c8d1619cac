"""From a finished run to a sealed bundle: conclusions, pages, catalogue, and the bag around them.

Source: docs/norm/bundle.md, sections 5, 11 and 12.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evidence_kit import __version__
from evidence_kit.ledger import crate
from evidence_kit.ledger.catalogue import Made, catalogue
from evidence_kit.model.canonical import dump_line
from evidence_kit.pages.payload import Payload, Seal
from evidence_kit.pages.render import render
from evidence_kit.wiring import reminders, unsealed
from evidence_kit.wiring.bagging import Label, build, read

if TYPE_CHECKING:
    from evidence_kit.wiring.batch import Job, Say
    from evidence_kit.wiring.chapter import Chapter
    from evidence_kit.wiring.comparing import Since

LEVEL = "auditor-full"


def seal(job: Job, chapters: Sequence[Chapter], say: Say, since: Since | None = None) -> dict[str, Any]:
    """Seal one run. Answers what `run` prints; raises SealError, and leaves the `.part` folder, when it cannot.

    `since`: the earlier bundle that this one says the changes from.
    """
    bundle = f"{job.engagement.id}.{job.at.run}.{LEVEL}"
    say("writing conclusions, scanning for leaks")
    compared = {} if since is None else {"since": str(since.path), "since_sha256": since.tagmanifest_sha256}
    head = _dict(job.ask("close", **compared))
    payload = read(job.at.folder / "payload")
    say("rendering pages in English and French")
    seal_ = Seal(
        bundle,
        job.engagement.id,
        job.at.run,
        LEVEL,
        __version__,
        head["sealed_at"],
        head["head_sha256"],
        head["entries"],
        head["signer"],
        job.engagement.demonstration,
    )
    contents = {name: parsed(name, data) for name, data in payload.items()}
    calendars = reminders.of_payload(Payload(contents), seal_)
    # The pages may link to what lies beside them only where they know that it is there.
    site = {**render(Payload({**contents, **calendars}), seal_), **calendars}
    frames = job.ask("frames")
    assert isinstance(frames, list)
    told = _head(job, bundle, head)
    site[crate.NAME] = crate.crate(told, {**payload, **site})
    index = catalogue(told, {**payload, **site}, {one["path"]: one for one in frames}, _made(chapters))
    label = Label(
        bundle, LEVEL, job.engagement.organisation.name, head["sealed_at"], head["signer"], head["public_line"]
    )
    files = {**payload, **site, "bundle.json": dump_line(index)}
    sign, stamp = unsealed.finishing(job, bundle, say)
    place, tagmanifest = build(label, job.at.home, files, lambda pages: _scan(job, pages), sign, stamp)
    unsealed.ended(job, bundle)
    return {
        "bundle": str(place),
        "signer": head["signer"],
        "tagmanifest_sha256": tagmanifest,
        "controls": unsealed.controls(json.loads(payload["summary.json"])),
    }


def _scan(job: Job, pages: Mapping[str, str]) -> None:
    job.ask("scan", files=dict(pages))


def parsed(name: str, data: bytes) -> object:
    """A file as the pages read it: lines of JSON, one document, or text."""
    if name.endswith(".jsonl"):
        return [json.loads(line) for line in data.splitlines()]
    return json.loads(data) if name.endswith((".json", ".ipynb")) else data.decode()


def _head(job: Job, bundle: str, head: Mapping[str, Any]) -> dict[str, object]:
    return {
        "format": "evidence-kit-bundle",
        "version": 1,
        "bundle": bundle,
        "engagement": job.engagement.id,
        "run": job.at.run,
        "level": LEVEL,
        "demonstration": job.engagement.demonstration,
        "sealed_at": head["sealed_at"],
        "kit": __version__,
        "ledger": {"entries": head["entries"], "head_sha256": head["head_sha256"]},
        "signer": head["signer"],
        "derived_from": None,
        "withheld": [],
        "external": [],
    }


def _made(chapters: Sequence[Chapter]) -> dict[str, Made]:
    return {
        control: Made(one.started, one.name, one.template_sha256, one.params_sha256)
        for one in chapters
        for control in one.tests
    }


def _dict(value: object) -> dict[str, Any]:
    assert isinstance(value, dict)
    return value
