"""One function per line of the tables in docs/norm/verifier.md, section 4: one module per family of checks, and one
each for what must be accepted and what must be left open."""

from importlib import import_module

from tests.bundles.mutations.registry import ACCEPTED, MUTATIONS, UNDECIDED, Mutation

__all__ = ["ACCEPTED", "MUTATIONS", "UNDECIDED", "Mutation"]

#: In the order of the table; a module registers its cases when it is imported.
FAMILIES = (
    "inputs",
    "bag",
    "signature",
    "json_texts",
    "ledger",
    "catalogue",
    "draw",
    "results",
    "planted",
    "clauses",
    "notebooks",
    "html_pages",
    "derived",
    "accepted",
    "undecided",
    "compared",
)
for family in FAMILIES:
    import_module(f"{__name__}.{family}")
