"""What changed from one bundle to another, as delta.json: written again here, without the kit's own comparison."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.bundles.good.base import Json
from tests.bundles.good.bundle import Bundle, sha

CHANGES = ("closed", "remaining", "slipped", "entered", "gone", "not-comparable")
BOUNDS = ("units", "drawn", "deviations", "upper_units", "upper_rate_shown", "verdict")
OPEN = ("fail", "error", "missing")


def delta(before: Bundle, after: Bundle) -> Json:
    """Every control of `after` is one of `before`; both populations were tested whole."""
    made = {
        "format": "evidence-kit-comparison",
        "version": 1,
        "before": {
            **visit(before),
            "sealed_at": before.catalogue["sealed_at"],
            "tagmanifest_sha256": sha(before, "tagmanifest-sha256.txt"),
        },
        "after": {**visit(after), "sealed_at": None, "tagmanifest_sha256": None},
        "swapped": False,
        "notes": [],
        "controls": list(controls(before, after)),
        "processors": [],
        "activities": [],
    }
    nothing = "groups_in_both groups_only_before groups_only_after added removed added_within removed_within"
    return {**made, "undeclared": {key: [] for key in nothing.split()}}


def visit(bundle: Bundle) -> Json:
    agreed = bundle.json("data/engagement.json")
    said = {key: bundle.catalogue[key] for key in ("bundle", "engagement", "run", "signer", "kit", "demonstration")}
    return {**said, "as_of": agreed["as_of"], "kind": agreed.get("kind")}


def controls(before: Bundle, after: Bundle) -> Iterator[Json]:
    tolerable = {each["control"]: each["tolerable"] for each in after.json("data/controls.json")["controls"]}
    pairs = zip(*(bundle.json("data/summary.json")["controls"] for bundle in (before, after)), strict=True)
    for was, now in pairs:
        name = now["control"]
        rows = [{row["unit"]: row for row in bundle.rows(f"data/results/{name}.jsonl")} for bundle in (before, after)]
        units = [each for unit in sorted({*rows[0], *rows[1]}) for each in unit_change(unit, *rows)]
        counted = Counter(each["change"] for each in units)
        yield {
            "control": name,
            "compared": True,
            "refused": [],
            "notes": [],
            "before": was["verdict"],
            "after": now["verdict"],
            "tolerable": tolerable[name],
            "tested": {
                "both": len(rows[0].keys() & rows[1].keys()),
                "only_before": len(rows[0].keys() - rows[1].keys()),
                "only_after": len(rows[1].keys() - rows[0].keys()),
            },
            "changes": {change: counted[change] for change in CHANGES},
            "shortcomings": shortcomings(*rows),
            "units": units,
            "strata": [
                {"stratum": one["stratum"], "before": bound(one), "after": bound(two)}
                for one, two in zip(was["strata"], now["strata"], strict=True)
            ],
        }


def bound(stratum: Json) -> Json:
    return {key: stratum[key] for key in BOUNDS}


def turn(old: bool | None, new: bool | None) -> str:
    """From open (True), in order (False) or not there (None) to one of them."""
    turns = {(True, True): "remaining", (True, False): "closed", (False, True): "slipped", (True, None): "gone"}
    return turns.get((old, new), "entered")


def unit_change(unit: str, before: dict[str, Json], after: dict[str, Json]) -> Iterator[Json]:
    old, new = before.get(unit), after.get(unit)
    states = [None if row is None else row["verdict"] != "PASS" for row in (old, new)]
    if True in states:
        yield {
            "unit": unit,
            "change": turn(*states),
            "before": old and old["verdict"],
            "after": new and new["verdict"],
            "reasons_before": old["reasons"] if old else [],
            "reasons_after": new["reasons"] if new else [],
        }


def open_of(row: Json | None) -> dict[str, tuple[str, str]]:
    marked = row["attributes"] if row else []
    return {one["letter"]: (one["mark"], one["reason"]) for one in marked if one["mark"] in OPEN}


def shortcomings(before: dict[str, Json], after: dict[str, Json]) -> list[Json]:
    """Every verdict of these bundles is told by an attribute, so that each shortcoming has a letter."""
    found: dict[tuple[str, str, str], Json] = {}
    for unit in {*before, *after}:
        had, has = open_of(before.get(unit)), open_of(after.get(unit))
        for letter in {*had, *has}:
            marks = [
                {one["letter"]: one["mark"] for one in row["attributes"]}.get(letter, "na") if row else "na"
                for row in (before.get(unit), after.get(unit))
            ]
            change = turn(*(None if mark == "na" else mark in OPEN for mark in marks))
            for key in {(letter, *each[letter]) for each in (had, has) if letter in each}:
                one = found.setdefault(key, {"before": 0, "after": 0, "changes": Counter(), "otherwise": 0})
                one["before"] += key[1:] == had.get(letter)
                one["after"] += key[1:] == has.get(letter)
                one["changes"][change] += 1
                one["otherwise"] += change == "remaining" and had[letter] != has[letter]
    return [
        {
            **dict(zip(("letter", "mark", "reason"), key, strict=True)),
            **one,
            "kind": kind(one),
            "changes": {change: one["changes"][change] for change in CHANGES},
        }
        for key, one in sorted(found.items())
    ]


def kind(one: Json) -> str:
    changes = one["changes"]
    if changes["slipped"] + changes["entered"]:
        return "grown" if one["before"] else "new"
    return next((each for each in ("remaining", "closed") if changes[each]), "gone")
