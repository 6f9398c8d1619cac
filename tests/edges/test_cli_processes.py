"""The command line as a real process: how fast it answers, what it passes on, and how it ends by a signal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evidence_kit.wiring import checkout

pytestmark = pytest.mark.slow  # real processes

ROOT = Path(__file__).parents[2]
HEAVY = (
    "duckdb",
    "great_expectations",
    "pandas",
    "jinja2",
    "babel",
    "holidays",
    "nbformat",
    "pydantic",
    "cryptography",
)


def kit(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "evidence_kit", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_help_imports_nothing_heavy() -> None:
    code = f"import sys; from evidence_kit import cli; print([n for n in {HEAVY!r} if n in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_help_and_the_exit_codes_of_a_process() -> None:
    assert "Commands:" in kit("--help").stdout
    wrong = kit("plan", "--population", "100", "--tolerable", "x", "--confidence", "95%")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    found = kit("plan", "--population", "25", "--tolerable", "5%", "--confidence", "95%", "--json")
    assert json.loads(found.stdout) == {"n": 19, "accept": 0, "census": False, "bad": 2}


def test_verify_passes_its_status_and_options_on(tmp_path: Path) -> None:
    direct = kit("verify", str(tmp_path / "gone"))
    code = f"from evidence_kit.cli import main; main(['verify', {str(tmp_path / 'gone')!r}])"
    through = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (through.returncode, through.stderr) == (direct.returncode, direct.stderr) == (64, direct.stderr)
    assert checkout.verify(["--help"]) == 0


def test_pytest_gets_its_arguments_and_a_clean_environment(tmp_path: Path) -> None:
    probe = tmp_path / "test_probe.py"
    probe.write_text(
        "import os\n"
        "def test_probe():\n"
        "    assert os.environ['CI'] == 'yes'\n"
        "    assert not {'EVIDENCE_CLOCK', 'PYTHONPATH', 'JUPYTER_PATH', 'MY_SECRET'} & set(os.environ)\n"
        "def test_fails():\n"
        "    assert False\n"
    )
    spoilt = {"CI": "yes", "EVIDENCE_CLOCK": "x", "JUPYTER_PATH": "/nowhere", "MY_SECRET": "s"}
    found = kit("test", str(probe), "-q", "-p", "no:cacheprovider", **spoilt)
    assert (found.returncode, "1 failed, 1 passed" in found.stdout) == (1, True), found.stdout


def test_what_belongs_to_a_checkout_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from evidence_kit.cli import main
    from evidence_kit.wiring import places

    monkeypatch.setattr(places, "ROOT", tmp_path)
    for command in ("bench", "test"):
        result = CliRunner().invoke(main, [command])
        assert result.exit_code == 69
        assert "works in a checkout" in result.stderr


def test_bench_runs_with_its_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from evidence_kit.wiring import places

    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "run.py").write_text("import sys; sys.exit(len(sys.argv) + 40)")
    monkeypatch.setattr(places, "ROOT", tmp_path)
    assert checkout.bench(["--rounds", "3"]) == 43


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_command_with_its_status(sent: signal.Signals, status: int) -> None:
    wait = "import time, click\nfrom evidence_kit.cli.door import Door\n"
    wait += "main = Door('main')\n@main.command()\ndef wait():\n    try:\n        print('waiting', flush=True)\n"
    wait += "        time.sleep(30)\n    finally:\n        print('tidied', flush=True)\nmain(['wait'])"
    process = subprocess.Popen(
        [sys.executable, "-c", wait], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(sent)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (status, "tidied\n")
    assert "Traceback" not in err


@pytest.mark.slow
def test_run_interrupted_leaves_no_process_and_no_bundle(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "evidence_kit", "run", "--out", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("opening"):
            break
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert not list(tmp_path.rglob("bagit.txt"))
    assert _group_is_gone(process.pid)


def _group_is_gone(group: int, patience: float = 10) -> bool:
    """Whether no process of that group is left, or is gone within so many seconds."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
    return False
