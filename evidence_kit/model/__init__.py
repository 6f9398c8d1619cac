"""Nouns of the audit as frozen values: standard library only."""
