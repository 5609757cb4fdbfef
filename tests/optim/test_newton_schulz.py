"""The iteration that makes Muon's steps orthogonal."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from samples import examples

from nnlite.optim.muon import newton_schulz


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 10**6), st.floats(-6, 6))
@examples(40)
def test_it_keeps_the_directions_and_moves_the_singular_values_towards_one(m, n, seed, size):
    """Catches a transposed product, and a start that is not scaled to the largest singular value."""
    rng = np.random.default_rng(seed)
    k = min(m, n)
    U, V = np.linalg.qr(rng.normal(size=(m, k)))[0], np.linalg.qr(rng.normal(size=(n, k)))[0]
    s = rng.uniform(0.2, 1, k)
    Q = newton_schulz(10.0**size * (U * s) @ V.T)
    values = np.diag(U.T @ Q @ V)
    np.testing.assert_allclose(Q, (U * values) @ V.T, atol=1e-6)
    assert (values > 0.6).all() and (values < 1.3).all()
