"""The means offered, tried: one round over every channel of an engagement, or what people add to the last one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from evidence_kit.edges.channels import rounds, testing
from evidence_kit.errors import ParameterError
from evidence_kit.model.audit import Engagement
from evidence_kit.model.channels import Told
from evidence_kit.wiring import batch, places

FOLDER = "channels"


def round_of(engagement: Engagement, out: Path, send: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Try every channel once and write the round down; the round as the command shows it.

    `send`: one-click unsubscriptions are really asked for. Raises ParameterError for an engagement without channels, a
    message that cannot be read or a folder that cannot be written, SourceError for a record that was changed.
    """
    if not engagement.channels:
        raise ParameterError(
            f"{engagement.file}: no channel is declared. Give them under channels: (docs/channels.md)."
        )
    with _record(engagement, out) as folder:
        before = [row for name in (rounds.CHECKS, rounds.OBSERVATIONS) for row in rounds.read(folder, name)]
        number = 1 + max((row["round"] for row in before), default=0)
        messages = places.located(engagement.file).parent
        checks, observations = [], []
        for channel in engagement.channels:
            say(f"{channel.id}: trying the {channel.channel}")
            tested_at = places.clock()
            found = testing.look(channel, messages, send, places.clock)
            check, seen = testing.lines(channel, number, tested_at, found)
            checks.append(check)
            observations += seen
        return _shown(engagement, folder, checks, observations)


def complete(engagement: Engagement, out: Path, told: Mapping[str, Told]) -> dict[str, Any]:
    """Add what people saw to the last round of their channels; the lines added, as the command shows them.

    Raises ParameterError for a channel that was never tested and for instants that cannot be.
    """
    with _record(engagement, out) as folder:
        known = rounds.latest(rounds.read(folder, rounds.CHECKS))
        now = places.clock()
        checks, observations = [], []
        for id_, said in told.items():
            if id_ not in known:
                raise ParameterError(
                    f"{id_}: no round has tested this channel. Known are {', '.join(sorted(known)) or 'none'}."
                )
            check, seen = testing.completed(known[id_], said, now)
            _refuse_impossible(id_, check, now)
            checks.append(check)
            observations += seen
        return _shown(engagement, folder, checks, observations)


@contextmanager
def _record(engagement: Engagement, out: Path) -> Iterator[Path]:
    """The folder of the record, for one writer at a time."""
    home = batch.stand(engagement, out).home
    with batch.alone(home, engagement.id):
        yield home / FOLDER


def _refuse_impossible(id_: str, check: Mapping[str, Any], now: datetime) -> None:
    """A request is sent before it has an effect, and nothing was seen tomorrow. The texts sort as their instants."""
    seen = [check[name] for name in ("ticket_created_at", "effective_at") if check[name] is not None]
    if max((check["tested_at"], *seen)) > testing.written(now):
        raise ParameterError(f"{id_}: an instant lies in the future. Give what was seen, in UTC.")
    if min((check["tested_at"], *seen)) < check["tested_at"]:
        raise ParameterError(
            f"{id_}: seen before the test, which was at {check['tested_at']}. Say when the request was sent: --sent."
        )


def _shown(
    engagement: Engagement, folder: Path, checks: Sequence[rounds.Row], observations: Sequence[rounds.Row]
) -> dict[str, Any]:
    digests = rounds.append(folder, checks, observations)
    return {
        "engagement": engagement.id,
        "checks": list(checks),
        "observations": list(observations),
        "files": {str(folder / name): digests[name] for name in (rounds.CHECKS, rounds.OBSERVATIONS)},
    }
