"""The collector as others meet it: real processes, real sockets, and callers that do not keep to the rules."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from evidence_kit import errors
from evidence_kit.edges.collector import Asking, Spawned, connect, receive, send
from evidence_kit.errors import EvidenceError, ParameterError, PopulationMoved, SourceError

ROOT = Path(__file__).parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_DUMPABLE and /proc are Linux's own")
TOKEN = "5e" * 32

#: A collector with small verbs of its own, and the kit's real door.
START = """
import json, os, socket, sys, tempfile, threading
from pathlib import Path
from evidence_kit import errors
from evidence_kit.edges.collector import Caller, Desk, receive, seal_process, send

seal_process()
parent = socket.socket(fileno=int(sys.argv[1]))
settings = receive(parent)
refused = []

def fail(asked):
    kind = asked["kind"]
    if kind == "PopulationMoved":
        raise errors.PopulationMoved("REQ-02.requests", "a" * 64, "b" * 64)
    if kind == "defect":
        raise ZeroDivisionError("agathe@cachet.example")
    raise getattr(errors, kind)("what happened, on what, and what to do", code="unit-id-duplicate")

def echo(asked, caller=None):
    return {"said": asked.get("said"), "to": caller and caller.notebook}

def end(asked):
    door.callers[asked["token"]].ended = True

def begin(asked):
    door.callers[asked["token"]] = Caller(asked["notebook"], frozenset(asked["controls"]), 7, asked["token"])

verbs = {"fail": fail, "echo": echo, "begin": begin, "end": end, "refused": lambda asked: refused,
         "die": lambda asked: os._exit(9), "pid": lambda asked: os.getpid()}
home = tempfile.mkdtemp()
door = Desk(parent, Path(home) / "door", verbs, {"collect": echo, "finding": echo},
            lambda caller, verb, reason: refused.append([caller.notebook, verb, reason]))
door.serve()
"""


@pytest.fixture(scope="module")
def spawned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spawned]:
    collector = start(tmp_path_factory.mktemp("collector") / "collector.log")
    yield collector
    collector.close()


def start(log: Path) -> Spawned:
    """A collector with one notebook's run begun. Its environment held a secret when it started."""
    os.environ["EVIDENCE_KIT_PASSPHRASE"] = "correct horse battery staple"
    try:
        collector = Spawned(START, log)
    finally:
        del os.environ["EVIDENCE_KIT_PASSPHRASE"]
    send(collector.ask.channel, {})
    collector.door = Path(str(collector.ask.answer()))  # type: ignore[attr-defined]
    collector.ask("begin", notebook="30_requests", controls=["REQ-02"], token=TOKEN)
    return collector


def door(collector: Spawned) -> Path:
    found: Path = collector.door  # type: ignore[attr-defined]
    return found


@pytest.fixture
def kernel(spawned: Spawned) -> Iterator[Asking]:
    asking = connect(door(spawned), TOKEN)
    yield asking
    asking.close()


def alive(collector: Spawned) -> bool:
    return collector.ask("echo", said="still here") == {"said": "still here", "to": None}


# --- who may ask what -------------------------------------------------------------------------------------------------


def test_a_kernel_is_answered_about_its_own_controls(kernel: Asking) -> None:
    assert kernel("collect", control="REQ-02", said="é\u2028") == {"said": "é\u2028", "to": "30_requests"}


@pytest.mark.parametrize(
    ("verb", "asked", "reason"),
    [
        ("collect", {"control": "RET-01"}, "control-not-of-this-run"),
        ("collect", {"control": ["REQ-02"]}, "control-not-of-this-run"),
        ("collect", {"control": {"REQ-02": 1}}, "control-not-of-this-run"),
        ("collect", {}, "control-not-of-this-run"),
        ("sign", {"control": "REQ-02", "text": "x"}, "verb-not-allowed"),
        ("append", {"control": "REQ-02"}, "verb-not-allowed"),
        ("fail", {"control": "REQ-02"}, "verb-not-allowed"),
    ],
)
def test_what_a_kernel_may_not_ask_is_refused_and_noted(
    spawned: Spawned, kernel: Asking, verb: str, asked: dict[str, object], reason: str
) -> None:
    with pytest.raises(SourceError, match=f"refuses `{verb}` to 30_requests: {reason}"):
        kernel(verb, **asked)
    noted = spawned.ask("refused")
    assert isinstance(noted, list)
    assert noted[-1] == ["30_requests", verb, reason]


@pytest.mark.parametrize("verb", ["\ud800", "SELECT 1; --", "x" * 400, "é", "../sign", ""])
def test_a_verb_that_is_none_is_refused_and_not_repeated(spawned: Spawned, kernel: Asking, verb: str) -> None:
    message = {"verb": verb, "token": TOKEN, "arguments": {"control": "REQ-02"}}
    kernel.channel.sendall(framed(json.dumps(message).encode()))
    with pytest.raises(SourceError, match=r"refuses `\?` to 30_requests: verb-not-allowed"):
        kernel.answer()
    noted = spawned.ask("refused")
    assert isinstance(noted, list)
    assert noted[-1] == ["30_requests", "?", "verb-not-allowed"]


