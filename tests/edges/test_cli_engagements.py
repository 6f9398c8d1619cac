"""Commands about an engagement: what they hand to the wiring, what they print, and what they refuse before anything."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from evidence_kit.cli import main
from evidence_kit.errors import SourceError
from evidence_kit.model.audit import Engagement
from evidence_kit.wiring import batch, places

ROOT = Path(__file__).parents[2]
NONCE = "ab" * 32
CONTROLS = [
    {"id": "REQ-01", "verdict": "PASS", "population": 360, "tested": 59, "deviations": 0},
    {"id": "REQ-02", "verdict": "FAIL", "population": 405, "tested": 405, "deviations": 15},
]
SEALED = {"bundle": "/o/rehearsal.r001", "signer": "SHA256:abc", "tagmanifest_sha256": "f" * 64, "controls": CONTROLS}


def ask(*arguments: object, **how: Any) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], **how)


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The jobs that the command line asked for; none of them is done."""
    seen: list[dict[str, Any]] = []

    def run(engagement: Engagement, out: Path, nonce: str | None, say: Callable[[str], None], **how: Any) -> object:
        say("half way")
        seen.append({"engagement": engagement, "out": out, "nonce": nonce, **how})
        return SEALED

    monkeypatch.setattr(batch, "run", run)
    return seen


# -- run ---------------------------------------------------------------------------------------------------------------


def test_run_without_arguments_audits_the_rehearsal(called: list[dict[str, Any]]) -> None:
    result = ask("run")
    assert (result.exit_code, result.stderr) == (0, "half way\n")
    assert result.stdout.splitlines() == [
        "control  population  tested  deviations  verdict",
        "REQ-01          360      59           0  PASS",
        "REQ-02          405     405          15  FAIL",
        "",
        "bundle  /o/rehearsal.r001",
        "signer  SHA256:abc",
        "digest  " + "f" * 64,
    ]
    assert called[0]["engagement"].id == "rehearsal"
    assert (called[0]["out"], called[0]["nonce"], called[0]["warm"]) == (ROOT / "outputs", None, True)


def test_run_prints_one_json_document_and_nothing_else(called: list[dict[str, Any]]) -> None:
    result = ask("run", "--json")
    assert json.loads(result.stdout) == SEALED
    assert result.stderr == "half way\n"
    assert ask("run", "--json", "--quiet").stderr == ""


def test_run_hands_its_options_on(called: list[dict[str, Any]], tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    ask("run", "doj-foia", "--source", f"requests={log}", "--nonce", NONCE, "--out", tmp_path, "--cold")
    job = called[0]
    assert (job["engagement"].id, job["engagement"].opened) == ("doj-foia", {"requests": str(log)})
    assert (job["out"], job["nonce"], job["warm"]) == (tmp_path, NONCE, False)


def test_the_outputs_folder_may_come_from_the_environment(called: list[dict[str, Any]], tmp_path: Path) -> None:
    ask("run", env={"EVIDENCE_KIT_OUT": str(tmp_path)})
    assert called[0]["out"] == tmp_path


def test_strict_is_1_when_some_control_is_not_pass(
    called: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask("run", "--strict").exit_code == 1
    monkeypatch.setitem(SEALED, "controls", CONTROLS[:1])
    assert ask("run", "--strict").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rehersal",), "nearest known is rehearsal"),
        (("no/such/file.yaml",), "no/such/file.yaml"),
        (("--nonce", "ab"), "found 2 characters"),
        (("--nonce", NONCE.upper()), "64 lower-case hex digits"),
        (("--source", "desk"), "NAME=PATH"),
        (("--source", "=x"), "NAME=PATH"),
        (("--source", "desk=a", "--source", "desk=b"), "desk is given twice"),
        (("--source", "dsk=a"), "nearest known is desk"),
        (("--out", __file__), "--out"),
        (("rehearsal", "too-much"), "unexpected extra argument"),
        (("--strickt",), "--strict"),
    ],
)
def test_run_refuses_before_anything(called: list[dict[str, Any]], arguments: tuple[str, ...], said: str) -> None:
    result = ask("run", *arguments)
    assert (result.exit_code, result.stdout, called) == (2, "", [])
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_source_that_is_not_there_is_named_and_nothing_is_begun(tmp_path: Path) -> None:
    result = ask("run", "doj-foia", "--source", f"requests={tmp_path / 'gone.csv'}", "--out", tmp_path / "o")
    assert result.exit_code == 2
    assert "gone.csv is not there" in result.stderr
    assert not list((tmp_path / "o").rglob("r0*"))


