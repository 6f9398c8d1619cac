"""Mailboxes are read whole or refused by the line of the torn message; hostile headers are text; doubts are kept."""

from __future__ import annotations

import base64
import gzip
import random
import re
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path

import duckdb
import pytest

from evidence_kit.edges import opening
from evidence_kit.errors import SourceError
from evidence_kit.model.audit import FIGURES, Mapped
from tests.edges import letters
from tests.edges.desks import engagement, frame_of, mapping, opened
from tests.edges.desks import plain as own

SECRET = "agathe.longuepine@cachet-cire.example"
FROM = "From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n"
MESSAGE = f"""{FROM}Received: from relay; Mon, 02 Mar 2026 09:30:00 +0100
Date: Sun, 01 Mar 2026 09:30:00 +0100
Message-ID: <1@example>
From: =?utf-8?q?Agathe_Longu=C3=A9pine?= <agathe@example>
To: DPO <dpo@example>, other@example
Subject: =?utf-8?b?RMOpc2luc2NyaXB0aW9u?=
In-Reply-To: <0@example>
List-Unsubscribe: <https://example/u>
X-Request-Id: DSR-1

Body

{FROM}Date: on Monday, perhaps
From: nobody

"""
Rows = list[dict[str, str | None]]
Read = Callable[..., Rows]


def rows_of(path: Path, **options: bool) -> Rows:
    """Every message of a mailbox, as the mapping's SQL sees it."""
    with duckdb.connect() as connection:
        opening.attach(connection, mapping({}, name="letters", engine="mbox", **options), path)
        found = connection.execute("SELECT * FROM letters.letters")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: str | bytes, name: str = "inbox.mbox") -> Rows:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return rows_of(path)

    return read


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(SourceError) as caught:
        action()
    assert "longuepine" not in str(caught.value)
    return str(caught.value)


def one(headers: str, body: str = "Body\n", end: str = "\n") -> str:
    return f"{FROM}{headers}\n\n{body}{end}"


# --- what is read -----------------------------------------------------------------------------------------------------


def test_a_mailbox_is_read_by_its_headers(read: Read) -> None:
    first, second = read(MESSAGE)
    said = {
        "message_id": "<1@example>",
        "from_email": "agathe@example",
        "from_name": "Agathe Longuépine",
        "to_email": "dpo@example",
        "subject": "Désinscription",
        "received_at": "2026-03-02T09:30:00+01:00",
        "body": "Body",
        "in_reply_to": "<0@example>",
        "content_type": "text/plain",
        "has_list_unsubscribe": "true",
        "file": "inbox.mbox",
        "line": "1",
        "doubt": None,
        "x_request_id": "DSR-1",
    }
    assert {name: first[name] for name in said} == said
    nothing = ("from_name", "subject", "body", "x_request_id", "list_id", "precedence", "references", "auto_submitted")
    assert [second[name] for name in nothing] == [None] * len(nothing)
    assert (second["from_email"], second["received_at"], second["line"]) == ("nobody", "on Monday, perhaps", "14")


def test_line_ends_of_windows_and_a_compressed_file_say_the_same(read: Read, tmp_path: Path) -> None:
    plain = read(MESSAGE)
    assert read(MESSAGE.replace("\n", "\r\n")) == plain
    (tmp_path / "inbox.mbox.gz").write_bytes(gzip.compress(MESSAGE.encode()))
    packed = rows_of(tmp_path / "inbox.mbox.gz")
    assert [{**row, "file": "inbox.mbox"} for row in packed] == plain


def test_escaped_lines_come_back_and_an_unescaped_one_opens_no_message(read: Read) -> None:
    text = ">From here on\n>>From there\n\nFrom now on, write to us.\n"
    (row,) = read(one("From: a@example", text))
    assert row["body"] == "From here on\n>From there\n\nFrom now on, write to us."


def test_separators_of_several_programs(read: Read) -> None:
    ways = [
        "From - Mon Jan  5 10:00:00 2026",
        "From 18273@xxx Mon Jan 05 10:00:00 +0000 2026",
        "From anne at example.com  Mon Jan  5 10:00:00 2026",
        "From a@example Mon, 05 Jan 2026 10:00:00 +0100",
        "From ",
    ]
    assert len(read("".join(f"{way}\nFrom: a@example\n\nBody\n\n" for way in ways))) == len(ways)


