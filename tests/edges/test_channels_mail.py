"""Unsubscribe links of real messages, clicked on real servers when asked to; and addresses that mail can be sent to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence_kit.edges.channels import mailbox, unsubscribe
from evidence_kit.errors import ParameterError
from evidence_kit.model.channels import Look, Mailbox
from tests.edges.channel_servers import Answer, Site, authority, site

NOW = datetime(2026, 6, 30, 8, 15, tzinfo=UTC)
SIGNED = "from:to:subject:list-unsubscribe:list-unsubscribe-post"
HEADERS = {
    "From": "Lettre <lettre@mailing.example>",
    "To": "essai@exemple-courrier.example",
    "Subject": "=?utf-8?q?Juin_=C3=A0_la_ferme?=",
    "List-Unsubscribe": "<mailto:out@mailing.example?subject=out>,\r\n <https://mailing.example/u/abc>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}
ANSWERS = {
    "/u/ok": Answer("done"),
    "/u/login": Answer(status=401),
    "/u/broken": Answer(status=500),
    "/u/busy": Answer(status=503),
    "/u/moved": Answer(status=302, headers={"Location": "/u/ok"}),
}


def signature(headers: str = SIGNED, **changes: str) -> str:
    tags = {"v": "1", "a": "rsa-sha256", "c": "relaxed/relaxed", "d": "mailing.example", "s": "s1", "bh": "aGFzaA=="}
    tags |= {"h": headers, "b": "c2lnbmF0\r\n dXJl"} | changes
    return ";\r\n ".join(f"{name}={value}" for name, value in tags.items() if value)


def message(folder: Path, changes: Mapping[str, str | None] = {}, *signatures: str, body: str = "Bonjour.\r\n") -> Path:
    """A message as a mail server hands it over. A changed header of None is left out."""
    headers = {name: value for name, value in {**HEADERS, **changes}.items() if value is not None}
    lines = [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"DKIM-Signature: {one}" for one in signatures or (signature(),)]
    path = folder / "message.eml"
    path.write_bytes(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
    return path


def looked(file: Path, *, send: bool = False) -> Look:
    return unsubscribe.look(file, send, lambda: NOW, patience=10)


def sights(found: Look) -> dict[str, tuple[bool | None, str | None]]:
    return {sight.check: (sight.outcome, sight.detail) for sight in found.sights}


@pytest.fixture(scope="module")
def clicked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("authority")
    own = authority(folder)
    with site(ANSWERS, own.issue()) as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(own.bundle))
        yield running


def test_a_good_message_offers_one_click_and_nothing_is_sent(tmp_path: Path) -> None:
    found = looked(message(tmp_path))
    assert (found.reachable, found.login_required, found.document_required) == (None, None, None)
    assert found.taken_effect_at is None
    assert sights(found) == {
        "list-unsubscribe": (True, None),
        "list-unsubscribe-post": (True, None),
        "signed": (True, "named-not-verified"),
        "body": (True, None),
        "visit-does-not-unsubscribe": (None, "not-tried"),
        "one-click": (None, "not-sent"),
    }


@pytest.mark.parametrize(
    ("changes", "check", "code"),
    [
        ({"List-Unsubscribe": None}, "list-unsubscribe", "missing"),
        ({"List-Unsubscribe": "<mailto:out@mailing.example>"}, "list-unsubscribe", "no-web-address"),
        ({"List-Unsubscribe": "https://mailing.example/u/abc"}, "list-unsubscribe", "no-web-address"),
        ({"List-Unsubscribe": "<http://mailing.example/u>"}, "list-unsubscribe", "not-https"),
        ({"List-Unsubscribe": "<https://a:b@mailing.example/u>"}, "list-unsubscribe", "not-https"),
        ({"List-Unsubscribe": "<https://[broken/u>"}, "list-unsubscribe", "not-https"),
        ({"List-Unsubscribe": "<https://a.example>, <http://b.example>"}, "list-unsubscribe", "several-web-addresses"),
        ({"List-Unsubscribe": "<https://a.example/>", "list-unsubscribe": "<https://b.example/>"},
         "list-unsubscribe", "repeated"),
        ({"List-Unsubscribe-Post": None}, "list-unsubscribe-post", "missing"),
        ({"List-Unsubscribe-Post": "List-Unsubscribe=One-Click-ish"}, "list-unsubscribe-post", "other-text"),
        ({"List-Unsubscribe-Post": "list-unsubscribe=one-click"}, "list-unsubscribe-post", "other-text"),
    ],
)  # fmt: skip
def test_a_header_that_is_not_as_it_should_be(
    tmp_path: Path, clicked: Site, changes: dict[str, str | None], check: str, code: str
) -> None:
    before = len(clicked.asked)
    found = looked(message(tmp_path, changes), send=True)
    assert sights(found)[check] == (False, code)
    assert sights(found)["one-click"] == (None, "not-offered")
    assert (found.reachable, found.taken_effect_at) == (None, None)
    assert len(clicked.asked) == before


@pytest.mark.parametrize(
    ("signatures", "outcome", "code"),
    [
        ((signature(),), True, "named-not-verified"),
        ((signature("From : List-Unsubscribe\r\n :LIST-UNSUBSCRIBE-POST") + ";",), True, "named-not-verified"),
        ((signature("from:to"), signature()), True, "named-not-verified"),
        ((signature("from:to"),), False, "not-covered"),
        ((signature("from:list-unsubscribe"),), False, "not-covered"),
        ((signature("from:list-unsubscribe"), signature("from:list-unsubscribe-post")), False, "not-covered"),
        ((signature("from:x-list-unsubscribe:list-unsubscribe-post"),), False, "not-covered"),
        ((signature(""),), False, "malformed"),
        ((signature(b=""),), False, "malformed"),
        ((signature(v="2"),), False, "malformed"),
        ((signature() + f"; h={SIGNED}",), False, "malformed"),
        (("rubbish",), False, "malformed"),
        (("rubbish", signature("from:to")), False, "not-covered"),
    ],
)
def test_one_signature_has_to_name_both_headers(
    tmp_path: Path, signatures: tuple[str, ...], outcome: bool, code: str
) -> None:
    assert sights(looked(message(tmp_path, {}, *signatures)))["signed"] == (outcome, code)


def test_a_message_that_nobody_signed_or_wrote_is_seen(tmp_path: Path) -> None:
    plain = message(tmp_path, body=" \r\n")
    plain.write_bytes(b"".join(part for part in plain.read_bytes().splitlines(keepends=True) if part[:1] not in b"D "))
    found = sights(looked(plain))
    assert found["signed"] == (False, "no-signature")
    assert found["body"] == (False, "empty")


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00\xff\xfe", b"no header here\r\n\r\ntext", b"From: a@b.example\r\nthen text\r\n", b" folded\r\n\r\n"],
)
def test_a_file_that_is_no_message_proves_nothing(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "message.eml"
    path.write_bytes(data)
    assert looked(path, send=True) == Look(None, None, None, looked(path).sights)
    assert sights(looked(path)) == {"message": (None, "malformed")}


def test_a_message_that_is_not_there_is_a_parameter_error(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.eml", tmp_path):
        with pytest.raises(ParameterError, match="the message cannot be read"):
            looked(path)


def test_one_click_is_posted_once_as_mail_programs_do(tmp_path: Path, clicked: Site) -> None:
    before = len(clicked.asked)
    found = looked(message(tmp_path, {"List-Unsubscribe": f"<{clicked.url('/u/ok')}?id=7>"}), send=True)
    assert (found.reachable, found.login_required, found.document_required) == (True, False, False)
    assert found.taken_effect_at == NOW
    assert sights(found)["one-click"] == (True, "http-200")
    ((method, path, headers, body),) = clicked.asked[before:]
    assert (method, path) == ("POST", "/u/ok?id=7")
    assert headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert body.count(b'name="List-Unsubscribe"\r\n\r\nOne-Click\r\n') == body.count(b"name=") == 1
    assert not {"Cookie", "Authorization", "Referer"} & headers.keys()


@pytest.mark.parametrize(
    ("path", "reachable", "login", "code"),
    [
        ("/u/gone", False, None, "http-404"),
        ("/u/broken", False, None, "http-500"),
        ("/u/moved", False, None, "http-302"),
        ("/u/busy", None, None, "http-503"),
        ("/u/login", None, True, "http-401"),
    ],
)
def test_a_click_that_did_nothing_has_no_effect(
    tmp_path: Path, clicked: Site, path: str, reachable: bool | None, login: bool | None, code: str
) -> None:
    before = len(clicked.asked)
    found = looked(message(tmp_path, {"List-Unsubscribe": f"<{clicked.url(path)}>"}), send=True)
    assert (found.reachable, found.login_required, found.document_required) == (reachable, login, None)
    assert found.taken_effect_at is None
    assert sights(found)["one-click"] == (reachable, code)
    assert [one[:2] for one in clicked.asked[before:]] == [("POST", path)], "a redirect is not followed"


def test_a_click_without_a_network_proves_nothing(tmp_path: Path) -> None:
    found = looked(message(tmp_path, {"List-Unsubscribe": "<https://unsubscribe.invalid/u>"}), send=True)
    assert (found.reachable, found.taken_effect_at) == (None, None)
    assert sights(found)["one-click"][0] is None
    assert sights(found)["one-click"][1] in ("name-not-found", "offline")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=400), st.sampled_from(["DKIM-Signature", "List-Unsubscribe", "Content-Type", "Subject"]))
def test_whatever_a_message_holds_is_read(tmp_path: Path, value: bytes, name: str) -> None:
    path = tmp_path / "message.eml"
    path.write_bytes(name.encode() + b": " + value + b"\r\n\r\n" + value)
    assert looked(path).reachable is None


# -- mailboxes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "outcome", "code"),
    [
        ("dpo@exemple-courrier.example", True, None),
        ("dpo@bücher.example", True, None),
        ("privacy+test@mail.example.org", True, None),
        ("dpo", False, "no-such-domain"),
        ("dpo@", False, "no-such-domain"),
        ("dpo@localhost", False, "no-such-domain"),
        ("dpo@127.0.0.1", False, "no-such-domain"),
        ("dpo@exa mple.org", False, "no-such-domain"),
        ("dpo@-bad-.example", False, "no-such-domain"),
        ("@example.org", False, "not-an-address"),
        ("d po@example.org", False, "not-an-address"),
        ("a@b@example.org", False, "not-an-address"),
        (f"{'a' * 65}@example.org", False, "too-long"),
        ("dpö@example.org", None, "local-part-not-ascii"),
    ],
)
def test_what_an_address_says(address: str, outcome: bool | None, code: str | None) -> None:
    found = mailbox.look(Mailbox(address))
    assert sights(found)["address"] == (outcome, code)
    assert found.reachable is (False if outcome is False else None)


@pytest.mark.parametrize(
    ("mx", "outcome", "code"),
    [
        (None, None, "not-looked-up"),
        ((), False, "none"),
        ((".",), False, "null-mx"),
        (("mx1.example.org.", "mx2.example.org"), True, "as-stated"),
        (("mx1.example.org", "192.0.2.1"), False, "not-a-host"),
        (("not a host",), False, "not-a-host"),
    ],
)
def test_what_the_servers_of_a_domain_say(mx: tuple[str, ...] | None, outcome: bool | None, code: str) -> None:
    found = mailbox.look(Mailbox("dpo@example.org", mx))
    assert sights(found)["mail-servers"] == (outcome, code)
    assert found.reachable is (False if outcome is False else None), "only a message that arrived shows more"


@pytest.mark.slow
@given(st.text(max_size=80), st.lists(st.text(max_size=40), max_size=3))
def test_whatever_is_stated_is_read(address: str, mx: list[str]) -> None:
    found = mailbox.look(Mailbox(address, tuple(mx)))
    assert found.reachable is not True
