"""The good bundle put together: its ledger told entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.bundles.good.base import (
    BUNDLE,
    DISGUISES,
    ENGAGEMENT,
    KIT,
    LEVEL,
    NOTEBOOKS,
    RUN,
    SEALED_AT,
    Json,
    canonical,
    digest,
)
from tests.bundles.good.bundle import Bundle
from tests.bundles.good.documents import calendar, controls, engagement, executed, run_nonce, template, words
from tests.bundles.good.evidence import POPULATIONS, commitment, draw, leaves, nonce
from tests.bundles.good.expected import expect
from tests.bundles.good.frames import request_frames, retention_frames, sample_frames
from tests.bundles.good.pages import page
from tests.bundles.good.resealing import reseal
from tests.bundles.good.seals import Seal


class Clock:
    """A minute passes between two entries."""

    def __init__(self) -> None:
        self.minutes = 0

    def tick(self) -> str:
        self.minutes += 1
        return f"2026-02-02T{8 + self.minutes // 60:02}:{self.minutes % 60:02}:00.000000Z"


def say(bundle: Bundle, clock: Clock, action: str, subject: str, actor: str = "process:collector", **said: Any) -> int:
    seq = len(bundle.entries) + 1
    said["salt"] = digest(f"salt {seq}")[:32]
    at = SEALED_AT if action == "ledger.sealed" else clock.tick()
    entry = {"seq": seq, "at": at, "actor": actor, "action": action, "subject": subject, "data": said}
    bundle.entries.append({**entry, "data_sha256": "", "prev_sha256": ""})
    return seq


def tell(bundle: Bundle, draws: dict[str, Json]) -> None:
    """The ledger, from the opening to the sealing; digests of files are filled in by `reseal`."""
    clock, later = Clock(), "0" * 64
    subject = f"engagement:{ENGAGEMENT}"
    say(bundle, clock, "ledger.opened", subject, engagement_sha256=later)
    say(bundle, clock, "engagement.loaded", subject, engagement_sha256=later, controls_sha256=later)
    start_run(bundle, clock, "10_population")
    for name, drawn in draws.items():
        made = drawn["commitment"]
        frozen = {"population": made["population"], "count": made["count"], "root": made["root"]}
        say(bundle, clock, "population.frozen", f"population:{made['population']}", query_sha256=later, **frozen)
        say(bundle, clock, "commitment.made", f"control:{name}", commitment_sha256=drawn["commitment_sha256"])
    end_run(bundle, clock, "10_population")
    for name, drawn in draws.items():
        for each in drawn["rounds"]:
            said = {"commitment_sha256": drawn["commitment_sha256"], "round": each["round"]}
            say(bundle, clock, "nonce.revealed", f"control:{name}", "person:auditor", nonce=each["nonce"], **said)
            said |= {"sample_sha256": digest(canonical(each["drawn"])), "count": len(each["drawn"])}
            say(bundle, clock, "sample.drawn", f"control:{name}", control=name, **said)
    for notebook in ("20_sample", "30_requests", "50_retention", "90_findings"):
        start_run(bundle, clock, notebook)
        for path in sorted(bundle.columns):
            name = path.removeprefix("data/frames/").removesuffix(".jsonl")
            if name.split(".")[0] in NOTEBOOKS[notebook]:
                said = {"frame": name, "query_sha256": later, "rows": 0, "frame_sha256": later}
                say(bundle, clock, "frame.collected", f"frame:{name}", **said)
        end_run(bundle, clock, notebook)
    for name in draws:
        said = {"control": name, "pass": 0, "fail": 0, "error": 0, "inconclusive": 0, "verdict": "PASS"}
        say(bundle, clock, "control.concluded", f"control:{name}", "process:run", **said)
    for number in range(24):
        said = {"what": "a walk-through", "unit": None, "reason": f"number {number}"}
        say(bundle, clock, "note.added", "control:REQ-02", "person:dpo", **said)
    say(bundle, clock, "release.scanned", f"bundle:{BUNDLE}", scan_sha256=later, hits=0, encodings=DISGUISES)
    say(bundle, clock, "ledger.sealed", f"bundle:{BUNDLE}", entries=0, content_sha256=later)


def start_run(bundle: Bundle, clock: Clock, notebook: str) -> int:
    said = {"notebook": notebook, "controls": NOTEBOOKS[notebook], "launcher": "cold"}
    digests = dict.fromkeys(("template_sha256", "params_sha256", "packages_sha256"), "0" * 64)
    nonce_sha256 = digest(run_nonce(notebook))
    return say(
        bundle, clock, "run.started", f"run:{notebook}", "process:run", nonce_sha256=nonce_sha256, **said, **digests
    )


def end_run(bundle: Bundle, clock: Clock, notebook: str, status: str = "passed") -> None:
    started = [one for one in bundle.entries if one["action"] == "run.started" and one["data"]["notebook"] == notebook][
        -1
    ]
    said = {"started": started["seq"], "status": status, "gate": [] if status == "passed" else ["G07"], "counts": []}
    executed_sha256 = "0" * 64 if status == "passed" else None
    say(bundle, clock, "run.ended", f"run:{notebook}", "process:run", executed_sha256=executed_sha256, **said)


def provenance(bundle: Bundle) -> None:
    """made_by of frames, results and executed notebooks."""
    empty = dict.fromkeys(
        "run notebook template_sha256 params_sha256 source query query_sha256 population draw rows_in rows_out".split()
    )
    for notebook, names in NOTEBOOKS.items():
        run = bundle.entry("run.started", notebook=notebook)["seq"]
        bundle.made_by[f"data/notebooks/{notebook}.ipynb"] = {**empty, "run": run, "notebook": notebook}
        for path in [path for path in bundle.files if path.startswith(("data/frames/", "data/results/"))]:
            name = path.split("/")[2].removesuffix(".jsonl")
            owner = name.split(".")[0]
            if owner not in names:
                continue
            made = {**empty, "run": run, "notebook": notebook, "draw": f"data/draws/{owner}.json"}
            made["population"] = f"{owner}.{POPULATIONS[owner][0]}"
            if path.startswith("data/frames/"):
                made |= {"source": "desk", "query": f"data/sql/{name}.sql"}
            bundle.made_by[path] = made


def build(seal: Seal | None = None, told: Callable[[str, int], str] = nonce) -> Bundle:
    """The good bundle, sealed; `told` gives the nonce of each control and round."""
    bundle = Bundle(seal=seal or Seal())
    bundle.put("data/engagement.json", engagement())
    bundle.put("data/controls.json", controls())
    bundle.put("data/calendars/FR.json", calendar())
    bundle.put("data/site/words.json", words())
    bundle.files["data/blinding.txt"] = (digest("blinding") + "\n").encode()
    bundle.put("data/scan.json", {"hits": 0, "values": 12, "canaries": 12, "encodings": DISGUISES, "files": []})
    draws, summary = {}, []
    makers = {"REQ-02": request_frames, "COM-02": sample_frames, "RET-01": retention_frames}
    for name, (population, units, plan, by, sizes) in POPULATIONS.items():
        made = commitment(name, population, units, plan, by)
        nonces = [told(name, number) for number in range(1, len(sizes) + 1)]
        draws[name], drawn = draw(name, made, units, nonces, sizes)
        bundle.put(f"data/draws/{name}.json", draws[name])
        bundle.files[f"data/leaves/{name}.{population}.txt"] = leaves(name, units)
        bundle.files[f"data/sql/{name}.population.sql"] = f"SELECT id FROM {name};\n".encode()
        makers[name](bundle, drawn)
        strata = [
            {"stratum": one, "units": len(units[one])} for one in sorted((each[0] for each in plan), key=str.encode)
        ]
        summary.append({"control": name, "population": made["population"], "strata": strata})
    bundle.put("data/summary.json", {"controls": summary, "totals": {}})
    expect(bundle)
    for notebook in NOTEBOOKS:
        bundle.put(f"data/notebooks/{notebook}.template.ipynb", template())
        bundle.put(f"data/notebooks/{notebook}.ipynb", executed(notebook))
        bundle.put(f"data/params/{notebook}.json", {"engagement": ENGAGEMENT, "run": RUN})
    choice = '<h1>Demo</h1>\n<p><a href="en/index.html">English</a> <a href="fr/index.html">Français</a></p>'
    bundle.files["data/site/index.html"] = page("en", choice)
    tell(bundle, draws)
    provenance(bundle)
    bundle.catalogue = {
        "format": "evidence-kit-bundle",
        "version": 1,
        "bundle": BUNDLE,
        "engagement": ENGAGEMENT,
        "run": RUN,
        "level": LEVEL,
        "demonstration": True,
        "sealed_at": SEALED_AT,
        "kit": KIT,
        "signer": bundle.seal.key.fingerprint,
        "derived_from": None,
        "withheld": [],
        "external": [],
    }
    return reseal(bundle)


_GOOD: list[Bundle] = []


def good() -> Bundle:
    """A copy of the good bundle, to be changed at will."""
    if not _GOOD:
        _GOOD.append(build())
    return _GOOD[0].copy()
