"""docs/commands.md describes every command and every option, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from evidence_kit.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text("utf-8")
SECTIONS = {part.split("\n", 1)[0]: part for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]}
SHARED = SECTIONS["Options that several commands share"]
#: A group's commands stand in the section of the group.
EVERY = [
    (name, each)
    for name, command in main.commands.items()
    for each in (command, *(command.commands.values() if isinstance(command, click.Group) else ()))
]
OPTIONS = [
    (name, option)
    for name, command in EVERY
    for one in command.params
    if isinstance(one, click.Option)
    for option in one.opts
]


@pytest.mark.parametrize("name", main.commands)
def test_every_command_has_its_section_and_usage(name: str) -> None:
    assert f"    evidence_kit {name}" in SECTIONS[name]
    assert f"(#{name})" in PAGE


def test_no_section_describes_a_command_that_is_not_there() -> None:
    assert set(SECTIONS) - set(main.commands) == {"Exit codes", "Options that several commands share"}


@pytest.mark.parametrize(("name", "option"), OPTIONS, ids=[f"{name} {option}" for name, option in OPTIONS])
def test_every_option_is_described_with_its_command(name: str, option: str) -> None:
    section = SECTIONS[name]
    short = option in ("-q", "--quiet") and "[-q]" in section  # its long form stands with the shared ones
    assert short or re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", section)
    assert option in SHARED or section.count(option) >= 2, "in the usage line, and explained"


@pytest.mark.parametrize("name", sorted(set(SECTIONS) & set(main.commands) - {"verify"}))
def test_no_option_is_described_that_is_not_there(name: str) -> None:
    params = [one for section, command in EVERY if section == name for one in command.params]
    known = {option for one in params for option in (*one.opts, *one.secondary_opts)}
    usage = SECTIONS[name].split("\n\n")[1]
    assert set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", usage)) <= known


@pytest.mark.parametrize("code", [0, 1, 2, 3, 69, 130, 143])
def test_every_exit_code_is_explained(code: int) -> None:
    assert f"\n| {code} | " in SECTIONS["Exit codes"]
