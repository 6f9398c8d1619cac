"""`run --since`: what is refused before anything is run, and what is held against the bundle once more at the end."""

from __future__ import annotations

import dataclasses
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evidence_kit.cli import main
from evidence_kit.edges import bundles, visits
from evidence_kit.edges.params import load
from evidence_kit.errors import ParameterError, SealError
from evidence_kit.model.audit import Engagement, Organisation
from evidence_kit.wiring import batch, comparing
from tests.bundles import good as g
from tests.edges.params_folder import PARAMS


def mine(**other: Any) -> Engagement:
    """An engagement of the organisation of the good bundle, with its cut-off."""
    known = load("rehearsal", PARAMS, {})
    fields = {"id": "demo", "organisation": Organisation("Démo & Cie", "FR"), "as_of": datetime(2026, 2, 1, tzinfo=UTC)}
    return dataclasses.replace(known, **{**fields, **other})


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all runs, with one bundle of the engagement and what was derived from it."""
    folder = tmp_path_factory.mktemp("runs")
    g.good().write(folder / "demo")
    g.client(g.good()).write(folder / "demo")
    return folder


@pytest.mark.slow
def test_a_bare_run_is_the_full_bundle_of_this_engagement(out: Path) -> None:
    since = comparing.earlier("r001", mine(), out)
    assert since.path == (out / "demo" / g.BUNDLE).resolve()
    assert since == comparing.earlier(str(out / "demo" / g.BUNDLE), mine(), out)
    assert since.tagmanifest_sha256 == g.sha(g.good(), "tagmanifest-sha256.txt")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("other", "name", "said"),
    [
        ({"organisation": Organisation("Other", "FR")}, "r001", "of another organisation"),
        ({"as_of": datetime(2026, 1, 1, tzinfo=UTC)}, "r001", "later than that of this run"),
        ({}, "demo.r001.client", "of another level. Give the bundle of level auditor-full"),
    ],
)
def test_a_bundle_that_says_nothing_of_before_is_refused(
    other: dict[str, Any], name: str, said: str, out: Path
) -> None:
    with pytest.raises(ParameterError, match=said):
        comparing.earlier(name, mine(**other), out)


@pytest.mark.parametrize("name", ["r009", "elsewhere/demo.r001.auditor-full"])
def test_a_run_that_is_not_there_says_where_runs_are(name: str, out: Path) -> None:
    with pytest.raises(ParameterError, match="Give a path, or --out"):
        comparing.earlier(name, mine(), out)


@pytest.mark.slow
def test_nothing_is_run_where_the_earlier_bundle_does_not_verify(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    altered = shutil.copytree(out / "demo" / g.BUNDLE, tmp_path / g.BUNDLE)
    (altered / "data/blinding.txt").write_text("0" * 64 + "\n")
    monkeypatch.setattr(batch, "run", lambda *_, **__: pytest.fail("a run was begun"))
    done = CliRunner().invoke(main, ["run", "rehearsal", "--since", str(altered), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "does not verify (B07" in done.stderr
    assert "nothing was run" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_bundle_that_changed_while_the_run_went_on_is_not_compared(out: Path) -> None:
    path = out / "demo" / g.BUNDLE
    with bundles.opened(path) as bundle:
        this = visits.read(bundle, key_named=True)
    since = comparing.Since(path, this.tagmanifest_sha256 or "")
    told: Any = comparing.delta(since, this, lambda digest: digest == since.tagmanifest_sha256)
    assert [note["code"] for note in told["notes"]] == ["same-bundle"], "our ledger signed it, so its signer is named"
    with pytest.raises(SealError, match="changed since it was verified"):
        comparing.delta(dataclasses.replace(since, tagmanifest_sha256="0" * 64), this, lambda _: True)


def test_the_run_in_hand_is_read_as_its_bundle_will_be(out: Path) -> None:
    """The same function reads both; what is not known before the seal is nothing."""
    folder = out / "demo" / g.BUNDLE / "data"
    with bundles.opened(folder.parent) as bundle:
        sealed = visits.read(bundle, key_named=True)
    head = {key: getattr(sealed, key) for key in ("bundle", "engagement", "run", "signer", "kit", "demonstration")}

    def text(name: str) -> str | None:
        return (folder / name).read_text("utf-8") if (folder / name).is_file() else None

    hand = visits.in_hand(text, head, key_named=True)
    assert (hand.sealed_at, hand.tagmanifest_sha256) == (None, None)
    assert dataclasses.replace(sealed, sealed_at=None, tagmanifest_sha256=None) == hand
