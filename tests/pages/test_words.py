"""Two catalogues, one set of keys; numbers, days and spaces as each language writes them."""

from __future__ import annotations

import ast
import itertools
import json
import re
from importlib import resources
from pathlib import Path

import pytest

from evidence_kit.model.evidence import FRAMES
from evidence_kit.pages.sheet import ABOUT
from evidence_kit.pages.words import LANGUAGES, VERDICTS, Words, french_spaces, words
from tests.pages.reading import Site

EN, FR = words("en"), words("fr")
TEMPLATES = Path(str(resources.files("evidence_kit.pages").joinpath("templates")))
#: The codes that results, findings and refusals may carry (docs/norm: deadlines, rates, retention, sampling; controls).
CODES = """
answered-in-time answered-late open-past-due open-not-yet-due clock-suspended depends-on-arguable-facts calendar-missing
received-missing received-in-the-future closed-before-received closed-in-the-future unreadable-date
local-time-does-not-exist unknown-time-zone event-before-receipt event-in-the-future answered-before-asked
unknown-pause-kind reopened-but-never-closed reopened-before-closed closed-before-reopened
nothing-to-test nothing-could-be-tested upper-bound-below-tolerable untested-units-count-as-deviations sample-too-small
upper-bound-reaches-tolerable plan-too-large population-empty expected-rate-not-below-tolerable counts-out-of-range
unit-id-missing unit-id-duplicate stratum-missing nul-character value-out-of-range nonce-before-commitment
no-rule place-unknown unknown-place placeholder-date hold-ends-before-it-starts removal-date-unknown-under-hold
removed-under-hold removed anonymised rule-says-delete start-event-missing archive-start-missing within-active
within-archive within-grace kept-past-limit hold-after-limit held-but-not-archived held hold-not-documented
source-unreachable not-probed weak-match probe-blind no-positive-control absent suppression-not-declared suppressed-only
suppression-in-clear suppression-form-unknown masked mask-reversible mask-unknown no-purge-declared purge-date-unknown
purge-overdue purge-pending backup-within-rotation erasures-not-replayed replay-unknown lawful-exception
exception-expired exception-not-checked said-erased-but-present due-unknown not-due-yet present new-collection
new-collection-unproven reappeared-restore reappeared-re-import reappeared-re-sync reappeared-unknown unknown-state
no-source-declared unmapped-value required-value-missing identifier-repeated evidence-missing not-forwarded
forwarded-late acknowledged-late not-acknowledged extension-late extension-without-reasons column-not-kept
object-missing query-failed row-missing
document-asked-of-known-person doubt-not-written copy-not-destroyed copy-kept-too-long asked-late authentication-unknown
object-not-disclosed rows-not-disclosed fields-not-disclosed answer-not-kept nothing-searched search-failed
no-address-to-search art15-items-missing art15-items-not-read recipients-not-named recipients-not-read
value-not-corrected value-not-found recipient-not-told exemption-without-reason corrections-not-recorded
refusal-late letter-not-found reasons-not-given reasons-not-read complaint-right-not-given complaint-right-not-read
judicial-remedy-not-given judicial-remedy-not-read
channel-not-reachable channel-not-tried no-ticket ticket-late no-effect effect-late waiting-time-running login-required
document-required tester-could-not-send channel-not-tested
number-missing message-without-case triage-missing rows-lost source-not-counted
receipt-logged-late right-differs right-not-known answer-day-differs answer-letter-not-found logged-before-received
message-not-dated
nothing-to-search-with not-executed stored-in-clear bare-hash stored-form-unknown personal-data-beside
entry-without-reason entry-without-date disclosure-unknown recipient-told-late cycle-not-declared expiry-not-recorded
expiry-differs deleted-before-taken backup-past-its-cycle backup-deleted-late no-restoration erasures-not-counted
replay-pending opened-unreplayed replayed-before-restored replay-not-counted replay-incomplete replayed-after-opening
archive-place-unknown archive-in-active-base grants-not-listed reader-without-need reader-not-justified
department-unknown start-not-configured start-rests-on-messages start-unclear run-missed run-partial run-failed
run-status-unknown run-not-counted rows-not-accounted-for
""".split()
#: Words with a hyphen in the rules that no page shows: states of a probe and causes of a return as they are given, what
#: is wrong with an argument, what a reason begins with, the name of a check, what triage reads in a header, and kinds
#: of claims, whose sentences stand in the suites.
NOT_SHOWN = {
    "soft-deleted", "backup-only", "re-import", "re-sync", "blind-malformed", "salt-malformed", "as-of-malformed",
    "plan-malformed", "nonce-malformed", "round-out-of-range",
    "not-after", "not-less", "not-null", "one-of", "second-reading",
    "complaint-right", "judicial-remedy", "request-sent", "auto-replied", "auto-reply", "sent-to-a-list",
}  # fmt: skip
RULES = sorted(Path(str(resources.files("evidence_kit.rules"))).glob("*.py"))
STEPS = """
received reopened pause-refused paused restarted months plus-pauses rolled extended extension-refused open answered
suspended calendar-missing readings verdict
""".split()


