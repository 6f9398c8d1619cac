"""Must-fail cases of the checks D: the draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.bundles import good as g
from tests.bundles.good import Bundle, reseal
from tests.bundles.mutations.registry import SAMPLE, fails


@fails("F105", "D01")
def another_nonce(bundle: Bundle, variant: str) -> Bundle:
    told = bundle.entry("nonce.revealed", round=1)["data"]
    other = g.build(told=lambda control, number: g.nonce("another" if control == "REQ-02" else control, number))
    other.entry("nonce.revealed", round=1)["data"]["nonce"] = told["nonce"]
    return reseal(other)


@fails("F106", "D01", "plan", "population", "as_of", "count", "set aside", "independent round")
def another_record(bundle: Bundle, variant: str) -> Bundle:
    path = "data/draws/COM-02.json"
    if variant == "set aside":
        path = "data/draws/REQ-02.json"

    def change(value: Any) -> None:
        made = value["commitment"]
        if variant == "plan":
            made["plan"][0][1] = 23
        elif variant == "population":
            made["population"] = "X-01.requests"
        elif variant == "as_of":
            made["as_of"] = "2026-01-31T22:59:58Z"
        elif variant == "count":
            made["count"] += 1
        elif variant == "set aside":
            made["plan"].append(["not_yet_due", 0])
        else:
            value["rounds"][1]["round"] = 3

    bundle.edit(path, change)
    return reseal(bundle, counts=False)


LEAVES = "data/leaves/COM-02.requests.txt"


def undrawn(bundle: Bundle) -> tuple[int, list[bytes]]:
    """The place of a leaf that no round drew, and all lines."""
    drawn = {unit["leaf"] for each in bundle.json("data/draws/COM-02.json")["rounds"] for unit in each["drawn"]}
    lines = bundle.files[LEAVES].splitlines(True)
    return next(place for place, line in enumerate(lines) if line[:64].decode() not in drawn), lines


@fails("F107", "D02", "drawn", "not drawn")
def leaf_replaced(bundle: Bundle, variant: str) -> Bundle:
    place, lines = undrawn(bundle)
    if variant == "drawn":
        place = next(number for number in range(len(lines)) if number != place and lines[number].endswith(b"email\n"))
    old = lines[place][:64].decode()
    # The largest digest has, for this bundle, no ticket among the smallest.
    lines[place] = b"f" * 64 + lines[place][64:]
    bundle.files[LEAVES] = b"".join(sorted(lines))
    for path in ("data/draws/COM-02.json", SAMPLE):
        bundle.files[path] = bundle.files[path].replace(old.encode(), b"f" * 64)
    return reseal(bundle)


@fails("F108", "D02", "left out", "file left out", "stratum", "order")
def leaf_left_out(bundle: Bundle, variant: str) -> Bundle:
    place, lines = undrawn(bundle)
    if variant == "file left out":
        del bundle.files[LEAVES]
        return reseal(bundle)
    if variant == "left out":
        del lines[place]
    elif variant == "stratum":
        lines[place] = lines[place].replace(b"email", b"post")
    else:
        lines = lines[::-1]
    bundle.files[LEAVES] = b"".join(lines)
    return reseal(bundle)


def redraw(bundle: Bundle, change: Callable[[list[Any], list[Any]], None]) -> Bundle:
    """Change the drawn units of COM-02's first round together with their results and rows."""
    path, frame = "data/draws/COM-02.json", "data/frames/COM-02.request_log.jsonl"
    draw, results, rows = bundle.json(path), bundle.rows(SAMPLE), bundle.rows(frame)
    first = draw["rounds"][0]["drawn"]
    triples = [[unit, result, row] for unit, result, row in zip(first, results, rows, strict=False)]
    change(triples, first)
    rest_results, rest_rows = results[len(first) :], rows[len(first) :]
    draw["rounds"][0]["drawn"] = [unit for unit, _, _ in triples]
    results, rows = [one for _, one, _ in triples] + rest_results, [row for _, _, row in triples] + rest_rows
    for number, (result, row) in enumerate(zip(results, rows, strict=True), 1):
        result["id"] = row["id"] = number
        result["evidence"][0]["rows"] = [number]
    bundle.put(path, draw)
    bundle.put_rows(SAMPLE, results)
    bundle.put_rows(frame, rows)
    return reseal(bundle)


