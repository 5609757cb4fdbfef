"""Recurrent layers over whole sequences: the plain network, the GRU and the LSTM, in layers and in both directions.

Layer l reads what layer l - 1 wrote; with ``bidirectional`` each layer runs once forwards and once backwards and writes
both side by side. The equations stand beside ``functional.rnn``, ``gru`` and ``lstm``; names and layout of the weights
are PyTorch's (``weight_ih_l0``, ``weight_hh_l0_reverse``, ...).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite.contracts import flag, integer, number, rng, word
from nnlite.nn import init
from nnlite.nn.module import Module, Parameter, check_shape, shape_of
from nnlite.random import generator
from nnlite.tensor import Tensor

_NONLINEARITY = word("tanh", "relu")
_CELL = dict(input_size=integer(1), hidden_size=integer(1), bias=flag, rng=rng)
_LAYERS = dict(**_CELL, num_layers=integer(1), batch_first=flag, dropout=number(0, 1), bidirectional=flag)


class Recurrent(Module):
    """What :class:`RNN`, :class:`GRU` and :class:`LSTM` share: layers, directions, and the order of the axes.

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, rng
        As :class:`LSTM` describes them.
    """

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
        self.input_size, self.hidden_size, self.num_layers, self.bias = input_size, hidden_size, num_layers, bias
        self.batch_first, self.dropout, self.bidirectional = batch_first, dropout, bidirectional
        rng = generator(rng)
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
        name, batch = type(self).__name__, "N T I" if self.batch_first else "T N I"
        shape = check_shape(x, f"{name}: x", batch, "T I", I=self.input_size)
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

    Parameters
    ----------
    input_size, hidden_size : int
        The lengths of the vectors that go in at each step, and of the state.
    num_layers : int
        How many layers there are; each reads the states of the one before.
    nonlinearity : {"tanh", "relu"}
        What is applied to each net.
    bias : bool
        Whether there are biases.
    batch_first : bool
        Whether sequences are (N, T, I) in place of (T, N, I); states are (layers * directions, N, H) either way.
    dropout : float
        The probability, from 0 to 1, with which the input of each layer but the first is silenced in training.
    bidirectional : bool
        Whether each layer also reads the sequence backwards.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> output, h = nn.RNN(3, 4, num_layers=2, rng=0)(np.ones((5, 2, 3)))
    >>> output.shape, h.shape
    ((5, 2, 4), (2, 2, 4))
    """

    takes = dict(**_LAYERS, nonlinearity=_NONLINEARITY)

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
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, rng)
        self.nonlinearity = nonlinearity

    def _run(self, x: Tensor, first: tuple[Any, ...], weights: list[Any]) -> tuple[Tensor, tuple[Tensor, ...]]:
        h = F.rnn(x, first[0], *weights, self.nonlinearity)
        return h, (h[-1],)


class GRU(Recurrent):
    """The gated recurrent unit (Cho et al. 2014).

    Parameters
    ----------
    input_size, hidden_size : int
        The lengths of the vectors that go in at each step, and of the state.
    num_layers : int
        How many layers there are; each reads the states of the one before.
    bias : bool
        Whether there are biases.
    batch_first : bool
        Whether sequences are (N, T, I) in place of (T, N, I); states are (layers * directions, N, H) either way.
    dropout : float
        The probability, from 0 to 1, with which the input of each layer but the first is silenced in training.
    bidirectional : bool
        Whether each layer also reads the sequence backwards.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> output, h = nn.GRU(3, 4, bidirectional=True, rng=0)(np.ones((5, 2, 3)))
    >>> output.shape, h.shape
    ((5, 2, 8), (2, 2, 4))
    """

    gates, takes = 3, _LAYERS

    def _run(self, x: Tensor, first: tuple[Any, ...], weights: list[Any]) -> tuple[Tensor, tuple[Tensor, ...]]:
        h = F.gru(x, first[0], *weights)
        return h, (h[-1],)


