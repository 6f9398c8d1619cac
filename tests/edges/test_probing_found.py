"""Whom the probe finds, and where: spellings, escapes, digests, numbers, hostile names and keys, what is silent."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote as percent

import duckdb
import pytest

from evidence_kit.edges import probing, unread
from evidence_kit.edges.opening import quote
from evidence_kit.model.audit import DigestRecipe, LiveObject, Place
from tests.edges.erased import Session, base, erasure, hashed, salted

JOSE = "josé@example.fr"
SHA256 = hashlib.sha256(JOSE.encode()).hexdigest()
HMAC = DigestRecipe("ours", "hmac-sha256", "vault:suppression")
SALTED = DigestRecipe("salted", "sha256", "env:EVIDENCE_SALT")


def cells(
    tmp_path: Path, values: Mapping[str, str], subject: str = JOSE, **more: object
) -> tuple[object, object, set[str]]:
    """One row with a column for each value: rows found, the strongest route, and the columns in which."""
    path = tmp_path / "crm.duckdb"
    base(path, f"CREATE TABLE t (id INTEGER, {', '.join(f'{quote(name)} VARCHAR' for name in values)})")
    with duckdb.connect(str(path)) as made:
        made.execute(f"INSERT INTO t VALUES (1, {', '.join('?' for _ in values)})", list(values.values()))
    row = Session(path, [erasure("E1", subject)], places=[Place("crm.t")], **more).probed()["E1", "t"]  # type: ignore[arg-type]
    return row["matched_rows"], row["match_route"], set(str(row["matched_in"] or "").split(", ")) - {""}


def numbered(*values: str) -> dict[str, str]:
    return {f"c{number}": value for number, value in enumerate(values)}


WHOLE = {
    "capitals": "JOSÉ@Example.FR",
    "decomposed": unicodedata.normalize("NFD", "JOSÉ@Example.FR"),
    "blanks": "\u00a0 josé@example.fr\t\n",
}
WITHIN = {
    "text": "Bonjour, écrivez à José@example.fr. Merci",
    "text-decomposed": unicodedata.normalize("NFD", "écrivez à JOSÉ@example.fr!"),
    "quotation": "«José@Example.fr», dit-il",
    "single-quotes": "where mail = 'josé@example.fr'",
    "name": "José <josé@example.fr>; x <y@z.example>",
    "mailto": '<a href="mailto:josé@example.fr?subject=x">',
    "assignment": "user=josé@example.fr,id=4",
    "json": '{"a": ["josé@example.fr"]}',
    "json-escaped": r'{"a": "jos\u00e9@example.fr"}',
    "json-escaped-capitals": r'{"a": "JOS\u00C9\u0040EXAMPLE.FR"}',
    "json-decomposed": r'{"a": "jose\u0301@example.fr"}',
    "json-newline": r'{"a": "line\njosé@example.fr\nline \ud83d\ude00"}',
    "json-in-json": r'{"a": "{\"b\": \"jos\\u00e9@example.fr\"}"}',
    "url": "https://x.example/?m=jos%C3%A9%40example.fr&c=1",
    "url-bare-at": "https://x.example/jos%C3%A9@example.fr/c=1",
    "url-twice": "https://x.example/?r=jos%C3%A9%2540example.fr",
    "url-bad-octets": "https://x.example/?x=%E9&m=jos%C3%A9%40example.fr",
}
DIGEST = {
    "sha256": SHA256,
    "sha256-capitals": SHA256.upper(),
    "md5-in-text": f"id:{hashlib.md5(JOSE.encode()).hexdigest().upper()};",
    "sha1": hashlib.sha1(JOSE.encode()).hexdigest(),
    "sha512": hashlib.sha512(JOSE.encode()).hexdigest(),
    "hmac": hashed(JOSE).upper(),
    "salted": salted(JOSE),
}


@pytest.mark.parametrize(
    ("values", "route"), [(WHOLE, "identifier"), (WITHIN, "free_text"), (DIGEST, "digest")], ids=["whole", "in", "hash"]
)
def test_a_person_is_found_however_a_cell_holds_them(tmp_path: Path, values: Mapping[str, str], route: str) -> None:
    assert cells(tmp_path, values, digests=[HMAC, SALTED]) == (1, route, set(values))


def test_nobody_else_is_found(tmp_path: Path) -> None:
    others = {
        "an-accent-less": "jose@example.fr",
        "a-longer-name": "anjosé@example.fr",
        "a-longer-domain": "josé@example.fr.other.example",
        "a-tag": "josé+list@example.fr",
        "a-dot": "jo.sé@example.fr",
        "an-apostrophe": "o'josé@example.fr",
        "an-underscore": "_josé@example.fr",
        "a-name": "José Example",
        "another-digest": hashlib.sha256(b"jose@example.fr").hexdigest(),
        "a-digest-and-more": SHA256 + "0",
        "an-unknown-hmac": hashed(JOSE, b"another key"),
        "nothing": "",
        "a-pattern": "%",
    }
    assert cells(tmp_path, others, digests=[HMAC, SALTED]) == (0, "identifier", set())


@pytest.mark.parametrize(("asked", "stored"), [("bücher", "xn--bcher-kva"), ("xn--bcher-kva", "BÜCHER")])
def test_a_domain_is_found_in_letters_and_in_ascii(tmp_path: Path, asked: str, stored: str) -> None:
    values = numbered(f"JO@{stored}.example", f"to: jo@{stored}.Example.")
    assert cells(tmp_path, values, f"jo@{asked}.example") == (1, "identifier", set(values))


def test_dots_and_tags_are_dropped_only_where_declared(tmp_path: Path) -> None:
    asked = "an.a.b+x@gmail.example"
    values = numbered("ana.b@gmail.example", "A.N.A.B+shop@gmail.example", "to an.ab@gmail.example")
    assert cells(tmp_path, values, asked, undotted=["gmail.example"]) == (1, "identifier", set(values))
    assert cells(tmp_path, values, asked, undotted=["other.example"])[0] == 0
    elsewhere = {name: value.replace("gmail", "mail") for name, value in values.items()}
    assert cells(tmp_path, elsewhere, asked.replace("gmail", "mail"), undotted=["gmail.example"])[0] == 0


def test_a_number_is_found_as_it_is_dialled_and_no_other(tmp_path: Path) -> None:
    written = ("+33199001234", "01 99 00 12 34", "01.99.00.12.34", "0033 1 99 00 12 34", "+33 (0)1 99 00 12 34")
    wholly = numbered(*written, "tel:+33199001234")
    asked = [("E1", "phone", "01 99 00 12 34")]
    assert cells(tmp_path, wholly, "k@x.example", subject_keys=asked) == (1, "identifier", set(wholly))
    within = {name: f"call {value} after six, or +33 1 99 00 99 99" for name, value in wholly.items()}
    assert cells(tmp_path, within, "+33 1 99 00 12 34") == (1, "free_text", set(within))
    others = numbered("0199001235", "900199001234", "K0199001234", "20199001234", "01990012340", "199001234")
    assert cells(tmp_path, others, "k@x.example", subject_keys=asked) == (0, "identifier", set())


def test_exact_keys_are_whole_cells_and_keep_their_letters(tmp_path: Path) -> None:
    values = {"same": " K-0042 ", "more": "K-0042 and more", "small": "k-0042"}
    asked = [("E1", "exact", "K-0042")]
    assert cells(tmp_path, values, "k@x.example", subject_keys=asked) == (1, "identifier", {"same"})


def test_the_letters_of_a_key_are_letters_and_an_empty_one_is_nobodys(tmp_path: Path) -> None:
    hostile = [
        "%",
        "_",
        "%@x.example",
        "an_@x.example",
        "'; DROP TABLE t; --",
        'x"y',
        "a" * 310 + "@x.example",
        "\\",
        "$1",
    ]
    path = base(
        tmp_path / "crm.duckdb",
        "CREATE TABLE t AS SELECT "
        "unnest(['ana@x.example', 'any@x.example', 'x', 'a', '', ' ', NULL, 'y', 'x y']) AS said",
    )
    with duckdb.connect(str(path)) as made:
        made.execute("INSERT INTO t SELECT unnest(CAST(? AS VARCHAR[]))", [hostile])
    log = [erasure(f"E{number}", key) for number, key in enumerate(hostile)]
    empty = [erasure(f"N{number}", key) for number, key in enumerate((None, "", " \t", "\u00a0"))]
    keys = [("N0", "email", " "), ("N1", "digest", ""), ("N2", "phone", "\t")]
    rows = Session(path, [*log, *empty], places=[Place("crm.t")], subject_keys=keys).probed()
    assert {case: row["matched_rows"] for (case, _), row in rows.items()} == {str(one[0]): 1 for one in log}


def test_a_digest_is_all_that_was_kept_of_somebody(tmp_path: Path) -> None:
    path = base(tmp_path / "crm.duckdb", f"CREATE TABLE t AS SELECT '{hashed(JOSE)}' AS said")
    rows = Session(path, [erasure("E1", hashed(JOSE).upper(), form="keyed_digest")]).probed()
    assert (rows["E1", "t"]["match_route"], rows["E1", "t"]["mask"]) == ("digest", "reversible")


def test_two_erasures_of_one_person_are_two_cases_and_keys_add_up(tmp_path: Path) -> None:
    path = base(tmp_path / "crm.duckdb", "CREATE TABLE t AS SELECT 'ana@x.example' AS a, 'jo@x.example, K-1' AS b")
    log = [erasure("E1"), erasure("E2"), erasure("E3", None)]
    rows = Session(path, log, subject_keys=[("E2", "email", "jo@x.example"), ("E3", "email", "jo@x.example")]).probed()
    seen = {case: (row["matched_rows"], row["match_route"], row["matched_in"]) for (case, _), row in rows.items()}
    assert seen == {"E1": (1, "identifier", "a"), "E2": (1, "identifier", "a, b"), "E3": (1, "free_text", "b")}
    assert rows["E3", "t"]["subject_key"] == "jo@x.example"


KINDS = [
    ("STRUCT(a VARCHAR, b VARCHAR[])", "{'a': 'x', 'b': ['josé@example.fr']}"),
    ("VARCHAR[]", "['x', 'josé@example.fr']"),
    ("VARCHAR[2]", "['x', 'josé@example.fr']"),
    ("MAP(VARCHAR, VARCHAR)", "MAP {'k': 'JOSÉ@example.fr'}"),
    ("UNION(n INTEGER, s VARCHAR)", "'josé@example.fr'"),
    ("JSON", '\'{"a": {"b": "jos\\u00e9@example.fr"}}\''),
    ("BLOB", "encode('to josé@example.fr')"),
    ("ENUM('josé@example.fr', 'x')", "'josé@example.fr'"),
    ("VARIANT", "'josé@example.fr'"),
]


def test_every_type_that_can_hold_text_is_looked_into(tmp_path: Path) -> None:
    columns = ", ".join(f"c{number} {kind}" for number, (kind, _) in enumerate(KINDS))
    values = ", ".join(value for _, value in KINDS)
    path = base(
        tmp_path / "crm.duckdb", f"CREATE TABLE t (n INTEGER, {columns})", f"INSERT INTO t VALUES (1, {values})"
    )
    row = Session(path, [erasure("E1", JOSE)]).probed()["E1", "t"]
    assert row["matched_in"] == ", ".join(f"c{number}" for number in range(len(KINDS)))


def test_what_is_no_text_hinders_nothing_and_a_digest_in_octets_is_one(tmp_path: Path) -> None:
    path = base(
        tmp_path / "crm.duckdb",
        "CREATE TABLE t (b BLOB, n INTEGER, d DATE, u UUID)",
        "INSERT INTO t VALUES ('\\xFF\\xFE'::BLOB, 1, DATE '2026-01-01', uuid()), "
        f"(unhex('{SHA256}'), 2, NULL, NULL), (NULL, NULL, NULL, NULL)",
    )
    assert Session(path, [erasure("E1", JOSE)]).probed()["E1", "t"]["match_route"] == "digest"


def test_hostile_names_many_columns_no_rows_and_no_key(tmp_path: Path) -> None:
    wide = ", ".join(f"c{number} VARCHAR" for number in range(300))
    path = base(
        tmp_path / "crm.duckdb",
        'CREATE TABLE "or""der; DROP" ("select" VARCHAR, "a b" VARCHAR, "é\'x" VARCHAR, ek_row VARCHAR, rowid VARCHAR)',
        "INSERT INTO \"or\"\"der; DROP\" VALUES ('x', 'to ana@x.example', 'ANA@x.example', 'x', 'y')",
        f"CREATE TABLE wide ({wide})",
        "INSERT INTO wide (c7, c299) VALUES ('ana@x.example', 'see ana@x.example')",
        "CREATE TABLE empty (mail VARCHAR)",
        "CREATE TABLE numbers AS SELECT 1 AS n",
        "CREATE TABLE labels AS SELECT 'blue' AS colour",
    )
    rows = Session(path, places=[Place("crm.empty"), Place("crm.numbers"), Place("crm.gone")]).probed()
    assert {name: (row["matched_rows"], row["matched_in"], row["state"]) for (_, name), row in rows.items()} == {
        'or"der; DROP': (1, "a b, é'x", "present"),
        "wide": (1, "c299, c7", "present"),
        "empty": (0, None, "absent"),
        "numbers": (0, None, "absent"),
    }


def test_an_archive_that_nobody_declared_is_searched_and_said_to_be_undeclared(tmp_path: Path) -> None:
    path = base(
        tmp_path / "crm.duckdb",
        "CREATE TABLE people AS SELECT 'ana@x.example' AS mail",
        "CREATE TABLE archive_2019 AS SELECT 'ana@x.example' AS c1",
        "CREATE TABLE others AS SELECT 'zoe@x.example' AS c1",
    )
    people = LiveObject("people", "rowid", {}, persons=("mail",))
    rows = Session(path, objects=[people]).probed()
    assert {name: (row["object_declared"], row["state"]) for (_, name), row in rows.items()} == {
        "people": (True, "present"),
        "archive_2019": (False, "present"),
        "others": (False, "absent"),
    }
    register = [("A1", "crm", "archive_2019", "c1")]
    rows = Session(path, objects=[people], register_objects=register).probed()
    assert {name: row["object_declared"] for (_, name), row in rows.items()} == {
        "people": False,
        "archive_2019": True,
        "others": False,
    }


def test_an_object_or_a_source_that_is_not_searched_has_no_row(tmp_path: Path) -> None:
    path = base(
        tmp_path / "crm.duckdb", *(f"CREATE TABLE {name} AS SELECT 'ana@x.example' AS c" for name in ("a", "b"))
    )
    rows = Session(path, places=[Place("crm.a", not_searched="encrypted, key with a notary")]).probed()
    assert list(rows) == [("E1", "b")]
    assert Session(path, places=[Place("crm", not_searched="a copy of another source")]).probed() == {}


def test_a_declared_expression_and_a_wrapped_column_are_searched_too(tmp_path: Path) -> None:
    signed = "eyJtYWlsIjoiYW5hQHguZXhhbXBsZSJ9:1tABCD:c2lnbmF0dXJl"  # {"mail":"ana@x.example"}
    path = base(
        tmp_path / "crm.duckdb",
        "CREATE TABLE people AS SELECT 'ana' AS mailbox, 'x.example' AS host",
        f"CREATE TABLE sessions AS SELECT unnest(['{signed}', 'not a session', '', NULL]) AS data",
        "CREATE TABLE b64 AS SELECT to_base64(encode('hello ana@x.example')) AS data",
    )
    objects = [
        LiveObject("people", "rowid", {}, persons=("mailbox || '@' || host",)),
        LiveObject("sessions", "rowid", {}, decoded={"data": "django-session"}),
        LiveObject("b64", "rowid", {}, decoded={"data": "base64"}),
    ]
    rows = Session(path, objects=objects).probed()
    assert {name: (row["match_route"], row["matched_in"]) for (_, name), row in rows.items()} == {
        "people": ("identifier", "mailbox || '@' || host"),
        "sessions": ("free_text", "data"),
        "b64": ("free_text", "data"),
    }


def test_what_does_not_answer_is_unreachable_and_the_others_go_on(tmp_path: Path) -> None:
    path = base(
        tmp_path / "crm.duckdb",
        "CREATE TABLE good AS SELECT 'ana@x.example' AS mail",
        "CREATE TABLE bad AS SELECT 'ana@x.example' AS mail, 'x' AS n",
        "CREATE TABLE half AS SELECT 'ana@x.example' AS mail",
    )
    session = Session(path, objects=[LiveObject("bad", "rowid", {}, persons=("CAST(n AS INTEGER)::VARCHAR",))])
    run = session.connection.execute
    for source, name in (("crm", "half"), ("crm", unread.NAMELESS), ("other", "x")):
        unread.unreachable(session.connection, source, name, "permission-denied")
    # A table that went while the session was open: its view is still in the catalogue.
    run(
        "CREATE TABLE crm.short AS SELECT 'ana@x.example' AS mail; CREATE VIEW crm.seen AS FROM crm.short; "
        "DROP TABLE crm.short"
    )
    rows = session.probed()
    assert {name: (row["state"], row["matched_rows"]) for (_, name), row in rows.items()} == {
        "good": ("present", 1),
        "bad": ("unreachable", None),
        "half": ("unreachable", None),
        "*": ("unreachable", None),
        "seen": ("unreachable", None),
    }
    assert "ana@x" not in session.made.sql


def test_a_table_that_vanishes_between_the_list_and_the_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = base(tmp_path / "crm.duckdb", "CREATE TABLE a AS SELECT 'ana@x.example' AS mail")
    session = Session(path)
    session.connection.execute(
        "CREATE TABLE crm.fleeting AS SELECT 'x' AS mail; CREATE TABLE crm.z AS SELECT 'ana@x.example' AS m"
    )
    listing = probing.objects

    def gone(ground: object) -> object:
        found = listing(ground)  # type: ignore[arg-type]
        session.connection.execute("DROP TABLE crm.fleeting")
        return found

    monkeypatch.setattr(probing, "objects", gone)
    states = {name: row["state"] for (_, name), row in session.probed().items()}
    assert states == {"a": "present", "fleeting": "unreachable", "z": "present"}


def test_no_text_of_a_query_holds_a_person_or_a_key(tmp_path: Path) -> None:
    path = base(tmp_path / "crm.duckdb", "CREATE TABLE t AS SELECT 'josé@example.fr' AS said")
    session = Session(path, [erasure("E1", JOSE)], digests=[HMAC])
    session.probed()
    for secret in (JOSE, percent(JOSE), SHA256, "jos", "salt of"):
        assert secret not in session.made.sql
