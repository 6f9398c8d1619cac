"""Names of providers: folded, proposed as one, and never more than the names themselves say."""

from __future__ import annotations

import csv
import time
from collections import defaultdict
from pathlib import Path

import pytest

from evidence_kit.rules.spellings import Pair, alike, folded, readings

NOVEMBER = "data/processors/subprocessors_2025-11-11.csv"
#: Labelled by hand on the list of November: what a spelling begins with, folded, and the group it belongs to. A
#: spelling that begins with none of them is a group of its own. Products count with the company that sells them.
LABELS = {
    "Abnormal": ["abnormal"], "Algolia": ["algolia"], "Amazon": ["amazon", "aws"], "Anthropic": ["anthropic"],
    "AssemblyAI": ["assemblyai"], "Atlassian": ["atlassian", "jira"], "Baseten": ["baseten"], "Canva": ["canva"],
    "Cerebras": ["cerebras", "cerebas"], "Cinder": ["cinder"], "Discourse": ["civilized discourse", "discourse"],
    "ClickHouse": ["clickhouse"], "Cloudflare": ["cloudflare"], "Customer.io": ["customer.io", "peaberry"],
    "Cyera": ["cyera"], "Databricks": ["databricks"], "Datadog": ["datadog"], "DataRobot": ["datarobot"],
    "dbt": ["dbt"], "Deepgram": ["deepgram"], "DocuSign": ["docusign"], "Elastic": ["elastic"],
    "ElevenLabs": ["eleven"], "Exa": ["exa"], "Fireworks": ["fireworks"], "Fivetran": ["fivetran"],
    "Front": ["frontapp"], "Fullstory": ["fullstory"], "Sentry": ["functional software", "sentry"],
    "Gong": ["gong"], "Google": ["google", "alphabet", "looker", "firebase"], "Grafana": ["grafana"], "Groq": ["groq"],
    "HashiCorp": ["hashicorp"], "Hotjar": ["hotjar"], "HubSpot": ["hubspot"], "Intercom": ["intercom"],
    "LaunchDarkly": ["catamorphic", "launchdarkly"], "Linear": ["linear"], "Sinch": ["mailgun", "sinch"],
    "Merge": ["merge"], "Microsoft": ["microsoft", "azure", "github"], "MongoDB": ["mongodb"], "Notion": ["notion"],
    "Okta": ["okta", "auth0"], "Omni": ["omni"], "OpenAI": ["openai", "open ai"], "Oracle": ["oracle"],
    "OWND": ["ownd"], "Palantir": ["palantir"], "Pinecone": ["pinecone"], "PostHog": ["posthog"],
    "Productboard": ["productboard"], "Pylon": ["pylon"], "Redis": ["redis"], "Retool": ["retool"],
    "Salesforce": ["salesforce", "slack", "tableau"], "Segment": ["segment"], "Twilio": ["twilio", "sendgrid"],
    "Smart Ecosystem": ["smart ecosystem"], "Snowflake": ["snowflake"], "Stripe": ["stripe", "m.stripe"],
    "Zendesk": ["zendesk", "sunshine"], "Together": ["together"], "Trail": ["trail security"],
    "Transcend": ["transcend"], "WorkOS": ["workos"], "Zapier": ["zapier"],
}  # fmt: skip
#: Spellings by which one company goes, and what each folds to.
FOLDED = [
    ("Société Générale SA", "societegenerale"),
    ("SOCIETE  GENERALE S.A.", "societegenerale"),
    ("Zendesk®", "zendesk"),
    ("OpenAI, Inc (optional)", "openai"),
    ("OpenAI, L.L.C.", "openai"),
    ("Open AI", "openai"),
    ("OpenAI, L.L.C.3180 18th St.San Francisco, CA 94110United States", "openai"),
    ("Anthropic, PBC548 Market StSan Francisco, CA 94104United States", "anthropic"),
    ("Amazon Web Services, Inc.410 Terry Avenue NorthSeattle, WA 98109United States", "amazonwebservices"),
    ("Functional Software GmbHRothschildplatz 3Top 3.02.AB 1020 ViennaAustria", "functionalsoftware"),
    ("Acme SARL, 12 rue de la Paix, 75002 Paris", "acme"),
    ("Acme Ltd, 7bis High Street", "acme"),
    ("Elasticsearch B.V.", "elasticsearch"),
    ("Databricks Mexico S. de R.L. de C.V.", "databricksmexico"),
    ("Datadog sp. z.o.o.", "datadog"),
    ("BunnyWay d.o.o.", "bunnyway"),
    ("Trustpilot A/S", "trustpilot"),
    ("The Trade Desk, Inc.", "tradedesk"),
    ("株式会社メルカリ", "株式会社メルカリ"),
]
#: Names that a careless comparison takes for one.
TWO = [
    ("Brevo", "Brex"), ("Modal", "Mode"), ("Grain", "Grafana"), ("Plaid", "Plain"), ("Render", "Resend"),
    ("Stytch", "Stripe"), ("Sharethrough", "ShareThis"), ("Cookie First", "Cookie Script"), ("LiveChat", "Liveblocks"),
    ("PartnerHero", "PartnerStack"), ("Cloud 12 Hosting", "Cloud 13 Hosting"), ("Fournisseur 0101", "Fournisseur 0110"),
    ("Functional Software UK", "Functional Software US"), ("DataRobot Japan KK", "DataRobot Spain SL"),
    ("American Express", "American Airlines"), ("Cloud Services", "Cloud Services Lyon"), ("Data", "Data Dog"),
    ("Ltd.", "Inc."), ("", "Acme"), ("...", "***"), ("Make", "Maker"),
]  # fmt: skip


