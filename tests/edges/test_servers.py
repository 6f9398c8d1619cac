"""Tables of real servers are read whole, at one moment, as text; what cannot be read is refused without a secret."""

from __future__ import annotations

import re
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from sqlalchemy.exc import DBAPIError

from evidence_kit.cli import main
from evidence_kit.edges import relations, unread
from evidence_kit.edges.opening import quote
from evidence_kit.edges.params import load, mappings
from evidence_kit.edges.params.reading import read
from evidence_kit.edges.servers import addresses, copying
from evidence_kit.errors import EvidenceError, ParameterError, SourceError
from evidence_kit.wiring import places
from tests.edges.desks import engagement, frame_of, mapping, plain
from tests.edges.params_folder import S, params_folder, refusal, swapped
from tests.servers import DATABASE, KINDS, PASSWORD, Server, until

pytestmark = pytest.mark.slow  # real servers answer here

VARIABLE = "DESK_URL"
Rows = list[tuple[object, ...]]


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest, servers: Callable[[str], Server]) -> Server:
    return servers(request.param)


def address_of(address: str, kind: str) -> addresses.Address:
    source = mapping({}, engine=kind, tables=("log",))
    agreed = engagement([source], opened={source.name: f"env:{VARIABLE}"})
    return addresses.read(agreed, {VARIABLE: address, "OTHER": "x"})[source.name]


def copied(server: Server, *tables: str, address: str = "", **options: int) -> duckdb.DuckDBPyConnection:
    """A session into which these tables were copied, as schema `requests`."""
    session = duckdb.connect()
    source = mapping({}, engine=server.kind, tables=tables, **options)
    try:
        copying.copy(session, source, address_of(address or server.address(), server.kind))
    except BaseException:
        session.close()
        raise
    return session


def rows(server: Server, table: str, **how: str) -> Rows:
    with closing(copied(server, table, **how)) as session:
        return session.execute(f"SELECT * FROM requests.{quote(table.rpartition('.')[2])}").fetchall()


def made(server: Server, table: str, columns: str, values: Sequence[Sequence[object]] = ()) -> str:
    server.ask(f"DROP TABLE IF EXISTS {table}", f"CREATE TABLE {table} ({columns})")
    if values:
        server.ask(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(values[0]))})", rows=values)
    return table


def refused(action: Callable[[], object], kind: type[EvidenceError] = SourceError, *secrets: str) -> str:
    """What is said, once it is sure that neither it nor its traceback holds the address or a driver's words."""
    with pytest.raises(kind) as caught:
        action()
    whole = "".join(traceback.format_exception(caught.value))
    for secret in (PASSWORD, "127.0.0.1", "sqlalchemy.exc", "OperationalError", *secrets):
        assert secret not in whole
    return str(caught.value)


# --- what is read -----------------------------------------------------------------------------------------------------

TYPED = {
    "postgresql": (
        "id integer, at timestamptz, local timestamp, day date, bytes bytea, flag boolean, whole numeric(10,2), "
        "inexact real, span interval, padded char(5), doc json",
        "(1, '2026-03-29 02:30:00+01', '2026-03-29 02:30:00', '2026-03-04', '\\x00ff', true, 1.50, 16777217, "
        "'1 day 2 hours', 'ab', '{\"a\":  1}'), (2, 'infinity', null, '0044-03-15 BC', '', false, -0.05, 0.1, "
        "null, '', null)",
        [
            (
                *("1", "2026-03-29 01:30:00+00", "2026-03-29 02:30:00", "2026-03-04", "\\x00ff", "true", "1.50"),
                *("1.6777216e+07", "P1DT2H", "ab", '{"a":  1}'),
            ),
            ("2", "infinity", None, "0044-03-15 BC", "\\x", "false", "-0.05", "0.1", None, "", None),
        ],
        (
            "ALTER ROLE reader SET TimeZone = 'Asia/Tokyo'",
            "ALTER ROLE reader SET DateStyle = 'SQL, DMY'",
            "ALTER ROLE reader SET IntervalStyle = 'postgres_verbose'",
            "ALTER ROLE reader SET extra_float_digits = -10",
            "ALTER ROLE reader SET bytea_output = 'escape'",
            "ALTER ROLE reader SET default_transaction_read_only = off",
        ),
    ),
    "mysql": (
        "id integer, at timestamp(6) null, local datetime, day date, bytes varbinary(9), flag bit(1), "
        "whole decimal(10,2), inexact float, span time, padded char(5), doc json",
        "(1, '2026-03-29 01:30:00', '2026-03-29 02:30:00', '2026-03-04', x'00ff', b'1', 1.50, 16777217, "
        "'26:00:00', 'ab', '{\"a\":  1}'), (2, null, null, '0000-00-00', '', b'0', -0.05, 0.1, null, '', null)",
        [
            (
                *("1", "2026-03-29 01:30:00.000000Z", "2026-03-29 02:30:00", "2026-03-04", "\\x00ff", "1", "1.50"),
                *("16777216", "26:00:00", "ab", '{"a":  1}'),
            ),
            ("2", None, None, "0000-00-00", "\\x", "0", "-0.05", "0.10000000149011612", None, "", None),
        ],
        ("SET GLOBAL time_zone = '+09:00'", "SET GLOBAL sql_mode = 'ORACLE,PAD_CHAR_TO_FULL_LENGTH'"),
    ),
}


