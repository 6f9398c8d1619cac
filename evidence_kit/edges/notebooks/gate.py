"""The gate: papermill says whether cells raised; this says whether the work was done.

Fifteen checks, and all must hold. Pure: everything it judges is handed to it.
Source: docs/norm/notebook-gate, section 5.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import nbformat

from evidence_kit.model.receipt import RECEIPT_MIME, distribution, read_counts, read_versions

from . import outputs
from .neutral import INJECTED, template_sha256
from .parameters import Value, assignments, rendered, source, tags

#: Tags that make a cell be skipped, be let fail, or be hidden.
_TAGS: Final = ("skip-execution", "raises-exception", "remove-", "hide-", "papermill-error-cell")
#: What papermill and nbclient add to a cell; a template has tags alone.
_ADDED: Final = frozenset({"papermill", "execution"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """One check that does not hold. `cell` counts the template's cells from 1, prose included; None: no single cell."""

    id: str
    cell: int | None
    what: str

    def line(self, notebook: str) -> str:
        """`30_requests.ipynb cell 4: error output (G07)`."""
        place = notebook if self.cell is None else f"{notebook} cell {self.cell}"
        return f"{place}: {self.what} ({self.id})"


@dataclass(frozen=True, kw_only=True)
class GateCase:
    """Everything known of one run. Digests are 64 hex digits; counts are the collector's own, per control and outcome.

    `template_sha256`: as entered in `run.started`; `released`: the digests that came with the kit or that the
    engagement lists; `missing`: control to drawn units without a result; `concluded`: a control for each time its
    results were handed in; `versions`: what the receipt must state; `ledger_ok`: run.started is there, and nothing of
    another run since.
    """

    template_before: bytes
    template_after: bytes
    template_sha256: str
    released: frozenset[str]
    parameters: Mapping[str, Value]
    executed: bytes
    exit_code: int | None
    log: str
    nonce: str
    expected: Mapping[str, Mapping[str, int]]
    frames_intact: bool
    promised: Sequence[str]
    concluded: Sequence[str]
    missing: Mapping[str, Sequence[str]]
    versions: Mapping[str, str]
    leak_hits: int
    ledger_ok: bool

    @cached_property
    def template(self) -> Mapping[str, Any]:
        """The template's JSON value."""
        return _object(self.template_before)

    @cached_property
    def notebook(self) -> Mapping[str, Any]:
        """The executed notebook's JSON value."""
        return _object(self.executed)

    @cached_property
    def cells(self) -> list[tuple[int | None, Mapping[str, Any]]]:
        """The executed cells with their number in the template; the injected cell has none."""
        numbers = {cell.get("id"): number for number, cell in enumerate(self.template["cells"], 1)}
        return [(numbers.get(cell.get("id")), cell) for cell in self.notebook["cells"]]

    @cached_property
    def code(self) -> list[tuple[int | None, Mapping[str, Any]]]:
        """The executed code cells."""
        return [(number, cell) for number, cell in self.cells if cell.get("cell_type") == "code"]

    @cached_property
    def receipts(self) -> list[tuple[int, Any]]:
        """Place among the code cells, and content, of every receipt."""
        shown = (
            (place, output.get("data", {}))
            for place, (_, cell) in enumerate(self.code, 1)
            for output in cell.get("outputs", ())
        )
        return [(place, data[RECEIPT_MIME]) for place, data in shown if RECEIPT_MIME in data]


def _object(text: bytes) -> Mapping[str, Any]:
    """A notebook's JSON value; an empty notebook when there is none, which several checks then refuse."""
    try:
        value = json.loads(text)
    except ValueError:
        return {"cells": []}
    return value if isinstance(value, dict) and isinstance(value.get("cells"), list) else {"cells": []}


Found = Iterator[tuple[int | None, str]]


def g01(case: GateCase) -> Found:
    """The template is the same before and after, and the one that was released."""
    if case.template_before != case.template_after:
        yield None, "the template was changed while it ran"
    try:
        found = template_sha256(case.template_before)
    except ValueError:
        yield None, "the template is not a notebook"
        return
    if found != case.template_sha256:
        yield None, "the template is not the one that run.started names"
    if found not in case.released:
        yield None, "the template is neither the kit's nor listed in the engagement"


