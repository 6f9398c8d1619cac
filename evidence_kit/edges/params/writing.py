"""YAML written so that `reading` gives back the same values: text that looks like a number or a word is quoted."""

from __future__ import annotations

from typing import Any

import yaml  # type: ignore[import-untyped]

from evidence_kit.edges.params.reading import DECIMAL, HUGE, LEADING_ZERO, WHOLE, WORDS


class _Plain(yaml.SafeDumper):  # type: ignore[misc]
    """No anchors: what stands twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never one place for another."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    looks_otherwise = text in WORDS or any(kind.fullmatch(text) for kind in (WHOLE, LEADING_ZERO, HUGE, DECIMAL))
    lines = "\n" in text and text == text.strip() and not any(line != line.rstrip() for line in text.split("\n"))
    style = "'" if looks_otherwise else "|" if lines else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Plain.add_representer(str, _text)


def written(value: Any) -> str:
    """`value` (mappings, lists, text, numbers, true, false, null) as one YAML document, in the order given."""
    text = yaml.dump(value, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=120, default_flow_style=False)
    return str(text)
