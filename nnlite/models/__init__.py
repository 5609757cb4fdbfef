"""The ladder: one system, one file, readable next to its paper."""
