"""The smallest system that draws cats: its judge, and (slowly) that it learns."""

import numpy as np
import pytest

from nnlite.data import cats
from nnlite.data.cats import WORDS
from nnlite.diffusion import attribute_accuracy, cats16, train_cats


def test_the_judge_is_always_right_about_drawn_cats():
    pictures, shown = cats.draw_many(80, 16, 3, jitter=cats16.JITTER, **cats16.CHOICES)
    for name in cats16.REGIONS:
        assert all(cats16.judge(x, cat, name) == getattr(cat, name) for x, cat in zip(pictures, shown))


def test_a_perfect_painter_scores_one_and_a_blind_one_chance():
    rng = np.random.default_rng(0)

    def perfect(prompts, **_):
        asked = np.random.default_rng(7)
        return np.stack([cats.draw(cats.sample(asked, **cats16.CHOICES), 16, jitter=0) for _ in prompts])

    assert attribute_accuracy(perfect, n=30, rng=_Replay(7, 30))["all"] == 1
    blind = attribute_accuracy(lambda p, **_: cats.draw_many(len(p), 16, rng, **cats16.CHOICES)[0], n=200, rng=0)
    assert blind["background"] == pytest.approx(1 / 8, abs=0.09) and blind["fur"] == pytest.approx(1 / 7, abs=0.09)


class _Replay(np.random.Generator):
    """A generator that draws the cats of a seed, whatever is drawn after them."""

    def __init__(self, seed, n):
        super().__init__(np.random.PCG64(seed))


@pytest.mark.slow
def test_a_minute_of_training_draws_what_is_asked():
    pipeline = train_cats(rng=0, verbose=False)
    guided = attribute_accuracy(pipeline, n=128, guidance=3, rng=0)
    free = attribute_accuracy(pipeline, n=128, guidance=1, rng=0)
    assert guided["background"] >= 0.90 and guided["fur"] >= 0.80
    assert guided["all"] >= free["all"] + 0.1
    assert pipeline(" ".join(WORDS[:20]), steps=1, rng=0).array.shape == (1, 3, 16, 16)