def test_a_message_without_identifier_gets_a_lasting_one_that_no_server_gives(read: Read) -> None:
    (first, second) = read(one("From: a@example") + one("From: a@example", "Other\n"))
    (again, _) = read(one("From: a@example").replace("\n", "\r\n") + one("From: b@example"))
    assert first["message_id"] == again["message_id"] != second["message_id"]
    assert re.fullmatch(r"<[0-9a-f]{64}@no-message-id\.invalid>", first["message_id"] or "")


@pytest.mark.parametrize("coding", ["8bit", "quoted-printable", "base64"])
def test_the_text_is_decoded(read: Read, coding: str) -> None:
    message = EmailMessage()
    message["From"] = "a@example"
    message.set_content("Été : « effacez »\n", cte=coding)
    message.add_alternative("<p>Autre</p>", subtype="html")
    message.add_attachment(b"\x00\x01", maintype="application", subtype="pdf", filename="x.pdf")
    (row,) = read(FROM.encode() + message.as_bytes() + b"\n")
    assert row["body"] == "Été : « effacez »"


@pytest.mark.parametrize("mark", ["<![x", "<![ >", f"&#{'9' * 5000};"], ids=["mark", "empty mark", "digits"])
def test_markup_that_no_parser_reads_hides_no_request(mark: str, read: Read) -> None:
    page = f"<p>Bonjour</p>{mark}<p>je demande l&#39;acc&egrave;s</p>"
    (row,) = read(one("From: a@example\nContent-Type: text/html; charset=utf-8", page + "\n"))
    assert "je demande l'accès" in str(row["body"])


def test_html_is_read_where_there_is_no_plain_text(read: Read) -> None:
    page = (
        "<style>p{}</style><p>Effacez&nbsp;tout<br>merci</p><blockquote>ancien<br>texte</blockquote><script>x</script>"
    )
    (row,) = read(one("From: a@example\nContent-Type: text/html; charset=utf-8", page + "\n"))
    assert [line.strip() for line in (row["body"] or "").split("\n") if line.strip(" >")] == [
        "Effacez tout",
        "merci",
        "> ancien",
        "> texte",
    ]


def test_a_long_text_is_cut_and_says_so(read: Read) -> None:
    (row,) = read(one("From: a@example", "é" * 20_001 + "\n"))
    assert (len(row["body"] or ""), row["body_cut"]) == (20_000, "true")


@pytest.mark.parametrize(
    ("stamp", "received"),
    [
        ("Mon, 02 Mar 2026 09:30:00", "2026-03-02T09:30:00"),
        ("Mon, 02 Mar 2026 09:30:00 -0000", "2026-03-02T09:30:00+00:00"),
        ("Mon, 02 Mar 2026 09:30:00 GMT", "2026-03-02T09:30:00+00:00"),
        ("Mon, 02 Mar 2026 09:30:00 +0100 (CET)", "2026-03-02T09:30:00+01:00"),
        ("Mon, 02 Mar 2026 09:30:00 CEST", "Mon, 02 Mar 2026 09:30:00 CEST"),
        ("Mon, 32 Mar 2026 09:30:00 +0100", "Mon, 32 Mar 2026 09:30:00 +0100"),
        ("Mon, 02 Mar 99999 09:30:00 +9999", "Mon, 02 Mar 99999 09:30:00 +9999"),
        ("", None),
    ],
)
def test_a_date_is_believed_only_with_what_it_says(read: Read, stamp: str, received: str | None) -> None:
    """Without Received line the sender's Date; without zone the mapping's; a zone nobody knows is no zone."""
    assert read(one(f"From: a@example\nDate: {stamp}"))[0]["received_at"] == received
    if stamp:
        line = f"Received: from x; by mx; {stamp}\nReceived: from y; Thu, 01 Jan 2026 00:00:00 +0000"
        assert read(one(f"{line}\nFrom: a@example"))[0]["received_at"] == received


def test_a_date_without_zone_is_read_in_the_zone_of_the_mapping(tmp_path: Path) -> None:
    path = tmp_path / "a.mbox"
    path.write_text(one("Date: Mon, 02 Mar 2026 09:30:00\nFrom: a@b") + one("Date: Mon, 02 Mar 2026 09:30:00 CEST"))
    columns = {"received_at": Mapped("received_at", sql="received_at", line=9)}
    read_, not_read = frame_of(path, columns, "mailbox_messages", engine="mbox", name="letters")
    assert read_ == {"received_at": "2026-03-02 08:30:00+00", "unreadable": None}
    assert not_read == {"received_at": None, "unreadable": "received_at=unreadable-date"}


