"""Training: what is fed to the network, and what is kept of it."""

import numpy as np
import pytest

from nnlite.data import cats
from nnlite.data.cats import caption
from nnlite.diffusion import TextToImage, train
from nnlite.diffusion.train import NoisyBatches, captions_of


def small():
    return TextToImage.small(size=8, dim=16, depth=1, text_dim=16, rng=0)


@pytest.fixture(scope="module")
def data():
    pictures, shown = cats.draw_many(20, 8, 0)
    return pictures, [caption(cat, 0) for cat in shown]


def test_batches_hold_what_the_process_says(data):
    pipeline = small()
    pictures, captions = data
    tokens = pipeline.tokenizer(captions)
    (nothing,) = pipeline.tokenizer("")
    rng = np.random.default_rng(0)
    batches = NoisyBatches(pipeline.process, pictures, 100, 16, rng, captions_of(tokens, nothing, 0.25, rng))
    dropped = []
    for x, t, said, target in batches:
        x0 = x - t[:, None, None, None] * target
        known = np.abs(x0[:, None] - pictures[None]).max((2, 3, 4))
        assert (known.min(1) < 1e-5).all()
        empty = (said == nothing).all(1)
        assert (said[~empty] == tokens[known.argmin(1)][~empty]).all()
        dropped.append(empty.mean())
    assert len(batches) == 100 and 0.2 < np.mean(dropped) < 0.3


def test_training_lowers_the_loss_and_is_repeatable(data):
    results = []
    for _ in range(2):
        pipeline = small()
        history = train(pipeline, *data, steps=40, batch_size=8, rng=0, verbose=False)
        results.append(pipeline("a red cat", steps=2, rng=0).array)
    assert np.mean(history.loss[-5:]) < 0.7 * np.mean(history.loss[:5])
    assert pipeline.history is history and len(history.loss) == 40
    np.testing.assert_array_equal(*results)


def test_bad_input_is_named(data):
    pictures, captions = data
    with pytest.raises(ValueError, match="captions has length 3 and pictures 20, expected one caption per picture"):
        train(small(), pictures, captions[:3])
    with pytest.raises(ValueError, match="finite"):
        train(small(), pictures * np.nan, captions)
    with pytest.raises(ValueError, match="drop is 2"):
        train(small(), pictures, captions, drop=2)


def test_the_network_ends_with_the_average_of_its_weights():
    """With a decay of 0 the average is the last weights, else it is not: catches a training that keeps the last."""
    from nnlite import nn
    from nnlite.diffusion.train import fit_average

    network = nn.Linear(2, 2, rng=0)
    rng = np.random.default_rng(0)
    batches = [(rng.normal(size=(4, 2)).astype("f"), rng.normal(size=(4, 2)).astype("f")) for _ in range(6)]
    ends = {}
    for decay in (0.0, 0.9):
        network.load_state_dict(nn.Linear(2, 2, rng=0).state_dict())
        fit_average(network, batches, lr=0.1, decay=decay, warmup=1, verbose=False)
        ends[decay] = network.weight.data.copy()
    assert np.abs(ends[0.9] - ends[0.0]).max() > 1e-2
