"""What parameter files may hold, written out: JSON Schemas and the reference page, both made from the shapes.

`python3 -m evidence_kit.edges.params.schemas docs` writes them again; a test says when that is due.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from evidence_kit.edges.params.forms import ControlForm, EngagementForm
from evidence_kit.edges.params.framework_files import FrameworkForm
from evidence_kit.edges.params.mappings import SourceForm
from evidence_kit.edges.params.registers import RegisterForm
from evidence_kit.edges.params.shapes import PHRASES
from evidence_kit.model.audit import FIGURES

Schema = dict[str, Any]

SHAPES: Mapping[str, type[BaseModel]] = {
    "engagement": EngagementForm,
    "control": ControlForm,
    "source": SourceForm,
    "framework": FrameworkForm,
}
#: What is no parameter file and has a schema all the same: docs/register.md describes it.
BESIDE: Mapping[str, type[BaseModel]] = {"register": RegisterForm}
INTRODUCTION = """\
# Parameter files

Made from the shapes in `evidence_kit/edges/params` by `python3 -m evidence_kit.edges.params.schemas docs`.
The same shapes as JSON Schemas, for editors: [engagement](schemas/engagement.schema.json),
[control](schemas/control.schema.json), [source](schemas/source.schema.json),
[framework](schemas/framework.schema.json).

| file | holds |
| --- | --- |
| `params/engagements/<name>.yaml` | what was agreed with the auditor |
| `params/controls/<ID>.yaml` | one control: statement, population, needs, attributes, plan |
| `params/sources/<file>.yaml` | one source: how its own tables give the canonical frames |
| `params/frameworks/<name>-<edition>.yaml` | one text by clauses, with its controls; or as [CSV](frameworks.md) |

`evidence_kit run NAME` takes the engagement from `params/engagements`. `evidence_kit run PATH.yaml` takes that file,
and looks for `sources/` and `controls/` beside it first (beside its folder, when that is called `engagements`), then
in `params`. `--source NAME=PATH` says where a source of the engagement lies, whatever its mapping says.

**The YAML read here is small.** `NO` is text, dates are text, and `0123` without quotes is refused (number or id?). So
are a key given twice, anchors, aliases, tags and a second document. Rates are decimal text in quotes: `"0.05"`, neither
`0.05` nor `5%`. Text is brought to Unicode form NFC, but for SQL and the words of a `map`, which stay as stored.
A problem is one line: file, line, column, key, what was found, what is accepted. All problems are told at once.

**SQL of a mapping** is one expression of the source's dialect: no `;`, no comment, no statement. Bound names:
`:period_start`, `:period_end` (the first instant after the last day) and `:as_of`. Columns the kit computes
(`source_ref`, the digest of a letter) are never mapped; other `*_sha256` are digests of files that a mapping names:
`{file: expression}`. `null` says that the source does not keep a column, `unknown` that it
cannot know whether the event happened.
"""


def schema(name: str) -> Schema:
    """The JSON Schema (2020-12) of one kind of file: engagement, control, source, framework or register."""
    made = {**SHAPES, **BESIDE}[name].model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": f"evidence_kit {name}"}


def reference() -> str:
    """docs/parameters.md: every key of every file, what it accepts, its default, and what it means."""
    parts = [INTRODUCTION]
    for name in SHAPES:
        whole = schema(name)
        rows = [f"| `{key}` | {accepted} | {default} | {meaning} |" for key, accepted, default, meaning in _rows(whole)]
        table = "\n".join(["| key | accepted | without it | meaning |", "| --- | --- | --- | --- |", *rows])
        parts.append(f"## {name}\n\n{table}\n")
    figures = "\n".join(f"| `{name}` | {figure} |" for name, figure in FIGURES.items())
    parts.append(f"## Figures of the controls (`parameters`)\n\n| name | default |\n| --- | --- |\n{figures}\n")
    return "\n".join(parts)


def files() -> dict[str, str]:
    """Path under docs/ → text, for everything this module makes."""
    made = {
        f"schemas/{name}.schema.json": json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"
        for name in (*SHAPES, *BESIDE)
    }
    return {**made, "parameters.md": reference()}


def _rows(whole: Schema) -> Iterator[tuple[str, str, str, str]]:
    yield from _keys(whole, whole, "")


def _keys(whole: Schema, part: Schema, path: str) -> Iterator[tuple[str, str, str, str]]:
    for name, field in part.get("properties", {}).items():
        key = f"{path}{name}"
        yield key, _accepted(whole, field), _default(part, name, field), field.get("description", "")
        for inner, step in _inside(whole, field):
            yield from _keys(whole, inner, f"{key}{step}.")


def _inside(whole: Schema, field: Schema) -> Iterator[tuple[Schema, str]]:
    """The objects a value may hold, with the step that leads to them."""
    for one in _choices(whole, field):
        if one.get("type") == "array":
            yield from ((inner, f"[]{step}") for inner, step in _inside(whole, one["items"]))
        elif "properties" in one:
            yield one, ""
        elif values := _entries(one):
            yield from ((inner, f".*{step}") for inner, step in _inside(whole, values[1]))


def _entries(one: Schema) -> tuple[str, Schema] | None:
    """What the keys of an open mapping look like, and the schema of its values; None for anything else."""
    for pattern, values in one.get("patternProperties", {}).items():
        return PHRASES[pattern], values
    return ("any text", one["additionalProperties"]) if one.get("additionalProperties") else None


def _choices(whole: Schema, field: Schema) -> list[Schema]:
    if "$ref" in field:
        return _choices(whole, whole["$defs"][field["$ref"].rpartition("/")[2]])
    members = field.get("anyOf") or field.get("oneOf")
    return [choice for one in members for choice in _choices(whole, one)] if members else [field]


def _accepted(whole: Schema, field: Schema) -> str:
    return " or ".join(dict.fromkeys(_one(whole, one) for one in _choices(whole, field)))


def _one(whole: Schema, one: Schema) -> str:
    if "enum" in one:
        return ", ".join(f"`{word}`" for word in one["enum"])
    if "const" in one:
        return f"`{json.dumps(one['const'])}`"
    kind = one.get("type")
    if kind == "string":
        return PHRASES[one["pattern"]] if "pattern" in one else "text"
    if kind == "integer":
        return f"whole number {one['minimum']}–{one['maximum']}" if "minimum" in one else "whole number"
    if kind == "array":
        return f"list of: {_accepted(whole, one['items'])}"
    if values := _entries(one):
        return f"{values[0]} → {_accepted(whole, values[1])}"
    return {"boolean": "true, false", "null": "null", "object": "keys and values"}[str(kind)]


def _default(part: Schema, name: str, field: Schema) -> str:
    if name in part.get("required", ()):
        return "refused"
    given = field.get("default")
    return "–" if given in (None, [], {}) else f"`{json.dumps(given, ensure_ascii=False)}`"


def main(docs: Path) -> None:
    """Write every file under `docs`."""
    for name, text in files().items():
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
