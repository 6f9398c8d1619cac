"""Everything that touches the world outside: engines, disk, keys."""
