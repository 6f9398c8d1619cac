"""Real database servers for tests: started on this machine alone, on a free port, in a folder that is then thrown away.

A server refuses to run as root; then it runs as the user that its package made.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import NullPool, create_engine, make_url

KINDS = ("postgresql", "mysql")
ADMIN, PASSWORD, DATABASE = "admin", "the administrator's own", "audited"
TRACE = "shared_preload_libraries=pg_stat_statements"
#: Seconds a server may take to be there. On a busy machine it takes some; it is asked all the time.
DEADLINE = 90.0


def until(there: Callable[[], Any], what: str, seconds: float = DEADLINE) -> Any:
    """What `there` answers as soon as that is something; asked until the deadline."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := there():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {seconds:.0f} s")


@dataclass(frozen=True)
class Server:
    """One server that runs. `kind` is the word of a mapping's `engine`."""

    kind: str
    port: int
    process: subprocess.Popen[bytes] = field(repr=False)

    def address(self, user: str = ADMIN, password: str = PASSWORD, database: str = DATABASE) -> str:
        """The address that a person would put into a variable."""
        return f"{self.kind}://{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def ask(self, *statements: str, database: str = DATABASE, rows: Sequence[Sequence[object]] = ()) -> list[Any]:
        """Run statements as the administrator, each at once for good; the rows of the last one.

        `rows` are the parameters of the last statement, one list for each time it is run.
        """
        driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}[self.kind]
        url = make_url(self.address(database=database)).set(drivername=driver)
        engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements[:-1]:
                connection.exec_driver_sql(statement)
            result = connection.exec_driver_sql(statements[-1], [tuple(row) for row in rows] or None)
            return list(result) if result.returns_rows else []

    def role(self, name: str, password: str, *grants: str) -> str:
        """Make a role that may enter and what `grants` say (`SELECT ON log`); its address."""
        if self.kind == "postgresql":
            secret = password.replace("'", "''").replace("%", "%%")
            who = f'"{name}"'
            # What another test granted it, in whatever schema, keeps a role of PostgreSQL from being dropped.
            there = f"EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}')"
            gone = f"DO $$ BEGIN IF {there} THEN DROP OWNED BY {who}; DROP ROLE {who}; END IF; END $$"
            make = [gone, f"CREATE ROLE {who} LOGIN PASSWORD '{secret}'"]
        else:
            secret = password.replace("\\", "\\\\").replace("'", "''").replace("%", "%%")
            who = f"'{name}'@'%%'"
            make = [f"DROP USER IF EXISTS {who}", f"CREATE USER {who} IDENTIFIED BY '{secret}'"]
        self.ask(*make, *(f"GRANT {grant} TO {who}" for grant in grants))
        return self.address(name, password)

    def kill(self) -> None:
        """End it and every process of it at once, as a machine that loses its power does."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (pid, *map(int, children)):
            os.kill(one, signal.SIGKILL)
        self.process.wait()


@contextmanager
def started(kind: str) -> Iterator[Server]:
    """A server of that kind with an empty database, ended with its folder afterwards. Skips where none is installed."""
    make, user = {"postgresql": (_postgresql, "postgres"), "mysql": (_mariadb, "mysql")}[kind]
    home = Path(tempfile.mkdtemp(prefix="ek-server-"))
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        account = pwd.getpwnam(user)
        os.chown(home, account.pw_uid, account.pw_gid)
        as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    server = None
    try:
        server = make(home, as_user)
        yield server
    finally:
        if server is not None:
            server.process.send_signal(signal.SIGINT if kind == "postgresql" else signal.SIGTERM)
            server.process.wait(timeout=DEADLINE)
        shutil.rmtree(home, ignore_errors=True)


def _postgresql(home: Path, as_user: dict[str, Any]) -> Server:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL server is installed")
    initdb, postgres = found[-1], found[-1].with_name("postgres")
    secret = home / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    make = [initdb, "-D", home / "data", "-U", ADMIN, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "-N"]
    _once([*make, f"--pwfile={secret}"], home, as_user)
    port = _free_port()
    quick = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "unix_socket_directories=")
    # Statements are traced where the server can: one test reads what a sender asked.
    trace = (TRACE,) if (found[-1].parents[1] / "lib/pg_stat_statements.so").exists() else ()
    settings = [part for one in (*quick, *trace, f"port={port}", "listen_addresses=127.0.0.1") for part in ("-c", one)]
    server = _serving("postgresql", port, [postgres, "-D", home / "data", *settings], home, as_user, "postgres")
    server.ask(f"CREATE DATABASE {DATABASE}", database="postgres")
    return server


def _mariadb(home: Path, as_user: dict[str, Any]) -> Server:
    install, mariadbd = shutil.which("mariadb-install-db"), shutil.which("mariadbd", path="/usr/sbin:/usr/bin")
    if install is None or mariadbd is None:
        pytest.skip("no MariaDB server is installed")
    data = f"--datadir={home / 'data'}"
    _once([install, "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db"], home, as_user)
    first = home / "first.sql"
    secret = PASSWORD.replace("'", "''")
    first.write_text(
        f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4;\nDROP USER 'root'@'localhost';\n"
        f"CREATE USER '{ADMIN}'@'%' IDENTIFIED BY '{secret}';\nGRANT ALL ON *.* TO '{ADMIN}'@'%' WITH GRANT OPTION;\n"
    )
    first.chmod(0o644)
    port = _free_port()
    settings = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={home / 's'}", f"--init-file={first}"]
    quick = ["--innodb-flush-log-at-trx-commit=0", "--skip-log-bin", "--skip-name-resolve"]
    return _serving("mysql", port, [mariadbd, "--no-defaults", data, *settings, *quick], home, as_user, DATABASE)


def _once(command: Sequence[str | Path], home: Path, as_user: dict[str, Any]) -> None:
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, **as_user)
    assert done.returncode == 0, done.stderr[-2000:]


def _serving(
    kind: str, port: int, command: Sequence[str | Path], home: Path, as_user: dict[str, Any], database: str
) -> Server:
    log = (home / "server.log").open("wb")
    process = subprocess.Popen(command, cwd=home, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **as_user)
    server = Server(kind, port, process)

    def answers() -> bool:
        assert process.poll() is None, (home / "server.log").read_text()[-2000:]
        try:
            return bool(server.ask("SELECT 1", database=database))
        except Exception:  # it is not there yet, and says so in as many ways as there are drivers
            return False

    until(answers, f"{kind} on port {port}")
    return server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
