"""`export`: working papers and report beside a bundle that verifies, never into it, and nothing after a leak."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from evidence_kit.cli import main
from evidence_kit.edges import browser
from tests.bundles import good as g
from tests.bundles import zips

NAMES = [f"{g.BUNDLE}.{language}.xlsx" for language in ("en", "fr")]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return g.good().write(tmp_path_factory.mktemp("sealed"))


@pytest.fixture(scope="module")
def exported(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    out = tmp_path_factory.mktemp("papers")
    return out, ask(bundle, "--out", str(out), "--key", g.KEY.fingerprint, "--json")


def ask(bundle: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(main, ["export", str(bundle), *arguments], standalone_mode=False)
    result.exit_code = result.return_value if isinstance(result.return_value, int) else result.exit_code
    return result


def test_it_writes_a_workbook_for_each_language_and_says_which(exported: tuple[Path, Result], bundle: Path) -> None:
    out, done = exported
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert [Path(one["path"]).name for one in said["files"]] == NAMES
    assert sorted(path.name for path in out.iterdir()) == NAMES
    assert said["values_known"] is False
    assert said["entry"] is None
    assert "no ledger says so" in done.stderr
    assert "by its form alone" in done.stderr
    assert sorted(path.name for path in bundle.iterdir()) == sorted(
        [*g.TAG_FILES, "data", "tagmanifest-sha256.txt", "tagmanifest-sha256.txt.sig"]
    )


def test_the_figures_are_those_of_the_bundle(exported: tuple[Path, Result]) -> None:
    out, _ = exported
    summary = g.good().json("data/summary.json")
    book = openpyxl.load_workbook(io.BytesIO((out / NAMES[0]).read_bytes()))
    for control in summary["controls"]:
        rows = list(book[control["control"]].iter_rows(values_only=True))
        total = next(row for row in rows if row[0] == control["control"] and isinstance(row[1], int))
        keys = ("units", "drawn", "pass", "fail", "error", "inconclusive", "deviations")
        assert list(total[1:8]) == [control[key] for key in keys]


def test_a_zip_gives_the_same_bytes_as_the_folder(exported: tuple[Path, Result], tmp_path: Path) -> None:
    path = tmp_path / f"{g.BUNDLE}.zip"
    path.write_bytes(zips.write(zips.canonical_entries(g.good())))
    done = ask(path, "--language", "en", "-q")
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / NAMES[0]).read_bytes() == (exported[0] / NAMES[0]).read_bytes()
    assert "no --key was given" in done.stderr


@pytest.mark.parametrize(
    ("made", "sheets"),
    [(g.pseudonymised, 8), (g.client, 4)],
    ids=["pseudonymised", "client"],
)
def test_a_derived_bundle_has_its_papers_too(tmp_path: Path, made: Callable[[], g.Bundle], sheets: int) -> None:
    folder = made().write(tmp_path)
    done = ask(folder, "--language", "fr", "-q")
    assert done.exit_code == 0, done.stderr
    book = openpyxl.load_workbook(io.BytesIO((tmp_path / f"{folder.name}.fr.xlsx").read_bytes()))
    assert len(book.sheetnames) == sheets
    told = [row[1] for row in book.worksheets[0].iter_rows(max_col=2, values_only=True)]
    assert folder.name in told


@pytest.mark.parametrize("inside", ["", "data", "data/site/new"])
def test_a_folder_inside_the_bundle_is_refused(bundle: Path, inside: str) -> None:
    done = ask(bundle, "--out", str(bundle / inside))
    assert (done.exit_code, "never added to" in done.stderr) == (2, True)
    assert not (bundle / "data/site/new").exists()


def test_an_altered_bundle_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    bundle = g.good()
    bundle.files["data/summary.json"] = bundle.files["data/summary.json"].replace(b'"FAIL"', b'"PASS"')
    done = ask(bundle.write(tmp_path / "in"), "--out", str(tmp_path / "out"))
    assert (done.exit_code, "does not verify (B" in done.stderr, done.stdout) == (2, True, "")
    assert not (tmp_path / "out").exists()


def test_a_leak_ends_with_three_and_nothing_is_written(tmp_path: Path) -> None:
    bundle = g.good()
    person = "marie.curie@orange.fr"
    bundle.edit("data/engagement.json", lambda value: value["title"].update(en=f"Written to {person}"))
    done = ask(g.reseal(bundle).write(tmp_path / "in"), "--out", str(tmp_path / "out"), "-q")
    assert (done.exit_code, "the leak scan found" in done.stderr, done.stdout) == (3, True, "")
    assert "e-mail" in done.stderr
    assert person not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("named", ["", "no-such-browser"])
def test_without_a_browser_it_says_what_to_install(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(browser.VARIABLE, named)
    done = ask(bundle, "--pdf", "--out", str(tmp_path / "out"))
    assert (done.exit_code, browser.VARIABLE in done.stderr, done.stdout) == (69, True, "")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_report_is_printed_with_its_verdicts_and_says_nothing_of_this_machine(bundle: Path, tmp_path: Path) -> None:
    import pypdf

    done = ask(bundle, "--pdf", "--language", "fr", "--out", str(tmp_path), "-q")
    assert done.exit_code == 0, done.stderr
    data = (tmp_path / f"{g.BUNDLE}.fr.pdf").read_bytes()
    report = pypdf.PdfReader(io.BytesIO(data))
    pages = [page.extract_text() for page in report.pages]
    assert len(pages) >= len(list((bundle / "data/site/fr").glob("*.html")))
    text = "\n".join(pages)
    catalogue = g.good().json("data/site/words.json")
    word = {one["verdict"]: one["word"] for one in catalogue["languages"][1]["verdicts"]}
    for control in g.good().json("data/summary.json")["controls"]:
        assert control["control"] in text
        assert word[control["verdict"]] in text
    assert f"{len(pages)} / {len(pages)}" in pages[-1]
    assert all(g.BUNDLE in page for page in pages)
    assert b"file:" not in data
    assert str(tmp_path).encode() not in data
    assert report.metadata.creation_date.isoformat()[:19] == g.base.SEALED_AT[:19]
    width, height = (float(side) for side in report.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (595, 842)