def ticket(bundle: Bundle, leaf: str, stratum: str, number: int = 1) -> str:
    draw = bundle.json("data/draws/COM-02.json")
    nonce = draw["rounds"][number - 1]["nonce"]
    return g.digest(f"ek1:ticket:{draw['commitment_sha256']}:{nonce}:{number}:{g.netstring(stratum)}{leaf}")


@fails("F109", "D03")
def kinder_unit(bundle: Bundle, variant: str) -> Bundle:
    place, lines = undrawn(bundle)
    leaf = lines[place][:64].decode()
    unit = next(one for one in g.POPULATIONS["COM-02"][1]["email"] if g.leaf_of("COM-02", one)[0] == leaf)

    def change(triples: list[Any], first: list[Any]) -> None:
        last = max(place for place, one in enumerate(first) if one["stratum"] == "email")
        triples[last][0] = {"stratum": "email", "leaf": leaf, "ticket": ticket(bundle, leaf, "email")}
        triples[last][1].update(leaf=leaf, unit=unit)
        triples[last][2].update(request_id=unit)
        emails = sorted(triples[: last + 1], key=lambda one: one[0]["ticket"])
        triples[: last + 1] = emails

    return redraw(bundle, change)


@fails("F110", "D03", "round 1", "census")
def one_fewer(bundle: Bundle, variant: str) -> Bundle:
    def change(triples: list[Any], first: list[Any]) -> None:
        last = max(place for place, one in enumerate(first) if one["stratum"] == "email")
        del triples[last if variant == "round 1" else -1]

    return redraw(bundle, change)


@fails("F111", "D03")
def another_order(bundle: Bundle, variant: str) -> Bundle:
    def change(triples: list[Any], first: list[Any]) -> None:
        triples[0], triples[1] = triples[1], triples[0]

    return redraw(bundle, change)


@fails("F112", "D03")
def round_1_nonce(bundle: Bundle, variant: str) -> Bundle:
    """Round 2 takes the next tickets of round 1's list, under the ledger's own second nonce."""
    path = "data/draws/COM-02.json"
    draw = bundle.json(path)
    taken = {unit["leaf"] for unit in draw["rounds"][0]["drawn"]}
    of = {g.leaf_of("COM-02", unit)[0]: unit for unit in g.POPULATIONS["COM-02"][1]["email"]}
    again = sorted((ticket(bundle, leaf, "email"), leaf) for leaf in of if leaf not in taken)[:5]
    draw["rounds"][1]["drawn"] = [{"stratum": "email", "leaf": leaf, "ticket": made} for made, leaf in again]
    bundle.put(path, draw)
    rows, results = bundle.rows("data/frames/COM-02.request_log.jsonl"), bundle.rows(SAMPLE)
    for (_, leaf), row, result in zip(again, rows[-5:], results[-5:], strict=True):
        row["request_id"] = of[leaf]
        result.update(leaf=leaf, unit=of[leaf])
    bundle.put_rows("data/frames/COM-02.request_log.jsonl", rows)
    bundle.put_rows(SAMPLE, results)
    return reseal(bundle)


def with_openings(bundle: Bundle) -> Bundle:
    """The row and key of every drawn unit of RET-01, as stored."""
    lines = []
    for number, result in enumerate(bundle.rows("data/results/RET-01.jsonl"), 1):
        leaf, key, row = g.leaf_of("RET-01", result["unit"])
        lines.append({"id": number, "leaf": leaf, "key": key, "row": row})
    bundle.put_rows("data/openings/RET-01.jsonl", lines)
    return reseal(bundle)


@fails("F113", "D04", "row", "not drawn")
def another_opening(bundle: Bundle, variant: str) -> Bundle:
    with_openings(bundle)
    if variant == "row":
        bundle.edit("data/openings/RET-01.jsonl", lambda rows: rows[0].update(row=g.netstring("another")))
    else:
        leaf, key, row = g.leaf_of("RET-01", "another")
        bundle.edit("data/openings/RET-01.jsonl", lambda rows: rows[0].update(leaf=leaf, key=key, row=row))
    return reseal(bundle)
