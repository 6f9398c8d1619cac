"""Kernels are fresh, poor and mortal: no state from before, no secret around them, and an end that is always told."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence_kit.edges.notebooks import kernels, launch
from evidence_kit.edges.notebooks.kernels import Kernels
from evidence_kit.errors import ParameterError
from tests.notebooks.conftest import Run
from tests.notebooks.sheets import code, outputs, sheet, text, working, write

pytestmark = [
    pytest.mark.slow,  # real kernels, a second or two each
    pytest.mark.skipif(not launch.FORKS, reason="kernels are forked on Linux only"),
]


def slow(*values: object) -> Any:
    """A case that the fast tests leave out, because another one shows nearly the same."""
    return pytest.param(*values, marks=pytest.mark.slow)


#: What a hostile or careless notebook leaves behind, and the words by which the next one finds it.
TRACES = {
    "a patched method of pandas": ("pandas.DataFrame.sum = None", "pandas.DataFrame.sum is None"),
    "a builtin": ("builtins.leak = 1", "hasattr(builtins, 'leak')"),
    "the import path": ("sys.path.insert(0, '/leak')", "'/leak' in sys.path"),
    "an imported module": ("sys.modules['leak'] = sys", "'leak' in sys.modules"),
    "an environment variable": ("os.environ['LEAK'] = '1'", "'LEAK' in os.environ"),
    "an option of pandas": ("pandas.set_option('display.width', 33)", "pandas.get_option('display.width') == 33"),
    "decimal precision": ("decimal.getcontext().prec = 7", "decimal.getcontext().prec == 7"),
    "a warnings filter": ("warnings.filterwarnings('ignore', 'leak')", "'leak' in str(warnings.filters)"),
    "the working folder": ("os.chdir('/')", "os.getcwd() == '/'"),
    "the umask": ("os.umask(0)", "os.umask(0o077) != 0o077"),
    "the seed": ("random.seed(1); first = random.random()", "abs(random.random() - 0.13436424411240122) < 1e-12"),
    "a file at home": (
        "open(os.path.expanduser('~/.leak'), 'w').close()",
        "os.path.exists(os.path.expanduser('~/.leak'))",
    ),
    "a temporary file": (
        "open(os.path.join(tempfile.gettempdir(), 'leak'), 'w').close()",
        "os.path.exists(os.path.join(tempfile.gettempdir(), 'leak'))",
    ),
    "a start-up file": (
        "p = os.path.join(get_ipython().profile_dir.startup_dir, '00.py'); open(p, 'w').write('leak_name = 1')",
        "'leak_name' in globals()",
    ),
    "a patched expectation": ("gx.get_context = None", "gx.get_context is None"),
    "the locale": ("os.environ['LANG'] = 'fr_FR.UTF-8'", "os.environ['LANG'] != 'C.UTF-8'"),
    "the time zone": ("os.environ['TZ'] = 'Asia/Tokyo'; time.tzset()", "time.tzname[0] != 'UTC'"),
    "a signal handler": (
        "signal.signal(signal.SIGUSR1, signal.SIG_IGN)",
        "signal.getsignal(signal.SIGUSR1) == signal.SIG_IGN",
    ),
    "the recursion limit": ("sys.setrecursionlimit(4321)", "sys.getrecursionlimit() == 4321"),
    "standard output": ("sys.stdout.leak = 1", "hasattr(sys.stdout, 'leak')"),
}
IMPORTS = (
    "import builtins, decimal, os, random, signal, sys, tempfile, time, warnings\n"
    "import pandas\nimport great_expectations as gx"
)
QUICK = ("a patched method of pandas", "an environment variable", "a start-up file", "the seed", "a file at home")


@pytest.fixture
def bare() -> Iterator[Kernels]:
    """A lane of its own, for the test to break; its server imports nothing."""
    with Kernels(preload=()) as kernels:
        yield kernels


def living(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent to notice does not."""
    stat_line = Path(f"/proc/{pid}/stat")
    return stat_line.exists() and stat_line.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_until(true: Callable[[], bool], *, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def looking(names: tuple[str, ...]) -> dict[str, Any]:
    asked = ", ".join(f"{name!r}: bool({TRACES[name][1]})" for name in names)
    return sheet(
        code("x = 1", "parameters", "parameters"), code(IMPORTS, "imports"), code(f"print({{{asked}}})", "look")
    )


def dirtying(names: tuple[str, ...]) -> dict[str, Any]:
    done = [code(TRACES[name][0], f"dirty-{number}") for number, name in enumerate(names)]
    return sheet(code("x = 1", "parameters", "parameters"), code(IMPORTS, "imports"), *done)


def assert_nothing_left(run: Run, names: tuple[str, ...]) -> None:
    dirty = run(dirtying(names))
    assert (dirty.error, dirty.launcher) == (None, "warm")
    clean = run(looking(names))
    assert clean.error is None
    assert text(clean.path, "look").strip() == str(dict.fromkeys(names, False))


def test_nothing_of_one_notebook_reaches_the_next(run: Run) -> None:
    assert_nothing_left(run, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("trace", [trace for trace in TRACES if trace not in QUICK])
def test_no_trace_of_any_kind_reaches_the_next(run: Run, trace: str) -> None:
    assert_nothing_left(run, (trace,))


@pytest.mark.slow
def test_every_look_sees_its_trace_in_the_kernel_that_left_it(run: Run) -> None:
    names = tuple(name for name in TRACES if name not in ("a start-up file", "the seed"))
    executed = run(sheet(*dirtying(names)["cells"], looking(names)["cells"][-1]))
    assert executed.error is None
    assert text(executed.path, "look").strip() == str(dict.fromkeys(names, True))


def test_the_environment_is_the_fixed_list_and_what_was_given(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVIDENCE_DSN", "of the runner")
    look = "import os, json; print(json.dumps([dict(os.environ), open('/proc/self/environ').read()]))"
    executed = run(working(look))
    shown, first = json.loads(text(executed.path, "step-1"))
    assert "EVIDENCE_DSN" not in shown
    assert "EVIDENCE_DSN" not in first, "the memory that the system shows"
    set_by_ipykernel = {"CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "GIT_PAGER", "MPLBACKEND", "PAGER", "TERM"}
    folders = {"HOME", "IPYTHONDIR", "TMPDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"}
    allowed = (
        set(kernels.FIXED) | folders | {"PATH", "EVIDENCE_KIT_RUN_DIR", "PYDEVD_USE_FRAME_EVAL"} | set_by_ipykernel
    )
    assert set(shown) <= allowed
    assert {name: shown[name] for name in kernels.FIXED} == dict(kernels.FIXED)
    assert all(shown[name].startswith(str(executed.path.parent)) for name in folders)


def test_a_fixed_variable_cannot_be_given(lane: Kernels, tmp_path: Path) -> None:
    template = write(working(), tmp_path)
    with pytest.raises(ValueError, match="fixes HOME"):
        lane.execute(template, {}, run_dir=tmp_path / "run", environment={"HOME": "/"}, timeout=9)


def test_the_kernel_stands_alone_and_unreadable_to_others(run: Run) -> None:
    executed = run(
        working(
            "import os\nprint(os.umask(0o077), os.getsid(0) == os.getpid(), os.readlink('/proc/self/fd/0'))",
            "import json, ipykernel\npath = ipykernel.get_connection_file(); info = json.load(open(path))\n"
            "print(info['transport'], 'curve_publickey' in info, oct(os.stat(path).st_mode & 0o777))",
        )
    )
    assert text(executed.path, "step-1").split() == ["63", "True", "/dev/null"]
    assert text(executed.path, "step-2").split() == ["ipc", "True", "0o600"]


def test_a_run_leaves_the_notebook_and_the_log_alone(run: Run) -> None:
    executed = run(working())
    left = sorted(path.name for path in executed.path.parent.iterdir())
    assert left == ["30_requests.ipynb", "30_requests.log", "nonce"]
    assert (executed.exit_code, executed.error, executed.log.read_text()) == (0, None, "")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (executed.path, executed.log)] == [0o600] * 2


def test_parameters_arrive_as_they_were_given(run: Run) -> None:
    given = 'Élodie “O\'Hara” \\n {run} "x"'
    executed = run(working("print(engagement)"), engagement=given, run="r001")
    assert text(executed.path, "step-1") == given + "\n"


def test_warnings_stay_visible_although_great_expectations_captures_them(run: Run) -> None:
    executed = run(working("import warnings; warnings.warn('the mapping is old')"))
    assert "the mapping is old" in str(outputs(executed.path, "step-1"))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("1 / 0", "cell 3: ZeroDivisionError"),
        ("import os; os.kill(os.getpid(), 9)", "cell 3: the kernel died (exit code -9, possibly out of memory)"),
        slow("raise RuntimeError('jane@example.org')", "cell 3: RuntimeError"),
        slow("import os; os._exit(3)", "cell 3: the kernel died (exit code 3)"),
        slow("import ctypes; ctypes.string_at(0)", "cell 3: the kernel died (exit code -11)"),
        slow("x = bytearray(6 * 1024**3)", "cell 3: MemoryError"),
    ],
)
def test_a_failure_is_told_by_cell_and_type_within_seconds(run: Run, source: str, said: str) -> None:
    executed = run(working(source))
    assert executed.error == said
    assert executed.seconds < 15


def test_a_cell_that_never_ends_is_stopped(run: Run) -> None:
    executed = run(working("while True: pass"), timeout=2)
    assert executed.error == "cell 3: stopped at the time limit of 2 s"
    assert executed.exit_code == -signal.SIGKILL


@pytest.mark.slow
def test_a_daemon_does_not_outlive_its_kernel(run: Run) -> None:
    executed = run(
        working(
            "import os, time\nback, out = os.pipe()\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
            "        os.write(out, str(os.getpid()).encode()); time.sleep(600)\n    os._exit(0)\n"
            "print(os.read(back, 9).decode())"
        )
    )
    assert executed.error is None
    assert not living(int(text(executed.path, "step-1")))


@pytest.mark.slow
def test_ten_runs_leave_no_descriptor_and_no_process(bare: Kernels, run: Run) -> None:
    run(working("1"), lane=bare)
    before = os.listdir("/proc/self/fd")
    seen = {(run(working("1"), lane=bare).exit_code) for _ in range(3)}
    assert seen == {0}
    assert len(os.listdir("/proc/self/fd")) == len(before)
    server = bare._server
    assert server is not None
    assert Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text() == ""


def test_cold_and_warm_kernels_write_the_same(run: Run, tmp_path: Path) -> None:
    notebook = working("import pandas; pandas.DataFrame({'n': [1, 2]}).sum()", "hash('rehearsal')")
    warm = run(notebook)
    seen = [outputs(warm.path, name) for name in ("step-1", "step-2", "close")]
    with Kernels(warm=False) as cold:
        executed = run(notebook, lane=cold)
    assert (warm.launcher, warm.why_cold) == ("warm", None)
    assert (executed.launcher, executed.why_cold) == ("cold", "not asked for")
    assert [outputs(executed.path, name) for name in ("step-1", "step-2", "close")] == seen


@pytest.mark.slow
def test_without_fork_a_new_process_does_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "FORKS", False)
    with Kernels() as plain:
        executed = run(working("import os; print((os.getcwd(), os.environ['TZ'], os.umask(0o077)))"), lane=plain)
    assert (executed.error, executed.exit_code, executed.log.read_text()) == (None, 0, "")
    assert (executed.launcher, executed.why_cold) == ("cold", "no fork on linux")
    assert text(executed.path, "step-1").strip() == str((str(executed.path.parent), "UTC", 0o077))


