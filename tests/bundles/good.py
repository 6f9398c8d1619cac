"""One good bundle, made from scratch and without the kit's writer: the ground on which the conformance corpus stands.

`good()` gives its files as bytes; `reseal` rebuilds what lies downstream of a change, so that a mutation can be seen by
one check alone. Three controls: REQ-02 (deadlines; two strata and two units not yet due), COM-02 (a sample of two
rounds, one stratum smaller than its size), RET-01 (a census). Every day, verdict and count below was written by hand.
"""

from __future__ import annotations

import copy
import json
import struct
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ENGAGEMENT, RUN, LEVEL, KIT = "demo", "r001", "auditor-full", "0.1.0"
BUNDLE = f"{ENGAGEMENT}.{RUN}.{LEVEL}"
AS_OF, SEALED_AT = "2026-01-31T22:59:59Z", "2026-02-03T10:00:00.000000Z"
VERIFIER = Path(__file__).parents[2] / "evidence_kit" / "verify.py"
TAG_FILES = ("README.txt", "bag-info.txt", "bagit.txt", "manifest-sha256.txt", "verify.py")
NOTEBOOKS = {"10_population": [], "20_sample": [], "30_requests": ["REQ-02", "COM-02"], "50_retention": ["RET-01"]}
NOTEBOOKS["90_findings"] = []
DISGUISES = (
    "plain utf-16 hex base64 base64url base32 percent entities escapes quoted-printable compressed reversed rot13 "
    "decomposed digest separators"
).split()
VERDICTS = ("PASS", "FAIL", "ERROR", "INCONCLUSIVE")

Json = dict[str, Any]


def canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def netstring(text: str) -> str:
    return f"{len(text.encode())}:{text},"


# ------------------------------------------------------------------------------------------------- keys and seals


@dataclass(frozen=True)
class Key:
    """An Ed25519 key made from a published seed: for tests alone."""

    seed: str

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(sha256(self.seed.encode()).digest())

    @property
    def blob(self) -> bytes:
        public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return string(b"ssh-ed25519") + string(public)

    @property
    def fingerprint(self) -> str:
        return "SHA256:" + b64encode(sha256(self.blob).digest()).decode().rstrip("=")

    @property
    def line(self) -> str:
        return f"ssh-ed25519 {b64encode(self.blob).decode()} test\n"


KEY, OTHER_KEY = Key("a key for the conformance corpus"), Key("another key")


