"""Each threat and fault of docs/norm/threats.md has a test that shows what stands in its way, and that test exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.bundles import mutations
from tests.bundles.mutations.registry import ACCEPTED, MUTATIONS, UNDECIDED

TESTS = Path(__file__).resolve().parents[1]
NORM = (TESTS.parent / "docs/norm/threats.md").read_text("utf-8")
#: Threat or fault → cases of the conformance corpus (`F43-F53` is a span), and tests as `file::name`, below tests/.
SHOWN = {
    "T01": "F86 F92 F109 pages/test_pages.py::test_abandoned_draws_and_runs_that_did_not_pass_stand_on_the_ledger_page",
    "T02": "F105 unit/test_chain.py::test_a_nonce_before_its_commitment_has_a_code_of_its_own"
    " whole/test_order_and_faults.py::test_the_nonce_comes_after_the_commitment_and_before_the_draw",
    "T03": "F110 F114-F116 spec/test_rates.py::test_every_vector_is_asked edges/test_steps.py::test_a_unit_that_is_gone_is_not_replaced"
    " edges/test_steps.py::test_a_unit_without_a_result_is_inconclusive_and_named",
    "T04": "F120 F121 F123 notebooks/test_gate.py::test_what_papermill_takes_for_success_is_refused",
    "T05": "F36 F79 F89",
    "T06": "notebooks/test_gate.py::test_what_papermill_takes_for_success_is_refused"
    " notebooks/test_gate.py::test_every_check_has_its_case",
    "T07": "F74 F92 whole/test_rehearsal_run.py::test_the_second_bundles_ledger_begins_with_the_firsts",
    "T08": "F82 unit/test_chain.py::test_when_the_clock_goes_back_the_time_repeats_and_the_clock_is_kept",
    "T09": "F124 whole/test_order_and_faults.py::test_an_empty_log_is_inconclusive_never_a_pass",
    "T10": "F106",
    "T11": "F139-F144",
    "T12": "P07 pages/test_pages.py::test_hostile_text_stays_text"
    " pages/test_looks.py::test_pages_open_from_disk_without_a_request_or_a_word_on_the_console",
    "T13": "pages/test_workpapers.py::test_each_opening_of_a_formula_gets_an_apostrophe"
    " pages/test_workpapers.py::test_nothing_in_it_is_a_formula_a_link_or_a_macro_and_no_text_could_become_one",
    "T14": "F70 properties/test_canonical_text.py::test_canonical_text_reads_back_and_is_stable"
    " edges/test_opening.py::test_any_table_that_is_written_is_read_back"
    " edges/test_source.py::test_an_identifier_of_a_mebibyte_is_none",
    "T15": "spec/test_sampling.py::test_rows_keys_leaves_and_buckets_are_the_norms"
    " spec/test_sampling.py::test_a_refused_population_has_no_digest",
    "T16": "edges/test_source.py::test_hostile_identifiers_are_frozen_and_fetched"
    " edges/test_opening.py::test_hostile_column_names_are_names"
    " edges/test_servers.py::test_hostile_values_and_names_of_columns_are_values_and_names",
    "T17": "whole/test_leaks.py::test_no_identifier_is_met_by_trying_it_against_the_digests_of_a_client",
    "T18": "F103 F104",
    "T19": "whole/test_leaks.py::test_two_recipients_have_no_pseudonym_in_common",
    "T20": "F03-F22 F60-F62 bundles/test_fuzz.py::test_many_seeds bundles/test_must_fail.py::test_the_script_alone_refuses_it",
    "T21": "F40 F43-F53 U01",
    "T22": "bundles/test_terminal.py::test_nothing_printed_can_steer_a_terminal",
    "T23": "house/test_locks.py::test_every_entry_of_a_lock_is_one_version_with_hashes"
    " house/test_bootstrap.py::test_an_altered_package_is_refused",
    "T24": "F38 F40 F98",
    "T25": "notebooks/test_kernels.py::test_the_environment_is_the_fixed_list_and_what_was_given"
    " notebooks/test_kernels.py::test_the_kernel_stands_alone_and_unreadable_to_others"
    " notebooks/test_kernels.py::test_a_daemon_does_not_outlive_its_kernel"
    " edges/test_collector.py::test_the_collectors_memory_and_environment_are_closed_to_its_own_user"
    " edges/test_collector.py::test_what_a_kernel_may_not_ask_is_refused_and_noted",
    "T26": "whole/test_leaks.py::test_nobody_else_may_read_what_a_run_leaves edges/test_collector.py::test_the_door_is_its_owners_alone",
    "T27": "edges/test_vault.py::test_nothing_secret_lies_in_clear_and_nobody_else_can_read"
    " whole/test_keys_and_stamps.py::test_no_key_and_no_way_to_it_lies_in_what_was_written"
    " whole/test_rehearsal_run.py::test_no_secret_stands_in_anything_that_a_run_wrote"
    " whole/test_leaks.py::test_no_value_stands_in_a_bundle_its_zip_or_anything_beside_it",
    "T28": "F101 F102",
    "X01": "notebooks/test_kernels.py::test_a_failure_is_told_by_cell_and_type_within_seconds"
    " notebooks/test_gate.py::test_a_kernel_that_died_is_an_error_and_no_run_that_counts",
    "X02": "notebooks/test_kernels.py::test_a_failure_is_told_by_cell_and_type_within_seconds",
    "X03": "whole/test_order_and_faults.py::test_a_full_disk_says_so_and_leaves_nothing_half_written"
    " edges/test_ledger_file.py::test_a_full_disk_gives_the_reserve_to_the_last_entry"
    " edges/test_ledger_file.py::test_a_disk_that_stays_full_leaves_no_partial_line",
    "X04": "whole/test_servers.py::test_a_server_that_dies_while_it_is_read_seals_nothing",
    "X05": "edges/test_servers.py::test_a_query_that_takes_too_long_is_stopped_by_the_server"
    " edges/test_servers.py::test_what_is_too_slow_or_dropped_meanwhile_does_not_stop_the_rest",
    "X06": "edges/test_ledger_file.py::test_a_clock_that_goes_back_does_not_take_the_ledger_back",
    "X07": "whole/test_order_and_faults.py::test_a_second_run_in_the_same_folder_is_refused_at_once"
    " edges/test_ledger_file.py::test_two_processes_never_write_over_each_other",
    "X08": "edges/test_cli_processes.py::test_a_signal_ends_a_command_with_its_status"
    " edges/test_cli_processes.py::test_run_interrupted_leaves_no_process_and_no_bundle",
    "X09": "edges/test_ledger_file.py::test_a_ledger_cut_anywhere_resumes_from_its_last_whole_line"
    " edges/test_vault.py::test_a_list_that_cannot_be_written_leaves_the_old_one"
    " edges/test_steps.py::test_a_process_that_ended_after_the_freeze_is_taken_up_by_the_next",
    "X10": "edges/test_opening.py::test_a_torn_csv_is_refused_by_its_line"
    " edges/test_opening.py::test_a_torn_json_line_is_refused_by_its_line"
    " whole/test_order_and_faults.py::test_a_dirty_row_is_an_error_with_its_name",
    "X11": "edges/test_source.py::test_a_later_process_sees_only_what_really_changed"
    " edges/test_steps.py::test_rows_that_changed_between_freeze_and_commitment_are_frozen_again",
    "X12": "edges/test_servers.py::test_a_table_the_role_may_not_read_is_named"
    " edges/test_servers.py::test_a_table_of_which_the_role_may_read_a_part_is_not_read_in_part"
    " edges/test_servers.py::test_a_policy_that_hides_rows_is_not_taken_for_a_short_log"
    " edges/test_servers.py::test_what_the_role_may_not_read_is_named_and_the_rest_is_read",
    "X13": "whole/test_order_and_faults.py::test_an_outputs_folder_that_cannot_be_written_is_found_before_anything_starts",
    "X14": "edges/test_ledger_file.py::test_two_processes_never_write_over_each_other",
    "X15": "notebooks/test_gate.py::test_a_template_edited_while_it_runs_is_refused",
    "X16": "house/test_bootstrap.py::test_set_up_turned_off_names_package_found_and_wanted",
    "X17": "notebooks/test_kernels.py::test_a_server_that_is_lost_is_replaced_by_a_cold_kernel"
    " notebooks/test_kernels.py::test_a_server_with_a_second_thread_does_not_fork"
    " notebooks/test_kernels.py::test_cold_and_warm_kernels_write_the_same",
    "X18": "whole/test_order_and_faults.py::test_an_engagement_without_keys_says_how_to_make_them"
    " whole/test_keys_and_stamps.py::test_the_key_is_tried_before_any_work"
    " whole/test_keys_and_stamps.py::test_seal_finishes_alone_and_runs_nothing_again",
    "X19": "edges/test_unsealed.py::test_a_signature_of_another_key_does_not_pass_the_bags_own_verifier",
}
CASES = {one.id for one in (*MUTATIONS, *ACCEPTED, *UNDECIDED)}


def cases(word: str) -> list[str]:
    """The ids of one word: `F43`, or every one of `F43-F53`."""
    first, _, last = word.partition("-")
    if not last:
        return [first]
    return [f"{first[0]}{number:02d}" for number in range(int(first[1:]), int(last[1:]) + 1)]


@cache
def functions(file: str) -> frozenset[str]:
    """The tests of a file, read and not imported."""
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def test_every_line_of_the_norm_is_here() -> None:
    assert mutations is not None
    listed = re.findall(r"^\| ([TX]\d\d)", NORM, flags=re.MULTILINE)
    assert listed == list(SHOWN)


@pytest.mark.parametrize("threat", SHOWN)
def test_what_shows_it_exists(threat: str) -> None:
    words = SHOWN[threat].split()
    assert words
    for word in words:
        file, found, name = word.partition("::")
        if found:
            assert name in functions(file), word
        else:
            assert set(cases(word)) <= CASES, word


def test_the_cases_that_the_norm_names_are_here() -> None:
    for line in NORM.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 6 and cells[1][:1] == "T":
            named = {
                one
                for word in re.findall(r"\b[FPU]\d+(?:–[FPU]?\d+)?", cells[5])
                for one in cases(word.replace("–", "-"))
            }
            here = {one for word in SHOWN[cells[1][:3]].split() if "::" not in word for one in cases(word)}
            assert named <= here, cells[1]
