"""Canonical JSON and row text: one value has one text, and what has none is refused with its place."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from evidence_kit.model import canonical
from evidence_kit.model.canonical import NotCanonical, OutOfRange


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        (1.0, ""),
        ({"a": [1, float("nan")]}, "/a/1"),
        ({"a": 2**53}, "/a"),
        ([-(2**53)], "/0"),
        ({"a": {"9": 1}}, "/a"),
        ({"a/b": 1}, ""),
        ({1: 2}, ""),
        ({"k" * 65: 1}, ""),
        ({"a": "\ud800"}, "/a"),
        (["x\0y"], "/0"),
        ({"b": b"bytes"}, "/b"),
        ({"when": date(2026, 1, 1)}, "/when"),
        (["é" * (128 * 1024 + 1)], "/0"),
        (["a" * (256 * 1024 + 1)], "/0"),
        ([{1, 2}], "/0"),
        (nested(17), "/0" * 16),
    ],
    ids=str,
)
def test_what_has_no_canonical_text_is_refused_where_it_stands(value: object, pointer: str) -> None:
    with pytest.raises(NotCanonical) as refusal:
        canonical.dumps(value)
    assert refusal.value.pointer == pointer


def test_limits_themselves_are_accepted() -> None:
    assert canonical.dumps(nested(16)) == "[" * 16 + "1" + "]" * 16
    assert canonical.dumps([2**53 - 1, -(2**53 - 1)]) == "[9007199254740991,-9007199254740991]"
    assert len(canonical.dumps("é" * (128 * 1024))) == 128 * 1024 + 2
    assert canonical.dumps({"k" * 64: True}) == '{"' + "k" * 64 + '":true}'


def test_escapes_are_the_mandatory_ones_only() -> None:
    text = '"\\/\b\t\n\f\r\x01\x1f\x7f\u2028é🙂'
    assert canonical.dumps(text) == '"\\"\\\\/\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\u2028é🙂"'
    assert json.loads(canonical.dumps(text)) == text


def test_keys_are_sorted_and_lines_end_with_one_line_feed() -> None:
    assert canonical.dump_line({"b": 1, "B": (), "_": None}) == b'{"B":[],"_":null,"b":1}\n'


def test_a_record_is_digested_without_its_line_feed() -> None:
    assert canonical.digest(canonical.dumps({})) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_notebooks_may_use_any_key_but_no_float() -> None:
    assert canonical.dumps({"@id": 1, "": 2}, open_keys=True) == '{"":2,"@id":1}'
    with pytest.raises(NotCanonical) as refusal:
        canonical.dumps({"a/b~": [0.5]}, open_keys=True)
    assert refusal.value.pointer == "/a~1b~0/0"


def test_the_refusal_does_not_show_the_value() -> None:
    with pytest.raises(NotCanonical) as refusal:
        canonical.dumps({"mail": "anne@example.org\0"})
    assert "anne" not in str(refusal.value)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("text", " É\u0301 ", " É\u0301 "),
        ("integer", -7, "-7"),
        ("boolean", True, "true"),
        ("date", date(812, 1, 2), "0812-01-02"),
        ("local", datetime(2025, 3, 30, 2, 30), "2025-03-30T02:30:00.000000"),
        ("instant", datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))), "2025-12-31T23:30:00.000000Z"),
        ("bytes", b"\x00\xff", "00ff"),
        ("decimal(4,2)", Decimal("-0.00"), "0.00"),
        ("decimal(4,2)", Decimal("1E+1"), "10.00"),
        ("decimal(2,2)", "-0.05", "-0.05"),
        ("decimal(3,0)", 12, "12"),
        ("decimal(38,3)", Decimal("0.1"), "0.100"),
        ("text", None, None),
    ],
)
def test_each_kind_has_one_text(kind: str, value: object, text: str | None) -> None:
    assert canonical.value_text(kind, value) == text


@pytest.mark.parametrize("text", ["infinity", "-infinity", "12025-01-02", "0000-01-01", "0044-03-15 (BC)", "-43-03-15"])
@pytest.mark.parametrize("kind", ["date", "local", "instant"])
def test_years_outside_1_to_9999_are_out_of_range(kind: str, text: str) -> None:
    with pytest.raises(OutOfRange):
        canonical.value_text(kind, text)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", True),
        ("integer", 2**63),
        ("integer", 1.0),
        ("boolean", 1),
        ("date", "2023-02-30"),
        ("date", datetime(2026, 1, 1)),
        ("local", datetime(2026, 1, 1, tzinfo=UTC)),
        ("instant", datetime(2026, 1, 1)),
        ("instant", "2026-01-01T24:00:00.000000Z"),
        ("instant", "2026-01-01T00:00:00Z"),
        ("decimal(4,2)", "1.005"),
        ("decimal(4,2)", "100.00"),
        ("decimal(4,2)", 0.5),
        ("decimal(4,2)", Decimal("NaN")),
        ("text", "\udc80"),
        ("float", 1.5),
        ("decimal(2,3)", 1),
        ("decimal(39,1)", 1),
    ],
)
def test_values_of_another_kind_are_refused(kind: str, value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical.value_text(kind, value)


def test_a_row_keeps_null_apart_from_the_empty_string() -> None:
    assert canonical.row_text(("text", "text", "integer"), ("é", "", None)) == "2:é,0:,-,"
    with pytest.raises(NotCanonical):
        canonical.row_text(("text",), ())


@pytest.mark.parametrize(
    ("text", "seconds", "good"),
    [
        ("2026-06-30T22:00:00Z", True, True),
        ("2026-06-30T22:00:00.000000Z", False, True),
        ("2026-06-30T22:00:00.000000Z", True, False),
        ("2026-06-30T22:00:00Z", False, False),
        ("2026-02-30T22:00:00Z", True, False),
        ("2026-06-30T23:59:60Z", True, False),
        ("2026-06-30 22:00:00Z", True, False),
    ],
)
def test_instants_are_real_and_have_one_form(text: str, seconds: bool, good: bool) -> None:
    assert canonical.is_instant(text, whole_seconds=seconds) is good
