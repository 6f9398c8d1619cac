"""Processors and activities followed from one run to the next: who slipped, who was ended, what changed of each.

Only what stands in the evidence frames of both runs is compared, and only of controls that may be compared. A value
that one run did not read is not said to have changed.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from evidence_kit.model.comparing import WORDS, ControlRun, Entity, Members, Row, Run, Value, ValueChange
from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.outcome import WORST_FIRST, Outcome
from evidence_kit.rules.comparable import whole
from evidence_kit.rules.members import members

#: Controls whose unit is a provider; those of PRO-01 belong to the provider their destination was matched with.
OF_PROVIDERS = ("PRO-02", "PRO-03", "PRO-04", "PRO-05")
DESTINATIONS, COLUMNS, PERIODS = "PRO-01", "REG-01", "REG-04"
OF_ACTIVITIES = ("REG-02", "REG-03")
#: Periods of a rule, in REG-04.
_PERIODS = ("keep", "configured_keep", "notice_keep", "schedule")
#: Days of a commitment, in PRO-05.
_PROMISED = ("signed_on", "due_on", "completed_on")
#: What of the last review is followed, in PRO-03.
_REVIEWED = ("reviewed_on", "outcome")
_BY_UNIT = {**dict.fromkeys(_PROMISED, "PRO-05"), **dict.fromkeys(_REVIEWED, "PRO-03")}
TERMINATED = "terminated"


def processors(before: Run, after: Run, compared: frozenset[str]) -> tuple[Entity, ...]:
    """Every provider that a frame of one of the runs names, by its id; compared by the controls in `compared`."""
    if before.agreed.get("organisation") != after.agreed.get("organisation"):
        return ()
    names = (DESTINATIONS, *OF_PROVIDERS)
    verdicts = [
        {**_of_units(run, OF_PROVIDERS, compared), **_of_destinations(run, compared)} for run in (before, after)
    ]
    values = [_providers(run) for run in (before, after)]
    seen_whole = _whole((before, after), names)
    ids = sorted(values[0].keys() | values[1].keys())
    hung = _hung(before, after, {"destination": DESTINATIONS}, _BY_UNIT)
    return tuple(_entity(id_, names, verdicts, values, seen_whole, hung) for id_ in ids)


def activities(before: Run, after: Run, compared: frozenset[str]) -> tuple[Entity, ...]:
    """Every activity of the register, and every one that a rule or a column names, by its id."""
    if before.agreed.get("organisation") != after.agreed.get("organisation"):
        return ()
    names = (COLUMNS, *OF_ACTIVITIES, PERIODS)
    verdicts = [
        {
            **_of_units(run, OF_ACTIVITIES, compared),
            **_through(run, COLUMNS, "column_entries", "unit_id", compared),
            **_through(run, PERIODS, "retention_rules", "rule_id", compared),
        }
        for run in (before, after)
    ]
    values = [_activities(run) for run in (before, after)]
    seen_whole = _whole((before, after), OF_ACTIVITIES)
    ids = sorted(values[0].keys() | values[1].keys())
    hung = _hung(before, after, dict.fromkeys(_PERIODS, PERIODS), {})
    return tuple(_entity(id_, names, verdicts, values, seen_whole, hung) for id_ in ids)


def undeclared(before: Run, after: Run, compared: frozenset[str]) -> Members:
    """Columns of persons that no active entry of the register names, as (object, column); objects in both runs are the
    population that can have changed."""
    if COLUMNS not in compared:
        return members((), ())
    objects = [_pairs(run.controls[COLUMNS], declared=None) for run in (before, after)]
    both = {group for group, _ in objects[0]} & {group for group, _ in objects[1]}
    open_ = [set(_pairs(run.controls[COLUMNS], declared=False)) for run in (before, after)]
    found = members(*open_)
    return Members(
        groups_in_both=tuple(sorted(both)),
        groups_only_before=tuple(sorted({group for group, _ in objects[0]} - both)),
        groups_only_after=tuple(sorted({group for group, _ in objects[1]} - both)),
        added=found.added,
        removed=found.removed,
        added_within=tuple(pair for pair in found.added if pair[0] in both),
        removed_within=tuple(pair for pair in found.removed if pair[0] in both),
    )


def _pairs(run: ControlRun, *, declared: bool | None) -> list[tuple[str, str]]:
    """(source.object, column) of the units of REG-01; all of them, or those with or without an active entry."""
    active = {str(row["unit_id"]) for row in run.frames.get("column_entries", ()) if row.get("status") == "active"}
    return [
        (f"{row['source']}.{row['object']}", str(row["column_name"]))
        for row in run.frames.get("column_units", ())
        if declared is None or (str(row["unit_id"]) in active) is declared
    ]


_Verdicts = Mapping[tuple[str, str], Outcome]
_Values = Mapping[str, Mapping[tuple[str, str], Value]]


def _of_units(run: Run, controls: Iterable[str], compared: frozenset[str]) -> dict[tuple[str, str], Outcome]:
    """(control, unit) → verdict, of controls whose unit is the entity itself."""
    return {
        (name, one.unit): one.verdict for name in controls if name in compared for one in run.controls[name].results
    }


def _of_destinations(run: Run, compared: frozenset[str]) -> dict[tuple[str, str], Outcome]:
    """The worst verdict of the destinations that were matched with a provider."""
    return _through(run, DESTINATIONS, "destination_processors", "destination", compared, entity="processor_id")


def _through(
    run: Run, control: str, frame: str, unit: str, compared: frozenset[str], *, entity: str = "activity_id"
) -> dict[tuple[str, str], Outcome]:
    """(control, entity) → the worst verdict of the units that a frame gives to this entity."""
    if control not in compared:
        return {}
    verdicts = {one.unit: one.verdict for one in run.controls[control].results}
    found: dict[tuple[str, str], Outcome] = {}
    for row in run.controls[control].frames.get(frame, ()):
        verdict, key = verdicts.get(str(row[unit])), (control, str(row[entity]))
        if verdict is None or row.get(entity) is None:
            continue
        found[key] = min((verdict, found.get(key, verdict)), key=WORST_FIRST.index)
    return found


def _whole(runs: Iterable[Run], names: Iterable[str]) -> bool:
    """Whether all controls that name such entities tested every unit, so that one that is not seen is not there."""
    return all(name in run.controls and whole(run.controls[name]) for run in runs for name in names)


def _rows(run: Run, frame: str) -> Iterator[Row]:
    """The rows of one frame, of whichever controls read it, in the order of the controls."""
    for control in run.controls.values():
        yield from control.frames.get(frame, ())


def _providers(run: Run) -> _Values:
    """Provider → (what it belongs to, column) → value: its row, its last review, its commitments, its destinations."""
    found: dict[str, dict[tuple[str, str], Value]] = {}
    for row in _rows(run, "processors"):
        _take(found, row, "processor_id", "processors")
    for id_, rows in _grouped(run, "processor_reviews", "review_id").items():
        last = max(rows, key=lambda row: (str(row["reviewed_on"]), str(row["review_id"])))
        for name in _REVIEWED:
            found.setdefault(id_, {})["", name] = last.get(name)
    for id_, rows in _grouped(run, "processor_commitments", "commitment_id").items():
        for row in rows:
            for name in _PROMISED:
                if name in row:
                    found.setdefault(id_, {})[str(row["commitment_id"]), name] = row[name]
    for row in _rows(run, "provider_presence"):
        _take(found, row, "processor_id", "provider_presence", only=("in_register", "in_flows"))
    for id_, rows in _grouped(run, "destination_processors", "destination").items():
        for row in rows:
            found.setdefault(id_, {}).setdefault(("", "status"), row.get("status"))
            found[id_][str(row["destination"]), "destination"] = True
    return found


def _activities(run: Run) -> _Values:
    """Activity → (rule or nothing, column) → value: the cells of its entry, and the periods of its rules."""
    found: dict[str, dict[tuple[str, str], Value]] = {}
    for row in _rows(run, "register_activities"):
        _take(found, row, "activity_id", "register_activities")
    for row in _rows(run, "retention_rules"):
        if row.get("activity_id") is not None and "rule_id" in row:
            for name in _PERIODS:
                if name in row:
                    found.setdefault(str(row["activity_id"]), {})[str(row["rule_id"]), name] = row[name]
    for row in _rows(run, "column_entries"):
        found.setdefault(str(row["activity_id"]), {})
    return found


def _take(
    found: dict[str, dict[tuple[str, str], Value]], row: Row, id_: str, frame: str, *, only: Sequence[str] = ()
) -> None:
    """Keep what a row says of its entity. Pseudonyms are left out: with other keys they say nothing."""
    if row.get(id_) is None:
        return
    mine = found.setdefault(str(row[id_]), {})
    for column in FRAMES[frame].columns:
        if column.name in row and column.name != id_ and column.privacy != "key" and (not only or column.name in only):
            mine["", column.name] = row[column.name]


def _grouped(run: Run, frame: str, own: str) -> dict[str, list[Row]]:
    """Provider → its rows of one frame that several controls may have read; each row once."""
    found: dict[str, dict[str, Row]] = {}
    for row in _rows(run, frame):
        if row.get("processor_id") is not None and row.get(own) is not None:
            found.setdefault(str(row["processor_id"]), {})[str(row[own])] = row
    return {id_: list(rows.values()) for id_, rows in found.items()}


def _hung(
    before: Run, after: Run, by_control: Mapping[str, str], by_unit: Mapping[str, str]
) -> Mapping[str, frozenset[str] | None]:
    """Names of what stands in rows of its own, and the entities of which both runs read all of them (None: every one).

    Without that, something that is not there may only not have been read: `by_control` names the control that must have
    tested every unit in both runs, `by_unit` the one that must have tested the entity itself in both.
    """
    found: dict[str, frozenset[str] | None] = {}
    for name, control in by_control.items():
        found[name] = None if _whole((before, after), (control,)) else frozenset()
    for name, control in by_unit.items():
        tested = [
            {one.unit for one in run.controls[control].results} for run in (before, after) if control in run.controls
        ]
        found[name] = frozenset(tested[0] & tested[1]) if len(tested) == 2 else frozenset()
    return found


def _entity(
    id_: str,
    controls: Sequence[str],
    verdicts: Sequence[_Verdicts],
    values: Sequence[_Values],
    seen_whole: bool,
    hung: Mapping[str, frozenset[str] | None],
) -> Entity:
    """One provider or activity in both runs."""
    old, new = (each.get(id_) for each in values)
    told = tuple(
        (name, _text(verdicts[0].get((name, id_))), _text(verdicts[1].get((name, id_))))
        for name in controls
        if (name, id_) in verdicts[0] or (name, id_) in verdicts[1]
    )
    all_read = {name for name, known in hung.items() if known is None or id_ in known}
    changed = tuple(_changed(old, new, all_read)) if old is not None and new is not None else ()
    states = tuple(None if each is None else _word(each.get(("", "status"))) for each in (old, new))
    named = next((each[key] for each in (new, old) if each for key in [("", "name")] if key in each), None)
    return Entity(
        id=id_,
        name=None if named is None else str(named),
        words=tuple(sorted(_words(old, new, told, changed, (states[0], states[1]), seen_whole), key=WORDS.index)),
        verdicts=told,
        values=changed,
        states=(states[0], states[1]),
    )


def _words(
    old: Mapping[tuple[str, str], Value] | None,
    new: Mapping[tuple[str, str], Value] | None,
    verdicts: Sequence[tuple[str, str | None, str | None]],
    changed: Sequence[ValueChange],
    states: tuple[str | None, str | None],
    seen_whole: bool,
) -> Iterator[str]:
    """What became of it. One that a sample may only have missed is neither new nor gone: unseen."""
    tested = [(was, is_) for _, was, is_ in verdicts if was is not None and is_ is not None]
    if any(was == Outcome.PASS and is_ != Outcome.PASS for was, is_ in tested):
        yield "slipped"
    if any(was != Outcome.PASS and is_ == Outcome.PASS for was, is_ in tested):
        yield "mended"
    if old is not None and states[1] == TERMINATED != states[0]:
        yield "ended"
    if states[0] == TERMINATED and states[1] not in (TERMINATED, None):
        yield "resumed"
    if old is None or new is None:
        yield ("new" if old is None else "left") if seen_whole else "unseen"
    elif changed:
        yield "changed"


def _changed(
    old: Mapping[tuple[str, str], Value], new: Mapping[tuple[str, str], Value], all_read: Container[str]
) -> Iterator[ValueChange]:
    """Values that both runs read and that differ. What stands in rows of its own may come and go, where both runs read
    all of them."""
    for of, name in sorted(old.keys() | new.keys()):
        known = (of, name) in old and (of, name) in new
        if (known or name in all_read) and old.get((of, name)) != new.get((of, name)):
            yield ValueChange(name, old.get((of, name)), new.get((of, name)), of)


def _text(verdict: Outcome | None) -> str | None:
    return None if verdict is None else verdict.value


def _word(value: Value) -> str | None:
    return None if value is None else str(value)
