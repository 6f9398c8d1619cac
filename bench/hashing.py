"""What a reader does at the least, as a process of its own: digest every file of a folder, or check a bag's digests.

`python3 -I -S bench/hashing.py loop FOLDER` is the bare loop over hashlib. `… parts FOLDER VERIFY` runs of that
verify.py what it takes for its checks B05, B06 and B07 and no other: the walk, the manifest, the digests. Both end
their line with the seconds of processor time that took, modules already imported.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import time
from types import ModuleType

BLOCK = 1 << 20


def loop(folder: str) -> int:
    """The SHA-256 of every file below the folder; the number of bytes."""
    buffer = bytearray(BLOCK)
    view, total = memoryview(buffer), 0
    for parent, _, names in os.walk(folder):
        for name in names:
            state = hashlib.sha256()
            with open(os.path.join(parent, name), "rb", buffering=0) as file:
                while count := file.readinto(buffer):
                    state.update(view[:count])
                    total += count
            state.hexdigest()
    return total


def loaded(verifier: str) -> ModuleType:
    """That verify.py as a module."""
    spec = importlib.util.spec_from_file_location("verify", verifier)
    assert spec is not None
    assert spec.loader is not None
    verify = importlib.util.module_from_spec(spec)
    sys.modules["verify"] = verify
    spec.loader.exec_module(verify)
    return verify


def parts(folder: str, verify: ModuleType) -> list[str]:
    """How the three checks ended."""
    case = verify.Case(verify.Bag(folder), [], None, [])
    return [verify.run_check(case, check).status for check in ("B05", "B06", "B07")]


def main(what: str, folder: str, *verifier: str) -> int:
    """Do one of the two and say what came of it; 1 where a check did not pass."""
    module = loaded(*verifier) if what == "parts" else None
    begun = time.process_time()
    found = [str(loop(folder))] if module is None else parts(folder, module)
    print(*found, f"{time.process_time() - begun:.6f}")
    return int(module is not None and found != ["PASS"] * 3)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
