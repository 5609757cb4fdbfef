"""hypothesis's strategies under their own names, made when a check first draws from them.

So the exercises can be read, for their hints or their statement, without loading hypothesis.

>>> from nnlite.course.checks import strategies as st
>>> st.integers(0, 9)
integers(0, 9)
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


class Strategy:
    """A strategy that is not made yet.

    Parameters
    ----------
    make : function
        What makes it.
    args : tuple
        The arguments it is made from, strategies among them that are not made yet either.
    options : dict
        The same, by name.
    """

    def __init__(self, make: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> None:
        self.make, self.args, self.options = make, args, options

    def __repr__(self) -> str:
        given = [repr(value) for value in self.args] + [f"{name}={value!r}" for name, value in self.options.items()]
        return f"{self.make.__name__}({', '.join(given)})"

    @functools.cached_property
    def made(self) -> Any:
        """hypothesis's own strategy."""
        options = {name: made(value) for name, value in self.options.items()}
        return self.make(*map(made, self.args), **options)


def made(value: Any) -> Any:
    """Return hypothesis's strategy for one of ours, and anything else as it is."""
    return value.made if isinstance(value, Strategy) else value


def __getattr__(name: str) -> Any:
    """Return a function that writes down a call of hypothesis's function of that name."""
    if name.startswith("_"):
        raise AttributeError(name)

    def make(*args: Any, **options: Any) -> Any:
        from hypothesis import strategies

        return getattr(strategies, name)(*args, **options)

    make.__name__ = name
    return lambda *args, **options: Strategy(make, args, options)


def composite(function: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a function of `draw` into a strategy, as ``hypothesis.strategies.composite`` does."""

    @functools.wraps(function)
    def make(*args: Any, **options: Any) -> Any:
        from hypothesis import strategies

        @strategies.composite
        @functools.wraps(function)
        def drawing(draw: Any, *args: Any, **options: Any) -> Any:
            return function(lambda strategy: draw(made(strategy)), *args, **options)

        return drawing(*args, **options)

    @functools.wraps(function)
    def described(*args: Any, **options: Any) -> Strategy:
        return Strategy(make, args, options)

    return described
