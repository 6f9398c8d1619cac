"""Notebooks: checked before they run, run in kernels of their own, judged by the gate, made neutral for the bundle.

Source: docs/norm/notebook-gate.
"""

import sys

# jsonschema looks for this package to check one kind of address, and compiles its grammar for a second in every process
# that imports a notebook library. No notebook format uses that kind.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