def test_a_job_that_stops_is_3(monkeypatch: pytest.MonkeyPatch) -> None:
    def stops(*_: object, **__: object) -> None:
        raise SourceError("30_requests.ipynb: refused. Nothing was sealed; the ledger says so.")

    monkeypatch.setattr(batch, "run", stops)
    result = ask("run", "--json")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "evidence_kit: 30_requests.ipynb: refused. Nothing was sealed; the ledger says so.\n"


# -- freeze, draw, abandon ---------------------------------------------------------------------------------------------


def test_freeze_shows_what_the_auditor_gets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    frozen = {"control": "REQ-01", "population": "REQ-01.requests", "count": 360, "root": "a" * 64}
    refused = {"control": "REQ-02", "population": "REQ-02.requests", "count": 9, "root": None}
    found = [
        {**frozen, "refusal": None, "commitment_sha256": "c" * 64},
        {**refused, "refusal": "duplicate-unit", "commitment_sha256": None},
    ]
    monkeypatch.setattr(batch, "freeze", lambda engagement, out, say: found)
    assert json.loads(ask("freeze", "rehearsal", "--json").stdout) == {"engagement": "rehearsal", "populations": found}
    shown = ask("freeze", "rehearsal").stdout
    assert "REQ-01  REQ-01.requests: 360 units" in shown
    assert "commitment  " + "c" * 64 in shown
    assert "commitment  none: duplicate-unit" in shown
    assert "draw rehearsal --nonce HEX" in shown


Rounds = Mapping[str, Mapping[str, int]]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Rounds]]:
    """The nonce and the further rounds of every draw that the command line asked for."""
    asked: list[tuple[str, Rounds]] = []

    def draw(engagement: Engagement, out: Path, nonce: str, say: object, extend: Rounds) -> list[dict[str, Any]]:
        asked.append((nonce, extend))
        return [{"control": "REQ-01", "drawn": 2, "units": ["DSR-0002", "DSR-0001"]}]

    monkeypatch.setattr(batch, "draw", draw)
    return asked


def test_draw_needs_a_nonce_and_lists_the_units(drawn: list[tuple[str, Rounds]]) -> None:
    assert ask("draw", "rehearsal").exit_code == 2
    assert ask("draw", "rehearsal", "--nonce", "AB").exit_code == 2
    assert drawn == []
    assert ask("draw", "rehearsal", "--nonce", NONCE).stdout == "REQ-01: 2 units\n  DSR-0002\n  DSR-0001\n"
    found = json.loads(ask("draw", "rehearsal", "--nonce", NONCE, "--json").stdout)
    assert found["samples"][0]["units"] == ["DSR-0002", "DSR-0001"]
    assert drawn == [(NONCE, {}), (NONCE, {})]


def test_draw_hands_further_rounds_on(drawn: list[tuple[str, Rounds]]) -> None:
    rounds = ("--extend", "REQ-01=34", "--extend", "RET-01:a=b:c=5", "--extend", "RET-01:short=7")
    assert ask("draw", "rehearsal", "--nonce", NONCE, *rounds).exit_code == 0
    assert drawn == [(NONCE, {"REQ-01": {"all": 34}, "RET-01": {"a=b:c": 5, "short": 7}})]


@pytest.mark.parametrize(
    "text", ["REQ-01", "REQ-01=", "=5", ":all=5", "REQ-01=0", "REQ-01=-1", "REQ-01=1.5", "REQ-01=٣"]
)
def test_draw_refuses_a_further_round_in_a_bad_form(drawn: list[tuple[str, Rounds]], text: str) -> None:
    result = ask("draw", "rehearsal", "--nonce", NONCE, "--extend", text)
    assert (result.exit_code, result.stdout, drawn) == (2, "", [])
    assert "CONTROL:STRATUM=N" in result.stderr


