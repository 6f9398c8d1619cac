"""Whatever the value: its canonical text reads back, is stable, and no two rows share bytes."""

import json
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.model.canonical import dumps, row_text

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
keys = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,10}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53 - 1), 2**53 - 1) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
cells = st.tuples(st.none() | text, st.none() | text, st.none() | st.dates(date(1, 1, 1)))


@given(values)
def test_canonical_text_reads_back_and_is_stable(value: object) -> None:
    once = dumps(value)
    assert json.loads(once) == value
    assert dumps(json.loads(once)) == once


@given(cells, cells)
def test_two_rows_share_their_text_only_when_they_are_equal(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    kinds = ("text", "text", "date")
    assert (row_text(kinds, one) == row_text(kinds, other)) == (one == other)
