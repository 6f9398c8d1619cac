"""A bundle that waits for its seal: it stays whole in its `.part`, and is finished alone until the ledger goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evidence_kit.edges.signing import Signer
from evidence_kit.errors import ParameterError, SealError
from evidence_kit.model.audit import Stamping
from evidence_kit.wiring import bagging, batch, closing, stamping, unsealed
from tests.bundles import good as g
from tests.edges.desks import stated

SIG = bagging.SIGNATURE


def nobody(_: str) -> None:
    return None


def waiting(home: Path) -> tuple[Path, bytes]:
    """A good bundle inside its `.part`, without its signature; and that signature."""
    folder = g.good().write(home / f".{g.BUNDLE}.part")
    signature = (folder / SIG).read_bytes()
    (folder / SIG).unlink()
    return folder, signature


def test_a_bundle_that_cannot_be_signed_or_dated_stays_in_its_part(tmp_path: Path) -> None:
    folder, signature = waiting(tmp_path)
    before = bagging.read(folder)

    def refuses(_: str) -> Any:
        raise SealError("the key is away")

    with pytest.raises(SealError, match="the key is away"):
        bagging.finish(folder, g.KEY.fingerprint, refuses, nobody)
    assert bagging.read(folder) == before
    with pytest.raises(SealError, match="the key is away"):
        bagging.finish(folder, g.KEY.fingerprint, lambda _: signature.decode(), refuses)
    assert bagging.read(folder) == {**before, SIG: signature}
    place, digest = bagging.finish(folder, g.KEY.fingerprint, lambda _: signature.decode(), nobody)
    assert (place, digest) == (tmp_path / g.BUNDLE, sha256(before[bagging.TAGMANIFEST]).hexdigest())
    assert bagging.read(place) == {**before, SIG: signature}
    assert not folder.parent.exists()


def test_a_signature_of_another_key_does_not_pass_the_bags_own_verifier(tmp_path: Path) -> None:
    folder, _ = waiting(tmp_path)
    other = Signer(bytes(32))
    with pytest.raises(SealError, match=r"own verifier \(.*S04"):
        bagging.finish(folder, g.KEY.fingerprint, lambda text: other.sign(text.encode()), nobody)
    assert not (tmp_path / g.BUNDLE).exists()


def job(home: Path, **answers: Any) -> Any:
    (home / "r001" / "notes").mkdir(parents=True)

    def ask(verb: str, **_: object) -> object:
        raise answers[verb]

    return SimpleNamespace(at=batch.Stand(home, "r001", True), ask=ask, engagement=stated("doj-foia"))


def test_whoever_waits_is_told_where_and_how_it_is_finished(tmp_path: Path) -> None:
    sign, _ = unsealed.finishing(job(tmp_path, sign=SealError("the ssh-agent refuses.")), "doj-foia.r001.x", nobody)
    with pytest.raises(
        SealError, match=r"refuses\. .*its signature alone: .*\.part.*evidence_kit seal .*doj-foia"
    ) as told:
        sign("tags\n")
    assert told.value.exit_code == 3
    noted = json.loads((tmp_path / "r001" / "notes" / unsealed.NOTE).read_text())
    assert noted == {"bundle": "doj-foia.r001.x", "tagmanifest_sha256": sha256(b"tags\n").hexdigest()}


def test_an_optional_time_stamp_is_done_without_and_that_is_said(tmp_path: Path) -> None:
    """The authority is one that nobody can reach; its certificates are there."""
    from tests.edges import authority

    if authority.OPENSSL is None:
        pytest.skip("openssl is not installed")
    agreed = Stamping("http://127.0.0.1:9/", str(authority.make(tmp_path)), optional=True)
    said: list[str] = []
    assert stamping.asked(replace(stated("doj-foia"), stamping=agreed), b"seal", said.append) is None
    assert "sealed without a time stamp" in said[-1]
    assert stamping.asked(stated("doj-foia"), b"seal", said.append) is None
    with pytest.raises(SealError, match="cannot be reached"):
        stamping.asked(replace(stated("doj-foia"), stamping=replace(agreed, optional=False)), b"seal", said.append)
    lost = replace(agreed, ca="gone.pem")
    assert "timestamp: " in str(stamping.objection(replace(stated("doj-foia"), stamping=lost)))
    assert stamping.objection(replace(stated("doj-foia"), stamping=agreed)) is None


def room(actions: list[str], seal: Signer) -> Any:
    """A ledger of these actions, and the key that signs."""
    entries = tuple(
        SimpleNamespace(action=one, line=f"{number} {one}\n".encode()) for number, one in enumerate(actions)
    )
    return SimpleNamespace(ledger=SimpleNamespace(entries=entries), seal=seal, run="r001")


@pytest.mark.parametrize(
    ("after", "fits"),
    [
        ([], True),
        (["bundle.signed"], True),
        (["person.revealed", "bundle.signed"], True),
        (["run.started"], False),
        (["sample.abandoned"], False),
        (["release.scanned", "ledger.sealed"], False),
    ],
)
def test_a_bundle_is_signed_only_while_it_is_the_ledgers_last(after: list[str], fits: bool) -> None:
    key = Signer(bytes(32))
    closed = ["ledger.opened", "release.scanned", "ledger.sealed"]
    sealed = b"".join(one.line for one in room(closed, key).ledger.entries)
    if fits:
        closing.refuse_overtaken(room([*closed, *after], key), sealed, key.fingerprint)
        with pytest.raises(SealError, match="Put that key back"):
            closing.refuse_overtaken(room([*closed, *after], key), sealed, Signer(bytes([1]) * 32).fingerprint)
    else:
        with pytest.raises(SealError, match="the ledger went on"):
            closing.refuse_overtaken(room([*closed, *after], key), sealed, key.fingerprint)


@pytest.mark.parametrize("sealed", [b"", b"0 another\n", b"0 ledger.opened\n"])
def test_a_ledger_that_is_not_ours_is_not_signed(sealed: bytes) -> None:
    key = Signer(bytes(32))
    with pytest.raises(SealError, match="the ledger went on"):
        closing.refuse_overtaken(
            room(["ledger.opened", "release.scanned", "ledger.sealed"], key), sealed, key.fingerprint
        )


def test_nothing_is_sealed_where_nothing_waits_or_something_else_lies(tmp_path: Path) -> None:
    agreed = stated("doj-foia")
    with pytest.raises(ParameterError, match="no bundle waits"):
        unsealed.seal(agreed, tmp_path, nobody)
    notes = tmp_path / "doj-foia" / "r001" / "notes"
    notes.mkdir(parents=True)
    with pytest.raises(ParameterError, match="no bundle waits"):
        unsealed.seal(agreed, tmp_path, nobody)
    note = {"bundle": "doj-foia.r001.auditor-full", "tagmanifest_sha256": sha256(b"tags\n").hexdigest()}
    (notes / unsealed.NOTE).write_text(json.dumps(note))
    with pytest.raises(ParameterError, match="is not there"):
        unsealed.seal(agreed, tmp_path, nobody)
    part = tmp_path / "doj-foia" / ".doj-foia.r001.auditor-full.part" / "doj-foia.r001.auditor-full"
    part.mkdir(parents=True)
    (part / bagging.TAGMANIFEST).write_text("others\n")
    with pytest.raises(SealError, match="is not what the run wrote"):
        unsealed.seal(agreed, tmp_path, nobody)


def test_only_a_whole_bundle_becomes_a_zip(tmp_path: Path) -> None:
    folder = g.good().write(tmp_path)
    first = bagging.zipped_again(folder).read_bytes()
    (folder / bagging.STAMP).write_bytes(b"a stamp")
    stamped = bagging.zipped_again(folder).read_bytes()
    assert stamped != first
    (folder / bagging.STAMP).unlink()
    assert bagging.zipped_again(folder).read_bytes() == first
    (folder / "data" / "notes.txt").write_text("mine")
    with pytest.raises(ParameterError, match=r"data/notes\.txt is not sealed with it"):
        bagging.zipped_again(folder)
    (folder / "data" / "notes.txt").unlink()
    (folder / "data" / "summary.json").unlink()
    with pytest.raises(ParameterError, match=r"data/summary\.json is not there"):
        bagging.zipped_again(folder)
    moved = folder.rename(tmp_path / "renamed")
    with pytest.raises(ParameterError, match="called otherwise"):
        bagging.zipped_again(moved)
