"""Time stamps: asked of an authority that openssl plays, verified by us and by openssl, and refused where they lie."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from evidence_kit.edges.stamps import Authorities, Unreachable
from evidence_kit.errors import ParameterError, SealError
from tests.edges import authority as authorities
from tests.edges.authority import OPENSSL, POLICY, Authority

pytestmark = [
    pytest.mark.slow,  # a server, and certificates
    pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed"),
]
SIGNATURE = b"-----BEGIN SSH SIGNATURE-----\nsomething of a bundle\n-----END SSH SIGNATURE-----\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority")
    authorities.make(folder)
    return folder


@pytest.fixture
def authority(home: Path) -> Iterator[Authority]:
    with authorities.answering(home) as one:
        yield one


@pytest.fixture(scope="module")
def known(home: Path) -> Authorities:
    return Authorities(home / "root.pem")


def test_a_stamp_dates_the_signature_for_us_and_for_openssl(
    authority: Authority, known: Authorities, tmp_path: Path
) -> None:
    token, stamp = known.ask(authority.url, SIGNATURE)
    assert (stamp.policy, stamp.authority, int(stamp.serial, 16) > 10) == (POLICY, "CN=Test authority", True)
    assert known.check(token, SIGNATURE) == stamp
    (tmp_path / "sig").write_bytes(SIGNATURE)
    (tmp_path / "tsr").write_bytes(token)
    command = [str(OPENSSL), "ts", "-verify", "-data", "sig", "-in", "tsr", "-CAfile", str(authority.home / "root.pem")]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "sig").write_bytes(SIGNATURE + b" ")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_the_authority_is_sent_the_digest_and_nothing_else(authority: Authority, known: Authorities) -> None:
    known.ask(authority.url, SIGNATURE)
    ((question, headers),) = authority.asked
    assert sha256(SIGNATURE).digest() in question
    assert len(question) < 90  # version, imprint, nonce, and that a certificate is wanted
    assert set(headers) <= {"Host", "Accept", "Accept-Encoding", "Connection", "User-Agent", "Content-Type",
                            "Content-Length"}  # fmt: skip


def test_a_stamp_that_does_not_hold_is_refused(authority: Authority, known: Authorities, tmp_path: Path) -> None:
    token, _ = known.ask(authority.url, SIGNATURE)
    with pytest.raises(SealError, match="another signature"):
        known.check(token, SIGNATURE + b" ")
    with pytest.raises(SealError, match="not in the file"):
        Authorities(authorities.make(tmp_path / "other")).check(token, SIGNATURE)
    place = token.rfind(sha256(SIGNATURE).digest()) + 40
    changed = token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :]
    with pytest.raises(SealError):
        known.check(changed, SIGNATURE)
    for torn in (b"", b"0", token[:100], b"<html>"):
        with pytest.raises(SealError, match="no time stamp of RFC 3161"):
            known.check(torn, SIGNATURE)
    authority.answer = token  # an earlier answer, replayed: its random number is another
    with pytest.raises(SealError, match="does not hold"):
        known.ask(authority.url, SIGNATURE)


def test_no_answer_is_told_apart_from_a_wrong_one(authority: Authority, known: Authorities) -> None:
    authority.answer, authority.status = b"", 503
    with pytest.raises(Unreachable, match="answered 503"):
        known.ask(authority.url, SIGNATURE)
    authority.answer, authority.status = b"x" * 300_000, 200
    with pytest.raises(SealError, match="longer than any") as told:
        known.ask(authority.url, SIGNATURE)
    assert not isinstance(told.value, Unreachable)
    with pytest.raises(Unreachable, match="cannot be reached"):
        known.ask("http://127.0.0.1:9/", SIGNATURE)


def test_the_authoritys_certificates_hold_a_root(home: Path, tmp_path: Path) -> None:
    for path, why in ((tmp_path / "none", "cannot be read"), (home / "tsa.pem", "none of its certificates is a root")):
        with pytest.raises(ParameterError, match=why):
            Authorities(path)
    (tmp_path / "text").write_text("no certificate")
    with pytest.raises(ParameterError, match="no PEM certificate"):
        Authorities(tmp_path / "text")
