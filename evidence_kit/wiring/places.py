"""Where things are: the checkout's parameters and notebooks, the outputs, the keys. And who reads them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from evidence_kit import rules
from evidence_kit.errors import ParameterError
from evidence_kit.model.audit import AUDIT, FIGURES, Engagement
from evidence_kit.model.calendar import Calendar
from evidence_kit.model.deadline import Days, Given, Limit, Months, Profile, WorkingDays
from evidence_kit.model.terms import Terms
from evidence_kit.rules import requests

ROOT = Path(__file__).resolve().parents[2]
PARAMS = ROOT / "params"
NOTEBOOKS = ROOT / "notebooks"
OUTPUTS = ROOT / "outputs"
#: Days of holidays kept beyond the period: an answer may be due three months and a long pause after it.
MARGIN = timedelta(days=400)


def load(engagement: str | Path, sources: Mapping[str, str] | None = None, kind: str = AUDIT) -> Engagement:
    """The engagement of that name or file, as its run of that kind is, checked.

    Raises ParameterError with file, line and nearest known key.
    """
    from evidence_kit.edges import params

    loaded = params.load(engagement, PARAMS, sources or {}, kind)
    for control in loaded.controls:
        if control.test not in rules.names():
            known = ", ".join(rules.names())
            raise ParameterError(f"{control.id}: test {control.test} is not known. Known are {known}.")
        if control.set_aside is not None and control.test not in requests.NOT_YET_DUE:
            raise ParameterError(f"{control.id}: set_aside is for tests with a time limit; {control.test} has none.")
    return loaded


def located(file: str) -> Path:
    """The absolute path of a parameter file that messages name relative to where we stand, or to the checkout."""
    here = Path(file)
    return (here if here.exists() else ROOT / file).resolve()


def reached(engagement: Engagement, source: str) -> Path | None:
    """The path of a source that is there; None for a server, whose variable is set and is not read here.

    Raises ParameterError for a source that nobody placed, or that is not there; what a variable holds is never shown.
    """
    stated, served = engagement.place(source), engagement.sources[source].served
    if stated is None:
        how = "env:NAME" if served else "PATH"
        raise ParameterError(f"{engagement.file}: source {source} has no place. Say it: --source {source}={how}")
    if not stated.startswith("env:"):
        path = Path(stated).expanduser()
        if not path.exists():
            raise ParameterError(
                f"source {source}: {path} is not there. Check the path given by --source {source}=PATH"
            )
        return path.resolve()
    variable = stated.removeprefix("env:")
    if variable not in os.environ:
        holds = "the address of the server" if served else "the path"
        raise ParameterError(f"source {source}: the variable {variable} is not set. Put {holds} into it.")
    if served:
        return None
    path = Path(os.environ[variable]).expanduser()
    if not os.environ[variable] or not path.exists():
        raise ParameterError(f"source {source}: nothing is at the path that the variable {variable} holds. Check it.")
    return path.resolve()


def nonce(text: str) -> str:
    """The auditor's nonce, checked: 64 lower-case hex digits. Raises ParameterError."""
    from evidence_kit.edges import params

    return params.read_nonce(text)


def outputs() -> Path:
    """Where runs and bundles go when nothing says otherwise: EVIDENCE_KIT_OUT, or the checkout's own folder."""
    return Path(os.environ.get("EVIDENCE_KIT_OUT") or OUTPUTS)


def calendars(engagement: Engagement) -> Mapping[str, Calendar]:
    """The calendars of an engagement, over all days its deadlines may meet."""
    from evidence_kit.edges import calendars

    first = date(engagement.period.start_on.year - 6, 1, 1)
    return calendars.load(engagement.calendars, first, date((engagement.as_of + MARGIN).year, 12, 31))


def terms(engagement: Engagement) -> Terms:
    """The terms under which units are judged."""
    return Terms(
        as_of=engagement.as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        timezone=engagement.timezone,
        naive_is_local=engagement.naive_is_local,
        calendars=calendars(engagement),
        profile=Profile(engagement.profile),
        limit=limit(engagement),
        parameters={**FIGURES, **engagement.parameters},
    )


def limit(engagement: Engagement) -> Limit:
    """The statute's time limit as the rule knows it."""
    stated = engagement.limit
    kinds: dict[str, Limit] = {"given": Given()}
    if stated.kind != "given":
        kinds = {
            "months": Months(stated.n),
            "days": Days(stated.n, stated.roll),
            "working_days": WorkingDays(stated.n),
        }
    return kinds[stated.kind]


def clock() -> datetime:
    """Now, in UTC; or the instant that EVIDENCE_CLOCK fixes, for runs that must be equal byte for byte."""
    fixed = os.environ.get("EVIDENCE_CLOCK")
    if not fixed:
        return datetime.now(UTC)
    try:
        return datetime.fromisoformat(fixed).astimezone(UTC)
    except ValueError as error:
        raise ParameterError("EVIDENCE_CLOCK is not an instant. Write 2026-11-24T08:00:00Z, or unset it.") from error


def vault_folder(engagement: str) -> Path:
    """Where an engagement's keys lie: EVIDENCE_KIT_VAULTS, or the user's configuration folder."""
    base = os.environ.get("EVIDENCE_KIT_VAULTS")
    if base:
        return Path(base) / engagement
    config = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(config) / "evidence_kit" / "vaults" / engagement
