"""Recurrent layers over whole sequences: the plain network, the GRU and the LSTM, in layers and in both directions.

Layer l reads what layer l - 1 wrote; with ``bidirectional`` each layer runs once forwards and once backwards and writes
both side by side. The equations stand beside ``functional.rnn``, ``gru`` and ``lstm``; names and layout of the weights
are PyTorch's (``weight_ih_l0``, ``weight_hh_l0_reverse``, ...).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite.arguments import boolean, integer, number, one_of
from nnlite.nn import init
from nnlite.nn.module import Module, Parameter, shape_of
from nnlite.random import generator
from nnlite.tensor import Tensor

NONLINEARITIES = ("tanh", "relu")


class Recurrent(Module):
    """What :class:`RNN`, :class:`GRU` and :class:`LSTM` share: layers, directions, and the order of the axes."""

    gates = 1
    states: tuple[str, ...] = ("h0",)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        rng: Any = None,
    ) -> None:
        name = type(self).__name__
        self.input_size = integer(input_size, f"{name}: input_size", low=1)
        self.hidden_size = integer(hidden_size, f"{name}: hidden_size", low=1)
        self.num_layers = integer(num_layers, f"{name}: num_layers", low=1)
        self.bias = boolean(bias, f"{name}: bias")
        self.batch_first = boolean(batch_first, f"{name}: batch_first")
        self.dropout = number(dropout, f"{name}: dropout", low=0, high=1)
        self.bidirectional = boolean(bidirectional, f"{name}: bidirectional")
        rng = generator(rng, f"{name}: rng")
        for layer in range(num_layers):
            width = input_size if layer == 0 else hidden_size * len(self._directions())
            for direction in self._directions():
                for weight, shape in _shapes(self.gates, width, hidden_size, bias).items():
                    value = Parameter(init.fan_in_uniform(shape, hidden_size, rng))
                    setattr(self, f"{weight}_l{layer}{direction}", value)

    def _directions(self) -> tuple[str, ...]:
        return ("", "_reverse") if self.bidirectional else ("",)

    def forward(self, x: Any, state: Any = None) -> tuple[Tensor, Any]:
        """Run over a whole sequence.

        Parameters
        ----------
        x : (T, N, input_size), (N, T, input_size) with ``batch_first``, or (T, input_size)
        state : (layers * directions, N, hidden_size), optional
            The first states, 0 by default; a pair ``(h0, c0)`` for the LSTM.

        Returns
        -------
        output : (T, N, directions * hidden_size), its first axes in the order of those of `x`
            What the last layer wrote at each step.
        state : of the shape of `state`
            The last states.
        """
        name, shape = type(self).__name__, shape_of(x, f"{type(self).__name__}: x")
        if len(shape) not in {2, 3} or shape[-1] != self.input_size:
            axes = "N, T" if self.batch_first else "T, N"
            wanted = f"({axes}, {self.input_size}) or (T, {self.input_size})"
            raise ValueError(f"{name}: x has shape {shape}, expected {wanted}")
        alone = len(shape) == 2
        x = x if isinstance(x, Tensor) else Tensor(x)
        x = F.unsqueeze(x, 1) if alone else F.transpose(x, 0, 1) if self.batch_first else x  # (T, N, I)
        if x.shape[0] == 0:
            raise ValueError(f"{name}: x has shape {shape}, expected at least one step")
        states = self._first_states(state, x, alone)
        last: list[tuple[Tensor, ...]] = []
        for layer in range(self.num_layers):
            if layer > 0 and self.dropout:
                x = F.dropout(x, self.dropout, self.training)
            outputs = []
            for direction in self._directions():
                weights = [getattr(self, f"{w}_l{layer}{direction}", None) for w in _shapes(1, 1, 1, True)]
                first = tuple(s[len(last)] for s in states)
                output, final = self._run(F.flip(x, 0) if direction else x, first, weights)
                outputs.append(F.flip(output, 0) if direction else output)
                last.append(final)
            x = F.cat(outputs, -1) if len(outputs) > 1 else outputs[0]
        out = F.squeeze(x, 1) if alone else F.transpose(x, 0, 1) if self.batch_first else x
        finals = tuple(F.stack(list(s)) for s in zip(*last))
        finals = tuple(F.squeeze(s, 1) for s in finals) if alone else finals
        return out, finals if len(finals) > 1 else finals[0]

    def _first_states(self, state: Any, x: Tensor, alone: bool) -> tuple[Any, ...]:
        name, rows = type(self).__name__, self.num_layers * len(self._directions())
        wanted = (rows, self.hidden_size) if alone else (rows, x.shape[1], self.hidden_size)
        if state is None:
            zeros = np.zeros((rows, x.shape[1], self.hidden_size), x.dtype)
            return (zeros,) * len(self.states)
        given = (state,) if len(self.states) == 1 else state
        if len(self.states) > 1 and not (isinstance(given, tuple | list) and len(given) == len(self.states)):
            raise TypeError(f"{name}: state is a {type(state).__name__}, expected a pair ({', '.join(self.states)})")
        for argument, value in zip(self.states, given):
            if shape_of(value, f"{name}: {argument}") != wanted:
                raise ValueError(f"{name}: {argument} has shape {np.shape(value)}, expected {wanted}")
        return tuple(F.unsqueeze(s, 1) for s in given) if alone else tuple(given)

    def _run(self, x: Tensor, first: tuple[Any, ...], weights: list[Any]) -> tuple[Tensor, tuple[Tensor, ...]]:
        raise NotImplementedError

    def extra_repr(self) -> str:
        """Return the sizes."""
        usual = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0, "bidirectional": False}
        more = [f"{name}={getattr(self, name)}" for name, value in usual.items() if getattr(self, name) != value]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *more])


def _shapes(gates: int, inputs: int, hidden: int, bias: bool) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {"weight_ih": (gates * hidden, inputs), "weight_hh": (gates * hidden, hidden)}
    return shapes | ({"bias_ih": (gates * hidden,), "bias_hh": (gates * hidden,)} if bias else {})


class RNN(Recurrent):
    """The plain recurrent network ``h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)`` (Elman 1990).

    Examples
    --------
    >>> output, h = RNN(3, 4, num_layers=2, rng=0)(np.ones((5, 2, 3)))
    >>> output.shape, h.shape
    ((5, 2, 4), (2, 2, 4))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        rng: Any = None,
    ) -> None:
        self.nonlinearity = one_of(nonlinearity, "RNN: nonlinearity", NONLINEARITIES)
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, rng)

    def _run(self, x: Tensor, first: tuple[Any, ...], weights: list[Any]) -> tuple[Tensor, tuple[Tensor, ...]]:
        h = F.rnn(x, first[0], *weights, self.nonlinearity)
        return h, (h[-1],)


