"""A template holds prose and calls on one object, and its parameters are what it says they are."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from papermill.translators import PythonTranslator

from evidence_kit.edges.notebooks.lint import lint
from evidence_kit.edges.notebooks.parameters import check_parameters, declared_parameters, looks_secret, rendered
from evidence_kit.errors import ParameterError
from tests.notebooks.sheets import PARAMETERS, code, prose, sheet

OPEN = "from evidence_kit import workbook\nbook = workbook.open(engagement, run)"
WALK = 'controls = book.controls("requests")\nframes = book.collect(controls)\nbook.show(book.examine(frames))'


def template(*cells: dict[str, Any], parameters: str = PARAMETERS) -> dict[str, Any]:
    declared = code(parameters, "parameters", "parameters")
    return sheet(prose("# Answers", "title"), declared, code(OPEN, "open"), *cells)


def said(notebook: dict[str, Any]) -> list[str]:
    return [str(problem) for problem in lint(notebook, "30_requests.ipynb")]


def test_a_notebook_of_calls_passes() -> None:
    assert said(template(code(WALK, "collect"), code("book.close()", "close"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "%time book.show(run)",
        "!ls",
        "%%bash\nls",
        "book.show?",
        "import os",
        "from evidence_kit import wiring",
        "from evidence_kit import workbook as w",
        "import evidence_kit.workbook",
        "exit()",
        "exit",
        "ls",
        "print(run)",
        "open('/etc/passwd')",
        "__import__('os')",
        "book.__class__()",
        "book._desk()",
        "workbook.os.system('ls')",
        "workbook.wiring()",
        "w = workbook.os",
        "get_ipython().system('ls')",
        "run.upper()",
        "book.show(1 + 1)",
        "book.show([run])",
        "book.show(run[0])",
        "book.show(f'{run}')",
        "book.show(*run)",
        "book.show(**run)",
        "book.show(lambda: 1)",
        "x = 1 if run else 2",
        "for x in run: book.show(x)",
        "with book.open() as f: pass",
        "def f(): pass",
        "class A: pass",
        "if run: book.show(run)",
        "try:\n    book.show(run)\nexcept: pass",
        "a = b = run",
        "a, b = run, run",
        "book.verdict = run",
        "book['x'] = run",
        "del book",
        "assert run",
        "global run",
        "await book.show()",
        "book = book\nbook.anything()",
        "book.show(run) if run else None",
        "(x := run)",
        "'text alone'",
    ],
)
def test_anything_that_computes_is_refused_with_its_cell(source: str) -> None:
    problems = said(template(code(source, "work")))
    assert problems
    assert all(problem.startswith("30_requests.ipynb cell 4: ") for problem in problems)


def test_a_name_must_be_bound_by_an_earlier_line() -> None:
    assert said(template(code("book.show(results)", "work"))) == [
        "30_requests.ipynb cell 4: line 1: results is not bound by an earlier line"
    ]


def test_six_lines_are_a_cell() -> None:
    assert said(template(code("\n".join(["book.findings()"] * 6), "work"))) == []
    assert said(template(code("\n".join(["book.findings()"] * 7), "work"))) == [
        "30_requests.ipynb cell 4: has 7 lines; 6 are allowed"
    ]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"metadata": {"tags": ["skip-execution"]}}, "tag skip-execution is not allowed"),
        ({"metadata": {"tags": ["injected-parameters"]}}, "tag injected-parameters is not allowed"),
        ({"metadata": {"jupyter": {"source_hidden": True}}}, "metadata jupyter is not allowed"),
        ({"outputs": [{"output_type": "stream"}]}, "outputs and counts are not kept in a template"),
        ({"execution_count": 3}, "outputs and counts are not kept in a template"),
        ({"id": "8c0f2f6e"}, "its id must be a word, such as `collect`"),
        ({"source": []}, "is empty"),
        ({"cell_type": "raw"}, "only code and prose are allowed"),
    ],
)
def test_a_template_is_kept_bare(change: dict[str, Any], what: str) -> None:
    assert said(template({**code("book.findings()", "work"), **change})) == [f"30_requests.ipynb cell 4: {what}"]


def test_the_file_is_looked_at_too() -> None:
    notebook = template(code("book.findings()", "open")) | {"nbformat_minor": 4}
    notebook["metadata"]["papermill"] = {}
    del notebook["cells"][1]
    assert said(notebook)[:4] == [
        "30_requests.ipynb: must be of notebook format 4.5",
        "30_requests.ipynb: metadata papermill: only kernel and language are kept",
        "30_requests.ipynb: has 0 cells tagged `parameters`; one is needed",
        "30_requests.ipynb: two cells have the same id",
    ]


@pytest.mark.parametrize(
    "parameters",
    ["run = open('x')", "run: list = 'x'", "run: int = 'x'", "run = 1.5", "run += 'x'", "import os", "run = 'a' + 'b'"],
)
def test_a_parameters_cell_assigns_constants_alone(parameters: str) -> None:
    problems = said(template(parameters=parameters))
    assert any(problem.startswith("30_requests.ipynb cell 2: ") for problem in problems)


@pytest.mark.parametrize(
    "source",
    ['engagement: str = "a"\nmonths: int = 36', 'engagement, months = "a", 36', 'engagement = "a"; months = 36'],
)
def test_declared_parameters_are_read_without_running_them(source: str) -> None:
    assert declared_parameters(template(parameters=source)) == {"engagement": "a", "months": 36}


@pytest.mark.parametrize("notebook", [sheet(), template(parameters="x = open('y')"), template(parameters="x = 1.5")])
def test_parameters_that_cannot_be_read_are_an_error(notebook: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        declared_parameters(notebook)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"monht": 3}, "monht is not a parameter of this notebook. Did you mean month?"),
        ({"zzz": 3}, "zzz is not a parameter of this notebook. Accepted: engagement, month, ready."),
        ({"x = open('/etc/passwd') #": 3}, "a parameter's name is not an identifier"),
        ({"if": 3}, "a parameter's name is not an identifier"),
        ({"é": 3}, "a parameter's name is not an identifier"),
        ({"month": "3"}, "month must be a whole number, not text."),
        ({"month": True}, "month must be a whole number, not true or false."),
        ({"ready": 1}, "ready must be true or false, not a whole number."),
        ({"month": 1.5}, "month must be text, a whole number, or true or false."),
        ({"month": 2**53}, "month must lie within"),
        ({"engagement": "a\nb"}, "engagement holds a control character or a line separator."),
        ({"engagement": "a\u2028b"}, "engagement holds a control character or a line separator."),
        ({"engagement": "\ud800"}, "engagement holds a control character or a line separator."),
        ({"engagement": None}, "engagement must be text"),
        ({"engagement": "postgresql://audit:hunter2@db/prod"}, "engagement looks like a secret"),
    ],
)
def test_a_parameter_is_refused_by_name_and_never_by_value(given: dict[str, Any], said: str) -> None:
    declared = {"engagement": "rehearsal", "month": 1, "ready": False}
    with pytest.raises(ParameterError, match=r"30_requests\.ipynb: ") as refusal:
        check_parameters(declared, given, where="30_requests.ipynb")
    assert said in str(refusal.value)
    assert "hunter2" not in str(refusal.value)
    assert refusal.value.exit_code == 2


def test_a_parameter_without_default_must_be_given() -> None:
    with pytest.raises(ParameterError, match="run must be given"):
        check_parameters({"run": None, "engagement": "a"}, {"engagement": "b"})
    assert check_parameters({"run": None}, {"run": "r001"}) == {"run": "r001"}


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("rehearsal", False),
        ("data-protection-audit-of-the-north-2026-06", False),
        ("2026-01-31", False),
        ("Société générale de l'Été, 3 rue des Lilas", False),
        ("https://example.org/registers/2026", False),
        ("AKIAIOSFODNN7EXAMPLE", True),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", True),
        ("0123456789abcdef0123456789abcdef", True),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", True),
        ("password=letmein", True),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc", True),
        ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", True),
    ],
)
def test_what_looks_like_a_secret(text: str, secret: bool) -> None:
    assert looks_secret(text) is secret


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text() | st.integers() | st.booleans()))
def test_our_rendering_is_papermills_and_reads_back(parameters: dict[str, Any]) -> None:
    parameters = {name: value for name, value in parameters.items() if not _unreadable(name, value)}
    assert rendered(parameters) == PythonTranslator.codify(parameters)
    read = {each.targets[0].id: ast.literal_eval(each.value) for each in ast.parse(rendered(parameters)).body}  # type: ignore[attr-defined]
    assert read == parameters


def _unreadable(name: str, value: object) -> bool:
    """What `check_parameters` refuses before anything is rendered."""
    try:
        check_parameters({name: None}, {name: value})
    except ParameterError:
        return True
    return False
