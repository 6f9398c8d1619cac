"""From a block's parts to HTML in one language. Everything of the payload is escaped here, and only here."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from html import escape, unescape
from posixpath import dirname, join, normpath, relpath
from types import MappingProxyType
from typing import Any

import markupsafe

from evidence_kit.pages import blocks as b
from evidence_kit.pages.words import VERDICTS, Words

#: The signs of marks and of verdict words are in the sheet: there the words are the text, for eye, ear and clipboard.
VERDICT_SIGNS = {"PASS": "✓", "FAIL": "✗", "INCONCLUSIVE": "?", "ERROR": "E"}

#: Marks that stand on the letter before them. No script needs more than four on one; a heap covers other lines.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0"
    "\u3099\u309a\ufe20-\ufe2f"
)
#: Characters that change how their neighbours look, or look like nothing: shown as codes, never sent as they are.
_HOSTILE = re.compile(
    f"(?<=[{_MARKS}]{{4}})[{_MARKS}]|"
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
#: Spaces that a page would swallow: at the ends, and all but the first of a run.
_SWALLOWED = re.compile("^ +| +$|(?<= ) +")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z?)?", re.ASCII)
#: A short name such as REQ-02, which no line may end in the midst of.
_ID = re.compile(r"[A-Z]{2,6}-\d{1,6}", re.ASCII)
_FINER = re.compile(r"(\.\d{3})\d+", re.ASCII)
_HOSTILE_IN_LINES = re.compile(_HOSTILE.pattern.replace("\x00-\x1f", "\x00-\x08\x0b-\x1f"))


def hostile(text: str) -> bool:
    """Whether the text holds control, invisible or direction-changing characters, or spaces that a page swallows."""
    if text.isascii() and text.isprintable() and " " not in text:
        return False  # nearly every value, and far quicker than the two searches
    return _HOSTILE.search(text) is not None or _SWALLOWED.search(text) is not None


def visible(text: str) -> str:
    """The text escaped, with each hostile character as its code (`U+202E`)."""
    spaced = _SWALLOWED.sub(lambda found: "\0" * len(found[0]), text.replace("\0", "\1"))
    return _HOSTILE.sub(lambda found: _code(" " if found[0] == "\0" else found[0]), escape(spaced))


def visible_lines(text: str) -> str:
    """A text of several lines escaped, its spaces, tabs and line ends kept, hostile characters as their codes."""
    return _HOSTILE_IN_LINES.sub(lambda found: _code(found[0]), escape(text, quote=False))


def attribute(moment: str) -> str:
    """The moment as `datetime` may hold it: HTML knows a second's thousandths and no less."""
    return _FINER.sub(r"\1", moment)


def _code(character: str) -> str:
    return f'<span class="cp">U+{ord(character):04X}</span>'


def _quoted(text: str, *, mono: bool = False) -> str:
    """Words of the payload that are no figure, kept apart from ours, whatever their direction."""
    if mono:
        return f'<bdi class="mono">{visible(text)}</bdi>'
    return f'<bdi class="id">{text}</bdi>' if _ID.fullmatch(text) else f"<bdi>{visible(text)}</bdi>"


def _isolated(text: str) -> str:
    """An attribute that keeps right-to-left words from reordering their neighbours."""
    if text.isascii():
        return ""
    return ' dir="auto"' if any(unicodedata.bidirectional(c) in {"R", "AL"} for c in text) else ""