def test_a_server_that_is_lost_is_replaced_by_a_cold_kernel(bare: Kernels, run: Run) -> None:
    assert bare.launcher().kind == "warm"
    assert bare._server is not None
    bare._server.process.kill()
    bare._server.process.wait()
    executed = run(working(), lane=bare)
    assert (executed.error, executed.exit_code) == (None, 0)
    assert (executed.launcher, executed.why_cold) == ("cold", "the kernel server is gone")


def test_a_server_with_a_second_thread_does_not_fork(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "FIXED", {**kernels.FIXED, "OPENBLAS_NUM_THREADS": "2"})
    with Kernels(preload=("numpy",)) as threaded:
        assert threaded.launcher() == kernels.Launcher("cold", "the kernel server has 2 threads")
        executed = run(working(), lane=threaded)
    assert (executed.error, executed.launcher) == (None, "cold")


@pytest.mark.slow
def test_a_server_that_cannot_import_says_which_package(run: Run) -> None:
    with Kernels(preload=("no_such_package",)) as lane:
        executed = run(working(), lane=lane)
    assert executed.error is None
    assert executed.why_cold == (
        "the kernel server could not start: ModuleNotFoundError while importing no_such_package"
    )


@pytest.mark.slow
def test_a_server_killed_while_a_cell_runs_takes_the_kernel_with_it(bare: Kernels, run: Run, tmp_path: Path) -> None:
    bare.launcher()
    assert bare._server is not None
    pid = bare._server.process.pid
    mark = tmp_path / "pid"
    source = f"import os, pathlib\npathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\nos.kill({pid}, 9)\n"
    source += "while True: pass"
    executed = run(working(source), lane=bare)
    assert executed.error is not None
    assert executed.error.startswith("cell 3: the kernel died")
    wait_until(lambda: not living(int(mark.read_text())))
    assert run(working(), lane=bare).launcher == "cold"


