"""What the policies of a Fides register reject. Source: fides 2, evaluation of policies (MatchesEnum of fideslang)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from evidence_kit.edges.params.reading import Document, Steps

Found: TypeAlias = Mapping[str, list[tuple[Document, Steps, Mapping[str, Any]]]]

#: How the keys of a rule are held against what is declared: `hits` says of each declared key whether the rule names it.
MATCHES: Mapping[str, Callable[[Sequence[bool]], bool]] = {
    "ANY": any,
    "ALL": lambda hits: bool(hits) and all(hits),
    "NONE": lambda hits: bool(hits) and not any(hits),
    "OTHER": lambda hits: not all(hits),
}
ASKED = (("data_categories", "data_categories"), ("data_uses", "data_use"), ("data_subjects", "data_subjects"))


def rejected(found: Found) -> Iterator[tuple[Document, Steps, str]]:
    """Each place that a rule of a policy rejects: where, and which rule in words."""
    rules = [
        (f"the rule of {document.file}, line {document.mark((*steps, 'rules', at)).line},", rule)
        for document, steps, policy in found.get("policy", ())
        for at, rule in enumerate(policy.get("rules") or ())
    ]
    datasets: dict[str, list[tuple[Document, Steps, Mapping[str, Any]]]] = {}
    for one in found.get("dataset", ()):
        datasets.setdefault(one[2]["fides_key"], []).append(one)
    for document, steps, system in found.get("system", ()):
        for at, declaration in enumerate(system.get("privacy_declarations") or ()):
            here = (*steps, "privacy_declarations", at)
            for words, rule in rules:
                if rejects(rule, declaration, declaration.get("data_categories") or []):
                    yield document, here, f"{words} rejects this declaration."
                keys = [*(declaration.get("dataset_references") or ()), *(system.get("dataset_references") or ())]
                for other, where, dataset in (one for key in keys for one in datasets.get(key, ())):
                    for place, categories in _categories(where, dataset):
                        if rejects(rule, declaration, categories):
                            text = f"{words} rejects this category for a declaration that refers to the dataset"
                            yield other, place, f"{text} ({document.file}, line {document.mark(here).line})."


def rejects(rule: Mapping[str, Any], declaration: Mapping[str, Any], categories: Sequence[str]) -> bool:
    """Whether all three conditions of a rule hold for a declaration with these categories."""
    for asked, declared in ASKED:
        condition = rule.get(asked) or {}
        if isinstance(condition, list):  # as older policies have it
            condition = {"values": condition}
        given = categories if declared == "data_categories" else declaration.get(declared) or []
        keys = [given] if isinstance(given, str) else list(given)
        values = condition.get("values") or []
        hits = [any(key == value or key.startswith(f"{value}.") for value in values) for key in keys]
        if not MATCHES.get(str(condition.get("matches")), any)(hits):
            return False
    return True


def _categories(here: Steps, one: Mapping[str, Any]) -> Iterator[tuple[Steps, Sequence[str]]]:
    """The categories of a dataset, its collections and fields, at every depth, each with its place."""
    if given := one.get("data_categories"):
        yield (*here, "data_categories"), given
    for part in ("collections", "fields"):
        for at, inner in enumerate(one.get(part) or ()):
            yield from _categories((*here, part, at), inner)
