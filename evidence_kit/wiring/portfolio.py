"""The portfolio of providers: where each stands, what falls due, who may be one under two names, and moves of state.

Every move is a ledger entry, and a line of a growing file beside the ledger that a mapping reads as `processor_moves`.
Source: docs/processors.md, "States"; docs/norm/bundle.md, section 4 (`processor.moved`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from evidence_kit.edges import growing
from evidence_kit.edges.derived.presence import apart
from evidence_kit.edges.ledger_file import LedgerFile
from evidence_kit.edges.patterns import looks_personal
from evidence_kit.edges.source import SqlSource, as_of_day
from evidence_kit.errors import ParameterError, SourceError
from evidence_kit.ledger.chain import Action
from evidence_kit.model.audit import Engagement
from evidence_kit.model.canonical import instant
from evidence_kit.model.evidence import FRAMES
from evidence_kit.rules import due, portfolio, spellings, states
from evidence_kit.rules.states import State
from evidence_kit.wiring import places, probing

FOLDER, MOVES = "processors", "moves.jsonl"
ACTION = "processor.moved"
LONGEST_ID = 100
#: A value of a source shorter than this is a word of every sentence.
SHORTEST_VALUE = 5
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A move as it is asked for. `by`: `person:<id>` of the engagement's people; `on`: the day it rests on."""

    processor: str
    to: str
    by: str
    reason: str
    on: date | None = None


def listed(engagement: Engagement, out: Path, say: Say) -> dict[str, Any]:
    """Every provider: state, tier, last review, next due, and what is amiss in the data."""
    with _opened(engagement, out, say) as (source, ledger, folder):
        rows = _frames(source)
        last = _last(_record(folder / MOVES, ledger))
        today = as_of_day(engagement)
        items = _items(engagement, _as_moved(rows, last), engagement.parameters["due_soon_days"])
        pairs = _pairs(engagement, rows)
        amiss = portfolio.findings(rows, pairs, items, today)
        shown = [_provider(row, rows, last, items, amiss) for row in rows["processors"]]
        return {
            "engagement": engagement.id,
            "as_of": today.isoformat(),
            "processors": shown,
            "states": dict(Counter(one["state"] for one in shown)),
            "findings": dict(sorted(Counter(code for codes in amiss.values() for code in codes).items())),
        }


def due_list(engagement: Engagement, out: Path, days: int | None, say: Say) -> dict[str, Any]:
    """What is overdue, was never done, or falls due within `days` of the cut-off (None: the engagement's own)."""
    with _opened(engagement, out, say) as (source, ledger, folder):
        soon = engagement.parameters["due_soon_days"] if days is None else days
        last = _last(_record(folder / MOVES, ledger))
        every = _items(engagement, _as_moved(_frames(source), last), soon)
        return {
            "engagement": engagement.id,
            "as_of": as_of_day(engagement).isoformat(),
            "days": soon,
            "due": due.falling_due(every),
            "counts": dict(Counter(str(one.when) for one in every)),
        }


def twins(engagement: Engagement, out: Path, say: Say) -> dict[str, Any]:
    """Pairs of providers that may be one under two spellings. Nothing is merged."""
    with _opened(engagement, out, say) as (source, _, _):
        rows = _frames(source)
        called = {str(row["processor_id"]): row["name"] for row in rows["processors"]}
        found = [
            {
                "processors": [pair.first, pair.second],
                "names": [called[pair.first], called[pair.second]],
                "how": pair.how,
                "score": pair.score,
            }
            for pair in _pairs(engagement, rows)
        ]
        return {"engagement": engagement.id, "processors": len(called), "pairs": found}


