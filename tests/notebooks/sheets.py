"""Small notebooks made by the tests: a `parameters` cell, some work, and a receipt in the last cell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NONCE = "0123456789abcdef0123456789abcdef"
#: The work and the receipt of a notebook that did everything right. The kernel finds the run's nonce in its folder.
WORK = "counts = {'REQ-02': {'pass': 3, 'fail': 1, 'error': 0, 'inconclusive': 1}}"
RECEIPT = """\
import os, pathlib
from IPython.display import display
from evidence_kit.model.receipt import receipt
nonce = pathlib.Path(os.environ["EVIDENCE_KIT_RUN_DIR"], "nonce").read_text()
display(receipt(nonce, {"pandas": "3.1.1"}, counts), raw=True)"""
PARAMETERS = 'engagement: str = "rehearsal"\nrun: str = "latest"'


def code(source: str, name: str, *tags: str) -> dict[str, Any]:
    """One code cell, as nbformat 4.5 writes it."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {"tags": list(tags)} if tags else {},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def prose(text: str, name: str) -> dict[str, Any]:
    """One cell of prose."""
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": [text]}


def sheet(*cells: dict[str, Any]) -> dict[str, Any]:
    """A notebook of these cells."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": list(cells),
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def working(*between: str, work: str = WORK, receipt: str = RECEIPT) -> dict[str, Any]:
    """Prose, parameters, the cells between, the work, the receipt: cell numbers 1, 2, 3 …"""
    middle = [code(text, f"step-{number}") for number, text in enumerate(between, 1)]
    return sheet(
        prose("# Answers in time", "title"),
        code(PARAMETERS, "parameters", "parameters"),
        *middle,
        code(work, "work"),
        code(receipt, "close"),
    )


def write(notebook: dict[str, Any], folder: Path, name: str = "30_requests") -> Path:
    """The notebook as a file, as Jupyter would save it."""
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")
    return path


def outputs(executed: Path, cell: str) -> list[dict[str, Any]]:
    """The outputs of the cell with that id."""
    cells = json.loads(executed.read_bytes())["cells"]
    return next(each["outputs"] for each in cells if each["id"] == cell)


def text(executed: Path, cell: str) -> str:
    """What a cell printed and showed as plain text."""
    found = outputs(executed, cell)
    return "".join("".join(each.get("text", each.get("data", {}).get("text/plain", ""))) for each in found)
