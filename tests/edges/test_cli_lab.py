"""`lab`: what the server is told, what a save leaves of a notebook, and that a kernel finds the collector."""

from __future__ import annotations

import copy
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner

from evidence_kit.cli import main
from evidence_kit.edges.collector import connect
from evidence_kit.errors import ParameterError, SourceError
from evidence_kit.wiring import lab, places

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "notebooks").glob("*.ipynb"))


def used(notebook: dict[str, Any]) -> dict[str, Any]:
    """The notebook as Lab holds it after a run: outputs, counts, and the metadata Lab adds."""
    held = copy.deepcopy(notebook)
    held["metadata"] |= {"language_info": {"name": "python", "version": "3.12.1"}, "widgets": {}}
    for number, cell in enumerate(held["cells"]):
        cell["metadata"] |= {"execution": {"iopub.status.busy": "now"}, "collapsed": True}
        if cell["cell_type"] == "code":
            cell["execution_count"] = number
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "jean.dupont@example.org"}]
    return held


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_a_notebook_that_was_only_run_is_saved_as_it_was(template: Path, tmp_path: Path) -> None:
    model = {"type": "notebook", "content": used(json.loads(template.read_bytes()))}
    lab.empty(model=model, path=template.name, contents_manager=None)
    saved = tmp_path / template.name
    nbformat.write(nbformat.from_dict(model["content"]), saved)
    os.utime(saved, (1_700_000_000, 1_700_000_000))
    lab.tidy(model={"type": "notebook"}, os_path=str(saved), contents_manager=None)
    assert saved.read_bytes() == template.read_bytes()
    assert saved.stat().st_mtime == 1_700_000_000


def test_a_save_keeps_what_the_analyst_wrote() -> None:
    notebook = used(json.loads(TEMPLATES[0].read_bytes()))
    cell = next(cell for cell in notebook["cells"] if cell["metadata"].get("tags"))
    cell["source"] = 'engagement: str = "doj-foia"'
    lab.empty(model={"type": "notebook", "content": notebook})
    assert (cell["source"], cell["metadata"]) == ('engagement: str = "doj-foia"', {"tags": ["parameters"]})


def test_other_files_are_saved_as_they_are(tmp_path: Path) -> None:
    model = {"type": "file", "content": "outputs"}
    lab.empty(model=model)
    assert model["content"] == "outputs"
    note = tmp_path / "note.txt"
    note.write_text("text")
    lab.tidy(model={"type": "file"}, os_path=str(note))
    assert note.read_text() == "text"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux may have no display")
def test_no_display_no_browser() -> None:
    assert not lab.has_display({})
    assert not lab.has_display({"XDG_RUNTIME_DIR": "/run"})
    assert lab.has_display({"WAYLAND_DISPLAY": "wayland-0"})


@pytest.mark.parametrize(
    ("arguments", "engagement", "rest", "browser"),
    [
        ([], "rehearsal", (), True),
        (["doj-foia", "--port", "9000"], "doj-foia", ("--port", "9000"), True),
        (["--port=9000", "--no-browser"], "rehearsal", ("--port=9000",), False),
    ],
)
def test_arguments_go_to_lab_as_they_are(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], engagement: str, rest: tuple[str, ...], browser: bool
) -> None:
    seen: list[object] = []

    def serve(agreed: Any, out: Path, say: object, given: tuple[str, ...], *, browser: bool) -> int:
        seen.extend((agreed.id, given, browser))
        return 7

    monkeypatch.setattr(lab, "serve", serve)
    assert CliRunner().invoke(main, ["lab", *arguments]).exit_code == 7
    assert seen == [engagement, rest, browser]


# -- with a collector, and with a server -------------------------------------------------------------------------------

TRIED = """\
import os, sys
from pathlib import Path
from evidence_kit.wiring import lab, places
os.environ["MY_SECRET"] = "s"
with lab.collected(places.load("rehearsal"), Path(sys.argv[1]), lambda _: None) as variables:
    assert "MY_SECRET" not in os.environ
    os.environ.update(variables)
    from evidence_kit import workbook
    book = workbook.open("rehearsal", "latest")
    print(len(book.freeze()), "a draft" in str(book._repr_mimebundle_()))
"""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("outputs")


@pytest.mark.slow
def test_a_kernel_of_lab_finds_the_collector_and_writes_a_draft(outputs: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", TRIED, str(outputs)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.stdout == "31 True\n", found.stderr
    ledgers = list((outputs / "rehearsal" / "drafts").glob("*/ledger.jsonl"))
    entries = [json.loads(line) for line in ledgers[0].read_text("utf-8").splitlines()]
    runs = [one for one in entries if one["action"] in ("run.started", "run.ended")]
    assert [one["data"].get("launcher", one["data"].get("status")) for one in runs] == ["lab", "refused"]
    assert not (outputs / "rehearsal" / "ledger.jsonl").exists()


def free_port() -> str:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def until_it_listens(port: int, process: subprocess.Popen[str]) -> None:
    """Jupyter prints its address a moment before it listens there."""
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the server printed its address and never listened")


@pytest.mark.slow
def test_the_server_asks_for_its_token_and_saves_without_outputs(outputs: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in lab.DISPLAY}
    process = subprocess.Popen(
        [sys.executable, "-m", "evidence_kit", "lab", "--out", str(outputs), "--port", free_port(), "-q"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    before = TEMPLATES[0].read_bytes()
    try:
        assert process.stderr is not None
        url, token = next(
            found.groups() for line in process.stderr if (found := re.search(r"(http://[^/]+)/lab\?(token=\w+)", line))
        )
        assert url.startswith("http://127.0.0.1:")
        until_it_listens(int(url.rpartition(":")[2]), process)
        file = f"{url}/api/contents/{TEMPLATES[0].name}"
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(file)
        plugin = "@jupyterlab/apputils-extension:notification"
        settings = json.load(urllib.request.urlopen(f"{url}/lab/api/settings/{plugin}?{token}"))
        news = settings["schema"]["properties"]["fetchNews"]["default"]
        assert (news, settings["raw"]) == ("false", "{}")
        model = json.load(urllib.request.urlopen(f"{file}?{token}&content=1"))
        body = json.dumps({"type": "notebook", "format": "json", "content": used(model["content"])}).encode()
        told = {"Content-Type": "application/json"}
        put = urllib.request.Request(f"{file}?{token}", method="PUT", data=body, headers=told)
        assert urllib.request.urlopen(put).status == 200
        assert TEMPLATES[0].read_bytes() == before
        assert not (ROOT / "notebooks" / ".ipynb_checkpoints").exists()
    finally:
        TEMPLATES[0].write_bytes(before)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 143


def test_no_collector_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Start the notebook by `run` or by `lab`"):
        connect(tmp_path / "door", "token")


def test_a_place_that_cannot_be_written_is_refused_first(tmp_path: Path) -> None:
    (tmp_path / "rehearsal").touch()
    with (
        pytest.raises(ParameterError, match="nothing can be written there"),
        lab.collected(places.load("rehearsal"), tmp_path, lambda _: None),
    ):
        pytest.fail("no collector should have been started")
    assert [path.name for path in tmp_path.iterdir()] == ["rehearsal"]