class GRU(Recurrent):
    """The gated recurrent unit (Cho et al. 2014).

    Examples
    --------
    >>> output, h = GRU(3, 4, bidirectional=True, rng=0)(np.ones((5, 2, 3)))
    >>> output.shape, h.shape
    ((5, 2, 8), (2, 2, 4))
    """

    gates = 3

    def _run(self, x: Tensor, first: tuple[Any, ...], weights: list[Any]) -> tuple[Tensor, tuple[Tensor, ...]]:
        h = F.gru(x, first[0], *weights)
        return h, (h[-1],)


class LSTM(Recurrent):
    """The long short-term memory (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 1999).

    Examples
    --------
    >>> output, (h, c) = LSTM(3, 4, batch_first=True, rng=0)(np.ones((2, 5, 3)))
    >>> output.shape, h.shape, c.shape
    ((2, 5, 4), (1, 2, 4), (1, 2, 4))
    """

    gates = 4
    states = ("h0", "c0")

    def _run(self, x: Tensor, first: tuple[Any, ...], weights: list[Any]) -> tuple[Tensor, tuple[Tensor, ...]]:
        both = F.lstm(x, *first, *weights)  # (2, T, N, H): the states h and the cells c
        return both[0], (both[0, -1], both[1, -1])


class Cell(Module):
    """What :class:`RNNCell`, :class:`GRUCell` and :class:`LSTMCell` share: one step, whose loop is yours to write."""

    gates = 1

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, rng: Any = None) -> None:
        name = type(self).__name__
        self.input_size = integer(input_size, f"{name}: input_size", low=1)
        self.hidden_size = integer(hidden_size, f"{name}: hidden_size", low=1)
        self.bias = boolean(bias, f"{name}: bias")
        rng = generator(rng, f"{name}: rng")
        for weight, shape in _shapes(self.gates, input_size, hidden_size, bias).items():
            setattr(self, weight, Parameter(init.fan_in_uniform(shape, hidden_size, rng)))

    def _step(self, function: Any, x: Any, states: tuple[Any, ...], *options: Any) -> Tensor:
        """Run `function` over the one step `x` (N, I) or (I,); all states stand on an axis of length 1 for the time."""
        name, shape = type(self).__name__, shape_of(x, f"{type(self).__name__}: x")
        if len(shape) not in {1, 2} or shape[-1] != self.input_size:
            raise ValueError(f"{name}: x has shape {shape}, expected (N, {self.input_size}) or ({self.input_size},)")
        wanted = (*shape[:-1], self.hidden_size)
        x = x if isinstance(x, Tensor) else Tensor(x)
        for argument, state in zip(("h", "c"), states):
            if state is not None and shape_of(state, f"{name}: {argument}") != wanted:
                raise ValueError(f"{name}: {argument} has shape {np.shape(state)}, expected {wanted}")
        first = [np.zeros(wanted, x.dtype) if s is None else s for s in states]
        if len(shape) == 1:
            x, first = F.unsqueeze(x, 0), [F.unsqueeze(s, 0) for s in first]
        weights = [getattr(self, w, None) for w in _shapes(1, 1, 1, True)]
        y = function(F.unsqueeze(x, 0), *first, *weights, *options)
        return F.squeeze(y, -2) if len(shape) == 1 else y

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(Cell):
    """One step of :class:`RNN`.

    Examples
    --------
    >>> RNNCell(3, 4, rng=0)(np.ones((2, 3))).shape
    (2, 4)
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", rng: Any = None
    ) -> None:
        self.nonlinearity = one_of(nonlinearity, "RNNCell: nonlinearity", NONLINEARITIES)
        super().__init__(input_size, hidden_size, bias, rng)

    def forward(self, x: Any, h: Any = None) -> Tensor:
        """Map (N, input_size) and (N, hidden_size) to the next (N, hidden_size)."""
        return self._step(F.rnn, x, (h,), self.nonlinearity)[0]


class GRUCell(Cell):
    """One step of :class:`GRU`.

    Examples
    --------
    >>> GRUCell(3, 4, rng=0)(np.ones((2, 3))).shape
    (2, 4)
    """

    gates = 3

    def forward(self, x: Any, h: Any = None) -> Tensor:
        """Map (N, input_size) and (N, hidden_size) to the next (N, hidden_size)."""
        return self._step(F.gru, x, (h,))[0]


class LSTMCell(Cell):
    """One step of :class:`LSTM`.

    Examples
    --------
    >>> h, c = LSTMCell(3, 4, rng=0)(np.ones((2, 3)))
    >>> h.shape, c.shape
    ((2, 4), (2, 4))
    """

    gates = 4

    def forward(self, x: Any, state: Any = None) -> tuple[Tensor, Tensor]:
        """Map (N, input_size) and the pair (h, c) to the next pair."""
        if state is not None and not (isinstance(state, tuple | list) and len(state) == 2):
            raise TypeError(f"LSTMCell: state is a {type(state).__name__}, expected a pair (h, c)")
        both = self._step(F.lstm, x, (None, None) if state is None else tuple(state))
        return both[0, 0], both[1, 0]
