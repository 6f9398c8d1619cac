"""A page printed to PDF by a browser of this machine, without a window, without the network, without scripts.

The browser is no dependency: it is found, or the user is told. What it writes of the time is put right afterwards.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from evidence_kit.errors import SetupError

#: Names that browsers of the Chromium family have on PATH; the variable names another, by its path.
NAMES: Final = (
    "chromium", "chromium-headless", "chromium-headless-shell", "chromium-browser", "google-chrome",
    "google-chrome-stable", "chrome", "msedge", "microsoft-edge",
)  # fmt: skip
VARIABLE: Final = "EVIDENCE_KIT_BROWSER"
#: Seconds for one report; 30 controls with 6,400 units took 40 on two cores.
PATIENCE: Final = 1800
_QUIET: Final = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-sync", "--mute-audio",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
    "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer", "--print-to-pdf-no-header", "--generate-pdf-document-outline",
)  # fmt: skip
_WHEN: Final = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}(\+00'00'|Z)\)")

#: The browser names itself with its version and the machine's system.
_MAKER: Final = re.compile(rb"/Creator \(((?:\\.|[^\\()])*)\)")
_OURS: Final = b"evidence_kit"


def found() -> Path:
    """The browser to print with. Raises SetupError, which says what to install, where there is none."""
    named = os.environ.get(VARIABLE)
    for name in [named] if named else NAMES:
        path = shutil.which(name)
        if path:
            return Path(path)
    missing = f"{VARIABLE} names no program" if named else "no browser was found to print the report with"
    raise SetupError(
        f"{missing}. Install Chromium, Chrome or Edge, or name one in {VARIABLE}; or open the pages and print them. "
        "Nothing was written."
    )


def pdf(browser: Path, page: str, made: str) -> bytes:
    """The page as PDF, A4 as its own sheet says. `made`: the instant that the file says it was made at.

    Raises SetupError where the browser writes none.
    """
    with tempfile.TemporaryDirectory(prefix="evidence-print-") as held:
        folder = Path(held)
        source, target = folder / "report.html", folder / "report.pdf"
        source.write_text(page, "utf-8")
        # Its own sandbox needs rights that a container's root has not; then the container is the sandbox.
        root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        command = [str(browser), *_QUIET, *root, f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={target}"]
        environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
        try:
            done = subprocess.run(
                [*command, source.as_uri()],
                env={**environment, "HOME": held, "TMPDIR": held, "TMP": held, "TEMP": held},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SetupError(f"{browser} did not print the report ({type(error).__name__}). Try another.") from error
        if done.returncode != 0 or not target.is_file():
            raise SetupError(
                f"{browser} did not print the report (status {done.returncode}). Name another in {VARIABLE}."
            )
        return _neutral(target.read_bytes(), made)


def _neutral(data: bytes, made: str) -> bytes:
    """The file with the instant of the sealing instead of the clock's, and our name instead of what the browser says of
    itself and the machine; no byte moves, for the file's own table counts them."""
    digits = re.sub(r"\D", "", made)[:14].encode()
    data = _MAKER.sub(lambda met: b"/Creator (" + _OURS.ljust(len(met[1]))[: len(met[1])] + b")", data)
    return _WHEN.sub(lambda met: b"/" + met[1] + b" (D:" + digits + met[2] + b")", data)