def test_every_value_is_told_as_text_whatever_server_and_role_are_set_to(server: Server) -> None:
    columns, values, expected, strange = TYPED[server.kind]
    grant = "SELECT ON typed" if server.kind == "postgresql" else "SELECT ON audited.typed"
    made(server, "typed", columns)
    zone = ["SET time_zone = '+00:00'", "SET sql_mode = ''"] if server.kind == "mysql" else []
    server.ask(*zone, f"INSERT INTO typed VALUES {values}")
    reader = server.role("reader", "plain", grant)
    server.ask(*strange)
    try:
        assert rows(server, "typed", address=reader) == expected
    finally:
        if server.kind == "mysql":
            server.ask("SET GLOBAL time_zone = '+00:00'", "SET GLOBAL sql_mode = DEFAULT")


HOSTILE = [
    "'; DROP TABLE hostile; --",
    'R"1',
    "a\u2028b",
    "\ufeffz",
    "é\u0301🙂",
    " spaced ",
    "=1+1",
    "a\\b",
    "%s %%",
    ":x",
]


def test_hostile_values_and_names_of_columns_are_values_and_names(server: Server) -> None:
    mark = {"postgresql": '"', "mysql": "`"}[server.kind]
    names = [name for name in HOSTILE if server.kind == "postgresql" or ("🙂" not in name and name.strip() == name)]
    columns = ", ".join(
        f"{mark}{name.replace(mark, mark * 2).replace('%', '%%')}{mark} varchar(90)" for name in ["id", *names]
    )
    made(server, "hostile", columns, [[str(n), *([value] * len(names))] for n, value in enumerate(HOSTILE)])
    with closing(copied(server, "hostile")) as session:
        found = session.execute("SELECT * FROM requests.hostile ORDER BY id").fetchall()
        assert [column[0] for column in session.description or ()] == ["id", *names]
    assert found == [(str(n), *([value] * len(names))) for n, value in enumerate(HOSTILE)]


def test_text_of_another_character_set_is_the_same_text(server: Server) -> None:
    wide = "varchar(20)" if server.kind == "postgresql" else "varchar(20) character set latin1"
    made(server, "wide", f"a {wide}, b varchar(20)", [("déjà", "日本🙂"), (None, "")])
    assert sorted(rows(server, "wide"), key=repr) == [("déjà", "日本🙂"), (None, "")]


def test_a_single_table_is_also_called_as_its_source_and_several_are_not(server: Server) -> None:
    made(server, "first", "a varchar(9)", [("1",)])
    made(server, "second", "a varchar(9)", [("2",)])
    names = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'requests' ORDER BY 1"
    with closing(copied(server, "first")) as session:
        assert session.execute("SELECT a FROM requests.requests").fetchall() == [("1",)]
    with closing(copied(server, "first", "second")) as session:
        assert session.execute(names).fetchall() == [("first",), ("second",)]


def test_a_table_of_another_schema_and_a_view_are_read_by_a_role_that_may_do_no_more(server: Server) -> None:
    # In MySQL a schema is a database.
    server.ask("DROP SCHEMA IF EXISTS desk" + (" CASCADE" if server.kind == "postgresql" else ""), "CREATE SCHEMA desk")
    made(server, "desk.tickets", "id integer, body text", [(1, "private"), (2, "private")])
    server.ask("CREATE VIEW desk.log AS SELECT id FROM desk.tickets")
    usage = ["USAGE ON SCHEMA desk"] if server.kind == "postgresql" else []
    reader = server.role("viewer", "plain", *usage, "SELECT ON desk.log")
    assert sorted(rows(server, "desk.log", address=reader if usage else reader.replace("audited", "desk"))) == [
        ("1",),
        ("2",),
    ]


