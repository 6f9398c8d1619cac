"""What the command line needs of the edges and pages: a deadline with its sentences, the rehearsal company, keys."""

from __future__ import annotations

import errno
import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from pathlib import Path
from typing import Any

from evidence_kit.errors import ParameterError
from evidence_kit.model.audit import Engagement
from evidence_kit.model.deadline import Case, Days, Deadline, Limit, Line, Months, WorkingDays
from evidence_kit.rules import deadlines
from evidence_kit.wiring import places

#: The zone of the seat of government, for places whose law follows the GDPR, and the parts that keep another time.
ZONES: Mapping[str, str] = {
    "AT": "Europe/Vienna", "BE": "Europe/Brussels", "BG": "Europe/Sofia", "CH": "Europe/Zurich", "CY": "Asia/Nicosia",
    "CZ": "Europe/Prague", "DE": "Europe/Berlin", "DK": "Europe/Copenhagen", "EE": "Europe/Tallinn",
    "ES": "Europe/Madrid", "ES-CN": "Atlantic/Canary", "FI": "Europe/Helsinki", "FR": "Europe/Paris",
    "FR-971": "America/Guadeloupe", "FR-972": "America/Martinique", "FR-973": "America/Cayenne",
    "FR-974": "Indian/Reunion", "FR-976": "Indian/Mayotte", "FR-BL": "America/St_Barthelemy",
    "FR-MF": "America/Marigot", "FR-NC": "Pacific/Noumea", "FR-PM": "America/Miquelon", "FR-WF": "Pacific/Wallis",
    "GB": "Europe/London", "GR": "Europe/Athens", "HR": "Europe/Zagreb", "HU": "Europe/Budapest",
    "IE": "Europe/Dublin", "IS": "Atlantic/Reykjavik", "IT": "Europe/Rome", "LI": "Europe/Vaduz",
    "LT": "Europe/Vilnius", "LU": "Europe/Luxembourg", "LV": "Europe/Riga", "MC": "Europe/Monaco", "MT": "Europe/Malta",
    "NL": "Europe/Amsterdam", "NO": "Europe/Oslo", "PL": "Europe/Warsaw", "PT": "Europe/Lisbon",
    "PT-20": "Atlantic/Azores", "PT-30": "Atlantic/Madeira", "RO": "Europe/Bucharest", "SE": "Europe/Stockholm",
    "SI": "Europe/Ljubljana", "SK": "Europe/Bratislava",
}  # fmt: skip
#: French parts whose clocks differ among themselves: there the zone must be said.
_SEVERAL_ZONES = ("FR-PF", "FR-TF")
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Judged:
    """One request judged on the command line, and the case it was."""

    case: Case
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Keys:
    """New keys: where they lie, and what of them is public."""

    folder: Path
    public_line: str
    fingerprint: str


