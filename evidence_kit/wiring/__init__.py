"""The stairs: the one place that knows both ports and edges. No rule of audit is decided here."""
