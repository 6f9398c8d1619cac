"""Controls by theme: the order in which a cover tells of them, and what each holds. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evidence_kit.pages import blocks as b
from evidence_kit.pages.parts import WORST_FIRST, say
from evidence_kit.pages.payload import Node

#: Families of docs/norm/controls.md in reading order; another one comes after them, under its own name.
THEMES = ("requests", "completeness", "erasure", "retention", "register", "sending", "processors", "traceability")


def theme_id(theme: str) -> str:
    """The place of a theme on the cover."""
    known = theme if theme in THEMES else "other"
    return f"theme-{known}"


def grouped(summary: Node, stated: Mapping[str, Node]) -> Mapping[str, tuple[Node, ...]]:
    """Theme -> the controls of summary.json that belong to it, in their order; only themes that have one.

    `stated`: the controls of controls.json by id.
    """
    found: dict[str, list[Node]] = {theme: [] for theme in (*THEMES, "other")}
    for control in summary["controls"]:
        family = stated[control["control"].text]["family"].text
        found[family if family in THEMES else "other"].append(control)
    return {theme: tuple(each) for theme, each in found.items() if each}


def verdicts(controls: tuple[Node, ...]) -> Iterator[tuple[str, int]]:
    """How many controls have each verdict, the worst first; only verdicts that are met."""
    for verdict in WORST_FIRST:
        count = sum(control["verdict"].text == verdict for control in controls)
        if count:
            yield verdict, count


def clause(verdict: str, groups: Mapping[str, tuple[Node, ...]], *, linked: bool = True) -> b.Inline | None:
    """`3 fail (requests 2, retention 1)`, each theme leading to its controls where `linked`; None where none has it."""
    counts = {theme: dict(verdicts(controls)).get(verdict, 0) for theme, controls in groups.items()}
    total = sum(counts.values())
    if not total:
        return None
    told = tuple(_counted(theme, count, linked) for theme, count in counts.items() if count)
    return say(f"index.outcome.{verdict}", count=total, n=b.Count(str(total)), themes=b.Listed(told, plain=True))


def _counted(theme: str, count: int, linked: bool) -> b.Inline:
    words = say("index.outcome.theme", theme=b.Code("theme", theme), n=b.Count(str(count)))
    return b.Link(f"#{theme_id(theme)}", words) if linked else words


def heading(theme: str, controls: tuple[Node, ...], across: int) -> b.Row:
    """The heading of a theme's controls in a table of so many columns."""
    told = tuple(
        say(f"index.theme.{verdict}", count=count, n=b.Count(str(count))) for verdict, count in verdicts(controls)
    )
    words = say("index.theme", theme=b.Code("theme", theme), told=b.Listed(told, plain=True))
    return b.Row((b.Cell(words),), id=theme_id(theme), group=across)
