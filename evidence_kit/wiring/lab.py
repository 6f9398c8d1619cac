"""JupyterLab on the notebooks: a collector of one engagement in draft mode, a server on this machine only, hooks.

Lab's kernels find the collector as a batch's kernels do, by variables; what they write is a draft and is never sealed.
Saved notebooks keep no output: executed copies live in the outputs alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from evidence_kit.edges.collector import plain_environment
from evidence_kit.edges.notebooks import neutral
from evidence_kit.errors import SourceError
from evidence_kit.model.audit import Engagement
from evidence_kit.model.canonical import digest, dumps
from evidence_kit.wiring import batch, checkout, places, session

#: What a browser needs of the user's environment.
DISPLAY = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "BROWSER")
#: The metadata a template has; Lab adds the version of its Python, which would make another file of it.
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
#: Lab's own pages: nothing is asked of a server elsewhere, and nobody is asked whether it may be.
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}
CONFIG = """\
import warnings

from evidence_kit.wiring import lab

warnings.filterwarnings("ignore", "Overriding existing (pre|post)_save_hook")  # the server reads this file twice
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.root_dir = {notebooks!r}
c.ServerApp.open_browser = {browser!r}
c.ServerApp.allow_root = {root!r}
c.ServerApp.answer_yes = True
c.ContentsManager.pre_save_hook = lab.empty
c.ContentsManager.post_save_hook = lab.tidy
c.KernelManager.transport_encryption = "required"
c.FileCheckpoints.checkpoint_dir = {checkpoints!r}
c.ServerApp.terminals_enabled = False
c.ServerApp.jpserver_extensions = {{"jupyter_lsp": False}}
c.LabApp.extension_manager = "readonly"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
"""


def serve(engagement: Engagement, out: Path, say: batch.Say, arguments: Sequence[str], *, browser: bool) -> int:
    """Serve the notebooks until Lab ends; its status. `arguments` go to Lab as they are.

    Raises ParameterError and SourceError as a run does before its first notebook.
    """
    shown = {name: os.environ[name] for name in DISPLAY if name in os.environ}
    opens = browser and has_display(shown)
    with collected(engagement, out, say) as variables:
        base = out / engagement.id / "drafts" / "jupyter"
        around = {**plain_environment(), **shown, **variables, **_server(base, opens)}
        say(f"JupyterLab on {places.NOTEBOOKS}; what it writes is a draft, only `run` seals. Ctrl-C ends it.")
        command = [sys.executable, "-m", "jupyterlab", *arguments]
        process = subprocess.Popen(command, cwd=places.NOTEBOOKS, env=around)
        try:
            return _wait(process)
        finally:
            process.terminate()
            process.wait()


def _wait(process: subprocess.Popen[bytes]) -> int:
    """Its status. Ctrl-C reaches Lab too, which then ends its kernels: that is the ordinary way to stop."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        return process.wait()


def has_display(environment: Mapping[str, str]) -> bool:
    """Whether a browser could be shown. On Linux a display says so; elsewhere there is one."""
    return not sys.platform.startswith("linux") or any(environment.get(name) for name in DISPLAY[:2])


@contextmanager
def collected(engagement: Engagement, out: Path, say: batch.Say) -> Iterator[dict[str, str]]:
    """A collector in draft mode with one token for all controls: the variables by which a kernel finds it."""
    batch.stand(engagement, out)  # refuses outputs that cannot be written, before anything is made there
    home = out / engagement.id
    placed = batch.paths(engagement, home, say)
    drafts = home / "drafts"
    drafts.mkdir(mode=0o700, exist_ok=True)
    at = batch.Stand(drafts / f"{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}", "r001", False)
    job = batch.Job(engagement, at, placed, draft=True)
    try:
        say(f"opening {len(engagement.sources)} source(s)")
        job.ask("open")
        folder = at.folder / "runs" / "lab"
        folder.mkdir(parents=True, mode=0o700)
        begun = _begin(job, folder)
        yield {
            session.SOCKET: str(job.door),
            session.FOLDER: str(folder),
            session.ENGAGEMENT: str(places.located(engagement.file)),
            session.KIND: engagement.kind,
            "EVIDENCE_KIT_PAYLOAD": str(at.folder / "payload"),
            "EVIDENCE_KIT_DRAFT": "1",
            "PYTHONPATH": str(places.ROOT),
            "GX_ANALYTICS_ENABLED": "false",
        }
        # A draft passes no gate, so its run cannot have passed. The collector may be gone: Ctrl-C reaches it as well.
        with suppress(SourceError):
            job.ask("end", notebook="lab", started=begun, status="refused", gate=[], executed_sha256=None, counts=[])
    finally:
        job.close()


def _begin(job: batch.Job, folder: Path) -> int:
    """Enter the run before any kernel can ask; the number of its entry."""
    templates = [
        [path.stem, neutral.template_sha256(path.read_bytes())] for path in sorted(places.NOTEBOOKS.glob("*.ipynb"))
    ]
    begun = job.ask(
        "begin",
        notebook="lab",
        controls=list(job.controls),
        template_sha256=digest(dumps(templates)),
        params_sha256=digest(dumps({"engagement": job.engagement.id})),
        launcher="lab",
        folder=str(folder),
    )
    assert isinstance(begun, dict)
    return int(begun["started"])


def _server(base: Path, browser: bool) -> dict[str, str]:
    """Write the server's settings; the variables that make it read them and nothing of the user's own."""
    folders = checkout.jupyter_folders(base)
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    text = CONFIG.format(
        notebooks=str(places.NOTEBOOKS), checkpoints=str(base / "checkpoints"), browser=browser, root=as_root
    )
    config = Path(folders["JUPYTER_CONFIG_DIR"])
    (config / "jupyter_server_config.py").write_text(text)
    (config / "labconfig").mkdir(exist_ok=True)
    (config / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(OVERRIDES, indent=1))
    settings = {
        "JUPYTERLAB_SETTINGS_DIR": base / "lab" / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": base / "lab" / "workspaces",
    }
    return folders | {name: str(folder) for name, folder in settings.items()}


def empty(model: dict[str, Any], **_: object) -> None:
    """Before a save: a notebook loses outputs, counts, and metadata that no template has."""
    if model.get("type") != "notebook" or model.get("content") is None:
        return
    notebook = model["content"]
    notebook["metadata"] = {"kernelspec": dict(KERNEL)}
    for cell in notebook["cells"]:
        tags = cell.get("metadata", {}).get("tags")
        cell["metadata"] = {"tags": tags} if tags else {}
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None


def tidy(model: Mapping[str, Any], os_path: str, **_: object) -> None:
    """After a save: the file in the form of the templates, one text a cell, so that an unchanged one stays the same.

    The time of the file is kept: Lab would take another for a change by somebody else.
    """
    if model.get("type") != "notebook":
        return
    path = Path(os_path)
    saved = path.stat()
    notebook = json.loads(path.read_bytes())
    for cell in notebook["cells"]:
        if isinstance(cell["source"], list):
            cell["source"] = "".join(cell["source"])
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    os.utime(path, ns=(saved.st_atime_ns, saved.st_mtime_ns))
