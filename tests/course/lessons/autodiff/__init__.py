"""Lesson 06: what the mutants of each exercise are tried on, and why some survive."""