def string(data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + data


@dataclass
class Seal:
    """The fields of an SSHSIG; a mutation changes one of them."""

    key: Key = KEY
    version: int = 1
    namespace: bytes = b"evidence-kit-bundle-v1"
    reserved: bytes = b""
    hash: bytes = b"sha512"
    blob: bytes | None = None
    algorithm: bytes = b"ssh-ed25519"
    signature: Callable[[bytes], bytes] = field(default=lambda made: made)
    columns: int = 70

    def over(self, message: bytes) -> bytes:
        hashed = {b"sha512": sha512, b"sha256": sha256}[self.hash](message).digest()
        fields = string(self.namespace) + string(self.reserved) + string(self.hash)
        made = self.signature(self.key.private.sign(b"SSHSIG" + fields + string(hashed)))
        inner = string(string(self.algorithm) + string(made))
        blob = b"SSHSIG" + struct.pack(">L", self.version) + string(self.blob or self.key.blob) + fields + inner
        text = b64encode(blob).decode()
        lines = [text[at : at + self.columns] for at in range(0, len(text), self.columns)]
        return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----\n"]).encode()


# ------------------------------------------------------------------------------------------------- the bundle


@dataclass
class Bundle:
    """All files as bytes. `entries` is the ledger; `columns` and `made_by` are what the catalogue says of a file."""

    files: dict[str, bytes] = field(default_factory=dict)
    entries: list[Json] = field(default_factory=list)
    columns: dict[str, list[list[str]]] = field(default_factory=dict)
    made_by: dict[str, Json] = field(default_factory=dict)
    catalogue: Json = field(default_factory=dict)
    seal: Seal = field(default_factory=Seal)
    name: str = BUNDLE

    def copy(self) -> Bundle:
        return copy.deepcopy(self)

    def json(self, path: str) -> Any:
        return json.loads(self.files[path])

    def put(self, path: str, value: Any) -> None:
        self.files[path] = (canonical(value) + "\n").encode()

    def rows(self, path: str) -> list[Json]:
        return [json.loads(line) for line in self.files[path].splitlines()]

    def put_rows(self, path: str, rows: Iterable[Json]) -> None:
        self.files[path] = "".join(canonical(row) + "\n" for row in rows).encode()

    def edit(self, path: str, change: Callable[[Any], Any]) -> None:
        """Change a JSON document, or the list of rows of a JSONL file, in place."""
        if path.endswith(".jsonl"):
            rows = self.rows(path)
            self.put_rows(path, change(rows) or rows)
        else:
            value = self.json(path)
            self.put(path, change(value) or value)

    def entry(self, action: str, **data: Any) -> Json:
        """The first entry with this action and these data."""
        for entry in self.entries:
            if entry["action"] == action and all(entry["data"].get(key) == value for key, value in data.items()):
                return entry
        raise LookupError(action)

    def write(self, parent: Path) -> Path:
        folder = parent / self.name
        for name, data in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return folder


def sha(bundle: Bundle, path: str) -> str:
    return sha256(bundle.files[path]).hexdigest()


def payload(bundle: Bundle) -> list[str]:
    return sorted(name for name in bundle.files if name.startswith("data/"))


def content(bundle: Bundle) -> list[str]:
    aside = ("data/ledger.jsonl", "data/bundle.json", "data/ro-crate-metadata.json")
    return [name for name in payload(bundle) if name not in aside and not name.startswith("data/site/")]


def manifest(bundle: Bundle, names: Iterable[str]) -> str:
    return "".join(f"{sha(bundle, name)}  {name}\n" for name in sorted(names))


def record(bundle: Bundle, path: str) -> str:
    return sha256(bundle.files[path].removesuffix(b"\n")).hexdigest()


# ------------------------------------------------------------------------------------------------- resealing


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
                "checks": [
                    {"frame": "request_log", "column": None, "expectation": "rows", "success": True, "rows": len(rows)}
                ],
                "notes": ["extended-outside-the-plan"] if further else [],
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
    if folder == "site":
        return "words" if name == "words.json" else "page"
    folders = {"draws": "draw", "frames": "frame", "calendars": "calendar", "openings": "opening"}
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


# ------------------------------------------------------------------------------------------------- the evidence

CSP = "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'"
SHEET = "body{margin:2rem}.n{text-align:right}"
RECEIPT = "application/vnd.evidence-kit.receipt+json"

INSTANTS = (
    "received_at identity_requested_at identity_received_at clarification_requested_at clarification_received_at "
    "extension_notified_at forwarded_at responded_at reopened_at responded_again_at"
).split()
LOG_COLUMNS = (
    "request_id capacity account_key country right_invoked channel received_at identity_requested_at "
    "identity_received_at identity_doubt_reason clarification_requested_at clarification_received_at "
    "clarification_reason extension_notified_at forwarded_at responded_at reopened_at reopen_cause responded_again_at "
    "due_given_on outcome status"
).split()

#: (unit, its log, messages, extension letter, verdict, reason, due day, days late, flags), worked out on paper.
#: Paris: 1 May, 8 May and 14 July are days off; 2025-08-31 is a Sunday.
CASES: list[tuple[str, Json, list[str], bool | None, str, str | None, str | None, int | None, list[str]]] = [
    ("R-001", {"received_at": "2025-03-05", "responded_at": "2025-04-07"}, [], None, "PASS", None, "2025-04-07", 0, []),
    ("R-002", {"received_at": "2025-04-01", "responded_at": "2025-05-02"}, [], None, "PASS", None, "2025-05-02", 0, []),
    (
        "R-003",
        {"received_at": "2025-03-05", "extension_notified_at": "2025-03-20", "responded_at": "2025-06-05"},
        [],
        True,
        "PASS",
        None,
        "2025-06-05",
        0,
        ["relied_on_extension"],
    ),
    (
        "R-004",
        {"received_at": "2025-06-15", "responded_at": "2025-07-16"},
        [],
        None,
        "FAIL",
        "answered-late",
        "2025-07-15",
        1,
        [],
    ),
    (
        "R-005",
        {
            "received_at": "2025-03-05",
            "identity_requested_at": "2025-03-06",
            "identity_received_at": "2025-03-16",
            "responded_at": "2025-04-15",
        },
        [],
        None,
        "INCONCLUSIVE",
        "depends-on-arguable-facts",
        "2025-04-07",
        None,
        [],
    ),
    (
        "R-006",
        {"received_at": "2025-03-05", "responded_at": "2025-03-04"},
        [],
        None,
        "ERROR",
        "closed-before-received",
        None,
        None,
        [],
    ),
    (
        "R-007",
        {
            "received_at": "2025-03-05",
            "identity_requested_at": "2025-03-06",
            "identity_received_at": "2025-03-16",
            "identity_doubt_reason": "other-address",
            "responded_at": "2025-04-15",
        },
        [],
        None,
        "PASS",
        None,
        "2025-04-15",
        0,
        ["relied_on_pause"],
    ),
    ("R-008", {"received_at": "2025-12-01"}, [], None, "FAIL", "open-past-due", "2026-01-02", 29, []),
    (
        "R-009",
        {"received_at": "2025-08-04", "responded_at": "2025-09-03"},
        ["2025-07-31"],
        None,
        "FAIL",
        "answered-late",
        "2025-09-01",
        2,
        [],
    ),
    (
        "R-010",
        {
            "received_at": "2025-11-03",
            "identity_requested_at": "2025-11-05",
            "identity_doubt_reason": "other-address",
        },
        [],
        None,
        "INCONCLUSIVE",
        "clock-suspended",
        None,
        None,
        [],
    ),
]
PROCESSOR: list[tuple[str, Json, str, str | None, str, int]] = [
    ("R-101", {"received_at": "2025-05-05", "forwarded_at": "2025-05-13"}, "PASS", None, "2025-05-13", 0),
    ("R-102", {"received_at": "2025-05-05", "forwarded_at": "2025-05-14"}, "FAIL", "answered-late", "2025-05-13", 1),
    ("R-103", {"received_at": "2025-07-11", "forwarded_at": "2025-07-18"}, "PASS", None, "2025-07-21", 0),
    ("R-104", {"received_at": "2025-09-01", "forwarded_at": "2025-09-01"}, "PASS", None, "2025-09-08", 0),
]


def leaf_of(control: str, unit: str) -> tuple[str, str, str]:
    """(leaf, key, row) of one unit under a blind that only this file knows."""
    key = digest(f"ek1:key:{digest('blind of ' + control)}:" + netstring(unit))
    row = netstring(unit)
    return digest(f"ek1:leaf:{key}:{row}"), key, row


def commitment(control: str, name: str, units: dict[str, list[str]], plan: list[list[Any]], by: str | None) -> Json:
    """The commitment record of a population given as stratum -> units."""
    strata = []
    for stratum in sorted(units, key=str.encode):
        buckets: dict[str, list[str]] = {}
        for leaf in sorted(leaf_of(control, unit)[0] for unit in units[stratum]):
            buckets.setdefault(leaf[:3], []).append(leaf)
        lines = [
            f"{bucket}:{len(one)}:{digest('ek1:bucket:' + ''.join(one))};" for bucket, one in sorted(buckets.items())
        ]
        strata.append([stratum, len(units[stratum]), digest("ek1:stratum:" + netstring(stratum) + "".join(lines))])
    root = digest("ek1:root:" + "".join(f"{netstring(name)}{count}:{sub};" for name, count, sub in strata))
    return {
        "kind": "ek1.commitment",
        "engagement": ENGAGEMENT,
        "population": f"{control}.{name}",
        "as_of": AS_OF,
        "unit": "rule_id" if control == "RET-01" else "request_id",
        "columns": [["request_id", "text"]],
        "stratum_by": by,
        "blind_sha256": digest("ek1:salt:" + digest("blind of " + control)),
        "count": sum(count for _, count, _ in strata),
        "strata": strata,
        "root": root,
        "plan": plan,
    }


def draw(
    control: str, made: Json, units: dict[str, list[str]], nonces: list[str], sizes: list[dict[str, int]]
) -> tuple[Json, list[tuple[str, str]]]:
    """The draw document, and (stratum, unit) of every drawn unit in order."""
    committed, taken, rounds, drawn = digest(canonical(made)), set(), [], []
    of = {leaf_of(control, unit)[0]: unit for each in units.values() for unit in each}
    for number, (nonce, size) in enumerate(zip(nonces, sizes, strict=True), 1):
        listed = []
        for stratum in sorted(size, key=str.encode):
            pool = [leaf_of(control, unit)[0] for unit in units.get(stratum, ())]
            start = f"ek1:ticket:{committed}:{nonce}:{number}:" + netstring(stratum)
            tickets = sorted((digest(start + leaf), leaf) for leaf in pool if leaf not in taken)
            for ticket, leaf in tickets[: size[stratum]]:
                taken.add(leaf)
                listed.append({"stratum": stratum, "leaf": leaf, "ticket": ticket})
                drawn.append((stratum, of[leaf]))
        rounds.append({"round": number, "nonce": nonce, "drawn": listed})
    document = {
        "control": control,
        "commitment": made,
        "commitment_sha256": committed,
        "independent": True,
        "rounds": rounds,
    }
    return document, drawn


def leaves(control: str, units: dict[str, list[str]]) -> bytes:
    lines = [f"{leaf_of(control, unit)[0]} {stratum}\n" for stratum, each in units.items() for unit in each]
    return "".join(sorted(lines, key=str.encode)).encode()


POPULATIONS: dict[str, tuple[str, dict[str, list[str]], list[list[Any]], str | None, list[dict[str, int]]]] = {
    "REQ-02": (
        "requests",
        {
            "controller/access": [case[0] for case in CASES],
            "processor/erasure": [case[0] for case in PROCESSOR],
            "not_yet_due": ["R-201", "R-202"],
        },
        [["controller/access", 10], ["processor/erasure", 4]],
        "capacity/right",
        [{"controller/access": 10, "processor/erasure": 4}],
    ),
    "COM-02": (
        "requests",
        {"email": [f"E-{number:03}" for number in range(1, 61)], "post": ["P-001", "P-002", "P-003"]},
        [["email", 22], ["post", 5]],
        "channel",
        [{"email": 22, "post": 5}, {"email": 5}],
    ),
    "RET-01": ("rules", {"all": ["prospects", "invoices", "tickets", "logs"]}, [["all", 4]], None, [{"all": 4}]),
}


def nonce(control: str, number: int) -> str:
    return digest(f"nonce {control} {number}")


# ------------------------------------------------------------------------------------------------- frames and results


def log_row(unit: str, capacity: str, right: str, facts: Json) -> Json:
    row: Json = dict.fromkeys(LOG_COLUMNS)
    row.update(request_id=unit, capacity=capacity, country="FR", right_invoked=right, channel="email", status="closed")
    for column in INSTANTS:
        day = facts.get(column)
        row[column] = f"{day}T09:30:00.000000Z" if day else None
        row[column + "_local"] = day
    row["identity_doubt_reason"] = facts.get("identity_doubt_reason")
    return row


def log_columns(names: list[str]) -> list[list[str]]:
    made = [["id", "integer", "none"]]
    for name in names:
        if name in INSTANTS:
            made += [[name, "instant", "none"], [name + "_local", "date", "none"]]
        else:
            kind = "date" if name == "due_given_on" else "text"
            made.append([name, kind, "key" if name == "account_key" else "none"])
    return [*made, ["unreadable", "text", "none"]]


def numbered(rows: Iterable[Json]) -> list[Json]:
    return [{"id": number, "unreadable": None, **row} for number, row in enumerate(rows, 1)]


def result(number: int, control: str, stratum: str, unit: str, **said: Any) -> Json:
    made: Json = {
        "id": number,
        "unit": unit,
        "leaf": leaf_of(control, unit)[0],
        "stratum": stratum,
        "verdict": "PASS",
        "reasons": [],
        "attributes": [{"letter": "A", "mark": "pass", "reason": None}],
        "flags": [],
        "evidence": [],
        "due_on": None,
        "days_late": None,
        "working": None,
    }
    return {**made, **said}


def request_frames(bundle: Bundle, drawn: list[tuple[str, str]]) -> None:
    """Frames and results of REQ-02, in the order of the draw."""
    told = {case[0]: case for case in CASES}
    passed_on = {case[0]: case for case in PROCESSOR}
    log, messages, letters, results = [], [], [], []
    for number, (stratum, unit) in enumerate(drawn, 1):
        evidence = [{"frame": "request_log", "rows": [number]}]
        if unit in told:
            _, facts, mails, reasons, verdict, reason, due, late, flags = told[unit]
            log.append(log_row(unit, "controller", "access", facts))
            for mail in mails:
                messages.append(
                    {"request_id": unit, "received_at": f"{mail}T06:00:00.000000Z", "received_at_local": mail}
                )
                evidence.append({"frame": "mailbox_messages", "rows": [len(messages)]})
            if reasons is not None:
                told_on = facts["extension_notified_at"] + "T09:30:00.000000Z"
                letters.append({"request_id": unit, "kind": "extension", "sent_at": told_on, "reasons_given": reasons})
                evidence.append({"frame": "request_replies", "rows": [len(letters)]})
            letter, first = "B", "pass" if mails else "na"
        else:
            _, facts, verdict, reason, due, late = passed_on[unit]
            log.append(log_row(unit, "processor", "erasure", facts))
            flags, letter, first = [], "D", "na"
        mark = {"PASS": "pass", "FAIL": "fail", "ERROR": "error", "INCONCLUSIVE": "missing"}[verdict]
        marks = dict.fromkeys("ABCD", ("na", None)) | {"A": (first, None), letter: (mark, reason)}
        results.append(
            result(
                number,
                "REQ-02",
                stratum,
                unit,
                verdict=verdict,
                reasons=[reason] if reason else [],
                attributes=[{"letter": one, "mark": said, "reason": why} for one, (said, why) in marks.items()],
                flags=flags,
                evidence=evidence,
                due_on=due,
                days_late=late,
                working=[]
                if verdict == "ERROR"
                else [{"step": "verdict", "verdict": verdict, "reason": reason or "answered-in-time"}],
            )
        )
    frame(bundle, "REQ-02.request_log", log_columns(LOG_COLUMNS), numbered(log))
    mail_columns = [
        ["request_id", "text", "none"],
        ["received_at", "instant", "none"],
        ["received_at_local", "date", "none"],
    ]
    frame(bundle, "REQ-02.mailbox_messages", around(mail_columns), numbered(messages))
    letter_columns = [
        ["request_id", "text", "none"],
        ["kind", "text", "none"],
        ["sent_at", "instant", "none"],
        ["reasons_given", "boolean", "none"],
    ]
    frame(bundle, "REQ-02.request_replies", around(letter_columns), numbered(letters))
    bundle.put_rows("data/results/REQ-02.jsonl", results)


def around(columns: list[list[str]]) -> list[list[str]]:
    return [["id", "integer", "none"], *columns, ["unreadable", "text", "none"]]


def sample_frames(bundle: Bundle, drawn: list[tuple[str, str]]) -> None:
    rows = [{"request_id": unit, "channel": stratum, "subject_key": digest(unit)[:16]} for stratum, unit in drawn]
    columns = [["request_id", "text", "none"], ["channel", "text", "none"], ["subject_key", "text", "key"]]
    frame(bundle, "COM-02.request_log", around(columns), numbered(rows))
    cited = [{"frame": "request_log", "rows": [number]} for number in range(1, len(drawn) + 1)]
    results = [
        result(number, "COM-02", stratum, unit, evidence=[cited[number - 1]])
        for number, (stratum, unit) in enumerate(drawn, 1)
    ]
    bundle.put_rows("data/results/COM-02.jsonl", results)


def retention_frames(bundle: Bundle, drawn: list[tuple[str, str]]) -> None:
    rows = [{"rule_id": unit, "rows": 1000 + number, "past_limit_rows": 0} for number, (_, unit) in enumerate(drawn)]
    columns = [["rule_id", "text", "none"], ["rows", "integer", "none"], ["past_limit_rows", "integer", "none"]]
    frame(bundle, "RET-01.retention_observations", around(columns), numbered(rows))
    cited = [{"frame": "retention_observations", "rows": [number]} for number in range(1, len(drawn) + 1)]
    results = [
        result(number, "RET-01", stratum, unit, evidence=[cited[number - 1]])
        for number, (stratum, unit) in enumerate(drawn, 1)
    ]
    bundle.put_rows("data/results/RET-01.jsonl", results)


def frame(bundle: Bundle, name: str, columns: list[list[str]], rows: list[Json]) -> None:
    path = f"data/frames/{name}.jsonl"
    bundle.columns[path] = columns
    bundle.put_rows(path, rows)
    bundle.files[f"data/sql/{name}.sql"] = f"SELECT * FROM {name.split('.')[1]};\n".encode()


# ------------------------------------------------------------------------------------------------- documents


def engagement() -> Json:
    return {
        "engagement": ENGAGEMENT,
        "title": {"en": "A demonstration", "fr": "Une démonstration"},
        "organisation": {"name": "Démo & Cie", "country": "FR"},
        "demonstration": True,
        "period": {"from": "2025-03-01", "until": "2026-01-31"},
        "as_of": AS_OF,
        "timezone": "Europe/Paris",
        "profile": "EU",
        "calendars": ["FR"],
        "limit": {"kind": "months", "n": 1, "roll": True},
        "naive_is_local": True,
        "actors": [{"actor": "person:auditor", "role": "auditor"}, {"actor": "person:dpo", "role": "auditee"}],
        "controls": ["REQ-02", "COM-02", "RET-01"],
        "out_of_scope": [{"control": "ERA-01", "reason": "not built"}],
        "sources": [{"source": "desk", "engine": "duckdb", "mapping_sha256": digest("mapping")}],
        "parameters": [
            {"name": "ask_within_days", "value": 7},
            {"name": "forward_working_days", "value": 5},
            {"name": "notice_days", "value": 30},
        ],
        "on_duplicate": ["refuse"],
        "packages": [{"name": "duckdb", "version": "2.0.0"}],
        "kit": KIT,
    }


def control(name: str, notebook: str, test: str, tolerable: str, needs: list[Json], letters: str) -> Json:
    return {
        "control": name,
        "family": name.split("-")[0],
        "notebook": notebook,
        "statement": {"en": "It holds.", "fr": "Cela tient."},
        "law": "law",
        "grade": "major",
        "references": ["GDPR 12(3)"],
        "confidence": "0.95",
        "tolerable": tolerable,
        "expected": "0",
        "census": tolerable != "0.1",
        "test": test,
        "attributes": [{"letter": one, "en": "asked", "fr": "demandé", "walkthrough": False} for one in letters],
        "needs": needs,
    }


def controls() -> Json:
    log = {"frame": "request_log", "columns": LOG_COLUMNS, "optional": ["forwarded_at"]}
    mail = {"frame": "mailbox_messages", "columns": ["request_id", "received_at"], "optional": []}
    letters = {
        "frame": "request_replies",
        "columns": ["request_id", "kind", "sent_at", "reasons_given"],
        "optional": [],
    }
    short = {"frame": "request_log", "columns": ["request_id", "channel", "subject_key"], "optional": []}
    rules = {"frame": "retention_observations", "columns": ["rule_id", "rows", "past_limit_rows"], "optional": []}
    none = "0.000000001"
    return {
        "controls": [
            control("REQ-02", "30_requests", "requests.answered_in_time", none, [log, mail, letters], "ABCD"),
            control("COM-02", "30_requests", "requests.log_is_true", "0.1", [short], "A"),
            control("RET-01", "50_retention", "retention.within_period", none, [rules], "A"),
        ]
    }


HOLIDAYS = (
    "2025-01-01 2025-04-21 2025-05-01 2025-05-08 2025-05-29 2025-06-09 2025-07-14 2025-08-15 2025-11-01 2025-11-11 "
    "2025-12-25 2026-01-01 2026-04-06 2026-05-01 2026-05-08 2026-05-14 2026-05-25 2026-07-14 2026-08-15"
).split()


def calendar() -> Json:
    return {
        "name": "FR",
        "source": "by hand",
        "version": "1",
        "from": "2025-01-01",
        "until": "2026-12-31",
        "days": [{"on": day, "name": "jour férié"} for day in HOLIDAYS],
    }


MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
}
SHORT = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.".split(),
}
WORDS = {
    "en": {"PASS": "Pass", "FAIL": "Fail", "ERROR": "Error", "INCONCLUSIVE": "Inconclusive"},
    "fr": {"PASS": "Conforme", "FAIL": "Non conforme", "ERROR": "Erreur", "INCONCLUSIVE": "Non concluant"},
}