def pairs_of(*names: str) -> list[tuple[str, str, str]]:
    return [(pair.first, pair.second, pair.how) for pair in alike({name: name for name in names})]


@pytest.mark.parametrize(("name", "letters"), FOLDED)
def test_case_accents_legal_forms_addresses_and_remarks_are_folded(name: str, letters: str) -> None:
    assert "".join(readings(name)[0]) == letters
    assert letters in folded(name)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Functional Software, Inc. (dba Sentry.io)", "Sentry"),
        ("Catamorphic Co. DBA LaunchDarkly", "LaunchDarkly"),
        ("Peaberry Software, Inc. (trading as Customer.io)", "Customer.io"),
        ("NexMo Inc (aka Vonage)", "Vonage"),
        ("Sprig (formerly UserLeap)", "UserLeap, Inc."),
        ("Vocify Inc.d/b/a Vellum", "Vellum"),
        ("Twilio Inc. (SendGrid)101 Spear Street, First FloorSan Francisco", "Sendgrid"),
        ("ClickHouse / HyperDX", "HyperDX"),
        ("Eleven Labs Inc.", "ElevenLabs"),
        ("Exa.ai", "Exa"),
    ],
)
def test_a_name_that_gives_another_one_is_the_same_as_it(name: str, other: str) -> None:
    assert pairs_of(name, other) == [(*sorted((name, other)), "same")]


@pytest.mark.parametrize("names", TWO)
def test_what_only_looks_alike_is_two(names: tuple[str, str]) -> None:
    assert pairs_of(*names) == []


def test_a_letter_wrong_or_missing_is_a_slip() -> None:
    assert pairs_of("Cerebas", "Cerebras Systems", "Cerebras") == [
        ("Cerebas", "Cerebras", "alike"),
        ("Cerebras", "Cerebras Systems", "begins-with"),
    ]
    assert pairs_of("Fournisseur Alpha 12", "Fournisseur Alfha 12") == [
        ("Fournisseur Alfha 12", "Fournisseur Alpha 12", "alike")
    ]


