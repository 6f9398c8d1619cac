"""Engagement, controls, calendar, words and notebooks of the good bundle."""

from __future__ import annotations

import copy

from tests.bundles.good.base import AS_OF, ENGAGEMENT, KIT, RUN, Json, digest
from tests.bundles.good.evidence import LOG_COLUMNS, RECEIPT


def engagement() -> Json:
    return {
        "engagement": ENGAGEMENT,
        "title": {"en": "A demonstration", "fr": "Une démonstration"},
        "organisation": {"name": "Démo & Cie", "country": "FR"},
        "demonstration": True,
        "period": {"from": "2025-03-01", "until": "2026-01-31"},
        "as_of": AS_OF,
        "timezone": "Europe/Paris",
        "profile": "EU",
        "calendars": ["FR"],
        "limit": {"kind": "months", "n": 1, "roll": True},
        "naive_is_local": True,
        "actors": [{"actor": "person:auditor", "role": "auditor"}, {"actor": "person:dpo", "role": "auditee"}],
        "controls": ["REQ-02", "COM-02", "RET-01"],
        "out_of_scope": [{"control": "ERA-01", "reason": "not built"}],
        "sources": [{"source": "desk", "engine": "duckdb", "mapping_sha256": digest("mapping")}],
        "parameters": [
            {"name": "ask_within_days", "value": 7},
            {"name": "forward_working_days", "value": 5},
            {"name": "notice_days", "value": 30},
        ],
        "on_duplicate": ["refuse"],
        "packages": [{"name": "duckdb", "version": "2.0.0"}],
        "kit": KIT,
    }


FAMILIES = {"REQ": "requests", "COM": "completeness", "RET": "retention"}


def control(name: str, notebook: str, test: str, tolerable: str, needs: list[Json], letters: str) -> Json:
    return {
        "control": name,
        "family": FAMILIES[name.split("-")[0]],
        "notebook": notebook,
        "statement": {"en": "It holds.", "fr": "Cela tient."},
        "law": "law",
        "grade": "major",
        "references": ["GDPR 12(3)"],
        "confidence": "0.95",
        "tolerable": tolerable,
        "expected": "0",
        "census": tolerable != "0.1",
        "test": test,
        "attributes": [{"letter": one, "en": "asked", "fr": "demandé", "walkthrough": False} for one in letters],
        "needs": needs,
    }


def controls() -> Json:
    log = {"frame": "request_log", "columns": LOG_COLUMNS, "optional": ["forwarded_at"]}
    mail = {"frame": "mailbox_messages", "columns": ["request_id", "received_at", "source_ref"], "optional": []}
    letters = {
        "frame": "request_replies",
        "columns": ["request_id", "kind", "sent_at", "reasons_given"],
        "optional": [],
    }
    short = {"frame": "request_log", "columns": ["request_id", "channel", "subject_key"], "optional": []}
    rules = {"frame": "retention_observations", "columns": ["rule_id", "rows", "past_limit_rows"], "optional": []}
    none = "0.000000001"
    return {
        "controls": [
            control("REQ-02", "30_requests", "requests.answered_in_time", none, [log, mail, letters], "ABCD"),
            control("COM-02", "30_requests", "requests.log_is_true", "0.1", [short], "A"),
            control("RET-01", "50_retention", "retention.within_period", none, [rules], "A"),
        ]
    }


HOLIDAYS = (
    "2025-01-01 2025-04-21 2025-05-01 2025-05-08 2025-05-29 2025-06-09 2025-07-14 2025-08-15 2025-11-01 2025-11-11 "
    "2025-12-25 2026-01-01 2026-04-06 2026-05-01 2026-05-08 2026-05-14 2026-05-25 2026-07-14 2026-08-15"
).split()


def calendar() -> Json:
    return {
        "name": "FR",
        "source": "by hand",
        "version": "1",
        "from": "2025-01-01",
        "until": "2026-12-31",
        "days": [{"on": day, "name": "jour férié"} for day in HOLIDAYS],
    }


MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
}
SHORT = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.".split(),
}
WORDS = {
    "en": {"PASS": "Pass", "FAIL": "Fail", "ERROR": "Error", "INCONCLUSIVE": "Inconclusive"},
    "fr": {"PASS": "Conforme", "FAIL": "Non conforme", "ERROR": "Erreur", "INCONCLUSIVE": "Non concluant"},
}


def words() -> Json:
    return {
        "languages": [
            {
                "language": language,
                "verdicts": [{"verdict": verdict, "word": word} for verdict, word in WORDS[language].items()],
                "months": MONTHS[language],
                "months_short": SHORT[language],
            }
            for language in ("en", "fr")
        ]
    }


def run_nonce(notebook: str) -> str:
    return digest("run nonce " + notebook)[:32]


def cell(name: str, kind: str, source: str, tags: tuple[str, ...] = ()) -> Json:
    made: Json = {"id": name, "cell_type": kind, "metadata": {"tags": list(tags)} if tags else {}, "source": source}
    return {**made, "execution_count": None, "outputs": []} if kind == "code" else made


def template() -> Json:
    cells = [
        cell("title", "markdown", "# A notebook"),
        cell("parameters", "code", 'engagement: str = "rehearsal"\nrun: str = "latest"', ("parameters",)),
        cell("open", "code", "book = workbook.open(engagement, run)"),
        cell("words", "markdown", "Some words, é."),
        cell("show", "code", "book.show(book.draw())"),
    ]
    return {"cells": cells, "metadata": {"kernelspec": {"name": "evidence"}}, "nbformat": 4, "nbformat_minor": 5}


def executed(notebook: str) -> Json:
    made = copy.deepcopy(template())
    source = f'# Parameters\nengagement = "{ENGAGEMENT}"\nrun = "{RUN}"\n'
    made["cells"].insert(2, cell("injected-parameters", "code", source, ("injected-parameters",)))
    for count, each in enumerate((one for one in made["cells"] if one["cell_type"] == "code"), 1):
        each["execution_count"] = count
    shown = {"output_type": "stream", "name": "stdout", "text": "12 rows\n"}
    made["cells"][3]["outputs"] = [shown]
    receipt = {"nonce": run_nonce(notebook), "versions": [], "controls": []}
    made["cells"][-1]["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": {RECEIPT: receipt}}]
    return made