def test_draw_extends_no_control_that_the_engagement_does_not_have(tmp_path: Path) -> None:
    notes = tmp_path / "rehearsal" / "r001" / "notes"
    notes.mkdir(parents=True)
    (notes / "sample.REQ-01.json").write_text("{}", "utf-8")
    result = ask("draw", "rehearsal", "--nonce", NONCE, "--extend", "REQ-99=5", "--out", tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "rehearsal has no control REQ-99" in result.stderr


def test_abandon_needs_an_open_run_and_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(batch, "abandon", lambda engagement, out, reason, say: 2)
    nothing = ask("abandon", "rehearsal", "--reason", "wrong period", "--out", tmp_path)
    assert nothing.exit_code == 2
    assert "no run is open" in nothing.stderr
    (tmp_path / "rehearsal" / "r001").mkdir(parents=True)
    assert ask("abandon", "rehearsal", "--reason", "  ", "--out", tmp_path).exit_code == 2
    assert ask("abandon", "rehearsal", "--out", tmp_path).exit_code == 2
    found = ask("abandon", "rehearsal", "--reason", "wrong period", "--out", tmp_path, "--json")
    assert json.loads(found.stdout) == {"engagement": "rehearsal", "abandoned": 2}


# -- check, init -------------------------------------------------------------------------------------------------------


@pytest.fixture
def vaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EVIDENCE_KIT_VAULTS", str(tmp_path / "vaults"))
    monkeypatch.setenv("EVIDENCE_KIT_PASSPHRASE", "correct horse")
    return tmp_path / "vaults"


def test_check_says_what_would_run() -> None:
    found = json.loads(ask("check", "rehearsal", "--json").stdout)
    notebooks = {one["id"]: one["notebook"] for one in found["controls"]}
    families = {"COM": 2, "REQ": 8, "ERA": 5, "RET": 4, "REG": 4, "SND": 2, "PRO": 5, "TRC": 1}
    assert list(notebooks) == [f"{name}-0{n}" for name, count in families.items() for n in range(1, count + 1)]
    said = [notebooks[id_] for id_ in ("COM-01", "REQ-02", "ERA-03", "RET-01")]
    assert said == ["20_sample", "30_requests", "40_erasure", "50_retention"]
    said = [notebooks[id_] for id_ in ("REG-01", "PRO-05", "SND-02")]
    assert said == ["60_register", "70_processors", "80_sending"]
    assert (found["ready"], found["missing"], found["calendars"], found["limit"]) == (True, [], ["FR"], "months:1")
    assert "Ready to run." in ask("check", "rehearsal").stdout


def test_check_says_what_is_missing(vaults: Path, tmp_path: Path) -> None:
    found = json.loads(ask("check", "doj-foia", "--json").stdout)
    assert found["ready"] is False
    assert [("--source requests=PATH" in one, "init doj-foia" in one) for one in found["missing"]] == [
        (True, False),
        (False, True),
    ]
    assert ask("init", "doj-foia").exit_code == 0
    log = tmp_path / "log.csv"
    log.touch()
    assert "Ready to run." in ask("check", "doj-foia", "--source", f"requests={log}").stdout
    gone = ask("check", "doj-foia", "--source", "requests=gone.csv")
    assert (gone.exit_code, gone.stdout) == (2, "")


def test_check_names_file_line_and_nearest_key(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "params", tmp_path / "params")
    file = tmp_path / "params" / "engagements" / "doj-foia.yaml"
    file.write_text(file.read_text("utf-8").replace("timezone:", "timezon:"), "utf-8")
    line = next(n for n, text in enumerate(file.read_text("utf-8").splitlines(), 1) if text.startswith("timezon:"))
    result = ask("check", file)
    assert result.exit_code == 2
    assert f"line {line}" in result.stderr
    assert "timezone" in result.stderr
    assert all(told.startswith("evidence_kit: ") for told in result.stderr.splitlines())


def test_init_makes_keys_once(vaults: Path) -> None:
    made = ask("init", "doj-foia")
    line, fingerprint = made.stdout.splitlines()
    assert line.startswith("ssh-ed25519 ")
    assert fingerprint.startswith("SHA256:")
    assert (vaults / "doj-foia" / "vault.json").exists()
    assert "correct horse" not in made.output
    before = (vaults / "doj-foia" / "vault.json").read_bytes()
    again = ask("init", "doj-foia")
    assert (again.exit_code, again.stdout) == (2, "")
    assert (vaults / "doj-foia" / "vault.json").read_bytes() == before


def test_init_refuses_an_empty_passphrase(vaults: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVIDENCE_KIT_PASSPHRASE", "")
    assert ask("init", "doj-foia").exit_code == 2
    assert not (vaults / "doj-foia" / "vault.json").exists()


def test_the_rehearsal_needs_no_keys(vaults: Path) -> None:
    result = ask("init", "rehearsal")
    assert result.exit_code == 0
    assert "needs no keys" in result.stdout
    assert not vaults.exists()


def test_where_things_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("EVIDENCE_KIT_OUT", raising=False)
    assert places.outputs() == ROOT / "outputs"
    monkeypatch.setenv("EVIDENCE_KIT_OUT", str(tmp_path))
    assert places.outputs() == tmp_path


def test_the_sources_of_a_command_are_what_the_engagement_opens(called: list[Mapping[str, Any]]) -> None:
    ask("run", "rehearsal", "--source", "desk=a=b")
    assert called[0]["engagement"].opened == {"desk": "a=b"}
