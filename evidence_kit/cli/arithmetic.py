"""Two rules on the command line, with their working: sample sizes and statutory deadlines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from evidence_kit.cli.door import emit, json_option
from evidence_kit.errors import ParameterError

if TYPE_CHECKING:
    from evidence_kit.wiring.tools import Judged

_PERCENT = re.compile(r"(0|[1-9][0-9]{0,2})(?:\.([0-9]{1,30}))? ?%")
_DECIMAL = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]{1,30})?")
_LIMIT = re.compile(r"(months|days|working_days):([1-9][0-9]{0,3})")
#: Largest number of each limit, as for an engagement (docs/parameters.md).
_LARGEST = {"months": 60, "days": 3650, "working_days": 1000}
#: What the codes of docs/norm/rates.md say to somebody who typed an option.
_REFUSALS = {
    "tolerable-rate-out-of-range": "--tolerable: a rate above 0% and below 100% is needed.",
    "confidence-out-of-range": "--confidence: a level above 0% and below 100% is needed, such as 95%.",
    "expected-rate-not-below-tolerable": "--expected: the rate expected must be below the tolerable one.",
    "population-empty": "--population: an empty population has nothing to draw; 1 at least.",
    "plan-too-large": "the rate expected is too close to the tolerable one: no sample of use decides between them. "
    "Test every unit, or agree on another tolerable rate.",
}


class Rate(click.ParamType[str]):
    """`5%` or `0.05`, read digit by digit into decimal text: never through a float."""

    name = "RATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Decimal text in the form of the rules."""
        text = str(value).strip()
        if found := _PERCENT.fullmatch(text):
            digits = found[1].zfill(3)
            fraction = (digits[-2:] + (found[2] or "")).rstrip("0")
            return str(int(digits[:-2])) + (f".{fraction}" if fraction else "")
        if _DECIMAL.fullmatch(text):
            return text
        self.fail("write a percentage such as 5% or 2.5%, or a decimal such as 0.05.", param, ctx)


class Population(click.ParamType[int | str]):
    """A number of units, or `endless`."""

    name = "N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        """The number; the word `endless` stays."""
        text = str(value)
        if text == "endless":
            return text
        if re.fullmatch(r"[0-9]{1,12}", text):
            return int(text)
        self.fail("write a number of units, such as 247, or the word endless.", param, ctx)


class TimeLimit(click.ParamType[tuple[str, int]]):
    """`months:1`, `days:30` or `working_days:20`."""

    name = "LIMIT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """The kind and its number."""
        if isinstance(value, tuple):
            return value
        found = _LIMIT.fullmatch(str(value))
        if found is None or int(found[2]) > _LARGEST[found[1]]:
            self.fail("write months:N (to 60), days:N (to 3650) or working_days:N (to 1000).", param, ctx)
        return found[1], int(found[2])


@click.command(short_help="Sample size and acceptance number, with the working.")
@click.option("--population", type=Population(), required=True, help="Units in the population, or the word endless.")
@click.option("--tolerable", type=Rate(), required=True, help="From this rate of deviations on, it has too many.")
@click.option("--confidence", type=Rate(), required=True, help="Confidence level.")
@click.option("--expected", type=Rate(), default="0%", show_default=True, help="Rate of deviations expected.")
@json_option
def plan(population: int | str, tolerable: str, confidence: str, expected: str, as_json: bool) -> None:
    """How many units to draw, and how many deviations among them still pass, with the working.

    Exact: hypergeometric, or binomial for an endless population. Rates are written 5% or 0.05.
    """
    from evidence_kit.cli import working
    from evidence_kit.rules import rates

    units = None if isinstance(population, str) else population
    try:
        made = rates.plan(units, tolerable, confidence, expected)
    except ValueError as refused:
        raise ParameterError(_REFUSALS[str(refused)], code=str(refused)) from refused
    if as_json:
        emit({"n": made.n, "accept": made.accept, "census": made.census, "bad": made.bad})
        return
    for line in working.of_plan(units, tolerable, confidence, expected, made):
        click.echo(line)


@click.command(short_help="The day an answer is due, with the working.")
@click.option("--received", required=True, metavar="ISO", help="Day or instant of receipt: 2025-03-05, or with a time.")
@click.option("--country", required=True, metavar="CC", help="Whose public holidays count: FR, DE, GB …")
@click.option("--subdivision", metavar="PART", help="Part of the country with holidays of its own: 57, BY, SCT …")
@click.option("--answered", metavar="ISO", help="Day or instant of the answer; without it, the request is open.")
@click.option("--as-of", metavar="ISO", help="Instant of the evaluation.  [default: now]")
@click.option("--timezone", metavar="ZONE", help="IANA time zone of the controller.  [default: the country's]")
@click.option(
    "--limit", type=TimeLimit(), default="months:1", show_default=True, help="months:N, days:N, working_days:N."
)
@click.option(
    "--lang", type=click.Choice(("en", "fr")), default="en", show_default=True, help="Language of the working."
)
@json_option
def deadline(lang: str, as_json: bool, **asked: Any) -> None:
    """The last day on which an answer is in time, and whether it was, with the working.

    Days are written 2025-03-05, instants 2025-03-05T14:30:00 (local), …Z or …+02:00. The verdict is no error: status 0.
    """
    from evidence_kit.wiring import tools

    judged = tools.deadline(**asked)
    found = judged.deadline
    if as_json:
        every = found.as_json()
        emit({key: every[key] for key in ("due", "verdict", "reason", "working")})
        return
    _print_deadline(judged, lang)


def _print_deadline(judged: Judged, lang: str) -> None:
    from evidence_kit.wiring import tools

    heads = ("due", "verdict", "reason") if lang == "en" else ("échéance", "verdict", "motif")
    found, width = judged.deadline, max(map(len, heads))
    reason = tools.reason(found.reason, lang)
    due = found.due.isoformat() if found.due else "–"
    for head, value in zip(heads, (due, found.verdict.value, f"{found.reason}: {reason}"), strict=True):
        click.echo(f"{head.ljust(width)}  {value}")
    click.echo()
    for number, (sentence, article) in enumerate(tools.sentences(found.working, lang), start=1):
        click.echo(f"{number}. {sentence}")
        if article:
            click.echo(f"   {article}")
    if not found.working:
        click.echo("No working: the case cannot be read." if lang == "en" else "Pas de calcul : le cas est illisible.")
