"""Manifest lines: bytes and order, portable paths, and which files the ledger's seal binds."""

import pytest

from evidence_kit.ledger import manifest
from evidence_kit.model.canonical import digest

SHA = digest("x")


def test_lines_ascend_by_the_bytes_of_the_path() -> None:
    text = manifest.manifest({"data/a/b.txt": SHA, "data/a.txt": SHA, "data/Z.txt": SHA})
    assert text == f"{SHA}  data/Z.txt\n{SHA}  data/a.txt\n{SHA}  data/a/b.txt\n"
    assert manifest.manifest({}) == ""


@pytest.mark.parametrize(
    "path",
    [
        "../x", "/x", "a//b", "a/", "a/.", ".hidden", "a b", "é", "a\\b", "x.", "CON", "nul.txt", "data/com1.json",
        "LPT9", "x" * 65, "/".join("abcdefghi"), "/".join(["x" * 60] * 3), "", "a\n",
    ],
)  # fmt: skip
def test_a_path_that_is_not_portable_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=":"):
        manifest.check_path(path)


@pytest.mark.parametrize("path", ["data/frames/REQ-02.request_log.jsonl", "console.txt", "com10", "x" * 64, "a.b.c"])
def test_ordinary_paths_are_accepted(path: str) -> None:
    assert path in manifest.manifest({path: SHA})


def test_two_paths_that_differ_in_case_only_are_refused() -> None:
    with pytest.raises(ValueError, match="case"):
        manifest.manifest({"data/a": SHA, "data/A": SHA})
    with pytest.raises(ValueError, match="hex"):
        manifest.manifest({"data/a": SHA.upper()})


def test_the_seal_leaves_out_what_shows_the_head() -> None:
    bound = {"data/frames/a.jsonl": SHA, "data/scan.json": SHA}
    after = dict.fromkeys(
        ("data/ledger.jsonl", "data/bundle.json", "data/ro-crate-metadata.json", "data/site/en/index.html"), SHA
    )
    assert manifest.content({**bound, **after}) == bound
    assert manifest.content_sha256({**after, **bound}) == digest(f"{SHA}  data/frames/a.jsonl\n{SHA}  data/scan.json\n")


@pytest.mark.parametrize(
    "path", ["data/frames/a.jsonl", "data/results/a.jsonl", "data/draws/a.json", "data/findings.jsonl"]
)
def test_evidence_is_never_volatile(path: str) -> None:
    assert not manifest.is_volatile(path)
    assert manifest.is_volatile("data/site/fr/index.html")
    assert manifest.is_volatile("bag-info.txt")
