"""What verify.py holds in memory does not grow with a file (docs/norm/verifier.md, section 1)."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.bundles import good as g

MIB = 1 << 20
LARGE, MOST = 128 * MIB, 100 * MIB
SCRIPT = """
import resource, runpy
try:
    runpy.run_path({verifier!r}, run_name="__main__")
except SystemExit as done:
    print(done.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell how much a process held")
def test_a_large_file_is_never_held_whole(tmp_path: Path) -> None:
    bundle = g.good()
    place = bundle.write(tmp_path)
    large = place / "data" / "leaves" / "REQ-02.large.txt"
    digest = sha256()
    with large.open("wb") as file:
        file.truncate(LARGE)
    for _ in range(LARGE // MIB):
        digest.update(bytes(MIB))
    with (place / "manifest-sha256.txt").open("a") as listed:
        listed.write(f"{digest.hexdigest()}  data/leaves/REQ-02.large.txt\n")
    command = [sys.executable, "-I", "-S", "-c", SCRIPT.format(verifier=str(g.VERIFIER)), str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    code, held = done.stdout.splitlines()[-1].split()
    assert code == "1", "the bundle was not resealed"
    assert "B07 PASS" in done.stdout, "the large file was not read"
    assert int(held) * (1 if sys.platform == "darwin" else 1024) < MOST
