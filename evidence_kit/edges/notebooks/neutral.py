"""An executed notebook without what the machine and the moment left in it, and the canonical text of a template.

Gone are times, papermill's paths, random cell ids, colours, memory addresses and absolute paths, so that two equal runs
leave equal bytes. Source: docs/norm/bundle, sections 3 and 11.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from evidence_kit.model import canonical

from .parameters import tags

INJECTED: Final = "injected-parameters"
_COLOUR: Final = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-_]")
_ADDRESS: Final = re.compile(r"\b0x[0-9a-f]{6,16}\b", re.IGNORECASE)
#: Two folders at least, and not the inside of an address, a tag, a fragment or a fraction.
_PATH: Final = re.compile(r"(?<![\w.:/<#&=+-])(?:file://)?/(?:[\w.@~+-]+/)+[\w.@~+-]*")
_WINDOWS: Final = re.compile(r"(?<![\w])[A-Za-z]:\\(?:[^\\\s\"'<>|:]+\\)*[^\\\s\"'<>|:]*")


def canonical_template(template: bytes) -> str:
    """The canonical text of a template, without the final line feed: what `template_sha256` is taken over, whatever
    its indentation on disk. Raises ValueError (NotCanonical) when it is no JSON, or needs a float."""
    return canonical.dumps(json.loads(template), open_keys=True)


def template_sha256(template: bytes) -> str:
    """H of the canonical text, as in `run.started` and in the catalogue."""
    return canonical.digest(canonical_template(template))


def neutral(executed: bytes) -> bytes:
    """The file `notebooks/<name>.ipynb` of a bundle: canonical text and one line feed."""
    notebook = json.loads(executed)
    kept = {
        "cells": [_cell(cell) for cell in notebook["cells"]],
        "metadata": _metadata(notebook.get("metadata", {})),
        "nbformat": notebook["nbformat"],
        "nbformat_minor": notebook["nbformat_minor"],
    }
    return f"{canonical.dumps(kept, open_keys=True)}\n".encode()


def _metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The kernel's name as the template gives it, and the language; its version stands in the receipt."""
    kernel = metadata.get("kernelspec")
    language = metadata.get("language_info", {}).get("name", "python")
    return {"language_info": {"name": language}} | ({"kernelspec": kernel} if kernel else {})


def _cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    labels = tags(cell)
    kept: dict[str, Any] = {
        "cell_type": cell["cell_type"],
        "id": INJECTED if INJECTED in labels else cell["id"],
        "metadata": {"tags": list(labels)} if labels else {},
        "source": cell["source"],
    }
    if cell["cell_type"] == "code":
        kept["execution_count"] = cell.get("execution_count")
        kept["outputs"] = [_calm(output) for output in cell.get("outputs", ())]
    return kept


def _calm(value: Any) -> Any:
    """A value with every text in it calmed; a list of lines is calmed as one text, then cut again."""
    if isinstance(value, str):
        return calm(value)
    if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
        return calm("".join(value)).splitlines(keepends=True) if _lines(value) else [calm(line) for line in value]
    if isinstance(value, list):
        return [_calm(each) for each in value]
    if isinstance(value, dict):
        return {key: _calm(each) for key, each in value.items()}
    return value


def _lines(value: list[str]) -> bool:
    """Whether a list is one text that was cut after its line feeds, as notebooks are stored."""
    return all(line.endswith("\n") for line in value[:-1])


def calm(text: str) -> str:
    r"""A text without colours, memory addresses and absolute paths.

    >>> calm("\x1b[31m<Book at 0x7f3a5c0b1d90>\x1b[0m read /srv/audit/run/frame.jsonl")
    '<Book at 0x0> read <path>'
    """
    text = _ADDRESS.sub("0x0", _COLOUR.sub("", text))
    return _WINDOWS.sub("<path>", _PATH.sub("<path>", text))
