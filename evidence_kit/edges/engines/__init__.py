"""One module per engine: an accent, a connection, and what it says differently."""
