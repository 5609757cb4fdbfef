"""Networks of neurons that learn together."""
