"""From a sealed auditor-full bundle to what a recipient may have: projected, rendered, scanned, sealed, entered.

The bundle is one that this ledger signed, byte for byte. Everything is scanned before anything is written, and the
ledger says who released what to whom, or nothing is left. Source: docs/norm/bundle.md, section 9;
docs/norm/bundle-files.md, "Derived levels"; docs/releasing.md.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from evidence_kit import steps
from evidence_kit.edges import bundles
from evidence_kit.edges.collector import seal_process
from evidence_kit.edges.ledger_file import LedgerFile
from evidence_kit.edges.vault import Vault
from evidence_kit.errors import ParameterError, SealError
from evidence_kit.ledger import catalogue
from evidence_kit.ledger.chain import Action
from evidence_kit.ledger.manifest import AFTER_THE_HEAD
from evidence_kit.model import disclosure
from evidence_kit.model.audit import Engagement, Recipient
from evidence_kit.model.canonical import dump_line
from evidence_kit.pages.payload import Payload, Seal
from evidence_kit.pages.render import render
from evidence_kit.wiring import bagging, batch, keys, leaving, ours, places
from evidence_kit.wiring.sealing import parsed

#: Below the engagement's folder: one folder a recipient, since two of them may have bundles of one name.
FOLDER = "releases"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: a bundle (folder or ZIP), a level, for whom; the controls whose finding a client is told.

    `actor`, `engagement`, `out`: as in `unmasking.Asked`.
    """

    bundle: Path
    level: str
    to: str
    tell: tuple[str, ...] = ()
    as_zip: bool = False
    actor: str | None = None
    engagement: str | None = None
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """What was released: where it lies, its digest and that of the full bundle, and the ledger's entry of it."""

    bundle: str
    place: Path
    zip: Path | None
    level: str
    recipient: str
    tagmanifest_sha256: str
    derived_from: str | None
    signer: str
    actor: str
    seq: int
    ledger: Path


@dataclass(frozen=True, slots=True)
class Full:
    """The full bundle as it was sealed: its catalogue, the files of which some level holds something, its digest."""

    catalogue: Mapping[str, Any]
    parts: tuple[disclosure.Part, ...]
    tagmanifest_sha256: str

    @property
    def roles(self) -> Mapping[str, str]:
        """Path under data/ → role, of every file."""
        return {_bare(one["path"]): str(one["role"]) for one in self.catalogue["artefacts"]}


@dataclass(frozen=True, slots=True)
class _Bag:
    """What goes into a bag, before it is written."""

    label: bagging.Label
    files: Mapping[str, bytes]


def release(asked: Asked) -> Released:
    """Release a bundle at a level to a declared recipient.

    Raises ParameterError for what cannot be accepted, SourceError while a run is going on, SealError for a leak or a
    bag that its own verifier refuses, LedgerBroken when the ledger cannot be continued. Whatever is raised, nothing
    was released.
    """
    if asked.level not in disclosure.LEVELS:
        raise ParameterError(f"--level: known are {', '.join(disclosure.LEVELS)}.")
    if asked.tell and asked.level != disclosure.CLIENT:
        raise ParameterError(f"--tell is for level {disclosure.CLIENT}; the others hold every finding.")
    path = asked.bundle.expanduser().resolve()
    with bundles.opened(path) as bundle:
        engagement = ours.engagement_of(asked.engagement, bundle.engagement)
        recipient = declared(engagement, asked.to, asked.level)
        actor = ours.actor_among(engagement, asked.actor)
        home = ours.home_of(path, engagement.id, asked.out)
        seal_process()
        vault = keys.opened(engagement, home)
        if asked.level != disclosure.FULL:
            vault.sign_with(keys.signer(engagement, vault))
        with batch.alone(home, engagement.id):
            ledger = LedgerFile(home, engagement.id, places.clock, vault.entry_salt)
            ours.refuse_unsigned(ledger, bundle)
            catalogued = json.loads(bundle.content(bundles.CATALOGUE, bundle.sealed()))
            if catalogued["level"] != disclosure.FULL:
                raise ParameterError(
                    f"{path} is a bundle of level {catalogued['level']}. What is released is made from the "
                    f"{disclosure.FULL} one: give that."
                )
            said = {"level": asked.level, "recipient": recipient.id}
            if asked.level == disclosure.FULL:
                place, digest = path, bundle.tagmanifest_sha256
                archive = _whole(asked, bundle, leaving.scanner(vault, engagement, home, bundle))
                entry = ledger.append(Action(actor, "bundle.released", f"bundle:{bundle.name}", said))
                name, origin = bundle.name, None
            else:
                full = read(bundle, catalogued)
                bag = _derived(asked, engagement, home, vault, bundle, full)
                name, origin = bag.label.bundle, full.tagmanifest_sha256
                place, digest, archive, new = _written(asked, home, vault, bag)
                try:
                    if not _signed(ledger, digest):
                        made = {"tagmanifest_sha256": digest, "fingerprint": vault.fingerprint}
                        ledger.append(Action(steps.COLLECTOR, "bundle.signed", f"bundle:{name}", made))
                    entry = ledger.append(Action(actor, "bundle.released", f"bundle:{name}", said))
                except BaseException:
                    _unmade(new)  # what no ledger knows of is not released
                    raise
    return Released(
        *(name, place, archive, asked.level, recipient.id, digest, origin),
        *(bundle.signer if origin is None else vault.fingerprint, actor, entry.seq, ledger.path),
    )


