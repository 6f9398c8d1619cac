"""Programs of the checkout that run beside the kit: its verifier, its measurements, its tests.

They get an environment of fixed names: what the user's shell says of Python, Jupyter or the kit must not change what a
test finds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from evidence_kit.edges.collector import plain_environment
from evidence_kit.errors import SetupError
from evidence_kit.wiring import places

#: Kept for tests beside the plain ones: where they run, where the public data and the programs that judge pages and
#: crates lie, how packages are reached.
KEPT = (
    "CI",
    "EVIDENCE_KIT_PAGE_TOOLS",
    "EVIDENCE_KIT_ROCRATE",
    "EVIDENCE_KIT_SHARED",
    "EVIDENCE_KIT_VENV",
    "NO_COLOR",
    "FORCE_COLOR",
    "USER",
    "LOGNAME",
    "NO_PROXY",
    "no_proxy",
)
KEPT_PREFIXES = (
    "LC_",
    "PIP_",
    "UV_",
    "SSL_CERT_",
    "PLAYWRIGHT_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "http_proxy",
    "https_proxy",
)
#: A file of tests is one piece of work: what it shares is made once. At most four: they start servers and browsers.
SIDE_BY_SIDE = ("-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile")


def environment(scratch: Path) -> dict[str, str]:
    """The environment of tests: fixed names, and folders of their own for whatever writes into a home."""
    plain = {name: value for name, value in plain_environment().items() if name != "EVIDENCE_CLOCK"}
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith(KEPT_PREFIXES)}
    return plain | kept | {"XDG_CONFIG_HOME": str(scratch / "config")} | jupyter_folders(scratch / "jupyter")


def jupyter_folders(base: Path) -> dict[str, str]:
    """Jupyter's and IPython's folders below `base`, made 0700: nothing of the user's own is read or written."""
    folders = {
        "JUPYTER_CONFIG_DIR": base / "config",
        "JUPYTER_DATA_DIR": base / "data",
        "JUPYTER_RUNTIME_DIR": base / "runtime",
        "IPYTHONDIR": base / "ipython",
    }
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {name: str(folder) for name, folder in folders.items()}


def verify(arguments: Sequence[str]) -> int:
    """verify.py as a reader without the kit runs it; its status."""
    return _run([sys.executable, "-I", "-S", str(places.ROOT / "evidence_kit" / "verify.py"), *arguments])


def bench(arguments: Sequence[str]) -> int:
    """The measurements of bench/run.py; its status. Raises SetupError outside a checkout."""
    return _run([sys.executable, str(_in_checkout("bench/run.py")), *arguments], cwd=places.ROOT)


def test(arguments: Sequence[str]) -> int:
    """pytest on tests/, then every notebook by nbval; the first status that is not 0. With arguments, pytest with them.

    Files of tests run side by side, one on each processor. Raises SetupError outside a checkout.
    """
    _in_checkout("tests/conftest.py")
    with tempfile.TemporaryDirectory(prefix="ek-") as scratch:
        around = environment(Path(scratch))
        pytest = [sys.executable, "-m", "pytest"]
        status = _run([*pytest, *(arguments or SIDE_BY_SIDE)], cwd=places.ROOT, env=around)
        if status or arguments:
            return status
        # A notebook's kernel stands in notebooks/, and what it writes is thrown away.
        around |= {"PYTHONPATH": str(places.ROOT), "EVIDENCE_KIT_OUT": str(Path(scratch) / "outputs")}
        return _run([*pytest, *SIDE_BY_SIDE, "--nbval-lax", str(places.NOTEBOOKS)], cwd=places.ROOT, env=around)


def _in_checkout(name: str) -> Path:
    path = places.ROOT / name
    if not path.exists():
        raise SetupError(
            f"{name} is not here: this command works in a checkout of evidence_kit, not in an installed copy."
        )
    return path


def _run(command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> int:
    """Run a program to its end on our own standard streams; its status, 128 and the number when a signal ended it."""
    sys.stdout.flush()
    status = subprocess.run(command, cwd=cwd, env=env, check=False).returncode
    return status if status >= 0 else 128 - status
