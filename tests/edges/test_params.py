"""Parameter files: what is accepted becomes the model; what is not is one line that says where, what and what else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.edges.frames import BUILT
from evidence_kit.edges.params import load, read_nonce, unopened
from evidence_kit.edges.params.agreement import ROOTS
from evidence_kit.errors import ParameterError
from evidence_kit.model.audit import FIGURES, Actor, Engagement, Gap, Limit, Plan, Rehearsal
from evidence_kit.model.evidence import FRAMES
from tests.edges.params_folder import CONTROL, ENGAGEMENT, PARAMS, SOURCE, C, E, S, params_folder, refusal, swapped

REAL_LOGS = ("calgary-foi", "doj-foia", "edmonton-foi", "permit-receipt", "sudbury-foi")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return params_folder(tmp_path)


@pytest.mark.parametrize("name", REAL_LOGS)
def test_every_engagement_of_a_real_log_loads(name: str) -> None:
    engagement = load(name, PARAMS, {"requests": "log.csv"})
    assert engagement.id == name
    tested = ["COM-01", "REQ-02"] if name == "calgary-foi" else ["REQ-02"]
    assert [control.id for control in engagement.controls] == tested
    assert engagement.opened == {"requests": "log.csv"}
    assert unopened(engagement) == ()
    assert unopened(load(name, PARAMS, {})) == ("requests",)


def test_the_limits_of_the_real_logs_are_those_of_their_statutes() -> None:
    limits = {name: load(name, PARAMS, {}).limit for name in REAL_LOGS}
    assert limits["doj-foia"] == Limit("working_days", 20)
    assert limits["calgary-foi"] == limits["edmonton-foi"] == limits["sudbury-foi"] == Limit("days", 30, roll=True)
    assert limits["permit-receipt"] == Limit("given")


def test_an_engagement_becomes_the_model(folder: Path) -> None:
    engagement = load("doj-foia", folder, {})
    assert isinstance(engagement, Engagement)
    assert engagement.file == "params/engagements/doj-foia.yaml"
    assert engagement.as_of == datetime(2017, 9, 1, 3, 59, 59, tzinfo=UTC)
    assert (engagement.period.start_on, engagement.period.until_on) == (date(2012, 1, 1), date(2017, 8, 31))
    assert engagement.calendars == ("US",)
    assert engagement.actors[-1] == Actor("person:auditor", "auditor")
    assert {actor.actor for actor in engagement.actors} >= {"process:collector", "process:run"}
    assert engagement.parameters == FIGURES
    assert engagement.on_duplicate == ("refuse",)
    assert engagement.rehearsal is None
    assert not engagement.demonstration
    mapped = engagement.sources["requests"].frames["request_log"]
    received = mapped.columns["received_at"]
    assert (received.sql, received.format, received.precision) == ('"Submitted Date"', ("%m/%d/%Y",), "day")
    assert mapped.columns["channel"].const == "unknown"
    assert mapped.columns["acknowledged_at"].unknown
    assert mapped.columns["subject_key"].sql is None
    assert mapped.origin == '"requests"'
    assert SOURCE.splitlines()[received.line - 1].strip().startswith("received_at:")


def test_the_rehearsal_is_a_demonstration(folder: Path) -> None:
    path = folder / "engagements/doj-foia.yaml"
    path.write_text(ENGAGEMENT + "rehearsal: {seed: 7}\n", encoding="utf-8")
    engagement = load("doj-foia", folder, {})
    assert engagement.demonstration
    assert engagement.rehearsal == Rehearsal(7, 20_000, "all", "real")


def test_a_plan_of_the_engagement_replaces_only_what_it_gives(folder: Path) -> None:
    path = folder / "engagements/doj-foia.yaml"
    path.write_text(ENGAGEMENT + 'plans: {REQ-02: {tolerable: "0.05", census: false}}\n', encoding="utf-8")
    (control,) = load("doj-foia", folder, {}).controls
    assert control.plan == Plan("0.95", "0.05", "0", census=False)


def test_strata_of_the_engagement_replace_those_of_the_control(folder: Path) -> None:
    path = folder / "engagements/doj-foia.yaml"
    path.write_text(ENGAGEMENT + "strata: {REQ-02: channel}\n", encoding="utf-8")
    assert load("doj-foia", folder, {}).controls[0].stratum_by == "channel"
    path.write_text(ENGAGEMENT + "strata: {REQ-02: null}\n", encoding="utf-8")
    assert load("doj-foia", folder, {}).controls[0].stratum_by is None


def test_gaps_are_explained_from_number_to_number(folder: Path) -> None:
    path = folder / "engagements/doj-foia.yaml"
    said = "explained_gaps: [{from: 7, reason: spoiled form}, {from: 9, until: 12, reason: test, series: A-}]\n"
    path.write_text(ENGAGEMENT + said, encoding="utf-8")
    expected = (Gap(7, 7, "spoiled form"), Gap(9, 12, "test", "A-"))
    assert load("doj-foia", folder, {}).explained_gaps == expected


def test_an_engagement_elsewhere_uses_the_sources_beside_it_then_those_of_the_kit(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources/own.yaml").write_text(SOURCE, encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(swapped("doj_foia.yaml", "own.yaml")(ENGAGEMENT), encoding="utf-8")
    engagement = load(path, PARAMS, {})
    assert engagement.sources["requests"].file.endswith("sources/own.yaml")
    assert [control.id for control in engagement.controls] == ["REQ-02"]


def test_norway_is_a_country(folder: Path) -> None:
    path = folder / "engagements/doj-foia.yaml"
    path.write_text(swapped("country: US", "country: NO")(ENGAGEMENT), encoding="utf-8")
    assert load("doj-foia", folder, {}).organisation.country == "NO"


def test_names_are_normalised_and_sql_is_not(folder: Path) -> None:
    composed, decomposed = "\u00e9", "e\u0301"
    path = folder / "engagements/doj-foia.yaml"
    path.write_text(swapped("US Department of Justice, country", f"{decomposed}, country")(ENGAGEMENT), "utf-8")
    source = folder / "sources/doj_foia.yaml"
    source.write_text(swapped("'\"Tracking Number\"'", f"'\"{decomposed}\"'")(SOURCE), encoding="utf-8")
    engagement = load("doj-foia", folder, {})
    assert engagement.organisation.name == composed
    assert engagement.sources["requests"].frames["request_log"].columns["request_id"].sql == f'"{decomposed}"'


def test_every_problem_of_every_file_is_told_at_once(folder: Path) -> None:
    (folder / S).write_text(swapped("engine: csv", "engine: cvs")(SOURCE), encoding="utf-8")
    (folder / C).write_text(swapped("- capacity", "- capasity")(CONTROL), encoding="utf-8")
    message = refusal(folder, E, swapped("calendar: US", "calendar: USA"))
    assert [line.split(",")[0] for line in message.splitlines()] == [f"params/{file}" for file in (E, C, S)]


def test_a_control_whose_frame_nobody_maps_is_refused_by_name(folder: Path) -> None:
    retention = (PARAMS / "controls/RET-01.yaml").read_text(encoding="utf-8")
    (folder / "controls/RET-01.yaml").write_text(retention, encoding="utf-8")
    message = refusal(folder, E, swapped("[REQ-02]", "[REQ-02, RET-01]"))
    assert "controls[2]: RET-01 needs frame retention_rules, which no source maps" in message


@pytest.mark.parametrize(
    ("control", "made", "root"),
    [
        ("ERA-04", "recipient_units", "recipients_notifications"),
        ("ERA-05", "backup_units", "backups"),
        ("RET-04", "job_units", "retention_rules"),
    ],
)
def test_a_frame_that_the_kit_makes_of_what_nobody_maps_is_refused_too(
    folder: Path, control: str, made: str, root: str
) -> None:
    wanted = (PARAMS / f"controls/{control}.yaml").read_text(encoding="utf-8")
    (folder / f"controls/{control}.yaml").write_text(wanted, encoding="utf-8")
    message = refusal(folder, E, swapped("[REQ-02]", f"[REQ-02, {control}]"))
    assert f"controls[2]: {control} needs frame {made}, which is made of {root}, which no source maps" in message


def test_every_frame_that_is_made_says_what_of() -> None:
    """But those measured on live objects: they are of the rules, which their control needs itself."""
    every = {name for name, spec in FRAMES.items() if spec.built and name not in BUILT}
    assert set(ROOTS) == every


def test_every_control_ties_its_units_by_the_column_that_its_main_frame_names_first() -> None:
    for control in load("rehearsal", PARAMS, {}).controls:
        main = next(need for need in control.needs if need.frame == control.frame)
        assert main.columns[0] == control.unit, control.id


def test_units_that_may_be_set_aside_are_those_still_open() -> None:
    rehearsal = {control.id: control for control in load("rehearsal", PARAMS, {}).controls}
    assert [id_ for id_, control in rehearsal.items() if control.set_aside] == ["REQ-01", "REQ-02"]
    assert "responded_at is null" in (rehearsal["REQ-02"].set_aside or "")


def test_the_rehearsal_loads_with_every_control_of_this_version() -> None:
    engagement = load("rehearsal", PARAMS, {})
    tested = [control.id for control in engagement.controls]
    assert sorted(tested) == sorted(path.stem for path in (PARAMS / "controls").iterdir())
    assert all(control.plan.census for control in engagement.controls)
    assert engagement.demonstration


def test_a_frame_that_is_not_required_may_be_absent() -> None:
    (control,) = load("doj-foia", PARAMS, {}).controls
    assert [need.frame for need in control.needs if not need.required] == ["mailbox_messages", "request_replies"]


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ParameterError, match="nearest known is doj-foia"):
        load("doj-foi", PARAMS, {})


@pytest.mark.parametrize("name", ["", "..", "../engagements/doj-foia", "doj foia", "DOJ-FOIA", "doj-foia\n"])
def test_a_name_never_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(ParameterError):
        load(name, PARAMS, {})


def test_a_missing_path_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="cannot be read"):
        load(tmp_path / "absent.yaml", PARAMS, {})
    with pytest.raises(ParameterError, match="this is a folder"):
        load(tmp_path, PARAMS, {})


def test_a_source_that_the_engagement_does_not_have_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"--source: engagement doj-foia has no source of this name.*requests"):
        load("doj-foia", PARAMS, {"request": "x.csv"})
    with pytest.raises(ParameterError, match="--source requests: the path is empty"):
        load("doj-foia", PARAMS, {"requests": ""})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfea: 1", "not UTF-8"),
        (b"a: \x00", "characters that YAML does not allow"),
        (b"a: 1\n" * 100_000, "larger than 256 KiB"),
    ],
)
def test_a_file_that_is_no_text_is_refused(folder: Path, content: bytes, said: str) -> None:
    (folder / E).write_bytes(content)
    with pytest.raises(ParameterError, match=said):
        load("doj-foia", folder, {})


def test_no_value_of_a_file_stands_in_a_message(folder: Path) -> None:
    secret = "jeanne.dupont@courrier.example"
    for edit in (
        swapped("id: auditor", f"id: {secret}"),
        swapped("calendar: US", f"calendar: {secret}"),
        swapped("role: auditor", f"role: [{secret}]"),
        swapped("America/New_York", secret),
        swapped("on_duplicate: refuse", f"on_duplicate: {secret}"),
    ):
        (folder / E).write_text(ENGAGEMENT, encoding="utf-8")
        assert secret not in refusal(folder, E, edit)


@given(text=st.text(max_size=200))
def test_hostile_text_gives_a_parameter_error_or_nothing(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("hostile") / "x.yaml"
    path.write_text(text, encoding="utf-8", errors="replace")
    with pytest.raises(ParameterError) as caught:
        load(path, PARAMS, {})
    assert all(line.isprintable() for line in str(caught.value).split("\n"))


def test_a_nonce_is_64_hex_digits() -> None:
    nonce = "0123456789abcdef" * 4
    assert read_nonce(nonce) == nonce
    for bad in ("", nonce[:-1], nonce + "0", nonce.upper(), nonce + "\n", "g" * 64):
        with pytest.raises(ParameterError, match="64 lower-case hex digits") as caught:
            read_nonce(bad)
        assert not bad or bad not in str(caught.value)
