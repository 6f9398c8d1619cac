"""Notebooks: checked before they run, run in kernels of their own, judged by the gate, made neutral for the bundle.

Source: docs/norm/notebook-gate.
"""