def test_more_rows_than_are_fetched_at_a_time_all_come(server: Server) -> None:
    count = copying.CHUNK * 2 + 1
    series = (
        f"generate_series(1, {count}) AS s(n)"
        if server.kind == "postgresql"
        else f"(SELECT seq AS n FROM seq_1_to_{count}) AS s"
    )
    server.ask("DROP TABLE IF EXISTS many", f"CREATE TABLE many AS SELECT n, n AS m FROM {series}")
    with closing(copied(server, "many")) as session:
        found = session.execute(
            "SELECT count(*), count(DISTINCT n), sum(CAST(m AS BIGINT)) FROM requests.many"
        ).fetchone()
    assert found == (count, count, count * (count + 1) // 2)


def test_no_row_is_an_empty_table(server: Server) -> None:
    made(server, "bare", "a varchar(9)")
    assert rows(server, "bare") == []


def test_a_frame_of_a_server_is_that_of_a_csv(server: Server, tmp_path: Path) -> None:
    made(server, "log", "request_id varchar(9), received_at date", [("R1", "2026-03-02"), ("R2", None)])
    (tmp_path / "log.csv").write_text("request_id,received_at\nR1,2026-03-02\nR2,\n")
    with closing(copied(server, "log")) as session:
        found = session.execute("SELECT request_id, received_at FROM requests.requests ORDER BY 1").fetchall()
    frame = frame_of(tmp_path / "log.csv", plain("request_id", "received_at"))
    assert [found[0][0], found[1]] == [frame[0]["request_id"], (frame[1]["request_id"], None)]


# --- one moment, and nothing written ----------------------------------------------------------------------------------


def test_all_is_read_at_one_moment_and_nothing_can_be_written(server: Server) -> None:
    made(server, "moment", "a varchar(9)", [("before",)])
    reading = copying.Reading(mapping({}, engine=server.kind), address_of(server.address(), server.kind), 60)
    with copying._snapshot(reading) as session:
        server.ask("INSERT INTO moment VALUES ('after')")
        assert session.exec_driver_sql("SELECT a FROM moment").fetchall() == [("before",)]
        with pytest.raises(DBAPIError):
            session.exec_driver_sql("INSERT INTO moment VALUES ('mine')")
    assert sorted(server.ask("SELECT a FROM moment")) == [("after",), ("before",)]


def test_nothing_stays_open_in_the_server(server: Server) -> None:
    made(server, "short", "a varchar(9)", [("x",)])
    reader = server.role(
        "shortly", "plain", "SELECT ON short" if server.kind == "postgresql" else "SELECT ON audited.short"
    )
    assert rows(server, "short", address=reader) == [("x",)]
    asked = {
        "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE usename = 'shortly'",
        "mysql": "SELECT count(*) FROM information_schema.processlist WHERE user = 'shortly'",
    }
    assert until(lambda: server.ask(asked[server.kind]) == [(0,)], "the connection is closed", 30)


# --- what is refused --------------------------------------------------------------------------------------------------


def test_a_server_that_does_not_answer(server: Server) -> None:
    gone = server.address().replace(f":{server.port}/", ":1/")
    message = refused(lambda: rows(server, "log", address=gone))
    assert "it cannot be reached" in message
    assert f"source requests: its server (address: {VARIABLE})" in message


def test_a_server_is_not_entered_in_another_way_than_its_address_says(server: Server) -> None:
    """The server of the test speaks in clear only; an address that asks for a sealed line never comes to read a row."""
    made(server, "log", "a varchar(9)", [("x",)])
    sealed = {"postgresql": "sslmode=verify-full", "mysql": "ssl_ca=/nowhere/ca.pem"}[server.kind]
    message = refused(lambda: rows(server, "log", address=f"{server.address()}?{sealed}"))
    assert "it cannot be reached" in message


@pytest.mark.parametrize("wrong", ["password", "user", "database"])
def test_a_server_that_refuses(server: Server, wrong: str) -> None:
    own = {"password": "wr@ng:pass/word", "user": "nobody", "database": "nowhere"}
    address = server.address(**{wrong: own[wrong]})
    message = refused(lambda: rows(server, "log", address=address), SourceError, own[wrong])
    assert "it refuses the user, the password or the database" in message


@pytest.mark.parametrize("password", ["p@ss:w/rd?#[]", "100%25", " é€🙂 ", "a'b\"c\\d", "%40"])
def test_a_password_of_any_characters_enters(server: Server, password: str) -> None:
    made(server, "log", "a varchar(9)", [("x",)])
    reader = server.role(
        "special", password, "SELECT ON log" if server.kind == "postgresql" else "SELECT ON audited.log"
    )
    assert rows(server, "log", address=reader) == [("x",)]
    assert password in address_of(reader, server.kind).secrets


@pytest.mark.parametrize("table", ["nothing", "nowhere.log"])
def test_a_table_that_is_not_there_is_named(server: Server, table: str) -> None:
    message = refused(lambda: rows(server, table))
    assert f"table {table}: there is no such table that the role can see" in message


def test_a_table_the_role_may_not_read_is_named(server: Server) -> None:
    made(server, "closed", "a varchar(9), b varchar(9)", [("x", "y")])
    made(server, "log", "a varchar(9)", [("x",)])
    reader = server.role("barred", "plain", "SELECT ON log" if server.kind == "postgresql" else "SELECT ON audited.log")
    message = refused(lambda: rows(server, "closed", address=reader))
    assert "table closed: " in message
    assert (
        "may not read all of it" if server.kind == "postgresql" else "no such table that the role can see"
    ) in message


def test_a_table_of_which_the_role_may_read_a_part_is_not_read_in_part(server: Server) -> None:
    made(server, "partly", "a varchar(9), hidden varchar(9)", [("x", "y")])
    on = "partly" if server.kind == "postgresql" else "audited.partly"
    reader = server.role("narrow", "plain", f"SELECT (a) ON {on}")
    message = refused(lambda: rows(server, "partly", address=reader))
    # MySQL does not tell a role the names of what it may not read.
    named = "column hidden: " if server.kind == "postgresql" else ""
    assert f"table partly: {named}the role may not read all of it" in message


@pytest.mark.parametrize("kind", ["postgresql"])
def test_a_policy_that_hides_rows_is_not_taken_for_a_short_log(kind: str, servers: Callable[[str], Server]) -> None:
    server = servers(kind)
    made(server, "ruled", "a varchar(9)", [("x",), ("y",)])
    reader = server.role("ruled_one", "plain", "SELECT ON ruled")
    server.ask("ALTER TABLE ruled ENABLE ROW LEVEL SECURITY", "CREATE POLICY few ON ruled USING (a = 'x')")
    assert "table ruled: the role may not read all of it" in refused(lambda: rows(server, "ruled", address=reader))


def test_names_that_only_capitals_tell_apart_are_refused(servers: Callable[[str], Server]) -> None:
    server = servers("postgresql")
    made(server, "capitals", '"a" text, "A" text', [("x", "y")])
    assert "table capitals: its columns cannot be told apart" in refused(lambda: rows(server, "capitals"))


def test_a_table_without_transactions_has_no_moment(servers: Callable[[str], Server]) -> None:
    server = servers("mysql")
    server.ask("DROP TABLE IF EXISTS old", "CREATE TABLE old (a varchar(9)) ENGINE = MyISAM")
    assert "table old: its storage engine has no transactions" in refused(lambda: rows(server, "old"))


def test_a_query_that_takes_too_long_is_stopped_by_the_server(server: Server) -> None:
    made(server, "log", "a varchar(9)", [("x",)])
    sleep = "CAST(pg_sleep(30) AS text)" if server.kind == "postgresql" else "sleep(30)"
    server.ask("DROP VIEW IF EXISTS slow", f"CREATE VIEW slow AS SELECT a, {sleep} AS b FROM log")
    message = refused(lambda: copied(server, "slow", statement_timeout=1))
    assert "table slow: the server stopped: it takes longer than statement_timeout, 1 s" in message


def test_a_value_that_the_server_leaves_out_is_noticed(servers: Callable[[str], Server]) -> None:
    """MariaDB tells NULL, with a warning that nobody sees, for what is longer than one of its packets."""
    server = servers("mysql")
    made(server, "long_one", "a longblob")
    server.ask("INSERT INTO long_one SELECT repeat('x', @@max_allowed_packet / 2 + 1)")
    assert "table long_one: what was read is not what the server counts" in refused(lambda: rows(server, "long_one"))


# --- every table the role can see -------------------------------------------------------------------------------------


def every(server: Server, address: str = "", **options: int) -> tuple[dict[str, int], dict[str, str]]:
    """Of a session with all tables: name → rows, and what is unreachable → why."""
    if server.kind == "mysql":  # where every database is seen, what other tests left would be read too
        server.ask("DROP VIEW IF EXISTS slow", "DROP TABLE IF EXISTS long_one")
    with closing(duckdb.connect()) as session:
        source = mapping({}, engine=server.kind, tables="*", **options)
        copying.copy(session, source, address_of(address or server.address(), server.kind))
        names = session.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'requests' ORDER BY 1"
        ).fetchall()
        counted = {
            str(name): session.execute(f"SELECT count(*) FROM requests.{quote(name)}").fetchone()[0]  # type: ignore[index]
            for (name,) in names
        }
        return counted, {name: why for _, name, why in unread.listed(session)}


