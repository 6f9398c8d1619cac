"""The two derived levels of the good bundle, made from docs/norm/bundle-files.md ("Derived levels") alone."""

from __future__ import annotations

import copy
import hmac
from hashlib import sha256
from typing import Any

from tests.bundles.good.base import ENGAGEMENT, RUN, Json, digest, netstring
from tests.bundles.good.building import good
from tests.bundles.good.bundle import Bundle, content, payload, sha
from tests.bundles.good.evidence import RECEIPT
from tests.bundles.good.pages import data, page, render
from tests.bundles.good.resealing import entry_digest, rebag, recatalogue, role

PSEUDONYMISED, CLIENT = "auditor-pseudonymised", "client"
IDS = "request_id event_id erasure_id entry_id probe_id case_id pair_id extract_id".split()
WITHHELD = ("person.revealed", "note.added", "file.attached")
SECRET = sha256(b"release secret, auditor-pseudonymised, the recipient").digest()
AGREED = "engagement title organisation demonstration period as_of timezone profile actors controls out_of_scope kit"
TOLD = "control family statement law references confidence tolerable expected census"
FOUND = "id control verdict reason grade law reasons"
#: The findings chosen for the client, by their ids in the full bundle.
CHOSEN = (2,)


def only(value: Json, keys: str) -> Json:
    return {key: value[key] for key in keys.split()}


def key_image(value: str) -> str:
    return hmac.new(SECRET, value.encode(), "sha256").hexdigest()


def id_image(value: str) -> str:
    return hmac.new(SECRET, b"id\x1f" + value.encode(), "sha256").hexdigest()


def projected(row: Json, private: dict[str, str]) -> Json:
    """One row of frames or readings; `private` is the privacy of each column."""
    made = dict(row)
    for name, value in row.items():
        if value is None:
            continue
        if name.endswith("_ref") or name == "request_seq":
            made[name] = None
        elif private.get(name) == "key":
            made[name] = key_image(value)
        elif name in IDS:
            made[name] = id_image(value)
    return made


def derive(full: Bundle, level: str) -> Bundle:
    """A bundle of this level with the catalogue's own words; the files are put in by the caller."""
    bundle = Bundle(seal=full.seal, name=f"{ENGAGEMENT}.{RUN}.{level}", entries=copy.deepcopy(full.entries))
    origin = {"bundle": full.name, "tagmanifest_sha256": sha(full, "tagmanifest-sha256.txt")}
    bundle.catalogue = {**copy.deepcopy(full.catalogue), "bundle": bundle.name, "level": level, "derived_from": origin}
    bundle.files["verify.py"] = full.files["verify.py"]
    bundle.files["data/site/words.json"] = full.files["data/site/words.json"]
    for entry in bundle.entries:
        if level == CLIENT or entry["action"] in WITHHELD:
            entry["data"] = None
    return bundle


def reseal_derived(bundle: Bundle, full: Bundle | None = None, *, pages: bool = True) -> Bundle:
    """Rebuild what lies downstream of a change; with `full`, what is withheld of it is counted again."""
    scanned = bundle.json("data/scan.json")
    names = [name for name in content(bundle) if name != "data/scan.json" and not name.startswith("data/openings/")]
    scanned["files"] = [{"path": name, "sha256": sha(bundle, name)} for name in names]
    bundle.put("data/scan.json", scanned)
    bundle.put_rows("data/ledger.jsonl", bundle.entries)
    if pages:
        for language in ("en", "fr"):
            drawn = client_pages if bundle.catalogue["level"] == CLIENT else render
            bundle.files.update(drawn(bundle, language))
    if full is not None:
        gone = set(payload(full)) - set(bundle.files) - {"data/bundle.json"}
        left = [role(path) for path in gone if role(path) != "page"]
        bundle.catalogue["withheld"] = [{"role": one, "count": left.count(one)} for one in sorted(set(left))]
    recatalogue(bundle)
    rebag(bundle)
    return bundle


def rechain_kept(bundle: Bundle) -> Bundle:
    """Numbers and links of a ledger whose data is withheld: their digests stay as they are."""
    previous = digest("ek1:ledger:" + netstring(ENGAGEMENT))
    for number, entry in enumerate(bundle.entries, 1):
        entry.update(seq=number, prev_sha256=previous)
        previous = entry_digest(entry)
    return bundle


