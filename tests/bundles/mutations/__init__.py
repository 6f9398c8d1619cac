"""One function per line of the must-fail table (docs/norm/verifier.md, section 4), one module per family of checks."""

from importlib import import_module

from tests.bundles.mutations.registry import MUTATIONS, Mutation

__all__ = ["MUTATIONS", "Mutation"]

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
    "notebooks",
    "html_pages",
    "derived",
)
for family in FAMILIES:
    import_module(f"{__name__}.{family}")
