"""From a finished run to a sealed bundle: pages, catalogue, manifests, signature, the bag's own verifier, one rename.

Everything is built beside its place, in `.<bundle-id>.part/`; a crash leaves nothing or a whole bag.
Source: docs/norm/bundle.md, sections 2, 11 and 12.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evidence_kit import __version__
from evidence_kit.edges.archive import write_whole
from evidence_kit.errors import SealError
from evidence_kit.ledger.catalogue import Made, catalogue
from evidence_kit.ledger.manifest import manifest
from evidence_kit.model.canonical import dump_line
from evidence_kit.pages.payload import Payload, Seal
from evidence_kit.pages.render import render
from evidence_kit.wiring import reminders

if TYPE_CHECKING:
    from evidence_kit.wiring.batch import Job, Say
    from evidence_kit.wiring.chapter import Chapter

LEVEL = "auditor-full"
TAG_FILES = ("README.txt", "bag-info.txt", "bagit.txt", "manifest-sha256.txt", "verify.py")
BAGIT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
VERIFIER = Path(__file__).resolve().parents[1] / "verify.py"


def seal(job: Job, chapters: Sequence[Chapter], say: Say) -> dict[str, Any]:
    """Seal one run. Answers what `run` prints; raises SealError, and leaves the `.part` folder, when it cannot."""
    bundle = f"{job.engagement.id}.{job.at.run}.{LEVEL}"
    say("writing conclusions, scanning for leaks")
    head = _dict(job.ask("close"))
    payload = _read(job.at.folder / "payload")
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
    parsed = {name: _parsed(name, data) for name, data in payload.items()}
    calendars = reminders.of_payload(Payload(parsed), seal_)
    # The pages may link to what lies beside them only where they know that it is there.
    site = {**render(Payload({**parsed, **calendars}), seal_), **calendars}
    frames = job.ask("frames")
    assert isinstance(frames, list)
    index = catalogue(
        _head(job, bundle, head), {**payload, **site}, {one["path"]: one for one in frames}, _made(chapters)
    )
    part = job.at.home / f".{bundle}.part"
    shutil.rmtree(part, ignore_errors=True)
    folder = part / bundle
    _write(folder / "data", {**payload, **site, "bundle.json": dump_line(index)})
    job.ask("scan", files={name: str(folder / "data" / name) for name in sorted(site)})
    tagmanifest = _tag_files(folder, bundle, job, head)
    armoured = str(job.ask("sign", text=tagmanifest, bundle=bundle))
    write_whole(folder / "tagmanifest-sha256.txt.sig", armoured.encode(), mode=0o400)
    say("checking the bag with its own verifier")
    _verify(folder, head["signer"])
    place = job.at.home / bundle
    os.rename(folder, place)
    part.rmdir()
    (job.at.folder / "notes" / "ended.json").write_text(json.dumps({"sealed": bundle}))
    return {
        "bundle": str(place),
        "signer": head["signer"],
        "tagmanifest_sha256": sha256(tagmanifest.encode()).hexdigest(),
        "controls": _controls(json.loads(payload["summary.json"])),
    }


def _read(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _parsed(name: str, data: bytes) -> object:
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


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        write_whole(folder / name, data, mode=0o400)


def _tag_files(folder: Path, bundle: str, job: Job, head: Mapping[str, Any]) -> str:
    """Write the five tag files and their manifest; return the manifest's text, which is what is signed."""
    data = {f"data/{name}": content for name, content in _read(folder / "data").items()}
    size = sum(len(content) for content in data.values())
    info = (
        f"Source-Organization: {job.engagement.organisation.name}\n"
        f"External-Identifier: {bundle}\n"
        f"Bagging-Date: {head['sealed_at'][:10]}\n"
        f"Payload-Oxum: {size}.{len(data)}\n"
        f"Bag-Software-Agent: evidence_kit {__version__}\n"
        f"Evidence-Format: 1\n"
        f"Evidence-Level: {LEVEL}\n"
    )
    files = {
        "bagit.txt": BAGIT.encode(),
        "bag-info.txt": info.encode(),
        "manifest-sha256.txt": manifest({name: sha256(content).hexdigest() for name, content in data.items()}).encode(),
        "README.txt": _readme(bundle, head["signer"]).encode(),
        "verify.py": VERIFIER.read_bytes(),
    }
    _write(folder, files)
    tags = manifest({name: sha256(content).hexdigest() for name, content in files.items()})
    write_whole(folder / "tagmanifest-sha256.txt", tags.encode(), mode=0o400)
    return tags


def _readme(bundle: str, signer: str) -> str:
    return (
        f"{bundle}\n\n"
        "An evidence bundle. Open data/site/index.html in a browser; no network is needed.\n\n"
        "To check it, with Python 3.9 or newer and nothing else:\n\n"
        f"    python3 -I -S verify.py . --key {signer}\n\n"
        "The fingerprint above proves nothing by itself: compare it with the one you were given by another way\n"
        "(letter, telephone, contract). The verify.py in this folder could have been altered with the rest; take one\n"
        "from the evidence_kit release you trust, and pass it this folder. To check the seal alone, with OpenSSH:\n\n"
        "    ssh-keygen -Y verify -f allowed_signers -I IDENTITY -n evidence-kit-bundle-v1 \\\n"
        "        -s tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt\n"
    )


def _verify(folder: Path, signer: str) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verify.py"), str(folder), "--key", signer, "--json"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode == 0:
        return
    try:
        failed = [check["id"] for check in json.loads(done.stdout)["checks"] if check["status"] == "FAIL"]
    except (ValueError, KeyError):
        failed = ["V00"]
    raise SealError(
        f"the bag does not pass its own verifier ({', '.join(failed) or 'not decided'}). It stays in {folder.parent}; "
        "this is a defect of the kit: please report it with that list."
    )


def _controls(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
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


def zipped(bundle: Path) -> Path:
    """The bundle as one ZIP file beside it: same bag, same bytes. Source: docs/norm/bundle.md, section 10."""
    target = bundle.with_name(bundle.name + ".zip")
    part = target.with_name(f".{target.name}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as out:
        files = {path.relative_to(bundle).as_posix(): path for path in bundle.rglob("*") if path.is_file()}
        for name in sorted(files, key=str.encode):
            info = zipfile.ZipInfo(f"{bundle.name}/{name}", (1980, 1, 1, 0, 0, 0))
            info.create_system, info.create_version, info.extract_version = 3, 20, 20
            info.external_attr = 0o100644 << 16
            out.writestr(info, files[name].read_bytes())
    os.replace(part, target)
    return target


def _dict(value: object) -> dict[str, Any]:
    assert isinstance(value, dict)
    return value