@pytest.fixture
def fresh(server: Server) -> Iterator[Callable[..., str]]:
    """A database of its own; the address of a role that may read there what the test grants."""
    gone = [f"DROP DATABASE IF EXISTS everything{' WITH (FORCE)' if server.kind == 'postgresql' else ''}"]
    server.ask(*gone, "CREATE DATABASE everything")

    def role(*grants: str) -> str:
        held = {"postgresql": ("CONNECT ON DATABASE everything",), "mysql": ()}[server.kind]
        server.role("looker", "plain", *held)
        who = {"postgresql": '"looker"', "mysql": "'looker'@'%%'"}[server.kind]
        for grant in grants:
            server.ask(f"GRANT {grant} TO {who}", database="everything")
        return server.address("looker", "plain", "everything")

    yield role
    server.ask(*gone)


def test_every_table_and_view_is_read_and_other_schemas_stay_apart(server: Server, fresh: Callable[..., str]) -> None:
    mark = {"postgresql": '"', "mysql": "`"}[server.kind]
    hostile = f"{mark}a b; drop{mark}"
    server.ask(
        "CREATE TABLE log (id integer, body text)",
        "INSERT INTO log VALUES (1, 'x'), (2, null)",
        "CREATE VIEW seen AS SELECT id FROM log",
        f"CREATE TABLE {hostile} (id integer)",
        f"CREATE TABLE wide ({', '.join(f'c{n} varchar(9)' for n in range(300))})",
        "INSERT INTO wide (c299) VALUES ('last')",
        "DROP SCHEMA IF EXISTS beside" + (" CASCADE" if server.kind == "postgresql" else ""),
        "CREATE SCHEMA beside",
        "CREATE TABLE beside.log (id integer)",
        "INSERT INTO beside.log VALUES (3)",
        database="everything",
    )
    counted, missing = every(server, server.address(database="everything"))
    expected = {"log": 2, "seen": 2, "a b; drop": 0, "wide": 1, "beside.log": 1}
    assert {name: counted.get(name) for name in expected} == expected
    if server.kind == "postgresql":
        assert counted == expected
    assert missing == {}


