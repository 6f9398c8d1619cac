"""The texts of a folder are read whole and searched as a table; what is left out, or cannot be read, is named."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_kit.edges import folders, opening, unread
from evidence_kit.edges.params import mappings, reading
from evidence_kit.errors import SourceError
from tests.edges.desks import engagement, mapping, opened

ANN = "ann@example.org"
Doubts = dict[tuple[str, str], int]


@contextmanager
def read(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(duckdb.connect()) as session:
        opening.attach(session, mapping({}, name="logs", engine="files"), folder)
        yield session


def texts(folder: Path) -> list[tuple[str, int, str]]:
    with read(folder) as session:
        return session.execute("SELECT file, line, text FROM logs.logs").fetchall()


def told(folder: Path) -> tuple[dict[str, str], Doubts]:
    """What is unreachable → why; (file, doubt) → how many."""
    with read(folder) as session:
        missing = {name: why for _, name, why in unread.listed(session)}
        return missing, {(name, code): number for name, code, number in unread.doubts(session, "logs")}


def holding(folder: Path, word: str = ANN) -> list[tuple[str, int]]:
    return [(file, line) for file, line, text in texts(folder) if word in text]


# --- lines ------------------------------------------------------------------------------------------------------------


def test_every_line_of_every_file_however_deep(tmp_path: Path) -> None:
    (tmp_path / "b/deep/er").mkdir(parents=True)
    (tmp_path / "a.log").write_bytes(b"one\r\n\n  two\tx\nlast")
    (tmp_path / "b/deep/er/noname").write_text("three\n")
    (tmp_path / ".hidden").write_text("four\n")
    (tmp_path / "empty.txt").touch()
    assert texts(tmp_path) == [
        (".hidden", 1, "four"),
        *[("a.log", 1, "one"), ("a.log", 2, ""), ("a.log", 3, "  two\tx"), ("a.log", 4, "last")],
        ("b/deep/er/noname", 1, "three"),
    ]
    assert told(tmp_path) == ({}, {})


def test_one_file_alone_is_a_place_too(tmp_path: Path) -> None:
    (tmp_path / "mail.log").write_text(f"to=<{ANN}>\n")
    assert texts(tmp_path / "mail.log") == [("mail.log", 1, f"to=<{ANN}>")]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_files_are_opened_whatever_they_are_called(pack: object, tmp_path: Path) -> None:
    (tmp_path / "mail.log.1").write_bytes(pack(f"to=<{ANN}>\n".encode()))  # type: ignore[operator]
    assert texts(tmp_path) == [("mail.log.1", 1, f"to=<{ANN}>")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    (tmp_path / "a.txt").write_bytes(mark + "José 🙂\r\nzwei\n".encode(encoding))
    assert texts(tmp_path) == [("a.txt", 1, "José 🙂"), ("a.txt", 2, "zwei")]


def test_bytes_of_another_encoding_are_kept_and_counted(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes("José\n".encode("latin-1") + "José\n".encode() + b"\x81\x00\x9f\n")
    (tmp_path / "b.log").write_bytes("José\n".encode() + b"\xe9\n")
    assert holding(tmp_path, "José") == [("b.log", 1)]  # a.log has a zero among its first bytes
    assert told(tmp_path)[1] == {("a.log", "files-binary"): 1, ("b.log", "lines-not-utf-8"): 1}
    with read(tmp_path) as session:
        source = mapping({}, name="logs", engine="files")
        assert opening.doubts(session, source) == "1-files-binary; 1-lines-not-utf-8"


def test_a_zero_far_inside_does_not_hide_a_log(tmp_path: Path) -> None:
    """A machine that loses its power leaves a block of them in its log."""
    (tmp_path / "a.log").write_bytes(b"x\n" * folders.HEAD + b"\0" * 4096 + f"{ANN}\n".encode())
    assert holding(tmp_path) == [("a.log", folders.HEAD + 1)]


@pytest.mark.parametrize("letter", ["x", "é", "🙂"])
def test_a_long_line_is_told_in_parts_and_no_word_is_cut_in_all(
    letter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "PIECE", 101)
    monkeypatch.setattr(folders, "OVERLAP", 40)
    for before in range(60, 110):
        text = letter * before + f" {ANN} " + letter * 300
        (tmp_path / "a.log").write_text(f"{text}\nend")
        folder = folders.Folder(tmp_path)
        found = list(folder.rows())
        assert any(ANN in said for _, line, said in found if line == "1")
        assert found[-1] == ("a.log", "2", "end")
        assert (folder.unreachable, dict(folder.doubts)) == ([], {})


WIDTHS = (0x21, 0x100, 0x4E00, 0x1F300)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WIDTHS), max_size=60), st.integers(9, 16))
def test_no_character_of_a_line_is_lost(widths: list[int], piece: int) -> None:
    line = "".join(chr(width + place) for place, width in enumerate(widths))  # no character twice
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(folders, "PIECE", piece)
        patched.setattr(folders, "OVERLAP", 4)
        found = ""
        for number, part in folders.pieces(io.BytesIO(line.encode())):
            said = part.decode("utf-8")  # never cut inside a character
            assert number == 1
            assert said[:1] in (found + line[len(found) :][:1])  # it begins inside what is known, or right behind it
            found = found[: line.index(said[:1])] + said
    assert found == line


def test_memory_does_not_grow_with_a_file(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.log.gz", "wb", 1) as out:
        for _ in range(20):
            out.write((b"a line of a log" * 20 + b"\n") * 1_000)
    tracemalloc.start()
    counted = sum(1 for _ in folders.Folder(tmp_path).rows())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert counted == 20_000  # six megabytes
    assert peak < 1024 * 1024


# --- messages ---------------------------------------------------------------------------------------------------------

MAIL = """\
From: Ann <someone@example.net>
To: desk@example.com
Subject: =?utf-8?q?J=C3=B3s=C3=A9?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

