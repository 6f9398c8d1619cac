"""The vault: nothing in clear on disk, nothing shown, the same secrets after opening, and one key per person."""

import copy
import hmac
import json
import os
import pickle
from hashlib import sha256
from pathlib import Path

import pytest

from evidence_kit.edges import vault
from evidence_kit.edges.identities import normalise
from evidence_kit.errors import ParameterError, SealError, SourceError
from evidence_kit.model.canonical import digest
from evidence_kit.model.sample import Identity, Kept
from evidence_kit.rules.tickets import population_salt

LIGHT = 2**14  # the smallest work that `open` accepts; tests need no slow guesses
PASSPHRASE = "phrase secrète".encode()
COMMITMENT = digest("commitment")
BEHIND = (Identity(digest("p"), "person", "anne@example.org"), Identity(digest("r"), "row", "é\n\0\ud800"))
LIST = (Kept("DSR-0001", "access", digest("1")), Kept("é\n5,", "erasure", digest("2")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vaults" / "engagement"


def told(one: vault.Vault) -> list[str]:
    return [
        one.salt_hex, one.blind("e", "p"), one.pseudonym("person", "a@example.org"), one.entry_salt(3, COMMITMENT),
        one.fingerprint, one.public_line, one.sign(b"x"),
    ]  # fmt: skip


def test_an_opened_vault_gives_what_the_new_one_gave(folder: Path) -> None:
    made = vault.create(folder, PASSPHRASE, work=LIGHT)
    assert told(vault.open(folder, PASSPHRASE)) == told(made)


def test_two_vaults_share_nothing(tmp_path: Path) -> None:
    one, other = (vault.create(tmp_path / name, PASSPHRASE, work=LIGHT) for name in ("a", "b"))
    assert not set(told(one)) & set(told(other))
    assert not set(one.secrets()) & set(other.secrets())


def test_nothing_secret_lies_in_clear_and_nobody_else_can_read(folder: Path) -> None:
    made = vault.create(folder, PASSPHRASE, work=LIGHT)
    made.keep(COMMITMENT, LIST)
    made.keep_identities(COMMITMENT, BEHIND)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) == 3
    for path in files:
        held = path.read_bytes()
        for secret in (*made.secrets(), "DSR-0001", LIST[0].leaf, "anne@", BEHIND[0].pseudonym, PASSPHRASE.decode()):
            assert secret.encode() not in held
            if set(secret) <= set("0123456789abcdef"):
                assert bytes.fromhex(secret) not in held
        assert path.stat().st_mode & 0o077 == 0
    assert {path.stat().st_mode & 0o777 for path in (folder, folder / "kept", folder / "identities")} == {0o700}


@pytest.mark.parametrize("wrong", [b"", b"phrase secrete", PASSPHRASE + b" "])
def test_a_wrong_passphrase_is_one_line(folder: Path, wrong: bytes) -> None:
    vault.create(folder, PASSPHRASE, work=LIGHT)
    with pytest.raises(ParameterError) as refusal:
        vault.open(folder, wrong)
    assert "passphrase does not fit" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_altered_vault_does_not_open(folder: Path) -> None:
    vault.create(folder, PASSPHRASE, work=LIGHT)
    path = folder / "vault.json"
    good = json.loads(path.read_text())
    for change in (
        {"sealed": good["sealed"][:-2] + "00"},
        {"sealed": "zz"},
        {"nonce": "00" * 12},
        {"nonce": "00"},
        {"work": 2},
        {"work": 2**40},
        {"work": 2**14 + 1},
        {"kind": "other"},
    ):
        path.write_text(json.dumps({**good, **change}))
        with pytest.raises(ParameterError):
            vault.open(folder, PASSPHRASE)
    for text in ("", "[]", "null", "{}"):
        path.write_text(text)
        with pytest.raises(ParameterError):
            vault.open(folder, PASSPHRASE)


def test_a_vault_is_made_once_with_a_passphrase_in_a_private_folder(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="no vault"):
        vault.open(folder, PASSPHRASE)
    with pytest.raises(ParameterError, match="empty"):
        vault.create(folder, b"", work=LIGHT)
    vault.create(folder, PASSPHRASE, work=LIGHT)
    with pytest.raises(ParameterError, match="already"):
        vault.create(folder, PASSPHRASE, work=LIGHT)
    folder.chmod(0o755)
    with pytest.raises(ParameterError, match="chmod 700"):
        vault.open(folder, PASSPHRASE)
    (tmp_path / "file").touch()
    with pytest.raises(ParameterError, match="cannot be made"):
        vault.create(tmp_path / "file" / "in", PASSPHRASE, work=LIGHT)


def test_the_vault_shows_no_secret_and_does_not_leave_its_process(folder: Path) -> None:
    made = vault.create(folder, PASSPHRASE, work=LIGHT)
    made.blind("e", "p")
    for secret in made.secrets():
        assert secret not in repr(made)
        assert secret not in str(made)
    assert not hasattr(made, "__dict__")
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leave(made)


def test_the_scan_is_told_of_every_secret_given(folder: Path) -> None:
    made = vault.rehearsal(7, folder)
    blind = made.blind("e", "p")
    assert {blind, made.salt_hex} <= set(made.secrets())
    assert blind == population_salt(made.salt_hex, "e", "p")


def test_the_rehearsal_derives_everything_from_its_seed(tmp_path: Path) -> None:
    one, again, other = (vault.rehearsal(seed, tmp_path / name) for seed, name in ((5, "a"), ("5", "b"), (6, "c")))
    assert told(one) == told(again)
    assert not set(told(one)) & set(told(other))
    assert list((tmp_path / "a").iterdir()) == []


def test_a_frozen_list_comes_back_whole(folder: Path) -> None:
    vault.create(folder, PASSPHRASE, work=LIGHT).keep(COMMITMENT, LIST)
    later = vault.open(folder, PASSPHRASE)
    assert later.kept(COMMITMENT) == LIST
    later.keep(COMMITMENT, LIST[:1])
    assert later.kept(COMMITMENT) == LIST[:1]
    later.keep(digest("empty"), ())
    assert later.kept(digest("empty")) == ()


def test_a_list_that_is_absent_altered_or_of_another_commitment_is_refused(folder: Path) -> None:
    made = vault.rehearsal(7, folder)
    with pytest.raises(SourceError, match="keeps no frozen list"):
        made.kept(COMMITMENT)
    made.keep(COMMITMENT, LIST)
    path = folder / "kept" / COMMITMENT
    held = path.read_bytes()
    other = digest("other")
    (folder / "kept" / other).write_bytes(held)
    with pytest.raises(SourceError, match="altered"):
        made.kept(other)
    for changed in (held[:-1], held[:5], b"", bytes([held[0] ^ 1]) + held[1:]):
        path.write_bytes(changed)
        with pytest.raises(SourceError, match="altered"):
            made.kept(COMMITMENT)
    for hostile in ("../vault.json", "", COMMITMENT.upper()):
        with pytest.raises(ValueError, match="64"):
            made.kept(hostile)


def test_who_is_behind_a_frame_comes_back_and_of_any_other_frame_nobody(folder: Path) -> None:
    vault.create(folder, PASSPHRASE, work=LIGHT).keep_identities(COMMITMENT, BEHIND)
    later = vault.open(folder, PASSPHRASE)
    assert later.identities(COMMITMENT) == BEHIND
    assert later.identities(digest("other")) == ()
    later.keep_identities(COMMITMENT, BEHIND[:1])
    assert later.identities(COMMITMENT) == BEHIND[:1]
    assert "anne" not in repr(BEHIND)


def test_identities_altered_moved_or_of_another_vault_are_refused(folder: Path, tmp_path: Path) -> None:
    made = vault.rehearsal(7, folder)
    made.keep_identities(COMMITMENT, BEHIND)
    path = folder / "identities" / COMMITMENT
    held = path.read_bytes()
    for altered in (held[:-1], held[:5], b"", bytes([held[0] ^ 1]) + held[1:]):
        path.write_bytes(altered)
        with pytest.raises(ParameterError, match="altered"):
            made.identities(COMMITMENT)
    path.write_bytes(held)
    path.with_name(digest("other")).write_bytes(held)
    with pytest.raises(ParameterError, match="altered"):
        made.identities(digest("other"))
    with pytest.raises(ParameterError, match="another vault"):
        vault.rehearsal(8, folder).identities(COMMITMENT)
    with pytest.raises(ValueError, match="64"):
        made.identities("../vault.json")


def test_a_list_that_cannot_be_written_leaves_the_old_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = vault.rehearsal(7, folder)
    made.keep(COMMITMENT, LIST)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(vault.os, "fsync", full)
        with pytest.raises(SealError, match="No space"):
            made.keep(COMMITMENT, LIST[:1])
    assert made.kept(COMMITMENT) == LIST
    assert os.listdir(folder / "kept") == [COMMITMENT]


def test_a_pseudonym_is_the_norms_hmac(folder: Path) -> None:
    made = vault.rehearsal(7, folder)
    key = bytes.fromhex(made.secrets()[2])
    expected = hmac.new(key, b"person\x1fanne@example.org", sha256).hexdigest()
    assert made.pseudonym("person", " Anne@EXAMPLE.org ") == expected
    assert made.pseudonym("actor", "anne@example.org") != expected
    with pytest.raises(ValueError, match="kind"):
        made.pseudonym("people", "anne@example.org")


def test_an_entry_salt_is_the_norms(folder: Path) -> None:
    made = vault.rehearsal(7, folder)
    key = bytes.fromhex(made.secrets()[3])
    assert (
        made.entry_salt(12, COMMITMENT) == hmac.new(key, f"ek1:entry:12:{COMMITMENT}".encode(), sha256).hexdigest()[:32]
    )


@pytest.mark.parametrize(
    ("kind", "text", "spelling"),
    [
        ("person", "\u00a0Anne.Martin@Example.ORG ", "anne.martin@example.org"),
        ("person", "e\u0301lodie@exe\u0301mple.fr", "élodie@xn--exmple-cva.fr"),
        ("person", "a@STRASSE.de", "a@strasse.de"),
        ("person", "a@straße.de", "a@xn--strae-oqa.de"),
        ("person", "a@example.org.", "a@example.org"),
        ("person", "A@under_score..org", "a@under_score..org"),
        ("person", "a.n.n.e+news@gmail.com", "a.n.n.e+news@gmail.com"),
        ("person", "+33 6 12 34 56 78", "+33612345678"),
        ("person", "tel:+33-6-12-34-56-78", "+33612345678"),
        ("person", "06 12 34 56 78", "06 12 34 56 78"),
        ("person", "0012345", "0012345"),
        ("person", "12345678", "12345678"),
        ("person", "Anne Martin", "Anne Martin"),
        ("actor", "Agent.7@Example.org", "agent.7@example.org"),
        ("account", " C-001 ", " C-001 "),
        ("account", "Shop@Example.org", "Shop@Example.org"),
        ("message", "<ABC@Example.org> ", "<ABC@Example.org>"),
        ("row", "42", "42"),
        ("value", " e\u0301 ", "é"),
    ],
)
def test_one_person_has_one_spelling(kind: str, text: str, spelling: str) -> None:
    assert normalise(kind, text) == spelling
    assert normalise(kind, spelling) == spelling


@pytest.mark.parametrize("text", ["06 12 34 56 78", "+33 (0)6 12 34 56 78", "06.12.34.56.78", "0033 6 12 34 56 78"])
def test_national_numbers_need_a_country(text: str, folder: Path) -> None:
    assert normalise("person", text, region="FR") == "+33612345678"
    french = vault.rehearsal(7, folder, region="FR")
    assert french.pseudonym("person", text) == french.pseudonym("person", "+33612345678")


def test_a_number_that_cannot_exist_in_the_country_stays_as_it_is() -> None:
    assert normalise("person", "000012345678", region="FR") == "000012345678"


def test_dots_and_tags_are_dropped_only_for_declared_domains(folder: Path) -> None:
    assert normalise("person", "A.n.ne+news@GMail.com", undotted={"gmail.com"}) == "anne@gmail.com"
    assert normalise("person", "a.b@example.org", undotted={"gmail.com"}) == "a.b@example.org"
    made = vault.rehearsal(7, folder, undotted=["gmail.com"])
    assert made.pseudonym("person", "a.b@gmail.com") == made.pseudonym("person", "ab+x@gmail.com")


def test_a_key_of_the_organisation_is_a_private_file_or_a_variable(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = vault.create(folder, PASSPHRASE, work=LIGHT)
    kept = folder / "keys" / "suppression"
    kept.parent.mkdir(mode=0o700)
    for text, key in ((b"00ff" * 8 + b"\n", bytes.fromhex("00ff" * 8)), (b"a salt, as it is\n", b"a salt, as it is")):
        kept.write_bytes(text)
        kept.chmod(0o600)
        monkeypatch.setenv("EVIDENCE_SALT", text.decode())
        assert made.key("vault:suppression") == made.key("env:EVIDENCE_SALT") == key
        assert {key.hex(), text.decode().strip()} <= set(made.secrets())
    kept.chmod(0o640)
    with pytest.raises(ParameterError, match="chmod 600"):
        made.key("vault:suppression")


@pytest.mark.parametrize("held", [None, b"", b" \n"])
def test_a_key_that_is_absent_or_empty_is_named_with_what_to_do(
    folder: Path, held: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = vault.create(folder, PASSPHRASE, work=LIGHT)
    monkeypatch.delenv("EVIDENCE_SALT", raising=False)
    if held is not None:
        (folder / "keys").mkdir(mode=0o700)
        (folder / "keys" / "salt").write_bytes(held)
        (folder / "keys" / "salt").chmod(0o600)
        monkeypatch.setenv("EVIDENCE_SALT", held.decode())
    for reference in ("vault:salt", "env:EVIDENCE_SALT"):
        with pytest.raises(ParameterError, match=r"salt|EVIDENCE_SALT") as caught:
            made.key(reference)
        assert "digests" in str(caught.value)


def test_the_rehearsal_knows_the_key_of_its_own_list(tmp_path: Path) -> None:
    key = sha256("\x1f".join(("7", "vault", "suppression", "key")).encode()).digest()
    made = vault.rehearsal(7, tmp_path / "v")
    assert made.key("vault:suppression") == key
    assert key.hex() in made.secrets()
