"""Two equal runs leave equal notebooks, and nothing of the machine they ran on."""

from __future__ import annotations

import json

import pytest

from evidence_kit.edges.notebooks.neutral import calm, canonical_template, neutral, template_sha256
from evidence_kit.model.receipt import RECEIPT_MIME, receipt
from tests.notebooks.conftest import Run
from tests.notebooks.sheets import NONCE, code, sheet, working

pytestmark = pytest.mark.slow  # real kernels


def test_two_equal_runs_are_equal_bytes(run: Run) -> None:
    notebook = working(
        "print(object())", "print('\\x1b[31mred\\x1b[0m', __file__ if 0 else get_ipython().profile_dir.location)"
    )
    first, second = (neutral(run(notebook, engagement="rehearsal").path.read_bytes()) for _ in range(2))
    assert first == second
    assert first.endswith(b"}\n")
    assert (
        json.dumps(json.loads(first), ensure_ascii=False, sort_keys=True, separators=(",", ":")) == first.decode()[:-1]
    )
    for left in ("papermill", "/tmp/", "0x7", "\\u001b", "iopub", "start_time"):
        assert left not in first.decode()
    assert json.loads(first)["cells"][2]["id"] == "injected-parameters"
    assert NONCE in first.decode()


@pytest.mark.parametrize(
    ("text", "calmed"),
    [
        ("\x1b[1;31mno\x1b[0m", "no"),
        ("<Book at 0x7f3a5c0b1d90>", "<Book at 0x0>"),
        ("File /home/analyst/audit/run/x.py:3", "File <path>:3"),
        ("in 'C:\\Users\\analyst\\audit\\x.py'", "in '<path>'"),
        ("file:///srv/audit/x", "<path>"),
        ("capacity/right, 3/4, 2026/01/31, and/or", "capacity/right, 3/4, 2026/01/31, and/or"),
        ('<data value="5" data-ek="summary.json#/controls/0/units">5</data>', None),
        ("https://example.org/a/b/c", None),
        ('<path d="M0 0 L10/20"/></td>', None),
        ("0x1F", None),
    ],
)
def test_calm(text: str, calmed: str | None) -> None:
    assert calm(text) == (text if calmed is None else calmed)


def test_a_templates_digest_does_not_hear_its_indentation() -> None:
    notebook = sheet(code("x = 'é'", "parameters", "parameters"))
    texts = [json.dumps(notebook, indent=indent, ensure_ascii=indent == 1).encode() for indent in (None, 1, 4)]
    assert len({template_sha256(text) for text in texts}) == 1
    assert not canonical_template(texts[0]).endswith("\n")
    assert template_sha256(json.dumps(sheet()).encode()) != template_sha256(texts[0])


def test_a_template_holds_no_float() -> None:
    with pytest.raises(ValueError, match="float"):
        canonical_template(b'{"nbformat": 4.5}')


def test_a_receipt_states_nonce_versions_and_counts() -> None:
    counts = {"pass": 1, "fail": 2, "error": 3, "inconclusive": 4}
    made = receipt(NONCE, {"pandas": "3.1.1", "duckdb": "2.0.0"}, {"REQ-02": counts, "REQ-01": counts})
    assert made[RECEIPT_MIME] == {
        "nonce": NONCE,
        "versions": [{"name": "duckdb", "version": "2.0.0"}, {"name": "pandas", "version": "3.1.1"}],
        "controls": [{"control": "REQ-01", **counts}, {"control": "REQ-02", **counts}],
    }
    assert str(made["text/plain"]).splitlines()[0] == "REQ-01: 1 pass, 2 fail, 3 error, 4 inconclusive"


@pytest.mark.parametrize(
    ("nonce", "counts"),
    [
        ("short", {}),
        (NONCE, {"REQ-01": {"pass": 1}}),
        (NONCE, {"REQ-01": {"pass": True, "fail": 0, "error": 0, "inconclusive": 0}}),
        (NONCE, {"REQ-01": {"pass": -1, "fail": 0, "error": 0, "inconclusive": 0}}),
    ],
)
def test_a_receipt_that_counts_otherwise_is_refused(nonce: str, counts: dict[str, dict[str, int]]) -> None:
    with pytest.raises(ValueError, match=r"nonce|counts"):
        receipt(nonce, {}, counts)
