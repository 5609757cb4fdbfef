"""For each lesson: inputs to try mutants of its exercises on, and why some survive (see ../mutants.py)."""
