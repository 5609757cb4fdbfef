"""Classifier-free guidance: go further in the direction that the prompt makes a difference (Ho, Salimans 2022).

    guided = without + scale (with - without)

``with`` is the prediction given the prompt, ``without`` the one given the empty caption, which the network has learnt
because some captions were dropped in training. Scale 1 is no guidance. A negative prompt takes the place of the empty
caption: the step then leads away from what it names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlite import arguments
from nnlite.arguments import Array
from nnlite.contracts import floats, number
from nnlite.registry import exercise
from nnlite.tensor import no_grad

#: maps noisy pictures (N, ...) and times (N,) to a prediction (N, ...)
Predict = Callable[[Array, Array], Array]


@exercise("guidance.guide", takes=dict(with_prompt=floats("..."), without_prompt=floats("..."), scale=number(0)))
def guide(with_prompt: Array, without_prompt: Array, scale: float) -> Array:
    """Return ``without_prompt + scale (with_prompt - without_prompt)``.

    Parameters
    ----------
    with_prompt, without_prompt : numpy.ndarray, shape (...)
        Two predictions of one shape.
    scale : float
        How strongly the prompt is followed: 0 not at all, 1 as learnt, 3 to 7 for clear pictures.

    References
    ----------
    Ho, Salimans 2022, "Classifier-free diffusion guidance", equation 6, with scale = 1 + w.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.diffusion import guide
    >>> guide(np.array([2.0]), np.array([1.0]), 3.0)
    array([4.])
    """
    return without_prompt + scale * (with_prompt - without_prompt)


def guided(network: Any, prompt: Array, negative: Array, scale: float) -> Predict:
    """Return the guided prediction of `network` as a function of x and t alone.

    Parameters
    ----------
    network
        Called as ``network(x, t, tokens)``.
    prompt, negative
        Tokens (N, L): of the prompts, and of what takes the place of the empty caption.
    scale
        The guidance. With 1 the network runs once a step, otherwise on both captions in one batch.
    """
    scale = arguments.number(scale, "guidance", low=0)

    def predict(x: Array, t: Array) -> Array:
        with no_grad():
            if scale == 1:
                return network(x, t, prompt).data
            both = network(np.concatenate([x, x]), np.concatenate([t, t]), np.concatenate([prompt, negative])).data
        return guide(both[: len(x)], both[len(x) :], scale)

    return predict
