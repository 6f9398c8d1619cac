"""Digests of files that rows name: read by the kit below the source's own folder, and nowhere else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evidence_kit.edges import documents
from evidence_kit.edges.documents import REFUSED, Documents
from evidence_kit.edges.params import load
from evidence_kit.edges.source import SqlSource
from evidence_kit.errors import ParameterError, SourceError
from evidence_kit.model.audit import Engagement, Mapped, SourceMapping
from tests.edges.desks import control, engagement, kept_not, mapping, opened, plain, write_csv
from tests.edges.params_folder import params_folder

PAPER = b"what was read of them, and by whom"
DIGEST = hashlib.sha256(PAPER).hexdigest()
COLUMNS = ("review_id", "processor_id", "reviewed_on", "outcome", "paper")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder with a document, and one outside it that nobody may reach."""
    (tmp_path / "docs" / "reviews").mkdir(parents=True)
    (tmp_path / "docs" / "reviews" / "R1.pdf").write_bytes(PAPER)
    (tmp_path / "outside.pdf").write_bytes(b"another matter")
    return tmp_path / "docs"


def reviews(mapped: Mapped | None = None, **options: str | bool) -> SourceMapping:
    columns = {
        **plain(*COLUMNS[:-1]),
        **kept_not("documents_read", "next_due_on"),
        "document_sha256": mapped or Mapped("document_sha256", sql="paper", file=True, line=20),
    }
    return mapping({"processor_reviews": columns}, name="reviews", **options)


def written(folder: Path, names: Sequence[str | None]) -> Path:
    rows = [[f"V{n}", "P1", "2026-01-05", "compliant", name] for n, name in enumerate(names)]
    return write_csv(folder / "reviews.csv", rows, COLUMNS)


def session(source: SourceMapping, path: Path, home: Path) -> SqlSource:
    agreed: Engagement = engagement([source], [control()])
    return opened(agreed, {"reviews": path}, home)


def digests(source: SqlSource) -> list[tuple[object, object]]:
    rows = source.plain("processor_reviews", ["review_id", "document_sha256", "unreadable"][:2], "review_id")
    doubts = source._connection.execute("SELECT unreadable FROM frame_processor_reviews ORDER BY review_id").fetchall()
    return [(row["document_sha256"], doubt) for row, (doubt,) in zip(rows, doubts, strict=True)]


def test_the_digest_is_that_of_the_file_beside_the_list(kept: Path, tmp_path: Path) -> None:
    path = written(kept, ["reviews/R1.pdf", "./reviews/R1.pdf", "reviews/R2.pdf", None, " "])
    source = session(reviews(), path, tmp_path / "home")
    assert digests(source) == [(DIGEST, None), (DIGEST, None), (None, None), (None, None), (None, None)]
    assert source.doubts() == (("reviews", "documents", "files-not-found", 1),)
    source.close()


def test_a_name_that_leads_elsewhere_is_unreadable_and_nothing_is_read(kept: Path, tmp_path: Path) -> None:
    (kept / "reviews" / "link.pdf").symlink_to(tmp_path / "outside.pdf")
    (kept / "ring").symlink_to(kept / "ring")
    names = ["../outside.pdf", "reviews/../R1.pdf", str(kept / "reviews" / "R1.pdf"), "reviews/link.pdf", "reviews",
             "ring", "C:\\outside.pdf", "\\outside.pdf", "..\\outside.pdf", "x" * 5000]  # fmt: skip
    source = session(reviews(), written(kept, names), tmp_path / "home")
    assert digests(source) == [(None, "document_sha256=unreadable-value")] * len(names)
    source.close()


def test_a_link_that_stays_inside_is_followed(kept: Path) -> None:
    (kept / "latest.pdf").symlink_to(kept / "reviews" / "R1.pdf")
    assert Documents({"docs": kept}).digest("docs", "latest.pdf") == DIGEST


