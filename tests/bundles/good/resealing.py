"""Rebuild what lies downstream of a change, so that a mutation can be seen by one check alone."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tests.bundles.good.base import (
    ENGAGEMENT,
    KIT,
    NOTEBOOKS,
    TAG_FILES,
    VERDICTS,
    VERIFIER,
    Json,
    canonical,
    digest,
    netstring,
)
from tests.bundles.good.bundle import Bundle, content, manifest, payload, record, sha
from tests.bundles.good.evidence import RECEIPT
from tests.bundles.good.expected import CLASSES, checks
from tests.bundles.good.pages import render


def reseal(
    bundle: Bundle,
    *,
    evidence: bool = True,
    counts: bool = True,
    chain: bool = True,
    content_digest: bool = True,
    pages: bool = True,
    catalogue: bool = True,
) -> Bundle:
    """Rebuild everything downstream of a change; each flag leaves one stage as the mutation made it.

    `counts`: summary, findings, receipts, run.ended and control.concluded follow the rows of the results.
    `evidence`: the ledger's and scan.json's digests follow the files. `chain`: the ledger's own digests.
    """
    if counts:
        recount(bundle)
    if evidence:
        redigest(bundle)
    if content_digest:
        bundle.entries[-1]["data"]["content_sha256"] = digest(manifest(bundle, content(bundle)))
    if chain:
        rechain(bundle)
    bundle.put_rows("data/ledger.jsonl", bundle.entries)
    if pages:
        for language in ("en", "fr"):
            bundle.files.update(render(bundle, language))
    if catalogue:
        recatalogue(bundle)
    rebag(bundle)
    return bundle


def recount(bundle: Bundle) -> None:
    """Counts, upper limits and verdicts of summary.json and findings.jsonl, from the rows of the results."""
    controls = {each["control"]: each for each in bundle.json("data/controls.json")["controls"]}
    summary = bundle.json("data/summary.json")
    for each in summary["controls"]:
        path = f"data/results/{each['control']}.jsonl"
        rows = bundle.rows(path) if path in bundle.files else []
        for stratum in each["strata"]:
            stratum.update(four(row for row in rows if row["stratum"] == stratum["stratum"]))
            judge(stratum, controls[each["control"]])
        conclude(each)
        made = {key: each[key] for key in ("pass", "fail", "error", "inconclusive")}
        for entry in bundle.entries:
            if entry["action"] == "control.concluded" and entry["data"]["control"] == each["control"]:
                entry["data"].update(made, verdict=each["verdict"])
    keys = ("units", "drawn", "pass", "fail", "error", "inconclusive", "deviations")
    summary["totals"] = {"controls": len(summary["controls"])}
    summary["totals"].update({key: sum(each[key] for each in summary["controls"]) for key in keys})
    bundle.put_rows("data/findings.jsonl", findings(bundle, summary))
    for each in summary["controls"]:
        for stratum in each["strata"]:
            stratum.pop("reason", None)
    bundle.put("data/summary.json", summary)
    recount_receipts(bundle, summary)


def recount_receipts(bundle: Bundle, summary: Json) -> None:
    of = {each["control"]: each for each in summary["controls"]}
    for notebook, controls in NOTEBOOKS.items():
        path = f"data/notebooks/{notebook}.ipynb"
        if path not in bundle.files:
            continue
        counts = [
            {key: of[control][key] for key in ("control", "pass", "fail", "error", "inconclusive")}
            for control in controls
            if control in of
        ]
        started = bundle.entry("run.started", notebook=notebook)
        bundle.entry("run.ended", started=started["seq"])["data"]["counts"] = counts
        executed = bundle.json(path)
        executed["cells"][-1]["outputs"][0]["data"][RECEIPT]["controls"] = counts
        bundle.put(path, executed)


def four(rows: Iterable[Json]) -> Json:
    verdicts = [row["verdict"] for row in rows]
    made = {verdict.lower(): verdicts.count(verdict) for verdict in VERDICTS}
    return {"drawn": len(verdicts), **made, "deviations": len(verdicts) - made["pass"]}


#: (units, drawn, deviations) -> the most deviations that are not refuted at 95 %. By hand, from the hypergeometric law.
UPPER = {(3, 2, 0): 1, (60, 27, 0): 4, (60, 27, 1): 8, (60, 26, 0): 5}


def upper(units: int, drawn: int, found: int) -> int:
    return found if units == drawn else UPPER[units, drawn, found]


def shown(limit: int, units: int) -> str:
    return "{}.{}".format(*divmod(-(-1000 * limit // units), 10))


def too_many(units: int, tolerable: str) -> int:
    return {"0.000000001": 1, "0.1": max(1, -(-units // 10))}[tolerable]


def judge(stratum: Json, control: Json) -> None:
    units, drawn = stratum["units"], stratum["drawn"]
    if not units or not drawn:
        stratum.update(upper_units=None, upper_rate_shown=None, verdict="INCONCLUSIVE", reason="nothing-to-test")
        return
    limit, bare = upper(units, drawn, stratum["deviations"]), upper(units, drawn, stratum["fail"])
    bad = too_many(units, control["tolerable"])
    verdict, reason = "FAIL", "upper-bound-reaches-tolerable"
    if stratum["error"] + stratum["inconclusive"] == drawn:
        verdict, reason = "INCONCLUSIVE", "nothing-could-be-tested"
    elif limit < bad:
        verdict, reason = "PASS", "upper-bound-below-tolerable"
    elif bare < bad:
        verdict, reason = "FAIL", "untested-units-count-as-deviations"
    elif not stratum["deviations"]:
        verdict, reason = "INCONCLUSIVE", "sample-too-small"
    stratum.update(upper_units=limit, upper_rate_shown=shown(limit, units), verdict=verdict, reason=reason)


def conclude(each: Json) -> None:
    keys = ("units", "drawn", "pass", "fail", "error", "inconclusive", "deviations")
    each.update({key: sum(stratum[key] for stratum in each["strata"]) for key in keys})
    judged = [(stratum["verdict"], stratum["reason"]) for stratum in each["strata"]]
    order = ("FAIL", "ERROR", "INCONCLUSIVE", "PASS")
    each["verdict"], each["reason"] = min(
        judged, key=lambda one: order.index(one[0]), default=("INCONCLUSIVE", NOTHING)
    )
    alone = each["strata"][0] if len(each["strata"]) == 1 else {}
    each["upper_units"], each["upper_rate_shown"] = alone.get("upper_units"), alone.get("upper_rate_shown")


NOTHING = "nothing-to-test"


#: (units, drawn in each round) → chance of accepting 6 bad ones at 95 %, and the confidence left. By a sum of its own.
RISKS = {(60, 22, 5): (22123105, "97.7"), (60, 21, 5): (26863770, "97.3")}


def extended(each: Json, draw: Json) -> list[Json]:
    made = []
    for one in each["strata"]:
        sizes = [sum(unit["stratum"] == one["stratum"] for unit in round["drawn"]) for round in draw["rounds"]]
        if any(sizes[1:]):
            risk, left = RISKS[(one["units"], *sizes)]
            made.append({"stratum": one["stratum"], "risk_ppb": risk, "confidence_shown": left})
    return made


def beside(control: Json, summary: Json) -> list[str]:
    """Whether the log of requests was shown to be whole, said beside the rates drawn from it."""
    if control["needs"][0]["frame"] != "request_log":
        return []
    others = [one for one in summary["controls"] if one["control"] != control["control"]]
    whole = [one["verdict"] for one in others if one["control"].startswith("COM-")]
    if not whole:
        return ["population-completeness-not-tested"]
    return [] if set(whole) == {"PASS"} else ["population-not-complete"]


def findings(bundle: Bundle, summary: Json) -> list[Json]:
    controls = {each["control"]: each for each in bundle.json("data/controls.json")["controls"]}
    made = []
    for number, each in enumerate(summary["controls"], 1):
        control = each["control"]
        draw, path = bundle.json(f"data/draws/{control}.json"), f"data/results/{control}.jsonl"
        rows = bundle.rows(path) if path in bundle.files else []
        reasons = [reason for row in rows for reason in row["reasons"]]
        bare = [(one, one["drawn"] and upper(one["units"], one["drawn"], one["fail"])) for one in each["strata"]]
        further = extended(each, draw)
        made.append(
            {
                "id": number,
                "control": control,
                "verdict": each["verdict"],
                "reason": each["reason"],
                "grade": {"PASS": "strength", "FAIL": "major"}.get(each["verdict"], "none"),
                "law": controls[control]["law"],
                "set_aside": sum(count for name, count, _ in draw["commitment"]["strata"] if name == "not_yet_due"),
                "draw_independent": draw["independent"],
                "too_many": [
                    {"stratum": one["stratum"], "too_many": too_many(one["units"], controls[control]["tolerable"])}
                    for one in each["strata"]
                ],
                "without_untested": [
                    {
                        "stratum": one["stratum"],
                        "upper_units": limit if one["drawn"] else None,
                        "upper_rate_shown": shown(limit, one["units"]) if one["drawn"] else None,
                    }
                    for one, limit in bare
                ],
                "extended": further,
                "median_days": None,
                "p95_days": None,
                "reasons": [{"reason": one, "units": reasons.count(one)} for one in sorted(set(reasons))],
                "checks": checks(bundle, control),
                "notes": (["extended-outside-the-plan"] if further else []) + beside(controls[control], summary),
            }
        )
    return made


def redigest(bundle: Bundle) -> None:
    """What the ledger and scan.json say of the files, and what made_by says of both."""
    for entry in bundle.entries:
        data, action = entry["data"], entry["action"]
        if action == "engagement.loaded":
            data["engagement_sha256"] = record(bundle, "data/engagement.json")
            data["controls_sha256"] = record(bundle, "data/controls.json")
        elif action == "run.started":
            data["template_sha256"] = record(bundle, f"data/notebooks/{data['notebook']}.template.ipynb")
            data["params_sha256"] = record(bundle, f"data/params/{data['notebook']}.json")
        elif action == "run.ended" and data["executed_sha256"]:
            notebook = bundle.entries[data["started"] - 1]["data"].get("notebook")
            if f"data/notebooks/{notebook}.ipynb" in bundle.files:
                data["executed_sha256"] = record(bundle, f"data/notebooks/{notebook}.ipynb")
        elif action == "frame.collected":
            path = f"data/frames/{data['frame']}.jsonl"
            if path in bundle.files:
                data["frame_sha256"], data["rows"] = sha(bundle, path), bundle.files[path].count(b"\n")
                data["query_sha256"] = sha(bundle, f"data/sql/{data['frame']}.sql")
        elif action == "sample.drawn" and f"data/draws/{data['control']}.json" in bundle.files:
            rounds = bundle.json(f"data/draws/{data['control']}.json")["rounds"]
            drawn = rounds[data["round"] - 1]["drawn"]
            data["sample_sha256"], data["count"] = digest(canonical(drawn)), len(drawn)
        elif action == "population.frozen":
            data["query_sha256"] = sha(bundle, f"data/sql/{data['population'].split('.')[0]}.population.sql")
    scanned = bundle.json("data/scan.json")
    names = [name for name in content(bundle) if name != "data/scan.json" and not name.startswith("data/openings/")]
    scanned["files"] = [{"path": name, "sha256": sha(bundle, name)} for name in names]
    bundle.put("data/scan.json", scanned)
    bundle.entry("release.scanned")["data"]["scan_sha256"] = sha(bundle, "data/scan.json")
    for path, made in bundle.made_by.items():
        if path not in bundle.files:
            continue
        notebook = made["notebook"]
        made["template_sha256"] = record(bundle, f"data/notebooks/{notebook}.template.ipynb")
        made["params_sha256"] = record(bundle, f"data/params/{notebook}.json")
        if made["query"]:
            made["query_sha256"] = sha(bundle, made["query"])
        if path.endswith(".jsonl"):
            made["rows_out"] = bundle.files[path].count(b"\n")


def rechain(bundle: Bundle, *, renumber: bool = False) -> None:
    previous = digest("ek1:ledger:" + netstring(ENGAGEMENT))
    for number, entry in enumerate(bundle.entries, 1):
        if renumber:
            entry["seq"] = number
        if entry["action"] == "ledger.sealed":
            entry["data"]["entries"] = entry["seq"] - 1
        entry["data_sha256"] = digest(canonical(entry["data"]))
        entry["prev_sha256"] = previous
        previous = entry_digest(entry)


def entry_digest(entry: Json) -> str:
    return digest(canonical({key: value for key, value in entry.items() if key != "data"}))


def recatalogue(bundle: Bundle) -> None:
    made = bundle.catalogue
    made["ledger"] = {"entries": len(bundle.entries), "head_sha256": entry_digest(bundle.entries[-1])}
    made["artefacts"] = [artefact(bundle, name) for name in payload(bundle) if name != "data/bundle.json"]
    bundle.put("data/bundle.json", made)


def artefact(bundle: Bundle, path: str) -> Json:
    return {
        "path": path,
        "sha256": sha(bundle, path),
        "bytes": len(bundle.files[path]),
        "role": role(path),
        "rows": bundle.files[path].count(b"\n") if path.endswith(".jsonl") else None,
        "columns": bundle.columns.get(path),
        "made_by": bundle.made_by.get(path),
    }


def role(path: str) -> str:
    name, folder = path.rsplit("/", 1)[-1], path.split("/")[1]
    if folder == "notebooks":
        return "notebook-template" if name.endswith(".template.ipynb") else "notebook-executed"
    if folder == "site" and name.endswith(".ics"):
        return "agenda"
    if folder == "site":
        return "words" if name == "words.json" else "page"
    if path == CLASSES:
        return "classes"
    folders = {
        "expectations": "suite",
        "readings": "reading",
        "draws": "draw",
        "frames": "frame",
        "calendars": "calendar",
        "openings": "opening",
    }
    alone = {"ro-crate-metadata.json": "crate", "blinding.txt": "blinding"}
    return alone.get(name) or folders.get(folder, folder.split(".")[0])


def rebag(bundle: Bundle) -> None:
    """Tag files, manifests and signature."""
    files, catalogue = bundle.files, json.loads(bundle.files["data/bundle.json"])
    names = payload(bundle)
    files["bagit.txt"] = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    files["bag-info.txt"] = "".join(
        f"{label}: {value}\n"
        for label, value in (
            ("Source-Organization", "Démo & Cie"),
            ("External-Identifier", catalogue["bundle"]),
            ("Bagging-Date", catalogue["sealed_at"][:10]),
            ("Payload-Oxum", f"{sum(len(files[name]) for name in names)}.{len(names)}"),
            ("Bag-Software-Agent", f"evidence_kit {KIT}"),
            ("Evidence-Format", catalogue["version"]),
            ("Evidence-Level", catalogue["level"]),
        )
    ).encode()
    files["README.txt"] = b"python3 verify.py BUNDLE --key KEYFILE\n"
    files.setdefault("verify.py", VERIFIER.read_bytes())
    files["manifest-sha256.txt"] = manifest(bundle, names).encode()
    retag(bundle)


def rebag_any(bundle: Bundle) -> None:
    """Manifests and signature over whatever the files are; bag-info.txt keeps its words but for the Oxum."""
    names = payload(bundle)
    old = bundle.files["bag-info.txt"].decode()
    oxum = f"Payload-Oxum: {sum(len(bundle.files[name]) for name in names)}.{len(names)}"
    lines = [oxum if line.startswith("Payload-Oxum") else line for line in old.splitlines()]
    bundle.files["bag-info.txt"] = ("\n".join(lines) + "\n").encode()
    bundle.files["manifest-sha256.txt"] = manifest(bundle, names).encode()
    retag(bundle)


def retag(bundle: Bundle) -> None:
    """Tag manifest and signature, after a change of a tag file."""
    bundle.files["tagmanifest-sha256.txt"] = manifest(bundle, TAG_FILES).encode()
    resign(bundle)


def resign(bundle: Bundle) -> None:
    bundle.files["tagmanifest-sha256.txt.sig"] = bundle.seal.over(bundle.files["tagmanifest-sha256.txt"])