class Writer:
    """Writes the parts of one page in one language."""

    #: The folder that the paths of pages count from. Both languages have the same depth, so either will do.
    root = "/data/site/xx"

    def __init__(self, words: Words, path: str, glossed: Mapping[str, str] = MappingProxyType({})) -> None:
        """`glossed`: message key -> term of the glossary, linked where the page uses it first."""
        self.words = words
        self._folder = join(self.root, dirname(path))
        self._glossed = dict(glossed)
        self._hrefs: dict[tuple[str, bool], str] = {}
        self._regions: Counter[str] = Counter()
        self._ways: dict[type, Callable[[Any], str]] = {
            b.Figure: self.figure,
            b.Text: lambda item: _quoted(item.value, mono=item.mono).replace("_", "_<wbr>" if item.breaks else "_"),
            b.Bilingual: lambda item: _quoted(item.en if words.language == "en" else item.fr),
            b.Told: lambda item: self.figure(item.en if words.language == "en" else item.fr),
            b.Clause: lambda item: _quoted(self._clause(item.value)),
            b.Code: self.code,
            b.Count: lambda item: f"<bdi>{words.integer(item.value)}</bdi>",
            b.Mark: self.mark,
            b.Tag: self._tag,
            b.Sign: lambda item: f'<span class="sign" aria-hidden="true">{VERDICT_SIGNS[item.verdict]}</span>',
            b.Scale: self._scale,
            b.Worked: lambda item: _quoted(words.day(item.day, short=item.short)),
            b.Weekday: lambda item: _quoted(words.weekday(item.day, item.name)),
            b.Say: self.said,
            b.Listed: self._listed,
            b.Lines: lambda item: "<br>".join(map(self.html, item.items)),
            b.Link: self._link,
            b.Strip: self._strip,
        }

    def __call__(self, item: b.Inline) -> markupsafe.Markup:
        """The part as HTML."""
        return markupsafe.Markup(self.html(item))

    def html(self, item: b.Inline) -> str:
        """The part as text that is already HTML."""
        return self._ways[type(item)](item)

    def name(self, key: str) -> str:
        """A message without places, as the bare text of an attribute."""
        return self.words.text(key)

    def unique(self, name: str) -> str:
        """The name of a region, with its number where the page has named one so before: no two landmarks are alike."""
        self._regions[name] += 1
        return name if self._regions[name] == 1 else f"{name} ({self._regions[name]})"

    def caption(self, table: b.Table | b.Themes) -> str:
        """The caption as the bare text of an attribute."""
        return unescape(re.sub("<[^>]*>", "", self.said(table.caption)))

    def lines(self, text: str) -> markupsafe.Markup:
        """A text of several lines, as it ran."""
        return markupsafe.Markup(visible_lines(text.rstrip("\n")))

    def safe(self, fragment: b.Markup) -> markupsafe.Markup:
        """The one kind of fragment that is markup already."""
        return markupsafe.Markup(fragment.html)

    def rows(self, table: b.Table) -> markupsafe.Markup:
        """The rows of a table, one a line. The first cell of each is its head, unless it is a figure."""
        told = "\n".join(("</tbody>\n<tbody>\n" if row.group else "") + self._row(row) for row in table.rows)
        return markupsafe.Markup(told.removeprefix("</tbody>\n<tbody>\n"))

    def several(self, rows: Iterable[b.Row]) -> markupsafe.Markup:
        """Rows of a table, one a line."""
        return markupsafe.Markup("\n".join(self._row(row) for row in rows))

    def _row(self, row: b.Row) -> str:
        said = f' id="{escape(row.id)}"' if row.id else ""
        said += f' class="tone-{escape(row.tone)}"' if row.tone else ""
        if row.group:
            heading = self.html(row.cells[0].content)
            return f'<tr class="group"{said}><th scope="rowgroup" colspan="{row.group}">{heading}</th></tr>'
        cells = []
        for place, cell in enumerate(row.cells):
            kind = f' class="{cell.kind}"' if cell.kind else ""
            kind += f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
            tag, scope = ("td", "") if place or cell.kind == "n" else ("th", ' scope="row"')
            cells.append(f"<{tag}{scope}{kind}>{self.html(cell.content)}</{tag}>")
        return f"<tr{said}>{''.join(cells)}</tr>"

    def href(self, to: str, *, file: bool = False) -> str:
        """The relative address of a page, or of a file under data/."""
        page, hash_, fragment = to.partition("#")
        if not page and hash_:
            return to
        found = self._hrefs.get((page, file))
        if found is None:
            found = relpath(normpath(join("/data" if file else self.root, page)), self._folder)
            self._hrefs[page, file] = found
        return found + hash_ + fragment

    def _link(self, link: b.Link) -> str:
        return f'<a href="{escape(self.href(link.to, file=link.file))}">{self.html(link.label)}</a>'

    def _listed(self, listed: b.Listed) -> str:
        parts = [self.html(part) for part in listed.items]
        if listed.plain:
            return ", ".join(parts)
        return self.words.text("list.semicolon").join(parts) if listed.clauses else self.words.listed(parts)

    def code(self, code: b.Code) -> str:
        """The words of a code; one that has none is shown as it stands."""
        for key in (f"{code.family}.{code.code}", f"{code.family.partition('.')[0]}.{code.code}"):
            if self.words.knows(key):
                return escape(self.words.text(key), quote=False)
        return _quoted(code.code) if code.plain else f"<code>{visible(code.code)}</code>"

    def _clause(self, clause: str) -> str:
        law, space, rest = clause.partition(" ")
        return (self.words.text(f"clause.{law}") if self.words.knows(f"clause.{law}") else law) + space + rest

    def mark(self, mark: b.Mark) -> str:
        """The word of a mark; the sheet shows its sign instead of it or, where it is spelt, before it."""
        kind = "w" if mark.spelt else "m"
        return f'<b class="{kind}-{mark.name}">{escape(self.words.text("mark." + mark.name))}</b>'

    def _tag(self, tag: b.Tag) -> str:
        tone = tag.verdict.value if tag.verdict.value in VERDICTS else "ERROR"
        return f'<b class="t-{tone}">{self.figure(tag.verdict)}</b>'

    def _scale(self, scale: b.Scale) -> str:
        return escape(self.words.text("percent").replace("{n}", self.words.decimal(scale.percent)))

    def said(self, say: b.Say) -> str:
        """A sentence with its places filled."""
        told: list[str] = []
        for words, place in self.words.pieces(say.key, say.count):
            told.append(escape(words, quote=False))
            if place:
                if place not in say.args:
                    raise ValueError(f"{say.key}: nothing to put into {{{place}}}")
                told.append(self.html(say.args[place]))
        term = self._glossed.get(say.key)
        if term is None:
            return "".join(told)
        self._glossed = {each: other for each, other in self._glossed.items() if other != term}
        return f'<a class="gloss" href="{self.href("glossary.html#" + term)}">{"".join(told)}</a>'

    def _strip(self, strip: b.Strip) -> str:
        bars = "".join(
            f'<rect class="bar bar-{tone}" x="{start}" y="0" width="{width}" height="20"/>'
            for tone, start, width in strip.segments
        )
        title = escape(re.sub(r"<[^>]*>", "", self.html(strip.title)))
        return (
            f'<svg class="strip" viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" '
            f'aria-labelledby="{strip.id}-t"><title id="{strip.id}-t">{title}</title>{bars}</svg>'
        )

    def figure(self, figure: b.Figure) -> str:
        """A value of the payload inside its `data` element."""
        value = figure.value
        if not value:
            return f'<span class="empty">{escape(self.words.text("value.empty"))}</span>'
        if hostile(value):
            # The verifier wants the visible text to be the value; these characters may not be shown as they are.
            return _quoted(value, mono=True)
        attributes = ' class="mono"' if figure.kind is b.Kind.CODE else ""
        if not attributes and _ID.fullmatch(value):
            attributes = ' class="id"'
        shown = self.shown(figure)
        if shown is None:
            shown, attributes = escape(value), attributes + _isolated(value)
        after = escape(self.words.text("percent").replace("{n}", "")) if figure.kind is b.Kind.PERCENT else ""
        return f'<data value="{escape(value)}" data-ek="{escape(figure.ek)}"{attributes}>{shown}</data>{after}'

    def shown(self, figure: b.Figure) -> str | None:
        """How this language writes the value; None where it stands as it is."""
        words, value = self.words, figure.value
        match figure.kind:
            case b.Kind.INTEGER:
                return words.integer(value)
            case b.Kind.DECIMAL | b.Kind.PERCENT:
                return words.decimal(value)
            case b.Kind.DATE:
                return f'<time datetime="{value}">{words.day(value, short=figure.short)}</time>'
            case b.Kind.STRATUM if "/" in value:
                return escape(value).replace("/", "/<wbr>")
            case b.Kind.INSTANT | b.Kind.LOCAL:
                return f'<time datetime="{attribute(value)}">{words.moment(value, short=figure.short)}</time>'
        return _as_stored(value, words)