# --- hostile messages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "=?utf-8?b?%%%?= <a@example>",
        "=?no-such-charset?q?x?= <a@example>",
        "=?utf-8?q?=ff=fe=00?= <a@example>",
        "(" * 10_000 + " <a@example>",
        "<" * 10_000,
        '"' + "x" * 10_000,
        "a@example, " * 3_000,
        "\x00\x00 <a@example>",
        "\udcff\udcfe <a@example>",
        "=?utf-8?b?7aCA?= <a@example>",
    ],
    ids=["base64", "charset", "bytes", "brackets", "angles", "quote", "many", "NUL", "bytes raw", "surrogate"],
)
@pytest.mark.parametrize("title", ["From", "Subject", "To", "Message-ID", "Received", "X-Thing", "References"])
def test_no_header_ends_the_reading(read: Read, title: str, value: str) -> None:
    content = one(f"{title}: {value}\nX-Mark: here").encode("utf-8", "surrogateescape")
    (row,) = read(content)
    assert (row["x_mark"], row["body"]) == ("here", "Body")


def test_ten_thousand_characters_of_a_header_are_kept(read: Read) -> None:
    (row,) = read(one(f"From: a@example\nSubject: {'sujet ' * 2_000}"))
    assert row["subject"] == ("sujet " * 2_000).strip()


def test_an_encoded_word_cannot_write_a_header_or_an_address(read: Read) -> None:
    name = base64.b64encode(b"x\r\nX-Request-Id: DSR-9\r\n<other@example>,").decode()
    (row,) = read(one(f"From: =?utf-8?b?{name}?= <a@example>\nX-Mark: here"))
    assert row["from_email"] == "a@example"
    assert "x_request_id" not in row
    assert "\n" not in (row["from_name"] or "")


def test_of_two_headers_the_first_is_read_and_the_message_is_doubtful(read: Read) -> None:
    (row,) = read(one("From: a@example\nFrom: b@example\nMessage-ID: <1@x>"))
    assert (row["from_email"], row["doubt"]) == ("a@example", "header-repeated")


def test_hostile_header_names_make_hostile_columns_only(read: Read) -> None:
    (row,) = read(one("From: a@example\nX-'a\"b;--: yes\nX-: none"))
    assert row["x_'a\"b;__"] == "yes"
    assert len(row) == len(read(MESSAGE)[0])  # one X- header in each


def test_a_line_that_is_no_header_hides_no_header_in_silence(read: Read) -> None:
    (row,) = read(one('From: a@example\nX-"; DROP TABLE letters; --: no\nX-Request-Id: DSR-1'))
    assert (row["from_email"], row["doubt"]) == ("a@example", "headers-broken-off")


def test_nobody_makes_a_table_of_a_million_columns(read: Read) -> None:
    flood = "".join(f"X-Flood-{n}: 1\n" for n in range(3_000)) + "From: a@example"
    ours = one("From: b@example\nX-Zzz: kept") * 2
    rows = read(ours + one(flood))
    assert (rows[0]["x_zzz"], len([name for name in rows[0] if name.startswith("x_")])) == ("kept", 1000)


def test_nul_bytes_and_no_charset_at_all(read: Read) -> None:
    (row,) = read(FROM.encode() + b"From: a@example\nContent-Type: text/plain; charset=nothing\n\na\0b \xe9t\xe9\n\n")
    assert row["body"] == "a\0b été"


def test_parts_in_parts_do_not_end_the_reading(read: Read) -> None:
    head = "From: a@example\nContent-Type: multipart/mixed; boundary=b0"
    deep = "".join(f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(2_000))
    first, last = read(one(head, deep) + one("From: b@example"))
    assert (first["from_email"], last["from_email"]) == ("a@example", "b@example")
    assert first["doubt"] is not None


@pytest.mark.slow
def test_a_message_of_fifty_megabytes_is_one_row(read: Read) -> None:
    message = EmailMessage()
    message["From"], message["Message-ID"] = "a@example", "<1@x>"
    message.set_content("Merci de supprimer toutes mes données.\n")
    message.add_attachment(bytes(38_000_000), maintype="application", subtype="zip", filename="x.zip")
    content = FROM.encode() + message.as_bytes() + b"\n"
    assert len(content) > 50_000_000
    first, second = read(content + one("From: b@example").encode())
    assert (first["triage_right"], first["triage_request"], first["doubt"]) == ("erasure", "true", None)
    assert second["from_email"] == "b@example"
    assert "is cut" in refused(lambda: read(content[:40_000_000]))


