"""A bare machine in a folder: a checkout that needs one tiny package, a home without anything, an installer of ours."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent

CLI = """\
import json, os, sys
from importlib import metadata


def main():
    names = ["tinyguest", "tinytool"]
    there = {d.metadata["Name"]: d.version for d in metadata.distributions() if d.metadata["Name"] in names}
    kept = [name for name in os.environ if name in ("PYTHONPATH", "PYTHONHOME", "EVIDENCE_KIT_BOOTSTRAPPED")]
    print(json.dumps({"python": sys.executable, "arguments": sys.argv[1:], "packages": there, "kept": kept}))
"""
VERIFY = """\
def main(arguments):
    print("verifier", *arguments)
    return 1
"""
# Stands in for `uv`: unpacks wheels. It notes each installation, and waits at a gate while a test holds it.
UV = """\
#!{python}
import os, re, sys, zipfile
from pathlib import Path

arguments = sys.argv[1:]
if arguments == ["--version"]:
    sys.exit(0)
with open(os.environ["FAKE_LOG"], "a") as log:
    print(*arguments, file=log)
if "FAKE_GATE" in os.environ:
    open(os.environ["FAKE_GATE"]).read()
if "FAKE_SAYS" in os.environ:
    print(os.environ["FAKE_SAYS"])
    sys.exit(2)
python = Path(arguments[arguments.index("--python") + 1])
site = next(python.parent.parent.glob("lib/python*/site-packages"))
for name, version in re.findall(r"^(\\w+)==([\\d.]+)", Path(arguments[-1]).read_text(), re.MULTILINE):
    version = os.environ.get("FAKE_VERSION", version)
    print(f" + {{name}}=={{version}}")
    zipfile.ZipFile(Path(os.environ["FAKE_WHEELS"]) / f"{{name}}-{{version}}-py3-none-any.whl").extractall(site)
"""


def wheel(folder: Path, name: str, version: str) -> str:
    """Write a wheel of one empty module. Returns the line of a lock that asks for it."""
    described = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": b"",
        f"{described}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{described}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = []
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={digest},{len(data)}")
    files[f"{described}/RECORD"] = "\n".join([*rows, f"{described}/RECORD,,\n"]).encode()
    target = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(target.read_bytes()).hexdigest()}\n"


@dataclass
class Machine:
    """One checkout and the surroundings its commands start in."""

    place: Path
    surroundings: dict[str, str] = field(default_factory=dict)
    where: Path = Path()

    def __post_init__(self) -> None:
        for name in ("home", "bin", "wheels", "empty"):
            (self.place / name).mkdir()
        package = self.checkout / "evidence_kit"
        shutil.copytree(
            ROOT / "evidence_kit" / "bootstrap", package / "bootstrap", ignore=shutil.ignore_patterns("__pycache__")
        )
        for name in ("__init__.py", "__main__.py"):
            shutil.copy(ROOT / "evidence_kit" / name, package)
        (package / "cli.py").write_text(CLI, "utf-8")
        (package / "verify.py").write_text(VERIFY, "utf-8")
        self.write_locks("1.0")
        wheel(self.wheels, "tinyguest", "0.9")
        os.mkfifo(self.gate)
        self.where = self.checkout
        self.surroundings = {
            "HOME": str(self.place / "home"),
            "PATH": f"{self.place / 'bin'}:/usr/bin:/bin",
            "PIP_CONFIG_FILE": os.devnull,
            "FAKE_LOG": str(self.place / "installations"),
            "FAKE_WHEELS": str(self.wheels),
        }

    @property
    def checkout(self) -> Path:
        return self.place / "checkout"

    @property
    def venv(self) -> Path:
        return self.checkout / ".venv"

    @property
    def wheels(self) -> Path:
        return self.place / "wheels"

    @property
    def gate(self) -> Path:
        """A pipe: opening it to write waits until an installer stands before it, closing it lets that one go on."""
        return self.place / "gate"

    @property
    def installations(self) -> int:
        log = self.place / "installations"
        return len(log.read_text("utf-8").splitlines()) if log.exists() else 0

    def write_locks(self, guest: str) -> None:
        core = wheel(self.wheels, "tinyguest", guest)
        (self.checkout / "requirements.lock").write_text(core, "utf-8")
        tests = core + wheel(self.wheels, "tinytool", "2.0")
        (self.checkout / "requirements-dev.lock").write_text(tests, "utf-8")

    def has_uv(self) -> Machine:
        program = self.place / "bin" / "uv"
        program.write_text(UV.format(python=sys.executable), "utf-8")
        program.chmod(0o755)
        return self

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "evidence_kit", *arguments],
            cwd=self.where,
            env=self.surroundings | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **more: str) -> Ended:
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=120)
        return Ended(process.returncode, out, err)


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        """What the command line said of where it ran. Only its one line is on standard output."""
        assert self.status == 0, self.err
        return json.loads(self.out)
