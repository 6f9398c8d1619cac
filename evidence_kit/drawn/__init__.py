"""Pictures and tables that notebooks show of each family of controls."""
