"""Framework files: every text of the parameters that an audit may answer to, and what an engagement says of them.

Adding a text is adding one file to a `frameworks` folder, and nothing else. Source: docs/frameworks.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evidence_kit.edges.params.framework_files import NAMED, parsed
from evidence_kit.edges.params.reading import Document, Mark, Problem, Steps, shown
from evidence_kit.edges.params.wording import nearest
from evidence_kit.errors import ParameterError
from evidence_kit.model.framework import Framework
from evidence_kit.rules import frameworks as rules

if TYPE_CHECKING:
    from evidence_kit.edges.params.engagements import Shelf
    from evidence_kit.edges.params.forms import EngagementForm

FOLDER = "frameworks"
#: Files that may lie beside the frameworks.
_PROSE = (".md", ".txt")


def taken(shelf: Shelf) -> tuple[Framework, ...]:
    """Every framework of the shelf, by name and edition; problems are noted in its documents.

    A file of the engagement's own folder stands for the kit's file of the same name.
    """
    known = shelf.names("controls")
    found: list[Framework] = []
    stated: dict[tuple[str, str], str] = {}
    for path in _files(shelf):
        document, framework = _taken(shelf, path, known)
        if document is None or framework is None:
            continue
        other = stated.setdefault((framework.name.casefold(), framework.edition.casefold()), framework.file)
        if other != framework.file:
            problem = f"{other} states this framework in this edition already. Keep one of the two files."
            document.problems.append(Problem(Mark(1, 1), "framework", problem))
            continue
        found.append(framework)
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.edition, one.id)))


def one(path: Path, file: str, known: Iterable[str]) -> Framework:
    """The framework in one file. Raises ParameterError with every problem of it, one line each."""
    document, framework = parsed(path, file, known)
    if framework is None or document.problems:
        raise ParameterError("\n".join(document.lines()))
    return framework


def _files(shelf: Shelf) -> list[Path]:
    """The files of the shelf's `frameworks` folders; a wrong name, or one name twice, is noted."""
    chosen: dict[str, Path] = {}
    for folder in shelf.folders:
        mine: dict[str, Path] = {}
        for path in sorted((folder / FOLDER).glob("[!.]*")):
            if path.is_dir() or path.suffix in _PROSE:
                continue
            if not NAMED.fullmatch(path.name):
                shelf.failures.append(
                    f"{shelf.shown(path.parent)}/{shown(path.name)}: no name of a framework file. Use small letters, "
                    "digits, dots and dashes, and end it with .csv or .yaml, such as iso-iec-27701-2025.csv."
                )
            elif path.stem in mine:
                shelf.failures.append(
                    f"{shelf.shown(path)}: {mine[path.stem].name} has this name too. Keep one of the two files."
                )
            else:
                mine[path.stem] = path
        for stem, path in mine.items():
            chosen.setdefault(stem, path)
    return [chosen[stem] for stem in sorted(chosen)]


def _taken(shelf: Shelf, path: Path, known: Sequence[str]) -> tuple[Document | None, Framework | None]:
    try:
        document, framework = parsed(path, shelf.shown(path), known)
    except ParameterError as error:
        shelf.failures.append(str(error))
        return None, None
    shelf.opened.append(document)
    return document, framework


def answered(document: Document, form: EngagementForm, shelf: Shelf, texts: Sequence[Framework]) -> tuple[str, ...]:
    """The ids of the frameworks that the engagement names. Noted: a control that no text knows, and one that a named
    text does not know. Without any framework file, and while one of them is not understood, nothing is asked."""
    if shelf.failures or not texts or any(one.problems for one in shelf.opened if f"/{FOLDER}/" in f"/{one.file}"):
        return ()
    opened = {str(one.value.get("control")): one for one in shelf.opened if isinstance(one.value, dict)}
    for control in rules.unmapped(form.controls, texts):
        if control in opened:
            text = (
                f"no framework of {FOLDER}/ has a row for {control}. Add one where it serves a clause; where it serves "
                "none, a row with relation none and the reason."
            )
            opened[control].report(("control",), text)
    named: list[str] = []
    for place, text in enumerate(form.frameworks):
        here: Steps = ("frameworks", place)
        try:
            found = chosen(text, texts)
        except ParameterError as error:
            document.report(here, str(error))
            continue
        named.append(found.id)
        lacking = [control for control in form.controls if control not in found.controls]
        if lacking:
            what = (
                f"{found.file} has no row for {', '.join(lacking)}. Add one for each; where it serves no clause, with "
                "relation none and the reason."
            )
            document.report(here, what)
    return tuple(dict.fromkeys(named))


def chosen(text: str, texts: Sequence[Framework]) -> Framework:
    """The one framework that a name means. Raises ParameterError for none, or for several."""
    found = rules.named(text, texts)
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(one.id for one in found[:8])
        raise ParameterError(f"{shown(text)} may be several frameworks: {listed}. Name its edition too, or its file.")
    known = [name for one in texts for name in (one.id, one.name)]
    hint = nearest(text, known) or "; `frameworks list` shows them all"
    raise ParameterError(f"there is no framework {shown(text)}{hint}.")
