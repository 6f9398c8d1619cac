"""What a shape says of a file, in one line per problem: where, which key, what was found, what is accepted."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from evidence_kit.edges.params.reading import Document, Steps, Value, dotted
from evidence_kit.edges.params.shapes import PHRASES
from evidence_kit.errors import ParameterError

S = TypeVar("S", bound=BaseModel)

KINDS = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number with a decimal point",
    list: "a list",
    dict: "keys and values",
    type(None): "nothing",
}
WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "keys and values",
    "mapping_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
    "none_required": "nothing",
}


def validated(document: Document, shape: type[S]) -> S | None:
    """The document in its shape; or None, with every problem noted in the document."""
    if document.value is None:
        if not document.problems:
            document.report((), "the file is empty. See docs/parameters.md for its keys.")
        return None
    try:
        return shape.model_validate(document.value)
    except ValidationError as error:
        already = {problem.key for problem in document.problems}
        for detail in error.errors(include_url=False):
            steps = _place(written(document.value, detail["loc"]), detail)
            # One problem per key: a union answers once per member, a refused scalar twice.
            if dotted(steps) not in already:
                document.report(steps, _words(shape, detail))
                already.add(dotted(steps))
        return None


def settled(document: Document, shape: type[S]) -> S:
    """The document in its shape. Raises ParameterError with every problem noted, one line each."""
    form = validated(document, shape)
    if form is None or document.problems:
        raise ParameterError("\n".join(document.lines()))
    return form


def nearest(name: str, known: Iterable[str]) -> str:
    """`; the nearest known is x`, or the known ones when few, to put behind a message; empty when nothing helps."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5) or difflib.get_close_matches(
        name.lower(), names, n=1, cutoff=0.5
    )
    if close:
        return f"; the nearest known is {close[0]}"
    return f"; known: {', '.join(names)}" if 0 < len(names) <= 12 else ""


def written(value: Value, location: Iterable[int | str]) -> Steps:
    """The part of a location that stands in the file: the tags of a union do not."""
    steps: Steps = ()
    for step in location:
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        inside: dict[int | str, Value] = dict(inner)
        if step in inside:
            value, steps = inside[step], (*steps, step)
    return steps


def _place(steps: Steps, detail: ErrorDetails) -> Steps:
    """A missing key is named although it stands nowhere; its mark is that of the mapping that lacks it."""
    return (*steps, detail["loc"][-1]) if detail["type"] == "missing" else steps


def _words(shape: type[BaseModel], detail: ErrorDetails) -> str:
    kind, context, given = detail["type"], detail.get("ctx", {}), detail["input"]
    found = KINDS.get(type(given), "something else")
    if kind == "extra_forbidden":
        return f"this key is not known{nearest(str(detail['loc'][-1]), _keys(shape, detail['loc'][:-1]))}."
    if kind == "missing":
        described = _described(shape, detail["loc"])
        return f"this key is missing. Give it: {described}." if described else "this key is missing."
    if kind == "string_pattern_mismatch":
        return f"this text does not fit. Accepted: {PHRASES[str(context['pattern'])]}."
    if kind == "literal_error":
        expected = str(context["expected"]).replace("'", "")
        close = nearest(given, expected.replace(" or ", ", ").split(", ")) if isinstance(given, str) else ""
        return f"found {'another word' if isinstance(given, str) else found}; accepted: {expected}{close}."
    if kind in WANTED:
        quotes = " Put it in quotes." if kind == "string_type" and isinstance(given, (bool, int, float)) else ""
        return f"found {found}; accepted: {WANTED[kind]}.{quotes}"
    if kind == "refused":
        return str(context["text"])
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = f"{context['ge']} or more" if "ge" in context else f"{context['le']} or less"
        return f"found a number out of range; accepted: {bound}."
    # Lengths: pydantic's own words name the limit and never the value.
    return f"{detail['msg'][:1].lower()}{detail['msg'][1:]}."


def _keys(shape: type[BaseModel], location: Collection[int | str]) -> set[str]:
    models = [one for one in _flat(_within(shape, location)) if _is_model(one)]
    return {field.alias or name for model in models for name, field in model.model_fields.items()}


def _described(shape: type[BaseModel], location: tuple[int | str, ...]) -> str | None:
    for model in _flat(_within(shape, location[:-1])):
        if _is_model(model) and (field := _field(model, str(location[-1]))):
            return field.description
    return None


def _within(shape: type[BaseModel], location: Collection[int | str]) -> list[Any]:
    """The annotations that describe what stands at `location`; steps that are union tags are passed over."""
    frontier: list[Any] = [shape]
    for step in location:
        inner: list[Any] = []
        for one in _flat(frontier):
            if _is_model(one):
                field = _field(one, str(step))
                inner += [field.annotation] if field else []
            elif get_origin(one) is list and isinstance(step, int):
                inner.append(get_args(one)[0])
            elif get_origin(one) is dict and isinstance(step, str) and not step.startswith("<"):
                inner.append(get_args(one)[1])
        frontier = inner or frontier
    return frontier


def _flat(annotations: Iterable[Any]) -> Iterator[Any]:
    for one in annotations:
        if get_origin(one) is Annotated:
            yield from _flat(get_args(one)[:1])
        elif get_origin(one) in (Union, UnionType):
            yield from _flat(get_args(one))
        else:
            yield one


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _field(model: type[BaseModel], key: str) -> FieldInfo | None:
    for name, field in model.model_fields.items():
        if key == (field.alias or name):
            return field
    return None