class LSTM(Recurrent):
    """The long short-term memory (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 1999).

    Parameters
    ----------
    input_size, hidden_size : int
        The lengths of the vectors that go in at each step, and of the state.
    num_layers : int
        How many layers there are; each reads the states of the one before.
    bias : bool
        Whether there are biases.
    batch_first : bool
        Whether sequences are (N, T, I) in place of (T, N, I); states are (layers * directions, N, H) either way.
    dropout : float
        The probability, from 0 to 1, with which the input of each layer but the first is silenced in training.
    bidirectional : bool
        Whether each layer also reads the sequence backwards.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> output, (h, c) = nn.LSTM(3, 4, batch_first=True, rng=0)(np.ones((2, 5, 3)))
    >>> output.shape, h.shape, c.shape
    ((2, 5, 4), (1, 2, 4), (1, 2, 4))
    """

    gates, takes = 4, _LAYERS
    states = ("h0", "c0")

    def _run(self, x: Tensor, first: tuple[Any, ...], weights: list[Any]) -> tuple[Tensor, tuple[Tensor, ...]]:
        both = F.lstm(x, *first, *weights)  # (2, T, N, H): the states h and the cells c
        return both[0], (both[0, -1], both[1, -1])


class Cell(Module):
    """What :class:`RNNCell`, :class:`GRUCell` and :class:`LSTMCell` share: one step, whose loop is yours to write.

    Parameters
    ----------
    input_size, hidden_size, bias, rng
        As :class:`LSTMCell` describes them.
    """

    gates = 1

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, rng: Any = None) -> None:
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rng = generator(rng)
        for weight, shape in _shapes(self.gates, input_size, hidden_size, bias).items():
            setattr(self, weight, Parameter(init.fan_in_uniform(shape, hidden_size, rng)))

    def _step(self, function: Any, x: Any, states: tuple[Any, ...], *options: Any) -> Tensor:
        """Run `function` over the one step `x` (N, I) or (I,); all states stand on an axis of length 1 for the time."""
        name = type(self).__name__
        shape = check_shape(x, f"{name}: x", "N I", "I", I=self.input_size)
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

    Parameters
    ----------
    input_size, hidden_size : int
        The lengths of the input's vectors and of the state.
    bias : bool
        Whether there are biases.
    nonlinearity : {"tanh", "relu"}
        What is applied to each net.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.RNNCell(3, 4, rng=0)(np.ones((2, 3))).shape
    (2, 4)
    """

    takes = dict(**_CELL, nonlinearity=_NONLINEARITY)

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", rng: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, rng)
        self.nonlinearity = nonlinearity

    def forward(self, x: Any, h: Any = None) -> Tensor:
        """Map `x` (N, input_size) and the state `h` (N, hidden_size), 0 by default, to the next state."""
        return self._step(F.rnn, x, (h,), self.nonlinearity)[0]


class GRUCell(Cell):
    """One step of :class:`GRU`.

    Parameters
    ----------
    input_size, hidden_size : int
        The lengths of the input's vectors and of the state.
    bias : bool
        Whether there are biases.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.GRUCell(3, 4, rng=0)(np.ones((2, 3))).shape
    (2, 4)
    """

    gates, takes = 3, _CELL

    def forward(self, x: Any, h: Any = None) -> Tensor:
        """Map `x` (N, input_size) and the state `h` (N, hidden_size), 0 by default, to the next state."""
        return self._step(F.gru, x, (h,))[0]


class LSTMCell(Cell):
    """One step of :class:`LSTM`.

    Parameters
    ----------
    input_size, hidden_size : int
        The lengths of the input's vectors and of the state.
    bias : bool
        Whether there are biases.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> h, c = nn.LSTMCell(3, 4, rng=0)(np.ones((2, 3)))
    >>> h.shape, c.shape
    ((2, 4), (2, 4))
    """

    gates, takes = 4, _CELL

    def forward(self, x: Any, state: Any = None) -> tuple[Tensor, Tensor]:
        """Map `x` (N, input_size) and the pair (h, c), each (N, hidden_size) and 0 by default, to the next pair."""
        if state is not None and not (isinstance(state, tuple | list) and len(state) == 2):
            raise TypeError(f"LSTMCell: state is a {type(state).__name__}, expected a pair (h, c)")
        both = self._step(F.lstm, x, (None, None) if state is None else tuple(state))
        return both[0, 0], both[1, 0]
