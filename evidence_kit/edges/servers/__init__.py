"""Sources that live in a server: their addresses, what each kind says differently, and the copy of their tables."""
