"""The annex shows an executed notebook and lets nothing active through."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_kit import verify
from evidence_kit.pages.annex import body, clean
from tests.pages.reading import Site
from tests.pages.sample_payload import notebook


def test_the_annex_keeps_text_code_tables_and_drawings() -> None:
    html = body(notebook("30_requests"))
    assert "<h2>30_requests</h2>" in html
    assert "workbook" in html
    assert "<table>" in html
    assert '<svg viewBox="0 0 4 4">' in html
    assert "plain &lt;b&gt;text&lt;/b&gt;" in html
    assert '"nonce": "ab"' in html
    assert re.findall(r'id="(cell-\d+)"', html) == ["cell-1", "cell-2"]


def test_the_annex_lets_nothing_active_or_outside_through() -> None:
    html = body(notebook("30_requests"))
    for trace in (
        "script",
        "style",
        "onclick",
        "onerror",
        "onload",
        "example.org",
        "e.org",
        "href",
        "src",
        "bad()",
        "x()",
    ):
        assert trace not in html
    assert 'class="n"' not in re.sub(r"<span[^>]*>", "", html), "a cell of a notebook is no figure cell"


@pytest.mark.parametrize(
    ("given_html", "kept"),
    [
        ("<p onclick=x()>a</p>", "<p>a</p>"),
        ("<a href='javascript:x()'>a</a>", "a"),
        ("<scr<script>ipt>a</script>", "ipt&gt;a"),
        ("<style>p{}</style>a", "a"),
        ("<iframe src='x'>b</iframe>a", "a"),
        (
            "<svg><style>x</style><rect width='1' onload='x' fill='url(http://x)'/></svg>",
            '<svg><rect width="1"></rect></svg>',
        ),
        ("<div><p>a", "<div><p>a</p></div>"),
        ("a</div>", "a"),
        ("<img src=x onerror=y>a", "a"),
        ("<!-- <b>c</b> -->a", "a"),
        ("<td class='n' style='x'>1</td>", "<td>1</td>"),
        ("<div class='a\" onload=\"x'>a</div>", "<div>a</div>"),
        ("<meta http-equiv='refresh' content='0;url=x'>a", "a"),
        ("<base href='//x'>a", "a"),
        ("&lt;script&gt;", "&lt;script&gt;"),
    ],
)
def test_only_what_is_on_the_list_survives(given_html: str, kept: str) -> None:
    assert clean(given_html) == kept


PIECES = st.sampled_from(
    "<p>|</p>|<script>|</script>|<b onclick='x'>|</b>|<svg>|</svg>|<title>|</title>|<a href='//x'>|</a>|<div|"
    "<td class=n>|<!--|-->|<![CDATA[|]]>|<?x|&lt;|&#60;|\"|'|>|<|text|<img src=x>|\n".split("|")
)


@given(st.lists(PIECES, max_size=20).map("".join))
def test_whatever_comes_in_the_result_is_of_the_verifiers_form(html: str) -> None:
    page = verify.Page("<!doctype html>\n<div>" + clean(html) + "</div>\n")
    form = [each for each in page.met["H01"] if "h1" not in each and "security policy" not in each]
    assert form == []
    assert page.links == []


def test_the_annex_has_no_figure_cells_and_one_heading(site: Site) -> None:
    page = site.pages["site/annex/30_requests.html"]
    assert page.met == {"H01": [], "H04": []}
    assert page.headings == 1
