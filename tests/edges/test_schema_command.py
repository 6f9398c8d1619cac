"""`schema` on the made-up company: exactly the columns that the norm stars, what is not declared, and the last look."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evidence_kit.cli import main

pytestmark = pytest.mark.slow  # a company, its keys, and every source of it opened twice

NORM = Path(__file__).resolve().parents[2] / "docs" / "norm" / "rehearsal-tables.md"
SOURCES = {"prod", "crm", "lake", "archive", "desk", "mailbox"}
UNDECLARED = {"prod.support_notes", "prod.tmp_export_2025_11", "lake.analytics_events"}


def starred() -> dict[str, str]:
    """Column → `*` personal, `?` unknown, as the norm's table has them; a mailbox is one table called as its source."""
    found = {}
    for source, table, listed in re.findall(r"^\| `(\w+)\.(\w+)` \| (.*?) \|$", NORM.read_text("utf-8"), re.MULTILINE):
        if source in SOURCES and table != "sessions_old":  # dropped before the cut-off
            for word in re.sub(r"\(.*?\)", "", listed).split():
                name = word.rstrip("*?")
                own = f"mailbox.mailbox.{'x_' * (name == 'triaged_by')}{name}"
                found[own if source == "mailbox" else f"{source}.{table}.{name}"] = word[len(name) :]
    return {name: mark for name, mark in found.items() if mark}


@pytest.fixture
def looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("EVIDENCE_KIT_VAULTS", str(tmp_path / "vaults"))

    def look(*options: str) -> tuple[int, dict[str, Any]]:
        asked = ["schema", "rehearsal", "--out", str(tmp_path / "out"), "--json", "-q", *options]
        done = CliRunner().invoke(main, asked)
        return done.exit_code, json.loads(done.stdout)

    return look


def test_the_company_has_exactly_the_personal_columns_of_the_norm(looks: Any, tmp_path: Path) -> None:
    status, shown = looks("--strict")
    called = {
        f"{one['source']}.{one['object']}.{one['column_name']}": "?" if one["personal_class"] == "unknown" else "*"
        for one in shown["columns"]
        if one["personal_class"] != "none" and one["filled_count"]
    }
    empty = {
        f"{one['source']}.{one['object']}.{one['column_name']}" for one in shown["columns"] if not one["filled_count"]
    }
    assert called == {name: mark for name, mark in starred().items() if name not in empty}
    assert len(called) in (118, 119)
    open_ = [one for one in shown["columns"] if one["state"] == "undeclared" and one["personal_class"] != "none"]
    assert len([one for one in open_ if one["personal_class"] != "unknown"]) == 13
    assert {f"{one['source']}.{one['object']}" for one in open_ if one["personal_class"] != "unknown"} == UNDECLARED
    assert [(one["source"], one["object"]) for one in shown["gone"]] == [("prod", "sessions_old")]
    assert set(shown["left_out"]) >= {"ops", "docs", "erased"}
    assert (status, shown["last_look_at"], shown["new_columns"]) == (1, None, [])
    # Of a second look the first is the baseline; a file that was changed is refused.
    status, again = looks()
    assert (status, again["last_look_at"]) == (0, shown["looked_at"])
    assert again["new_columns"] == again["gone_columns"] == again["changed_classes"] == []
    file = tmp_path / "out" / "rehearsal" / "schemas" / "looks.jsonl"
    assert "@" not in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace("contact", "none", 1))
    asked = ["schema", "rehearsal", "--out", str(tmp_path / "out"), "-q"]
    assert CliRunner().invoke(main, asked).exit_code == 3
