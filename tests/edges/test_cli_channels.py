"""The command `channels`: a round on real servers, what people add, what is printed, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from evidence_kit.cli import main
from tests.edges.channel_servers import Answer, Site, authority, site
from tests.edges.params_folder import ENGAGEMENT, params_folder, swapped

pytestmark = pytest.mark.slow  # real web servers

FORM = '<html lang="fr"><form><textarea></textarea><button>Envoyer</button></form></html>'
MESSAGE = """\
From: lettre@mailing.example
List-Unsubscribe: <{link}>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
DKIM-Signature: v=1; a=rsa-sha256; d=mailing.example; s=s1; bh=aGFzaA==; b=c2ln;
 h=From:List-Unsubscribe:List-Unsubscribe-Post

Bonjour.
"""
AT = "2026-06-30T08:15:00Z"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    own = authority(tmp_path_factory.mktemp("authority"))
    with (
        site({"/droits": Answer(FORM), "/u": Answer()}, own.issue()) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("SSL_CERT_FILE", str(own.bundle))
        yield running


@pytest.fixture
def mine(tmp_path: Path, served: Site, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An engagement that declares channels; the clock stands at `AT`."""
    monkeypatch.setenv("EVIDENCE_CLOCK", AT)
    declared = f"""\
channels:
  CH-form: {{channel: form, url: "{served.url("/droits")}", languages: [fr], login: false}}
  CH-gone: {{channel: account_page, in_notice: false, url: "{served.url("/gone")}"}}
  CH-email: {{channel: email, address: dpo@exemple-courrier.example, mx: [mx.exemple-courrier.example]}}
  CH-unsubscribe: {{channel: unsubscribe_link, message: mails/june.eml}}
  CH-offline: {{channel: form, url: "https://rights.invalid/"}}
  CH-post: {{channel: postal}}
"""
    path = params_folder(tmp_path) / "engagements" / "my-audit.yaml"
    path.write_text(swapped("engagement: doj-foia", "engagement: my-audit")(ENGAGEMENT) + declared, encoding="utf-8")
    (path.parent / "mails").mkdir()
    (path.parent / "mails" / "june.eml").write_text(MESSAGE.format(link=served.url("/u")), encoding="utf-8")
    return path


def ask(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["channels", *map(str, arguments)])


def asked(*arguments: object) -> dict[str, Any]:
    result = ask(*arguments, "--json", "-q")
    assert (result.exit_code, result.stderr) == (0, "")
    document = json.loads(result.stdout)
    assert isinstance(document, dict)
    return document


def test_a_round_prints_a_line_for_each_channel_and_two_digests(mine: Path, tmp_path: Path, served: Site) -> None:
    before = len(served.asked)
    result = ask(mine, "--out", tmp_path / "o")
    assert result.exit_code == 0, result.stderr
    assert result.stderr.splitlines()[0] == "CH-form: trying the form"
    heads, *lines = result.stdout.splitlines()
    assert heads.split("  ")[0] == "channel"
    found = {line.split()[0]: line for line in lines[:6]}
    assert " yes " in found["CH-form"]
    assert found["CH-form"].endswith("ek-1-CH-form")
    assert " no " in found["CH-gone"]
    assert "status! http-404" in found["CH-gone"]
    assert "not known" in found["CH-email"]
    assert "one-click? not-sent" in found["CH-unsubscribe"]
    assert "tried? by-people-only" in found["CH-post"]
    assert lines[6] == ""
    for line in lines[7:]:
        digest, file = line.split("  ")
        assert digest == sha256(Path(file).read_bytes()).hexdigest()
    assert len(lines) == 9
    assert [one[:2] for one in served.asked[before:]] == [("GET", "/droits"), ("GET", "/gone")]


def test_rounds_are_numbered_and_json_has_the_columns_of_the_frames(mine: Path, tmp_path: Path) -> None:
    asked(mine, "--out", tmp_path / "o")
    second = asked(mine, "--out", tmp_path / "o")
    assert {one["round"] for one in second["checks"]} == {2}
    assert {one["channel_id"]: one["reachable"] for one in second["checks"]} == {
        "CH-form": True,
        "CH-gone": False,
        "CH-email": None,
        "CH-unsubscribe": None,
        "CH-offline": None,
        "CH-post": None,
    }
    assert {one["tested_at"] for one in second["checks"]} == {AT}
    assert [one["in_notice"] for one in second["checks"]] == [True, False, True, True, True, True]
    folder = tmp_path / "o" / "my-audit" / "channels"
    assert set(second["files"]) == {str(folder / name) for name in ("checks.jsonl", "observations.jsonl")}
    assert len((folder / "checks.jsonl").read_text("utf-8").splitlines()) == 12


def test_only_send_unsubscribes(mine: Path, tmp_path: Path, served: Site) -> None:
    before = len(served.asked)
    asked(mine, "--out", tmp_path / "o")
    assert "POST" not in [one[0] for one in served.asked[before:]]
    sent = asked(mine, "--out", tmp_path / "o", "--send")
    assert [one[:2] for one in served.asked[before:]].count(("POST", "/u")) == 1
    (check,) = (one for one in sent["checks"] if one["channel_id"] == "CH-unsubscribe")
    assert (check["reachable"], check["effective_at"]) == (True, AT)


