"""Processors and activities from one run to the next: a picture of their states, who changed, and what of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from evidence_kit.model.comparing import WORDS
from evidence_kit.model.processor_frames import STATUSES
from evidence_kit.pages import blocks as b
from evidence_kit.pages.drawings import Slope
from evidence_kit.pages.leading import Ways
from evidence_kit.pages.parts import NONE, moment, say, tag
from evidence_kit.pages.payload import Node

#: States in their order; the last row of the picture is "not in this run".
STATES = (*STATUSES.split(), "")
_TONES = {"slipped": "FAIL", "unseen": "INCONCLUSIVE"}


def processors(root: Node, ways: Ways) -> Iterator[b.Block]:
    """The states of all of them as a picture with its table, those that changed, and their values."""
    listed = list(root["processors"])
    moves = Counter((_state(one, "before"), _state(one, "after")) for one in listed)
    if listed:
        yield _slope(moves, ways)
        yield _moves(moves, ways)
    yield _changed(listed, "processors", ways)
    yield _values(listed, "processors", ways)


def activities(root: Node, ways: Ways) -> Iterator[b.Block]:
    """Entries of the register that changed, their cells and periods, and the columns that no entry names."""
    listed = list(root["activities"])
    yield _changed(listed, "activities", ways)
    yield _values(listed, "activities", ways)
    yield from _undeclared(root["undeclared"], ways)


def _state(one: Node, side: str) -> str:
    """The state in one run: a word of the list, any other as it stands, empty where the run does not know it."""
    state = one["states"][side]
    return "" if state.absent else state.text


def _rows(moves: Counter[tuple[str, str]], side: int) -> list[str]:
    met = {move[side] for move in moves}
    return [
        *(state for state in STATES if state and state in met),
        *sorted(met - {*STATES}),
        *([""] if "" in met else []),
    ]


def _slope(moves: Counter[tuple[str, str]], ways: Ways) -> Slope:
    left, right = _rows(moves, 0), _rows(moves, 1)
    return Slope(
        id=f"{ways.prefix}states",
        caption=say("compare.slope"),
        description=say("compare.slope.about"),
        left=tuple((state_word(state), _count(moves, 0, state)) for state in left),
        right=tuple((state_word(state), _count(moves, 1, state)) for state in right),
        lines=tuple(
            (left.index(was), right.index(is_), _thickness(moves[was, is_]), was == is_)
            for was, is_ in sorted(moves, key=lambda move: (left.index(move[0]), right.index(move[1])))
        ),
    )


def _count(moves: Counter[tuple[str, str]], side: int, state: str) -> b.Inline:
    return b.Count(str(sum(number for move, number in moves.items() if move[side] == state)))


def _thickness(number: int) -> int:
    """From 1 to 5: one, up to three, up to ten, up to thirty, more."""
    return 1 + sum(number > step for step in (1, 3, 10, 30))


def state_word(state: str) -> b.Inline:
    """A state in the page's language."""
    return b.Code("compare.state", state or "none", plain=True)


def _moves(moves: Counter[tuple[str, str]], ways: Ways) -> b.Table:
    left, right = _rows(moves, 0), _rows(moves, 1)
    ordered = sorted(moves, key=lambda move: (left.index(move[0]), right.index(move[1])))
    rows = tuple(
        b.Row((b.Cell(state_word(was)), b.Cell(state_word(is_)), b.Cell(ways.thing(b.Count(str(moves[was, is_]))))))
        for was, is_ in ordered
    )
    columns = tuple(b.Column(say(f"compare.col.{key}")) for key in ("before", "after", "processors"))
    return b.Table(say("compare.moves.caption"), columns, rows, say("empty.rows"))


def _changed(listed: Sequence[Node], of: str, ways: Ways) -> b.Table:
    """Those of which anything is said, the gravest first."""
    told = [one for one in listed if len(one["words"])]
    told.sort(key=lambda one: min(WORDS.index(word.text) for word in one["words"]))
    rows = tuple(
        b.Row(
            (
                b.Cell(_named(one, ways)),
                b.Cell(b.Lines(tuple(b.Code("compare.word", word.text) for word in one["words"]))),
                b.Cell(_verdicts(one)),
            ),
            tone=next((_TONES[word.text] for word in one["words"] if word.text in _TONES), ""),
        )
        for one in told
    )
    columns = tuple(b.Column(say(f"compare.col.{key}"), kind) for key, kind in ((of, ""), ("what", ""), ("moved", "w")))
    return b.Table(say(f"compare.{of}.caption"), columns, rows, say(f"compare.empty.{of}"))


def _named(one: Node, ways: Ways) -> b.Inline:
    shown = ways.thing(b.code(one["id"]))
    return shown if one["name"].absent else b.Lines((shown, b.text(one["name"])))


def _verdicts(one: Node) -> b.Inline:
    """Control by control the verdicts that differ; nothing where none does."""
    told = tuple(
        say("compare.moved", control=b.text(each["control"]), before=_tag(each["before"]), after=_tag(each["after"]))
        for each in one["verdicts"]
        if each["before"].value != each["after"].value
    )
    return b.Lines(told) if told else NONE


def _tag(verdict: Node) -> b.Inline:
    return say("compare.untested") if verdict.absent else tag(verdict)


def _values(listed: Sequence[Node], of: str, ways: Ways) -> b.Table:
    """What changed of each, value by value."""
    told = [(one, each) for one in listed for each in one["values"]]
    rows = tuple(
        b.Row(
            (
                b.Cell(_named(one, ways)),
                b.Cell(_what(each)),
                b.Cell(_value(each["before"])),
                b.Cell(_value(each["after"])),
            )
        )
        for one, each in told
    )
    columns = tuple(b.Column(say(f"compare.col.{key}")) for key in (of, "value", "before", "after"))
    caption = say(f"compare.values.{of}")
    return b.Table(caption, columns, rows, say("compare.empty.values"))


def _what(each: Node) -> b.Inline:
    name = b.Code("compare.column", each["name"].text, plain=True)
    return b.Lines((name, b.code(each["of"]))) if each["of"].text else name


def _value(node: Node) -> b.Inline:
    if isinstance(node.value, bool):
        return b.Code("compare.bool", node.text)
    return moment(node, short=True)


def _undeclared(found: Node, ways: Ways) -> Iterator[b.Block]:
    """Columns of persons without an entry: within the objects of both runs, and how many objects one run alone has."""
    yield b.Paragraph(
        say(
            "compare.undeclared",
            both=ways.thing(b.Count(str(len(found["groups_in_both"])))),
            before=ways.thing(b.Count(str(len(found["groups_only_before"])))),
            after=ways.thing(b.Count(str(len(found["groups_only_after"])))),
        )
    )
    pairs = [(key, pair) for key in ("added_within", "removed_within") for pair in found[key]]
    rows = tuple(
        b.Row(
            (
                b.Cell(ways.thing(b.code(pair["group"]))),
                b.Cell(b.code(pair["member"])),
                b.Cell(b.Code("compare.undeclared", key)),
            ),
            tone="FAIL" if key == "added_within" else "",
        )
        for key, pair in pairs
    )
    columns = tuple(b.Column(say(f"compare.col.{key}")) for key in ("object", "column", "what"))
    caption, nothing = say("compare.undeclared.caption"), say("compare.empty.undeclared")
    yield b.Table(caption, columns, rows, nothing)