def _as_stored(value: str, words: Words) -> str | None:
    """What the verifier wants to see of a text: a verdict by its word, a day or moment inside its `time`."""
    if value in VERDICTS:
        return escape(words.word(value))
    return f'<time datetime="{attribute(value)}">{value}</time>' if _MOMENT.fullmatch(value) else None


class _Raw(Writer):
    """Writes words in one language and every value as it is stored; a null is told apart from the text `null`."""

    root = "/data/site"

    def mark(self, mark: b.Mark) -> str:
        """Nothing, as the files write it; the sheet tells it apart from a text, which has its `data` element."""
        return "null" if mark.name == "none" else super().mark(mark)

    def shown(self, figure: b.Figure) -> str | None:
        """The value itself, but for the word of a verdict."""
        return _as_stored(figure.value, self.words)


class SharedWriter(_Raw):
    """Writes a page that exists once for both languages: English words first, then French; values as stored."""

    def __init__(self, english: Words, french: Words, path: str) -> None:
        super().__init__(english, path)
        self._both = (_Raw(english, path), _Raw(french, path))

    def caption(self, table: b.Table | b.Themes) -> str:
        """In the page's own language: an attribute cannot hold two."""
        return self._both[0].caption(table)

    def said(self, say: b.Say) -> str:
        """The sentence in both languages; once where it is the same."""
        english, french = (each.said(say) for each in self._both)
        return english if english == french else f'{english} <span lang="fr">{french}</span>'
