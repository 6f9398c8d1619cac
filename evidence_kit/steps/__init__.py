"""What is done, in order: freeze, commit, reveal, draw, extend, collect, accept, conclude. They alone write actions.

These run where the secrets are, in the collector; notebooks and the parent ask for them. Each step that was done once
in a run is not done again: asked a second time it answers what was found the first time.
Source: docs/norm/sampling.md (the order of events is the proof), docs/norm/bundle.md, section 4.
"""

from evidence_kit.steps.asking import keep_suites
from evidence_kit.steps.drawing import COLLECTOR, commit, draw, extend, freeze, open_draws, reveal
from evidence_kit.steps.judging import accept, collect, conclude, finding_record, stored_results
from evidence_kit.steps.opening import open_drawn

__all__ = [
    "COLLECTOR",
    "accept",
    "collect",
    "commit",
    "conclude",
    "draw",
    "extend",
    "finding_record",
    "freeze",
    "keep_suites",
    "open_drawn",
    "open_draws",
    "reveal",
    "stored_results",
]
