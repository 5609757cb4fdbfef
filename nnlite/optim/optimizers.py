"""Optimizers: how weights follow their gradients downhill.

    SGD      v <- mu v + g                                   w <- w - lr v                    (Polyak 1964)
    Adagrad  s <- s + g^2                                    w <- w - lr g / (sqrt(s) + eps)  (Duchi et al. 2011)
    RMSprop  s <- a s + (1-a) g^2                            w <- w - lr g / (sqrt(s) + eps)  (Tieleman, Hinton 2012)
    Adam     m <- b1 m + (1-b1) g,  v <- b2 v + (1-b2) g^2   w <- w - lr m' / (sqrt(v') + eps)  (Kingma and Ba 2014)
    AdamW    as Adam, with the weights decayed beside the gradient, not in it   (Loshchilov and Hutter 2017)
    NAdam    as Adam, with the momentum of the next step in the place of this one's     (Dozat 2016)
    RAdam    as Adam, which divides by sqrt(v') only when it has seen enough of v       (Liu et al. 2019)

m' and v' are m and v divided by 1 - b1^t and 1 - b2^t, which undoes their start at zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from nnlite.arguments import Array, refuse_unlike
from nnlite.contracts import Kind, flag, number, tuple_of
from nnlite.optim.momentum import momentum_step
from nnlite.optim.optimizer import Optimizer
from nnlite.registry import exercise
from nnlite.tensor import Tensor

BETAS = tuple_of(number(0, below=1), 2)

#: the options of Adam and of those that follow it
ADAM = dict(lr=number(0), betas=BETAS, eps=number(0), weight_decay=number(0), decoupled_weight_decay=flag)


def _count_step(state: dict[str, Any]) -> float:
    """Count one step more, and return how many there are now."""
    step = state["step"]
    step[...] = float(step) + 1  # ten times as fast as += on an array without axes
    return float(step)


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if asked for.

    Parameters
    ----------
    params : iterable of Tensor, or iterable of dict
        Tensors, or groups of them; see :class:`~nnlite.optim.optimizer.Optimizer`.
    lr : float
        The learning rate.
    momentum, dampening : float
        ``v <- momentum v + (1 - dampening) g``; the first v is g.
    weight_decay : float
        Times the weights, added to the gradient.
    nesterov : bool
        Whether to look ahead, w <- w - lr (g + momentum v) (Nesterov 1983).
    maximize : bool
        Whether to climb: the gradient counts with the opposite sign.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> w = Tensor([1.0], requires_grad=True)
    >>> o = optim.SGD([w], lr=0.1)
    >>> (w * w).sum().backward(); o.step(); w
    Tensor([0.8], requires_grad)
    """

    options = dict(lr=number(0), momentum=number(0), dampening=number(), weight_decay=number(0), nesterov=flag)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        options = dict(lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, nesterov=nesterov)
        super().__init__(params, dict(**options, maximize=maximize))

    def _agree(self, options: dict[str, Any]) -> None:
        if options["nesterov"] and (options["momentum"] == 0 or options["dampening"] != 0):
            raise ValueError(
                f"SGD: nesterov is True, momentum {options['momentum']:g} and dampening {options['dampening']:g}, "
                "expected a momentum > 0 and dampening 0"
            )

    def _update(self, p: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        if group["weight_decay"]:
            grad = grad + group["weight_decay"] * p.data
        if not group["momentum"]:
            p.data -= group["lr"] * grad
            return
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = np.zeros_like(p.data)
        elif group["dampening"]:
            grad = (1 - group["dampening"]) * grad
        momentum_step(p.data, grad, state["momentum_buffer"], group["lr"], group["momentum"], group["nesterov"])


class Adagrad(Optimizer):
    """Steps divided by the root of all squared gradients so far: rare features keep long steps.

    Parameters
    ----------
    params : iterable of Tensor, or iterable of dict
        Tensors, or groups of them; see :class:`~nnlite.optim.optimizer.Optimizer`.
    lr, lr_decay : float
        The learning rate of step t is ``lr / (1 + (t - 1) lr_decay)``.
    weight_decay : float
        Times the weights, added to the gradient.
    initial_accumulator_value : float
        Where the sum of squares starts.
    eps : float
        Added to the root.
    maximize : bool
        Whether to climb: the gradient counts with the opposite sign.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> w = Tensor([1.0], requires_grad=True)
    >>> o = optim.Adagrad([w], lr=0.1)
    >>> (w * w).sum().backward(); o.step(); w
    Tensor([0.9], requires_grad)
    """

    options = dict.fromkeys(["lr", "lr_decay", "weight_decay", "eps", "initial_accumulator_value"], number(0))

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        options: dict[str, Any] = dict(lr=lr, lr_decay=lr_decay, weight_decay=weight_decay, eps=eps, maximize=maximize)
        super().__init__(params, dict(**options, initial_accumulator_value=initial_accumulator_value))

    def add_param_group(self, group: Any) -> None:
        """Add parameters with their own options; the sums of squares begin at once, as in PyTorch."""
        first = len(self._like)
        super().add_param_group(group)
        start = self.param_groups[-1]["initial_accumulator_value"]
        for i, p in enumerate(self.param_groups[-1]["params"], first):
            self.state[i] = {"step": np.zeros((), np.float32), "sum": np.full(p.shape, start, p.dtype)}

    def _update(self, p: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        if group["weight_decay"]:
            grad = grad + group["weight_decay"] * p.data
        lr = group["lr"] / (1 + (_count_step(state) - 1) * group["lr_decay"])
        state["sum"] += grad * grad
        p.data -= lr * grad / (np.sqrt(state["sum"]) + group["eps"])


class RMSprop(Optimizer):
    """Steps divided by the root of a running mean of squared gradients.

    Parameters
    ----------
    params : iterable of Tensor, or iterable of dict
        Tensors, or groups of them; see :class:`~nnlite.optim.optimizer.Optimizer`.
    lr : float
        The learning rate.
    alpha : float
        How much of the running mean is kept at each step.
    eps : float
        Added to the root.
    weight_decay : float
        Times the weights, added to the gradient.
    momentum : float
        How much of the last step is added to the next.
    centered : bool
        Whether to divide by the standard deviation, the mean of the gradients being kept too (Graves 2013).
    maximize : bool
        Whether to climb: the gradient counts with the opposite sign.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> w = Tensor([1.0], requires_grad=True)
    >>> o = optim.RMSprop([w], lr=0.01)
    >>> (w * w).sum().backward(); o.step(); w
    Tensor([0.9], requires_grad)
    """

    options = dict(
        lr=number(0), alpha=number(0), eps=number(0), weight_decay=number(0), momentum=number(0), centered=flag
    )

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        options = dict(lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered)
        super().__init__(params, dict(**options, maximize=maximize))

    def _update(self, p: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        if group["weight_decay"]:
            grad = grad + group["weight_decay"] * p.data
        state.setdefault("step", np.zeros((), np.float32))
        for name, wanted in (
            ("square_avg", True),
            ("momentum_buffer", group["momentum"] > 0),
            ("grad_avg", group["centered"]),
        ):
            if wanted and name not in state:
                state[name] = np.zeros_like(p.data)
        _count_step(state)
        alpha, square = group["alpha"], state["square_avg"]
        square *= alpha
        square += (1 - alpha) * (grad * grad)
        if group["centered"]:
            mean = state["grad_avg"]
            mean += (1 - alpha) * (grad - mean)
            square = square - mean * mean
        step = grad / (np.sqrt(square) + group["eps"])
        if group["momentum"] > 0:
            v = state["momentum_buffer"]
            v *= group["momentum"]
            v += step
            step = v
        p.data -= group["lr"] * step


def _alike(w: Any, grad: Any, m: Any, v: Any, *options: Any) -> None:
    refuse_unlike("optim.adam_step", w=w, grad=grad, m=m, v=v)


_ADAM: dict[str, Kind] = dict(
    lr=number(0),
    beta1=number(0, 1),
    beta2=number(0, 1),
    eps=number(0),
    l2=number(0),
    decay=number(0),
    correction1=number(above=0),
    correction2=number(above=0),
)


@exercise("optim.adam_step", takes=_ADAM, also=_alike, compiled="optimizers.adam")
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
    """Take one step of Adam in place: the moments `m` and `v` first, then the weights `w`.

    The moments are running means of the gradient and of its square, where ``g = grad + l2 w``::

        m <- beta1 m + (1 - beta1) g            v <- beta2 v + (1 - beta2) g^2

    Both start at zero, so at step t they are too small by the factors `correction1` and `correction2`; divide by these
    first. The weights then shrink, and take a step that has nearly the same length whatever the size of the gradient::

        w <- (1 - lr decay) w                   w <- w - lr (m / correction1) / (sqrt(v / correction2) + eps)

    "In place" means that the arrays themselves change (``m *= beta1``): ``m = beta1 * m`` makes a new one.

    Parameters
    ----------
    w, grad, m, v : arrays of one shape
        The weights, their gradient, and its first and second moments; `w`, `m`, `v` are changed.
    lr, beta1, beta2, eps : float
        As in the paper.
    l2 : float
        Weight decay inside the gradient (Adam).
    decay : float
        Weight decay beside it (AdamW).
    correction1, correction2 : float
        ``1 - beta1 ** t`` and ``1 - beta2 ** t``, t = 1 at the first step.

    Returns
    -------
    numpy.ndarray
        The changed `w`.

    References
    ----------
    Kingma and Ba 2014, algorithm 1; Loshchilov and Hutter 2017, algorithm 2.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.optim import adam_step
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

    Parameters
    ----------
    params : iterable of Tensor, or iterable of dict
        Tensors, or groups of them; see :class:`~nnlite.optim.optimizer.Optimizer`.
    lr : float
        The learning rate.
    betas : (float, float)
        How much of the mean of the gradients, and of that of their squares, is kept at each step; each below 1.
    eps : float
        Added to the root.
    weight_decay : float
        Times the weights: added to the gradient, or taken off beside it if `decoupled_weight_decay`.
    amsgrad : bool
        Whether to divide by the largest mean of squares so far (Reddi, Kale, Kumar 2018).
    decoupled_weight_decay : bool
        Whether this is AdamW.
    maximize : bool
        Whether to climb: the gradient counts with the opposite sign.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> w = Tensor([1.0], requires_grad=True)
    >>> o = optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward(); o.step(); w
    Tensor([0.9], requires_grad)
    """

    options = ADAM | dict(amsgrad=flag)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        options = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize)
        super().__init__(params, dict(**options, decoupled_weight_decay=decoupled_weight_decay))

    def _update(self, p: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        adam_update(p, grad, state, group)


def adam_update(p: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
    """Take one step of Adam or AdamW with the options of `group`, beginning the state if there is none.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import Tensor
    >>> from nnlite.optim.optimizers import adam_update
    >>> w, state = Tensor([1.0]), {}
    >>> options = {"lr": 0.1, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0, "decoupled_weight_decay": True}
    >>> adam_update(w, np.ones(1, np.float32), state, {**options, "amsgrad": False}); w
    Tensor([0.9])
    """
    if not state:
        state["step"] = np.zeros((), np.float32)
        state["exp_avg"], state["exp_avg_sq"] = np.zeros_like(p.data), np.zeros_like(p.data)
    if group["amsgrad"] and "max_exp_avg_sq" not in state:
        state["max_exp_avg_sq"] = np.zeros_like(p.data)
    (beta1, beta2), t = group["betas"], _count_step(state)
    correction1, correction2 = 1 - beta1**t, 1 - beta2**t
    decay = group["weight_decay"]
    l2, decay = (0.0, decay) if group["decoupled_weight_decay"] else (decay, 0.0)
    m, v, lr, eps = state["exp_avg"], state["exp_avg_sq"], group["lr"], group["eps"]
    if not group["amsgrad"]:
        adam_step(p.data, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2)
        return
    g = grad + l2 * p.data
    m += (1 - beta1) * (g - m)
    v += (1 - beta2) * (g * g - v)
    largest = np.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
    p.data *= 1 - lr * decay
    p.data -= (lr / correction1) * m / (np.sqrt(largest) / math.sqrt(correction2) + eps)


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2017).

    Parameters
    ----------
    params : iterable of Tensor, or iterable of dict
        Tensors, or groups of them; see :class:`~nnlite.optim.optimizer.Optimizer`.
    lr : float
        The learning rate.
    betas : (float, float)
        How much of the mean of the gradients, and of that of their squares, is kept at each step; each below 1.
    eps : float
        Added to the root.
    weight_decay : float
        Times the learning rate and the weights, taken off beside the step.
    amsgrad : bool
        Whether to divide by the largest mean of squares so far (Reddi, Kale, Kumar 2018).
    maximize : bool
        Whether to climb: the gradient counts with the opposite sign.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> optim.AdamW([Tensor([1.0], requires_grad=True)], lr=0.1)
    AdamW(lr=0.1, 1 tensor)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True)


class _Moments(Optimizer):
    """What NAdam and RAdam share with Adam: running means of the gradient and of its square."""

    def _moments(self, p: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> tuple[Array, float]:
        """Decay the weights, bring the means up to date; return the gradient and the number of steps."""
        if not state:
            state["step"] = np.zeros((), np.float32)
            state["exp_avg"], state["exp_avg_sq"] = np.zeros_like(p.data), np.zeros_like(p.data)
        (beta1, beta2), decay, t = group["betas"], group["weight_decay"], _count_step(state)
        if decay and group["decoupled_weight_decay"]:
            p.data *= 1 - group["lr"] * decay
        elif decay:
            grad = grad + decay * p.data
        m, v = state["exp_avg"], state["exp_avg_sq"]
        m += (1 - beta1) * (grad - m)
        v *= beta2
        v += (1 - beta2) * (grad * grad)
        return grad, t


class NAdam(_Moments):
    """Adam that looks ahead, as Nesterov's momentum does (Dozat 2016).

    Parameters
    ----------
    params : iterable of Tensor, or iterable of dict
        Tensors, or groups of them; see :class:`~nnlite.optim.optimizer.Optimizer`.
    lr : float
        The learning rate.
    betas : (float, float)
        How much of the mean of the gradients, and of that of their squares, is kept at each step; each below 1.
    eps : float
        Added to the root.
    weight_decay : float
        Times the weights: added to the gradient, or taken off beside it if `decoupled_weight_decay`.
    momentum_decay : float
        How fast the momentum grows to its full size: ``mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2)``.
    decoupled_weight_decay : bool
        Whether the weights decay beside the gradient, as in AdamW.
    maximize : bool
        Whether to climb: the gradient counts with the opposite sign.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> w = Tensor([1.0], requires_grad=True)
    >>> o = optim.NAdam([w], lr=0.1)
    >>> (w * w).sum().backward(); o.step(); w
    Tensor([0.8944], requires_grad)
    """

    options = ADAM | dict(momentum_decay=number(0))

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        options: dict[str, Any] = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize)
        options |= dict(momentum_decay=momentum_decay, decoupled_weight_decay=decoupled_weight_decay)
        super().__init__(params, options)

    def _update(self, p: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        grad, t = self._moments(p, grad, state, group)
        (beta1, beta2), lr, decay = group["betas"], group["lr"], group["momentum_decay"]
        mu_t, mu_next = (beta1 * (1 - 0.5 * 0.96 ** (k * decay)) for k in (t, t + 1))
        mu_product = state.setdefault("mu_product", np.ones((), np.float32))
        mu_product *= mu_t
        product = float(mu_product)
        root_v = np.sqrt(state["exp_avg_sq"] / (1 - beta2**t)) + group["eps"]
        p.data -= (lr * (1 - mu_t) / (1 - product)) * grad / root_v
        p.data -= (lr * mu_next / (1 - product * mu_next)) * state["exp_avg"] / root_v


class RAdam(_Moments):
    """Adam that divides by the mean of squares only when it has seen enough of them (Liu et al. 2019, algorithm 2).

    With ``rho_inf = 2 / (1 - beta2) - 1`` and ``rho_t = rho_inf - 2 t beta2^t / (1 - beta2^t)``, how many gradients the
    mean of squares reaches over in the end and at step t, a step is

        w <- w - lr r_t m / (sqrt(v) + eps)     if rho_t > 5
        w <- w - lr m                           otherwise

    with m and v freed of their bias and ``r_t² = (rho_t - 4)(rho_t - 2) rho_inf / ((rho_inf - 4)(rho_inf - 2) rho_t)``.

    Parameters
    ----------
    params : iterable of Tensor, or iterable of dict
        Tensors, or groups of them; see :class:`~nnlite.optim.optimizer.Optimizer`.
    lr : float
        The learning rate.
    betas : (float, float)
        How much of the mean of the gradients, and of that of their squares, is kept at each step; each below 1.
    eps : float
        Added to the root.
    weight_decay : float
        Times the weights: added to the gradient, or taken off beside it if `decoupled_weight_decay`.
    decoupled_weight_decay : bool
        Whether the weights decay beside the gradient, as in AdamW.
    maximize : bool
        Whether to climb: the gradient counts with the opposite sign.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> w = Tensor([1.0], requires_grad=True)
    >>> o = optim.RAdam([w], lr=0.1)
    >>> (w * w).sum().backward(); o.step(); w
    Tensor([0.8], requires_grad)
    """

    options = ADAM

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        options: dict[str, Any] = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize)
        super().__init__(params, dict(**options, decoupled_weight_decay=decoupled_weight_decay))

    def _update(self, p: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        grad, t = self._moments(p, grad, state, group)
        beta1, beta2 = group["betas"]
        correction2 = 1 - beta2**t
        step = (group["lr"] / (1 - beta1**t)) * state["exp_avg"]
        rho_inf = 2 / (1 - beta2) - 1
        rho_t = rho_inf - 2 * t * beta2**t / correction2
        if rho_t > 5:
            r_t = math.sqrt((rho_t - 4) * (rho_t - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho_t))
            step = step * (r_t * math.sqrt(correction2) / (np.sqrt(state["exp_avg_sq"]) + group["eps"]))
        p.data -= step
