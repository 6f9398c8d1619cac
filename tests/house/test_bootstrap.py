"""The first command on a bare machine: it works, or says what to do next; nothing half made stays."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from evidence_kit import bootstrap
from evidence_kit.bootstrap import environment, lock
from tests.house.bare import ROOT, Machine, wheel

pytestmark = pytest.mark.slow  # environments are made here

READ_BY_OLD_PYTHONS = [
    ROOT / "evidence_kit" / "__init__.py",
    ROOT / "evidence_kit" / "__main__.py",
    *sorted((ROOT / "evidence_kit" / "bootstrap").glob("*.py")),
]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def here(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The same machine, for calls in this process."""
    for name, value in machine.surroundings.items():
        monkeypatch.setenv(name, value)
    for name in ("EVIDENCE_KIT_VENV", "EVIDENCE_KIT_NO_SETUP", "EVIDENCE_KIT_BOOTSTRAPPED"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(lock, "ROOT", machine.checkout)
    monkeypatch.setattr(environment, "ROOT", machine.checkout)
    return machine


def until(lines: Iterable[str], sign: str) -> str:
    return next(line for line in lines if sign in line)


# -- what needs nothing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", READ_BY_OLD_PYTHONS, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_old_python_can_read_what_tells_it_so(path: Path) -> None:
    assert ast.parse(path.read_text("utf-8"), feature_version=(3, 7))


def test_an_old_python_is_told_what_was_found_and_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    with pytest.raises(bootstrap.SetUpError, match=r"needs Python 3\.11 or newer; this is Python 3\.9\.18, .+ Install"):
        bootstrap.find_python(tests=False)


@pytest.mark.parametrize("arguments", [[], ["--help"], ["run", "--help"], ["test", "--help"], ["version"]])
def test_help_and_version_build_nothing(machine: Machine, arguments: list[str]) -> None:
    ended = machine.has_uv().run(*arguments)
    assert ended.status == 0
    assert ("evidence_kit 0." if arguments == ["version"] else "run [ENGAGEMENT]") in ended.out
    assert not machine.venv.exists()


def test_the_help_without_packages_names_every_command() -> None:
    from evidence_kit import __main__, cli

    said = {line.split()[0] for line in __main__.USAGE.splitlines() if line.startswith("  ")}
    assert said == set(cli.main.commands) | {"verify", "version"}


def test_verify_needs_no_set_up_and_keeps_its_status(machine: Machine) -> None:
    ended = machine.run("verify", "bundle", "--json")
    assert (ended.status, ended.out) == (1, "verifier bundle --json\n")
    assert not machine.venv.exists()


# -- an environment is made, once --------------------------------------------------------------------------------------


def test_the_first_command_makes_the_environment_and_goes_on_in_it(machine: Machine) -> None:
    first = machine.has_uv().run("run", "acme", "--json", PYTHONPATH=str(machine.place))
    assert first.told["python"] == str(machine.venv / "bin" / "python")
    assert first.told["arguments"] == ["run", "acme", "--json"]
    assert first.told["packages"] == {"tinyguest": "1.0"}
    assert first.told["kept"] == []
    assert "making" in first.err
    assert "tinyguest" in (machine.venv / "setup.log").read_text("utf-8")
    second = machine.run("run")
    assert (second.told["packages"], second.err, machine.installations) == ({"tinyguest": "1.0"}, "", 1)


def test_it_works_from_another_folder(machine: Machine) -> None:
    machine.has_uv().where = machine.place / "empty"
    assert machine.run("plan", PYTHONPATH=str(machine.checkout)).told["packages"] == {"tinyguest": "1.0"}


def test_an_environment_elsewhere(machine: Machine) -> None:
    elsewhere = machine.place / "other" / "env"
    ended = machine.has_uv().run("run", EVIDENCE_KIT_VENV=str(elsewhere))
    assert ended.told["python"] == str(elsewhere / "bin" / "python")
    assert not machine.venv.exists()


def test_another_lock_makes_it_anew(machine: Machine) -> None:
    machine.has_uv().run("run")
    machine.write_locks("1.1")
    assert machine.run("run").told["packages"] == {"tinyguest": "1.1"}


def test_a_half_made_environment_is_removed_whole(machine: Machine) -> None:
    (machine.venv / "bin").mkdir(parents=True)
    (machine.venv / "pyvenv.cfg").touch()
    (machine.venv / "evidence-kit.json").write_text('{"lock": ', "utf-8")
    assert machine.has_uv().run("run").told["packages"] == {"tinyguest": "1.0"}


def test_a_folder_that_no_set_up_made_is_left_alone(machine: Machine) -> None:
    machine.venv.mkdir()
    (machine.venv / "thesis.txt").write_text("mine", "utf-8")
    ended = machine.has_uv().run("run")
    assert (ended.status, ended.out) == (69, "")
    assert "EVIDENCE_KIT_VENV" in ended.err
    assert (machine.venv / "thesis.txt").read_text("utf-8") == "mine"


def test_two_at_once_make_one(machine: Machine) -> None:
    first = machine.has_uv().start("run", FAKE_GATE=str(machine.gate))
    with machine.gate.open("w"):
        second = machine.start("run")
        assert second.stderr is not None
        assert until(second.stderr, "waiting for it")
    assert [p.wait(60) for p in (first, second)] == [0, 0]
    assert machine.installations == 1
    for process in (first, second):
        process.communicate()


def test_killed_half_way_the_next_waits_for_the_installer_and_begins_again(machine: Machine) -> None:
    first = machine.has_uv().start("run", FAKE_GATE=str(machine.gate))
    with machine.gate.open("w"):
        os.kill(first.pid, signal.SIGKILL)
        first.communicate()
        second = machine.start("run")
        assert second.stderr is not None
        assert until(second.stderr, "waiting for it")
    out, err = second.communicate(timeout=60)
    assert second.returncode == 0
    assert "making" in err
    assert '"tinyguest": "1.0"' in out
    assert machine.installations == 2


def test_interrupted_it_leaves_nothing(machine: Machine) -> None:
    process = machine.has_uv().start("run", FAKE_GATE=str(machine.gate))
    with machine.gate.open("w"):
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert not machine.venv.exists()


# -- the packages for tests --------------------------------------------------------------------------------------------


def test_test_completes_what_run_made(machine: Machine) -> None:
    machine.has_uv().run("run")
    ended = machine.run("test")
    assert ended.told["packages"] == {"tinyguest": "1.0", "tinytool": "2.0"}
    assert "completing" in ended.err
    assert machine.run("test").err == machine.run("run").err == ""
    assert machine.installations == 2


def test_completing_in_vain_leaves_what_run_uses(machine: Machine) -> None:
    machine.has_uv().run("run")
    assert machine.run("test", FAKE_SAYS="error: no route to host").status == 69
    assert machine.run("run").told["packages"] == {"tinyguest": "1.0"}
    assert machine.run("test").told["packages"] == {"tinyguest": "1.0", "tinytool": "2.0"}


def test_killed_while_completing_run_goes_on_and_test_begins_again(machine: Machine) -> None:
    machine.has_uv().run("run")
    process = machine.start("test", FAKE_GATE=str(machine.gate))
    with machine.gate.open("w"):
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert machine.run("run").err == ""
    again = machine.run("test")
    assert again.told["packages"] == {"tinyguest": "1.0", "tinytool": "2.0"}
    assert "making" in again.err


# -- where it cannot be made -------------------------------------------------------------------------------------------


def test_without_ensurepip_it_names_the_package_to_install(here: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(bootstrap.SetUpError, match=r"apt install python3\.\d+-venv"):
        bootstrap.find_python(tests=False)
    assert sorted(path.name for path in here.checkout.iterdir()) == [
        "evidence_kit",
        "requirements-dev.lock",
        "requirements.lock",
    ]


def test_without_room_nothing_is_begun(here: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 0))
    with pytest.raises(bootstrap.SetUpError, match="2 GiB"):
        bootstrap.find_python(tests=False)
    assert not here.venv.exists()


def test_where_nothing_can_be_written_it_says_where_else(machine: Machine) -> None:
    file = machine.place / "file"
    file.touch()
    ended = machine.has_uv().run("run", EVIDENCE_KIT_VENV=str(file / ".venv"))
    assert ended.status == 69
    assert "cannot be written" in ended.err
    assert "EVIDENCE_KIT_VENV=<folder>" in ended.err


@pytest.mark.slow
def test_without_a_network_it_stops_and_says_how_to_go_on(machine: Machine) -> None:
    ended = machine.has_uv().run("run", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(machine.place / "empty"))
    assert (ended.status, ended.out) == (69, "")
    assert "No matching distribution found for tinyguest==1.0" in ended.err
    assert "PIP_NO_INDEX=1 PIP_FIND_LINKS=<folder>" in ended.err
    assert not machine.venv.exists()
    assert machine.installations == 0  # pip was told where to look, so uv, which does not obey it, was not asked


@pytest.mark.slow
def test_pip_installs_from_a_folder_of_wheels(machine: Machine) -> None:
    machine.surroundings |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(machine.wheels), "PIP_USER": "1"}
    assert machine.run("run").told["packages"] == {"tinyguest": "1.0"}
    assert machine.run("test").told["packages"] == {"tinyguest": "1.0", "tinytool": "2.0"}