def test_what_the_role_may_not_read_is_named_and_the_rest_is_read(server: Server, fresh: Callable[..., str]) -> None:
    server.ask(
        "CREATE TABLE log (id integer)",
        "INSERT INTO log VALUES (1)",
        "CREATE TABLE closed (id integer)",
        "CREATE TABLE partly (id integer, phone text, note text)",
        "CREATE VIEW broken AS SELECT id FROM closed",
        database="everything",
    )
    counted, missing = every(server, fresh("SELECT ON log", "SELECT (id) ON partly", "SELECT ON broken"))
    if server.kind == "postgresql":
        # A view is read with the rights of who made it.
        assert counted == {"log": 1, "broken": 0}
        assert missing == {"closed": "forbidden", "partly": "forbidden: phone, note"}
    else:
        # MySQL names neither the table nor the columns that a role may not read: that something is missing stays known.
        assert counted == {"log": 1, "broken": 0}
        assert missing == {"partly": "forbidden", "*": "catalogue-incomplete"}


def test_a_role_that_sees_all_of_mysql_is_told_so(servers: Callable[[str], Server]) -> None:
    server = servers("mysql")
    everywhere = server.role("global", "plain", "SELECT ON *.*")
    in_one = server.role("local", "plain", f"SELECT ON {DATABASE}.*")
    made(server, "log", "a varchar(9)", [("x",)])
    assert "*" not in every(server, everywhere)[1]
    assert every(server, in_one)[1]["*"] == "catalogue-incomplete"