def g02(case: GateCase) -> Found:
    """The executed file is valid nbformat 4.5 and its cell ids are unique."""
    if (case.notebook.get("nbformat"), case.notebook.get("nbformat_minor")) != (4, 5):
        yield None, "the executed file is not a notebook of format 4.5"
        return
    if not nbformat.validator.isvalid(nbformat.from_dict(case.notebook), version=4, version_minor=5):  # type: ignore[no-untyped-call]
        yield None, "the executed file does not follow the notebook format"
    ids = [cell.get("id") for cell in case.notebook["cells"]]
    if len(set(ids)) != len(ids):
        yield None, "two executed cells have the same id"


def g03(case: GateCase) -> Found:
    """The cells are the template's, with exactly one injected cell right after `parameters` when values were given."""
    injected = [place for place, (_, cell) in enumerate(case.cells) if INJECTED in tags(cell)]
    if len(injected) != bool(case.parameters):
        yield None, f"{len(injected)} injected cells, where {int(bool(case.parameters))} was expected"
    for place in injected:
        if place == 0 or "parameters" not in tags(case.notebook["cells"][place - 1]):
            yield None, "the injected cell does not follow the parameters"
    ran = [cell for place, (_, cell) in enumerate(case.cells) if place not in injected]
    if len(ran) != len(case.template["cells"]):
        yield None, f"{len(ran)} cells, where the template has {len(case.template['cells'])}"
    for number, (left, right) in enumerate(zip(case.template["cells"], ran, strict=False), 1):
        for what in ("cell_type", "id"):
            if left.get(what) != right.get(what):
                yield number, f"{what} is not the template's"
        if source(left) != source(right):
            yield number, "source is not the template's"


def g04(case: GateCase) -> Found:
    """The injected source is our rendering of the parameters and reads back to the same values."""
    for _, cell in case.cells:
        if INJECTED not in tags(cell):
            continue
        text = source(cell)
        if text.rstrip("\n") != rendered(case.parameters).rstrip("\n"):
            yield None, "the injected source is not our rendering of the parameters"
        try:
            read = {name: value for name, value, _ in assignments(text)}
        except (ValueError, SyntaxError):
            read = {}
        if [*map(repr, read.items())] != [*map(repr, case.parameters.items())]:
            yield None, "the injected source does not read back to the parameters"


def g05(case: GateCase) -> Found:
    """No tag or metadata alters how a cell is run or shown."""
    for place, cell in enumerate(case.template["cells"], 1):
        if INJECTED in tags(cell):
            yield place, f"tag {INJECTED} in a template"
    for number, cell in case.cells:
        for tag in tags(cell):
            if tag.startswith(_TAGS):
                yield number, f"tag {tag}"
        for key in sorted(set(cell.get("metadata", {})) - _ADDED - {"tags"}):
            yield number, f"metadata {key}"
        if any(output.get("metadata") for output in cell.get("outputs", ())):
            yield number, "metadata on an output"


def g06(case: GateCase) -> Found:
    """Every code cell ran once, in order."""
    for expected, (number, cell) in enumerate(case.code, 1):
        if cell.get("execution_count") != expected:
            yield number, "did not run once, in its place"
    for number, cell in case.cells:
        said = cell.get("metadata", {}).get("papermill", {})
        if said.get("status") != "completed" or said.get("exception") is True:
            yield number, "did not complete"
    if not case.code:
        yield None, "no code cell ran"
    if case.notebook.get("metadata", {}).get("papermill", {}).get("exception"):
        yield None, "papermill notes an exception"


def g07(case: GateCase) -> Found:
    """No error output, nothing on stderr."""
    for number, cell in case.code:
        for output in cell.get("outputs", ()):
            if output.get("output_type") == "error":
                yield number, "error output"
            if output.get("output_type") == "stream" and output.get("name") == "stderr":
                yield number, "output on stderr"


