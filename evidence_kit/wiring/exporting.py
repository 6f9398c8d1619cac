"""Working papers and a printed report, made beside a sealed bundle and never into it.

The bundle must pass the kit's own verifier; every file read after that is held against its manifest. Nothing is put in
place before everything was scanned for what must not leave, and, where the ledger that signed the bundle and its keys
are here, before an entry says who took what.
Source: docs/norm/notebook-gate.md, section 7; docs/norm/bundle.md, section 4.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from evidence_kit.edges import browser, bundles, ledger_file
from evidence_kit.edges.archive import write_whole
from evidence_kit.edges.collector import seal_process
from evidence_kit.edges.ledger_file import LedgerFile
from evidence_kit.edges.scan import Scanner
from evidence_kit.edges.vault import Vault
from evidence_kit.errors import ParameterError, SealError
from evidence_kit.ledger.chain import Action
from evidence_kit.model import disclosure
from evidence_kit.model.audit import Engagement
from evidence_kit.pages.payload import Payload, Seal
from evidence_kit.pages.printed import printed
from evidence_kit.pages.workpapers import workbook
from evidence_kit.wiring import batch, closing, keys, leaving, ours, places, releasing, verifying

LANGUAGES: Final = ("en", "fr")
_STREAM: Final = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
_TEXT: Final = re.compile(rb"\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f]{8,}>")
#: Folders and files of data/ that the working papers are read from.
READ: Final = (
    "engagement.json", "controls.json", "summary.json", "findings.jsonl", "ledger.jsonl", "draws/", "results/",
    "frames/",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: which bundle (folder or ZIP), which forms and languages, and the folder they go to (None: beside
    the bundle). `keys`: the signers that are trusted; without one the bundle need only be whole. `engagement`: its
    file, where params/engagements has none of its name. `actor`: who asks, an id of its people; None is its first dpo,
    or the first of them."""

    bundle: Path
    xlsx: bool
    pdf: bool
    languages: tuple[str, ...] = LANGUAGES
    out: Path | None = None
    keys: tuple[str, ...] = ()
    engagement: str | None = None
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the bundle and the digest that was signed, the files with their SHA-256, whether the values
    behind the pseudonyms were among what the scan looked for, and the ledger's entry of it (None: no ledger here)."""

    bundle: str
    tagmanifest_sha256: str
    files: Mapping[str, str]
    values_known: bool
    seq: int | None


@dataclass(frozen=True, slots=True)
class _House:
    """The engagement of a bundle on the machine of those who hold it: its folder with the ledger, and its vault."""

    agreed: Engagement
    home: Path
    vault: Vault


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
    with bundles.opened(path) as bundle, _refused(path):
        say("checking the bundle with its verifier")
        verifying.passed([path], [bundle], asked.keys, "nothing was written")
        sealed = bundle.sealed()
        catalogue = json.loads(bundle.content(bundles.CATALOGUE, sealed))
        house = _house(asked, path, bundle)
        if asked.actor is not None and house is None:
            raise ParameterError(
                "--actor: neither the ledger nor the keys of this bundle are here, so nothing is entered."
            )
        scanner, known = _scanner(house, path, bundle, catalogue)
        made: dict[str, bytes] = {}
        if asked.xlsx:
            say("making the working papers")
            made |= _workbooks(asked, bundle, sealed, catalogue)
        for name, data in made.items():
            _refuse_leaks(scanner, name, _members(data))
        if printer is not None:
            made |= _reports(asked, bundle, sealed, catalogue["sealed_at"], printer, scanner, say)
        files = {str(folder / name): sha256(data).hexdigest() for name, data in made.items()}
        seq = None if house is None else _entered(house, asked, bundle, sorted(files.values()))
    for name, data in made.items():
        write_whole(folder / name, data, mode=0o600)
    return Exported(bundle.name, bundle.tagmanifest_sha256, files, known, seq)


