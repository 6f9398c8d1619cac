"""`frameworks` at the door: a text that is added by one file, and a sealed bundle read by its clauses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from evidence_kit.cli import main
from evidence_kit.pages.words import words
from tests.bundles import good as g
from tests.bundles.mutations.clauses import told

CSV = """\
control_id,framework,edition,clause,title,relation,verified,source
REQ-02,Our scheme,2026,1.1,answers in time,full,opened,us
COM-02,Our scheme,2026,1.2,a true log,partial,unverified,us
TRC-01,Our scheme,2026,1.3,traces,full,opened,us
RET-01,Our scheme,2026,,it says nothing of retention,none,opened,us
"""
YAML = """\
framework: Our scheme
edition: "2026"
clauses:
  - {clause: "1.1", title: answers in time, controls: {REQ-02: full}, verified: opened, source: us}
  - {clause: "1.2", title: a true log, controls: {COM-02: partial}, verified: unverified, source: us}
  - {clause: "1.3", title: traces, controls: {TRC-01: full}, verified: opened, source: us}
none:
  RET-01: it says nothing of retention
"""
FORMS = {"our-scheme-2026.csv": CSV, "our-scheme-2026.yaml": YAML}


def ask(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["frameworks", *map(str, arguments)])


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return told(g.good()).write(tmp_path_factory.mktemp("good"))


@pytest.fixture(params=FORMS)
def own(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with one made-up text, and nothing else."""
    (tmp_path / "mine" / "frameworks").mkdir(parents=True)
    (tmp_path / "mine" / "frameworks" / request.param).write_text(FORMS[request.param], encoding="utf-8")
    return tmp_path / "mine"


@pytest.mark.slow
def test_one_file_more_is_listed_shown_and_read_by(own: Path, bundle: Path, tmp_path: Path) -> None:
    listed = json.loads(ask("list", "--params", own, "--json").stdout)["frameworks"]
    assert len(listed) == 22
    [mine] = [one for one in listed if one["framework"] == "Our scheme"]
    assert (mine["clauses"], mine["mappings"], mine["verified"]["unverified"]) == (3, 3, 1)
    shown = ask("show", "our scheme", "--params", own)
    assert "RET-01 serves no clause: it says nothing of retention" in shown.stdout
    assert "1 unverified: nobody checked this against the text." in shown.stdout
    page = tmp_path / "page.html"
    done = ask("relabel", bundle, "scheme:2026", "--params", own, "--key", g.KEY.fingerprint, "--out", page, "--json")
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert record["made"] == "none"
    assert record["key_named"]
    assert record["bundle"]["tagmanifest_sha256"] == g.sha(told(g.good()), "tagmanifest-sha256.txt")
    assert [(one["clause"], one["coverage"], one["verdict"]) for one in record["framework"]["clauses"]] == [
        ("1.1", "covered", "FAIL"),
        ("1.2", "partly", "PASS"),
        ("1.3", "gap", None),
    ]
    text = page.read_text(encoding="utf-8")
    assert mine["sha256"] in text
    assert words("fr").text("texts.verified.unverified") in text
    assert "<script" not in text


@pytest.mark.slow
def test_relabelled_text_tells_coverage_and_outcome_apart(bundle: Path) -> None:
    done = ask("relabel", bundle, "27701:2025")
    assert done.exit_code == 0, done.output
    assert re.search(r"^A\.1\.3\.10 +partly +FAIL +REQ-02 FAIL \(partial\); not in scope: ", done.stdout, re.MULTILINE)
    assert re.search(r"^A\.3\.14 +partly +PASS +COM-02 PASS \(partial\)", done.stdout, re.MULTILINE)
    assert "No --key was given" in done.stdout
    assert "unverified: nobody checked this against the text." in done.stdout
    assert "%" not in done.stdout


@pytest.mark.slow
def test_a_bundle_that_does_not_verify_is_not_read(bundle: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = ask("relabel", bundle, "gdpr", "--key", g.OTHER_KEY.fingerprint, "--out", page)
    assert done.exit_code == 2
    assert "nothing was relabelled" in done.stderr
    assert not page.exists()


def test_a_page_in_the_bundle_and_a_name_of_nothing_are_refused(bundle: Path, tmp_path: Path) -> None:
    assert "break it" in ask("relabel", bundle, "gdpr", "--out", bundle / "data" / "x.html").stderr
    assert ask("relabel", tmp_path / "none", "gdpr").exit_code == 2
    done = ask("show", "27701")
    assert (done.exit_code, "iso-iec-27701-2019, iso-iec-27701-2025" in done.stderr) == (2, True)
    assert ask("list", "--params", tmp_path / "none").exit_code == 2


def test_the_migration_is_told_with_how_far_it_was_checked() -> None:
    done = ask("diff", "27701:2019", "27701:2025")
    assert done.exit_code == 0
    assert "24 renumbered." in done.stdout
    assert "Every clause of the later text is served by a control that served its counterpart." in done.stdout
    assert "17 secondary: " in done.stdout
    assert "7 unverified: " in done.stdout
    assert re.search(r"^7\.3\.9 +renumbered +A\.1\.3\.10 +COM-01, REQ-01", done.stdout, re.MULTILINE)


def test_an_error_of_a_file_is_one_line_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "frameworks").mkdir()
    (tmp_path / "frameworks" / "own.csv").write_text(CSV.replace("COM-02", "COM-03"), encoding="utf-8")
    done = ask("list", "--params", tmp_path)
    assert done.exit_code == 2
    assert (
        "own.csv, line 3, column 1: control_id: there is no control COM-03; the nearest known is COM-0" in done.stderr
    )
