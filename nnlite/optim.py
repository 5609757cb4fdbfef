"""Optimizers: how weights follow their gradients downhill; schedules: how long the steps are.

    SGD      v <- mu v + g                                   w <- w - lr v                    (Polyak 1964)
    Adam     m <- b1 m + (1-b1) g,  v <- b2 v + (1-b2) g^2   w <- w - lr m' / (sqrt(v') + eps)  (Kingma and Ba 2014)
    AdamW    as Adam, with the weights decayed beside the gradient, not in it   (Loshchilov and Hutter 2017)
    Muon     m <- mu m + (1-mu) g,  w <- w - lr orthogonalize(m)                (Jordan et al. 2024)

m' and v' are m and v divided by 1 - b1^t and 1 - b2^t, which undoes their start at zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from nnlite.arguments import Array, integer, number
from nnlite.registry import exercise
from nnlite.tensor import Tensor


class Optimizer:
    """What all optimizers share: the list of parameters, the learning rate, ``zero_grad`` and the state.

    Raises
    ------
    TypeError, ValueError
        If the parameters are not Tensors, or there are none.
    """

    def __init__(self, params: Iterable[Tensor], lr: float) -> None:
        name = type(self).__name__
        if isinstance(params, Tensor):
            raise TypeError(f"{name}: params is a Tensor, expected an iterable of Tensors such as model.parameters()")
        self.params = list(params)
        if not self.params:
            raise ValueError(f"{name}: params is empty, expected at least one Tensor")
        for i, p in enumerate(self.params):
            if not isinstance(p, Tensor):
                raise TypeError(f"{name}: params[{i}] is a {type(p).__name__}, expected a Tensor")
            if p.node is not None:
                raise ValueError(f"{name}: params[{i}] was computed by {p.node.name!r}, expected a leaf")
        self.lr = number(lr, f"{name}: lr", low=0)
        self.steps = 0
        self.state: list[dict[str, Array]] = [{} for _ in self.params]

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for p in self.params:
            p.grad = None

    def step(self) -> None:
        """Change every parameter that has a gradient."""
        self.steps += 1
        for p, state in zip(self.params, self.state):
            if p.grad is not None:
                self._update(p, p.grad, state)
                p.version += 1

    def _update(self, p: Tensor, grad: Array, state: dict[str, Array]) -> None:
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """Return copies of the moments, the number of steps and the learning rate."""
        state = [{key: value.copy() for key, value in s.items()} for s in self.state]
        return {"lr": self.lr, "steps": self.steps, "state": state}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Take over what :meth:`state_dict` returned; shapes are checked before anything is changed."""
        if len(saved["state"]) != len(self.params):
            raise ValueError(f"load_state_dict: state of {len(saved['state'])} parameters, expected {len(self.params)}")
        for i, (p, s) in enumerate(zip(self.params, saved["state"])):
            for key, value in s.items():
                if np.shape(value) not in {p.shape, ()}:
                    raise ValueError(
                        f"load_state_dict: {key} of parameter {i} has shape {np.shape(value)}, expected {p.shape}"
                    )
        self.state = [{key: np.array(value) for key, value in s.items()} for s in saved["state"]]
        self.lr, self.steps = float(saved["lr"]), int(saved["steps"])

    def __repr__(self) -> str:
        return f"{type(self).__name__}(lr={self.lr:g}, {len(self.params)} parameters, {self.steps} steps)"


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if asked for.

    Examples
    --------
    >>> w = Tensor([1.0], requires_grad=True)
    >>> o = SGD([w], lr=0.1)
    >>> (w * w).sum().backward(); o.step(); w
    Tensor([0.8], requires_grad)
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(params, lr)
        self.momentum = number(momentum, "SGD: momentum", low=0)
        self.weight_decay = number(weight_decay, "SGD: weight_decay", low=0)
        if nesterov and momentum == 0:
            raise ValueError("SGD: nesterov is True and momentum 0, expected a momentum > 0")
        self.nesterov = nesterov

    def _update(self, p: Tensor, grad: Array, state: dict[str, Array]) -> None:
        if self.weight_decay:
            grad = grad + self.weight_decay * p.data
        if self.momentum:
            if "momentum_buffer" not in state:
                state["momentum_buffer"] = grad.copy()
            else:
                state["momentum_buffer"] *= self.momentum
                state["momentum_buffer"] += grad
            v = state["momentum_buffer"]
            grad = grad + self.momentum * v if self.nesterov else v
        p.data -= self.lr * grad