def test_only_plain_files_within_the_limit_are_read(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(kept / "pipe")
    read = Documents({"docs": kept})
    assert read.digest("docs", "pipe") == REFUSED
    assert read.digest("docs", "nul\0.pdf") == REFUSED
    assert read.digest("docs", "reviews/R1.pdf/more") is None
    monkeypatch.setattr(documents, "LARGEST", len(PAPER))
    assert Documents({"docs": kept}).digest("docs", "reviews/R1.pdf") == DIGEST
    monkeypatch.setattr(documents, "LARGEST", len(PAPER) - 1)
    assert Documents({"docs": kept}).digest("docs", "reviews/R1.pdf") == REFUSED
    assert read.digest("docs", "reviews/R1.pdf") == REFUSED


def test_a_file_is_read_once(kept: Path) -> None:
    read = Documents({"docs": kept})
    assert read.digest("docs", "reviews/R1.pdf") == DIGEST
    (kept / "reviews" / "R1.pdf").write_bytes(b"changed since")
    assert read.digest("docs", "reviews/R1.pdf") == DIGEST


def test_documents_may_lie_in_a_folder_of_their_own(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lists").mkdir()
    path = written(tmp_path / "lists", ["reviews/R1.pdf"])
    for number, stated in enumerate((str(kept), "env:DOCUMENTS")):
        monkeypatch.setenv("DOCUMENTS", str(kept))
        source = session(reviews(documents=stated), path, tmp_path / f"home{number}")
        assert digests(source) == [(DIGEST, None)]
        source.close()
    with pytest.raises(SourceError, match="source reviews: its documents lie in no folder"):
        session(reviews(documents=str(tmp_path / "nowhere")), path, tmp_path / "home3")
    monkeypatch.delenv("DOCUMENTS")
    with pytest.raises(SourceError, match="the variable DOCUMENTS is not set"):
        session(reviews(documents="env:DOCUMENTS"), path, tmp_path / "home4")


def test_a_server_without_a_folder_of_documents_is_refused() -> None:
    with pytest.raises(SourceError, match="a server keeps no files"):
        documents._folder(replace(reviews(), engine="postgresql"), None)


REVIEWS = """  processor_reviews:
    columns:
      review_id: id
      processor_id: who
      reviewed_on: day
      outcome: {{const: compliant}}
      documents_read: null
      document_sha256: {form}
      next_due_on: {next}
"""


@pytest.mark.parametrize(
    ("form", "next_due", "options", "said"),
    [
        ("paper", "null", "", "document_sha256: this column is the digest of a file"),
        ("{value: paper}", "null", "", "Write {file: expression of its path} or null"),
        ("{const: " + "0" * 64 + "}", "null", "", "this column is the digest of a file"),
        ("{file: paper, map: {a: b}}", "null", "", "map goes with value only"),
        ("{file: paper, value: paper}", "null", "", "exactly one of"),
        ("{file: paper}", "{file: paper}", "", "next_due_on: this column is no digest of a file"),
        ("{file: 'paper; drop table x'}", "null", "", "`;` is refused"),
        ("null", "null", "options: {documents: papers}\n", "no column of this source is mapped as a file"),
        ("{file: paper}", "null", "options: {tables: [reviews]}\n", "a server keeps no files"),
    ],
)
def test_only_a_digest_is_mapped_as_a_file(tmp_path: Path, form: str, next_due: str, options: str, said: str) -> None:
    folder = params_folder(tmp_path)
    path = folder / "sources/doj_foia.yaml"
    text = path.read_text(encoding="utf-8") + REVIEWS.format(form=form, next=next_due)
    if "tables" in options:
        text = text.replace("engine: csv", "engine: postgresql\nopen: env:BASE")
    kept_lines = [line for line in text.splitlines() if not (options and line.startswith("options:"))]
    path.write_text("\n".join([*kept_lines, options.strip()]) + "\n", encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        load("doj-foia", folder, {})
    assert said in str(caught.value)