def move(engagement: Engagement, out: Path, asked: Asked, say: Say) -> dict[str, Any]:
    """Change the state of one provider, in the ledger and in the file of moves.

    Raises ParameterError, and writes nothing, for a move that is not allowed, with what is; for somebody the engagement
    does not declare; for a provider that no source knows. Raises SourceError for a record that was changed.
    """
    role = _role(engagement, asked.by)
    if asked.to not in set(State):
        raise ParameterError(f"STATUS: no state is called so. Known are {', '.join(State)}.")
    _refuse_identifier(asked.processor)
    with _opened(engagement, out, say) as (source, ledger, folder):
        record, now = _record(folder / MOVES, ledger), places.clock()
        rows = _frames(source)
        last = _last(record).get(asked.processor)
        before = _state_before(rows, last, asked.processor)
        today = now.astimezone(ZoneInfo(engagement.timezone)).date()
        since = max((date.fromisoformat(one["on"]) for one in _of(record, asked.processor) if one["on"]), default=None)
        try:
            states.move(before, State(asked.to), asked.reason, asked.on, today, since)
        except states.Refused as refused:
            raise ParameterError(f"{asked.processor}: {refused} Nothing was written.") from refused
        _refuse_telling(asked.reason, source)
        if record and max(str(row["moved_at"]) for row in record) > instant(now):
            raise ParameterError("the clock stands before the last move that was kept. Set it right, then move again.")
        number = growing.last(record) + 1
        on = None if asked.on is None else asked.on.isoformat()
        line = {
            "move_id": f"MOVE-{number:04d}",
            "processor_id": asked.processor,
            "from_status": str(before),
            "to_status": asked.to,
            "moved_at": instant(now),
            "actor_role": role,
            "on": on,
            "reason": asked.reason,
        }
        kept = growing.append(folder / MOVES, number, [line])
        said = {
            "processor": asked.processor,
            "before": str(before),
            "after": asked.to,
            "on": on,
            "reason": asked.reason,
            "moves_sha256": kept,
        }
        # The provider stands in the data alone: its identifier may be any text, and a subject may not.
        entry = ledger.append(Action(asked.by, ACTION, f"engagement:{engagement.id}", said))
        return {"engagement": engagement.id, **line, "seq": entry.seq, "files": {str(folder / MOVES): kept}}


@contextmanager
def _opened(engagement: Engagement, out: Path, say: Say) -> Iterator[tuple[SqlSource, LedgerFile, Path]]:
    """Every source, the ledger and the folder of the record, for one process at a time."""
    if not any("processors" in source.frames for source in engagement.sources.values()):
        raise ParameterError(f"{engagement.file}: no source maps processors, so there is no portfolio.")
    with probing.opened_with_record(engagement, out, say, FOLDER) as (folder, source, ledger):
        yield source, ledger, folder


def _frames(source: SqlSource) -> dict[str, Sequence[Mapping[str, Any]]]:
    """Every row of the frames of a portfolio that the sources give; days and instants as text."""
    found: dict[str, Sequence[Mapping[str, Any]]] = {}
    for frame in portfolio.FRAMES:
        if source.given(frame) or frame == "provider_presence":
            columns = (*FRAMES[frame].names, "unreadable")
            found[frame] = source.plain(frame, columns, FRAMES[frame].unique_key[0])
    return found


def _record(path: Path, ledger: LedgerFile) -> list[growing.Row]:
    """The moves so far, as the ledger knows them. Raises SourceError for a file that was changed, or put away."""
    rows = growing.read(path)
    entered = [entry.data for entry in ledger.entries if entry.action == ACTION and entry.data is not None]
    nothing = sha256(b"").hexdigest()
    last = str(entered[-1]["moves_sha256"]) if entered else nothing
    if rows and rows[-1]["before_sha256"] == last:
        return growing.drop_last(path)  # killed before the ledger knew of it: nobody was told of that move
    if last != (sha256(path.read_bytes()).hexdigest() if path.exists() else nothing):
        raise SourceError(
            f"{path}: this file was changed after it was written: the ledger has another digest of it. Put the file "
            "back, or begin anew in another --out."
        )
    return rows


def _of(record: Sequence[growing.Row], processor: str) -> list[growing.Row]:
    return [row for row in record if row["processor_id"] == processor]


def _last(record: Sequence[growing.Row]) -> dict[str, growing.Row]:
    """Provider -> its last move."""
    return {str(row["processor_id"]): row for row in record}


