"""What a function takes, said once: a contract names, for each argument, its kind, its shape and its range.

::

    takes = dict(X=floats("N>0 D>0"), w=floats("D"), y=signs("N"), learning_rate=above(0))

A shape is written in words. A name is a length, the same wherever it appears; ``...`` stands for any leading axes,
again the same everywhere; ``*`` for any leading axes, whatever others have; ``4H`` is a multiple, ``N>0`` is not
empty, a number is itself; several strings are alternatives. Arguments are looked at in the order of the dictionary.
What does not fit is refused before anything is computed or changed, by a message that names the argument, what was
given and what was expected::

    perceptron.loss: w has shape (3,), expected (2,): D = 2 as in X (4, 2) (with_bias adds the bias column)

Shapes that fitted once are remembered, so that a call that is repeated costs no more than looking them up.
"""

from __future__ import annotations

import copy
import functools
import inspect
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from nnlite import arguments
from nnlite.arguments import Array
from nnlite.random import checked_seed

_REMEMBERED = 512  # so many sets of shapes for each contract


class Shape:
    """One way an array may be shaped, such as ``"N D"``, ``"... 4H"`` or ``"N>0 1"``.

    Parameters
    ----------
    words : str
        The axes from the first to the last, with spaces between.
    """

    def __init__(self, words: str) -> None:
        self.axes = [_Axis(word) for word in words.split()]
        self.dots = next((i for i, axis in enumerate(self.axes) if axis.name in {"...", "*"}), None)

    def fit(self, shape: tuple[int, ...], known: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return what the names stand for if `shape` is of this kind and agrees with what is known, else None."""
        bound = dict(known)
        axes = self.axes
        if self.dots is not None:
            more = len(shape) - (len(axes) - 1)
            if more < 0:
                return None
            group = shape[self.dots : self.dots + more]
            if axes[self.dots].name == "..." and bound.setdefault("...", group) != group:
                return None
            axes = axes[: self.dots] + axes[self.dots + 1 :]
            shape = shape[: self.dots] + shape[self.dots + more :]
        if len(shape) != len(axes):
            return None
        return bound if all(axis.fits(n, bound) for axis, n in zip(axes, shape)) else None

    def lengths(self, known: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the lengths as far as they are known, and the names of the others."""
        found: list[Any] = []
        for axis in self.axes:
            if axis.name == "...":
                found += known.get("...", ("...",))
            elif axis.name == "*":
                found.append("...")
            else:
                found.append(axis.length(known))
        return tuple(found)

    def shown(self, known: Mapping[str, Any]) -> str:
        """Return the shape as it stands in a message."""
        lengths = self.lengths(known)
        return f"({', '.join(map(str, lengths))}{',' * (len(lengths) == 1)})"

    def conditions(self, known: Mapping[str, Any]) -> list[str]:
        """Return the names of lengths that are not known yet and have a bound, as ``"N > 0"``."""
        return [f"{axis.name} > {axis.above}" for axis in self.axes if axis.above >= 0 and axis.name not in known]


class _Axis:
    """One word of a shape: a name, a multiple of it, a number, ``...`` or ``*``."""

    def __init__(self, word: str) -> None:
        found = re.fullmatch(r"(\.\.\.|\*)|(\d*)([A-Za-z_]\w*)?(?:>(\d+))?", word)
        if not word or found is None:
            raise ValueError(f"contract: {word!r} is no word of a shape, expected one such as N, 4H, N>0, 1, ... or *")
        self.name = found[1] or found[3] or ""
        self.times = int(found[2]) if found[2] else 1
        self.above = int(found[4]) if found[4] else -1

    def fits(self, n: int, bound: dict[str, Any]) -> bool:
        if not self.name:
            return n == self.times
        if n % self.times or n // self.times <= self.above:
            return False
        return bound.setdefault(self.name, n // self.times) == n // self.times

    def length(self, known: Mapping[str, Any]) -> Any:
        if not self.name:
            return self.times
        if self.name in known:
            return self.times * known[self.name]
        return f"{self.times if self.times > 1 else ''}{self.name}"


class Kind:
    """What one argument may be. The words below make them, such as ``floats("N D")`` and ``word("mean", "sum")``.

    ``kind | None`` also takes None; a ``kind`` with ``missing=`` puts something in its place.
    """

    shapes: tuple[Shape, ...] = ()  # of an array
    broadcasts: Shape | None = None  # to which it broadcasts
    optional = False
    #: what stands for None: (a function, the names of the arguments and lengths that it is called with)
    missing: tuple[Any, ...] | None = None
    letter: str = ""  # under which an option's value can stand in a shape
    hint: str = ""
    is_input = False  # whether it may want a gradient

    def __or__(self, none: None) -> Any:
        kind = copy.copy(self)
        kind.optional = True
        return kind

    def convert(self, value: Any, name: str) -> Any:
        """Return the value as the function wants it, or raise."""
        return value

    def take(self, value: Any, name: str) -> Any:
        """Return what :meth:`convert` makes of it, or None where that is allowed."""
        return None if value is None and self.optional else self.convert(value, name)

    finite = False

    def examine(self, array: Any, name: str, known: Mapping[str, Any]) -> Any:
        """Raise unless the values of an array whose shape fits are allowed; return them as the function wants them."""
        return arguments.all_finite(array, name) if self.finite else array


class _Arrays(Kind):
    """Arrays of one of these shapes (any, if none is named), or that broadcast to one.

    Parameters
    ----------
    *shapes : str
        The shapes, one of which the array must have; any, if none is named.
    broadcasts : str
        The shape to which the array must broadcast instead.
    hint : str
        What ends the message about a shape that does not fit.
    missing : tuple, optional
        What stands for None: a function, and the names of what it is called with.
    finite : bool
        Whether NaN and infinity are refused.
    """

    follows = False
    own_dtype = True

    def __init__(
        self,
        *shapes: str,
        broadcasts: str = "",
        hint: str = "",
        missing: tuple[Any, ...] | None = None,
        finite: bool = False,
    ) -> None:
        self.shapes = tuple(map(Shape, shapes))
        self.broadcasts = Shape(broadcasts) if broadcasts else None
        self.hint = hint
        self.missing = missing
        self.finite = finite


class given(_Arrays):
    """An input of a differentiable function: an array already.

    Parameters
    ----------
    *shapes : str
        The shapes, one of which the array must have; any, if none is named.
    broadcasts, hint, missing, finite
        As for :class:`reals`.
    """

    is_input = True


class several(given):
    """Inputs of a differentiable function that come as one list or tuple.

    Parameters
    ----------
    *shapes : str
        The shapes, one of which each array must have; any, if none is named.
    broadcasts, hint, missing, finite
        As for :class:`reals`.
    """


class anything(Kind):
    """Whatever it is: it is not checked here; a function beside the formula does.

    Parameters
    ----------
    maybe_input : bool
        Whether it may be a Tensor that wants a gradient.
    changed : bool
        Whether it is an array that the function writes into.
    """

    def __init__(self, maybe_input: bool = False, changed: bool = False) -> None:
        self.maybe_input = maybe_input
        self.changed = changed


class floats(_Arrays):
    """Real numbers, as floats. All floats of a contract get their common dtype.

    Parameters
    ----------
    *shapes : str
        The shapes, one of which the array must have; any, if none is named.
    follows : bool
        Whether it is cast to the common dtype, straight from what it came in, without influencing it.
    own_dtype : bool
        Whether it keeps its dtype.
    **more
        As for :class:`reals`.
    """

    def __init__(self, *shapes: str, follows: bool = False, own_dtype: bool = False, **more: Any) -> None:
        super().__init__(*shapes, **more)
        self.follows = follows
        self.own_dtype = own_dtype

    def convert(self, value: Any, name: str) -> Array:
        """Return an array of floats."""
        if type(value) is np.ndarray and value.dtype.kind == "f" and value.dtype.isnative:
            return value
        return arguments.real_array(value, name) if self.follows else arguments.float_array(value, name)


class reals(_Arrays):
    """Real numbers in the dtype they come in; floats that come in a list take that of the first input.

    Parameters
    ----------
    *shapes : str
        The shapes, one of which the array must have; any, if none is named.
    broadcasts : str
        The shape to which the array must broadcast instead.
    hint : str
        What ends the message about a shape that does not fit.
    missing : tuple, optional
        What stands for None: a function, and the names of what it is called with.
    finite : bool
        Whether NaN and infinity are refused.
    """

    def convert(self, value: Any, name: str) -> Array:
        """Return an array of real numbers."""
        return arguments.numeric_array(value, name)


class signs(floats):
    """Labels -1 and +1, in the common dtype of the floats; a single one becomes an int.

    Parameters
    ----------
    *shapes : str
        The shapes, one of which the array must have; any, if none is named.
    booleans : bool
        Whether True and False are numbers too.
    **more
        As for :class:`reals`.
    """

    allowed = (-1, 1)
    words = "-1 and +1"

    def __init__(self, *shapes: str, booleans: bool = True) -> None:
        super().__init__(*shapes, follows=True)
        self.booleans = booleans

    def convert(self, value: Any, name: str) -> Array:
        """Return an array of real numbers."""
        array = super().convert(value, name)
        if array.dtype.kind == "b" and not self.booleans:
            raise TypeError(f"{name} has dtype bool, expected labels {self.words}")
        return array

    def examine(self, array: Array, name: str, known: Mapping[str, Any]) -> Any:
        """Raise unless all are one of the two."""
        super().examine(array, name, known)
        low, high = self.allowed
        arguments.all_right((array == low) | (array == high), array, name, f"labels {self.words} only")
        return array if array.ndim else int(array)


class bits(signs):
    """Labels 0 and 1, in the common dtype of the floats.

    Parameters
    ----------
    *shapes : str
        The shapes, one of which the array must have; any, if none is named.
    booleans : bool
        Whether True and False are numbers too.
    **more
        As for :class:`reals`.
    """

    allowed = (0, 1)
    words = "0 and 1"


class integers(_Arrays):
    """Integers from `low` to below `below`; a single one becomes an int where the contract speaks of its shape.

    Parameters
    ----------
    *shapes : str
        The shapes, one of which the array must have; any, if none is named.
    low : int, optional
        The smallest; None for any.
    below : int or str, optional
        What all lie below: a number, or the name of a length.
    as_rows : bool
        Whether a single row becomes a matrix of one row.
    **more
        As for :class:`reals`.
    """

    def __init__(
        self, *shapes: str, low: int | None = 0, below: Any = None, as_rows: bool = False, **more: Any
    ) -> None:
        super().__init__(*shapes, **more)
        self.low = low
        self.below = below
        self.as_rows = as_rows

    def convert(self, value: Any, name: str) -> Array:
        """Return an array of integers."""
        return arguments.integer_array(value, name)

    def examine(self, array: Array, name: str, known: Mapping[str, Any]) -> Any:
        """Raise unless all lie in the range."""
        super().examine(array, name, known)
        below = known.get(self.below) if isinstance(self.below, str) else self.below
        if self.low is not None or below is not None:
            arguments.integer_array(array, name, low=self.low, high=below)
        if self.as_rows:
            return np.atleast_2d(array)
        return int(array) if self.shapes and not array.ndim else array


class classes(_Arrays):
    """The classes of points, numbers or words, as NumPy holds them.

    Parameters
    ----------
    *shapes : str
        The shapes, one of which the array must have; any, if none is named.
    broadcasts : str
        The shape to which the array must broadcast instead.
    hint : str
        What ends the message about a shape that does not fit.
    missing : tuple, optional
        What stands for None: a function, and the names of what it is called with.
    finite : bool
        Whether NaN and infinity are refused.
    """

    def convert(self, value: Any, name: str) -> Array:
        """Return an array."""
        array = arguments.any_array(value, name)
        if not array.ndim:
            raise TypeError(f"{name} is {value!r}, expected a list or an array of classes")
        return array


class number(Kind):
    """A finite number within bounds.

    Parameters
    ----------
    low, high : float, optional
        The smallest and the largest number.
    above, below : float, optional
        The numbers that it must lie above and below.
    infinite : bool
        Whether inf is a number too.
    """

    def __init__(
        self,
        low: float | None = None,
        high: float | None = None,
        *,
        above: float | None = None,
        below: float | None = None,
        infinite: bool = False,
    ) -> None:
        self.low, self.high, self.above, self.below = low, high, above, below
        self.infinite = infinite

    def convert(self, value: Any, name: str) -> float:
        """Return a float."""
        if self.infinite and isinstance(value, float | np.floating) and value == np.inf:
            return float(value)
        found = arguments.number(value, name, low=self.low, high=self.high)
        if self.above is not None and found <= self.above:
            raise ValueError(f"{name} is {value}, expected a number > {self.above}")
        if self.below is not None and found >= self.below:
            raise ValueError(f"{name} is {value}, expected a number below {self.below}")
        return found


def above(bound: float) -> number:
    """A finite number above `bound`.

    Examples
    --------
    >>> from nnlite.contracts import above
    >>> above(0).convert(0.5, "fit: lr")
    0.5
    """
    return number(above=bound)


class scalar(number):
    """A finite number, or an array without axes that holds one.

    Parameters
    ----------
    low, high : float, optional
        The smallest and the largest number.
    above, below : float, optional
        The numbers that it must lie above and below.
    infinite : bool
        Whether inf is a number too.
    """

    def convert(self, value: Any, name: str) -> float:
        """Return a float."""
        if isinstance(value, np.ndarray):
            value = arguments.real_array(value, name, ndim=0).item()
        return super().convert(value, name)


class integer(Kind):
    """An integer from `low` to `high`.

    Parameters
    ----------
    low, high : int, optional
        The smallest and the largest.
    letter : str
        The name under which shapes can speak of it.
    """

    def __init__(self, low: int | None = None, high: int | None = None, letter: str = "") -> None:
        self.low, self.high, self.letter = low, high, letter

    def convert(self, value: Any, name: str) -> int:
        """Return an int."""
        return arguments.integer(value, name, low=self.low, high=self.high)


class _Flag(Kind):
    """True or False."""

    def convert(self, value: Any, name: str) -> bool:
        return arguments.boolean(value, name)


class _Generator(Kind):
    """A source of randomness: a generator, a seed or None. It is passed on as it came."""

    def convert(self, value: Any, name: str) -> Any:
        if value is not None and not isinstance(value, np.random.Generator):
            checked_seed(value, name)
        return value


flag = _Flag()
rng = _Generator()


class word(Kind):
    """One of these words.

    Parameters
    ----------
    *allowed : str
        The words.
    """

    def __init__(self, *allowed: str) -> None:
        self.allowed = allowed

    def convert(self, value: Any, name: str) -> str:
        """Return the word."""
        return arguments.one_of(value, name, self.allowed)


class pair(Kind):
    """One integer >= `low`, or `count` of them; always `count` of them for the function, unless `kept` as it came.

    Parameters
    ----------
    low : int
        The smallest integer.
    count : int
        How many there are.
    kept : bool
        Whether the function gets what was given.
    """

    def __init__(self, low: int, count: int = 2, kept: bool = False) -> None:
        self.low, self.count, self.kept = low, count, kept

    def convert(self, value: Any, name: str) -> Any:
        """Return a tuple of ints, or what was given."""
        found = arguments.several(value, name, self.low, self.count)
        return value if self.kept else found


class tuple_of(Kind):
    """A list or tuple of values of one kind, `count` of them; without a count, anything that can be listed.

    Parameters
    ----------
    kind : Kind
        What each of them may be.
    count : int, optional
        How many there must be.
    """

    def __init__(self, kind: Kind, count: int | None = None) -> None:
        self.kind, self.count = kind, count

    def convert(self, value: Any, name: str) -> tuple[Any, ...]:
        """Return a tuple."""
        if self.count is not None and not (isinstance(value, tuple | list) and len(value) == self.count):
            raise TypeError(f"{name} is {value!r}, expected {('no', 'one', 'two', 'three')[self.count]} numbers")
        if not isinstance(value, Iterable) or isinstance(value, str) or getattr(value, "shape", None) == ():
            raise TypeError(f"{name} is {value!r}, expected a list")
        items = list(value)
        try:
            return tuple([self.kind.take(item, name) for item in items])
        except (TypeError, ValueError):  # once more, to say which: names for all would cost more than the checks
            return tuple([self.kind.take(item, f"{name}[{i}]") for i, item in enumerate(items)])


class real_dtype(Kind):
    """A dtype of real numbers, or its name."""

    def convert(self, value: Any, name: str) -> np.dtype[Any]:
        """Return NumPy's dtype."""
        try:
            found = np.dtype(value)
        except TypeError:
            found = None
        if value is None or found is None or found.kind not in "fiub":
            raise TypeError(f"{name} is {value!r}, expected one of real numbers such as 'float32'")
        return found


class instance(Kind):
    """An object of a class, which a message calls `called`, such as ``instance(Optimizer, "an Optimizer")``.

    Parameters
    ----------
    kind : type
        The class.
    called : str
        What a message calls an object of it.
    """

    def __init__(self, kind: type, called: str) -> None:
        self.kind, self.called = kind, called

    def convert(self, value: Any, name: str) -> Any:
        """Return the object."""
        if not isinstance(value, self.kind):
            raise TypeError(f"{name} is a {type(value).__name__}, expected {self.called}")
        return value


class integer_tuple(Kind):
    """One integer >= `low`, or any number of them; always a tuple for the function.

    Parameters
    ----------
    low : int, optional
        The smallest integer.
    letter : str
        The name under which shapes can speak of it.
    """

    def __init__(self, low: int | None = None, letter: str = "") -> None:
        self.low, self.letter = low, letter

    def convert(self, value: Any, name: str) -> tuple[int, ...]:
        """Return a tuple of ints."""
        items = value if isinstance(value, tuple | list) else (value,)
        return tuple([arguments.integer(item, name, low=self.low) for item in items])


class axis(Kind):
    """One axis of the array `of`, counted from the end if negative; passed on as it came.

    Parameters
    ----------
    of : str
        The name of the array.
    """

    look = staticmethod(arguments.axis)

    def __init__(self, of: str = "x") -> None:
        self.of = of


class axes(axis):
    """An axis of the array `of`, several, or None for all; passed on as they came.

    Parameters
    ----------
    of : str
        The name of the array.
    """

    optional = True
    look = staticmethod(arguments.axes)  # type: ignore[assignment]


class function(Kind):
    """A function of the user's."""

    def convert(self, value: Any, name: str) -> Callable[..., Any]:
        """Return it, so wrapped that what it calls checks its arguments wherever it is called from."""
        if not callable(value):
            raise TypeError(f"{name} is a {type(value).__name__}, expected a function")
        return distrusting(value)


class _Here(threading.local):
    """Whether this thread is inside code whose arguments were checked where they came in."""

    trusted = False


_here = _Here()


def trusted() -> bool:
    """Say whether this thread is inside code whose arguments were checked where they came in."""
    return _here.trusted


def run_unchecked(target: Callable[..., Any], values: Sequence[Any]) -> Any:
    """Return ``target(*values)``, while functions with a contract take what they are given.

    The mark is set and taken back in this frame, by nothing that a Ctrl-C could come between.
    """
    before, _here.trusted = _here.trusted, True
    try:
        return target(*values)
    finally:
        _here.trusted = before


def unchecked(target: Callable[..., Any]) -> Callable[..., Any]:
    """Return `target` so that functions with a contract, called in it, take what they are given: it checks by itself.

    The body of every registered function runs like this, so that a formula can call another one by its name, and
    pay for no check. What stands for None at the door must be given here.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.contracts import unchecked
    >>> from nnlite.models import neuron
    >>> double = unchecked(lambda w, x: 2 * neuron.net(w, x))
    >>> double(np.ones(2), np.ones(2))
    np.float64(4.0)
    """

    @functools.wraps(target)
    def trusting(*args: Any, **kwargs: Any) -> Any:
        before, _here.trusted = _here.trusted, True
        try:
            return target(*args, **kwargs)
        finally:
            _here.trusted = before

    return trusting


def trust_ours(target: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of nnlite as it is, and one of a user's so that everything it calls checks its arguments."""
    return target if str(getattr(target, "__module__", "")).startswith("nnlite.") else distrusting(target)


def distrusting(target: Callable[..., Any]) -> Callable[..., Any]:
    """Return `target`, a function from outside, so wrapped that everything it calls checks its arguments."""

    @functools.wraps(target)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        before, _here.trusted = _here.trusted, False
        try:
            return target(*args, **kwargs)
        finally:
            _here.trusted = before

    return wrapped


class Signature:
    """The parameters of a function, to bring the arguments of a call into their order, defaults filled in.

    Parameters
    ----------
    target : function
        Whose parameters they are; none may be variadic.
    optional : sequence of str
        Names that may be left out although the function has no default for them: None stands for them.
    """

    def __init__(self, target: Callable[..., Any], optional: Sequence[str] = ()) -> None:
        parameters = list(inspect.signature(target).parameters.values())
        empty = inspect.Parameter.empty
        self.names = [p.name for p in parameters]
        self.positional = sum(p.kind is not p.KEYWORD_ONLY for p in parameters)
        self.defaults = [None if p.name in optional and p.default is empty else p.default for p in parameters]
        self.required = next((i for i, d in enumerate(self.defaults) if d is not empty), len(self.defaults))

    def complete(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
        """Return all arguments in order, or raise a ``TypeError`` for the function called `name`."""
        values = [*args, *self.defaults[len(args) :]]
        if not kwargs and self.required <= len(args) <= self.positional:
            return values
        if len(args) > self.positional:
            raise TypeError(f"{name}: {len(args)} arguments given, expected at most {self.positional}")
        for argument, value in kwargs.items():
            if argument not in self.names:
                raise TypeError(f"{name}: unknown argument {argument!r}, expected one of {', '.join(self.names)}")
            i = self.names.index(argument)
            if i < len(args):
                raise TypeError(f"{name}: argument {argument!r} is given twice")
            values[i] = value
        for argument, value in zip(self.names, values):
            if value is inspect.Parameter.empty:
                raise TypeError(f"{name}: argument {argument!r} is missing")
        return values


class Contract:
    """The kinds of all arguments of a function, ready to be held against a call.

    Parameters
    ----------
    name : str
        What messages call the function.
    takes : mapping of str to Kind
        The kinds, in the order of checking; arguments that are not named are passed on as they came.
    signature : Signature
        The function's parameters. Their defaults are checked and converted here, once.
    also : function, optional
        Called with all arguments, converted, in the order of the signature: raises where they do not go together.
    """

    def __init__(
        self,
        name: str,
        takes: Mapping[str, Kind],
        signature: Signature,
        also: Callable[..., Any] | None = None,
    ) -> None:
        parameters = signature.names
        self.name = name
        self.takes = dict(takes)
        self.also = also
        unknown = [name for name in takes if name not in parameters]
        if unknown:
            raise TypeError(f"{name}: the contract names {unknown[0]!r}, expected some of {', '.join(parameters)}")
        place = {name: i for i, name in enumerate(parameters)}
        every = [(place[argument], f"{name}: {argument}", kind) for argument, kind in takes.items()]
        # What there is to do in a call, sorted out once; messages begin with the full name, "softmax: dim"
        arrays = [one for one in every if one[2].shapes or one[2].broadcasts is not None]
        self._shaped = [one for one in arrays if not isinstance(one[2], several)]
        self._converted = []
        for i, full, kind in every:
            if type(kind).convert is not Kind.convert:
                default = signature.defaults[i]
                if default is not None and default is not inspect.Parameter.empty:
                    default = signature.defaults[i] = kind.convert(default, full)
                self._converted.append((i, full, kind, default))
        self._axes = [(i, full, kind, place[kind.of]) for i, full, kind in every if isinstance(kind, axis)]
        self._lettered = [(i, kind.letter) for i, _, kind in every if kind.letter]
        self._examined = [one for one in every if one[2].finite or type(one[2]).examine is not Kind.examine]
        self._missing = [(i, kind.missing) for i, _, kind in every if kind.missing is not None]
        self._place = place
        self._floats = [i for i, _, k in every if isinstance(k, floats) and not (k.follows or k.own_dtype)]
        self._cast = [i for i, _, k in every if isinstance(k, _Arrays) and not k.own_dtype]
        self._first = next((i for i, _, kind in every if isinstance(kind, given)), None)
        self._fitted: dict[Any, dict[str, Any]] = {}
        #: whether there is anything to check
        self.checks = bool(arrays or self._converted or self._axes or also)

    def hold(self, values: list[Any]) -> list[Any]:
        """Check the arguments of a call, in the order of the signature, and convert them in place."""
        for i, name, kind, default in self._converted:
            value = values[i]
            if value is default or (value is None and (kind.optional or kind.missing is not None)):
                continue
            values[i] = converted = kind.convert(value, name)
            if type(kind) is reals and self._first is not None and not hasattr(value, "__array__"):
                values[i] = _of_dtype(converted, values[self._first].dtype)
        known = self._fit(values) if self._shaped or self._lettered else _NOTHING
        for i, name, kind, of in self._axes:
            if values[i] is not None or not kind.optional:
                kind.look(values[i], values[of].ndim, name)
        for i, (make, *names) in self._missing:
            if values[i] is None:
                values[i] = make(*[known[n] if n in known else values[self._place[n]] for n in names])
        for i, name, kind in self._examined:
            if values[i] is not None:
                values[i] = kind.examine(values[i], name, known)
        if self._floats:
            self._cast_floats(values)
        if self.also is not None:
            self.also(*values)
        return values

    def _fit(self, values: list[Any]) -> dict[str, Any]:
        """What the names in the shapes stand for in this call."""
        key = tuple([None if values[i] is None else values[i].shape for i, _, _ in self._shaped])
        if self._lettered:
            key += tuple([values[i] for i, _ in self._lettered])
        known = self._fitted.get(key)
        if known is None:
            known = self._compared(values)
            if len(self._fitted) >= _REMEMBERED:
                self._fitted.pop(next(iter(self._fitted)), None)  # the oldest
            self._fitted[key] = known
        return known

    def _compared(self, values: list[Any]) -> dict[str, Any]:
        """Hold one array after the other against its shapes, with what is known from those before it."""
        known: dict[str, Any] = {letter: values[i] for i, letter in self._lettered}
        source: dict[str, str] = {kind.letter: name for name, kind in self.takes.items() if kind.letter}
        for i, full, kind in self._shaped:
            if values[i] is None:
                continue
            shape = values[i].shape
            if kind.broadcasts is not None:
                lengths, why = kind.broadcasts.lengths(known), _reasons((kind.broadcasts,), known, source)
                arguments.fits(values[i], full, lengths, why)
                continue
            bound = next((b for b in (s.fit(shape, known) for s in kind.shapes) if b is not None), None)
            if bound is None:
                raise ValueError(f"{full} has shape {shape}, expected {_wanted(kind, known, source)}")
            for letter in bound.keys() - known.keys():
                source[letter] = f"{full.removeprefix(f'{self.name}: ')} {shape}"
            known = bound
        return known

    def _cast_floats(self, values: list[Any]) -> None:
        arrays = [values[i] for i in self._floats if values[i] is not None]
        dtype = arrays[0].dtype
        if any(array.dtype != dtype for array in arrays):
            dtype = np.result_type(*arrays)
        for i in self._cast:
            value = values[i]
            if isinstance(value, np.ndarray) and value.dtype != dtype:
                values[i] = value.astype(dtype)


_NOTHING: dict[str, Any] = {}


def _of_dtype(array: Array, dtype: Any) -> Array:
    if array.dtype.kind != "f" or dtype.kind != "f":
        return array
    with np.errstate(over="ignore"):  # what is too large is infinite
        return array.astype(dtype)


def _wanted(kind: Kind, known: dict[str, Any], source: dict[str, str]) -> str:
    """What a message says was expected: the shapes, and where the lengths in them are known from."""
    ways = list(dict.fromkeys(s.shown(known) for s in kind.shapes))
    conditions = list(dict.fromkeys(condition for s in kind.shapes for condition in s.conditions(known)))
    expected = " or ".join(ways) + (f" with {' and '.join(conditions)}" if conditions else "")
    hint = f" ({kind.hint})" if kind.hint else ""
    return f"{expected}{_reasons(kind.shapes, known, source)}{hint}"


def _reasons(shapes: Sequence[Shape], known: dict[str, Any], source: dict[str, str]) -> str:
    """Where the lengths in the shapes are known from, as a message says it."""
    names = {axis.name for s in shapes for axis in s.axes}
    argument, _, shape = source.get("...", "").partition(" ")
    if names == {"..."} and shape == str(known.get("...")):
        return f", the shape of {argument}"
    told = [name for name in known if name in names and name in source and known[name] != ()]
    return ": " * bool(told) + ", ".join(f"{name} = {known[name]} as in {source[name]}" for name in told)


def takes(name: str, /, *, also: Callable[..., Any] | None = None, **kinds: Kind) -> Callable[[Any], Any]:
    """Put a contract at the door of a plain function, which messages call `name`.

    Examples
    --------
    >>> from nnlite.contracts import integer, takes
    >>> @takes("staircase", steps=integer(1))
    ... def staircase(steps=3):
    ...     return list(range(steps))
    >>> staircase(2)
    [0, 1]
    >>> staircase(0)
    Traceback (most recent call last):
    ValueError: staircase: steps is 0, expected a number >= 1
    """

    def decorate(target: Callable[..., Any]) -> Callable[..., Any]:
        signature = Signature(target)
        contract = Contract(name, kinds, signature, also)
        count, by_name = signature.positional, signature.names[signature.positional :]

        @functools.wraps(target)
        def checked(*args: Any, **kwargs: Any) -> Any:
            values = signature.complete(name, args, kwargs)
            if not _here.trusted:
                contract.hold(values)
            return target(*values[:count], **dict(zip(by_name, values[count:]))) if by_name else target(*values)

        checked.contract = contract  # type: ignore[attr-defined]
        return checked

    return decorate


class Checked:
    """A class whose constructor has a contract: each subclass says in the attribute `takes` what its own one takes.

    Messages begin with the name of the class that is made. A subclass that writes a constructor and no `takes` is left
    alone.

    Examples
    --------
    >>> from nnlite.contracts import Checked, integer
    >>> class Staircase(Checked):
    ...     takes = dict(steps=integer(1))
    ...     def __init__(self, steps=3):
    ...         self.steps = steps
    >>> Staircase(0)
    Traceback (most recent call last):
    ValueError: Staircase: steps is 0, expected a number >= 1
    """

    takes: Mapping[str, Kind] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        table = vars(cls).get("takes")  # a user's class may mean something else by the word
        if isinstance(table, Mapping) and all(isinstance(kind, Kind) for kind in table.values()):
            setattr(cls, "__init__", _constructor(cls))  # noqa: B010 (mypy forbids the assignment)


def _constructor(cls: Any) -> Callable[..., None]:
    """The constructor of `cls`, with its contract at the door; one that is inherited is freed of its own contract."""
    plain = getattr(cls.__init__, "plain", cls.__init__)
    signature = Signature(plain.__get__(cls))  # bound, so that the parameters are those after self
    contracts = {cls.__name__: Contract(cls.__name__, cls.takes, signature)}

    @functools.wraps(plain)
    def constructor(self: Any, *args: Any, **kwargs: Any) -> None:
        name = type(self).__name__
        if name not in contracts:  # a subclass without a constructor of its own
            contracts[name] = Contract(name, cls.takes, signature)
        values = contracts[name].hold(signature.complete(name, args, kwargs))
        plain(self, **dict(zip(signature.names, values)))

    constructor.plain = plain  # type: ignore[attr-defined]
    return constructor