def test_two_lanes_run_at_the_same_time(tmp_path: Path) -> None:
    met: dict[str, kernels.Executed] = {}
    # Each notebook waits for the other one's file: one after the other they would never end.
    source = (
        "import pathlib, time\npathlib.Path('{0}').touch()\nwhile not pathlib.Path('{1}').exists(): time.sleep(0.01)"
    )
    names = [str(tmp_path / name) for name in ("one", "two")]

    def work(mine: str, other: str) -> None:
        template = write(working(source.format(mine, other)), tmp_path, Path(mine).name + "-sheet")
        with Kernels(preload=()) as lane:
            met[mine] = lane.execute(template, {}, run_dir=tmp_path / "run", environment={}, timeout=30)

    lanes = [threading.Thread(target=work, args=pair) for pair in (names, names[::-1])]
    for each in lanes:
        each.start()
    for each in lanes:
        each.join()
    assert [met[name].error for name in names] == ["cell 5: KeyError"] * 2  # no EVIDENCE_KIT_RUN_DIR was given
    assert [met[name].exit_code for name in names] == [0, 0]


def test_a_lane_can_be_stopped_from_another_thread(bare: Kernels, run: Run, tmp_path: Path) -> None:
    mark = tmp_path / "started"
    notebook = working(f"import pathlib; pathlib.Path({str(mark)!r}).touch()\nwhile True: pass")

    def stop() -> None:
        wait_until(mark.exists, seconds=30)
        bare.stop()

    stopper = threading.Thread(target=stop)
    stopper.start()
    executed = run(notebook, lane=bare)
    stopper.join()
    assert executed.error is not None
    assert executed.error.startswith("cell 3: the kernel died")
    assert "stopped" in str(run(working(), lane=bare).error)


