"""Registers of processing as people keep them: the CNIL's workbook, CSV, the kit's own YAML, Fides resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from evidence_kit.edges.registers import cnil, fides, kit, tabular
from evidence_kit.edges.registers.assembling import Twice, checked
from evidence_kit.edges.textfiles import Torn
from evidence_kit.errors import ParameterError, SourceError
from evidence_kit.model.register import Register, merged

FORMS = ("cnil", "csv", "kit", "fides")
SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "cnil": (".ods", ".xlsx"),
    "csv": (".csv",),
    "kit": (".yaml", ".yml"),
    "fides": (".yml", ".yaml"),
}
#: Files of one folder: a register is no archive.
MOST_FILES = 2_000

Options = Mapping[str, str | int | bool | tuple[str, ...]]


def form_of(file: Path) -> str:
    """The form that a file has by its name and, for YAML, by whether it says `register:`. Raises SourceError."""
    for form in ("cnil", "csv"):
        if file.name.lower().endswith(SUFFIXES[form]):
            return form
    if not file.is_dir() and not file.name.lower().endswith(SUFFIXES["kit"]):
        raise SourceError(f"{file}: its name says no form of a register. Say it: --form {'|'.join(FORMS)}.")
    if file.is_dir():
        return "fides"
    with file.open("rb") as stream:
        begins = stream.read(1_000_000).splitlines()
    return "kit" if any(line.startswith(b"register:") for line in begins) else "fides"


def read(files: Sequence[Path], form: str | None, options: Options, told: Mapping[str, str] | None = None) -> Register:
    """The register of these files, or folders of files, as one. `told`: of CSV, header → column.

    Raises SourceError: file, sheet, line and column or key, never a value. Names met twice stay two, with a notice; an
    identifier met twice is refused.
    """
    try:
        by_form: dict[str, list[tuple[Path, str]]] = {}
        for path in files:
            chosen = form or form_of(path)
            by_form.setdefault(chosen, []).extend((file, str(file)) for file in _within(path, chosen))
        read_ones: list[Register] = []
        for chosen, found in by_form.items():
            if chosen == "fides":
                read_ones.append(fides.read(_named(found)))
            else:
                read_ones += [_one(file, name, chosen, options, told or {}) for file, name in found]
        whole = merged(read_ones)
        return replace(whole, notices=(*whole.notices, *checked(whole.activities)))
    except (ParameterError, Twice) as error:
        raise SourceError(str(error)) from None


def _within(path: Path, form: str) -> list[Path]:
    if not path.is_dir():
        if not path.is_file():
            raise SourceError(f"{path} is not there. Check the path.")
        return [path]
    found = sorted(file for file in path.iterdir() if file.name.lower().endswith(SUFFIXES[form]) and file.is_file())
    if not 0 < len(found) <= MOST_FILES:
        raise SourceError(
            f"{path}: it holds {len(found)} {' or '.join(SUFFIXES[form])} files; between 1 and {MOST_FILES}."
        )
    return found


def _named(files: list[tuple[Path, str]]) -> list[tuple[Path, str]]:
    """Files by their names alone, by which they are written back; with their folders where two share one."""
    names = [path.name for path, _ in files]
    if len(set(names)) != len(names):
        raise SourceError("two of the files have one name, so they could not be written back. Rename one.")
    return [(path, path.name) for path, _ in files]


def _one(file: Path, name: str, form: str, options: Options, told: Mapping[str, str]) -> Register:
    if file.stat().st_size == 0:
        raise SourceError(f"{file} is empty (0 bytes). Export it again.")
    try:
        if form == "cnil":
            return cnil.read(file, name, "ods" if file.name.lower().endswith(".ods") else "xlsx", options)
        if form == "csv":
            encoding, delimiter = str(options.get("encoding", "utf-8")), str(options.get("delimiter", ","))
            return tabular.read(file, name, encoding, delimiter, told)
        return kit.read(file, name)
    except Torn as torn:
        raise SourceError(f"{file}, {torn.place}: {torn.why}.") from None
