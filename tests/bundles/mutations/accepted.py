"""What must be accepted: exit 0, and nothing left undecided."""

from __future__ import annotations

import copy
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from tests.bundles import good as g
from tests.bundles import zips
from tests.bundles.good import Bundle, reseal
from tests.bundles.mutations.derived import against
from tests.bundles.mutations.draw import LEAVES
from tests.bundles.mutations.ledger import add_run, renumber, reseal_unknown_run
from tests.bundles.mutations.planted import sown
from tests.bundles.mutations.registry import KEY_OPTION, LOG, RESULTS, SAMPLE, Trial, passes
from tests.bundles.mutations.results import RETENTION
from tests.bundles.mutations.signature import SIG, time_stamp


@passes("P01")
def folder(bundle: Bundle, variant: str) -> Trial:
    return Trial(bundle.write)


def zipped(bundle: Bundle) -> bytes:
    return zips.write(zips.canonical_entries(bundle))


@passes("P02")
def as_zip(bundle: Bundle, variant: str) -> bytes:
    return zipped(bundle)


@passes("P03", "alone", "against", "planted")
def level_between(full: Bundle, variant: str) -> Bundle | Trial:
    if variant == "planted":
        reseal(sown(full))
    made = g.pseudonymised(full)
    return made if variant == "alone" else against(made, full)


@passes("P04", "alone", "against")
def level_client(full: Bundle, variant: str) -> Bundle | Trial:
    made = g.client(full)
    return against(made, full) if variant == "against" else made


@passes("P21", "auditor-pseudonymised", "client")
def derived_zips(full: Bundle, variant: str) -> Trial:
    made = g.client(full) if variant == "client" else g.pseudonymised(full)

    def put(folder: Path, one: Bundle) -> Path:
        path = folder / f"{one.name}.zip"
        path.write_bytes(zipped(one))
        return path

    return Trial(lambda below: put(below, made), list(KEY_OPTION), lambda below: ["--against", str(put(below, full))])


@passes("P22", "none", "all")
def findings_chosen(full: Bundle, variant: str) -> Trial:
    return against(g.client(full, () if variant == "none" else (1, 2, 3)), full)


def nothing_drawn(bundle: Bundle) -> None:
    """P05: RET-01 has no rule; its frame and results have 0 bytes."""
    made = g.commitment("RET-01", "rules", {}, [], None)
    draw = {**bundle.json("data/draws/RET-01.json"), "commitment": made}
    draw["commitment_sha256"] = g.digest(g.canonical(made))
    draw["rounds"] = [{**draw["rounds"][0], "drawn": []}]
    old = bundle.entry("sample.drawn", control="RET-01")["data"]["commitment_sha256"]
    bundle.put("data/draws/RET-01.json", draw)
    for path in (RETENTION, "data/results/RET-01.jsonl", "data/leaves/RET-01.rules.txt"):
        bundle.files[path] = b""
    bundle.edit("data/summary.json", lambda value: value["controls"][2].update(strata=[]))
    bundle.entry("population.frozen", population="RET-01.rules")["data"].update(count=0, root=made["root"])
    bundle.entries.remove(bundle.entry("sample.drawn", control="RET-01"))
    for entry in bundle.entries:
        if entry["data"].get("commitment_sha256") == old:
            entry["data"]["commitment_sha256"] = draw["commitment_sha256"]
    renumber(bundle)


def all_fail(bundle: Bundle) -> None:
    """P06: every unit of every control fails, as far as the dates allow; no control is PASS."""
    mark = [{"letter": "A", "mark": "fail", "reason": "not-so"}]
    for path in (SAMPLE, "data/results/RET-01.jsonl"):
        bundle.edit(
            path, lambda rows: [row | {"verdict": "FAIL", "reasons": ["not-so"], "attributes": mark} for row in rows]
        )
    g.UPPER[60, 27, 27] = 60 - 27 + 27


def strange_text(bundle: Bundle) -> None:
    """P07: text of every kind, in rows and on pages."""
    texts = ["طلب", "בקשה", "👩‍👩‍👧 é e\u0301", "a\u2028b\ufffd", "</script>", "=cmd()", '"\\\u001f', "a  b"]

    def change(rows: list[g.Json]) -> None:
        for row, text in zip(rows, texts, strict=False):
            row["account_key"] = text

    bundle.edit(LOG, change)
    bundle.edit("data/engagement.json", lambda value: value["title"].update(en=texts[0], fr=" ".join(texts)))


