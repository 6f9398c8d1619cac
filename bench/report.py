"""What was measured, as a page of Markdown that reads well on a terminal too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.measure import Measured, Ratio


def page(command: str, about: Mapping[str, Any], measured: Sequence[Measured]) -> str:
    """The whole report: the command, the machine, a table of seconds and one of ratios for each race."""
    parts = [f"# What the kit takes, beside what else would do the work\n\n{_head(command, about)}"]
    parts += [_race(one) for one in measured]
    return "\n\n".join(parts) + "\n"


def _head(command: str, about: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    return "\n".join(
        (
            f"`{command}`, {about['on']}; the sides turn by turn in one run.",
            f"{about['cores']} cores, {about['system']}; load before {_load(about['load_before'])}, "
            f"after {_load(about['load_after'])}.",
            f"{versions}.",
            "",
            "Seconds depend on the machine and its load; read the ratios.",
        )
    )


def _load(load: Sequence[float] | None) -> str:
    return "unknown" if load is None else " ".join(f"{each:.2f}" for each in load)


def _race(measured: Measured) -> str:
    race = measured.race
    seconds = [(side.name, *_seconds(measured, side.name)) for side in race.sides]
    ratios = [(asked.part, asked.baseline, asked.ours, *_ratio(measured, asked)) for asked in race.ratios]
    parts = [
        f"## {race.title} ({measured.rounds} rounds)",
        _table(("side", *(f"{word} {race.unit}" for word in ("min", "median", "max"))), seconds),
        _table(("part", "baseline", "beside", "ratio of medians", "by round", "goal"), ratios),
    ]
    parts += [f"- {name} failed: {why}" for name, why in measured.failed.items()]
    parts += race.remarks
    return "\n\n".join(parts)


def _seconds(measured: Measured, side: str) -> tuple[str, ...]:
    found = measured.spread(side)
    return ("–", "failed", "–") if found is None else tuple(f"{each:.3f}" for each in found)


def _ratio(measured: Measured, asked: Ratio) -> tuple[str, str, str]:
    found = measured.ratio(asked)
    if found is None:
        return "–", "–", "–"
    goal = ""
    if asked.most is not None:
        goal = f"≤ {asked.most:g}: {'reached' if found.median <= asked.most else 'missed'}"
    if asked.goal is not None:
        goal = f"≥ {asked.goal:g}: {'reached' if found.median >= asked.goal else 'missed'}"
    return f"{found.median:.2f}", f"{found.least:.2f} to {found.most:.2f}", goal


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )
