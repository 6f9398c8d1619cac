"""The command line's own part: options, arithmetic with its working, and how a command ends."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from evidence_kit import __version__, errors
from evidence_kit.cli import main
from evidence_kit.cli.arithmetic import Rate
from evidence_kit.cli.door import Door, table
from evidence_kit.cli.working import decimal, of_plan
from evidence_kit.rules import rates

VECTORS = Path(__file__).parents[1] / "spec" / "vectors"
PLANS = [v for v in json.loads((VECTORS / "rates.json").read_text("utf-8"))["vectors"] if v["kind"] == "plan"]
#: Those that fit on a command line: one calendar, texts that are local, no pause, extension or reopening. Of a calendar
#: that is missing the vectors have their own, which ends sooner than the library's.
CASES = [
    v
    for v in json.loads((VECTORS / "deadlines.json").read_text("utf-8"))["vectors"]
    if v["in"]["received_at"]
    and isinstance(v["in"]["calendar"], str)
    and v["in"]["naive_is_local"]
    and v["out"]["reason"] != "calendar-missing"
    and not (v["in"]["pauses"] or v["in"]["extension"] or v["in"]["reopened"])
]
#: What a person typed wrong; on the command line it is refused instead of judged.
TYPED_WRONG = ("unreadable-date", "unknown-time-zone")


def ask(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def answer(*arguments: object) -> Any:
    result = ask(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


# -- plan --------------------------------------------------------------------------------------------------------------


def _plan(v: dict[str, Any]) -> list[object]:
    asked = v["in"]
    units = "endless" if asked["population"] is None else asked["population"]
    rest = ["--tolerable", asked["tolerable"], "--confidence", asked["confidence"], "--expected", asked["expected"]]
    return ["plan", "--population", units, *rest]


@pytest.mark.parametrize("v", [v for v in PLANS if "n" in v["out"]], ids=lambda v: v["id"])
def test_every_plan_of_the_norm(v: dict[str, Any]) -> None:
    assert answer(*_plan(v)) == v["out"]


@pytest.mark.parametrize("v", [v for v in PLANS if "n" in v["out"]][::5], ids=lambda v: v["id"])
def test_the_working_of_a_plan_ends_with_what_it_says(v: dict[str, Any]) -> None:
    shown = ask(*_plan(v)).stdout
    assert shown.startswith(f"n = {v['out']['n']}, accept = {v['out']['accept']}: ")
    tails = re.findall(r"P\(X ≤ \d+ \| n = (\d+)\) = ([\d.]+) ([≤>]) ([\d.]+)", shown)
    assert all((Fraction(tail) <= Fraction(risk)) == (sign == "≤") for _, tail, sign, risk in tails)
    if not v["out"]["census"]:
        assert [(int(n), sign) for n, _, sign, _ in tails][-2:] == [(v["out"]["n"], "≤"), (v["out"]["n"] - 1, ">")]


def test_percentages_and_decimals_say_the_same() -> None:
    percent = answer("plan", "--population", 247, "--tolerable", "5%", "--confidence", "95 %", "--expected", "2%")
    assert percent == {"n": 100, "accept": 2, "census": False, "bad": 13}
    text = answer("plan", "--population", 247, "--tolerable", "0.05", "--confidence", "0.95", "--expected", "0.02")
    assert text == percent


@given(st.integers(0, 99), st.text("0123456789", max_size=12))
def test_a_percentage_is_read_digit_by_digit(whole: int, digits: str) -> None:
    text = f"{whole}.{digits}" if digits else str(whole)
    read = Rate().convert(f"{text}%", None, None)
    assert Fraction(read) == Fraction(Decimal(text)) / 100
    assert re.fullmatch(r"(0|[1-9]\d*)(\.\d+)?", read)


@pytest.mark.parametrize("rate", ["5,5%", "5 percent", "1e-2", ".05", "-5%", "%", "", "05%", "nan", "5%%", "1/20"])
def test_a_rate_that_is_none_is_usage(rate: str) -> None:
    result = ask("plan", "--population", 100, "--tolerable", rate, "--confidence", "95%")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--tolerable" in result.stderr
    assert "5%" in result.stderr


@pytest.mark.parametrize(
    ("units", "tolerable", "confidence", "expected", "named"),
    [
        (0, "5%", "95%", "0%", "--population"),
        (100, "0%", "95%", "0%", "--tolerable"),
        (100, "5", "95%", "0%", "--tolerable"),
        (100, "5%", "100%", "0%", "--confidence"),
        (100, "5%", "95%", "5%", "--expected"),
        (1000000, "5%", "95%", "4.99%", "too close"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_its_option(
    units: int, tolerable: str, confidence: str, expected: str, named: str
) -> None:
    result = ask(
        "plan", "--population", units, "--tolerable", tolerable, "--confidence", confidence, "--expected", expected
    )
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(rf"evidence_kit: .*{named}.*\n", result.stderr)


@pytest.mark.parametrize("units", ["-1", "12.5", "1e3", "many", "²"])
def test_a_population_that_is_no_number_is_usage(units: str) -> None:
    assert ask("plan", "--population", units, "--tolerable", "5%", "--confidence", "95%").exit_code == 2


def test_a_tail_equal_to_the_risk_is_shown_as_equal() -> None:
    lines = list(of_plan(25, "0.05", "0.95", "0", rates.plan(25, "0.05", "0.95")))
    assert "    P(X ≤ 0 | n = 19) = 0.05 ≤ 0.05 exactly" in lines


@given(st.integers(0, 10**9), st.integers(0, 9))
def test_decimals_are_exact_and_short(value: int, digits: int) -> None:
    text = decimal(Fraction(value, 10**digits))
    assert Fraction(text) == Fraction(value, 10**digits)
    assert "." not in text or not text.endswith("0")


# -- deadline ----------------------------------------------------------------------------------------------------------


def _deadline(asked: dict[str, Any]) -> list[str]:
    country, _, part = asked["calendar"].partition("-")
    told = {
        "--received": asked["received_at"],
        "--country": country,
        "--subdivision": part,
        "--answered": asked["closed_at"],
        "--as-of": asked["as_of"],
        "--timezone": asked["timezone"],
    }
    return ["deadline", *(word for option, value in told.items() if value for word in (option, value))]


@pytest.mark.parametrize("v", CASES, ids=lambda v: v["id"])
def test_every_deadline_of_the_norm_that_a_command_can_ask(v: dict[str, Any]) -> None:
    if v["out"]["reason"] in TYPED_WRONG:
        assert ask(*_deadline(v["in"])).exit_code == 2
        return
    expected = {key: v["out"].get(key) for key in ("due", "verdict", "reason")} | {
        "working": v["out"].get("working", [])
    }
    assert answer(*_deadline(v["in"])) == expected


def test_the_working_in_sentences() -> None:
    asked = ("--received", "2025-03-05", "--country", "FR", "--answered", "2025-04-07", "--as-of", "2025-06-01")
    shown = ask("deadline", *asked).stdout
    assert shown.startswith("due      2025-04-07\nverdict  PASS\nreason   answered-in-time: ")
    assert "3. Not working days: 5 April 2025 (Saturday) and 6 April 2025 (Sunday); so 7 April 2025.\n" in shown
    assert "Reg. 1182/71 art. 3(4)" in shown
    french = ask("deadline", *asked, "--lang", "fr").stdout
    assert french.startswith("échéance  2025-04-07\n")
    assert "5 avril 2025 (samedi) et 6 avril 2025 (dimanche)" in french


def test_another_limit_and_its_place() -> None:
    asked = ("--received", "2026-04-30", "--country", "FR", "--limit", "working_days:20", "--as-of", "2026-05-04")
    assert answer("deadline", *asked)["due"] == "2026-06-03"
    days = answer(
        "deadline", "--received", "2026-04-30", "--country", "FR", "--limit", "days:30", "--as-of", "2026-05-04"
    )
    assert days["due"] == "2026-06-01"


def test_the_zone_of_the_country_gives_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVIDENCE_CLOCK", "2025-03-10T08:00:00Z")
    instant = ("--received", "2025-03-05T23:30:00Z")
    assert answer("deadline", *instant, "--country", "FR")["working"][0]["day"] == "2025-03-06"
    assert answer("deadline", *instant, "--country", "PT")["working"][0]["day"] == "2025-03-05"
    reunion = answer("deadline", *instant, "--country", "FR", "--subdivision", "974")
    assert reunion["working"][0]["zone"] == "Indian/Reunion"
    assert (reunion["verdict"], reunion["working"][-2]["as_of"]) == ("INCONCLUSIVE", "2025-03-10")


def test_a_case_that_contradicts_itself_is_a_verdict() -> None:
    found = answer(
        "deadline", "--received", "2025-03-05", "--answered", "2025-02-01", "--country", "FR", "--as-of", "2025-06-01"
    )
    assert found == {"due": None, "verdict": "ERROR", "reason": "closed-before-received", "working": []}


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (("--received", "2023-02-30"), "--received"),
        (("--received", "05/03/2025"), "--received"),
        (("--received", "2025-03-05T10:00"), "--received"),
        (("--answered", "yesterday"), "--answered"),
        (("--as-of", "now"), "--as-of"),
        (("--country", "XX"), "--country"),
        (("--country", "fr"), "nearest known is FR"),
        (("--subdivision", "75"), "--subdivision"),
        (("--country", "CA"), "--timezone"),
        (("--timezone", "Mars/Olympus"), "--timezone"),
        (("--timezone", "../etc/passwd"), "--timezone"),
        (("--limit", "months:0"), "--limit"),
        (("--limit", "working_days:1001"), "--limit"),
        (("--limit", "weeks:2"), "--limit"),
        (("--received", "9999-12-20"), "9999"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_option(wrong: tuple[str, str], named: str) -> None:
    asked = {"--received": "2025-03-05", "--country": "FR", "--as-of": "9999-12-31"} | dict([wrong])
    result = ask("deadline", *(word for pair in asked.items() for word in pair))
    assert (result.exit_code, result.stdout) == (2, "")
    assert named in result.stderr
    assert "Traceback" not in result.stderr


# -- how a command ends ------------------------------------------------------------------------------------------------


def ended(raised: BaseException) -> Result:
    """What becomes of a command that raises."""

    @click.group(cls=Door)
    def door() -> None: ...

    @door.command()
    def fail() -> None:
        raise raised

    return CliRunner().invoke(door, ["fail"])


@pytest.mark.parametrize(
    ("raised", "status", "said"),
    [
        (errors.ParameterError("a.yaml, line 3: no such key.\nb.yaml: none."), 2, "a.yaml, line 3: no such key."),
        (errors.SourceError("source x is not there."), 3, "source x is not there."),
        (errors.PopulationMoved("p", "a" * 64, "b" * 64), 3, "p: the population moved"),
        (errors.Disagreement("REQ-02", ["u"]), 3, "REQ-02: two readings"),
        (errors.SealError("no space."), 3, "no space."),
        (errors.SetupError("no fork."), 69, "no fork."),
        (KeyboardInterrupt(), 130, "interrupted"),
        (OSError(28, "No space left on device", "/x/y"), 3, "/x/y: No space left on device"),
        (RuntimeError("jean.dupont@example.org"), 3, "a defect of the kit: RuntimeError in test_cli.py, line"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_every_end_is_a_sentence_and_a_status(raised: BaseException, status: int, said: str) -> None:
    result = ended(raised)
    assert (result.exit_code, result.stdout) == (status, "")
    lines = result.stderr.strip().splitlines()
    assert all(line.startswith("evidence_kit: ") for line in lines)
    assert said in lines[0]
    assert "example.org" not in result.stderr


def test_a_trace_is_shown_to_whoever_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVIDENCE_KIT_TRACE", "1")
    assert "Traceback (most recent call last)" in ended(errors.SourceError("gone.")).stderr


def test_a_trace_shows_every_place_on_the_way_and_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVIDENCE_KIT_TRACE", "1")
    raised = errors.SourceError("source desk: a cell is no date.")
    raised.__cause__ = ValueError("could not convert 'jean.dupont@example.org'")
    raised.__cause__.__context__ = KeyError("Jean Dupont")
    for error in (raised, RuntimeError("jean.dupont@example.org")):
        said = ended(error).stderr
        assert type(error).__name__ in said
        assert "dupont" not in said.casefold()
    said = ended(raised).stderr
    assert (
        said.index("KeyError") < said.index("ValueError") < said.index("SourceError: source desk: a cell is no date.")
    )
    assert said.count("Traceback (most recent call last), values left out:") == 3


def test_a_command_that_is_none_names_the_nearest() -> None:
    result = ask("pln")
    assert result.exit_code == 2
    assert "Did you mean 'plan'?" in result.stderr


def test_help_lists_every_command_in_the_order_of_an_audit() -> None:
    result = ask("--help")
    listed = re.findall(r"^  ([a-z]+)  +\S.*[.]$", result.stdout, flags=re.MULTILINE)
    assert result.exit_code == 0
    assert listed == list(main.commands)
    assert listed[:3] == ["run", "freeze", "draw"]


@pytest.mark.parametrize("name", [name for name in main.commands if name != "verify"])
def test_every_command_has_its_help(name: str) -> None:
    result = ask(name, "--help")
    assert result.exit_code == 0
    assert f"Usage: main {name}" in result.stdout


def test_the_version() -> None:
    assert ask("version").stdout == f"evidence_kit {__version__}\n"


def test_a_table_stands_its_numbers_right(capsys: pytest.CaptureFixture[str]) -> None:
    table(("control", "n", "verdict"), [("REQ-01", 7, "PASS"), ("RET-01", 1200, None)])
    assert capsys.readouterr().out == "control     n  verdict\nREQ-01      7  PASS\nRET-01   1200  –\n"