def words() -> Json:
    return {
        "languages": [
            {
                "language": language,
                "verdicts": [{"verdict": verdict, "word": word} for verdict, word in WORDS[language].items()],
                "months": MONTHS[language],
                "months_short": SHORT[language],
            }
            for language in ("en", "fr")
        ]
    }


def run_nonce(notebook: str) -> str:
    return digest("run nonce " + notebook)[:32]


def cell(name: str, kind: str, source: str, tags: tuple[str, ...] = ()) -> Json:
    made: Json = {"id": name, "cell_type": kind, "metadata": {"tags": list(tags)} if tags else {}, "source": source}
    return {**made, "execution_count": None, "outputs": []} if kind == "code" else made


def template() -> Json:
    cells = [
        cell("title", "markdown", "# A notebook"),
        cell("parameters", "code", 'engagement: str = "rehearsal"\nrun: str = "latest"', ("parameters",)),
        cell("open", "code", "book = workbook.open(engagement, run)"),
        cell("words", "markdown", "Some words, é."),
        cell("show", "code", "book.show(book.draw())"),
    ]
    return {"cells": cells, "metadata": {"kernelspec": {"name": "evidence"}}, "nbformat": 4, "nbformat_minor": 5}


def executed(notebook: str) -> Json:
    made = copy.deepcopy(template())
    source = f'# Parameters\nengagement = "{ENGAGEMENT}"\nrun = "{RUN}"\n'
    made["cells"].insert(2, cell("injected-parameters", "code", source, ("injected-parameters",)))
    for count, each in enumerate((one for one in made["cells"] if one["cell_type"] == "code"), 1):
        each["execution_count"] = count
    receipt = {"nonce": run_nonce(notebook), "versions": [], "controls": []}
    made["cells"][-1]["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": {RECEIPT: receipt}}]
    return made


