"""A bag on the disk: payload, tag files, signature, the bag's own verifier, one rename; and the bag as one ZIP file.

Everything is built beside its place, in `.<bundle-id>.part/`; a crash leaves nothing or a whole bag. Every level of a
bundle is written here. Source: docs/norm/bundle.md, sections 2, 10 and 12.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from evidence_kit import __version__
from evidence_kit.edges import bundles
from evidence_kit.edges.archive import write_whole
from evidence_kit.edges.signing import allowed_line
from evidence_kit.errors import ParameterError, SealError
from evidence_kit.ledger import crate
from evidence_kit.ledger.manifest import manifest

BAGIT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
TAGMANIFEST = "tagmanifest-sha256.txt"
SIGNATURE = f"{TAGMANIFEST}.sig"
STAMP = f"{SIGNATURE}.tsr"
TAGS = ("bagit.txt", "bag-info.txt", "README.txt", "verify.py")
VERIFIER = Path(__file__).resolve().parents[1] / "verify.py"


@dataclass(frozen=True, slots=True)
class Label:
    """What the tag files say of a bag. `sealed_at`: the ledger's instant; `signer`: the key's fingerprint.

    `public_line`: the key itself, for the line of `allowed_signers` that the README shows.
    """

    bundle: str
    level: str
    organisation: str
    sealed_at: str
    signer: str
    public_line: str = ""


def build(
    label: Label,
    home: Path,
    files: Mapping[str, bytes],
    look: Callable[[Mapping[str, str]], None],
    sign: Callable[[str], str],
    stamp: Callable[[str], bytes | None] = lambda _: None,
) -> tuple[Path, str]:
    """Write the bag, have it signed, let its own verifier read it, move it into place below `home`.

    `files`: path under data/ → bytes. `look`: the last look at the pages on the disk (path under data/ → where it
    lies), which raises for a leak. `sign`: the tag manifest → an armoured SSHSIG. `stamp`: that → a time stamp over
    it, or None. Returns the bag's folder and the digest of its tag manifest. Raises SealError, and leaves the `.part`
    folder, when the verifier refuses it, or when it cannot be signed or stamped.
    """
    part = home / f".{label.bundle}.part"
    shutil.rmtree(part, ignore_errors=True)
    folder = part / label.bundle
    _write(folder / "data", files)
    # What was written after the scan: the pages, and what describes the bundle to archives.
    late = sorted(name for name in files if name.startswith("site/") or name == crate.NAME)
    look({name: str(folder / "data" / name) for name in late})
    _tag_files(folder, label)
    return finish(folder, label.signer, sign, stamp)


def finish(
    folder: Path, signer: str, sign: Callable[[str], str], stamp: Callable[[str], bytes | None]
) -> tuple[Path, str]:
    """A bag that lacks its signature alone: signed, stamped, read by its own verifier, moved into place.

    `folder`: the bag inside its `.part`. Returns and raises as `build`.
    """
    tagmanifest = (folder / TAGMANIFEST).read_text("utf-8")
    armoured = sign(tagmanifest)
    write_whole(folder / SIGNATURE, armoured.encode(), mode=0o400)
    token = stamp(armoured)
    if token is not None:
        write_whole(folder / STAMP, token, mode=0o400)
    _verify(folder, signer)
    place = folder.parent.with_name(folder.name)
    os.rename(folder, place)
    folder.parent.rmdir()
    return place, sha256(tagmanifest.encode()).hexdigest()


def read(folder: Path) -> dict[str, bytes]:
    """Every file below a folder: path → bytes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def digests(folder: Path) -> dict[str, tuple[str, int]]:
    """SHA-256 and size of every file below a folder, as it lies there, one block at a time: path → (digest, bytes)."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                digest = file_digest(file, sha256).hexdigest()
                found[path.relative_to(folder).as_posix()] = (digest, file.tell())
    return found


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        write_whole(folder / name, data, mode=0o400)


def _tag_files(folder: Path, label: Label) -> None:
    """Write the five tag files and their manifest, which is what is signed."""
    data = {f"data/{name}": found for name, found in digests(folder / "data").items()}
    size = sum(count for _, count in data.values())
    info = (
        f"Source-Organization: {label.organisation}\n"
        f"External-Identifier: {label.bundle}\n"
        f"Bagging-Date: {label.sealed_at[:10]}\n"
        f"Payload-Oxum: {size}.{len(data)}\n"
        f"Bag-Software-Agent: evidence_kit {__version__}\n"
        f"Evidence-Format: 1\n"
        f"Evidence-Level: {label.level}\n"
    )
    files = {
        "bagit.txt": BAGIT.encode(),
        "bag-info.txt": info.encode(),
        "manifest-sha256.txt": manifest({name: digest for name, (digest, _) in data.items()}).encode(),
        "README.txt": _readme(label).encode(),
        "verify.py": VERIFIER.read_bytes(),
    }
    _write(folder, files)
    tags = manifest({name: sha256(content).hexdigest() for name, content in files.items()})
    write_whole(folder / TAGMANIFEST, tags.encode(), mode=0o400)


def _readme(label: Label) -> str:
    who = label.bundle.partition(".")[0]
    line = f"    {allowed_line(who, label.public_line)}\n\n" if label.public_line else ""
    allowed = f"allowed_signers is a file with this line, once its key is known to you by another way:\n\n{line}"
    return (
        f"{label.bundle}\n\n"
        "An evidence bundle. Open data/site/index.html in a browser; no network is needed.\n\n"
        "To check it, with Python 3.9 or newer and nothing else:\n\n"
        f"    python3 -I -S verify.py . --key {label.signer}\n\n"
        "The fingerprint above proves nothing by itself: compare it with the one you were given by another way\n"
        "(letter, telephone, contract). The verify.py in this folder could have been altered with the rest; take one\n"
        "from the evidence_kit release you trust, and pass it this folder. To check the seal alone, with OpenSSH:\n\n"
        f"    ssh-keygen -Y verify -f allowed_signers -I {who} -n evidence-kit-bundle-v1 \\\n"
        "        -s tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt\n\n"
        f"{allowed if line else ''}"
        "If tagmanifest-sha256.txt.sig.tsr is there, it is a time stamp over the seal. To check it, with OpenSSL and\n"
        "the certificates of the authority:\n\n"
        "    openssl ts -verify -data tagmanifest-sha256.txt.sig -in tagmanifest-sha256.txt.sig.tsr \\\n"
        "        -CAfile authority.pem\n"
    )


def _verify(folder: Path, signer: str) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verify.py"), str(folder), "--key", signer, "--json"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode == 0:
        return
    try:
        failed = [check["id"] for check in json.loads(done.stdout)["checks"] if check["status"] == "FAIL"]
    except (ValueError, KeyError):
        failed = ["V00"]
    raise SealError(
        f"the bag does not pass its own verifier ({', '.join(failed) or 'not decided'}). It stays in {folder.parent}; "
        "this is a defect of the kit: please report it with that list."
    )


def zipped(bundle: Path) -> Path:
    """The bundle as one ZIP file beside it: same bag, same bytes. Source: docs/norm/bundle.md, section 10."""
    target = bundle.with_name(bundle.name + ".zip")
    part = target.with_name(f".{target.name}.part")
    with part.open("wb") as written:
        with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as out:
            files = {path.relative_to(bundle).as_posix(): path for path in bundle.rglob("*") if path.is_file()}
            for name in sorted(files, key=str.encode):
                info = zipfile.ZipInfo(f"{bundle.name}/{name}", (1980, 1, 1, 0, 0, 0))
                info.create_system, info.create_version, info.extract_version = 3, 20, 20
                info.external_attr, info.file_size = 0o100644 << 16, files[name].stat().st_size
                with files[name].open("rb") as file, out.open(info, "w") as entry:
                    shutil.copyfileobj(file, entry, 1 << 20)
        written.flush()
        os.fsync(written.fileno())
    os.replace(part, target)
    return target


def zipped_again(bundle: Path) -> Path:
    """The ZIP of a sealed bundle. Raises ParameterError for a folder that is none, or holds anything else.

    What each file holds is `verify`'s to check; here none may be missing, and none be taken along by accident.
    """
    with bundles.opened(bundle) as one:
        if one.name != bundle.name:
            raise ParameterError(f"{bundle}: this folder is called otherwise than its bundle, {one.name}. Rename it.")
        listed = {*one.sealed(), *TAGS, "manifest-sha256.txt", TAGMANIFEST, SIGNATURE}
    there = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_symlink() or path.is_file()}
    odd = sorted((there - {STAMP}) ^ listed)
    if odd:
        where = "is not sealed with it" if odd[0] in there else "is not there"
        raise ParameterError(f"{bundle}: {odd[0]} {where}. Check the bundle with `verify`.")
    return zipped(bundle)