def declared(engagement: Engagement, to: str, level: str) -> Recipient:
    """The recipient of that id. Raises ParameterError for one not declared, or whose level is farther than asked."""
    known = {one.id: one for one in engagement.recipients}
    if to not in known:
        names = ", ".join(known) or "nobody: add `recipients` to it"
        raise ParameterError(
            f"--to: the engagement declares no recipient of that id. Declared in {engagement.file}: {names}."
        )
    if not disclosure.may_have(known[to].level, level):
        raise ParameterError(
            f"--level: {to} may have {known[to].level}, not {level}. Nothing was released. If that is wrong, change "
            f"`recipients` in {engagement.file}."
        )
    return known[to]


def _bare(path: str) -> str:
    return path.removeprefix("data/")


def read(bundle: bundles.Bundle, catalogued: Mapping[str, Any]) -> Full:
    """A full bundle, each file held against what was sealed. `catalogued`: its catalogue."""
    sealed = bundle.sealed()
    parts = tuple(
        disclosure.Part(
            _bare(one["path"]),
            one["role"],
            bundle.content(one["path"], sealed),
            tuple((name, kind, privacy) for name, kind, privacy in one["columns"] or ()),
        )
        for one in catalogued["artefacts"]
        if one["role"] in disclosure.HELD[disclosure.PSEUDONYMISED]
    )
    return Full(catalogued, parts, bundle.tagmanifest_sha256)


def _derived(
    asked: Asked, engagement: Engagement, home: Path, vault: Vault, bundle: bundles.Bundle, full: Full
) -> _Bag:
    """The whole derived bundle in memory: projected, rendered, scanned."""
    pseudonyms = disclosure.Pseudonyms(vault.release_key(asked.level, asked.to))
    try:
        files = disclosure.project(asked.level, full.parts, pseudonyms, frozenset(asked.tell))
    except ValueError as error:
        raise ParameterError(f"--tell: {error}.") from error
    if asked.level == disclosure.PSEUDONYMISED:
        files["blinding.txt"] = (vault.release_blinding(asked.level, asked.to, full.tagmanifest_sha256) + "\n").encode()
    look = leaving.look(vault, engagement, home, bundle, full.parts, asked.level)
    files["scan.json"] = _scanned(look, files)
    name = disclosure.bundle_id(full.catalogue["bundle"], asked.level)
    origin = {"bundle": full.catalogue["bundle"], "tagmanifest_sha256": full.tagmanifest_sha256}
    seal = Seal(
        name,
        engagement.id,
        full.catalogue["run"],
        asked.level,
        full.catalogue["kit"],
        full.catalogue["sealed_at"],
        full.catalogue["ledger"]["head_sha256"],
        full.catalogue["ledger"]["entries"],
        vault.fingerprint,
        full.catalogue["demonstration"],
        origin,
    )
    pages = render(Payload({name: parsed(name, data) for name, data in files.items()}), seal)
    files = {**files, **pages}
    head = {
        **{key: full.catalogue[key] for key in ("format", "version", "engagement", "run", "demonstration")},
        **{key: full.catalogue[key] for key in ("sealed_at", "kit", "ledger")},
        "bundle": name,
        "level": asked.level,
        "signer": vault.fingerprint,
        "derived_from": origin,
        "withheld": disclosure.withheld(full.roles, frozenset(files)),
        "external": full.catalogue["external"] if asked.level == disclosure.PSEUDONYMISED else [],
    }
    listed = {_bare(one["path"]): one for one in full.catalogue["artefacts"] if one["role"] not in disclosure.MADE}
    files["bundle.json"] = dump_line(catalogue.derived(head, files, listed))
    organisation = json.loads(files["engagement.json"])["organisation"]["name"]
    label = bagging.Label(name, asked.level, organisation, full.catalogue["sealed_at"], *_signer(vault))
    shown = {path: data for path, data in files.items() if path in pages or path in ("bundle.json", "scan.json")}
    look.refuse(look.scan({f"{name}/data/{path}": data for path, data in shown.items()}))
    return _Bag(label, files)