# ------------------------------------------------------------------------------------------------- pages


def day_text(day: str, language: str) -> str:
    number, month = int(day[8:]), MONTHS[language][int(day[5:7]) - 1]
    return f"{'1er' if number == 1 and language == 'fr' else number} {month} {day[:4]}"


def data(pointer: str, value: Any, language: str) -> str:
    text = str(value)
    if text in VERDICTS:
        shown_text = WORDS[language][text]
    elif isinstance(value, int):
        shown_text = f"{value:,}" if language == "en" else f"{value:,}".replace(",", "\u202f")
    elif text[4:5] == "-" and text[7:8] == "-" and text[:4].isdigit():
        shown_text = day_text(text[:10], language)
        shown_text += f", {text[11:16]} UTC" if "T" in text else ""
        return f'<data value="{text}" data-ek="{pointer}"><time datetime="{text}">{shown_text}</time></data>'
    elif text.replace(".", "").isdigit():
        shown_text = text if language == "en" else text.replace(".", ",")
    else:
        shown_text = text.replace("&", "&amp;").replace("<", "&lt;")
        return f'<data value="{shown_text}" data-ek="{pointer}">{shown_text}</data>'
    return f'<data value="{text}" data-ek="{pointer}">{shown_text}</data>'


def page(language: str, body: str) -> bytes:
    policy = CSP % b64encode(sha256(SHEET.encode()).digest()).decode()
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>Demo</title>\n<style>{SHEET}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    ).encode()