# --- torn mailboxes ---------------------------------------------------------------------------------------------------


def parts(closed: bool = True) -> str:
    end = "--b--\n" if closed else ""
    return f"--b\nContent-Type: text/plain\n\nBonjour {SECRET}\n{end}"


MULTI = "From: a@example\nContent-Type: multipart/mixed; boundary=b"
CODED = "From: a@example\nContent-Transfer-Encoding: base64"
PRINTED = "From: a@example\nContent-Transfer-Encoding: quoted-printable"
BASE64 = base64.encodebytes(SECRET.encode() * 6).decode()


@pytest.mark.parametrize(
    ("last", "why"),
    [
        (f"{FROM}From: {SECRET}\nSubject: x\n", "ends inside its headers"),
        (f"{FROM}From: {SECRET[:9]}", "ends inside its headers"),
        (FROM, "ends inside its headers"),
        (FROM.strip(), "ends inside its headers"),
        (one("From: a@example") + "From MAILER-DAEMON Thu Ja", "another one is cut"),
        (one(MULTI, parts(closed=False)), "is cut"),
        (one(MULTI, "Bonjour\n"), "is cut"),
        (one(CODED, BASE64[:30], ""), "is cut"),
        (one(CODED, BASE64[:30] + "\n"), "is cut"),
        (one(CODED, BASE64[:28], ""), "is cut"),
        (one(PRINTED, "Et=C3=A", ""), "is cut"),
        (one(PRINTED, "Et=C3=A9 un jour=", ""), "is cut"),
        (one("From: a@example\nContent-Length: 900"), "is cut"),
    ],
    ids=[
        *("after a header", "inside a header", "after a separator", "inside a separator", "in the next separator"),
        *("open part", "no part", "base64", "base64 with its end", "base64 by fours", "byte", "soft line", "length"),
    ],
)
def test_a_cut_mailbox_is_refused_by_the_line_of_its_message(read: Read, last: str, why: str) -> None:
    message = refused(lambda: read(one("From: a@example", "One\n") + last))
    assert why in message
    assert "inbox.mbox, line 6" in message
    assert "Export the mailbox again" in message


def test_a_message_without_end_of_headers_is_refused_in_the_middle_too(read: Read) -> None:
    assert "line 1: " in refused(lambda: read(f"{FROM}From: {SECRET}\n" + one("From: a@example")))


@pytest.mark.parametrize(
    ("content", "doubt"),
    [
        (one(MULTI, parts(closed=False)), "part-without-end"),
        (one(CODED, BASE64[:30] + "\n"), "encoding-cut"),
        (one("From: a@example\nContent-Length: 900"), "length-disagrees"),
        (one("From: a@example", end=""), "no-blank-line-at-the-end"),
        (one("From: a@example", f"{FROM}Dear all\n"), "separator-inside"),
    ],
)
def test_what_may_have_been_sent_so_is_read_and_recorded(read: Read, content: str, doubt: str) -> None:
    first, second = read(content + one("From: b@example"))
    assert (first["doubt"], second["doubt"]) == (doubt, None)


@pytest.mark.parametrize("end", ["", "\n"])
def test_an_end_without_blank_line_is_a_doubt(read: Read, end: str) -> None:
    assert read(f"{FROM}From: a@example\n\nBody{end}")[0]["doubt"] == "no-blank-line-at-the-end"


@pytest.mark.parametrize(
    "content",
    [
        one(MULTI, parts()),
        one(CODED, BASE64),
        one(CODED, base64.encodebytes(b"odd").decode() + "\n-- \nA list's footer\n"),
        one(PRINTED, "Et=C3=A9=\n"),
        one("From: a@example\nContent-Length: 5"),
        one("From: a@example\nContent-Length: 5").replace("\n", "\r\n"),
    ],
    ids=["parts", "base64", "base64 and a footer", "soft line at the end", "length", "length of Windows"],
)
def test_what_is_whole_is_no_doubt(read: Read, content: str) -> None:
    assert [row["doubt"] for row in read(content)] == [None]