def test_what_a_person_told_apart_is_proposed_no_more() -> None:
    names = {"P2": "Acme SAS", "P1": "ACME", "P3": "Acme GmbH"}
    assert alike(names) == (
        Pair("P1", "P2", "same", 100),
        Pair("P1", "P3", "same", 100),
        Pair("P2", "P3", "same", 100),
    )
    assert [(pair.first, pair.second) for pair in alike(names, [("P2", "P1"), ("P2", "P3")])] == [("P1", "P3")]


def november(shared: Path) -> list[str]:
    with (shared / NOVEMBER).open(encoding="utf-8", newline="") as lines:
        return sorted({row["sub_processor"] for row in csv.DictReader(lines)})


def group(name: str) -> str:
    """The group a hand gave to a spelling; the spelling itself where it gave none."""
    text = name.casefold()
    found = [label for label, heads in LABELS.items() if any(text.startswith(head) for head in heads)]
    return found[0] if found else name


def test_on_a_real_list_every_proposal_is_one_group(shared: Path) -> None:
    names = november(shared)
    pairs = alike({name: name for name in names})
    wrong = [(pair.first, pair.second) for pair in pairs if group(pair.first) != group(pair.second)]
    assert (len(names), len(pairs), wrong) == (482, 661, [])


@pytest.mark.parametrize(("begins", "spellings"), [("Google", 18), ("Microsoft", 12), ("Amazon", 6)])
def test_the_spellings_of_the_list_hang_together(begins: str, spellings: int, shared: Path) -> None:
    """The counts of its SOURCE.txt: from any spelling the proposals lead to all others."""
    names = [name for name in november(shared) if name.startswith(begins)]
    assert len(names) == spellings
    near: dict[str, set[str]] = defaultdict(set)
    for pair in alike({name: name for name in names}):
        near[pair.first].add(pair.second)
        near[pair.second].add(pair.first)
    reached, edge = {names[-1]}, {names[-1]}
    while edge:
        edge = set().union(*(near[name] for name in edge)) - reached
        reached |= edge
    assert set(names) - reached == {"Amazon AWS"} & set(names)  # a short form of three letters that names itself alone


def test_of_the_labelled_spellings_five_in_three_hundred_are_not_met(shared: Path) -> None:
    """Recall, spelling by spelling: of those that share a group, how many are proposed with another one of it."""
    names = november(shared)
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[group(name)].append(name)
    several = {name for mine in groups.values() if len(mine) > 1 for name in mine}
    met = {name for pair in alike({name: name for name in names}) for name in (pair.first, pair.second)}
    lost = sorted(several - met)
    assert (len(several), lost) == (
        301,
        [
            "Abnormal Security India Private Limited",
            "Alphabet, Inc.",
            "Amazon AWS",
            "Firebase",
            "Gongio Ireland Limited",
        ],
    )


MANY = 5000
LETTERS = "abcdefghij"
CROWDS = {
    "all different": [
        f"{LETTERS[n % 10]}{LETTERS[n // 10 % 10]}{LETTERS[n // 100 % 10]}ora{n // 1000} Holding" for n in range(MANY)
    ],
    "one beginning": [
        f"Acme {LETTERS[n % 10]}{LETTERS[n // 10 % 10]}{LETTERS[n // 100 % 10]}{LETTERS[n // 1000]}"
        for n in range(MANY)
    ],
    "one name": ["Acme Ltd"] * MANY,
    "numbered": [f"Provider {n:04d}" for n in range(MANY)],
}


@pytest.mark.slow
@pytest.mark.parametrize("crowd", CROWDS)
def test_five_thousand_names_take_seconds_and_no_square_of_pairs(crowd: str) -> None:
    names = {f"P{n:05d}": name for n, name in enumerate(CROWDS[crowd])}
    began = time.process_time()
    pairs = alike(names)
    assert time.process_time() - began < 30
    assert len(pairs) <= 20 * MANY
    assert (crowd == "numbered") <= (pairs == ())