def test_what_people_did_and_saw_is_added_to_the_last_round(
    mine: Path, tmp_path: Path, served: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(mine, "--out", tmp_path / "o")
    monkeypatch.setenv("EVIDENCE_CLOCK", "2026-07-02T08:00:00Z")
    before = len(served.asked)
    sent, ticket, effect = "2026-06-30T09:00:00Z", "2026-06-30T09:00:10Z", "2026-07-01T10:00:00Z"
    told = ("--sent", f"CH-email={sent}", "--seen", f"CH-email={ticket},{effect}", "--seen", "CH-post=none")
    added = asked(mine, "--out", tmp_path / "o", *told)
    assert len(served.asked) == before
    email, post = added["checks"]
    assert (email["tested_at"], email["ticket_created_at"], email["effective_at"]) == (sent, ticket, effect)
    assert (email["reachable"], email["round"], email["test_marker"]) == (True, 1, "ek-1-CH-email")
    assert (post["ticket_created_at"], post["reachable"]) == (None, None)
    assert [(one["channel_id"], one["check"], one["outcome"]) for one in added["observations"]] == [
        ("CH-email", "request-sent", True),
        ("CH-email", "ticket-seen", True),
        ("CH-email", "effect-seen", True),
        ("CH-post", "ticket-seen", False),
    ]
    later = asked(mine, "--out", tmp_path / "o", "--seen", f"CH-unsubscribe=,{effect}")
    assert (later["checks"][0]["ticket_created_at"], later["checks"][0]["effective_at"]) == (None, effect)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (("--seen", "CH-form"), "write CHANNEL=INSTANT"),
        (("--seen", f"={AT}"), "write CHANNEL=INSTANT"),
        (("--seen", f"CH-form={AT}", "--seen", f"CH-form={AT}"), "once for each channel"),
        (("--seen", "CH-form=2026-06-30"), "write an instant in UTC"),
        (("--seen", "CH-form=2026-02-30T08:15:00Z"), "write an instant in UTC"),
        (("--seen", f"CH-form={AT},{AT},{AT}"), "write an instant in UTC"),
        (("--seen", "CH-form="), "write an instant in UTC"),
        (("--sent", f"CH-form={AT},{AT}"), "write an instant in UTC"),
        (("--sent", "CH-form=none"), "was not sent"),
        (("--seen", f"CH-form={AT}", "--send"), "one after the other"),
        (("--seen", f"CH-fax={AT}"), "CH-fax: no round has tested this channel. Known are CH-email, CH-form"),
        (("--seen", "CH-form=2026-06-30T08:15:01Z"), "lies in the future"),
        (("--sent", "CH-form=2026-06-30T08:15:01Z"), "lies in the future"),
        (("--seen", "CH-form=2026-06-30T08:14:59Z"), "seen before the test"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    mine: Path, tmp_path: Path, told: tuple[str, ...], said: str
) -> None:
    asked(mine, "--out", tmp_path / "o")
    record = tmp_path / "o" / "my-audit" / "channels"
    before = {path.name: path.read_bytes() for path in record.iterdir()}
    result = ask(mine, "--out", tmp_path / "o", *told)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in " ".join(result.stderr.split())
    assert {path.name: path.read_bytes() for path in record.iterdir()} == before


def test_an_engagement_without_channels_says_how_to_declare_them(tmp_path: Path) -> None:
    result = ask("doj-foia", "--out", tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "params/engagements/doj-foia.yaml: no channel is declared" in result.stderr


def test_a_message_that_is_not_there_stops_the_round_before_anything_is_written(mine: Path, tmp_path: Path) -> None:
    (mine.parent / "mails" / "june.eml").unlink()
    result = ask(mine, "--out", tmp_path / "o", "-q")
    assert result.exit_code == 2
    assert "june.eml: the message cannot be read" in result.stderr
    assert not (tmp_path / "o" / "my-audit" / "channels").exists()


def test_a_record_that_was_edited_is_refused(mine: Path, tmp_path: Path) -> None:
    asked(mine, "--out", tmp_path / "o")
    path = tmp_path / "o" / "my-audit" / "channels" / "checks.jsonl"
    path.write_text(path.read_text("utf-8").replace('"reachable":false', '"reachable": true'), encoding="utf-8")
    result = ask(mine, "--out", tmp_path / "o", "-q")
    assert result.exit_code == 3
    assert "checks.jsonl, line 2: this file was changed after it was written" in result.stderr


def test_the_record_holds_no_address_path_or_name(mine: Path, tmp_path: Path) -> None:
    asked(mine, "--out", tmp_path / "o", "--send")
    text = "".join(path.read_text("utf-8") for path in (tmp_path / "o" / "my-audit" / "channels").iterdir())
    assert not [word for word in ("dpo", "exemple-courrier", "/droits", "/u", "lettre", "Bonjour") if word in text]