def test_what_is_too_slow_or_dropped_meanwhile_does_not_stop_the_rest(
    server: Server, fresh: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = "CAST(pg_sleep(30) AS text)" if server.kind == "postgresql" else "sleep(30)"
    server.ask(
        "CREATE TABLE aa (id integer)",
        "INSERT INTO aa VALUES (1)",
        "CREATE TABLE dropped (id integer)",
        f"CREATE VIEW slow AS SELECT id, {sleep} AS b FROM aa",
        "CREATE TABLE zz (id integer)",
        database="everything",
    )
    copy_one = copying._copy_one

    def dropping(target: duckdb.DuckDBPyConnection, reading: object, session: object, wanted: copying.Wanted) -> None:
        if wanted.name == "dropped":
            server.ask("DROP TABLE dropped", database="everything")
        copy_one(target, reading, session, wanted)  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "_copy_one", dropping)
    counted, missing = every(server, server.address(database="everything"), statement_timeout=1)
    assert (counted["aa"], counted["zz"]) == (1, 0)
    assert (missing["dropped"], missing["slow"]) == ("gone", "too-slow")
    assert not {"dropped", "slow"} & set(counted)


def test_a_line_that_is_cut_ends_the_run_even_where_every_table_is_read(
    server: Server, fresh: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.ask("CREATE TABLE aa (id integer)", "CREATE TABLE bb (id integer)", database="everything")
    load = copying._load
    ends = {
        "postgresql": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'looker'",
        "mysql": "SELECT id FROM information_schema.processlist WHERE user = 'looker'",
    }[server.kind]

    def cutting(*args: object) -> None:
        found = server.ask(ends)
        if server.kind == "mysql":
            server.ask(f"KILL {found[0][0]}")
        load(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "_load", cutting)
    table = {"postgresql": "SELECT ON ALL TABLES IN SCHEMA public", "mysql": "SELECT ON everything.*"}[server.kind]
    address = fresh(table)
    message = refused(lambda: every(server, address))
    assert "the connection was lost on the way" in message


@pytest.mark.parametrize("kind", ["postgresql"])
def test_names_that_capitals_tell_apart_and_partitions(kind: str, servers: Callable[[str], Server]) -> None:
    server = servers(kind)
    server.ask("DROP DATABASE IF EXISTS capitals WITH (FORCE)", "CREATE DATABASE capitals")
    server.ask(
        'CREATE TABLE "Log" (id integer)',
        'CREATE TABLE "LOG" (id integer)',
        "CREATE TABLE log (id integer)",
        "CREATE TABLE nothing ()",
        "CREATE TABLE parts (id integer) PARTITION BY LIST (id)",
        "CREATE TABLE part_1 PARTITION OF parts FOR VALUES IN (1)",
        "INSERT INTO parts VALUES (1)",
        database="capitals",
    )
    counted, missing = every(server, server.address(database="capitals"))
    assert counted == {"LOG": 0, "public.Log": 0, "parts": 1}
    assert missing == {"public.log": "names-not-told-apart"}
    server.ask("DROP DATABASE capitals WITH (FORCE)")


# --- addresses --------------------------------------------------------------------------------------------------------

SECRET = "geheim"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "holds no address"),
        (SECRET, "holds no address"),
        (f"oracle://u:{SECRET}@h/d", "holds no address of"),
        (f"{{kind}}://u:{SECRET}@h", "names no database"),
        (f"{{kind}}://u:{SECRET}@h:port/d", "holds no address"),
        (f"{{kind}}://u:ge@{SECRET}@h/d", "has a host that cannot be one"),
        (f"{{kind}}://u:x@h/d?password={SECRET}", "has a parameter behind `?` that is not accepted"),
        (f"{{kind}}://u:x@h/d?{SECRET}=1", "has a parameter behind `?` that is not accepted"),
    ],
    ids=["empty", "words", "other server", "no database", "port", "@ in the password", "password there", "any there"],
)
def test_what_is_no_address_is_refused_without_a_word_of_it(kind: str, address: str, why: str) -> None:
    message = refused(lambda: address_of(address.replace("{kind}", kind), kind), ParameterError, SECRET)
    assert f"source requests: the variable {VARIABLE} {why}" in message