def g08(case: GateCase) -> Found:
    """Outputs are text, our own tables and drawings, and the receipt; not too many of them."""
    for number, cell in case.code:
        for what in outputs.refused(cell):
            yield number, what
    if (size := outputs.size(case.notebook)) > outputs.LARGEST_NOTEBOOK:
        yield None, f"outputs of {size} bytes, more than {outputs.LARGEST_NOTEBOOK}"


def g09(case: GateCase) -> Found:
    """One receipt, in the last code cell, with this run's nonce, versions, and counts per control."""
    if len(case.receipts) != 1:
        yield None, f"{len(case.receipts)} receipts, where 1 was expected"
    for place, content in case.receipts:
        number = case.code[place - 1][0]
        if place != len(case.code):
            yield number, "the receipt is not in the last code cell"
        if not isinstance(content, dict) or set(content) != {"nonce", "versions", "controls"}:
            yield number, "the receipt has another form"
        elif content["nonce"] != case.nonce:
            yield number, "the receipt is of another run"
        elif read_counts(content) is None or not read_versions(content):
            yield number, "the receipt lacks versions or counts"


def g10(case: GateCase) -> Found:
    """The receipt's counts are those of the collector's own files, and every frame is still what it was."""
    expected = {control: dict(counts) for control, counts in case.expected.items()}
    for _, content in case.receipts:
        counts = read_counts(content)
        if counts != expected:
            names = sorted(
                name for name in {*expected, *(counts or {})} if (counts or {}).get(name) != expected.get(name)
            )
            yield None, f"the receipt's counts are not the collector's: {', '.join(names) or 'no control'}"
    if not case.receipts and expected:
        yield None, "results were handed in, and no receipt counts them"
    if not case.frames_intact:
        yield None, "a frame is no longer what was collected"


def g11(case: GateCase) -> Found:
    """Each promised control is concluded once, and each drawn unit has its result."""
    for control in sorted({*case.promised, *case.concluded}):
        times = list(case.concluded).count(control)
        if times != 1 or control not in case.promised:
            promise = "promised" if control in case.promised else "not promised"
            yield None, f"{control}: {promise}, and concluded {times} times"
    for control, units in sorted(case.missing.items()):
        if units:
            shown = ", ".join(sorted(units)[:5]) + (" …" if len(units) > 5 else "")
            yield None, f"{control}: {len(units)} drawn units have no result ({shown})"


def g12(case: GateCase) -> Found:
    """The kernel ended by itself with 0, and its log holds no traceback."""
    if case.exit_code != 0:
        yield None, f"the kernel ended with {'no code' if case.exit_code is None else case.exit_code}"
    if "Traceback (most recent call last)" in case.log:
        yield None, "the kernel's log holds a traceback"


def g13(case: GateCase) -> Found:
    """The package versions in the receipt are the lock file's."""
    expected = {distribution(name): version for name, version in case.versions.items()}
    for _, content in case.receipts:
        found = read_versions(content)
        if wrong := sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name)):
            yield None, f"versions are not the lock file's: {', '.join(wrong)}"


def g14(case: GateCase) -> Found:
    """The leak scan of outputs, log and file names found nothing."""
    if case.leak_hits:
        yield None, f"the leak scan has {case.leak_hits} hits"


def g15(case: GateCase) -> Found:
    """The ledger has the run's start, and nothing of another run since."""
    if not case.ledger_ok:
        yield None, "the ledger does not stand where run.started left it"


CHECKS: Final[Mapping[str, Callable[[GateCase], Found]]] = {
    check.__name__.upper(): check
    for check in (g01, g02, g03, g04, g05, g06, g07, g08, g09, g10, g11, g12, g13, g14, g15)
}


def gate(case: GateCase) -> tuple[Refusal, ...]:
    """What does not hold, every check asked, in the order of their ids; empty when the run passed."""
    return tuple(Refusal(id_, cell, what) for id_, check in CHECKS.items() for cell, what in check(case))
