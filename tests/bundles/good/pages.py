"""The pages of the good bundle."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Any

from tests.bundles.good.base import VERDICTS
from tests.bundles.good.bundle import Bundle
from tests.bundles.good.documents import MONTHS, WORDS
from tests.bundles.good.evidence import CSP, SHEET


def day_text(day: str, language: str) -> str:
    number, month = int(day[8:]), MONTHS[language][int(day[5:7]) - 1]
    return f"{'1er' if number == 1 and language == 'fr' else number} {month} {day[:4]}"


def data(pointer: str, value: Any, language: str) -> str:
    text = str(value)
    if text in VERDICTS:
        shown_text = WORDS[language][text]
    elif isinstance(value, int):
        shown_text = f"{value:,}" if language == "en" else f"{value:,}".replace(",", "\u202f")
    elif text[4:5] == "-" and text[7:8] == "-" and text[:4].isdigit():
        shown_text = day_text(text[:10], language)
        shown_text += f", {text[11:16]} UTC" if "T" in text else ""
        return f'<data value="{text}" data-ek="{pointer}"><time datetime="{text}">{shown_text}</time></data>'
    elif text.replace(".", "").isdigit():
        shown_text = text if language == "en" else text.replace(".", ",")
    else:
        shown_text = text.replace("&", "&amp;").replace("<", "&lt;")
        return f'<data value="{shown_text}" data-ek="{pointer}">{shown_text}</data>'
    return f'<data value="{text}" data-ek="{pointer}">{shown_text}</data>'


def page(language: str, body: str) -> bytes:
    policy = CSP % b64encode(sha256(SHEET.encode()).digest()).decode()
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>Demo</title>\n<style>{SHEET}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    ).encode()


def render(bundle: Bundle, language: str) -> dict[str, bytes]:
    """The pages of one language, each figure pointing at its value."""
    other = "fr" if language == "en" else "en"
    summary = bundle.json("data/summary.json")
    rows = []
    for place, each in enumerate(summary["controls"]):
        at = f"summary.json#/controls/{place}"
        upper_limit = each["upper_rate_shown"]
        limit = data(at + "/upper_rate_shown", upper_limit, language) if upper_limit else "–"
        cells = "".join(f'<td class="n">{data(f"{at}/{key}", each[key], language)}</td>' for key in ("units", "drawn"))
        rows.append(
            f'<tr id="{each["control"]}"><th scope="row"><a href="control.html#r1">'
            f"{data(at + '/control', each['control'], language)}</a></th>"
            f"<td>{data(at + '/verdict', each['verdict'], language)}</td>{cells}<td>{limit}</td></tr>"
        )
    sealed = data("bundle.json#/sealed_at", bundle.catalogue["sealed_at"], language)
    index = (
        f'<h1>Demo</h1>\n<p><a href="../{other}/index.html" hreflang="{other}" lang="{other}">{other}</a> {sealed} '
        f'<a href="ledger.html">ledger</a> <a href="../../frames/REQ-02.request_log.jsonl">rows</a></p>\n'
        f'<svg viewBox="0 0 10 10" role="img"><title>bar</title><rect class="b" x="0" y="0" width="3" height="2"/>'
        f"</svg>\n"
        f"<table><caption>all</caption><tbody>\n{chr(10).join(rows)}\n</tbody></table>"
    )
    folder = f"data/site/{language}/"
    return {
        folder + "index.html": page(language, index),
        folder + "control.html": page(language, control_body(bundle, language)),
        folder + "ledger.html": page(language, ledger_body(bundle, language)),
    }


def control_body(bundle: Bundle, language: str) -> str:
    lines = []
    for row in bundle.rows("data/results/REQ-02.jsonl"):
        at = f"results/REQ-02.jsonl#/{row['id']}"
        due = data(at + "/due_on", row["due_on"], language) if row["due_on"] else "?"
        lines.append(
            f'<tr id="r{row["id"]}"><td>{data(at + "/unit", row["unit"], language)}</td>'
            f"<td>{data(at + '/verdict', row['verdict'], language)}</td><td>{due}</td></tr>"
        )
    period = data("engagement.json#/period/from", bundle.json("data/engagement.json")["period"]["from"], language)
    name = data("engagement.json#/organisation/name", "Démo & Cie", language)
    body = f'<h1>REQ-02</h1>\n<p>{name} {period} <a href="index.html#REQ-02">back</a></p>\n<table><tbody>\n'
    return body + "\n".join(lines) + "\n</tbody></table>"


def ledger_body(bundle: Bundle, language: str) -> str:
    lines = []
    for entry in bundle.entries:
        at = f"ledger.jsonl#/{entry['seq']}"
        lines.append(
            f"<li>{data(at + '/seq', entry['seq'], language)} {data(at + '/action', entry['action'], language)}</li>"
        )
    return "<h1>Ledger</h1>\n<ol>\n" + "\n".join(lines) + "\n</ol>"