def _entered(house: _House, asked: Asked, bundle: bundles.Bundle, digests: list[str]) -> int | None:
    """The number of the entry that says who took what; None where another ledger signed the bundle."""
    agreed, home = house.agreed, house.home
    people = [one for one in agreed.actors if one.actor.startswith("person:")]
    first = next((one for one in people if one.role == "dpo"), people[0] if people else None)
    actor = ours.actor_among(agreed, asked.actor or (first.actor.partition(":")[2] if first else None))
    with batch.alone(home, agreed.id):
        ledger = LedgerFile(home, agreed.id, places.clock, house.vault.entry_salt)
        if not ours.signed_by(ledger, bundle):
            return None
        said = {"tagmanifest_sha256": bundle.tagmanifest_sha256, "files_sha256": digests}
        return ledger.append(Action(actor, "bundle.exported", f"bundle:{bundle.name}", said)).seq


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    """A bundle that verifies, and yet lacks what a sheet or a page to print must show: one of another version."""
    try:
        yield
    except ValueError as error:
        raise ParameterError(f"{path} lacks what is shown of it. {error}. Nothing was written.") from error


def _house(asked: Asked, path: Path, bundle: bundles.Bundle) -> _House | None:
    """The engagement's ledger and keys, where they are on this machine."""
    home = next((folder for folder in path.parents[:3] if (folder / ledger_file.NAME).is_file()), None)
    if home is None or not _stated(asked, bundle):
        return None
    agreed = ours.engagement_of(asked.engagement, bundle.engagement)
    vault_folder = home / "vault" if agreed.rehearsal is not None else places.vault_folder(agreed.id)
    if not vault_folder.is_dir():
        return None
    seal_process()
    return _House(agreed, home, keys.opened(agreed, home))


def _clauses(bundle: bundles.Bundle) -> frozenset[str]:
    """The clauses of the texts that a bundle holds; none where its level or its version holds no text."""
    sealed, name = bundle.sealed(), "data/frameworks.json"
    texts = json.loads(bundle.content(name, sealed))["frameworks"] if name in sealed else ()
    return frozenset(str(clause["clause"]) for text in texts for clause in text["clauses"])


def _scanner(
    house: _House | None, path: Path, bundle: bundles.Bundle, catalogue: Mapping[str, Any]
) -> tuple[Scanner, bool]:
    """What is looked for, and whether the values behind the pseudonyms are among it: they are where the engagement's
    keys and, for a derived bundle, the full one are on this machine. What looks personal by its form is met anywhere.
    """
    by_form = Scanner({}, names=closing.local_names(), public=_clauses(bundle))
    if house is None:
        return by_form, False
    agreed, home, vault = house.agreed, house.home, house.vault
    if catalogue["level"] == disclosure.FULL:
        return leaving.scanner(vault, agreed, home, bundle).scanner, True
    origin = home / str(catalogue["derived_from"]["bundle"])
    full = origin if origin.is_dir() else origin.with_name(origin.name + ".zip")
    if not full.exists():
        return by_form, False
    with bundles.opened(full) as whole:
        if whole.tagmanifest_sha256 != catalogue["derived_from"]["tagmanifest_sha256"]:
            raise ParameterError(f"{full} is not the bundle that {path} was made from. Take it as it was sealed.")
        parts = releasing.read(whole, json.loads(whole.content(bundles.CATALOGUE, whole.sealed()))).parts
        # Names that may be ordinary words are not looked for: between quotes of a workbook's XML stand numbers.
        return leaving.look(vault, agreed, home, whole, parts, catalogue["level"]).scanner, True


def _stated(asked: Asked, bundle: bundles.Bundle) -> bool:
    """Whether the engagement's parameters are here: named, or of that name in the checkout."""
    return asked.engagement is not None or (places.PARAMS / "engagements" / f"{bundle.engagement}.yaml").is_file()


def _workbooks(
    asked: Asked, bundle: bundles.Bundle, sealed: Mapping[str, str], catalogue: Mapping[str, Any]
) -> dict[str, bytes]:
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
    made_at: str,
    printer: Path,
    scanner: Scanner,
    say: Callable[[str], None],
) -> dict[str, bytes]:
    """One report a language. What is printed is scanned before the browser sees it: a scan cannot read a PDF."""
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
        # Its streams are glyphs and pictures of the page that was scanned; what the browser adds stands between them.
        _refuse_leaks(scanner, name, [(name, b"\n".join(dict.fromkeys(_TEXT.findall(_STREAM.sub(b"", made[name])))))])
    return made


def _refuse_leaks(scanner: Scanner, name: str, files: list[tuple[str, bytes]]) -> None:
    """Raises SealError that names the part and the disguise of the first value met, never the value."""
    hits = scanner.scan(files).hits
    if hits:
        raise SealError(
            f"{name}: the leak scan found {len(hits)} value(s) that must not leave; first: {hits[0]}. "
            "Nothing was written."
        )
