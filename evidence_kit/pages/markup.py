"""From a block's parts to HTML in one language. Everything of the payload is escaped here, and only here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from html import escape
from posixpath import dirname, relpath
from types import MappingProxyType

import markupsafe

from evidence_kit.pages import blocks as b
from evidence_kit.pages.words import VERDICTS, Words

SIGNS = {"pass": "✓", "fail": "✗", "missing": "?", "error": "E", "na": "–", "none": "–"}
VERDICT_SIGNS = {"PASS": "✓", "FAIL": "✗", "INCONCLUSIVE": "?", "ERROR": "E"}

#: Characters that change how their neighbours look, or look like nothing: shown as codes, never sent as they are.
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
#: Spaces that a page would swallow: at the ends, and all but the first of a run.
_SWALLOWED = re.compile("^ +| +$|(?<= ) +")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z?)?", re.ASCII)
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
    return _HOSTILE_IN_LINES.sub(lambda found: _code(found[0]), escape(text))


def _code(character: str) -> str:
    return f'<span class="cp">U+{ord(character):04X}</span>'


def _quoted(text: str, *, mono: bool = False) -> str:
    """Words of the payload that are no figure, kept apart from ours."""
    return f'<span class="text{" mono" if mono else ""}" dir="auto">{visible(text)}</span>'


def _isolated(text: str) -> str:
    """An attribute that keeps right-to-left words from reordering their neighbours."""
    if text.isascii():
        return ""
    return ' dir="auto"' if any(unicodedata.bidirectional(c) in {"R", "AL"} for c in text) else ""


class Writer:
    """Writes the parts of one page in one language."""

    def __init__(self, words: Words, path: str, glossed: Mapping[str, str] = MappingProxyType({})) -> None:
        """`glossed`: message key -> term of the glossary, linked where the page uses it first."""
        self.words = words
        self._folder = dirname(path)
        self._glossed = dict(glossed)

    def __call__(self, item: b.Inline) -> markupsafe.Markup:
        """The part as HTML."""
        return markupsafe.Markup(self.html(item))

    def lines(self, text: str) -> markupsafe.Markup:
        """A text of several lines, as it ran."""
        return markupsafe.Markup(visible_lines(text.rstrip("\n")))

    def safe(self, fragment: b.Markup) -> markupsafe.Markup:
        """The one kind of fragment that is markup already."""
        return markupsafe.Markup(fragment.html)

    def href(self, to: str, *, file: bool = False) -> str:
        """The relative address of a page of this language, or of a file under data/."""
        page, hash_, fragment = to.partition("#")
        if not page and hash_:
            return to
        start = "site/xx/" + self._folder if file else self._folder or "."
        return relpath(page, start) + hash_ + fragment

    def html(self, item: b.Inline) -> str:
        """The part as text that is already HTML."""
        match item:
            case b.Figure():
                return self._figure(item)
            case b.Text(value=value, mono=mono):
                return _quoted(value, mono=mono)
            case b.Bilingual(en=en, fr=fr):
                return _quoted(en if self.words.language == "en" else fr)
            case b.Say(key=key, args=args, count=count):
                return self._said(key, args, count)
            case b.Link(to=to, label=label, file=file):
                return f'<a href="{escape(self.href(to, file=file))}">{self.html(label)}</a>'
            case b.Listed(items=items, clauses=clauses, plain=plain):
                parts = [self.html(part) for part in items]
                if plain:
                    return ", ".join(parts)
                return self.words.text("list.semicolon").join(parts) if clauses else self.words.listed(parts)
            case b.Lines(items=items):
                return "<br>".join(self.html(part) for part in items)
            case b.Strip():
                return self._strip(item)
        return self._word(item)

    def _word(self, item: b.Inline) -> str:
        match item:
            case b.Code(family=family, code=code):
                for key in (f"{family}.{code}", f"{family.partition('.')[0]}.{code}"):
                    if self.words.knows(key):
                        return escape(self.words.text(key))
                return f"<code>{visible(code)}</code>"
            case b.Mark(name=name):
                return (
                    f'<span class="mark mark-{name}"><span aria-hidden="true">{SIGNS[name]}</span>'
                    f'<span class="vh">{escape(self.words.text("mark." + name))}</span></span>'
                )
            case b.Tag(verdict=verdict):
                sign = VERDICT_SIGNS.get(verdict.value, "?")
                tone = verdict.value if verdict.value in VERDICTS else "ERROR"
                shown = self._figure(verdict)
                return f'<span class="tag tag-{tone}"><span aria-hidden="true">{sign}</span> {shown}</span>'
            case b.Sign(verdict=verdict):
                return f'<span class="mark" aria-hidden="true">{VERDICT_SIGNS[verdict]}</span>'
            case b.Scale(percent=percent):
                return escape(self.words.text("percent").replace("{n}", self.words.decimal(percent)))
            case b.Weekday(day=day, name=name):
                return _quoted(self.words.weekday(day, name))
        raise ValueError(f"{type(item).__name__} is no part of a sentence")

    def _said(self, key: str, args: Mapping[str, b.Inline], count: int | None) -> str:
        told: list[str] = []
        for words, place in self.words.pieces(key, count):
            told.append(escape(words, quote=False))
            if place:
                if place not in args:
                    raise ValueError(f"{key}: nothing to put into {{{place}}}")
                told.append(self.html(args[place]))
        term = self._glossed.get(key)
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

    def _figure(self, figure: b.Figure) -> str:
        words, value, kind = self.words, figure.value, figure.kind
        if not value:
            return f'<span class="empty">{escape(words.text("value.empty"))}</span>'
        if hostile(value):
            # The verifier wants the visible text to be the value; these characters may not be shown as they are.
            return _quoted(value, mono=True)
        attributes = ' class="mono"' if kind is b.Kind.CODE else ""
        after = ""
        match kind:
            case b.Kind.INTEGER:
                shown = words.integer(value)
            case b.Kind.DECIMAL:
                shown = words.decimal(value)
            case b.Kind.PERCENT:
                shown = words.decimal(value)
                after = escape(words.text("percent").replace("{n}", ""))
            case b.Kind.DATE:
                shown = f'<time datetime="{value}">{words.day(value, short=figure.short)}</time>'
            case b.Kind.INSTANT | b.Kind.LOCAL:
                shown = f'<time datetime="{value}">{words.moment(value, short=figure.short)}</time>'
            case _ if value in VERDICTS:
                shown = escape(words.word(value))
            case _ if _MOMENT.fullmatch(value):
                shown = f'<time datetime="{value}">{value}</time>'
            case _:
                shown = escape(value)
                attributes += _isolated(value)
        return f'<data value="{escape(value)}" data-ek="{escape(figure.ek)}"{attributes}>{shown}</data>{after}'
