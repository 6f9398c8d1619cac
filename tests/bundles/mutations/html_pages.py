"""Must-fail cases of the checks H: pages."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bundles import good as g
from tests.bundles.good import Bundle, client, reseal, reseal_derived
from tests.bundles.mutations.registry import MUTATIONS, fails

INDEX = "data/site/en/index.html"


def on_page(bundle: Bundle, old: str, new: str, path: str = INDEX) -> Bundle:
    assert old.encode() in bundle.files[path]
    bundle.files[path] = bundle.files[path].replace(old.encode(), new.encode(), 1)
    return reseal(bundle, pages=False)


MARKUP = (
    "<script>1</script>", "<svg><script>1</script></svg>", "<SCRIPT>1</SCRIPT>", "<iframe></iframe>", "<form></form>",
    "<img alt=\"\">", "<link rel=\"x\">", "<base href=\"x\">", "<!-- hidden -->", "<p>open", "</p>",
    "<template></template>",
    "<p class='x'>x</p>", "<![CDATA[x]]>", "<h1>second</h1>", "<object></object>", "<math></math>", "<p/>", "a < b",
    "<svg><foreignObject></foreignObject></svg>", "<svg><a>x</a></svg>", "<style>p{}</style>",
    "<meta http-equiv=\"refresh\">",
)  # fmt: skip


@fails("F134", "H01", *MARKUP)
def script(bundle: Bundle, variant: str) -> Bundle:
    return on_page(bundle, "<table>", variant + "<table>")


@fails(
    "F135",
    "H01",
    'onload="x"',
    'style="x"',
    "onclick",
    'src="x"',
    'xlink:href="x"',
    'id="main" id="main"',
    'action="x"',
)
def event_attribute(bundle: Bundle, variant: str) -> Bundle:
    return on_page(bundle, "<table>", f"<table {variant}>")


@fails("F136", "H01", "source", "removed", "twice", "sheet", "address", "lang", "doctype", "late")
def wider_policy(bundle: Bundle, variant: str) -> Bundle:
    text = bundle.files[INDEX].decode()
    start = text.index("<meta http-equiv")
    policy = text[start : text.index("\n", start) + 1]
    old, new = {
        "source": ("default-src 'none'", "default-src 'self'"),
        "removed": (policy, ""),
        "twice": (policy, policy + policy),
        "sheet": ("margin:2rem", "margin:3rem"),
        "address": ("margin:2rem", "background:url(x)"),
        "lang": ('<html lang="en">', '<html lang="fr">'),
        "doctype": ("<!doctype html>\n", ""),
        "late": (policy + "<title>Demo</title>\n", "<title>Demo</title>\n"),
    }[variant]
    if variant == "late":
        bundle.files[INDEX] = text.replace("</style>\n", "</style>\n" + policy).encode()
    return on_page(bundle, old, new)


ADDRESSES = (
    "http://example.org/", "//example.org/x", "data:text/html,x", "file:///etc/passwd", "java\tscript:1",
    "javascript:1",
    "mailto:a@example.org", "/etc/passwd", "../../../../outside.txt", "nowhere.html", "a\\b", "control.html?x",
    "%2e%2e/x", "",
)  # fmt: skip


@fails("F137", "H02", *ADDRESSES)
def outside_link(bundle: Bundle, variant: str) -> Bundle:
    return on_page(bundle, 'href="ledger.html"', f'href="{variant}"')


@fails("F138", "H02", "#nowhere", "control.html#nowhere", "control.html#", "../../frames/REQ-02.request_log.jsonl#r1")
def dangling(bundle: Bundle, variant: str) -> Bundle:
    return on_page(bundle, 'href="ledger.html"', f'href="{variant}"')


@fails("F138", "H02", "doubled id")
def doubled(bundle: Bundle, variant: str) -> Bundle:
    return on_page(bundle, "<table>", '<p id="REQ-02"></p><table>')


CONTROL = "data/site/en/control.html"


@fails("F139", "H03", "number", "point", "order", "date", "month", "time", "datetime", "text", "french")
def shown_otherwise(bundle: Bundle, variant: str) -> Bundle:
    path = "data/site/fr/control.html" if variant == "french" else CONTROL
    path = INDEX if variant in ("number", "point", "time") else path
    old, new = {
        "number": (">63</data>", ">36</data>"),
        "point": (">63</data>", ">6.3</data>"),
        "order": (">7 April 2025<", ">4 July 2025<"),
        "date": (">7 April 2025<", ">8 April 2025<"),
        "month": (">7 April 2025<", ">7 May 2025<"),
        "time": (", 10:00 UTC<", ", 11:00 UTC<"),
        "datetime": ('<time datetime="2025-04-07">', '<time datetime="2025-04-08">'),
        "text": (">R-001</data>", ">R-002</data>"),
        "french": (">7 avril 2025<", ">7 April 2025<"),
    }[variant]
    return on_page(bundle, old, new, path)


@fails("F140", "H03", "units", "total", "rate", "days late", "client")
def another_value(bundle: Bundle, variant: str) -> Bundle:
    """Value and text agree with one another, and not with the data: of a count, a total, a bound, a day, a summary."""
    if variant == "units":
        return on_page(bundle, '<data value="63"', '<data value="64"')
    if variant == "client":
        made = client(bundle)
        path = "data/site/en/index.html"
        made.files[path] = made.files[path].replace(b'value="FAIL"', b'value="PASS"').replace(b">Fail<", b">Pass<")
        return reseal_derived(made, pages=False)
    late = next(row for row in bundle.rows("data/results/REQ-02.jsonl") if row["days_late"])
    pointer, value = {
        "total": ("summary.json#/totals/drawn", "49"),
        "rate": ("summary.json#/controls/1/strata/0/upper_rate_shown", "6.6"),
        "days late": (f"results/REQ-02.jsonl#/{late['id']}/days_late", str(late["days_late"] + 1)),
    }[variant]
    shown = f'<p><data value="{value}" data-ek="{pointer}">{value}</data></p>'
    return on_page(bundle, "<table>", shown + "<table>")


LOST = (
    "absent.json#/x", "summary.json", "bundle.json#/artefacts/0/path", "summary.json#/controls/9/units",
    "data/summary.json#/controls/1/units", "results/REQ-02.jsonl#/99/unit", "summary.json#/controls", "../verify.py#/x",
)  # fmt: skip


@fails("F141", "H03", *LOST)
def lost_pointer(bundle: Bundle, variant: str) -> Bundle:
    return on_page(bundle, 'data-ek="summary.json#/controls/1/units"', f'data-ek="{variant}"')


@fails("F142", "H03", "word", "english", "raw")
def kinder_word(bundle: Bundle, variant: str) -> Bundle:
    word = {"word": "Conforme", "english": "Fail", "raw": "FAIL"}[variant]
    return on_page(bundle, ">Non conforme</data>", f">{word}</data>", "data/site/fr/index.html")


@fails("F143", "H04", "bare", "beside", "two")
def bare_number(bundle: Bundle, variant: str) -> Bundle:
    cell = bundle.files[INDEX].decode().split('<td class="n">')[1].split("</td>")[0]
    new = {"bare": "14", "beside": cell + " of 20", "two": cell + cell}[variant]
    return on_page(bundle, f'<td class="n">{cell}</td>', f'<td class="n">{new}</td>')


@fails("F144", "H04", "row", "twin")
def control_left_out(bundle: Bundle, variant: str) -> Bundle:
    if variant == "twin":
        bundle.files["data/site/en/more.html"] = g.page("en", "<h1>More</h1>")
        return reseal(bundle)
    text = bundle.files["data/site/fr/index.html"].decode()
    start = text.index('<tr id="REQ-02">')
    bundle.files["data/site/fr/index.html"] = (text[:start] + text[text.index("</tr>", start) + 5 :]).encode()
    link, plain = b"index.html#REQ-02", b"index.html"
    bundle.files["data/site/fr/control.html"] = bundle.files["data/site/fr/control.html"].replace(link, plain)
    return reseal(bundle, pages=False)


def all_ids() -> Iterator[str]:
    yield from sorted({mutation.id for mutation in MUTATIONS})
