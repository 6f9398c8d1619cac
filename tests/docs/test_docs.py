"""The documents say what is there: links resolve, citations exist, commands and examples work, names are explained."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from evidence_kit import __main__ as door
from evidence_kit import verify
from evidence_kit.cli import main
from evidence_kit.edges import params
from evidence_kit.errors import EvidenceError
from evidence_kit.ledger.order import ORDER
from evidence_kit.model.evidence import FRAMES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
NORM = DOCS / "norm"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "outputs" / "README.md", *sorted(DOCS.rglob("*.md"))]
MODULES = sorted((ROOT / "evidence_kit").rglob("*.py"))
CITING = [*MODULES, *sorted((ROOT / "params").rglob("*.yaml")), *sorted((ROOT / "notebooks").glob("*.ipynb"))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CITED = re.compile(r"(?<![\w/])docs/([a-z]+(?:[/-][a-z0-9]+)*(?:\.[a-z]+)?)")
#: Files that exist only once somebody has run the kit and taken a picture of a cover.
PICTURES = {"docs/cover.png"}
FORBIDDEN = ("TODO", "FIXME", "lorem ipsum")


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """The fragments that headings make, as code hosts write them."""
    heads = re.findall(r"^#+ +(.+)$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_relative_link_resolves(page: Path) -> None:
    dead = []
    for link in LINK.findall(text_of(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if path and shown(target) in PICTURES:
            continue
        if not target.exists() or (fragment and fragment not in anchors(text_of(target))):
            dead.append(link)
    assert not dead


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_no_word_that_has_no_place_here(page: Path) -> None:
    text = text_of(page)
    assert [word for word in FORBIDDEN if word in text] == []


def test_every_document_that_the_code_cites_exists() -> None:
    cited = {(name, shown(path)) for path in CITING for name in CITED.findall(text_of(path))}
    missing = {
        f"{path} cites docs/{name}"
        for name, path in cited
        if not any((DOCS / candidate).exists() for candidate in (name, f"{name}.md"))
    }
    assert sorted(missing) == []


def test_what_the_norm_cites_in_the_repository_exists() -> None:
    """Paths such as `tests/spec/vectors/rates.json` or `edges/sql.py` that stand between backquotes."""
    missing = []
    for page in [*sorted(NORM.glob("*.md")), DOCS / "architecture.md", DOCS / "for-the-auditor.md"]:
        for path in re.findall(
            r"`((?:evidence_kit|tests|docs|params|notebooks|edges|rules|pages|model|ledger)/[\w./-]+)`", text_of(page)
        ):
            if not any((base / path).exists() for base in (ROOT, ROOT / "evidence_kit", DOCS)):
                missing.append(f"{page.name}: {path}")
    assert missing == []


@pytest.mark.parametrize("page", sorted(NORM.glob("*.md")), ids=lambda page: page.name)
def test_sections_that_the_code_cites_exist(page: Path) -> None:
    """`docs/norm/rates.md, section 3` needs a heading that begins with 3."""
    headings = set(re.findall(r"^#+ (\d+)\.", text_of(page), re.MULTILINE))
    cite = re.compile(rf"docs/norm/{re.escape(page.stem)}(?:\.md)?, sections? ([\d, and-]+)")
    cited = {
        number for path in MODULES for found in cite.findall(text_of(path)) for number in re.findall(r"\d+", found)
    }
    assert sorted(cited - headings) == []


def commands_of(page: Path) -> Iterator[list[str]]:
    """The words after `evidence_kit` in every command line of a page."""
    lines = re.findall(r"python3 -m evidence_kit((?: +[^\s`…]+)*)", text_of(page))
    yield from (line.split() for line in lines if line.split() and line.split()[0].islower())


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted(DOCS.glob("*.md"))], ids=shown)
def test_commands_and_options_of_the_documents_exist(page: Path) -> None:
    for name, *words in commands_of(page):
        assert name in main.commands, f"{page.name}: {name}"
        if name == "verify":
            continue  # its options are verify.py's, asked below
        command = main.commands[name]
        parts = (command, *(command.commands.values() if isinstance(command, click.Group) else ()))
        known = {option for part in parts for parameter in part.params for option in parameter.opts} | {"--help"}
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known, f"{page.name}: {name}"


def test_usage_readme_and_command_line_name_the_same_commands() -> None:
    usage = set(re.findall(r"^  ([a-z]+)\b", door.USAGE, re.MULTILINE))
    listed = re.search(r"^(`run`, .+?); each has `--help`", text_of(ROOT / "README.md"), re.MULTILINE | re.DOTALL)
    assert listed is not None
    assert set(re.findall(r"`([a-z]+)`", listed[1])) == set(main.commands)
    assert usage == set(main.commands)


def test_verifier_options_of_the_documents_exist() -> None:
    usage = verify.__doc__ or ""
    options = {option for page in PAGES for option in re.findall(r"verify\.py [^\n]*?(--[a-z]+)", text_of(page))}
    assert options - {"--against"} <= set(re.findall(r"--[a-z]+", usage))


def test_exit_codes_of_the_readme_are_those_of_the_errors() -> None:
    stated = set(re.findall(r"^\| (\d+) \|", text_of(ROOT / "README.md"), re.MULTILINE))
    raised = {str(error.exit_code) for error in EvidenceError.__subclasses__()} | {str(EvidenceError.exit_code)}
    assert raised <= stated
    assert {"0", "1", "2", "3", "69", "130"} == stated


def test_the_worked_example_is_read_without_complaint(tmp_path: Path) -> None:
    """The two YAML files of the guide, word for word, beside each other as the guide lays them."""
    guide = text_of(DOCS / "on-your-own-data.md")
    agreed, mapping = re.findall(r"^```yaml\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)
    for name, body in (("engagements/mailing-2025.yaml", agreed), ("sources/my_log.yaml", mapping)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(body, encoding="utf-8")
    (tmp_path / "log-2025.csv").write_text(re.findall(r"^```csv\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)[0])
    loaded = params.load(
        tmp_path / "engagements/mailing-2025.yaml", ROOT / "params", {"requests": str(tmp_path / "log-2025.csv")}
    )
    assert [control.id for control in loaded.controls] == ["REQ-02"]
    assert set(loaded.sources["requests"].frames) == {"request_log"}
    assert loaded.on_duplicate == ("collapse-exact-repeats", "number-them")


def test_norm_of_frames_is_one_table_twice() -> None:
    rows = list(csv.DictReader(text_of(NORM / "frames.csv").splitlines()))
    said = text_of(NORM / "frames.md")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", said, re.DOTALL | re.MULTILINE))
    for frame in {row["frame"] for row in rows}:
        table = re.findall(r"^\| (\w+) \| (\w+) \| (yes|no) \| (key|none) \|", sections[frame], re.MULTILINE)
        listed = [
            (r["column"], r["type"], "yes" if r["nullable"] == "true" else "no", r["privacy"])
            for r in rows
            if r["frame"] == frame
        ]
        assert table == listed, frame
    assert {name for name, spec in FRAMES.items() if not spec.own} <= {row["frame"] for row in rows}
    first = said.partition("\n\nThe contract")[0]
    assert all(f"`{name}`" in first for name in FRAMES)


def test_norm_names_every_check_and_action() -> None:
    checks = set(re.findall(r"^\| ([A-Z]\d\d) \|", text_of(NORM / "verifier.md").partition("## 3.")[0], re.MULTILINE))
    assert set(verify.CHECKS) == checks
    actions = set(
        re.findall(r"`([a-z]+\.[a-z]+)`", text_of(NORM / "bundle.md").partition("## 4.")[2].partition("## 5.")[0])
    )
    assert set(ORDER) <= actions


def test_controls_of_this_version_are_said_at_the_top() -> None:
    first = text_of(NORM / "controls.md").partition("\n\nOne block")[0]
    tested = {path.stem for path in (ROOT / "params" / "controls").glob("*.yaml")}
    assert set(re.findall(r"[A-Z]{3}-\d\d", first)) == tested


@pytest.mark.parametrize("record", sorted((DOCS / "decisions").glob("*.md")), ids=lambda path: path.name)
def test_decisions_fit_on_a_screen_and_keep_their_form(record: Path) -> None:
    text = text_of(record)
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+", record.stem)
    assert text.startswith(f"# {record.stem[:4]} ")
    assert len(text.splitlines()) <= 40
    assert [
        head for head in ("Status:", "## Context", "## Options weighed", "## Decision", "## Cost") if head not in text
    ] == []


def test_decisions_are_numbered_without_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((DOCS / "decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def unexplained(path: Path) -> Iterator[str]:
    """Public modules, classes and functions without a docstring; the bare stubs of a protocol are exempt."""
    tree = ast.parse(text_of(path))
    if ast.get_docstring(tree) is None:
        yield "the module"

    def walk(body: list[ast.stmt], inside: str) -> Iterator[str]:
        for node in body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
                continue
            stub = isinstance(node, ast.FunctionDef) and all(
                isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) for one in node.body
            )
            if ast.get_docstring(node) is None and not stub:
                yield inside + node.name
            if isinstance(node, ast.ClassDef):
                yield from walk(node.body, f"{inside}{node.name}.")

    yield from walk(tree.body, "")


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "verify.py"], ids=shown)
def test_public_names_are_explained(path: Path) -> None:
    assert list(unexplained(path)) == []


def test_the_verifier_explains_itself() -> None:
    """One file of many small functions: its module says what it is, and each check has its title."""
    assert verify.__doc__
    assert all(title for title, _ in verify.CHECKS.values())


def test_the_command_line_explains_itself() -> None:
    assert isinstance(main, click.Group)
    assert [name for name, command in main.commands.items() if not command.help] == []
