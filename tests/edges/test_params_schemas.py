"""The schemas and the reference page are made from the shapes, are current, and say the same as the shapes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from evidence_kit.edges.params import schemas
from evidence_kit.edges.params.reading import read

ROOT = Path(__file__).parents[2]
FILES = [(kind, path) for kind in schemas.SHAPES for path in sorted((ROOT / "params" / f"{kind}s").glob("*.yaml"))]


@pytest.mark.parametrize("name", sorted(schemas.files()))
def test_written_files_are_current(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == schemas.files()[name], "run: python3 -m evidence_kit.edges.params.schemas docs"


@pytest.mark.parametrize("kind", sorted(schemas.SHAPES))
def test_every_schema_is_a_schema(kind: str) -> None:
    Draft202012Validator.check_schema(schemas.schema(kind))
    assert (
        json.loads((ROOT / f"docs/schemas/{kind}.schema.json").read_text(encoding="utf-8"))["additionalProperties"]
        is False
    )


@pytest.mark.parametrize(("kind", "path"), FILES, ids=[path.stem for _, path in FILES])
def test_every_parameter_file_fits_its_schema(kind: str, path: Path) -> None:
    document = read(path, path.name)
    assert not document.problems
    assert list(Draft202012Validator(schemas.schema(kind)).iter_errors(document.value)) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [("limit", {"month": 1}), ("as_of", "2017-09-01"), ("controls", []), ("plans", {"REQ-02": {"tolerable": 0.05}})],
)
def test_what_the_shapes_refuse_the_schema_refuses(key: str, value: object) -> None:
    document = read(ROOT / "params/engagements/doj-foia.yaml", "doj-foia.yaml")
    assert isinstance(document.value, dict)
    changed = {**document.value, key: value}
    assert not Draft202012Validator(schemas.schema("engagement")).is_valid(changed)


@pytest.mark.parametrize("kind", sorted(schemas.SHAPES))
def test_every_key_is_described_on_the_page(kind: str) -> None:
    page = (ROOT / "docs/parameters.md").read_text(encoding="utf-8")
    made = schemas.schema(kind)
    objects = [made, *made.get("$defs", {}).values()]
    keys = {(name, field.get("description")) for one in objects for name, field in one.get("properties", {}).items()}
    assert keys
    for name, description in keys:
        assert description, name
        assert f"{name}` |" in page
        assert description in page
