"""Muon: orthogonal steps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlite import optim
from nnlite.tensor import Tensor


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 10**6), st.floats(-6, 6))
@settings(max_examples=40, deadline=None)
def test_orthogonalize_keeps_the_directions_and_moves_the_singular_values_towards_one(m, n, seed, size):
    rng = np.random.default_rng(seed)
    k = min(m, n)
    U, V = np.linalg.qr(rng.normal(size=(m, k)))[0], np.linalg.qr(rng.normal(size=(n, k)))[0]
    s = rng.uniform(0.2, 1, k)
    Q = optim.orthogonalize(10.0**size * (U * s) @ V.T)
    values = np.diag(U.T @ Q @ V)
    np.testing.assert_allclose(Q, (U * values) @ V.T, atol=1e-6)
    assert (values > 0.6).all() and (values < 1.3).all()


def test_a_step_does_not_depend_on_the_size_of_the_gradient():
    rng = np.random.default_rng(0)
    start, gradient = rng.normal(size=(2, 6, 4)).astype(np.float32)
    ends = []
    for scale in (1, 1000):
        w = Tensor(start.copy(), requires_grad=True)
        optimizer = optim.Muon([w], matrix_lr=0.1)
        w.grad = scale * gradient
        optimizer.step()
        ends.append(w.data)
    np.testing.assert_allclose(*ends, atol=1e-5)
    assert np.linalg.norm(ends[0] - start, 2) == pytest.approx(0.1 * np.sqrt(6 / 4), rel=0.3)


def test_vectors_go_the_way_of_adam_and_a_schedule_turns_both():
    vectors = [Tensor(np.ones(3, np.float32), requires_grad=True) for _ in range(2)]
    matrix = Tensor(np.eye(2, dtype=np.float32), requires_grad=True)
    optimizers = [optim.Muon([vectors[0], matrix], lr=0.01), optim.Adam([vectors[1]], lr=0.01, betas=(0.9, 0.99))]
    for _ in range(3):
        for v, o in zip(vectors, optimizers):
            v.grad = np.array([1.0, -2.0, 0.5], np.float32) * v.data
            matrix.grad = np.eye(2, dtype=np.float32)
            o.step()
    np.testing.assert_allclose(vectors[0].data, vectors[1].data)
    before = matrix.data.copy()
    optimizers[0].lr = 0.0
    optimizers[0].step()
    np.testing.assert_array_equal(matrix.data, before)


def test_it_is_torch_s_muon():
    torch = pytest.importorskip("torch")
    if not hasattr(torch.optim, "Muon"):
        pytest.skip("this torch has no Muon")
    rng = np.random.default_rng(0)
    start = rng.normal(size=(8, 5)).astype(np.float32)
    ours, theirs = Tensor(start.copy(), requires_grad=True), torch.nn.Parameter(torch.tensor(start))
    a = optim.Muon([ours], matrix_lr=0.05, momentum=0.9)
    b = torch.optim.Muon([theirs], lr=0.05, momentum=0.9, weight_decay=0.0)
    for _ in range(5):
        gradient = rng.normal(size=(8, 5)).astype(np.float32)
        ours.grad, theirs.grad = gradient, torch.tensor(gradient)
        a.step()
        b.step()
    np.testing.assert_allclose(ours.data, theirs.detach().numpy(), atol=5e-3)  # torch iterates in bfloat16


def test_bad_input_is_named():
    w = Tensor(np.eye(2, dtype=np.float32), requires_grad=True)
    with pytest.raises(ValueError, match="Muon: lr is 0"):
        optim.Muon([w], lr=0)
    with pytest.raises(ValueError, match="momentum is 2"):
        optim.Muon([w], momentum=2)