def render(bundle: Bundle, language: str) -> dict[str, bytes]:
    """The pages of one language, each figure pointing at its value."""
    other = "fr" if language == "en" else "en"
    summary = bundle.json("data/summary.json")
    rows = []
    for place, each in enumerate(summary["controls"]):
        at = f"summary.json#/controls/{place}"
        upper_limit = each["upper_rate_shown"]
        limit = data(at + "/upper_rate_shown", upper_limit, language) if upper_limit else "–"
        cells = "".join(f'<td class="n">{data(f"{at}/{key}", each[key], language)}</td>' for key in ("units", "drawn"))
        rows.append(
            f'<tr id="{each["control"]}"><th scope="row"><a href="control.html#r1">'
            f"{data(at + '/control', each['control'], language)}</a></th>"
            f"<td>{data(at + '/verdict', each['verdict'], language)}</td>{cells}<td>{limit}</td></tr>"
        )
    sealed = data("bundle.json#/sealed_at", bundle.catalogue["sealed_at"], language)
    index = (
        f'<h1>Demo</h1>\n<p><a href="../{other}/index.html" hreflang="{other}" lang="{other}">{other}</a> {sealed} '
        f'<a href="ledger.html">ledger</a> <a href="../../frames/REQ-02.request_log.jsonl">rows</a></p>\n'
        f'<svg viewBox="0 0 10 10" role="img"><title>bar</title><rect class="b" x="0" y="0" width="3" height="2"/>'
        f"</svg>\n"
        f"<table><caption>all</caption><tbody>\n{chr(10).join(rows)}\n</tbody></table>"
    )
    folder = f"data/site/{language}/"
    return {
        folder + "index.html": page(language, index),
        folder + "control.html": page(language, control_body(bundle, language)),
        folder + "ledger.html": page(language, ledger_body(bundle, language)),
    }


