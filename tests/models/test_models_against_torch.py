"""The systems by hand are those of PyTorch: values, gradients and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import a_network, many_class_problem, two_class_problem

from nnlite.models import logistic, mlp, neuron, softmax_regression

torch = pytest.importorskip("torch")
seeds = st.integers(0, 10**6)


def test_sigmoid_and_its_slope_are_those_of_torch():
    x = np.random.default_rng(0).normal(size=(4, 5)) * 20
    theirs = torch.tensor(x, requires_grad=True)
    y = torch.sigmoid(theirs)
    y.sum().backward()
    assert np.allclose(neuron.sigmoid(x), y.detach().numpy(), rtol=1e-12, atol=0)
    assert np.allclose(neuron.sigmoid_derivative(x), theirs.grad.numpy(), rtol=1e-8, atol=1e-16)


@given(seeds)
def test_the_logistic_loss_and_gradient_are_those_of_pytorch(seed):
    w, X, y = two_class_problem(seed)
    theirs = torch.tensor(w, requires_grad=True)
    value = torch.nn.functional.binary_cross_entropy_with_logits(torch.tensor(X) @ theirs, torch.tensor(y))
    value.backward()
    assert logistic.loss(w, X, y) == pytest.approx(value.item(), rel=1e-12)
    np.testing.assert_allclose(logistic.gradient(w, X, y), theirs.grad.numpy(), rtol=1e-10, atol=1e-14)


@given(seeds)
def test_the_loss_and_gradient_of_softmax_regression_are_those_of_pytorch(seed):
    W, X, y = many_class_problem(seed)
    theirs = torch.tensor(W, requires_grad=True)
    value = torch.nn.functional.cross_entropy(torch.tensor(X) @ theirs.T, torch.tensor(y))
    value.backward()
    assert softmax_regression.loss(W, X, y) == pytest.approx(value.item(), rel=1e-12)
    np.testing.assert_allclose(softmax_regression.gradient(W, X, y), theirs.grad.numpy(), rtol=1e-9, atol=1e-14)


def test_the_network_is_that_of_pytorch():
    *parameters, X, dZ = a_network((5, 3, 4, 2), 0)
    theirs = [torch.tensor(p, requires_grad=True) for p in parameters]
    W1, b1, W2, b2 = theirs
    Z = torch.tanh(torch.tensor(X) @ W1.T + b1) @ W2.T + b2
    Z.backward(torch.tensor(dZ))
    ours, H = mlp.forward(*parameters, X)
    assert np.allclose(ours, Z.detach().numpy(), rtol=1e-10)
    for gradient, parameter in zip(mlp.backward(parameters[2], X, H, dZ), theirs):
        assert np.allclose(gradient, parameter.grad.numpy(), rtol=1e-8)


def test_momentum_takes_the_last_step_again():
    rng = np.random.default_rng(0)
    w, v = rng.normal(size=4), np.zeros(4)
    theirs = torch.tensor(w.copy(), requires_grad=True)
    optimizer = torch.optim.SGD([theirs], lr=0.3, momentum=0.7)
    for gradient in rng.normal(size=(5, 4)):
        w, v = mlp.update(w, gradient, v, 0.3, 0.7)
        theirs.grad = torch.tensor(gradient)
        optimizer.step()
    assert np.allclose(w, theirs.detach().numpy())
