"""Must-fail cases of the checks C: the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.bundles import good as g
from tests.bundles.good import Bundle, reseal
from tests.bundles.mutations.registry import FR, LOG, RESULTS, fails


@fails("F93", "C01", "format", "engagement", "kit", "parts")
def another_format(bundle: Bundle, variant: str) -> Bundle:
    if variant == "kit":
        bundle.edit("data/engagement.json", lambda value: value.update(kit="9.9.9"))
        return reseal(bundle)
    if variant == "engagement":
        bundle.edit("data/engagement.json", lambda value: value.update(demonstration=False))
        return reseal(bundle)
    bundle.catalogue.update({"format": "evidence-kit-bundlo"} if variant == "format" else {"run": "r009"})
    return reseal(bundle)


@fails("F94", "C01")
def renamed(bundle: Bundle, variant: str) -> Bundle:
    bundle.name = "demo.r002.auditor-full"
    return bundle


def recatalogued(bundle: Bundle, change: Callable[[Any], Any]) -> Bundle:
    bundle.edit("data/bundle.json", change)
    g.rebag(bundle)
    return bundle


def artefact(value: Any, path: str) -> Any:
    return next(each for each in value["artefacts"] if each["path"] == path)


@fails("F95", "C02")
def artefact_missing(bundle: Bundle, variant: str) -> Bundle:
    return recatalogued(bundle, lambda value: value["artefacts"].remove(artefact(value, FR)))


@fails("F96", "C02")
def artefact_twice(bundle: Bundle, variant: str) -> Bundle:
    return recatalogued(bundle, lambda value: value["artefacts"].insert(0, value["artefacts"][0]))


@fails("F97", "C02", "rows", "bytes", "digest", "role", "columns", "unknown file", "required file")
def wrong_artefact(bundle: Bundle, variant: str) -> Bundle:
    if variant == "unknown file":
        bundle.put("data/calendars/FR.txt", {})
        return reseal(bundle)
    if variant == "required file":
        del bundle.files["data/site/index.html"]
        return reseal(bundle)
    path = FR if variant in ("digest", "bytes", "role", "columns") else "data/findings.jsonl"
    said = {"rows": 4, "bytes": 1, "sha256": g.digest("x"), "role": "draw", "columns": [["id", "integer", "none"]]}
    key = "sha256" if variant == "digest" else variant
    return recatalogued(bundle, lambda value: artefact(value, path).update({key: said[key]}))


@fails("F98", "C03", "template_sha256", "params_sha256", "notebook", "run", "draw", "population", "nothing")
def wrong_provenance(bundle: Bundle, variant: str) -> Bundle:
    said = {
        "template_sha256": g.digest("x"), "params_sha256": g.digest("x"), "notebook": "20_sample", "run": 1,
        "draw": "data/draws/X.json", "population": "COM-02.requests", "nothing": None,
    }  # fmt: skip

    def change(value: Any) -> None:
        if variant == "nothing":
            artefact(value, RESULTS)["made_by"] = None
        else:
            artefact(value, LOG)["made_by"][variant] = said[variant]

    return recatalogued(bundle, change)


@fails("F99", "C03", "frame", "population", "template", "params", "engagement")
def altered_query(bundle: Bundle, variant: str) -> Bundle:
    path = {
        "frame": "data/sql/REQ-02.request_log.sql",
        "population": "data/sql/REQ-02.population.sql",
        "engagement": "data/engagement.json",
        "template": "data/notebooks/90_findings.template.ipynb",
        "params": "data/params/90_findings.json",
    }[variant]
    told = [dict(entry["data"]) for entry in bundle.entries]
    if variant in ("frame", "population"):
        bundle.files[path] += b"-- harmless\n"
    elif variant == "engagement":
        bundle.edit(path, lambda value: value["out_of_scope"].clear())
    elif variant == "template":
        bundle.edit(path, lambda value: value["metadata"].update(more="x"))
    else:
        bundle.edit(path, lambda value: value.update(run="r001"))
        bundle.files[path] = bundle.files[path].replace(b'"run":"r001"', b'"run":"r001","x":1')
    reseal(bundle)
    kept = ("query_sha256", "template_sha256", "params_sha256", "engagement_sha256")
    for entry, data in zip(bundle.entries, told, strict=True):
        entry["data"].update({key: data[key] for key in kept if key in data})
    return reseal(bundle, evidence=False)


@fails("F100", "C03", "rows_out", "ledger rows", "ledger frame")
def wrong_rows_out(bundle: Bundle, variant: str) -> Bundle:
    if variant == "rows_out":
        return recatalogued(bundle, lambda value: artefact(value, LOG)["made_by"].update(rows_out=13))
    entry = bundle.entry("frame.collected", frame="REQ-02.request_log")["data"]
    entry.update({"rows": 13} if variant == "ledger rows" else {"frame_sha256": g.digest("x")})
    return reseal(bundle, evidence=False)


@fails("F103", "C04", "missing", "form", "withheld")
def blinding(bundle: Bundle, variant: str) -> Bundle:
    if variant == "missing":
        del bundle.files["data/blinding.txt"]
    elif variant == "form":
        bundle.files["data/blinding.txt"] = b"0" * 63 + b"\n"
    else:
        bundle.catalogue["withheld"] = [{"role": "frame", "count": 1}]
    return reseal(bundle)
