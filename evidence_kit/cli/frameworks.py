"""The texts that an audit answers to: which there are, what becomes of them, one bundle read by the clauses of one."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from evidence_kit.cli.door import emit, folder, json_option, keys_option, runs_option, table, tell
from evidence_kit.cli.unmasking import shown

params_option = click.option(
    "--params",
    "own",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="A folder with `frameworks/` (and `controls/`) of your own; its files come before the kit's.",
)
#: What is said of a row that nobody held against the text itself.
DOUBTS = {
    "opened": "",
    "secondary": "secondary: read in what others say of the text, not in the text",
    "unverified": "unverified: nobody checked this against the text",
}
#: The words of a coverage, in the order in which they are counted.
COVERAGES = ("covered", "partly", "supported", "gap")


@click.group(short_help="The texts an audit answers to: list, show, diff, relabel.")
def frameworks() -> None:
    """The texts that an audit answers to, clause by clause: GDPR, ISO/IEC 27701, CNIL, and those you add.

    `frameworks list`, `show`, `diff` or `relabel`; each has its own --help. A FRAMEWORK is named by its file, such as
    iso-iec-27701-2025, in short, such as 27701:2025 or gdpr, or by the path of a file of your own.
    """


@frameworks.command("list", short_help="Every text with its edition, and how far it was checked.")
@params_option
@json_option
def list_(own: Path | None, as_json: bool) -> None:
    """Every framework that the parameters hold: clauses, controls, and how many rows were checked how far.

    `opened`: against the text itself; `secondary`: against what others say of it; `unverified`: not at all.
    """
    from evidence_kit.wiring import frameworks as texts

    known = texts.listed(own)
    if as_json:
        emit({"frameworks": known})
        return
    heads = ("file", "framework", "edition", "clauses", "controls", "rows", "opened", "secondary", "unverified")
    table(
        heads,
        [
            [
                *(told(one[key]) for key in ("id", "framework", "edition")),
                *(one[key] for key in ("clauses", "controls", "mappings")),
                *one["verified"].values(),
            ]
            for one in known
        ],
    )


@frameworks.command(short_help="One text, clause by clause, with the controls that serve it.")
@click.argument("framework")
@params_option
@json_option
def show(framework: str, own: Path | None, as_json: bool) -> None:
    """FRAMEWORK clause by clause: how far all controls together would test it, and which they are."""
    from evidence_kit.wiring import frameworks as texts

    one = texts.shown(framework, own)
    if as_json:
        emit(one)
        return
    heading(one)
    rows = [
        [told(clause["clause"]), clause["coverage"], told(row["control"]), row["relation"], row["verified"]]
        for clause in one["clauses"]
        for row in clause["mappings"]
    ]
    table(("clause", "all together", "control", "relation", "verified"), rows)
    for row in one["none"]:
        click.echo(f"{told(row['control'])} serves no clause: {told(row['reason'])}")
    doubts(row["verified"] for clause in one["clauses"] for row in clause["mappings"])


@frameworks.command(short_help="What becomes of each clause in another edition, or another text.")
@click.argument("earlier", metavar="FRAMEWORK_A")
@click.argument("later", metavar="FRAMEWORK_B")
@params_option
@json_option
def diff(earlier: str, later: str, own: Path | None, as_json: bool) -> None:
    """Say what becomes of each clause of FRAMEWORK_A in FRAMEWORK_B: same, renumbered, merged, split, new, gone.

    Counterparts are those that the titles of the two files name; where they name none, clauses that share a control are
    told as a hint. A control that serves both sides carries its evidence over.
    """
    from evidence_kit.wiring import frameworks as texts

    found = texts.diff(earlier, later, own)
    if as_json:
        emit(found)
        return
    for side in ("earlier", "later"):
        heading(found[side])
    rows = [
        [
            told(", ".join(one["earlier"])) or "–",
            one["step"],
            told(", ".join(one["later"])) or "–",
            _listed(one["kept"]),
            _listed([*(f"-{each}" for each in one["lost"]), *(f"+{each}" for each in one["gained"])]),
            one["verified"] or "–",
        ]
        for one in found["moves"]
    ]
    table(("earlier", "step", "later", "evidence carries over from", "left / new", "verified"), rows)
    click.echo()
    steps = Counter(one["step"] for one in found["moves"])
    click.echo("; ".join(f"{steps[step]} {step}" for step in steps) + ".")
    _without_evidence(found)
    for one in found["moves"]:
        if one["akin"]:
            where, other = (one["earlier"], "later") if one["earlier"] else (one["later"], "earlier")
            click.echo(
                f"{told(', '.join(where))}: no counterpart is known; clauses of the {other} text that share a control: "
                f"{told(', '.join(one['akin']))}"
            )
    doubts(one["verified"] for one in found["moves"] if one["verified"])


@frameworks.command(short_help="A sealed bundle read by the clauses of another text, without a new run.")
@click.argument("bundle", metavar="BUNDLE")
@click.argument("framework")
@keys_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="PAGE.html",
    help="Write it as one page too, in English and French.",
)
@runs_option
@params_option
@json_option
def relabel(
    bundle: str,
    framework: str,
    keys: tuple[str, ...],
    out: Path | None,
    runs: Path | None,
    own: Path | None,
    as_json: bool,
) -> None:
    """Show what BUNDLE found by the clauses of FRAMEWORK: covered, partly, supported, gap; and apart from it, outcomes.

    BUNDLE is a folder or ZIP, or the name of a run, as `compare` takes it. It is verified first. Nothing is tested
    again, and the framework's file may be newer than the bundle.
    """
    from evidence_kit.wiring import frameworks as texts

    found = texts.relabel(bundle, framework, own, keys, folder(runs), out)
    if out is not None:
        texts.write_page(found, out)
        tell(f"{out} holds it as a page")
    if as_json:
        emit(found)
        return
    _show(found)


def _show(found: dict[str, Any]) -> None:
    """Clause by clause as text: how far it is tested, what was found, and by which controls."""
    said, one = found["bundle"], found["framework"]
    click.echo(f"{told(said['bundle'])}, cut off at {said['as_of']}, sealed {said['sealed_at']}")
    click.echo(f"{said['tagmanifest_sha256']}  its tag manifest")
    if not found["key_named"]:
        click.echo("No --key was given: it is whole, and who signed it was not checked against a key of yours.")
    heading(one)
    verdicts = {control["control"]: control["verdict"] for control in found["controls"]}
    rows = []
    for clause in one["clauses"]:
        serving = [row for row in clause["mappings"] if row["control"] in verdicts]
        others = [row["control"] for row in clause["mappings"] if row["control"] not in verdicts]
        controls = ", ".join(f"{row['control']} {verdicts[row['control']]} ({row['relation']})" for row in serving)
        beside = f"not in scope: {', '.join(others)}" if others else ""
        rows.append(
            [
                told(clause["clause"]),
                clause["coverage"],
                clause["verdict"] or "–",
                told("; ".join(part for part in (controls, beside) if part)),
                clause["verified"],
            ]
        )
    table(("clause", "coverage", "outcome", "controls", "verified"), rows)
    counts = ", ".join(f"{one['counts'][word]} {word}" for word in COVERAGES)
    open_ = sum(clause["verdict"] not in (None, "PASS") for clause in one["clauses"])
    click.echo(f"\n{len(one['clauses'])} clauses: {counts}. {open_} of them served by a control that did not pass.")
    doubts(clause["verified"] for clause in one["clauses"])


def _without_evidence(found: dict[str, Any]) -> None:
    """Clauses of the later text that a counterpart leads to and no control serves, or only new ones."""
    bare = [one for one in found["moves"] if one["later"] and not one["kept"]]
    if not bare:
        click.echo("Every clause of the later text is served by a control that served its counterpart.")
    for one in bare:
        clause = told(", ".join(one["later"]))
        if one["gained"]:
            click.echo(f"{clause}: no evidence carries over; these controls serve it: {_listed(one['gained'])}")
        else:
            click.echo(f"{clause}: no evidence yet: no control serves it")


def heading(one: dict[str, Any]) -> None:
    """Which text in which edition, and the file with its digest."""
    click.echo(f"{told(one['framework'])}, {told(one['edition'])}")
    click.echo(f"{one['sha256']}  {told(one['file'])}\n")


def doubts(words: Iterable[str]) -> None:
    """How many of the rows shown were not held against the text itself."""
    counted = Counter(words)
    for word, what in DOUBTS.items():
        if what and counted[word]:
            click.echo(f"{counted[word]} {what}.")


def _listed(names: Iterable[str]) -> str:
    return told(", ".join(names)) or "–"


def told(text: str) -> str:
    """A text of a file, made fit for one line of a terminal."""
    return shown(text, sys.stdout.encoding or "utf-8")
