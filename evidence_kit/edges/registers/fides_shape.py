"""What Fides resources must be: their shapes and nesting, the keys of their taxonomy, and what policies reject.

Problems go into the document they stand in, with line and key, and never with a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from evidence_kit.edges.params.reading import Document, Steps, dotted
from evidence_kit.edges.params.wording import nearest
from evidence_kit.edges.registers import policies
from evidence_kit.edges.registers.taxonomy import DEFAULT
from evidence_kit.model.register import Notice, Place

Found: TypeAlias = Mapping[str, list[tuple[Document, Steps, Mapping[str, Any]]]]

KNOWN = ("dataset", "system", "policy", "organization", "data_category", "data_use", "data_subject", "registry")
#: Lists of mappings inside a resource that are read here: kind → key, and what each of its entries must have.
PARTS = {
    "dataset": (("collections", "name"),),
    "system": (("privacy_declarations", None), ("egress", "fides_key"), ("ingress", "fides_key")),
    "policy": (("rules", None),),
}
#: Keys that are read as lists of texts, as texts, as mappings, in a system, its declarations and an organization.
TEXT_LISTS = ("dataset_references", "legal_basis_for_transfers", "responsibility")
TEXTS = (
    *("name", "data_security_practices", "dpo", "joint_controller_info"),
    *("retention_period", "legal_basis_for_processing", "third_parties"),
)
MAPPINGS = ("controller", "data_protection_officer", "representative")
NESTED = ("object", "object[]", None)
KEYS = {
    "data_categories": "data_category",
    "data_use": "data_use",
    "data_subjects": "data_subject",
    "data_uses": "data_use",
}


def resources(document: Document) -> Iterator[tuple[str, Steps, Mapping[str, Any]]]:
    """Every resource of a document that has the shape of one; what has not is a problem of the document."""
    value = document.value
    if not isinstance(value, dict):
        document.report((), "this is no file of Fides resources. It has lists called dataset, system, policy ….")
        return
    if not set(value) & set(KNOWN):
        document.report((), f"no resource that is known: {', '.join(KNOWN)}. Say another --form, if it is none.")
    for kind, listed in value.items():
        if kind not in KNOWN:
            continue  # kept, and written back as it is
        if not isinstance(listed, list):
            document.report((kind,), "accepted: a list of resources.")
            continue
        for place, one in enumerate(listed):
            if _fits(document, kind, (kind, place), one) and isinstance(one, dict):
                yield kind, (kind, place), one


def _fits(document: Document, kind: str, here: Steps, one: Any) -> bool:
    before = len(document.problems)
    if not isinstance(one, dict):
        document.report(here, "accepted: keys and values.")
        return False
    if not isinstance(one.get("fides_key"), str) or not one["fides_key"]:
        document.report((*here, "fides_key"), "this key is missing, or no text.")
    for part, needed in PARTS.get(kind, ()):
        _listed(document, (*here, part), one.get(part), needed)
    if len(document.problems) > before:
        return False
    if kind == "system":
        _plain(document, here, one, TEXT_LISTS)
        for place, declaration in enumerate(one.get("privacy_declarations") or ()):
            _plain(document, (*here, "privacy_declarations", place), declaration, (*TEXT_LISTS, "egress"))
    for key in MAPPINGS if kind == "organization" else ():
        if one.get(key) is not None and not isinstance(one[key], dict):
            document.report((*here, key), "accepted: keys and values.")
    if kind == "dataset":
        for place, collection in enumerate(one.get("collections") or ()):
            _fields(document, (*here, "collections", place, "fields"), collection.get("fields"))
    _words(document, here, one)
    return len(document.problems) == before


def _plain(document: Document, here: Steps, one: Mapping[str, Any], lists: tuple[str, ...]) -> None:
    """What is read of a system or a declaration is text, or a list of texts."""
    for key in lists:
        value = one.get(key)
        if value is not None and not (isinstance(value, list) and all(isinstance(text, str) for text in value)):
            document.report((*here, key), "accepted: a list of texts.")
    for key in TEXTS:
        if one.get(key) is not None and not isinstance(one[key], str):
            document.report((*here, key), "accepted: text. Put it in quotes.")


def _listed(document: Document, here: Steps, value: Any, needed: str | None) -> None:
    if value is None:
        return
    if not isinstance(value, list):
        document.report(here, "accepted: a list.")
        return
    for place, one in enumerate(value):
        if not isinstance(one, dict):
            document.report((*here, place), "accepted: keys and values.")
        elif needed and (not isinstance(one.get(needed), str) or not one[needed]):
            document.report((*here, place, needed), "this key is missing, or no text.")


def _fields(document: Document, here: Steps, fields: Any) -> None:
    """Nested fields: lists of mappings with names; one that holds others is an object, and says nothing of itself."""
    before = len(document.problems)
    _listed(document, here, fields, "name")
    if len(document.problems) > before:
        return
    met: dict[str, int] = {}
    for place, one in enumerate(fields or ()):
        step = (*here, place)
        if met.setdefault(one["name"], place) != place:
            document.report((*step, "name"), "another field of this level has this name. Keep one.")
        meta = one.get("fides_meta") or one.get("fidesops_meta") or {}
        kind = meta.get("data_type") if isinstance(meta, dict) else None
        if one.get("fields"):
            if kind not in NESTED:
                document.report(step, "it holds fields, and its data_type is no object. One of them is wrong.")
            if one.get("data_categories"):
                document.report((*step, "data_categories"), "it holds fields: say the categories on each of those.")
            _fields(document, (*step, "fields"), one["fields"])


def _words(document: Document, here: Steps, one: Any) -> None:
    """Lists of taxonomy keys are lists of texts, wherever they stand."""
    inner = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
    for step, value in inner:
        if step in KEYS and isinstance(one, dict) and value is not None:
            texts = value.get("values") if isinstance(value, dict) else value
            single = step == "data_use"
            good = (
                isinstance(texts, str) if single else isinstance(texts, list) and all(isinstance(t, str) for t in texts)
            )
            if not good:
                document.report(
                    (*here, step), f"accepted: {'one key' if single else 'a list of keys'} of the taxonomy."
                )
        else:
            _words(document, (*here, step), value)


def check(documents: list[Document], found: Found) -> None:
    """Keys given twice, and keys that are in no taxonomy, neither the default one nor what these files add."""
    known = {kind: set(keys) for kind, keys in DEFAULT.items()}
    for kind, keys in known.items():
        keys.update(one["fides_key"] for _, _, one in found.get(kind, ()))
    for kind in ("system", "policy"):
        met: set[str] = set()
        for document, steps, one in found.get(kind, ()):
            if one["fides_key"] in met:
                document.report(
                    (*steps, "fides_key"), f"another {kind} of these files has this key. Give each its own."
                )
            met.add(one["fides_key"])
    for kind in ("dataset", "system", "policy"):
        for document, steps, one in found.get(kind, ()):
            for step, key, word in _keys(steps, one):
                if word not in known[key]:
                    text = f"no {key.replace('_', ' ')} of the taxonomy has this key{nearest(word, known[key])}."
                    document.report(step, text)
    for kind in DEFAULT:
        for document, steps, one in found.get(kind, ()):
            parent = one.get("parent_key")
            if parent is not None and parent not in known[kind]:
                document.report((*steps, "parent_key"), f"no {kind.replace('_', ' ')} of the taxonomy has this key.")


def _keys(here: Steps, one: Any) -> Iterator[tuple[Steps, str, str]]:
    """Every taxonomy key of a resource: where it stands, of which kind, and the key."""
    inner = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
    for step, value in inner:
        where = (*here, step)
        if step in KEYS and isinstance(one, dict) and value is not None:
            if isinstance(value, dict):
                where, value = (*where, "values"), value.get("values") or []
            if isinstance(value, str):
                yield where, KEYS[step], value
            else:
                yield from (((*where, place), KEYS[step], word) for place, word in enumerate(value))
        elif step not in ("fides_meta", "fidesops_meta", "meta"):
            yield from _keys(where, value)


def doubts(found: Found) -> Iterator[Notice]:
    """What is accepted and should be known: fields without categories, datasets of one key, what policies reject."""
    met: dict[str, Place] = {}
    for document, steps, dataset in found.get("dataset", ()):
        place = _place(document, (*steps, "fides_key"))
        if first := met.get(dataset["fides_key"]):
            yield Notice("keys-twice", place, f"another dataset has this key ({first.as_text()}). Both are kept.")
        met.setdefault(dataset["fides_key"], place)
        if not dataset.get("data_categories"):
            for at, collection in enumerate(dataset.get("collections") or ()):
                if not collection.get("data_categories"):
                    yield from _bare(document, (*steps, "collections", at, "fields"), collection.get("fields") or ())
    for document, steps, text in policies.rejected(found):
        yield Notice("policy-rejections", _place(document, steps), text)


def _bare(document: Document, here: Steps, fields: Any) -> Iterator[Notice]:
    for at, one in enumerate(fields):
        if one.get("fields"):
            yield from _bare(document, (*here, at, "fields"), one["fields"])
        elif not one.get("data_categories"):
            place = _place(document, (*here, at))
            yield Notice(
                "fields-without-categories", place, "this field has no data_categories, nor has anything around it."
            )


def _place(document: Document, steps: Steps) -> Place:
    return Place(document.file, document.mark(steps).line, column=dotted(steps))
