"""Must-fail cases of the checks L: the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.bundles import good as g
from tests.bundles.good import Bundle, reseal
from tests.bundles.mutations.registry import LOG, Trial, fails


@fails("F74", "L01")
def first_entry_removed(bundle: Bundle, variant: str) -> Bundle:
    del bundle.entries[0]
    for entry in bundle.entries:
        if entry["action"] == "run.ended":
            entry["data"]["started"] -= 1
    for made in bundle.made_by.values():
        made["run"] -= 1
    g.rechain(bundle, renumber=True)
    return reseal(bundle)


@fails("F75", "L01")
def another_genesis(bundle: Bundle, variant: str) -> Bundle:
    reseal(bundle)
    bundle.entries[0]["prev_sha256"] = g.digest("ek1:ledger:" + g.netstring("another"))
    for one, other in zip(bundle.entries, bundle.entries[1:], strict=False):
        other["prev_sha256"] = g.entry_digest(one)
    return reseal(bundle, chain=False)


@fails("F76", "L01")
def jump(bundle: Bundle, variant: str) -> Bundle:
    for entry in bundle.entries:
        if entry["action"] == "note.added" and entry["data"]["reason"] >= "number 20":
            entry["seq"] += 1
    bundle.entries[-1]["seq"] += 1
    bundle.entries[-2]["seq"] += 1
    return reseal(bundle)


@fails("F77", "L02")
def exchanged(bundle: Bundle, variant: str) -> Bundle:
    notes = [place for place, entry in enumerate(bundle.entries) if entry["action"] == "note.added"]
    one, other = notes[3], notes[4]
    bundle.entries[one], bundle.entries[other] = bundle.entries[other], bundle.entries[one]
    return reseal(bundle, chain=False)


@fails("F78", "L02")
@fails("F78", "L01", "L01")
def middle_removed(bundle: Bundle, variant: str) -> Bundle:
    del bundle.entries[next(place for place, one in enumerate(bundle.entries) if one["action"] == "note.added")]
    return reseal(bundle, chain=False)


@fails("F79", "L02")
def another_actor(bundle: Bundle, variant: str) -> Bundle:
    bundle.entry("note.added")["actor"] = "person:auditor"
    return reseal(bundle, chain=False)


@fails("F80", "L03")
def data_changed(bundle: Bundle, variant: str) -> Bundle:
    bundle.entry("note.added")["data"]["reason"] = "another"
    return reseal(bundle, chain=False)


@fails("F81", "L03")
def no_salt(bundle: Bundle, variant: str) -> Bundle:
    del bundle.entry("note.added")["data"]["salt"]
    return reseal(bundle)


@fails("F82", "L04")
def time_runs_back(bundle: Bundle, variant: str) -> Bundle:
    notes = [entry for entry in bundle.entries if entry["action"] == "note.added"]
    notes[5]["at"] = notes[4]["at"].replace(":00.000000Z", ":01.000000Z")
    notes[6]["at"] = notes[4]["at"]
    return reseal(bundle)


@fails("F83", "L05")
def end_cut_off(bundle: Bundle, variant: str) -> Bundle:
    del bundle.entries[-2:]
    g.rechain(bundle)
    return reseal(bundle, evidence=False, content_digest=False)


@fails("F84", "L05")
def entry_after_the_seal(bundle: Bundle, variant: str) -> Bundle:
    note = dict(bundle.entry("note.added"))
    note.update(seq=len(bundle.entries) + 1, at=bundle.entries[-1]["at"])
    bundle.entries.append(note)
    return reseal(bundle, content_digest=False)


@fails("F85", "L05", "head", "entries", "sealed_at")
def another_head(bundle: Bundle, variant: str) -> Bundle:
    if variant == "sealed_at":
        bundle.catalogue["sealed_at"] = "2026-02-03T10:00:01.000000Z"
        return reseal(bundle)
    value = bundle.json("data/bundle.json")
    value["ledger"].update({"head": {"head_sha256": g.digest("x")}, "entries": {"entries": 59}}[variant])
    bundle.put("data/bundle.json", value)
    g.rebag(bundle)
    return bundle


def move(bundle: Bundle, entry: dict[str, Any], before: dict[str, Any]) -> None:
    """Put one entry before another; instants stay in their places."""
    times = [each["at"] for each in bundle.entries]
    bundle.entries.remove(entry)
    bundle.entries.insert(bundle.entries.index(before), entry)
    renumber(bundle)
    for each, at in zip(bundle.entries, times, strict=True):
        each["at"] = at


def renumber(bundle: Bundle) -> None:
    """Give new numbers to moved entries, and to what refers to them."""
    new = {entry["seq"]: place for place, entry in enumerate(bundle.entries, 1)}
    for entry in bundle.entries:
        if "started" in entry["data"]:
            entry["data"]["started"] = new[entry["data"]["started"]]
    for made in bundle.made_by.values():
        made["run"] = new[made["run"]]
    for place, entry in enumerate(bundle.entries, 1):
        entry["seq"] = place


@fails("F86", "L06", "nonce", "draw", "frame", "run", "concluded", "scanned")
def out_of_order(bundle: Bundle, variant: str) -> Bundle:
    entry = bundle.entry
    if variant == "nonce":
        move(bundle, entry("nonce.revealed"), entry("commitment.made"))
    elif variant == "draw":
        move(bundle, entry("sample.drawn"), entry("nonce.revealed"))
    elif variant == "frame":
        move(
            bundle,
            entry("frame.collected", frame="RET-01.retention_observations"),
            entry("sample.drawn", control="RET-01"),
        )
    elif variant == "run":
        move(bundle, entry("run.started", notebook="50_retention"), entry("commitment.made"))
    elif variant == "concluded":
        move(bundle, entry("control.concluded"), entry("run.started", notebook="30_requests"))
    else:
        move(bundle, entry("release.scanned"), entry("run.started", notebook="90_findings"))
    return reseal(bundle)


@fails("F87", "L06")
def unknown_action(bundle: Bundle, variant: str) -> Bundle:
    bundle.entry("note.added")["action"] = "commitment.replaced"
    return reseal(bundle)


@fails("F88", "L06")
def undeclared_actor(bundle: Bundle, variant: str) -> Bundle:
    bundle.entry("note.added")["actor"] = "person:stranger"
    return reseal(bundle)


@fails("F193", "L06")
def papers_of_a_bundle_that_nobody_signed(bundle: Bundle, variant: str) -> Bundle:
    entry = bundle.entry("note.added")
    entry["action"] = "bundle.exported"
    entry["data"] = {"tagmanifest_sha256": "0" * 64, "files_sha256": ["1" * 64], "salt": entry["data"]["salt"]}
    return reseal(bundle)


@fails("F89", "L07")
def frame_changed(bundle: Bundle, variant: str) -> Bundle:
    bundle.edit(LOG, lambda rows: rows[0].update(country="DE"))
    return reseal(bundle, content_digest=False)


def add_run(bundle: Bundle, notebook: str, status: str | None) -> None:
    """A run more, just before the scan; `status` None: it never ends."""
    place = bundle.entries.index(bundle.entry("release.scanned"))
    at, first = bundle.entries[place]["at"], dict(bundle.entry("run.started"))
    first.update(seq=1000, at=at, data={**first["data"], "notebook": notebook, "controls": []})
    more = [first]
    if status:
        last = dict(bundle.entry("run.ended"))
        data = {**last["data"], "started": 1000, "status": status, "executed_sha256": None, "counts": []}
        last.update(seq=1001, at=at, data=data)
        more.append(last)
    bundle.entries[place:place] = more
    renumber(bundle)


@fails("F90", "L08", "no end", "two ends")
def endless_run(bundle: Bundle, variant: str) -> Bundle:
    add_run(bundle, "99_more", None if variant == "no end" else "passed")
    if variant == "two ends":
        ended = [entry for entry in bundle.entries if entry["action"] == "run.ended"][-1]
        again = {**ended, "seq": 2000}
        bundle.entries.insert(bundle.entries.index(ended) + 1, again)
        renumber(bundle)
    for path in ("template.ipynb", "ipynb"):
        bundle.files.pop(f"data/notebooks/99_more.{path}", None)
    return reseal_unknown_run(bundle)


def reseal_unknown_run(bundle: Bundle) -> Bundle:
    """`99_more` has no file: leave its digests as they are."""
    path = "data/notebooks/99_more.template.ipynb"
    params = "data/params/99_more.json"
    bundle.files[path] = bundle.files[params] = b"{}\n"
    g.redigest(bundle)
    del bundle.files[path], bundle.files[params]
    g.recount(bundle)
    started = bundle.entry("run.started", notebook="99_more")["data"]
    kept = dict(started)
    started["notebook"] = "10_population"
    g.redigest(bundle)
    started.update(kept)
    return reseal(bundle, evidence=False, counts=False)


@fails("F91", "L08", "refused", "not shown")
def results_of_a_refused_run(bundle: Bundle, variant: str) -> Bundle:
    if variant == "not shown":
        add_run(bundle, "99_more", "failed")
        reseal_unknown_run(bundle)
        return hide_last_run(bundle)
    bundle.entry("run.ended", started=bundle.entry("run.started", notebook="50_retention")["seq"])["data"]["status"] = (
        "refused"
    )
    return reseal(bundle)


def hide_last_run(bundle: Bundle) -> Bundle:
    """The ledger page of one language no longer shows the failed run."""
    seq = [entry for entry in bundle.entries if entry["action"] == "run.ended"][-1]["seq"]
    path = "data/site/fr/ledger.html"
    lines = bundle.files[path].splitlines(True)
    bundle.files[path] = b"".join(line for line in lines if f"ledger.jsonl#/{seq}/".encode() not in line)
    return reseal(bundle, evidence=False, counts=False, pages=False)


@fails("F92", "L09")
def not_the_previous_ledger(bundle: Bundle, variant: str) -> Trial:
    earlier = g.good()
    abandoned = dict(earlier.entry("note.added"))
    drawn = earlier.entry("sample.drawn")["data"]
    said = {key: drawn[key] for key in ("control", "commitment_sha256", "round")}
    abandoned.update(action="sample.abandoned", data={**said, "reason": "wrong period", "salt": "0" * 32})
    earlier.entries[earlier.entries.index(earlier.entry("note.added"))] = abandoned
    reseal(earlier)

    def make(folder: Path) -> Path:
        earlier.write(folder / "earlier")
        return bundle.write(folder)

    return Trial(make, before=lambda folder: ["--previous", str(folder / "earlier" / g.BUNDLE)])
