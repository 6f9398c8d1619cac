"""A run counts only when the gate says so: what papermill takes for success, and each check by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from evidence_kit.edges.notebooks.gate import CHECKS, GateCase, Refusal, gate
from evidence_kit.edges.notebooks.kernels import Executed, Kernels
from evidence_kit.edges.notebooks.neutral import template_sha256
from evidence_kit.edges.notebooks.outputs import LARGEST_CELL, foreign
from evidence_kit.model.receipt import RECEIPT_MIME, read_counts, read_versions, receipt
from tests.notebooks.conftest import Run
from tests.notebooks.sheets import NONCE, RECEIPT, WORK, code, prose, sheet, working, write

pytestmark = pytest.mark.slow  # real kernels

COUNTS = {"REQ-02": {"pass": 3, "fail": 1, "error": 0, "inconclusive": 1}}
GIVEN = {"engagement": "Élodie “audit” \\ \"x\" 'y'", "run": "r001"}


def judged(executed: Executed, before: bytes, *, parameters: dict[str, Any] = GIVEN, **known: Any) -> GateCase:
    """The case of a run whose template was `before`, with what the collector knows of a good run."""
    digest = template_sha256(before)
    case = GateCase(
        template_before=before,
        template_after=before,
        template_sha256=digest,
        released=frozenset({digest}),
        parameters=parameters,
        executed=executed.path.read_bytes(),
        exit_code=executed.exit_code,
        log=executed.log.read_text(),
        nonce=NONCE,
        expected=COUNTS,
        frames_intact=True,
        promised=("REQ-02",),
        concluded=("REQ-02",),
        missing={"REQ-02": ()},
        versions={"pandas": "3.1.1"},
        leak_hits=0,
        ledger_ok=True,
    )
    return replace(case, **known)


def ids(case: GateCase) -> list[str]:
    return sorted({refusal.id for refusal in gate(case)})


@pytest.fixture
def case(run: Run, tmp_path: Path) -> Callable[..., GateCase]:
    """Run a notebook and make its case; `known` says what the collector knows otherwise."""

    def made(notebook: dict[str, Any], *, parameters: dict[str, Any] = GIVEN, **known: Any) -> GateCase:
        executed = run(notebook, **parameters)
        assert executed.error is None, "papermill calls this a success"
        before = json.dumps(notebook).encode()
        after = (tmp_path / "30_requests.ipynb").read_bytes()
        case = judged(executed, before, parameters=parameters, **known)
        same = json.loads(after) == notebook
        return case if same else replace(case, template_after=after)

    return made


@pytest.fixture(scope="session")
def good(lane: Kernels, tmp_path_factory: pytest.TempPathFactory) -> GateCase:
    """A run in which all is well, made once; tests break copies of it."""
    folder = tmp_path_factory.mktemp("good")
    (folder / "nonce").write_text(NONCE)
    template = write(working("import pandas"), folder)
    environment = {"EVIDENCE_KIT_RUN_DIR": str(folder)}
    executed = lane.execute(template, GIVEN, run_dir=folder / "run", environment=environment, timeout=60)
    return judged(executed, template.read_bytes())


def changed(case: GateCase, change: Callable[[dict[str, Any]], object]) -> GateCase:
    """The case with its executed notebook changed."""
    notebook = json.loads(case.executed)
    change(notebook)
    return replace(case, executed=json.dumps(notebook).encode())


# What papermill takes for success (docs/norm/notebook-gate, section 1)


SPOILT = {
    "sys.exit before the work": (working("import sys; sys.exit(0)"), {}, ["G06", "G07", "G09", "G10"]),
    "exception caught, nothing handed in": (
        working(work=f"{WORK}\ntry:\n    raise OSError\nexcept OSError:\n    counts = {{}}"),
        {},
        ["G10"],
    ),
    "counts that are not the collector's": (working(work=WORK.replace("3", "4")), {}, ["G10"]),
    "receipt written by hand": (
        working(receipt=RECEIPT.replace("display(receipt(nonce,", "display(receipt('ab' * 16,")),
        {},
        ["G09"],
    ),
    "receipt in an earlier cell": (working(work=f"{WORK}\n{RECEIPT}", receipt="1"), {}, ["G09"]),
    "execution count moved": (working("get_ipython().execution_count += 5"), {}, ["G06"]),
    "warning on stderr": (working("import warnings; warnings.warn('late')"), {}, ["G07"]),
    "skip-execution": (
        sheet(
            code('engagement: str = "a"\nrun: str = "b"', "parameters", "parameters"),
            code("counts = {}", "before"),
            code(WORK, "work", "skip-execution"),
            code(RECEIPT, "close"),
        ),
        {"expected": {}, "promised": (), "concluded": ()},
        ["G05", "G06"],
    ),
    "no parameters cell": (
        sheet(prose("# x", "title"), code(WORK, "work"), code(RECEIPT, "close")),
        {},
        ["G03"],
    ),
}

QUICK = ("sys.exit before the work", "exception caught, nothing handed in", "no parameters cell")


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in SPOILT]
)
def test_what_papermill_takes_for_success_is_refused(case: Callable[..., GateCase], name: str) -> None:
    notebook, known, expected = SPOILT[name]
    assert ids(case(notebook, **known)) == expected


def test_a_template_edited_while_it_runs_is_refused(case: Callable[..., GateCase], tmp_path: Path) -> None:
    path = str(tmp_path / "30_requests.ipynb")
    edit = f"p = {path!r}; t = open(p).read(); n = open(p, 'w').write(t.replace('Answers', 'Answer'))"
    assert ids(case(working(edit))) == ["G01"]


@pytest.mark.slow
def test_a_thread_that_rewrites_evidence_later_is_refused(case: Callable[..., GateCase], tmp_path: Path) -> None:
    frame = tmp_path / "frame.jsonl"
    frame.write_text('{"id":1}\n')
    collected = sha256(frame.read_bytes()).hexdigest()
    late = f"import threading\nthreading.Timer(0.05, lambda: open({str(frame)!r}, 'w').close()).start()"
    made = case(working(late, "import time; time.sleep(0.2)"))
    assert ids(replace(made, frames_intact=sha256(frame.read_bytes()).hexdigest() == collected)) == ["G10"]


@pytest.mark.slow
def test_exit_loses_nothing_but_the_template_lint_forbids_it(case: Callable[..., GateCase]) -> None:
    assert ids(case(working("exit()"))) == []


@pytest.mark.slow
@pytest.mark.parametrize("end", ["import os; os._exit(0)", "import os; os.kill(os.getpid(), 9)"])
def test_a_kernel_that_died_is_an_error_and_no_run_that_counts(run: Run, end: str) -> None:
    notebook = working(end)
    executed = run(notebook, **GIVEN)
    assert executed.error is not None
    refused = ids(judged(executed, json.dumps(notebook).encode()))
    assert {"G06", "G09"} <= set(refused)


# What passes


@pytest.mark.parametrize(
    ("work", "why"),
    [
        ("counts = {'REQ-02': dict.fromkeys(('pass', 'fail', 'error', 'inconclusive'), 0)}", "zero drawn units"),
        ("counts = {'REQ-02': {'pass': 0, 'fail': 9, 'error': 0, 'inconclusive': 0}}", "all FAIL"),
        ("counts = {}", "no control"),
    ],
)
def test_a_good_run_passes_whatever_the_evidence_says(case: Callable[..., GateCase], work: str, why: str) -> None:
    scope: dict[str, Any] = {}
    exec(work, scope)
    names = tuple(scope["counts"])
    assert gate(case(working(work=work), expected=scope["counts"], promised=names, concluded=names)) == ()


def test_a_run_without_parameters_passes(case: Callable[..., GateCase]) -> None:
    assert gate(case(working(), parameters={})) == ()


def test_the_good_run_passes(good: GateCase) -> None:
    assert gate(good) == ()


# Each check by itself


def cell(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    found = [each for each in notebook["cells"] if each["id"] == name]
    return found[0]


def shown(data: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}


BROKEN: dict[str, tuple[str, Callable[[dict[str, Any]], object]]] = {
    "an id twice": ("G02 G03", lambda n: n["cells"].append(dict(n["cells"][0]))),
    "an unknown field": ("G02", lambda n: cell(n, "work").update(extra=1)),
    "a source changed": ("G03", lambda n: cell(n, "work").update(source="counts = {}")),
    "a cell left out": ("G03 G06", lambda n: n["cells"].remove(cell(n, "step-1"))),
    "two cells exchanged": (
        "G03 G06",
        lambda n: n["cells"].insert(4, n["cells"].pop(3)),
    ),
    "prose changed": ("G03", lambda n: cell(n, "title").update(source="# All is well")),
    "other values injected": ("G04", lambda n: n["cells"][2].update(source='# Parameters\nrun = "r002"\n')),
    "values injected as code": ("G04", lambda n: n["cells"][2].update(source="# Parameters\nrun = open('x')\n")),
    "a hidden source": ("G05", lambda n: cell(n, "work")["metadata"].update(jupyter={"source_hidden": True})),
    "a tag that hides": ("G05", lambda n: cell(n, "work")["metadata"].update(tags=["hide-input"])),
    "a tag that forgives": ("G05", lambda n: cell(n, "work")["metadata"].update(tags=["raises-exception"])),
    "an output with metadata": (
        "G05",
        lambda n: cell(n, "close")["outputs"][0].update(metadata={"image/svg+xml": {"isolated": True}}),
    ),
    "a status left open": ("G06", lambda n: cell(n, "work")["metadata"]["papermill"].update(status="pending")),
    "an exception noted": ("G06", lambda n: n["metadata"]["papermill"].update(exception=True)),
    "an error output": (
        "G07",
        lambda n: cell(n, "work")["outputs"].append(
            {"output_type": "error", "ename": "X", "evalue": "", "traceback": []}
        ),
    ),
    "a picture": ("G08", lambda n: cell(n, "work")["outputs"].append(shown({"image/png": "aGVsbG8="}))),
    "a script": ("G08", lambda n: cell(n, "work")["outputs"].append(shown({"text/html": "<script>1</script>"}))),
    "a long output": (
        "G08",
        lambda n: cell(n, "work")["outputs"].append(shown({"text/plain": "x" * (LARGEST_CELL + 1)})),
    ),
    "no receipt": ("G09 G10", lambda n: cell(n, "close").update(outputs=[])),
    "two receipts": ("G09", lambda n: cell(n, "close")["outputs"].append(cell(n, "close")["outputs"][0])),
    "a receipt without versions": ("G09 G13", lambda n: content(n).update(versions=[])),
    "a receipt with a word more": ("G09", lambda n: content(n).update(verdict="PASS")),
    "a receipt in another form": ("G09 G10", lambda n: content(n).update(controls={"REQ-02": 5})),
    "a control counted twice": ("G09 G10", lambda n: content(n)["controls"].append(content(n)["controls"][0])),
    "another version": ("G13", lambda n: content(n)["versions"][0].update(version="3.1.0")),
    "a package more": ("G13", lambda n: content(n)["versions"].append({"name": "duckdb", "version": "2.0.0"})),
}


def content(notebook: dict[str, Any]) -> Any:
    """The receipt of the last cell."""
    return cell(notebook, "close")["outputs"][0]["data"][RECEIPT_MIME]


@pytest.mark.parametrize("name", BROKEN)
def test_an_executed_notebook_that_was_changed_is_refused(good: GateCase, name: str) -> None:
    expected, change = BROKEN[name]
    assert ids(changed(good, change)) == expected.split()


KNOWN: dict[str, tuple[str, dict[str, Any], str]] = {
    "template changed": ("G01", {"template_after": b"{}"}, "the template was changed while it ran"),
    "digest of another": ("G01", {"template_sha256": "0" * 64}, "not the one that run.started names"),
    "not released": ("G01", {"released": frozenset()}, "neither the kit's nor listed"),
    "counts": ("G10", {"expected": {"REQ-02": {**COUNTS["REQ-02"], "pass": 4}}}, "not the collector's: REQ-02"),
    "a control more": ("G10", {"expected": {**COUNTS, "REQ-03": COUNTS["REQ-02"]}}, "not the collector's: REQ-03"),
    "frame": ("G10", {"frames_intact": False}, "no longer what was collected"),
    "not concluded": ("G11", {"concluded": ()}, "REQ-02: promised, and concluded 0 times"),
    "twice concluded": ("G11", {"concluded": ("REQ-02",) * 2}, "REQ-02: promised, and concluded 2 times"),
    "not promised": ("G11", {"promised": ()}, "REQ-02: not promised, and concluded 1 times"),
    "unit missing": ("G11", {"missing": {"REQ-02": ("T-9", "T-1")}}, "2 drawn units have no result (T-1, T-9)"),
    "exit code": ("G12", {"exit_code": 1}, "the kernel ended with 1"),
    "no exit code": ("G12", {"exit_code": None}, "the kernel ended with no code"),
    "traceback": ("G12", {"log": "Traceback (most recent call last):\n"}, "log holds a traceback"),
    "versions": ("G13", {"versions": {"pandas": "3.1.2"}}, "not the lock file's: pandas"),
    "leak": ("G14", {"leak_hits": 2}, "the leak scan has 2 hits"),
    "ledger": ("G15", {"ledger_ok": False}, "does not stand where run.started left it"),
    "nonce": ("G09", {"nonce": "f" * 32}, "the receipt is of another run"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_what_the_collector_knows_decides(good: GateCase, name: str) -> None:
    id_, known, said = KNOWN[name]
    refusals = gate(replace(good, **known))
    assert {refusal.id for refusal in refusals} == {id_}
    assert any(said in refusal.what for refusal in refusals)


def test_every_check_has_its_case() -> None:
    seen = {id_ for _, _, expected in SPOILT.values() for id_ in expected}
    seen |= {id_ for expected, _ in BROKEN.values() for id_ in expected.split()} | {id_ for id_, _, _ in KNOWN.values()}
    assert seen == set(CHECKS)
    assert list(CHECKS) == [f"G{number:02}" for number in range(1, 16)]


def test_a_file_that_is_no_notebook_is_refused_by_every_check_that_reads_it(good: GateCase) -> None:
    refused = ids(replace(good, executed=b"\xff not json"))
    assert {"G02", "G03", "G06", "G09", "G10"} <= set(refused)
    assert "G01" in ids(replace(good, template_before=b"[1]", template_after=b"[1]"))


def test_a_refusal_names_notebook_cell_and_check(good: GateCase) -> None:
    (refusal,) = gate(changed(good, BROKEN["an error output"][1]))
    assert refusal == Refusal("G07", 4, "error output")
    assert refusal.line("30_requests.ipynb") == "30_requests.ipynb cell 4: error output (G07)"
    assert Refusal("G15", None, "x").line("a.ipynb") == "a.ipynb: x (G15)"


def test_two_mebibytes_are_a_notebook(good: GateCase) -> None:
    many = changed(
        good, lambda n: [cell(n, "work")["outputs"].append(shown({"text/plain": "x" * 60000})) for _ in "ab"]
    )
    assert ids(many) == ["G08"]


@pytest.mark.parametrize(
    ("markup", "mime", "found"),
    [
        ('<table class="t"><tr><td scope="row">5 < 6</td></tr></table>', "text/html", ()),
        (
            '<p title="due: 2026-01-31"><data value="5" data-ek="summary.json#/totals/units">5</data></p>',
            "text/html",
            (),
        ),
        ('<a href="#r3">row</a>', "text/html", ()),
        ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="2"/></svg>', "image/svg+xml", ()),
        ("<p onclick=alert(1)>x</p>", "text/html", ("attribute onclick",)),
        ('<p style="color:red">x</p>', "text/html", ("attribute style",)),
        ('<a href="https://example.org">x</a>', "text/html", ("attribute href",)),
        ('<a href="javascript:alert(1)">x</a>', "text/html", ("attribute href",)),
        ("<img src=x>", "text/html", ("<img>", "attribute src")),
        ("<iframe></iframe><form></form>", "text/html", ("<iframe>", "<form>")),
        ("<style>p{}</style>", "text/html", ("<style>",)),
        ('<svg><image xlink:href="a"/></svg>', "image/svg+xml", ("<image>", "attribute xlink:href")),
        ('<rect fill="url(http://x)"/>', "image/svg+xml", ("attribute fill",)),
        ('<rect fill="url(#a)"/>', "image/svg+xml", ()),
        ("<foreignObject/>", "image/svg+xml", ("<foreignobject>",)),
        ("<p>x</p>", "image/svg+xml", ("<p>",)),
        ("<!DOCTYPE html><?php ?>", "text/html", ("a declaration", "an instruction")),
    ],
)
def test_only_our_own_displays_are_shown(markup: str, mime: str, found: tuple[str, ...]) -> None:
    assert foreign(markup, mime) == found


def test_a_receipt_is_read_without_trust() -> None:
    made = receipt(NONCE, {"Great_Expectations": "1"}, COUNTS)[RECEIPT_MIME]
    assert (read_counts(made), read_versions(made)) == (COUNTS, {"great-expectations": "1"})
    for odd in (None, [], {}, {"controls": [1], "versions": [1]}, {"controls": [{"control": 1}], "versions": "x"}):
        assert (read_counts(odd), read_versions(odd)) == (None, {})