YW5uQGV4YW1wbGUub3JnIHdhcyBoZXJl

--b
Content-Type: text/html; charset=utf-8

<a href="mailto:link@example.org">x</a> me&#64;example.org spl<b>it</b>@example.org
--b
Content-Type: text/csv
Content-Disposition: attachment; filename=people.csv
Content-Transfer-Encoding: base64

Y3N2QGV4YW1wbGUub3JnOzEK

--b
Content-Type: application/pdf
Content-Transfer-Encoding: base64

JVBERi0xLjcKAAAA

--b--
"""


@pytest.mark.parametrize(
    "name", ["contact.mbox", "spool", "contact.gz", "note.EML", "note.eml.gz", "Maildir/cur/1:2,S", "sent.log"]
)
def test_a_message_says_all_that_it_holds(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    alone = ".eml" in name.lower() or "cur" in name or name == "sent.log"
    content = MAIL if alone else f"From x@example.com Mon Jan  5 10:00:00 2026\n{MAIL}\n"
    path.write_bytes(gzip.compress(content.encode()) if name.endswith(".gz") else content.encode())
    ((file, line, text),) = texts(tmp_path)
    assert (file, line) == (name, 1)
    wanted = (ANN, "Jósé", "link@example.org", "me@example.org", "split@example.org", "csv@example.org", "desk@example")
    assert [word for word in wanted if word not in text] == []
    assert told(tmp_path) == ({}, {(name, "attachments-binary"): 1})


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_spool_of_several_messages_in_one_file(end: str, tmp_path: Path) -> None:
    """Django's file-based backend writes a line of dashes behind each."""
    content = f"{MAIL}\n{'-' * 79}\n" + MAIL.replace("link@", "two@") + f"\n{'-' * 79}\n"
    (tmp_path / "20260301.log").write_bytes(content.replace("\n", end).encode())
    first, second = texts(tmp_path)
    lines = MAIL.count("\n")
    assert (first[:2], second[:2]) == (("20260301.log", 1), ("20260301.log", lines + 3))
    assert all("csv@example.org" in text for _, _, text in (first, second))
    assert ("link@" in first[2], "two@" in second[2], "link@" in second[2]) == (True, True, False)
    assert told(tmp_path)[0] == {}


@pytest.mark.parametrize(
    "head", ["Date: today\n\nFrom: here\n", "Date: x\nFrom: y\nno header\n\nz\n", "From: a\nTo: b\n"]
)
def test_a_log_that_begins_nearly_like_a_message_is_a_log(head: str, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(head)
    assert [text for _, _, text in texts(tmp_path)] == head.splitlines()
    assert told(tmp_path) == ({}, {})


def test_a_long_message_is_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "PIECE", 1000)
    monkeypatch.setattr(folders, "OVERLAP", 50)
    body = "\n".join(["word"] * 9000) + f"\n{ANN}\n"
    (tmp_path / "a.eml").write_text(f"From: a@example.com\nSubject: x\n\n{body}")
    assert ("a.eml", 1) in holding(tmp_path)


def test_a_torn_mailbox_is_read_as_far_as_it_goes_and_named(tmp_path: Path) -> None:
    whole = f"From x@example.com Mon Jan  5 10:00:00 2026\nFrom: a@example.com\n\n{ANN}\n\n"
    (tmp_path / "cut").write_text(whole + "From x@example.com Mon Jan  5 10:00:00 2026\nTo: bob@example.org")
    assert holding(tmp_path) == [("cut", 1)]
    assert holding(tmp_path, "bob@example.org") == [("cut", 6)]
    assert told(tmp_path)[0] == {"cut": "torn: line 6"}


@pytest.mark.slow
def test_a_message_too_deep_for_a_parser_hides_nothing(tmp_path: Path) -> None:
    deep = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(900))
    (tmp_path / "a.eml").write_text(f"From: a@example.com\n{deep}\n{ANN}\n")
    assert holding(tmp_path) == [("a.eml", 1)]


# --- what is not read -------------------------------------------------------------------------------------------------


