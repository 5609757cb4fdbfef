"""How fast nnlite is, as ratios to its peers measured side by side: ``python -m benchmarks``."""