@pytest.mark.slow
def test_a_mailbox_cut_anywhere_is_never_counted_whole(read: Read) -> None:
    """But between two messages, which an mbox cannot tell, and after a paragraph of plain text."""
    dice = random.Random(5)
    content = letters.mailbox(5, size=60, asked=12).content
    blind = refusals = doubts = 0
    for place in dice.sample(range(1000, len(content) - 1), 200):
        try:
            rows = read(content[:place])
        except SourceError:
            refusals += 1
            continue
        blind += rows[-1]["doubt"] is None
        doubts += rows[-1]["doubt"] is not None
        assert rows[-1]["doubt"] is not None or content[:place].endswith(b"\n\n")
    assert refusals + doubts + blind == 200
    assert blind <= 4  # 2 %


def test_a_doubt_stands_beside_the_population(tmp_path: Path) -> None:
    (tmp_path / "a.mbox").write_text(one(CODED, BASE64[:30] + "\n") + one("Message-ID: <2@x>", end=""))
    source = mapping({}, name="letters", engine="mbox")
    with duckdb.connect() as connection:
        opening.attach(connection, source, tmp_path / "a.mbox")
        assert opening.doubts(connection, source) == "1-messages-encoding-cut; 1-messages-no-blank-line-at-the-end"


# --- files and folders ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [f"request_id\n{SECRET}\n", "\ufffe\ufffe", "Subject: x\n\nBody\n", "From me\n"])
def test_a_file_that_is_no_mailbox_is_refused(read: Read, content: str) -> None:
    assert "line 1: no message begins here" in refused(lambda: read(content))


def test_single_messages_and_what_is_none(read: Read) -> None:
    (row,) = read("Message-ID: <1@x>\nFrom: a@example\n\nBonjour", "one.eml")
    assert (row["message_id"], row["body"], row["doubt"]) == ("<1@x>", "Bonjour", None)
    assert "no header stands here" in refused(lambda: read(f"{SECRET}\n\nBonjour", "one.eml"))
    assert "ends inside its headers" in refused(lambda: read(f"From: {SECRET}\n", "one.eml"))
    assert "is cut" in refused(lambda: read(f"{MULTI}\n\n{parts(closed=False)}", "one.eml"))


def test_a_compressed_mailbox_that_is_cut_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mbox.gz").write_bytes(gzip.compress(MESSAGE.encode() * 50)[:-9])
    assert "that the file is whole" in refused(lambda: rows_of(tmp_path / "a.mbox.gz"))


def test_a_folder_of_mailboxes_and_messages_is_one_table(tmp_path: Path) -> None:
    """One message may lie in two folders: both rows stay, told apart by their file."""
    (tmp_path / "inbox.mbox").write_text(MESSAGE)
    (tmp_path / "spam.mbox").write_text(MESSAGE)
    (tmp_path / "one.eml").write_text("Message-ID: <3@x>\nFrom: c@example\nX-Other: 1\n\nBody\n")
    rows = rows_of(tmp_path, folder=True)
    assert [row["file"] for row in rows] == ["inbox.mbox"] * 2 + ["one.eml"] + ["spam.mbox"] * 2
    assert [row["message_id"] for row in rows].count("<1@example>") == 2
    assert (rows[2]["x_other"], rows[0]["x_other"]) == ("1", None)


# --- the threshold ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("score", "found"), [(60, True), (90, False)])
def test_the_engagement_says_from_which_score_a_message_is_a_request(tmp_path: Path, score: int, found: bool) -> None:
    (tmp_path / "a.mbox").write_text(one("Message-ID: <1@x>\nFrom: a@example", "Merci d'effacer mes données.\n"))
    columns = {**own("message_id"), "is_rights_request": Mapped("is_rights_request", sql="triage_request", line=9)}
    frame = {"message_key": Mapped("message_key", sql="message_id"), "is_rights_request": columns["is_rights_request"]}
    source = mapping({"mailbox_messages": frame}, name="letters", engine="mbox")
    agreed = engagement([source], parameters={**FIGURES, "triage_score": score})
    behind = opened(agreed, {"letters": tmp_path / "a.mbox"}, tmp_path / "home")
    relation = behind._frames.relation("mailbox_messages")
    rows = behind._connection.execute("SELECT is_rights_request FROM main.frame_mailbox_messages").fetchall()
    behind.close()
    assert rows == [(found,)]
    assert f"a request from {score} %" in relation.sql.split("\n")[0]
    names: Mapping[str, str] = relation.kinds
    assert set(names) == {"message_key", "is_rights_request", "unreadable"}