@pytest.mark.parametrize("token", ["", "5e" * 31, "5E" * 32, "é" * 64, "\udcff" * 64])
def test_an_unknown_token_opens_nothing(spawned: Spawned, token: str) -> None:
    channel = socket.socket(socket.AF_UNIX)
    channel.connect(str(door(spawned)))
    question = {"verb": "collect", "token": token, "arguments": {"control": "REQ-02"}}
    channel.sendall(framed(json.dumps(question).encode()))
    with pytest.raises(SourceError, match="not known to the collector"):
        Asking(channel).answer()
    channel.close()


def test_a_run_that_has_ended_opens_nothing(spawned: Spawned) -> None:
    token = "0f" * 32
    spawned.ask("begin", notebook="50_retention", controls=["RET-01"], token=token)
    asking = connect(door(spawned), token)
    assert asking("collect", control="RET-01")
    spawned.ask("end", token=token)
    with pytest.raises(SourceError, match="run-has-ended"):
        asking("collect", control="RET-01")
    noted = spawned.ask("refused")
    assert isinstance(noted, list)
    assert noted[-1] == ["50_retention", "collect", "run-has-ended"]
    asking.close()


def test_the_door_is_its_owners_alone(spawned: Spawned) -> None:
    assert door(spawned).stat().st_mode & 0o777 == 0o600
    assert door(spawned).parent.stat().st_mode & 0o777 == 0o700


# --- hostile bytes ----------------------------------------------------------------------------------------------------


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