def deadline(
    *,
    received: str,
    country: str,
    subdivision: str | None,
    answered: str | None,
    as_of: str | None,
    timezone: str | None,
    limit: tuple[str, int],
) -> Judged:
    """Judge one request. `limit`: its kind and number.

    Raises ParameterError for a place without a calendar, a zone or a text that cannot be read, a day beyond 9999.
    """
    from evidence_kit.edges import calendars

    name = country if subdivision is None else f"{country}-{subdivision}"
    if why := calendars.objection(name):
        raise ParameterError(
            f"--country {'' if subdivision is None else 'and --subdivision'}: {why}".replace(" :", ":")
        )
    where = timezone or _zone(name)
    now = as_of or places.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for option, text in (("--received", received), ("--answered", answered), ("--as-of", now)):
        if text is not None:
            _refuse_unreadable(option, text, where)
    year = int(received[:4])
    until = min(9999, year + 2 + limit[1] // {"months": 12, "days": 365, "working_days": 150}[limit[0]])
    known = calendars.load([name], date(max(1, year - 1), 1, 1), date(until, 12, 31))
    case = Case(received, answered, now, where, calendar=name, limit=_limit(*limit))
    try:
        return Judged(case, deadlines.judge(case, known))
    except (ValueError, OverflowError) as error:
        raise ParameterError("--received: the due day would lie beyond the year 9999.") from error


def _zone(name: str) -> str:
    found = None if name in _SEVERAL_ZONES else ZONES.get(name) or ZONES.get(name[:2])
    if found is None:
        raise ParameterError(
            f"--timezone: say the controller's zone; {name} has no single one here. Such as America/Toronto."
        )
    return found


def _refuse_unreadable(option: str, text: str, where: str) -> None:
    try:
        deadlines.local_day(text, where)
    except deadlines.Refused as refused:
        if refused.code == "unknown-time-zone":
            raise ParameterError("--timezone: no such zone. Write an IANA name such as Europe/Paris.") from refused
        if refused.code == "unreadable-date":
            raise ParameterError(
                f"{option}: no such day or instant. Write 2025-03-05, 2025-03-05T14:30:00 (local time), "
                "2025-03-05T14:30:00Z or 2025-03-05T14:30:00+02:00."
            ) from refused


def _limit(kind: str, number: int) -> Limit:
    made: dict[str, Callable[[int], Limit]] = {"months": Months, "days": Days, "working_days": WorkingDays}
    return made[kind](number)


def sentences(working: Sequence[Line], language: str) -> list[tuple[str, str]]:
    """Each line of a working as the bundle's pages say it, with its article; `language`: en or fr."""
    from evidence_kit.pages import working as lines
    from evidence_kit.pages.payload import Node

    told = lines.lines(Node("deadline", "", list(working)))
    return [(_plain(sentence, language), _plain(article, language)) for sentence, article in told]


def reason(code: str, language: str) -> str:
    """The words of a reason's code."""
    from evidence_kit.pages import blocks

    return _plain(blocks.Code("reason", code), language)


def _plain(item: Any, language: str) -> str:
    """A part of a page as plain text."""
    from evidence_kit.pages.markup import Writer
    from evidence_kit.pages.words import words

    written = Writer(words(language), "index.html").html(item)
    return html.unescape(re.sub(r"<[^>]*>", "", written.replace("<br>", " "))).strip()


def rehearse(
    out: Path, contacts: int, seed: int, faults: str, as_of: str, say: Callable[[str], None]
) -> dict[str, dict[str, int]]:
    """Make the company at `out`: a file where that ends with .duckdb or .db, else a folder. What must be found.

    Raises ParameterError for a knob that cannot be accepted, a place that is taken, or one that cannot be written.
    """
    from evidence_kit.edges.rehearsal import write

    if out.exists():
        raise ParameterError(f"--out: {out} is already there, and nothing is overwritten. Give a new place.")
    make = write.make_file if out.suffix in (".duckdb", ".db") else write.make
    try:
        return make(out, seed, contacts, faults, as_of, say)
    except ValueError as error:
        raise ParameterError(str(error)) from error
    except OSError as error:
        if error.errno in _FULL:
            raise
        raise ParameterError(f"--out: {out} cannot be written ({error.strerror}). Give another place.") from error


def make_keys(engagement: Engagement) -> Keys:
    """Make the engagement's vault. The passphrase comes from the environment, or is asked for twice.

    Raises ParameterError when it has one already, or when no passphrase can be had.
    """
    from evidence_kit.edges import vault
    from evidence_kit.edges.collector import seal_process
    from evidence_kit.wiring import keys

    folder = places.vault_folder(engagement.id)
    if (folder / vault.NAME).exists():
        raise ParameterError(
            f"{engagement.id} has its keys already, in {folder}. To start anew, move that folder away."
        )
    seal_process()
    made = vault.create(folder, keys.passphrase(twice=True))
    return Keys(folder, made.public_line, made.fingerprint)


def make_key_file(path: Path) -> Keys:
    """A signing key in a file of its own. The passphrase comes from the environment, or is asked for twice.

    Raises ParameterError for a place that is taken, or that lies among outputs or in a bundle.
    """
    from evidence_kit.edges import keyfiles
    from evidence_kit.edges.collector import seal_process
    from evidence_kit.edges.signing import Seal
    from evidence_kit.wiring import keys

    place = path.expanduser().absolute()
    keys.refuse_among_outputs(place)
    seal_process()
    made = keyfiles.make(place, lambda: keys.key_passphrase(place, twice=True))
    return Keys(place, Seal(made.public).public_line(), made.fingerprint)


def public_key(engagement: Engagement, out: Path) -> dict[str, str]:
    """The public half of the key that signs, in every form in which it is handed over.

    `read_out`: the fingerprint in groups of four, for the telephone. Raises ParameterError when there is no such key.
    """
    from evidence_kit.edges.collector import seal_process
    from evidence_kit.edges.signing import allowed_line
    from evidence_kit.wiring import keys

    seal_process()
    seal = keys.public(engagement, out / engagement.id)
    line, fingerprint = seal.public_line(), seal.fingerprint
    bare = fingerprint.partition(":")[2]
    groups = " ".join(bare[place : place + 4] for place in range(0, len(bare), 4))
    return {
        "engagement": engagement.id,
        "signing": engagement.signing.kind,
        "fingerprint": fingerprint,
        "public_line": line,
        "allowed_signers": allowed_line(engagement.id, line),
        "read_out": groups,
    }