def test_what_is_no_text_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(f"{ANN}\n")
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7\n" + f"{ANN}\n".encode())
    (tmp_path / "packed.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "many.tar.gz").write_bytes(gzip.compress(b"name" + b"\0" * 600))
    with closing(sqlite3.connect(tmp_path / "app.db")) as base:
        base.execute("CREATE TABLE t (a)")
    os.mkfifo(tmp_path / "pipe")
    assert holding(tmp_path) == [("a.log", 1)]
    binary = {(name, "files-binary"): 1 for name in ("app.db", "many.tar.gz", "packed.zip", "paper.pdf")}
    assert told(tmp_path) == ({}, {**binary, ("pipe", "files-not-regular"): 1})


def test_a_link_is_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "logs"
    outside.mkdir()
    folder.mkdir()
    (outside / "secret.log").write_text(f"{ANN}\n")
    (folder / "own.log").write_text("own\n")
    (folder / "again.log").symlink_to("own.log")
    (folder / "file.log").symlink_to(outside / "secret.log")
    (folder / "folder").symlink_to(outside)
    (folder / "up").symlink_to("..")
    (folder / "nothing").symlink_to("nowhere")
    (folder / "itself").symlink_to("itself")
    assert texts(folder) == [("own.log", 1, "own")]
    named = ("file.log", "folder", "up", "nothing", "itself")
    assert told(folder) == ({}, {(name, "links-not-followed"): 1 for name in named})


def test_a_file_that_becomes_a_link_meanwhile_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "secret").write_text(f"{ANN}\n")
    (tmp_path / "logs/a.log").write_text("x\n")
    folder = folders.Folder(tmp_path / "logs")
    ((path, name),) = folder._walk()
    path.unlink()
    path.symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match="symbolic"):
        list(folder._file(path, name))


@pytest.mark.parametrize("name", ["a.log.gz", "a.log.xz"])
def test_a_packed_file_that_is_cut_is_unreachable(name: str, tmp_path: Path) -> None:
    content = f"{ANN}\n".encode() + os.urandom(90_000).hex().encode()
    (tmp_path / name).write_bytes((gzip if name.endswith("gz") else lzma).compress(content)[:-2000])
    missing, _ = told(tmp_path)
    assert missing == {name: "torn"}


def test_a_file_that_nobody_may_read_is_unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.log").write_text("x\n")
    (tmp_path / "b.log").write_text("y\n")
    opens = os.open

    def denied(path: Path, *how: int) -> int:
        if path.name == "a.log":  # root may read everything
            raise PermissionError
        return opens(path, *how)

    monkeypatch.setattr(os, "open", denied)
    assert texts(tmp_path) == [("b.log", 1, "y")]
    assert told(tmp_path)[0] == {"a.log": "forbidden"}


def test_a_folder_that_nobody_may_enter_is_unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "a.log").write_text("x\n")
    scan = os.scandir

    def denied(path: Path) -> object:
        if path.name == "private":
            raise PermissionError
        return scan(path)

    monkeypatch.setattr(os, "scandir", denied)
    assert told(tmp_path)[0] == {"private/": "forbidden"}


def test_a_file_that_unpacks_without_end_is_unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "UNPACKED", 100_000)
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"a line of a log\n" * 100_000))
    assert told(tmp_path)[0]["a.gz"].startswith("torn: line ")


def test_names_of_any_bytes_are_names(tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/\xff'; DROP.log"
    with open(odd, "wb") as out:
        out.write(b"x\n")
    assert texts(tmp_path) == [("\\xff'; DROP.log", 1, "x")]


def test_a_folder_that_is_none_or_holds_nothing(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not there"):
        texts(tmp_path / "nowhere")
    with pytest.raises(SourceError, match="holds no file"):
        texts(tmp_path)


def test_a_session_says_what_it_could_not_read(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/a.gz").write_bytes(gzip.compress(os.urandom(90_000).hex().encode())[:-2000])
    (tmp_path / "logs/b.png").write_bytes(b"\x89PNG\r\n\x1a\n\0")
    source = mapping({}, name="logs", engine="files")
    with closing(opened(engagement([source]), {"logs": tmp_path / "logs"}, tmp_path / "home")) as session:
        assert session.unreachable() == (("logs", "a.gz", "torn"),)
        assert session.doubts() == (("logs", "b.png", "files-binary", 1),)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("engine: files", []),
        ("engine: sqlite", []),
        ("engine: duckdb", []),
        ('engine: postgresql\noptions: {tables: "*"}', []),
        ("engine: postgresql\noptions: {tables: [log]}", ["this source gives no frame and no object"]),
        ("engine: csv", ["this source gives no frame and no object"]),
        ('engine: csv\noptions: {tables: "*"}', ["engine csv has no such option"]),
        ("engine: files\noptions: {folder: true}", ["engine files has no such option"]),
        ("engine: sqlite\noptions: {tables: [log, LOG]}", ["two tables have this name"]),
    ],
)
def test_only_what_is_read_whole_needs_no_mapping(head: str, said: list[str], tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(f"source: own\n{head}\n")
    document = reading.read(file, "own.yaml")
    mappings.mapping(document, "own", "UTC")
    lines = document.lines()
    assert len(lines) == len(said)
    assert all(any(one in line for line in lines) for one in said), lines
