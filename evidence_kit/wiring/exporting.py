"""Working papers and a printed report, made beside a sealed bundle and never into it.

The bundle must pass the kit's own verifier; every file read after that is held against its manifest. Nothing is put in
place before everything was scanned for what must not leave. Source: docs/norm/notebook-gate.md, section 7.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from evidence_kit.edges import browser, bundles, ledger_file
from evidence_kit.edges.archive import write_whole
from evidence_kit.edges.collector import seal_process
from evidence_kit.edges.scan import Scanner
from evidence_kit.errors import ParameterError, SealError
from evidence_kit.pages.payload import Payload, Seal
from evidence_kit.pages.printed import printed
from evidence_kit.pages.workpapers import workbook
from evidence_kit.wiring import closing, keys, places, verifying

LANGUAGES: Final = ("en", "fr")
#: Folders and files of data/ that the working papers are read from.
READ: Final = (
    "engagement.json", "controls.json", "summary.json", "findings.jsonl", "ledger.jsonl", "draws/", "results/",
    "frames/",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: which bundle (folder or ZIP), which forms and languages, and the folder they go to (None: beside
    the bundle). `keys`: the signers that are trusted; without one the bundle need only be whole."""

    bundle: Path
    xlsx: bool
    pdf: bool
    languages: tuple[str, ...] = LANGUAGES
    out: Path | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the bundle and the digest that was signed, the files with their SHA-256, and whether the values
    behind the pseudonyms were among what the scan looked for."""

    bundle: str
    tagmanifest_sha256: str
    files: Mapping[str, str]
    values_known: bool


def export(asked: Asked, say: Callable[[str], None]) -> Exported:
    """Make the files. Raises ParameterError for what is no whole bundle or no place for files, SetupError without a
    browser, SealError when something that must not leave was met; then nothing was written."""
    path = asked.bundle.expanduser().resolve()
    folder = (asked.out.expanduser().resolve() if asked.out else path.parent).absolute()
    if folder == path or path in folder.parents:
        raise ParameterError(
            f"--out: {folder} lies in the bundle, and a bundle is never added to. Name another folder."
        )
    printer = browser.found() if asked.pdf else None
    with bundles.opened(path) as bundle:
        say("checking the bundle with its verifier")
        verifying.passed([path], [bundle], asked.keys, "nothing was written")
        sealed = bundle.sealed()
        scanner, known = _scanner(path, bundle)
        made: dict[str, bytes] = {}
        if asked.xlsx:
            say("making the working papers")
            made |= _workbooks(asked, bundle, sealed)
        for name, data in made.items():
            _refuse_leaks(scanner, name, _members(data))
        if printer is not None:
            made |= _reports(asked, bundle, sealed, printer, scanner, say)
    for name, data in made.items():
        write_whole(folder / name, data, mode=0o600)
    files = {str(folder / name): sha256(data).hexdigest() for name, data in made.items()}
    return Exported(bundle.name, bundle.tagmanifest_sha256, files, known)


def _scanner(path: Path, bundle: bundles.Bundle) -> tuple[Scanner, bool]:
    """What is looked for: names of this machine and, where its vault is here, whoever stands behind a pseudonym, and
    the vault's own secrets. What looks personal by its form alone is met anywhere."""
    home = path.parent
    engagement = places.PARAMS / "engagements" / f"{bundle.engagement}.yaml"
    ledger = home / ledger_file.NAME
    if not engagement.is_file() or not ledger.is_file():
        return Scanner({}, names=closing.local_names()), False
    agreed = places.load(bundle.engagement)
    vault_folder = home / "vault" if agreed.rehearsal is not None else places.vault_folder(agreed.id)
    if not vault_folder.is_dir():
        return Scanner({}, names=closing.local_names()), False
    seal_process()
    vault = keys.opened(agreed, home)
    identities = (one.text for digest in _collected(ledger) for one in vault.identities(digest))
    values = {"identity": tuple(dict.fromkeys(identities)), "secret": vault.secrets()}
    return Scanner(values, names=closing.local_names()), bool(values["identity"])


def _collected(ledger: Path) -> Iterator[str]:
    """The digests of every frame that this engagement collected: a derived bundle has others, of the same people."""
    for line in ledger.read_bytes().splitlines():
        entry = json.loads(line)
        if entry["action"] == "frame.collected":
            yield entry["data"]["frame_sha256"]


def _workbooks(asked: Asked, bundle: bundles.Bundle, sealed: Mapping[str, str]) -> dict[str, bytes]:
    catalogue = json.loads(bundle.content(bundles.CATALOGUE, sealed))
    wanted = [name for name in sealed if name.removeprefix("data/").startswith(READ)]
    payload = Payload({name.removeprefix("data/"): _parsed(name, bundle.content(name, sealed)) for name in wanted})
    kinds = {
        one["path"].removeprefix("data/"): {name: (kind, privacy) for name, kind, privacy in one["columns"]}
        for one in catalogue["artefacts"]
        if one["columns"]
    }
    seal = _seal(catalogue)
    return {
        f"{bundle.name}.{language}.xlsx": workbook(payload, seal, bundle.tagmanifest_sha256, kinds, language)
        for language in asked.languages
    }


def _parsed(name: str, data: bytes) -> object:
    return [json.loads(line) for line in data.splitlines()] if name.endswith(".jsonl") else json.loads(data)


def _seal(catalogue: Mapping[str, Any]) -> Seal:
    return Seal(
        bundle=catalogue["bundle"],
        engagement=catalogue["engagement"],
        run=catalogue["run"],
        level=catalogue["level"],
        kit=catalogue["kit"],
        sealed_at=catalogue["sealed_at"],
        head_sha256=catalogue["ledger"]["head_sha256"],
        entries=catalogue["ledger"]["entries"],
        signer=catalogue["signer"],
        demonstration=catalogue["demonstration"],
    )


def _members(data: bytes) -> list[tuple[str, bytes]]:
    """The parts of a workbook, whole: the scan itself unpacks no more than the first 16 MiB of each."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def _reports(
    asked: Asked,
    bundle: bundles.Bundle,
    sealed: Mapping[str, str],
    printer: Path,
    scanner: Scanner,
    say: Callable[[str], None],
) -> dict[str, bytes]:
    """One report a language. What is printed is scanned before the browser sees it: a scan cannot read a PDF."""
    made_at = json.loads(bundle.content(bundles.CATALOGUE, sealed))["sealed_at"]
    made = {}
    for language in asked.languages:
        under = f"data/site/{language}/"
        names = [name.removeprefix(under) for name in sealed if name.startswith(under) and name.endswith(".html")]
        names = [name for name in names if not name.startswith(("case-", "case_"))]
        pages = {name: bundle.content(under + name, sealed).decode() for name in names}
        page = printed(pages, bundle.name, language)
        name = f"{bundle.name}.{language}.pdf"
        _refuse_leaks(scanner, name, [(name, page.encode())])
        say(f"printing the report ({language})")
        made[name] = browser.pdf(printer, page, made_at)
        _refuse_leaks(scanner, name, [(name, made[name])])
    return made


def _refuse_leaks(scanner: Scanner, name: str, files: list[tuple[str, bytes]]) -> None:
    """Raises SealError that names the part and the disguise of the first value met, never the value."""
    hits = scanner.scan(files).hits
    if hits:
        raise SealError(
            f"{name}: the leak scan found {len(hits)} value(s) that must not leave; first: {hits[0]}. "
            "Nothing was written."
        )