HOSTILE = {
    "nothing": b"",
    "half a head": b"\x00\x00",
    "a web browser": b"GET / HTTP/1.1\r\nHost: collector\r\n\r\n",
    "a longer message than there is": (1 << 31).to_bytes(4, "big"),
    "not JSON": framed(b"{"),
    "a list": framed(b"[]"),
    "not UTF-8": framed(b"\xff\xfe\xff"),
    "too deep": framed(b"[" * 200_000),
    "too long a number": framed(b"1" * 10_000),
    "pickle": framed(b"cos\nsystem\n(S'id'\ntR."),
    "cut short": (1 << 20).to_bytes(4, "big") + b"{",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_bytes_end_their_own_channel_and_nothing_else(spawned: Spawned, what: str) -> None:
    channel = socket.socket(socket.AF_UNIX)
    channel.connect(str(door(spawned)))
    channel.sendall(HOSTILE[what])
    channel.shutdown(socket.SHUT_WR)
    channel.settimeout(5)
    with suppress(ConnectionResetError):  # what was not read is thrown back
        assert channel.recv(1) == b""
    channel.close()
    assert alive(spawned)


@pytest.mark.parametrize(
    "message", [{}, {"verb": None}, {"verb": "collect", "arguments": 3}, {"arguments": {}, "token": {}}]
)
def test_a_question_of_another_shape_is_an_error(spawned: Spawned, message: dict[str, object]) -> None:
    channel = socket.socket(socket.AF_UNIX)
    channel.connect(str(door(spawned)))
    send(channel, message)
    with pytest.raises(SourceError):
        Asking(channel).answer()
    channel.close()
    assert alive(spawned)


def test_a_kernel_that_stops_in_the_middle_of_a_message_holds_nobody_for_long(spawned: Spawned, tmp_path: Path) -> None:
    """Nobody else is answered meanwhile, so its patience is short; here it is short enough for a test."""
    code = f"import evidence_kit.edges.collector as c; c.PATIENCE = 0.2\n{START}"
    collector = Spawned(code, tmp_path / "log")
    send(collector.ask.channel, {})
    path = Path(str(collector.ask.answer()))
    collector.ask("echo")  # once it answers, its door is there
    stalled = socket.socket(socket.AF_UNIX)
    stalled.connect(str(path))
    stalled.sendall(b"\x00\x00\x10\x00{")
    begun = time.monotonic()
    assert collector.ask("echo", said="x") == {"said": "x", "to": None}
    assert time.monotonic() - begun < 4
    stalled.close()
    collector.close()


def test_who_leaves_before_the_answer_loses_it_alone(spawned: Spawned) -> None:
    for _ in range(3):
        channel = socket.socket(socket.AF_UNIX)
        channel.connect(str(door(spawned)))
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        send(channel, {"verb": "collect", "token": TOKEN, "arguments": {"control": "REQ-02", "said": "x" * 3_000_000}})
        channel.close()
    assert alive(spawned)


# --- errors cross the channel -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ParameterError", "SourceError", "SealError", "SetupError"])
def test_an_error_arrives_as_it_was_raised(spawned: Spawned, kind: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        spawned.ask("fail", kind=kind)
    assert type(caught.value) is getattr(errors, kind)
    assert str(caught.value) == "what happened, on what, and what to do"
    assert caught.value.code == "unit-id-duplicate"


def test_an_error_with_a_constructor_of_its_own_arrives_too(spawned: Spawned) -> None:
    with pytest.raises(PopulationMoved, match="the population moved since its commitment"):
        spawned.ask("fail", kind="PopulationMoved")


def test_a_defect_is_named_by_its_type_and_place_and_never_by_its_words(spawned: Spawned) -> None:
    with pytest.raises(SourceError, match=r"broke on `fail`: ZeroDivisionError in .*, line \d+") as caught:
        spawned.ask("fail", kind="defect")
    assert "agathe" not in str(caught.value)
    assert alive(spawned)


def test_a_verb_nobody_knows_is_an_error_for_the_parent_too(spawned: Spawned) -> None:
    with pytest.raises(SourceError, match="broke on `nonsense`: KeyError"):
        spawned.ask("nonsense")


# --- the end ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["killed", "exits while it answers"])
def test_a_collector_that_is_gone_is_a_clear_error(tmp_path: Path, how: str) -> None:
    collector = start(tmp_path / "log")
    asking = connect(door(collector), TOKEN)
    if how == "killed":
        collector.process.kill()
        collector.process.wait()
    for ask, verb in ((collector.ask, "die"), (collector.ask, "echo"), (asking, "collect")):
        with pytest.raises(SourceError, match=r"collector (ended|is gone)"):
            ask(verb, control="REQ-02")
    asking.close()
    collector.close()
    with pytest.raises(SourceError, match="no collector listens"):
        connect(tmp_path / "nowhere", TOKEN)


def test_the_collector_ends_with_its_parent(tmp_path: Path) -> None:
    code = f"""
        import sys
        from pathlib import Path
        from evidence_kit.edges.collector import Spawned, send
        collector = Spawned({START!r}, Path({str(tmp_path / "log")!r}))
        send(collector.ask.channel, {{}})
        collector.ask.answer()
        print(collector.ask("pid"), flush=True)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    process = int(done.stdout)
    for _ in range(200):
        if not _runs(process):
            break
        time.sleep(0.02)
    assert not _runs(process)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_closed_collector_has_ended(tmp_path: Path) -> None:
    collector = start(tmp_path / "log")
    collector.close()
    assert collector.process.returncode == 0


# --- secrets ----------------------------------------------------------------------------------------------------------


@LINUX
def test_the_collectors_memory_and_environment_are_closed_to_its_own_user(spawned: Spawned) -> None:
    """What is not dumpable belongs to root under /proc: the user who started it cannot read environ, mem or maps."""
    process = Path(f"/proc/{spawned.process.pid}")
    assert (process / "environ").stat().st_uid == 0
    said = ask_as_nobody(process) if os.geteuid() == 0 else try_to_read(process)
    assert said == {"environ": "PermissionError", "mem": "PermissionError", "maps": "PermissionError"}


READ = """
import json, os, sys
if len(sys.argv) > 2:
    os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
said = {}
for name in ("environ", "mem", "maps"):
    try:
        with open(f"{sys.argv[1]}/{name}", "rb") as file:
            file.read(0 if name == "mem" else 1)  # the first address of a memory is never mapped
        said[name] = "readable"
    except OSError as error:
        said[name] = type(error).__name__
print(json.dumps(said))
"""


def try_to_read(process: Path, *user: str) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-I", "-c", READ, str(process), *user], capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout)
    assert isinstance(said, dict)
    return said


OTHER = """
import ctypes, os, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
libc = ctypes.CDLL(None)
libc.prctl(4, int(sys.argv[1]), 0, 0, 0)
print(libc.prctl(3, 0, 0, 0, 0), flush=True)
sys.stdin.read()
"""
SEAL = """
import ctypes
from evidence_kit.edges.collector import seal_process
dumpable = lambda: ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
before = dumpable(); seal_process(); print(before, dumpable())
"""


def ask_as_nobody(process: Path) -> dict[str, str]:
    """Root may read everything, so both are shown on a process of another user: first open, then closed."""
    found = []
    for dumpable in ("1", "0"):
        with subprocess.Popen(
            [sys.executable, "-I", "-c", OTHER, dumpable], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline().strip() == dumpable
            found.append(try_to_read(Path(f"/proc/{other.pid}"), "65534"))
            other.communicate()
    assert found[0] == {"environ": "readable", "mem": "readable", "maps": "readable"}
    assert try_to_read(process, "65534") == found[1]
    return found[1]


@LINUX
def test_sealing_a_process_makes_it_undumpable() -> None:
    done = subprocess.run([sys.executable, "-c", SEAL], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["1", "0"]


def test_receive_refuses_what_is_too_long_or_no_object() -> None:
    for body, error in ((b"[1]", "no object"), (b"[" * 100_000, "too deep")):
        ours, theirs = socket.socketpair()
        ours.sendall(framed(body))
        with pytest.raises(ValueError, match=error):
            receive(theirs)
        ours.close()
        assert receive(theirs) is None
        theirs.close()


def test_a_parameter_error_keeps_its_exit_code(spawned: Spawned) -> None:
    with pytest.raises(ParameterError) as caught:
        spawned.ask("fail", kind="ParameterError")
    assert caught.value.exit_code == 2