def _signer(vault: Vault) -> tuple[str, str]:
    """The key that signs, as a label names it: its fingerprint and its public line."""
    return vault.fingerprint, vault.public_line


def _scanned(look: leaving.Look, files: Mapping[str, bytes]) -> bytes:
    """Look at what is not made by us, and write down what was looked for: `scan.json` of this level."""
    report = look.scan({f"data/{path}": data for path, data in files.items()})
    look.refuse(report)
    listed = sorted((f"data/{path}" for path in files), key=str.encode)
    return dump_line(
        {
            "hits": 0,
            "values": report.values,
            "canaries": report.canaries,
            "encodings": list(report.encodings),
            "files": [
                {"path": path, "sha256": sha256(files[_bare(path)]).hexdigest()}
                for path in listed
                if not path.startswith(AFTER_THE_HEAD)
            ],
        }
    )


def _written(asked: Asked, home: Path, vault: Vault, bag: _Bag) -> tuple[Path, str, Path | None, tuple[Path, ...]]:
    """Where the bag lies now, its digest, its ZIP, and what of it is new. The same bag, released again, stays."""
    folder = home / FOLDER / asked.to
    stage = folder / ".stage"
    shutil.rmtree(stage, ignore_errors=True)
    made, digest = bagging.build(bag.label, stage, bag.files, lambda _: None, lambda text: vault.sign(text.encode()))
    place, new = folder / bag.label.bundle, []
    if place.exists():
        known = sha256((place / bundles.TAGS).read_bytes()).hexdigest()
        shutil.rmtree(stage)
        if known != digest:
            raise ParameterError(
                f"{place} is there and is another bag than this release would be. Move it away: what was handed out "
                "is not overwritten."
            )
    else:
        os.rename(made, place)
        stage.rmdir()
        new.append(place)
    archive = place.with_name(place.name + ".zip")
    if not asked.as_zip:
        return place, digest, None, tuple(new)
    if not archive.exists():
        new.append(archive)
    try:
        _same(bagging.zipped(place), place)
    except BaseException:
        _unmade(tuple(new))
        raise
    return place, digest, archive, tuple(new)


def _whole(asked: Asked, bundle: bundles.Bundle, look: leaving.Look) -> Path | None:
    """The full bundle as it is: looked through once more but for its openings, and zipped where asked."""
    sealed = bundle.sealed()
    for name in (*(one for one in sealed if not one.startswith("data/openings/")), *bundles.TAG_FILES):
        data = bundle.content(name, sealed) if name in sealed else bundle.tag_file(name)
        look.refuse(look.scan({f"{bundle.name}/{name}": data}))
    path = asked.bundle.expanduser().resolve()
    if not asked.as_zip or not path.is_dir():
        return path if not path.is_dir() else None
    archive = bagging.zipped(path)
    _same(archive, path)
    return archive


def _same(archive: Path, folder: Path) -> None:
    """The ZIP holds what was scanned, under the names that were, and nothing else. Raises SealError."""
    wanted = {f"{folder.name}/{name}": sha256(data).hexdigest() for name, data in bagging.read(folder).items()}
    with zipfile.ZipFile(archive) as held:
        found = {name: sha256(held.read(name)).hexdigest() for name in held.namelist()}
    if found != wanted:
        archive.unlink()
        raise SealError(f"{archive} does not hold the files of {folder}. It was removed; try again.")


def _signed(ledger: LedgerFile, digest: str) -> bool:
    entries = (entry.data for entry in ledger.entries if entry.action == "bundle.signed" and entry.data is not None)
    return any(data["tagmanifest_sha256"] == digest for data in entries)


def _unmade(paths: tuple[Path, ...]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
