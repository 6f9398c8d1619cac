"""The channels that an engagement file declares: what becomes the model, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence_kit.edges.params import load
from evidence_kit.model.channels import Channel, Mailbox, Mailing, WebPage
from tests.edges.params_folder import ENGAGEMENT, E, added, params_folder, refusal

LINE = len(ENGAGEMENT.splitlines()) + 2
DECLARED = """\
channels:
  CH-form: {channel: form, in_notice: true, url: "https://exemple.example/d?l=fr", languages: [fr, en], login: false}
  CH-account: {channel: account_page, url: http://127.0.0.1:8080/}
  CH-email: {channel: email, address: dpo@exemple-courrier.example, mx: [mx.exemple-courrier.example]}
  CH-mail2: {channel: email, in_notice: false, address: dpo@exemple-courrier.example}
  CH-unsubscribe: {channel: unsubscribe_link, message: mails/june.eml}
  CH-post: {channel: postal}
  CH-phone: {channel: phone}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return params_folder(tmp_path)


def test_channels_become_the_model(folder: Path) -> None:
    (folder / E).write_text(ENGAGEMENT + DECLARED, encoding="utf-8")
    assert load("doj-foia", folder, {}).channels == (
        Channel("CH-form", "form", True, WebPage("https://exemple.example/d?l=fr", ("fr", "en"), False)),
        Channel("CH-account", "account_page", True, WebPage("http://127.0.0.1:8080/")),
        Channel("CH-email", "email", True, Mailbox("dpo@exemple-courrier.example", ("mx.exemple-courrier.example",))),
        Channel("CH-mail2", "email", False, Mailbox("dpo@exemple-courrier.example")),
        Channel("CH-unsubscribe", "unsubscribe_link", True, Mailing("mails/june.eml")),
        Channel("CH-post", "postal", True, None),
        Channel("CH-phone", "phone", True, None),
    )


def test_an_engagement_may_declare_none(folder: Path) -> None:
    assert load("doj-foia", folder, {}).channels == ()


@pytest.mark.parametrize(
    ("declared", "key", "said"),
    [
        ("CH-x: {channel: fax}", "CH-x.channel", "another word; accepted: form, email, unsubscribe_link"),
        ("CH-x: {channel: form}", "CH-x", "needs its url"),
        ("CH-x: {channel: email}", "CH-x", "needs its address"),
        ("CH-x: {channel: unsubscribe_link}", "CH-x", "needs its message"),
        ("CH-x: {channel: phone, url: https://a.example/}", "CH-x", "url does not go with this kind"),
        ("CH-x: {channel: email, address: a@b.example, login: false}", "CH-x", "login does not go with this kind"),
        ("CH-x: {channel: form, url: ftp://a.example/}", "CH-x.url", "begins with https:// or http://"),
        ("CH-x: {channel: form, url: javascript:alert(1)}", "CH-x.url", "begins with https:// or http://"),
        ("CH-x: {channel: form, url: https://me:secret@a.example/}", "CH-x.url", "without user or password"),
        ("CH-x: {channel: form, url: https://me@a.example/}", "CH-x.url", "without user or password"),
        ("CH-x: {channel: form, url: https://a.example\\@b.example/}", "CH-x.url", "without user or password"),
        ("CH-x: {channel: form, url: https://a.example:99999/}", "CH-x.url", "no address that a browser could open"),
        ("CH-x: {channel: form, url: 'https://a.example/a b'}", "CH-x.url", "begins with https:// or http://"),
        ("CH-x: {channel: form, url: 'https://[::1/'}", "CH-x.url", "no address that a browser could open"),
        ("CH-x: {channel: form, url: https://:80/}", "CH-x.url", "no address that a browser could open"),
        ("CH-x: {channel: form, url: https://a.example/, languages: [FR]}", "CH-x.languages[1]", "such as fr"),
        ("CH-x: {channel: form, url: https://a.example/, login: no}", "CH-x.login", "true or false"),
        ("CH-x: {channel: postal, in_the_notice: true}", "CH-x.in_the_notice", "nearest known is in_notice"),
        ("CH x: {channel: postal}", "CH x", "letters, digits and dashes"),
        ("CH-x: {}", "CH-x.channel", "this key is missing"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(folder: Path, declared: str, key: str, said: str) -> None:
    message = refusal(folder, E, added(f"channels:\n  {declared}"))
    assert f", line {LINE}, column " in message
    assert f": channels.{key}: " in message
    assert said in message
    assert "secret" not in message