@pytest.mark.parametrize(
    ("kind", "module", "extra"), [("postgresql", "psycopg", "postgres"), ("mysql", "pymysql", "mysql")]
)
def test_a_driver_that_is_not_installed_is_named_by_its_extra(
    kind: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # as Python itself marks what cannot be imported
    with pytest.raises(ParameterError, match=rf"pip install 'evidence_kit\[{extra}\]'"):
        address_of(f"{kind}://u:p@h/d", kind)


@pytest.mark.parametrize(
    ("address", "secrets"),
    [
        ("postgresql://ann:p%40ss@h/d", ("ann:p%40ss", "p%40ss", "ann:p@ss", "p@ss")),
        ("postgres://ann:plain@h/d", ("ann:plain", "plain")),
        ("postgresql://ann@h/d?sslmode=require", ()),
        ("postgresql:///d?host=/run", ()),
    ],
)
def test_the_leak_scan_learns_the_password_as_written_and_as_meant(address: str, secrets: tuple[str, ...]) -> None:
    found = address_of(address, "postgresql")
    assert found.secrets == secrets
    assert not any(secret in repr(found) for secret in secrets)


# --- the worked example -----------------------------------------------------------------------------------------------

ROOT = Path(__file__).parents[2]
TICKETS = """CREATE TABLE desk.tickets (reference varchar(20), requester_email varchar(90), kind varchar(20),
  via varchar(9), arrived_at {moment}, answered_at {moment}, state varchar(9), queue varchar(9), body text)"""
CASES = [
    (
        "R-1",
        "ann@example.org",
        "access",
        "mail",
        "2026-03-02 09:30:00",
        "2026-03-20 10:00:00",
        "done",
        "privacy",
        "text",
    ),
    ("R-2", "bob@example.org", "correction", "fax", "2026-03-29 02:30:00", None, "new", "privacy", None),
    ("S-3", "eve@example.org", "sale", "web", "2026-03-02 09:30:00", None, "new", "sales", "none of the audit"),
]


def test_the_example_of_the_documents_is_read_by_its_mapping(server: Server) -> None:
    """docs/sources.md: its statements run on the server, and the mapping it links to reads what they grant."""
    guide = (ROOT / "docs/sources.md").read_text("utf-8")
    statements = re.findall(r"^```sql\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)[KINDS.index(server.kind)]
    gone = ["DROP SCHEMA IF EXISTS audit CASCADE", "DROP SCHEMA IF EXISTS desk CASCADE", "DROP ROLE IF EXISTS auditor"]
    if server.kind == "postgresql":
        # Another file of tests may have granted this role tables of its own: it goes with what it was given.
        gone = [*gone[:2], "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'auditor') THEN "
                "DROP OWNED BY auditor; END IF; END $$", gone[2]]  # fmt: skip
    if server.kind == "mysql":
        gone = ["DROP SCHEMA IF EXISTS desk", "DROP USER IF EXISTS auditor"]
    moment = {"postgresql": "timestamptz", "mysql": "timestamp null"}[server.kind]
    server.ask("SET time_zone = '+00:00'" if server.kind == "mysql" else "SET TIME ZONE 'UTC'", *gone)
    server.ask("CREATE SCHEMA desk", TICKETS.format(moment=moment))
    utc = ["SET time_zone = '+00:00'"] if server.kind == "mysql" else ["SET TIME ZONE 'UTC'"]
    server.ask(*utc, f"INSERT INTO desk.tickets VALUES ({', '.join(['%s'] * 9)})", rows=CASES)
    server.ask(*(one.replace("%", "%%") for one in statements.split(";") if one.strip()))
    database = {"postgresql": DATABASE, "mysql": "desk"}[server.kind]
    address = server.address("auditor", "at least 20 random characters", database)

    file = {"postgresql": "postgres_desk", "mysql": "mysql_desk"}[server.kind]
    source = mappings.mapping(read(ROOT / f"params/sources/{file}.yaml", f"{file}.yaml"), "desk", "UTC")
    assert source is not None
    assert source.open == f"env:{VARIABLE}"
    agreed = engagement([source])
    with closing(duckdb.connect()) as session:
        session.execute("SET TimeZone = 'UTC'")
        copying.copy(session, source, addresses.read(agreed, {VARIABLE: address})["desk"])
        relations.relate(session, "request_log", [source], {})
        found = session.execute(
            "SELECT request_id, right_invoked, channel, CAST(received_at AS VARCHAR), status, unreadable "
            "FROM main.frame_request_log ORDER BY 1"
        ).fetchall()
    assert found == [
        ("R-1", "access", "email", "2026-03-02 09:30:00+00", "closed", None),
        ("R-2", "rectification", "unknown", "2026-03-29 02:30:00+00", "open", None),
    ]


@pytest.mark.parametrize("name", ["postgres_desk", "mysql_desk"])
def test_an_example_mapping_has_no_problem(name: str) -> None:
    document = read(ROOT / f"params/sources/{name}.yaml", f"{name}.yaml")
    assert mappings.mapping(document, "desk", "UTC") is not None
    assert document.lines() == []


def test_who_reads_files_loads_nothing_of_a_server() -> None:
    said = "import sys; from evidence_kit.wiring import serving; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# --- what parameters and the command line refuse ----------------------------------------------------------------------

OPTIONS = 'options: {encoding: utf-8, delimiter: ","}'


@pytest.mark.parametrize(
    ("open_", "options", "said"),
    [
        ("", "{tables: [log]}", None),
        ("open: env:DESK_URL", "{tables: [app.log, other]}", None),
        ("open: env:DESK_URL", "{}", "a server's tables are listed"),
        ("open: /run/desk", "{tables: [log]}", "opened by the name of the environment variable"),
        (f"open: postgresql://u:{SECRET}@h/d", "{tables: [log]}", "never an address with a password"),
        ("open: env:DESK_URL", '{tables: "*"}', None),
        ("open: env:DESK_URL", '{tables: ["*"]}', "a table name, with its schema or without"),
        ("open: env:DESK_URL", "{tables: all}", "accepted: *"),
        ("open: env:DESK_URL", "{tables: [log, app.LOG]}", "two tables have this name"),
        ("open: env:DESK_URL", "{tables: ['log; drop table log']}", "a table name, with its schema or without"),
        ("open: env:DESK_URL", "{tables: [log], folder: true}", "engine postgresql has no such option"),
        ("open: env:DESK_URL", "{tables: [log], statement_timeout: 0}", "accepted: 1 or more"),
    ],
)
def test_a_mapping_of_a_server(open_: str, options: str, said: str | None, tmp_path: Path) -> None:
    folder = params_folder(tmp_path)

    def edit(text: str) -> str:
        return text.replace("engine: csv", f"engine: postgresql\n{open_}").replace(OPTIONS, f"options: {options}")

    assert OPTIONS in (folder / S).read_text("utf-8")
    if said is None:
        (folder / S).write_text(edit((folder / S).read_text("utf-8")), "utf-8")
        source = load("doj-foia", folder, {}).sources["requests"]
        assert source.served
        assert source.options["tables"] == ("*" if "*" in options else ("app.log", "other") if open_ else ("log",))
        return
    message = refusal(folder, S, edit)
    assert said in message
    assert SECRET not in message


def test_tables_are_for_servers_alone(tmp_path: Path) -> None:
    message = refusal(params_folder(tmp_path), S, swapped(OPTIONS, "options: {tables: [log]}"))
    assert "engine csv has no such option" in message


@pytest.mark.parametrize("engine", ["csv", "postgresql"])
@pytest.mark.parametrize("place", [f"postgresql://u:{SECRET}@h/d", f"mysql://u:{SECRET}@h/d"])
def test_an_address_on_the_command_line_is_refused_and_not_repeated(engine: str, place: str, tmp_path: Path) -> None:
    folder = params_folder(tmp_path)
    text = (folder / S).read_text("utf-8")
    if engine == "postgresql":
        text = text.replace("engine: csv", "engine: postgresql").replace(OPTIONS, "options: {tables: [log]}")
    (folder / S).write_text(text, "utf-8")
    message = refused(lambda: load("doj-foia", folder, {"requests": place}), ParameterError, SECRET)
    assert "others on this machine can read a command line" in message
    assert "--source requests=env:NAME" in message
    said = CliRunner().invoke(main, ["run", "doj-foia", "--source", f"requests={place}"])
    assert (said.exit_code, SECRET in said.output, SECRET in said.stderr) == (2, False, False)


def test_a_server_is_placed_by_a_variable_alone(tmp_path: Path) -> None:
    folder = params_folder(tmp_path)
    text = (folder / S).read_text("utf-8").replace("engine: csv", "engine: mysql")
    (folder / S).write_text(text.replace(OPTIONS, "options: {tables: [log]}"), "utf-8")
    refused(lambda: load("doj-foia", folder, {"requests": f"u:{SECRET}@h/d"}), ParameterError, SECRET)
    agreed = load("doj-foia", folder, {"requests": "env:OTHER_URL"})
    assert agreed.place("requests") == "env:OTHER_URL"
    entered = addresses.read(agreed, {"OTHER_URL": f"mysql://u:{SECRET}@h/d"})
    assert entered["requests"].variable == "OTHER_URL"


def test_a_file_whose_variable_holds_an_address_is_not_there_and_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreed = load("doj-foia", params_folder(tmp_path), {"requests": "env:DESK_URL"})
    monkeypatch.setenv("DESK_URL", f"postgresql://u:{SECRET}@h/d")
    message = refused(lambda: places.reached(agreed, "requests"), ParameterError, SECRET)
    assert "nothing is at the path that the variable DESK_URL holds" in message
    monkeypatch.delenv("DESK_URL")
    assert "the variable DESK_URL is not set" in refused(lambda: places.reached(agreed, "requests"), ParameterError)