def _as_moved(
    rows: Mapping[str, Sequence[Mapping[str, Any]]], last: Mapping[str, growing.Row]
) -> dict[str, Sequence[Mapping[str, Any]]]:
    """The frames with the ledger's own last states, whatever the sources say of moves."""
    moved = [{"processor_id": name, "status_in_ledger": row["to_status"]} for name, row in last.items()]
    return {**rows, "provider_presence": [*rows.get("provider_presence", ()), *moved]}


def _state_before(rows: Mapping[str, Sequence[Mapping[str, Any]]], last: growing.Row | None, processor: str) -> State:
    """The last state in the ledger, or else the portfolio's own. Raises ParameterError where nobody knows one."""
    mine = [row for row in rows["processors"] if row["processor_id"] == processor]
    if not mine:
        raise ParameterError(
            f"PROCESSOR: no source knows a provider of this identifier; {len(rows['processors'])} are known."
        )
    state = mine[0]["status"] if last is None else last["to_status"]
    if state is None:
        raise ParameterError(
            f"{processor}: the portfolio gives no state that the kit knows. Correct its mapping first."
        )
    return State(state)


def _items(engagement: Engagement, rows: Mapping[str, Sequence[Mapping[str, Any]]], soon: int) -> tuple[due.Item, ...]:
    return due.items(rows, as_of_day(engagement), soon, engagement.parameters["register_review_months"])


def _pairs(engagement: Engagement, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[spellings.Pair, ...]:
    everybody = rows["processors"]
    called = {str(row["processor_id"]): str(row["name"]) for row in everybody if row["name"] is not None}
    parents = {str(row["processor_id"]): str(row["parent_id"]) for row in everybody if row["parent_id"] is not None}
    return spellings.alike(called, apart(parents) | set(engagement.told_apart))


def _provider(
    row: Mapping[str, Any],
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    last: Mapping[str, growing.Row],
    items: Sequence[due.Item],
    amiss: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """One provider as the command shows it."""
    name = str(row["processor_id"])
    held = [str(one["reviewed_on"]) for one in rows.get("processor_reviews", ()) if one["processor_id"] == name]
    days = [one.on.isoformat() for one in items if one.subject == name and one.on and one.when in due.DATED]
    moved = last.get(name)
    return {
        "processor_id": name,
        "name": row["name"],
        "state": row["status"] if moved is None else moved["to_status"],
        "state_in_portfolio": row["status"],
        "moved_at": None if moved is None else moved["moved_at"],
        "risk_tier": row["risk_tier"],
        "last_review": max(held, default=None),
        "next_due": min(days, default=None),
        "findings": list(amiss.get(name, ())),
    }


def _role(engagement: Engagement, by: str) -> str:
    found = next((one.role for one in engagement.actors if one.actor == by and by.startswith("person:")), None)
    if found is None:
        known = ", ".join(one.actor for one in engagement.actors if one.actor.startswith("person:"))
        raise ParameterError(
            f"--by: the engagement declares nobody of that id. Declared in {engagement.file}: "
            f"{known or 'nobody: add `people` to it'}."
        )
    return found


def _refuse_identifier(processor: str) -> None:
    """An identifier stands in the ledger for ever: one line, and nothing that leads to a person."""
    form = processor.strip() == processor and processor.isprintable() and 0 < len(processor) <= LONGEST_ID
    if not form or any(looks_personal(processor)):
        raise ParameterError(f"PROCESSOR: an identifier of 1 to {LONGEST_ID} characters is needed, and no address.")


def _refuse_telling(reason: str, source: SqlSource) -> None:
    """A reason stays in the ledger and on the pages of every later bundle: nothing that a pseudonym stands for."""
    told = reason.casefold()
    known = any(len(value) >= SHORTEST_VALUE and value.casefold() in told for _, value in source.pseudonymised())
    if known or any(looks_personal(reason)):
        raise ParameterError(
            "--reason: it holds personal data, and the ledger keeps it for ever. Say why without them."
        )
