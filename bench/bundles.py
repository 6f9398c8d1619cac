"""A bundle of so many cases, made for the bench: `python3 -m bench.bundles 1000 FOLDER`.

The good bundle of tests/bundles with more requests in its census (copies of five of its cases, each with its own unit,
leaf, ticket, result and row of evidence), told, counted and sealed as that one is. The pages are the kit's own: of the
first requests as the kit renders them, of the others the same pages with their unit and their rows in place of those
of a case like theirs. Same number, same bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evidence_kit.pages.payload import Payload, Seal
from evidence_kit.pages.render import render
from tests.bundles import good as g
from tests.bundles.good import evidence

#: Cases whose evidence is one row of the log and nothing else, so that a copy needs no other rows.
ALIKE = ("R-001", "R-002", "R-004", "R-007", "R-008")
STRATUM, CONTROL = "controller/access", "REQ-02"
RESULTS, LOG = f"results/{CONTROL}.jsonl", f"frames/{CONTROL}.request_log.jsonl"
#: So many requests the kit renders itself; so many rows of evidence it shows on a page.
RENDERED, ON_A_PAGE = 50, 500


def bundle(cases: int) -> g.Bundle:
    """The bundle with `cases` requests of that stratum, at least the ten that are there."""
    _more(cases)
    made = g.build()
    results = made.rows("data/" + RESULTS)
    pages = _rendered(made)
    made.files = {name: data for name, data in made.files.items() if not name.startswith("data/site/")}
    made.files.update({f"data/{name}": data for name, data in pages.items()})
    made.files.update({f"data/{name}": text.encode() for name, text in _copies(results, pages)})
    return g.reseal(made, pages=False)


def _more(cases: int) -> None:
    """Put the copies among the cases of tests/bundles: this process makes one bundle and ends."""
    kinds = [case for case in evidence.CASES if case[0] in ALIKE]
    for number in range(cases - len(evidence.CASES)):
        evidence.CASES.append((f"R-{100_000 + number}", *kinds[number % len(kinds)][1:]))
    name, units, plan, by, sizes = evidence.POPULATIONS[CONTROL]
    units[STRATUM] = [case[0] for case in evidence.CASES]
    plan[0][1] = sizes[0][STRATUM] = len(evidence.CASES)
    evidence.POPULATIONS[CONTROL] = (name, units, plan, by, sizes)


def _rendered(made: g.Bundle) -> dict[str, bytes]:
    """The kit's pages of what it would seal, the requests after the first ones left out: path under data/ → bytes."""
    files: dict[str, Any] = {}
    for name, data in made.files.items():
        path = name.removeprefix("data/")
        if path == name or path == "bundle.json" or path.startswith("site/"):
            continue
        if path.endswith(".jsonl"):
            rows = data.splitlines()
            files[path] = [json.loads(line) for line in (rows[:RENDERED] if path in (RESULTS, LOG) else rows)]
        else:
            files[path] = json.loads(data) if path.endswith((".json", ".ipynb")) else data.decode()
    for path, notebook in files.items():
        if path.endswith(".ipynb"):  # what nbconvert wants and the good bundle leaves out
            notebook["metadata"]["kernelspec"] = {"name": "evidence", "display_name": "", "language": "python"}
    said, sealed = made.catalogue, made.catalogue["ledger"]
    named = {key: said[key] for key in ("bundle", "engagement", "run", "level", "kit", "sealed_at", "signer")}
    seal = Seal(
        head_sha256=sealed["head_sha256"], entries=sealed["entries"], demonstration=said["demonstration"], **named
    )
    return render(Payload(files), seal)


def _copies(results: list[Any], pages: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """The pages of the requests that were left out: their sheets in both languages, and their rows of evidence."""
    kinds = {case[0]: repr(case[1:]) for case in evidence.CASES}
    alike = {kinds[unit] for unit in ALIKE}
    models: dict[str, Any] = {}
    for row in results[:RENDERED]:
        if kinds.get(row["unit"]) in alike:
            models.setdefault(kinds[row["unit"]], row)
    first = pages[_evidence(1)].decode()
    head, rest = first.split("<tbody>\n", 1)
    lines, foot = rest.split("</tbody>", 1)
    of = dict(enumerate(lines.splitlines(keepends=True), 1))
    rows: dict[int, list[str]] = {}
    for row in results[RENDERED:]:
        number, unit = row["id"], row["unit"]
        model = models.get(kinds.get(unit, ""))
        if model is None:  # one of the good bundle's own, unlike any other: neither its sheet nor its row is shown
            continue
        page = 2 + (number - RENDERED - 1) // ON_A_PAGE
        for language in ("en", "fr"):
            sheet = pages[f"site/{language}/case-{model['unit']}.html"].decode()
            yield f"site/{language}/case-{unit}.html", _told(sheet, model, row, page)
        rows.setdefault(page, []).append(_told(of[model["id"]], model, row, page))
    for page, told in rows.items():
        yield _evidence(page), f"{head}<tbody>\n{''.join(told)}</tbody>{foot}"


def _evidence(page: int) -> str:
    return f"site/evidence/{CONTROL}.request_log-{page}.html"


def _told(text: str, model: Mapping[str, Any], row: Mapping[str, Any], page: int) -> str:
    """What is told of one request, told of another like it: unit, result, row of evidence and the page of that row."""
    old, new = model["id"], row["id"]
    asked = f"control-{CONTROL}.html#"
    for before, after in (
        (model["unit"], row["unit"]),
        (asked + row["unit"], asked + model["unit"]),  # the control's own page lists those that the kit rendered
        (f"{RESULTS}#/{old}/", f"{RESULTS}#/{new}/"),
        (f"{LOG}#/{old}/", f"{LOG}#/{new}/"),
        (f'request_log-1.html#r{old}"', f'request_log-{page}.html#r{new}"'),
        (f'id="r{old}"', f'id="r{new}"'),
        (f'href="#r{old}"', f'href="#r{new}"'),
        *(
            (f'value="{old}" data-ek="{at}">{old}<', f'value="{new}" data-ek="{at}">{new}<')
            for at in (f"{RESULTS}#/{new}/evidence/0/rows/0", f"{LOG}#/{new}/id")
        ),
    ):
        text = text.replace(before, after)
    return text


def main(arguments: list[str]) -> None:
    """Write the bundle of so many cases below a folder, and say where it is and who signed it."""
    place = bundle(int(arguments[0])).write(Path(arguments[1]))
    print(json.dumps({"bundle": str(place), "key": g.KEY.fingerprint}))


if __name__ == "__main__":
    main(sys.argv[1:])
