"""Wrapped texts are read as they were written; what is no such text holds nothing and stops nobody."""

from __future__ import annotations

import base64
import zlib

import pytest

from evidence_kit.edges.probing import unwrapping
from evidence_kit.edges.probing.unwrapping import unwrap

TEXT = '{"mail": "josé?>@x.example"}'
PLAIN = TEXT.encode()
URLSAFE = base64.urlsafe_b64encode(PLAIN).decode()
PACKED = base64.urlsafe_b64encode(zlib.compress(PLAIN)).decode().rstrip("=")
WRAPPED = {
    "base64": ("base64", base64.b64encode(PLAIN).decode()),
    "base64-in-lines": ("base64", base64.encodebytes(PLAIN * 9).decode()),
    "base64url": ("base64url", URLSAFE),
    "base64url-unpadded": ("base64url", URLSAFE.rstrip("=")),
    "signed": ("django-session", f"{URLSAFE.rstrip('=')}:1tABCD:signature"),
    "signed-compressed": ("django-session", f".{PACKED}:1tABCD:signature"),
    "before-3.1": ("django-session", base64.b64encode(b"0123abcd:" + PLAIN).decode()),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_the_text_comes_out(name: str) -> None:
    kind, wrapped = WRAPPED[name]
    assert unwrap(kind, wrapped) in (TEXT, TEXT * 9)


@pytest.mark.parametrize("kind", ["base64", "base64url", "django-session"])
@pytest.mark.parametrize(
    "text", ["", " ", "é", "=", "a", ":::", ".:x", f".{PACKED[:-9]}:x:y", "////", "_-_-:1:2", "\ud800"]
)
def test_what_is_no_such_text_holds_nothing(kind: str, text: str) -> None:
    assert "mail" not in unwrap(kind, text)


def test_a_text_that_would_fill_the_memory_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unwrapping, "LONGEST", 1000)
    bomb = base64.urlsafe_b64encode(zlib.compress(b"a" * 1001)).decode()
    assert unwrap("django-session", f".{bomb}:1:2") == ""