@exercise("optim.adam_step", compiled="optimizers.adam")
def adam_step(
    w: Array,
    grad: Array,
    m: Array,
    v: Array,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    l2: float,
    decay: float,
    correction1: float,
    correction2: float,
) -> Array:
    """Take one step of Adam in place.

    Parameters
    ----------
    w, grad, m, v
        Weights, their gradient, and its first and second moments, all of one shape; `w`, `m`, `v` are changed.
    lr, beta1, beta2, eps
        As in the paper.
    l2
        Weight decay inside the gradient (Adam).
    decay
        Weight decay beside it (AdamW).
    correction1, correction2
        ``1 - beta1 ** t`` and ``1 - beta2 ** t``.

    Returns
    -------
    numpy.ndarray
        The changed `w`.

    References
    ----------
    Kingma and Ba 2014, algorithm 1; Loshchilov and Hutter 2017, algorithm 2.

    Examples
    --------
    >>> w, m, v = np.ones(1), np.zeros(1), np.zeros(1)
    >>> adam_step(w, np.ones(1), m, v, 0.1, 0.9, 0.999, 1e-8, 0, 0, 0.1, 0.001).round(3)
    array([0.9])
    """
    g = grad + l2 * w
    m += (1 - beta1) * (g - m)
    v += (1 - beta2) * (g * g - v)
    w *= 1 - lr * decay
    w -= (lr / correction1) * m / (np.sqrt(v) / math.sqrt(correction2) + eps)
    return w


class Adam(Optimizer):
    """Adaptive moments: each weight has its own step length.

    Examples
    --------
    >>> w = Tensor([1.0], requires_grad=True)
    >>> o = Adam([w], lr=0.1)
    >>> (w * w).sum().backward(); o.step(); w
    Tensor([0.9], requires_grad)
    """

    decoupled = False

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr)
        name = type(self).__name__
        self.betas = number(betas[0], f"{name}: betas[0]", low=0), number(betas[1], f"{name}: betas[1]", low=0)
        if max(self.betas) >= 1:
            raise ValueError(f"{name}: betas is {betas}, expected numbers below 1")
        self.eps = number(eps, f"{name}: eps", low=0)
        self.weight_decay = number(weight_decay, f"{name}: weight_decay", low=0)

    def _update(self, p: Tensor, grad: Array, state: dict[str, Array]) -> None:
        if not state:
            state["step"] = np.zeros(())
            state["exp_avg"], state["exp_avg_sq"] = np.zeros_like(p.data), np.zeros_like(p.data)
        state["step"] += 1
        beta1, beta2 = self.betas
        t = float(state["step"])
        l2, decay = (0.0, self.weight_decay) if self.decoupled else (self.weight_decay, 0.0)
        adam_step.run(
            p.data, grad, state["exp_avg"], state["exp_avg_sq"], self.lr, beta1, beta2, self.eps, l2, decay,
            1 - beta1**t, 1 - beta2**t,
        )  # fmt: skip


class AdamW(Adam):
    """Adam with decoupled weight decay, .01 by default.

    Examples
    --------
    >>> AdamW([Tensor([1.0], requires_grad=True)], lr=0.1)
    AdamW(lr=0.1, 1 parameters, 0 steps)
    """

    decoupled = True

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)


@exercise("optim.orthogonalize")
def orthogonalize(G: Array, steps: int = 5) -> Array:
    """Return about the nearest orthogonal matrix to G: its singular values are all moved to between 0.7 and 1.2.

    Newton-Schulz iteration, X <- a X + (b A + c A^2) X with A = X X^T, which changes every singular value s to
    a s + b s^3 + c s^5 and needs nothing but products of matrices.

    Parameters
    ----------
    G
        (M, N), float.
    steps
        Of the iteration.

    Returns
    -------
    numpy.ndarray
        (M, N), of the dtype of G.

    References
    ----------
    Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks".

    Examples
    --------
    >>> G = np.random.default_rng(0).normal(size=(3, 20))
    >>> Q = orthogonalize(G)
    >>> bool((abs(np.linalg.svd(Q)[1] - 1) < 0.35).all())
    True
    """
    tall = G.shape[0] > G.shape[1]
    X = G.T if tall else G
    X = X / (np.linalg.norm(X) + 1e-7)
    for _ in range(steps):
        A = X @ X.T
        X = 3.4445 * X + (-4.7750 * A + 2.0315 * (A @ A)) @ X
    return X.T if tall else X