def large_numbers(bundle: Bundle) -> None:
    """P08: numbers with their separators, in both languages."""
    bundle.edit("data/scan.json", lambda value: value.update(values=1234567))
    more = {
        "en": '<p><data value="1234567" data-ek="scan.json#/values">1,234,567</data></p>',
        "fr": '<p><data value="1234567" data-ek="scan.json#/values">1\u202f234\u00a0567</data></p>',
    }
    for language, text in more.items():
        bundle.files[f"data/site/{language}/more.html"] = g.page(language, f"<h1>More</h1>{text}")


def stamp_and_crate(bundle: Bundle) -> None:
    """P09: a time stamp and an RO-Crate."""
    bundle.put("data/ro-crate-metadata.json", {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": []})


def abandoned(bundle: Bundle) -> None:
    """P11: an abandoned draw and a lost run, both in the ledger and on the ledger page."""
    add_run(bundle, "99_more", "lost")
    nonce = bundle.entry("nonce.revealed")
    data = {"commitment_sha256": g.digest("given up"), "round": 1}
    given_up = [
        ("commitment.made", {"commitment_sha256": g.digest("given up")}),
        ("nonce.revealed", {**data, "nonce": g.digest("a nonce")}),
        ("sample.drawn", {**data, "control": "X-01", "sample_sha256": g.digest("x"), "count": 3}),
        ("sample.abandoned", {**data, "control": "X-01", "reason": "wrong period"}),
    ]
    place = bundle.entries.index(nonce)
    for number, (action, said) in enumerate(given_up):
        salted = {**said, "salt": g.digest(action)[:32]}
        bundle.entries.insert(place + number, {**nonce, "seq": 3000 + number, "action": action, "data": salted})
    renumber(bundle)


def at_the_limits(bundle: Bundle) -> None:
    """P17: the largest integers, the longest string, the deepest nesting."""
    largest = [{"name": "a", "value": 2**53 - 1}, {"name": "b", "value": -(2**53) + 1}]
    bundle.edit("data/engagement.json", lambda value: value["parameters"].extend(largest))
    bundle.edit("data/engagement.json", lambda value: value["title"].update(en="x" * (256 << 10)))
    deep: object = []
    for _ in range(12):
        deep = [deep]
    bundle.edit(RESULTS, lambda rows: rows[0]["working"][0].update(deep=deep))


def refused_population(bundle: Bundle) -> None:
    """A control whose freeze was refused: ERROR, no draw, no results."""
    for path in list(bundle.files):
        if "RET-01" in path and not path.endswith("population.sql"):
            del bundle.files[path]
            bundle.made_by.pop(path, None)
    refused = {"control": "RET-01", "population": "RET-01.rules", "strata": []}
    numbers = dict.fromkeys(("units", "drawn", "pass", "fail", "error", "inconclusive", "deviations"), 0)
    refused |= {
        **numbers,
        "upper_units": None,
        "upper_rate_shown": None,
        "verdict": "ERROR",
        "reason": "unit-id-duplicate",
    }
    bundle.edit("data/summary.json", lambda value: value["controls"].__setitem__(2, refused))
    drop = ("population.frozen", "commitment.made", "nonce.revealed", "sample.drawn", "frame.collected")
    bundle.entries = [
        entry
        for entry in bundle.entries
        if not (entry["action"] in drop and ("RET-01" in entry["subject"] or "RET-01" in str(entry["data"])))
    ]
    renumber(bundle)


def places(bundle: Bundle) -> None:
    """P19: where erased persons may remain, and how addresses are hashed, which earlier versions do not state."""
    none = dict.fromkeys(
        ("exception", "keep", "start", "suppression", "purge_days", "replay", "mask", "canary", "not_searched")
    )
    stated = [
        none | {"place": "crm.people", "purge_days": 30, "canary": "canary-1", "mask": "reversible"},
        none | {"place": "lake", "not_searched": "no connection"},
    ]
    digests = [{"name": "crm", "algorithm": "hmac-sha256", "keyed": True}]
    bundle.edit(
        "data/engagement.json",
        lambda value: value.update(places=stated, digests=digests, undotted_domains=["example.com"]),
    )


def calendar_files(bundle: Bundle) -> None:
    """P20: a calendar file beside the pages of each language, providers told apart, and what was planted."""
    sown(bundle)
    for language in ("en", "fr"):
        bundle.files[f"data/site/{language}/due.ics"] = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    bundle.edit("data/engagement.json", lambda value: value.update(told_apart=[["P-1", "P-2"]]))


def refused_line() -> g.Json:
    empty = {
        "too_many": [],
        "without_untested": [],
        "extended": [],
        "reasons": [],
        "checks": [],
        "set_aside": 0,
        "draw_independent": False,
    }
    return {**empty, "verdict": "ERROR", "reason": "unit-id-duplicate", "grade": "none"}


def reseal_refused(bundle: Bundle) -> Bundle:
    """The numbers of the other controls stay; the refused one concludes with ERROR."""
    keys = ("units", "drawn", "pass", "fail", "error", "inconclusive", "deviations")
    summary = bundle.json("data/summary.json")
    summary["totals"].update({key: sum(each[key] for each in summary["controls"]) for key in keys})
    bundle.put("data/summary.json", summary)
    said = dict.fromkeys(("pass", "fail", "error", "inconclusive"), 0)
    bundle.entry("control.concluded", control="RET-01")["data"].update(said, verdict="ERROR")
    path = "data/notebooks/50_retention.ipynb"
    executed = bundle.json(path)
    executed["cells"][-1]["outputs"][0]["data"][g.RECEIPT]["controls"] = []
    bundle.put(path, executed)
    started = bundle.entry("run.started", notebook="50_retention")["seq"]
    bundle.entry("run.ended", started=started)["data"]["counts"] = []
    return reseal(bundle, counts=False)


VARIANTS: dict[str, Callable[[Bundle], None]] = {
    "P05": nothing_drawn,
    "P06": all_fail,
    "P07": strange_text,
    "P08": large_numbers,
    "P17": at_the_limits,
    "P19": places,
    "P20": calendar_files,
}


def plain_variants() -> None:
    """Each of VARIANTS, resealed."""
    for id, vary in VARIANTS.items():

        def change(bundle: Bundle, variant: str, vary: Callable[[Bundle], None] = vary) -> Bundle:
            vary(bundle)
            return reseal(bundle)

        passes(id)(change)


plain_variants()


@passes("P11")
def given_up(bundle: Bundle, variant: str) -> Bundle:
    abandoned(bundle)
    reseal_unknown_run(bundle)
    return bundle


@passes("P23")
def freeze_refused(bundle: Bundle, variant: str) -> Bundle:
    refused_population(bundle)
    bundle.edit("data/findings.jsonl", lambda rows: rows[2].update(refused_line()))
    return reseal_refused(bundle)


@passes("P09", "tsr", "crate", "both")
def beside_the_seal(bundle: Bundle, variant: str) -> Bundle:
    if variant != "tsr":
        stamp_and_crate(bundle)
        reseal(bundle)
    if variant != "crate":
        bundle.files[SIG + ".tsr"] = time_stamp(sha256(bundle.files[SIG]).digest())
    return bundle


def later_bundle(earlier: Bundle) -> Bundle:
    """A second bundle of the engagement: its ledger goes on after the first one's sealing."""
    later = g.good()
    history = copy.deepcopy(earlier.entries)
    signed = {"tagmanifest_sha256": g.sha(earlier, "tagmanifest-sha256.txt"), "fingerprint": g.KEY.fingerprint}
    template = history[-1]
    history.append({**template, "action": "bundle.signed", "data": {**signed, "salt": "0" * 32}})
    papers = {"tagmanifest_sha256": signed["tagmanifest_sha256"], "files_sha256": ["0" * 64], "salt": "0" * 32}
    history.append({**template, "action": "bundle.exported", "actor": "person:dpo", "data": papers})
    shift = len(history) - 1
    rest = later.entries[1:]
    for entry in rest:
        entry["at"] = entry["at"].replace("2026-02-0", "2026-03-0")
        if "started" in entry["data"]:
            entry["data"]["started"] += shift
    for made in later.made_by.values():
        made["run"] += shift
    later.entries = history + rest
    later.name = later.catalogue["bundle"] = "demo.r002.auditor-full"
    later.catalogue.update(run="r002", sealed_at=rest[-1]["at"])
    seal_history(later, len(history))
    return later


def seal_history(bundle: Bundle, length: int) -> None:
    """Digest the later part alone, then chain it to the earlier, which keeps its bytes."""
    everything = bundle.entries
    history, bundle.entries = everything[:length], everything[length:]
    for entry in bundle.entries:
        entry["seq"] = 0
    bundle.entries = everything
    for number, entry in enumerate(everything, 1):
        entry["seq"] = number
    for before, entry in ((-3, -2), (-2, -1)):
        history[entry]["data_sha256"] = g.digest(g.canonical(history[entry]["data"]))
        history[entry]["prev_sha256"] = g.entry_digest(history[before])


@passes("P10")
def after_another(earlier: Bundle, variant: str) -> Trial:
    later = later_bundle(earlier)
    reseal(later)
    return Trial(later.write, list(KEY_OPTION), lambda below: ["--previous", str(earlier.write(below))])


@passes("P12")
def large(bundle: Bundle, variant: str) -> Bundle:
    """A ledger of 100 000 entries and a frame of 200 000 rows."""
    place, note = bundle.entries.index(bundle.entry("release.scanned")), bundle.entry("note.added")
    more = [{**note, "at": bundle.entries[place]["at"], "data": dict(note["data"])} for _ in range(100_000)]
    bundle.entries[place:place] = more
    for number, entry in enumerate(bundle.entries, 1):
        entry["seq"] = number
    rows = bundle.rows(RETENTION)
    rows += [{**rows[0], "id": number, "rule_id": f"x{number}"} for number in range(5, 200_001)]
    bundle.put_rows(RETENTION, rows)
    # Pages show a sample of such a ledger; here they keep what they had.
    reseal(bundle, pages=False)
    for language in ("en", "fr"):
        bundle.files[f"data/site/{language}/ledger.html"] = g.page(language, "<h1>Ledger</h1>")
    return reseal(bundle, pages=False)


@passes("P13")
def two_keys(bundle: Bundle, variant: str) -> Trial:
    def before(below: Path) -> list[str]:
        (below / "key.pub").write_text(g.KEY.line)
        return ["--key", str(below / "key.pub")]

    return Trial(bundle.write, ["--key", g.OTHER_KEY.fingerprint], before)


@passes("P14", "76 columns", "no final newline")
def armour(bundle: Bundle, variant: str) -> Bundle:
    bundle.seal = g.Seal(columns=76) if variant == "76 columns" else g.Seal()
    g.resign(bundle)
    if variant == "no final newline":
        bundle.files[SIG] = bundle.files[SIG].removesuffix(b"\n")
    return bundle


def leaves_apart(bundle: Bundle) -> bytes:
    """The leaves of COM-02 are delivered apart."""
    leaves = bundle.files.pop(LEAVES)
    said = {"path": LEAVES, "bytes": len(leaves), "sha256": sha256(leaves).hexdigest(), "role": "leaves"}
    bundle.catalogue["external"] = [said]
    reseal(bundle)
    return leaves


@passes("P15")
def external_leaves(bundle: Bundle, variant: str) -> Trial:
    leaves = leaves_apart(bundle)

    def before(below: Path) -> list[str]:
        (below / "other.txt").write_bytes(leaves[:-1])
        (below / "leaves.txt").write_bytes(leaves)
        return ["--leaves", str(below / "other.txt"), "--leaves", str(below / "leaves.txt")]

    return Trial(bundle.write, list(KEY_OPTION), before)


@passes("P16")
def odd_path(bundle: Bundle, variant: str) -> Trial:
    def make(below: Path) -> Path:
        path = bundle.write(below / "là bas" / "a folder")
        for each in sorted(path.rglob("*"), reverse=True):
            each.chmod(0o500 if each.is_dir() else 0o400)
        return path

    return Trial(make)


@passes("P18")
def rounds_and_census(bundle: Bundle, variant: str) -> Bundle:
    rounds = bundle.json("data/draws/COM-02.json")["rounds"]
    assert [len(each["drawn"]) for each in rounds] == [25, 5]
    assert bundle.json("data/draws/RET-01.json")["commitment"]["plan"] == [["all", 4]]
    return bundle
