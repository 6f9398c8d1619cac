"""A notebook's parameters: what its template declares, what may be given, and the text that papermill injects.

papermill runs whatever it is given: an unknown name is a line in a log, and a name such as `x = open(…) #` is code. So
everything is refused here, before any kernel starts. Source: docs/norm/notebook-gate, section 3.
"""

from __future__ import annotations

import ast
import keyword
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from evidence_kit.errors import ParameterError
from evidence_kit.model.canonical import LARGEST_INTEGER

Value = str | int | bool
#: What a template may say in an annotation, and what is then accepted.
TYPES: Final[Mapping[str, type]] = {"str": str, "int": int, "bool": bool}
_WORDS: Final = {str: "text", int: "a whole number", bool: "true or false"}
#: General categories that break a line or cannot be seen: control, line and paragraph separator, surrogate.
_REFUSED: Final = frozenset({"Cc", "Zl", "Zp", "Cs"})
_SECRETS: Final = (
    re.compile(r"[a-z][a-z0-9+.-]*://[^/\s@]*:[^/\s@]+@", re.IGNORECASE),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\."),
    re.compile(r"\b(?:password|passwd|pwd|secret|token|api_?key)\s*[=:]\s*\S", re.IGNORECASE),
)
_TOKEN: Final = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
_HEX: Final = re.compile(r"[0-9a-fA-F]{32,}")
#: Bits per character above which a run of letters and digits no longer looks like words.
_DENSE: Final = 3.8


def source(cell: Mapping[str, Any]) -> str:
    """A cell's text; on disk it may stand as one string or as a list of lines."""
    text = cell["source"]
    return text if isinstance(text, str) else "".join(text)


def tags(cell: Mapping[str, Any]) -> tuple[str, ...]:
    """A cell's tags."""
    return tuple(cell.get("metadata", {}).get("tags", ()))


def assignments(text: str) -> Iterator[tuple[str, object, str | None]]:
    """Name, constant and annotation of each assignment of a parameters cell.

    `a: str = "x"`, `a = "x"` and `a, b = "x", "y"` are read; anything else raises ValueError with the line's number,
    and text that is not Python SyntaxError.
    """
    for statement in ast.parse(text).body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Name(id=kind), value=ast.Constant(value=value)):
                yield name, value, kind
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)):
                yield name, value, None
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if (
                len(names) == len(values)
                and all(isinstance(each, ast.Name) for each in names)
                and all(isinstance(each, ast.Constant) for each in values)
            ):
                yield from ((each.id, value.value, None) for each, value in zip(names, values, strict=True))  # type: ignore[attr-defined]
            case _:
                raise ValueError(f"line {statement.lineno}")


def declared_parameters(notebook: Mapping[str, Any]) -> dict[str, Value | None]:
    """Names and defaults that the cell tagged `parameters` assigns; None where a value must be given.

    `notebook` is the template's JSON value. Raises ParameterError when there is no such cell, or more than one, or when
    it holds anything but constants.
    """
    cells = [cell for cell in notebook["cells"] if "parameters" in tags(cell)]
    if len(cells) != 1:
        raise ParameterError(f"a notebook has one cell tagged `parameters`; this one has {len(cells)}")
    try:
        found = {name: value for name, value, _ in assignments(source(cells[0]))}
    except (ValueError, SyntaxError) as problem:
        raise ParameterError("the parameters cell may hold only assignments of constants") from problem
    for name, value in found.items():
        if value is not None and type(value) not in _WORDS:
            raise ParameterError(f"parameter {name}: text, a whole number, or true or false is accepted")
    return found  # type: ignore[return-value]


def check_parameters(
    declared: Mapping[str, Value | None], given: Mapping[str, object], *, where: str = "parameters"
) -> dict[str, Value]:
    """The given parameters, typed, ready for papermill. Raises ParameterError: `where` and the name, not the value."""
    for name, value in given.items():
        if not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name):
            raise ParameterError(
                f"{where}: a parameter's name is not an identifier. Letters, digits and _ are accepted."
            )
        if name not in declared:
            near = get_close_matches(name, declared, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Accepted: {', '.join(sorted(declared)) or 'none'}."
            raise ParameterError(f"{where}: {name} is not a parameter of this notebook. {hint}")
        if problem := _wrong(value, declared[name]):
            raise ParameterError(f"{where}: {name} {problem}")
    if missing := sorted(name for name, value in declared.items() if value is None and name not in given):
        raise ParameterError(f"{where}: {', '.join(missing)} must be given; the notebook has no default.")
    return {name: value for name, value in given.items() if isinstance(value, str | int)}


def _wrong(value: object, default: Value | None) -> str | None:
    """What is wrong with a value, in words that do not show it; None when nothing is."""
    kind = type(value)
    if kind not in _WORDS:
        return "must be text, a whole number, or true or false."
    if default is not None and kind is not type(default):
        return f"must be {_WORDS[type(default)]}, not {_WORDS[kind]}."
    if isinstance(value, int):
        return f"must lie within ±{LARGEST_INTEGER}." if abs(value) > LARGEST_INTEGER else None
    text = str(value)
    if any(unicodedata.category(character) in _REFUSED for character in text):
        return "holds a control character or a line separator."
    if looks_secret(text):
        return "looks like a secret; the executed notebook would show it. Give it to the collector instead."
    return None


def looks_secret(text: str) -> bool:
    """Whether a text is a credential by its form: an address with a password, a private key, a long random token."""
    if any(pattern.search(text) for pattern in _SECRETS) or _HEX.search(text):
        return True
    return any(_random(run) for run in _TOKEN.findall(text))


def _random(run: str) -> bool:
    mixed = sum(any(test(character) for character in run) for test in (str.islower, str.isupper, str.isdigit))
    counts = Counter(run)
    bits = -sum(n / len(run) * math.log2(n / len(run)) for n in counts.values())
    # Ids are words and dates in one case; keys of services and base64 mix both cases and digits.
    return mixed == 3 and bits >= _DENSE


def rendered(parameters: Mapping[str, Value]) -> str:
    """The source that papermill injects for these values. Written here again: the gate compares the two writings."""
    lines = [f"{name} = {_literal(value)}\n" for name, value in parameters.items()]
    return "".join(["# Parameters\n", *lines])


def _literal(value: Value) -> str:
    if isinstance(value, str):
        escaped = value.encode("unicode_escape").decode("ascii").replace('"', r"\"")
        return f'"{escaped}"'
    return str(value)