def places(catalogue: Words, key: str) -> list[set[str]]:
    """The places of each form of one message."""
    return [set(re.findall(r"\{([^}]*)\}", form)) for form in catalogue.messages[key]]


def test_both_languages_have_the_same_messages() -> None:
    assert sorted(EN.messages) == sorted(FR.messages)
    assert len(EN.messages) > 500


def test_both_languages_have_the_same_places_in_every_plural_form() -> None:
    differ = [key for key in EN.messages if len({frozenset(each) for w in (EN, FR) for each in places(w, key)}) != 1]
    assert differ == []
    assert [key for key in EN.messages if len(EN.messages[key]) != len(FR.messages[key])] == []


@pytest.mark.parametrize("code", CODES)
def test_every_code_of_the_norm_has_words_in_both_languages(code: str) -> None:
    assert EN.knows(f"reason.{code}")
    assert FR.knows(f"reason.{code}")
    assert EN.text(f"reason.{code}") != FR.text(f"reason.{code}") or code == "absent"


def docstrings(tree: ast.Module) -> set[int]:
    """The nodes that are documentation."""
    bodies = [n.body for n in ast.walk(tree) if isinstance(n, ast.Module | ast.FunctionDef | ast.ClassDef)]
    return {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}


def hyphened(tree: ast.Module) -> set[str]:
    """Every text of the code that looks like a code: small letters and hyphens."""
    known = docstrings(tree)
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and id(n) not in known]
    return {t for t in texts if isinstance(t, str) and re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", t)}


def judged(tree: ast.Module) -> set[str]:
    """Every text that follows an outcome or a mark: the reason of that verdict, hyphen or none."""
    found = set()
    for node in ast.walk(tree):
        parts = node.elts if isinstance(node, ast.Tuple) else node.args if isinstance(node, ast.Call) else []
        for one, two in itertools.pairwise(parts):
            of = one.value if isinstance(one, ast.Attribute) else None
            if isinstance(of, ast.Name) and of.id in ("Outcome", "Mark") and isinstance(two, ast.Constant):
                found |= {two.value} if isinstance(two.value, str) else set()
    return found


@pytest.mark.parametrize("rules", RULES, ids=lambda path: path.stem)
def test_every_code_that_the_rules_can_give_has_words_in_both_languages(rules: Path) -> None:
    tree = ast.parse(rules.read_text("utf-8"))
    families = {key.partition(".")[0] for key in EN.messages}
    wordless = {
        (language.language, code)
        for language in (EN, FR)
        for code in hyphened(tree) - NOT_SHOWN
        if not any(language.knows(f"{family}.{code}") for family in families)
    }
    wordless |= {(w.language, code) for w in (EN, FR) for code in judged(tree) if not w.knows(f"reason.{code}")}
    assert wordless == set()


def test_the_codes_of_the_rules_are_found() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in RULES]
    assert {"hold-faulty", "nothing-counted", "announced-beyond-three-months"} <= set().union(*map(hyphened, trees))
    assert {"held", "removed", "masked", "not-measured", "row-missing"} <= set().union(*map(judged, trees))


@pytest.mark.parametrize(
    "key",
    """
    finding.draw-not-independent finding.not-yet-due-set-aside finding.collapsed finding.numbered
    finding.population-not-complete finding.population-completeness-not-tested
    flag.no-message-found flag.logged-outside-the-period flag.link-found-by-the-kit flag.receipt-logged-early
    flag.identifiers-not-sequential flag.not-asked flag.channel-not-in-notice
    flag.not-confirmed flag.relation-unknown flag.period-beyond-recommendation flag.basis-not-written
    flag.relied_on_pause flag.relied_on_extension flag.changed-since-the-commitment
    reason.verb-not-allowed reason.run-has-ended reason.control-not-of-this-run
    reason.unreadable-value reason.unmapped-value reason.reappeared-unknown reason.search-failed
    """.split(),
)
def test_codes_that_come_from_elsewhere_have_words_too(key: str) -> None:
    assert EN.knows(key)
    assert FR.knows(key)


@pytest.mark.parametrize("frame", ["request_log", "request_replies"])
def test_every_event_and_word_of_a_request_has_its_name(frame: str) -> None:
    columns = {column.name: column for column in FRAMES[frame].columns}
    wanted = [
        f"event.{name}" for name, column in columns.items() if frame == "request_log" and column.kind == "timestamp"
    ]
    wanted += [f"event.letter.{kind}" for kind in columns["kind"].values] if "kind" in columns else []
    wanted += [f"{family}.{word}" for name, family in ABOUT.items() if name in columns for word in columns[name].values]
    assert len(wanted) >= 5
    assert [(w.language, key) for w in (EN, FR) for key in wanted if not w.knows(key)] == []