def control_body(bundle: Bundle, language: str) -> str:
    lines = []
    for row in bundle.rows("data/results/REQ-02.jsonl"):
        at = f"results/REQ-02.jsonl#/{row['id']}"
        due = data(at + "/due_on", row["due_on"], language) if row["due_on"] else "?"
        lines.append(
            f'<tr id="r{row["id"]}"><td>{data(at + "/unit", row["unit"], language)}</td>'
            f"<td>{data(at + '/verdict', row['verdict'], language)}</td><td>{due}</td></tr>"
        )
    period = data("engagement.json#/period/from", bundle.json("data/engagement.json")["period"]["from"], language)
    name = data("engagement.json#/organisation/name", "Démo & Cie", language)
    body = f'<h1>REQ-02</h1>\n<p>{name} {period} <a href="index.html#REQ-02">back</a></p>\n<table><tbody>\n'
    return body + "\n".join(lines) + "\n</tbody></table>"


def ledger_body(bundle: Bundle, language: str) -> str:
    lines = []
    for entry in bundle.entries:
        at = f"ledger.jsonl#/{entry['seq']}"
        lines.append(
            f"<li>{data(at + '/seq', entry['seq'], language)} {data(at + '/action', entry['action'], language)}</li>"
        )
    return "<h1>Ledger</h1>\n<ol>\n" + "\n".join(lines) + "\n</ol>"


# ------------------------------------------------------------------------------------------------- all of it


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


def build(seal: Seal | None = None) -> Bundle:
    """The good bundle, sealed."""
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
        nonces = [nonce(name, number) for number in range(1, len(sizes) + 1)]
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
