"""Must-fail cases of the derived levels, alone and beside the full bundle (`--against`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bundles import good as g
from tests.bundles.good import Bundle, client, pseudonymised, reseal, reseal_derived
from tests.bundles.mutations.draw import with_openings
from tests.bundles.mutations.registry import KEY_OPTION, LOG, RESULTS, SAMPLE, Trial, fails

MAIL, NAMED = "data/frames/REQ-02.mailbox_messages.jsonl", "data/readings/REQ-02.named.jsonl"
BLINDING, FINDINGS, SUMMARY = "data/blinding.txt", "data/findings.jsonl", "data/summary.json"
EXECUTED = "data/notebooks/30_requests.ipynb"


def against(bundle: Bundle, full: Bundle) -> Trial:
    """`bundle` held against `full`."""

    def before(folder: Path) -> list[str]:
        (folder / "full").mkdir()
        return ["--against", str(full.write(folder / "full"))]

    return Trial(bundle.write, list(KEY_OPTION), before)


# C04: what the level holds


@fails("F101", "C04", "frame", "calendar", "page")
def more_than_a_client_may_see(full: Bundle, variant: str) -> Bundle:
    made = client(full)
    if variant == "frame":
        made.files[LOG], made.columns[LOG] = full.files[LOG], full.columns[LOG]
    elif variant == "calendar":
        made.files["data/calendars/FR.json"] = full.files["data/calendars/FR.json"]
    else:
        for language in ("en", "fr"):
            made.files[f"data/site/{language}/ledger.html"] = g.page(language, "<h1>Ledger</h1>")
    return reseal_derived(made, full)


@fails("F102", "C04", "opening", "crate")
def more_than_leaves_the_house(full: Bundle, variant: str) -> Bundle:
    made = pseudonymised(full)
    if variant == "opening":
        path = "data/openings/RET-01.jsonl"
        made.files[path] = with_openings(full).files[path]
    else:
        made.put("data/ro-crate-metadata.json", {"@graph": []})
    return reseal_derived(made)


@fails("F104", "C04", "the full bundle's", "its own")
def client_with_blinding(full: Bundle, variant: str) -> Bundle:
    made = client(full)
    made.files[BLINDING] = full.files[BLINDING] if variant != "its own" else (g.digest("own") + "\n").encode()
    return reseal_derived(made)


@fails("F158", "C04", "id", "key", "reference", "reading", "unit", "output", "blinding")
def shown_as_it_was(full: Bundle, variant: str) -> Bundle:
    made = pseudonymised(full)
    path, column = {
        "id": (LOG, "request_id"),
        "key": ("data/frames/COM-02.request_log.jsonl", "subject_key"),
        "reference": (MAIL, "source_ref"),
        "reading": (NAMED, "request_id"),
        "unit": (SAMPLE, "unit"),
        "output": (EXECUTED, ""),
        "blinding": (BLINDING, ""),
    }[variant]
    if column:
        was = full.rows(path)[0][column]
        made.edit(path, lambda rows: rows[0].update({column: was}))
    elif variant == "output":
        made.files[path] = full.files[path]
    else:
        del made.files[path]
    return reseal_derived(made)


@fails("F159", "C04", "none", "another engagement", "another level", "order", "twice", "zero", "role", "external")
def said_to_be_withheld(full: Bundle, variant: str) -> Bundle:
    made = client(full)
    origin, withheld = made.catalogue["derived_from"], made.catalogue["withheld"]
    if variant == "none":
        made.catalogue["derived_from"] = None
    elif variant in ("another engagement", "another level"):
        origin["bundle"] = "other.r001.auditor-full" if variant == "another engagement" else made.name
    elif variant == "order":
        withheld.reverse()
    elif variant == "twice":
        withheld.insert(0, withheld[0])
    elif variant == "zero":
        withheld[0]["count"] = 0
    elif variant == "role":
        withheld[0]["role"] = "engagement"
        withheld.sort(key=lambda each: str(each["role"]))
    else:
        made.catalogue["external"] = [{"path": "data/leaves/x.txt", "bytes": 1, "sha256": "0" * 64, "role": "leaves"}]
    return reseal_derived(made)


# The other checks at these levels


@fails("F160", "J06", "note", "entry", "no data", "full", "engagement", "strata", "limit", "nonce", "checks")
def keys_of_another_level(full: Bundle, variant: str) -> Bundle:
    if variant in ("note", "no data"):
        made, told = pseudonymised(full), full.entry("note.added" if variant == "note" else "frame.collected")
        made.entries[told["seq"] - 1]["data"] = told["data"] if variant == "note" else None
        return reseal_derived(made)
    if variant == "full":
        full.entries[-5]["data"] = None
        return reseal(full, chain=False, counts=False, evidence=False, content_digest=False)
    made = client(full)
    if variant == "entry":
        made.entries[3]["data"] = full.entries[3]["data"]
    elif variant == "engagement":
        made.edit("data/engagement.json", lambda value: value.update(calendars=["FR"]))
    elif variant == "strata":
        made.files[SUMMARY] = full.files[SUMMARY]
    elif variant == "limit":
        made.edit(SUMMARY, lambda value: value["controls"][2].update(upper_units=0))
    elif variant == "nonce":
        made.files["data/draws/RET-01.json"] = full.files["data/draws/RET-01.json"]
    else:
        made.files[FINDINGS] = full.files[FINDINGS].splitlines(True)[0]
    return reseal_derived(made)


@fails("F161", "L06", "order", "action", "ended", "scan", "actor")
def order_told_by_names(full: Bundle, variant: str) -> Bundle:
    made = client(full)
    at = {each["action"]: place for place, each in enumerate(made.entries)}
    if variant == "order":
        place = next(place for place, each in enumerate(made.entries) if each["action"] == "commitment.made")
        made.entries[place]["action"] = "nonce.revealed"
    elif variant == "action":
        made.entries[5]["action"] = "commitment.replaced"
    elif variant == "ended":
        made.entries[at["note.added"]]["action"] = "run.ended"
    elif variant == "scan":
        made.entries[at["release.scanned"]]["action"] = "note.added"
    else:
        made.entries[at["note.added"]]["actor"] = "person:nobody"
    return reseal_derived(g.rechain_kept(made))


@fails("F162", "R03", "drawn", "deviations", "units", "totals", "controls", "number", "order", "verdict", "law", "draw")
def client_sums(full: Bundle, variant: str) -> Bundle:
    made = client(full, (1, 2) if variant == "order" else (2,))

    def change(value: Any) -> None:
        one = value["controls"][1]
        if variant in ("drawn", "deviations"):
            one[variant] += 1
            value["totals"][variant] += 1
        elif variant == "units":
            value["totals"]["units"] += 5 - one["units"]
            one["units"] = 5
        elif variant == "totals":
            value["totals"]["pass"] += 1
        elif variant == "controls":
            value["controls"].reverse()

    made.edit(SUMMARY, change)
    said = {"number": {"id": 3}, "verdict": {"reason": "sample-too-small"}, "law": {"law": "yardstick"}}
    if variant in said:
        made.edit(FINDINGS, lambda rows: rows[0].update(said[variant]))
    elif variant == "order":
        made.edit(FINDINGS, lambda rows: rows.reverse())
    elif variant == "draw":
        made.edit("data/draws/RET-01.json", lambda value: value.update(control="REQ-02"))
    return reseal_derived(made)


@fails("F163", "C03", "client", "run", "rows")
def made_by_what_is_not_here(full: Bundle, variant: str) -> Bundle:
    if variant == "client":
        made = client(full)
        made.made_by[SUMMARY] = full.made_by[LOG]
        return reseal_derived(made)
    made = pseudonymised(full)
    made.made_by[LOG].update({"run": 1} if variant == "run" else {"rows_out": 13})
    return reseal_derived(made)


def answered_otherwise(column: str, expectation: str) -> Callable[[list[Any]], None]:
    def change(rows: list[Any]) -> None:
        for row in rows:
            for each in row["checks"]:
                if (each["column"], each["expectation"]) == (column, expectation):
                    each["success"] = not each["success"]

    return change


@fails("F164", "R09", "unique", "day", "none")
def answers_at_the_level_between(full: Bundle, variant: str) -> Bundle:
    """An answer about ids and days is still that of the rows; one about references must be there."""
    made = pseudonymised(full)
    if variant == "none":
        made.edit(FINDINGS, lambda rows: rows[0]["checks"].pop(8) and None)
    else:
        asked = ("request_id", "unique") if variant == "unique" else ("received_at", "not-after")
        made.edit(FINDINGS, answered_otherwise(*asked))
    return reseal_derived(made)


@fails("F165", "R08")
def another_control_at_the_level_between(full: Bundle, variant: str) -> Bundle:
    made = pseudonymised(full)
    made.edit(SAMPLE, lambda rows: rows[0]["evidence"][0].update(frame="mailbox_messages"))
    return reseal_derived(made)


@fails("F166", "R02")
def row_of_another_at_the_level_between(full: Bundle, variant: str) -> Bundle:
    made = pseudonymised(full)
    made.edit(SAMPLE, lambda rows: rows[0]["evidence"][0].update(rows=[2]))
    return reseal_derived(made)


@fails("F167", "H04", "index", "language")
def client_index(full: Bundle, variant: str) -> Bundle:
    made = client(full)
    if variant == "index":
        path = "data/site/fr/index.html"
        made.files[path] = made.files[path].replace(b"controls/1/verdict", b"controls/2/verdict")
        return reseal_derived(made, pages=False)
    del made.files["data/site/fr/verify.html"]
    return reseal_derived(made, pages=False)


@fails("F168", "R06", "missing", "hits", "encodings")
def scan_of_a_derived_bundle(full: Bundle, variant: str) -> Bundle:
    made = client(full) if variant == "missing" else pseudonymised(full)
    said = {"hits": {"hits": 1}, "encodings": {"encodings": g.DISGUISES[1:]}}
    if variant in said:
        made.edit("data/scan.json", lambda value: value.update(said[variant]))
        return reseal_derived(made)
    made.edit("data/scan.json", lambda value: value["files"].pop() and None)
    g.recatalogue(made)
    g.rebag(made)
    return made


@fails("F169", "B02")
def tag_file_of_64_mebibytes(full: Bundle, variant: str) -> Trial:
    def make(folder: Path) -> Path:
        path = full.write(folder)
        with (path / "README.txt").open("r+b") as handle:
            handle.truncate((64 << 20) + 1)
        return path

    return Trial(make)


# X01 and X02: beside the full bundle


def resigned(full: Bundle) -> Bundle:
    full.seal = g.Seal(key=g.OTHER_KEY)
    full.catalogue["signer"] = g.OTHER_KEY.fingerprint
    return reseal(full)


@fails("F145", "X01", "other draw", "other run")
def against_another(full: Bundle, variant: str) -> Trial:
    made = client(full)
    if variant == "other draw":
        full.edit("data/calendars/FR.json", lambda value: value.update(version="2"))
        return against(made, reseal(full))
    full.catalogue.update(run="r002", bundle="demo.r002.auditor-full")
    full.name = "demo.r002.auditor-full"
    return against(made, reseal(full))


@fails("F146", "X01")
def against_another_signer(full: Bundle, variant: str) -> Trial:
    made = client(resigned(full))
    made.seal, made.catalogue["signer"] = g.Seal(), g.KEY.fingerprint
    return against(reseal_derived(made), full)


@fails("F170", "X01", "altered", "ledger", "derived", "full", "unsigned")
def against_no_full_bundle(full: Bundle, variant: str) -> Trial:
    made = client(full)
    if variant == "altered":
        full.files[LOG] = full.files[LOG].replace(b"FR", b"DE", 1)
    elif variant == "ledger":
        full.entries[5]["at"] = full.entries[2]["at"]
        reseal(full)
    elif variant == "derived":
        full = pseudonymised(full)
    elif variant == "full":
        made = full
    else:
        del full.files["tagmanifest-sha256.txt.sig"]
    return against(made, full)


@fails("F147", "X02", "fail", "totals")
def client_summary_kinder(full: Bundle, variant: str) -> Trial:
    """REQ-02 has one FAIL less, in the summary and, as `fail`, one unit less in all."""
    made = client(full)

    def change(value: Any) -> None:
        for each in (value["controls"][0], value["totals"]):
            each["fail"] -= 1
            if variant == "fail":
                each["pass"] += 1
                each["deviations"] -= 1
            else:
                each["error"] += 1

    made.edit(SUMMARY, change)
    return against(reseal_derived(made), full)


@fails("F148", "X02", "value", "images", "one image", "kept id", "result", "reading", "null", "reference")
def pseudonymised_row_changed(full: Bundle, variant: str) -> Trial:
    if variant == "images":
        rows = full.rows("data/frames/COM-02.request_log.jsonl")
        rows[1]["subject_key"] = rows[0]["subject_key"]
        full.put_rows("data/frames/COM-02.request_log.jsonl", rows)
        reseal(full)
    made = pseudonymised(full)
    path = {
        "images": "data/frames/COM-02.request_log.jsonl",
        "one image": "data/frames/COM-02.request_log.jsonl",
        "result": RESULTS,
        "reading": NAMED,
    }.get(variant, LOG)

    def change(rows: list[Any]) -> None:
        if variant == "value":
            rows[0]["status"] = "open"
        elif variant == "images":
            rows[1]["subject_key"] = g.digest("one value, two images")
        elif variant == "one image":
            rows[1]["subject_key"] = rows[0]["subject_key"]
        elif variant == "kept id":
            rows[0]["country"] = g.digest("FR")
        elif variant == "result":
            rows[0]["flags"] = ["relied_on_pause"]
        elif variant == "reading":
            rows[0]["request_id"] = g.digest("R-001")
        elif variant == "null":
            rows[0]["account_key"] = g.digest("nobody")

    made.edit(path, change)
    if variant == "reference":
        made.edit(MAIL, lambda rows: rows[0].update(source_ref=None) or [{**rows[0], "source_ref": "folder/x.eml"}])
    return against(reseal_derived(made), full)


@fails("F171", "X02", "calendar", "findings", "draw left out", "notebook", "receipt", "blinding", "table", "made_by")
def pseudonymised_file_changed(full: Bundle, variant: str) -> Trial:
    made = pseudonymised(full)
    if variant == "calendar":
        made.edit("data/calendars/FR.json", lambda value: value.update(version="2"))
    elif variant == "findings":
        made.edit(FINDINGS, lambda rows: rows[2]["notes"].append("all-is-well"))
    elif variant == "draw left out":
        del made.files["data/sql/REQ-02.mailbox_messages.sql"]
    elif variant == "notebook":
        made.edit(EXECUTED, lambda value: value["cells"][0].update(source="# Another"))
    elif variant == "receipt":
        made.edit(EXECUTED, lambda value: value["cells"][-1]["outputs"][0].update(metadata={"x": 1}))
    elif variant == "blinding":
        made.files[BLINDING] = full.files[BLINDING]
    elif variant == "table":
        made.files["data/calendars/DE.json"] = made.files["data/calendars/FR.json"].replace(b'"FR"', b'"DE"')
    else:
        made.made_by[LOG]["rows_in"] = 99
    return against(reseal_derived(made), full)


@fails("F149", "X02", "client", "pseudonymised", "entry")
def ledger_entry_left_out(full: Bundle, variant: str) -> Trial:
    made = pseudonymised(full) if variant == "pseudonymised" else client(full)
    place = next(place for place, each in enumerate(made.entries) if each["action"] == "note.added")
    if variant == "entry":
        made.entries[place]["subject"] = "control:COM-02"
    else:
        del made.entries[place]
    if variant == "pseudonymised":
        made.entries[-1]["data"]["entries"] -= 1
        made.entries[-1]["data_sha256"] = g.digest(g.canonical(made.entries[-1]["data"]))
    return against(reseal_derived(g.rechain_kept(made)), full)


@fails("F172", "X02", "engagement", "statement", "nonce", "finding", "draw", "withheld", "sealed", "demonstration")
def client_file_changed(full: Bundle, variant: str) -> Trial:
    made = client(full)
    if variant == "engagement":
        made.edit("data/engagement.json", lambda value: value["out_of_scope"].clear())
    elif variant == "statement":
        made.edit("data/controls.json", lambda value: value["controls"][0]["statement"].update(en="Nothing."))
    elif variant == "nonce":
        draw = json.loads(made.files["data/draws/RET-01.json"])
        draw["rounds"][0]["nonce_sha256"] = g.digest("x")
        made.put("data/draws/RET-01.json", draw)
    elif variant == "finding":
        made.edit(FINDINGS, lambda rows: rows[0]["reasons"].append({"reason": "other", "units": 1}))
    elif variant == "draw":
        del made.files["data/draws/RET-01.json"]
    elif variant == "withheld":
        made.catalogue["withheld"][0]["count"] += 1
    elif variant == "sealed":
        made.entries[-1]["at"] = made.catalogue["sealed_at"] = "2026-02-03T10:00:01.000000Z"
        g.rechain_kept(made)
    else:
        made.catalogue["demonstration"] = False
        made.edit("data/engagement.json", lambda value: value.update(demonstration=False))
    return against(reseal_derived(made), full)
