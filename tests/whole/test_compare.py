"""The visit before and the audit after it, as two real bundles of the rehearsal: what was repaired is what closed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.whole.conftest import NONCE, ROOT, kit

pytestmark = pytest.mark.slow
CONTROLS = "[REG-03, PRO-03, PRO-04]"
SOURCES = "{docs: rehearsal_docs.yaml, ops: rehearsal_ops.yaml}"


@pytest.fixture(scope="module")
def delta(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of both runs, and what `compare` prints of them, named in the wrong order."""
    folder = tmp_path_factory.mktemp("visits")
    text = (ROOT / "params/engagements/rehearsal.yaml").read_text("utf-8")
    # Only what these controls read: opening the others takes most of the time of a run.
    for key in ("controls", "plans", "sources", "places", "sending", "classes", "digests"):
        text, found = re.subn(rf"^{key}:.*\n(?:[ #].*\n)*", "", text, flags=re.MULTILINE)
        assert found == 1, key
    text += f"controls: {CONTROLS}\nsources: {SOURCES}\n"
    real = text.replace("contacts: 20000", "contacts: 1000")
    mock = real.replace("as_of: real", "as_of: mock").replace("until: 2026-06-30", "until: 2026-01-31")
    mock = mock.replace("as_of: 2026-06-30T21:59:59Z", "as_of: 2026-01-31T22:59:59Z")
    assert len({real, mock, text}) == 3
    for name, agreed in (("mock", mock), ("real", real)):
        (folder / f"{name}.yaml").write_text(agreed, "utf-8")
        done = kit("run", str(folder / f"{name}.yaml"), "--nonce", NONCE, "--out", str(folder / "out"), "-q")
        assert done.status == 0, done.err
    page = folder / "delta.html"
    done = kit("compare", "r002", "r001", "--runs", str(folder / "out"), "--out", str(page), "--json")
    assert done.status == 0, done.err
    assert "put in their order" in done.err
    return page, done.json


def test_what_was_repaired_closed_and_what_was_planted_anew_is_new(delta: tuple[Path, dict[str, Any]]) -> None:
    """docs/norm/rehearsal.md, "From the mock to the real audit": M02 and M04 closed, F42 grown, the rest unchanged."""
    _, record = delta
    told = {one["control"]: {key: n for key, n in one["changes"].items() if n} for one in record["controls"]}
    assert told == {
        "REG-03": {"closed": 6, "remaining": 3},
        "PRO-03": {"closed": 19, "remaining": 8},
        "PRO-04": {"remaining": 1, "slipped": 1},
    }
    assert [one["refused"] for one in record["controls"]] == [[], [], []]
    (grown,) = (one for one in record["controls"] if one["control"] == "PRO-04")
    assert [(one["kind"], one["before"], one["after"]) for one in grown["shortcomings"]] == [("grown", 1, 2)]


def test_who_slipped_and_who_was_mended(delta: tuple[Path, dict[str, Any]]) -> None:
    _, record = delta
    words = [word for one in record["processors"] for word in one["words"]]
    assert (words.count("slipped"), words.count("mended"), len(record["processors"])) == (1, 19, 80)
    mended = [one for one in record["processors"] if "mended" in one["words"]]
    assert all({"reviewed_on", "outcome"} <= {each["name"] for each in one["values"]} for one in mended)
    assert sum("mended" in one["words"] for one in record["activities"]) == 6


def test_the_page_carries_the_digest_of_both_bundles(delta: tuple[Path, dict[str, Any]]) -> None:
    page, record = delta
    text = page.read_text("utf-8")
    assert record["swapped"] is True
    assert (record["before"]["run"], record["after"]["run"]) == ("r001", "r002")
    for side in ("before", "after"):
        assert record[side]["tagmanifest_sha256"] in text
    assert "Deux audits comparés" in text
    assert "<script" not in text