def test_the_template_is_not_overwritten(lane: Kernels, tmp_path: Path) -> None:
    template = write(working(), tmp_path)
    with pytest.raises(ParameterError, match="run folder is the template's own"):
        lane.execute(template, {}, run_dir=tmp_path, environment={}, timeout=9)


RUNNER = """
    import os, pathlib, sys
    from evidence_kit.edges.notebooks.kernels import Kernels
    template, folder = map(pathlib.Path, sys.argv[1:])
    with Kernels(preload=()) as lane:
        print(lane.execute(template, {}, run_dir=folder, environment={}, timeout=60).error, flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, slow(signal.SIGTERM), slow(signal.SIGKILL)])
def test_a_runner_that_is_interrupted_leaves_no_kernel_and_no_server(tmp_path: Path, number: int) -> None:
    mark = tmp_path / "pids"
    told = "f'{os.getpid()} {os.getppid()}\\n'"
    source = f"import os, pathlib\npathlib.Path({str(mark)!r}).write_text({told})\nwhile True: pass"
    template = write(working(source), tmp_path)
    runner = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(RUNNER), str(template), str(tmp_path / "run")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TMPDIR": str(tmp_path)},  # what a killed runner cannot clear away goes with the test
    )
    wait_until(lambda: mark.exists() and mark.read_text().endswith("\n"), seconds=30)
    runner.send_signal(number)
    assert runner.wait(5) != 0
    wait_until(lambda: not any(living(int(pid)) for pid in mark.read_text().split()))