@pytest.mark.slow
def test_an_altered_package_is_refused(machine: Machine) -> None:
    guest = machine.checkout / "requirements.lock"
    guest.write_text(guest.read_text("utf-8").replace("sha256:", "sha256:0000")[:-5] + "\n", "utf-8")
    ended = machine.run("run", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(machine.wheels))
    assert ended.status == 69
    assert "altered" in ended.err
    assert "HTTPS_PROXY" not in ended.err
    assert not machine.venv.exists()


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("Hash mismatch for tinyguest==1.0", "altered"),
        ("error: No space left on device (os error 28)", "disk is full"),
        ("error: dns error: failed to lookup address information", "HTTPS_PROXY"),
    ],
)
def test_the_installers_words_are_repeated_with_the_next_step(machine: Machine, said: str, advice: str) -> None:
    ended = machine.has_uv().run("run", FAKE_SAYS=said)
    assert ended.status == 69
    assert said in ended.err
    assert advice in ended.err
    assert not machine.venv.exists()


def test_set_up_turned_off_names_package_found_and_wanted(machine: Machine) -> None:
    nothing = machine.run("run", EVIDENCE_KIT_NO_SETUP="1")
    assert nothing.status == 69
    assert "tinyguest: found nothing, wanted 1.0" in nothing.err
    machine.has_uv().run("run")
    machine.write_locks("1.1")
    other = machine.run("run", EVIDENCE_KIT_NO_SETUP="1")
    assert other.status == 69
    assert "wanted 1.1" in other.err


def test_a_set_up_that_did_not_help_ends_instead_of_looping(machine: Machine) -> None:
    ended = machine.has_uv().run("run", FAKE_VERSION="0.9")
    assert ended.status == 69
    assert "tinyguest: found 0.9, wanted 1.0" in ended.err
    assert machine.installations == 1


def test_an_installed_kit_has_no_lock_and_asks_only_that_its_packages_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = tmp_path / "evidence_kit-0.1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: evidence_kit\nVersion: 0.1.0\nRequires-Dist: pytest==0.1\n"
        "Requires-Dist: tinyguest==1.0\nRequires-Dist: tinytool==2.0; extra == 'dev'\n",
        "utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert lock.differences(tmp_path / "requirements.lock") == ["tinyguest: found nothing"]


def test_the_wheels_of_these_tests_are_what_their_lock_says(tmp_path: Path) -> None:
    line = wheel(tmp_path, "tinyguest", "1.0")
    path = tmp_path / "requirements.lock"
    path.write_text(line, "utf-8")
    assert lock.pins(path) == {"tinyguest": "1.0"}
