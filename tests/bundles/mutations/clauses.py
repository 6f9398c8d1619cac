"""What a bundle says of the clauses of texts (frameworks.json), held against the verdicts of its controls."""

from __future__ import annotations

from typing import Any

from tests.bundles.good import Bundle, reseal
from tests.bundles.mutations.registry import fails, passes

TEXTS = "data/frameworks.json"
# Verdicts of the good bundle: COM-02 PASS, REQ-02 FAIL, RET-01 PASS; REQ-09 is none of its controls.


def row(control: str, relation: str, verified: str = "opened") -> dict[str, str]:
    return {"control": control, "relation": relation, "verified": verified, "source": "the text"}


def clause(name: str, coverage: str, verdict: str | None, verified: str, *rows: dict[str, str]) -> dict[str, Any]:
    said = {"clause": name, "titles": [f"what {name} asks"], "coverage": coverage, "verdict": verdict}
    return {**said, "verified": verified, "mappings": list(rows)}


def text(name: str, edition: str, counts: tuple[int, int, int, int], *clauses: dict[str, Any]) -> dict[str, Any]:
    return {
        **{"id": f"{name.lower()}-{edition}", "framework": name, "edition": edition, "file": f"{name}.csv"},
        "sha256": "ab" * 32,
        "required": False,
        "counts": dict(zip(("covered", "partly", "supported", "gap"), counts, strict=True)),
        "clauses": list(clauses),
        "none": [],
    }


def move(
    step: str, earlier: list[str], later: list[str], verified: str | None, **controls: list[str]
) -> dict[str, Any]:
    said = {"step": step, "earlier": earlier, "later": later, "titles": ["what it asks"], "verified": verified}
    return {**said, "kept": [], "lost": [], "gained": [], "akin": [], **controls}


def record() -> dict[str, Any]:
    """Written by hand: each coverage, a clause of a control out of scope, and the way to a second edition."""
    old = text(
        *("Scheme", "1", (1, 1, 1, 1)),
        clause("1", "covered", "FAIL", "opened", row("REQ-02", "full"), row("COM-02", "partial")),
        clause("2", "partly", "PASS", "unverified", row("COM-02", "partial", "unverified"), row("REQ-09", "full")),
        clause("3", "supported", "PASS", "secondary", row("RET-01", "supports", "secondary")),
        clause("4", "gap", None, "opened", row("REQ-09", "full")),
    )
    old["required"] = True
    new = text(
        *("Scheme", "2", (0, 2, 0, 0)),
        clause("A", "partly", "FAIL", "opened", row("REQ-02", "partial")),
        clause("B", "partly", "PASS", "opened", row("RET-01", "partial")),
    )
    new["none"] = [{"control": "COM-02", "reason": "it says nothing of it", "verified": "opened", "source": "me"}]
    moves = [
        move("renumbered", ["1"], ["A"], "opened", kept=["REQ-02"], lost=["COM-02"]),
        move("gone", ["2"], [], "unverified", lost=["COM-02", "REQ-09"]),
        move("renumbered", ["3"], ["B"], "secondary", kept=["RET-01"]),
        move("renumbered", ["4"], ["C"], None, lost=["REQ-09"]),
    ]
    return {"frameworks": [old, new], "migrations": [{"earlier": "scheme-1", "later": "scheme-2", "moves": moves}]}


def told(bundle: Bundle, change: Any = None) -> Bundle:
    """The bundle with its frameworks.json, changed and sealed again."""
    said = record()
    if change is not None:
        change(said)
    bundle.put(TEXTS, said)
    return reseal(bundle)


@passes("P27")
def clauses_of_texts(bundle: Bundle, variant: str) -> Bundle:
    return told(bundle)


@fails("F183", "J06", "key", "relation", "verified", "coverage", "digest")
def of_another_form(bundle: Bundle, variant: str) -> Bundle:
    def change(said: Any) -> None:
        one = said["frameworks"][0]
        if variant == "key":
            del one["counts"]["gap"]
        elif variant == "relation":
            one["clauses"][0]["mappings"][0]["relation"] = "most"
        elif variant == "verified":
            one["clauses"][0]["verified"] = "checked"
        elif variant == "coverage":
            one["clauses"][0]["coverage"] = "50 %"
        else:
            one["sha256"] = "ab"

    return told(bundle, change)


@fails("F184", "R12", "coverage", "gap", "verdict", "fine", "verified", "counts")
def kinder_than_its_controls(bundle: Bundle, variant: str) -> Bundle:
    def change(said: Any) -> None:
        one = said["frameworks"][0]
        covered, partly, supported, gap = one["clauses"]
        if variant == "coverage":
            partly["coverage"] = "covered"
            one["counts"].update(covered=2, partly=0)
        elif variant == "gap":
            gap["coverage"] = "partly"
            one["counts"].update(gap=0, partly=2)
        elif variant == "verdict":
            covered["verdict"] = "PASS"
        elif variant == "fine":
            gap["verdict"] = "PASS"
        elif variant == "verified":
            supported["verified"] = "opened"
        else:
            one["counts"]["covered"] += 1

    return told(bundle, change)


@fails("F185", "R12", "pair", "clause", "no control", "none and served", "edition", "id")
def twice(bundle: Bundle, variant: str) -> Bundle:
    def change(said: Any) -> None:
        one, other = said["frameworks"]
        first = one["clauses"][0]
        if variant == "pair":
            first["mappings"].append(row("REQ-02", "partial"))
        elif variant == "clause":
            one["clauses"].append(first)
            one["counts"]["covered"] += 1
        elif variant == "no control":
            one["clauses"][3]["mappings"] = []
        elif variant == "none and served":
            one["none"] = other["none"]
        elif variant == "edition":
            other.update(framework="SCHEME", edition="1")
        else:
            other["id"] = "scheme-1"

    return told(bundle, change)


@fails("F186", "R12", "nowhere", "required")
def a_control_that_no_text_maps(bundle: Bundle, variant: str) -> Bundle:
    def change(said: Any) -> None:
        one, other = said["frameworks"]
        if variant == "required":
            other["none"] = []
            other["required"] = True
        else:
            said["migrations"] = []
            del one["clauses"][2]
            one["counts"]["supported"] = 0
            del other["clauses"][1]
            other["counts"]["partly"] = 1
            one["required"] = False

    return told(bundle, change)


@fails("F187", "R12", "text", "left out", "twice", "kept", "gained", "step", "split")
def a_migration_that_is_none(bundle: Bundle, variant: str) -> Bundle:
    def change(said: Any) -> None:
        one = said["migrations"][0]
        moves = one["moves"]
        if variant == "text":
            one["later"] = "scheme-3"
        elif variant == "left out":
            del moves[1]
        elif variant == "twice":
            moves.append(moves[1])
        elif variant == "kept":
            moves[0].update(kept=["COM-02", "REQ-02"], lost=[])
        elif variant == "gained":
            moves[0]["gained"] = ["RET-01"]
        elif variant == "step":
            moves[1]["step"] = "renumbered"
        else:
            moves[0]["step"] = "split"

    return told(bundle, change)
