"""The bundle's description for research archives: RO-Crate 1.1 with the Process Run Crate profile. Pure.

Everything it says stands in the payload already: nothing of a person, nobody's name. It is written after the pages and
before the catalogue. Sources: docs/norm/bundle.md, sections 3, 4 and 12; https://w3id.org/ro/crate/1.1 and
https://w3id.org/ro/wfrun/process/0.5 (which builds on 1.1, so 1.1 it is).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from evidence_kit.ledger.catalogue import role_of
from evidence_kit.model.canonical import dump_line

NAME: Final = "ro-crate-metadata.json"
SPEC: Final = "https://w3id.org/ro/crate/1.1"
PROFILE: Final = "https://w3id.org/ro/wfrun/process/0.5"
KIT: Final = "https://pypi.org/project/evidence-kit/"
#: The profile's own term for a file's digest; the context of RO-Crate 1.1 has none.
TERMS: Final = {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}

#: Roles whose files the crate lists, with what each is; the catalogue lists every file.
LISTED: Final = {
    "engagement": "What was agreed before anything was read",
    "controls": "The controls as they were tested",
    "summary": "Counts and verdict of each control",
    "findings": "What follows from the results, control by control",
    "delta": "What changed since the bundle of an earlier run",
    "frameworks": "What the controls do for the clauses of laws, guidelines and standards",
    "ledger": "Who did what when, each entry chained to the one before it",
    "params": "The parameters of a notebook's run",
    "draw": "Commitment, nonce and drawn units of a control",
    "frame": "Evidence frame: the rows that a control was judged from",
    "results": "One line for each drawn unit: verdict, attributes, reasons, evidence",
    "notebook-template": "Notebook as released, before its run",
    "notebook-executed": "Notebook as it ran",
    "scan": "What the leak scan looked for and found",
    "planted": "What was planted in the made-up company, beside what each control found of it",
    "calendar": "Days off as the deadlines used them",
    "words": "The words of the pages, by language",
}
TYPES: Final = {
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".ipynb": "application/x-ipynb+json",
    ".html": "text/html",
}

Entity = dict[str, Any]


def crate(head: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """`ro-crate-metadata.json` of a bundle of any level, as canonical JSON with its LF.

    `head`: what the catalogue will say but for its artefacts; `files`: path under data/ -> bytes, the pages among
    them. Same input, same bytes. Raises KeyError where the payload lacks its engagement.
    """
    engagement = json.loads(files["engagement.json"])
    listed = {path: _what(path) for path in sorted(files, key=str.encode) if _what(path)}
    runs = tuple(_runs(files))
    tools = _tools(head, engagement)
    entities = [
        {
            "@id": NAME,
            "@type": "CreativeWork",
            "about": _to("./"),
            "conformsTo": _to(SPEC),
        },
        _root(head, engagement, listed, runs),
        _organisation(engagement),
        _terms(engagement),
        *(_file(path, what, files, tools) for path, what in listed.items()),
        *runs,
        *tools,
    ]
    if runs:
        entities.append({"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"})
    return dump_line({"@context": [f"{SPEC}/context", dict(TERMS)], "@graph": entities}, open_keys=True)


def _to(target: str) -> Entity:
    return {"@id": target}


def _each(targets: Iterable[str]) -> Entity | list[Entity]:
    """References; one alone stands without its list, as the specification recommends."""
    found = [_to(target) for target in targets]
    return found[0] if len(found) == 1 else found


def _what(path: str) -> str:
    """What a file is, for those that the crate lists: all but texts of queries, leaves, suites and most pages."""
    if path.startswith("site/"):
        return "The report, to be opened in a browser" if path.endswith("/index.html") else ""
    return LISTED.get(role_of(path), "")


def _root(
    head: Mapping[str, Any], engagement: Mapping[str, Any], listed: Mapping[str, str], runs: tuple[Entity, ...]
) -> Entity:
    period = engagement["period"]
    root: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "name": engagement["title"]["en"],
        "alternateName": engagement["title"]["fr"],
        "description": (
            f"Evidence bundle {head['bundle']} of level {head['level']}: a data-protection audit of "
            f"{engagement['organisation']['name']}, with the evidence, the verdicts and the means to check both."
            + (" Made from made-up data, for demonstration." if head["demonstration"] else "")
        ),
        "identifier": head["bundle"],
        "datePublished": head["sealed_at"],
        "temporalCoverage": f"{period['from']}/{period['until']}",
        "inLanguage": ["en", "fr"],
        "author": _to("#organisation"),
        "publisher": _to("#organisation"),
        "license": _to("#terms"),
        "hasPart": _each(listed),
    }
    if runs:
        root["conformsTo"] = _to(PROFILE)
        root["mentions"] = _each(run["@id"] for run in runs)
    return root


def _organisation(engagement: Mapping[str, Any]) -> Entity:
    organisation = engagement["organisation"]
    return {
        "@id": "#organisation",
        "@type": "Organization",
        "name": organisation["name"],
        "location": organisation["country"],
    }


def _terms(engagement: Mapping[str, Any]) -> Entity:
    return {
        "@id": "#terms",
        "@type": "CreativeWork",
        "name": "Terms of the engagement",
        "description": (
            f"All rights reserved by {engagement['organisation']['name']}. To be read, kept and passed on as the "
            "engagement between the organisation and its auditor says, and no further."
        ),
    }


def _file(path: str, what: str, files: Mapping[str, bytes], tools: tuple[Entity, ...]) -> Entity:
    data = files[path]
    told: Entity = {
        "@id": path,
        "@type": "File",
        "name": path,
        "description": what,
        "encodingFormat": TYPES["." + path.rpartition(".")[2]],
        "contentSize": str(len(data)),
        "sha256": sha256(data).hexdigest(),
    }
    if path.endswith(".template.ipynb"):
        # The notebook is what ran, so it is a program too; its digest is the only version it has.
        told["@type"] = ["File", "SoftwareSourceCode"]
        told["version"] = told["sha256"]
        told["programmingLanguage"] = "Python"
        told["softwareRequirements"] = _each(tool["@id"] for tool in tools)
    return told


def _tools(head: Mapping[str, Any], engagement: Mapping[str, Any]) -> tuple[Entity, ...]:
    """The kit and the packages it ran with; a client bundle names no packages."""
    kit = {
        "@id": KIT,
        "@type": "SoftwareApplication",
        "name": "evidence_kit",
        "url": KIT,
        "softwareVersion": head["kit"],
    }
    packages = (
        {
            "@id": f"https://pypi.org/project/{one['name']}/",
            "@type": "SoftwareApplication",
            "name": one["name"],
            "url": f"https://pypi.org/project/{one['name']}/",
            "softwareVersion": one["version"],
        }
        for one in engagement.get("packages", ())
    )
    return (kit, *packages)


def _runs(files: Mapping[str, bytes]) -> Iterator[Entity]:
    """Each notebook's last run that passed, as an action: its template, what it was given and what it made.

    Nothing where the ledger's data are withheld: then it does not say which run made what.
    """
    entries = [json.loads(line) for line in files["ledger.jsonl"].splitlines()]
    started = {one["seq"]: one for one in entries if one["action"] == "run.started" and one["data"]}
    passed: dict[str, tuple[Entity, Entity]] = {}
    for ended in entries:
        if ended["action"] == "run.ended" and ended["data"] and ended["data"]["status"] == "passed":
            start = started[ended["data"]["started"]]
            passed[start["data"]["notebook"]] = (start, ended)
    for notebook, (start, ended) in passed.items():
        template = f"notebooks/{notebook}.template.ipynb"
        if template in files:
            yield _action(notebook, start, ended, files)


def _action(notebook: str, start: Entity, ended: Entity, files: Mapping[str, bytes]) -> Entity:
    controls = {one["control"] for one in ended["data"]["counts"]}
    given = [f"params/{notebook}.json", *(f"draws/{control}.json" for control in sorted(controls))]
    made = [f"notebooks/{notebook}.ipynb"]
    made += [path for path in sorted(files) if path.startswith(("frames/", "results/")) and _of(path) in controls]
    return {
        "@id": f"#run-{start['seq']}",
        "@type": "CreateAction",
        "name": f"Run of {notebook}",
        "description": "Entries of the ledger: " + f"{start['seq']} (started), {ended['seq']} (ended)",
        "instrument": _to(f"notebooks/{notebook}.template.ipynb"),
        "agent": _to("#organisation"),
        "startTime": _moment(start["at"]),
        "endTime": _moment(ended["at"]),
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "object": _each(path for path in given if path in files),
        "result": _each(path for path in made if path in files),
    }


def _moment(at: str) -> str:
    """An instant in the one form that the profile knows: milliseconds, and the offset in digits."""
    return at[:23] + "+00:00"


def _of(path: str) -> str:
    """The control that a frame or a file of results belongs to."""
    return path.partition("/")[2].partition(".")[0]
