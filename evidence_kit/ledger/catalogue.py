"""The bundle's catalogue: one line per payload file, with its role and where it came from. Pure.

Source: docs/norm/bundle.md, section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

Record = dict[str, object]

#: Role of a payload file, by the folder or the name it has under data/.
FOLDERS = {
    "params": "params",
    "sql": "sql",
    "calendars": "calendar",
    "draws": "draw",
    "leaves": "leaves",
    "openings": "opening",
    "frames": "frame",
    "expectations": "suite",
    "readings": "reading",
    "results": "results",
    "site": "page",
}
FILES = {
    "blinding.txt": "blinding",
    "engagement.json": "engagement",
    "controls.json": "controls",
    "summary.json": "summary",
    "ledger.jsonl": "ledger",
    "findings.jsonl": "findings",
    "delta.json": "delta",
    "frameworks.json": "frameworks",
    "scan.json": "scan",
    "planted.json": "planted",
    "ro-crate-metadata.json": "crate",
    "expectations/evidence_expectations.py": "classes",
    "site/words.json": "words",
}


class Made(NamedTuple):
    """Where frames and results came from: one notebook's run, one control's draw, one query per frame."""

    run: int
    notebook: str
    template_sha256: str
    params_sha256: str


def role_of(path: str) -> str:
    """The role of a payload file, from its path under data/. Raises KeyError for a file that has none."""
    if path in FILES:
        return FILES[path]
    if path.endswith(".ics"):
        return "agenda"
    if path.startswith("notebooks/"):
        return "notebook-template" if path.endswith(".template.ipynb") else "notebook-executed"
    return FOLDERS[path.split("/", 1)[0]]


def catalogue(
    head: Mapping[str, object], files: Mapping[str, bytes], frames: Mapping[str, Record], made: Mapping[str, Made]
) -> Record:
    """`bundle.json`. `head`: everything but the artefacts; `files`: path under data/ → bytes, this file excepted;
    `frames`: path → what the collector said of the frame; `made`: control → the run that made its evidence."""
    artefacts = [_artefact(path, files[path], frames, made) for path in sorted(files, key=str.encode)]
    return {**head, "artefacts": artefacts}


def derived(head: Mapping[str, object], files: Mapping[str, bytes], earlier: Mapping[str, Record]) -> Record:
    """`bundle.json` of a derived bundle. `earlier`: path under data/ → the artefact that the full bundle lists, whose
    columns and provenance stay; pages are made anew and have none."""
    artefacts = []
    for path in sorted(files, key=str.encode):
        known, own = earlier.get(path), _artefact(path, files[path], {}, {})
        kept = {key: known[key] for key in ("columns", "made_by")} if known else {}
        artefacts.append({**own, **kept})
    return {**head, "artefacts": artefacts}


def _artefact(path: str, data: bytes, frames: Mapping[str, Record], made: Mapping[str, Made]) -> Record:
    frame = frames.get(path)
    return {
        "path": f"data/{path}",
        "sha256": sha256(data).hexdigest(),
        "bytes": len(data),
        "role": role_of(path),
        "rows": data.count(b"\n") if path.endswith(".jsonl") else None,
        "columns": frame["columns"] if frame else None,
        "made_by": _made_by(path, data, frame, made),
    }


def _made_by(path: str, data: bytes, frame: Record | None, made: Mapping[str, Made]) -> Record | None:
    """Provenance of a frame or of results; null for files that people wrote or that follow from others."""
    if frame is None and not (made and path.startswith("results/")):
        return None
    control = str(frame["control"]) if frame else path.removeprefix("results/").removesuffix(".jsonl")
    run = made[control]
    return {
        "run": run.run,
        "notebook": run.notebook,
        "template_sha256": run.template_sha256,
        "params_sha256": run.params_sha256,
        "source": ",".join(map(str, _list(frame["sources"]))) if frame else None,
        "query": f"data/sql/{control}.{frame['frame']}.sql" if frame else None,
        "query_sha256": frame["query_sha256"] if frame else None,
        "population": f"{control}.{_population(frame)}" if frame and frame.get("population") else None,
        "draw": f"data/draws/{control}.json",
        "rows_in": frame["rows_in"] if frame else None,
        "rows_out": data.count(b"\n"),
    }


def _population(frame: Record) -> str:
    return str(frame["population"])


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value