@pytest.mark.parametrize("step", STEPS)
def test_every_step_of_a_working_has_its_article(step: str) -> None:
    assert EN.knows(f"article.{step}")
    assert FR.knows(f"article.{step}")


def test_french_has_no_plain_space_before_high_punctuation() -> None:
    wrong = [form for forms in FR.messages.values() for form in forms if re.search(r" [;:!?%»]|« ", form)]
    assert wrong == []


def test_english_has_no_space_before_punctuation() -> None:
    wrong = [form for forms in EN.messages.values() for form in forms if re.search(r"\s[;:!?%,.]", form)]
    assert wrong == []


@pytest.mark.parametrize(
    ("plain", "mended"),
    [
        ("Faits : oui ; non ?", "Faits\u00a0: oui\u202f; non\u202f?"),
        ("« ici » !", "«\u202fici\u202f»\u202f!"),
        ("10 %", "10\u202f%"),
        ("12:30:00", "12:30:00"),
    ],
)
def test_french_spaces(plain: str, mended: str) -> None:
    assert french_spaces(plain) == mended


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        ("0", "0", "0"),
        ("1095", "1,095", "1\u202f095"),
        ("-1234567", "\u22121,234,567", "\u22121\u202f234\u202f567"),
    ],
)
def test_counts_are_grouped_as_the_language_does(value: str, english: str, french: str) -> None:
    assert EN.integer(value) == english
    assert FR.integer(value) == french


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [("10.10", "10.10", "10,10"), ("0.000000001", "0.000000001", "0,000000001"), ("-0.5", "\u22120.5", "\u22120,5")],
)
def test_decimals_keep_every_digit(value: str, english: str, french: str) -> None:
    assert EN.decimal(value) == english
    assert FR.decimal(value) == french


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [("2026-03-02", "2 March 2026", "2 mars 2026"), ("2026-03-01", "1 March 2026", "1er mars 2026")],
)
def test_days(value: str, english: str, french: str) -> None:
    assert EN.day(value) == english
    assert FR.day(value) == french


def test_days_in_tables_are_short() -> None:
    assert EN.day("2026-01-19", short=True) == "19 Jan 2026"
    assert FR.day("2026-01-19", short=True) == "19 janv. 2026"


@pytest.mark.parametrize(
    ("value", "english"),
    [
        ("2026-03-02T14:03:22.000000Z", "2 March 2026, 14:03:22 UTC"),
        ("2026-03-02T14:03:22Z", "2 March 2026, 14:03:22 UTC"),
        ("2026-03-02T14:03:22.120000Z", "2 March 2026, 14:03:22 UTC"),
        ("2026-03-02T14:03:22.000000", "2 March 2026, 14:03:22"),
    ],
)
def test_moments_name_their_zone_and_only_what_they_know(value: str, english: str) -> None:
    assert EN.moment(value) == english


def test_a_weekday_is_translated_and_a_holiday_keeps_its_name() -> None:
    assert FR.weekday("2025-04-05", "Saturday") == "samedi"
    assert FR.weekday("2025-05-01", "Labor Day") == "Labor Day"
    assert FR.weekday("2025-05-01", "Saturday") == "Saturday", "a Thursday: the name is no weekday of that day"


def test_plural_is_one_from_two_in_english_and_above_one_in_french() -> None:
    assert EN.text("index.units", 0) == "{n} units tested"
    assert FR.text("index.units", 0) == "{n} unité testée"
    assert EN.text("index.units", 1) == "{n} unit tested"
    assert FR.text("index.units", 2) == "{n} unités testées"


def test_a_missing_message_stops_the_build_and_names_its_key() -> None:
    with pytest.raises(ValueError, match=r"locales/en\.po: the message no\.such is missing"):
        EN.text("no.such")
    with pytest.raises(ValueError, match="needs a count"):
        EN.text("index.units")


def test_words_json_is_canonical_and_tells_verdicts_and_months(site: Site) -> None:
    raw = site.files["site/words.json"].decode()
    record = json.loads(raw)
    canonical = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
    assert raw == canonical
    assert [each["language"] for each in record["languages"]] == list(LANGUAGES)
    for each in record["languages"]:
        assert [told["verdict"] for told in each["verdicts"]] == list(VERDICTS)
        assert len(each["months"]) == len(each["months_short"]) == 12


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_no_sentence_stands_in_a_template(template: Path) -> None:
    bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", " ", template.read_text("utf-8"), flags=re.DOTALL)
    assert re.findall(r"[^\W\d_]+", bare) == []