class Muon(Adam):
    """Momentum whose step is made orthogonal, for matrices; everything else goes the way of Adam.

    A gradient is often dominated by a few directions. Where the step of a matrix is orthogonal all directions learn at
    one pace; small Transformers then need about half the steps.

    Parameters
    ----------
    params
        The Tensors to change: those with two axes by Muon, the others by Adam.
    lr
        Of Adam.
    matrix_lr
        The length of a matrix's step in every direction, times sqrt(max(1, rows / columns)). A schedule changes both
        learning rates in proportion.
    momentum
        The decay of the average of gradients, Nesterov's way.
    betas, eps
        Of Adam.

    References
    ----------
    Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks".

    Examples
    --------
    >>> w = Tensor(np.eye(2, dtype=np.float32), requires_grad=True)
    >>> o = Muon([w], matrix_lr=0.1)
    >>> (w * w).sum().backward(); o.step(); bool(w.data[0, 0] < 1)
    True
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 2e-3,
        matrix_lr: float = 2e-2,
        momentum: float = 0.95,
        betas: tuple[float, float] = (0.9, 0.99),
        eps: float = 1e-8,
    ) -> None:
        super().__init__(params, lr, betas, eps)
        if not self.lr:
            raise ValueError("Muon: lr is 0, expected a number > 0")
        self.share = number(matrix_lr, "Muon: matrix_lr", low=0) / self.lr
        self.momentum = number(momentum, "Muon: momentum", low=0, high=1)

    def _update(self, p: Tensor, grad: Array, state: dict[str, Array]) -> None:
        if p.ndim != 2:
            super()._update(p, grad, state)
            return
        m = state.setdefault("momentum_buffer", np.zeros_like(p.data))
        m += (1 - self.momentum) * (grad - m)
        step = orthogonalize.run(grad + self.momentum * (m - grad))
        p.data -= self.lr * self.share * math.sqrt(max(1.0, p.shape[0] / p.shape[1])) * step


class Schedule:
    """A learning rate that depends on the step: ``lr(t) = factor(t) * the optimizer's lr at the start``.

    Call ``step()`` after each ``optimizer.step()``.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(self).__name__}: optimizer is a {type(optimizer).__name__}, expected an Optimizer")
        self.optimizer = optimizer
        self.base_lr = optimizer.lr
        self.t = 0
        optimizer.lr = self.base_lr * self.factor(0)

    def factor(self, t: int) -> float:
        """Return what the learning rate is multiplied with at step `t`."""
        raise NotImplementedError

    def step(self) -> None:
        """Go one step further."""
        self.t += 1
        self.optimizer.lr = self.base_lr * self.factor(self.t)

    def state_dict(self) -> dict[str, Any]:
        """Return the step and the base learning rate."""
        return {"t": self.t, "base_lr": self.base_lr}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Take over what :meth:`state_dict` returned."""
        self.t, self.base_lr = int(saved["t"]), float(saved["base_lr"])
        self.optimizer.lr = self.base_lr * self.factor(self.t)


class CosineSchedule(Schedule):
    """Warm up linearly, then fall along half a cosine to ``final`` times the learning rate.

    Parameters
    ----------
    optimizer
        Whose learning rate is changed.
    total_steps
        When the fall ends; afterwards the rate stays.
    warmup_steps
        The length of the rise.
    final
        The fraction of the learning rate at the end.

    References
    ----------
    Loshchilov and Hutter 2016, "SGDR", equation 5; warm-up: Goyal et al. 2017.

    Examples
    --------
    >>> o = SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = CosineSchedule(o, total_steps=2)
    >>> s.step(); round(o.lr, 3)
    0.5
    """

    def __init__(self, optimizer: Optimizer, total_steps: int, warmup_steps: int = 0, final: float = 0.0) -> None:
        self.total_steps = integer(total_steps, "CosineSchedule: total_steps", low=1)
        self.warmup_steps = integer(warmup_steps, "CosineSchedule: warmup_steps", low=0, high=total_steps)
        self.final = number(final, "CosineSchedule: final", low=0, high=1)
        super().__init__(optimizer)

    def factor(self, t: int) -> float:
        """Return the fraction of the learning rate at step `t`."""
        if t < self.warmup_steps:
            return (t + 1) / self.warmup_steps
        done = min((t - self.warmup_steps) / max(self.total_steps - self.warmup_steps, 1), 1.0)
        return self.final + (1 - self.final) * 0.5 * (1 + math.cos(math.pi * done))


class WarmupSchedule(Schedule):
    """Rise linearly over ``warmup_steps`` steps, then stay.

    Examples
    --------
    >>> o = SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = WarmupSchedule(o, 4); o.lr
    0.25
    """

    def __init__(self, optimizer: Optimizer, warmup_steps: int) -> None:
        self.warmup_steps = integer(warmup_steps, "WarmupSchedule: warmup_steps", low=1)
        super().__init__(optimizer)

    def factor(self, t: int) -> float:
        """Return the fraction of the learning rate at step `t`."""
        return min((t + 1) / self.warmup_steps, 1.0)


def clip_grad_norm_(params: Iterable[Tensor], max_norm: float) -> float:
    """Scale all gradients together so that their norm is at most `max_norm`; return the norm before.

    Raises
    ------
    ValueError
        If `max_norm` is negative.

    References
    ----------
    Pascanu, Mikolov, Bengio 2012, "On the difficulty of training recurrent neural networks".

    Examples
    --------
    >>> w = Tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> clip_grad_norm_([w], 1.0)
    10.0
    """
    max_norm = number(max_norm, "clip_grad_norm_: max_norm", low=0)
    grads = [p.grad for p in params if p.grad is not None]
    norm = math.sqrt(math.fsum(float(np.vdot(g, g)) for g in grads))
    if norm > max_norm:
        scale = max_norm / (norm + 1e-6)
        for g in grads:
            g *= scale
    return norm