def pseudonymised(full: Bundle | None = None) -> Bundle:
    """The level that leaves the house."""
    full = full or good()
    bundle = derive(full, PSEUDONYMISED)
    bundle.columns, bundle.made_by = copy.deepcopy(full.columns), copy.deepcopy(full.made_by)
    for path in payload(full):
        if not path.startswith("data/openings/") and path not in ("data/bundle.json", "data/ro-crate-metadata.json"):
            bundle.files[path] = full.files[path]
    bundle.files["data/blinding.txt"] = (digest("another blinding") + "\n").encode()
    for path in payload(full):
        folder, control = path.split("/")[1], path.split("/")[-1].split(".")[0]
        private = {name: kept for one in full.columns.values() for name, _, kept in one if kept == "key"}
        if folder == "frames":
            private = {name: kept for name, _, kept in full.columns[path]}
        if folder in ("frames", "readings"):
            bundle.put_rows(path, [projected(row, private) for row in full.rows(path)])
        elif folder == "results":
            rows = full.rows(path)
            if full.json(f"data/draws/{control}.json")["commitment"]["unit"] in IDS:
                rows = [row | {"unit": id_image(row["unit"])} for row in rows]
            bundle.put_rows(path, rows)
        elif folder == "notebooks" and not path.endswith(".template.ipynb"):
            bundle.put(path, receipts_alone(full.json(path)))
    return reseal_derived(bundle, full)


def receipts_alone(notebook: Json) -> Json:
    for cell in notebook["cells"]:
        if "outputs" in cell:
            cell["outputs"] = [one for one in cell["outputs"] if RECEIPT in one.get("data", ())]
    return notebook


def client(full: Bundle | None = None, chosen: tuple[int, ...] = CHOSEN) -> Bundle:
    """The summary a client may see."""
    full = full or good()
    bundle = derive(full, CLIENT)
    bundle.put("data/engagement.json", only(full.json("data/engagement.json"), AGREED))
    told = full.json("data/controls.json")["controls"]
    bundle.put("data/controls.json", {"controls": [only(each, TOLD) for each in told]})
    summary = full.json("data/summary.json")
    for each in summary["controls"]:
        each.update(strata=[], upper_units=None, upper_rate_shown=None)
    bundle.put("data/summary.json", summary)
    found = [only(row, FOUND) for row in full.rows("data/findings.jsonl") if row["id"] in chosen]
    bundle.put_rows("data/findings.jsonl", found)
    for path in payload(full):
        if path.startswith("data/draws/"):
            bundle.put(path, bare_draw(full.json(path)))
    bundle.put("data/scan.json", full.json("data/scan.json"))
    bundle.files["data/site/index.html"] = full.files["data/site/index.html"]
    bundle.catalogue["external"] = []
    return reseal_derived(bundle, full)


def bare_draw(draw: Json) -> Json:
    rounds = [{"round": one["round"], "nonce_sha256": digest(one["nonce"])} for one in draw["rounds"]]
    return {**only(draw, "control commitment_sha256 independent"), "rounds": rounds}


def client_pages(bundle: Bundle, language: str) -> dict[str, bytes]:
    """What was audited and the verdicts, and how to check it."""
    other = "fr" if language == "en" else "en"
    lines = [
        f"<li>{data(f'summary.json#/controls/{place}/control', each['control'], language)} "
        f"{data(f'summary.json#/controls/{place}/verdict', each['verdict'], language)}</li>"
        for place, each in enumerate(bundle.json("data/summary.json")["controls"])
    ]
    for row in bundle.rows("data/findings.jsonl"):
        at = f"findings.jsonl#/{row['id']}/reason"
        lines.append(f"<li>{data(at, row['reason'], language)}</li>")
    origin = bundle.catalogue["derived_from"] or {"tagmanifest_sha256": ""}
    told: list[tuple[str, Any]] = [("engagement.json#/organisation/name", "Démo & Cie")]
    told.append(("bundle.json#/sealed_at", bundle.catalogue["sealed_at"]))
    words = " ".join(data(pointer, value, language) for pointer, value in told)
    index = f'<h1>Demo</h1>\n<p><a href="../{other}/index.html">{other}</a> <a href="verify.html">?</a> {words}</p>\n'
    index += "<ol>\n" + "\n".join(lines) + "\n</ol>"
    checked = data("bundle.json#/derived_from/tagmanifest_sha256", origin["tagmanifest_sha256"], language)
    verify = f'<h1>?</h1>\n<p><a href="index.html">Demo</a> {checked}</p>'
    folder = f"data/site/{language}/"
    return {folder + "index.html": page(language, index), folder + "verify.html": page(language, verify)}
