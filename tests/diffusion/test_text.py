"""Captions to numbers to vectors."""

import warnings

import numpy as np
import pytest

from nnlite.data import cats
from nnlite.data.cats import WORDS, caption, words
from nnlite.diffusion.text import TextEncoder, Tokenizer


@pytest.mark.parametrize("name", ["vocabulary_size", "length", "dim", "heads"])
def test_no_encoder_of_size_zero(name):
    with pytest.raises(ValueError, match=f"TextEncoder: {name} is 0"):
        TextEncoder(**{"vocabulary_size": 4, "length": 4, "dim": 4, "heads": 2, name: 0})


def test_every_caption_survives_the_way_there_and_back():
    rng, tokenizer = np.random.default_rng(0), Tokenizer()
    texts = [caption(cats.sample(rng), rng, left_out=0.2) for _ in range(300)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tokens = tokenizer(texts)
    assert tokens.shape == (300, tokenizer.length) and tokens.max() < len(tokenizer) == len(WORDS) + 2
    assert [tokenizer.decode(row) for row in tokens] == [" ".join(words(text)) for text in texts]


def test_case_and_other_marks_do_not_matter():
    tokenizer = Tokenizer()
    np.testing.assert_array_equal(tokenizer("A Red CAT... at night!"), tokenizer("a red cat at night"))
    assert (tokenizer("red, cat") != tokenizer("red cat")).any()


def test_the_empty_caption_is_the_start_alone():
    assert Tokenizer(length=5)("").tolist() == [[1, 0, 0, 0, 0]]


def test_an_unknown_word_is_named_with_the_nearest_known_one_and_left_out():
    tokenizer = Tokenizer()
    with pytest.warns(UserWarning, match=r"'crwn' is not known.*nearest known word is 'crown'"):
        tokens = tokenizer("a cat crwn")
    np.testing.assert_array_equal(tokens, tokenizer("a cat"))


def test_too_long_a_caption_is_cut_with_a_warning():
    tokenizer = Tokenizer(length=4)
    with pytest.warns(UserWarning, match="has 5 words, only 3 are read"):
        assert tokenizer.decode(tokenizer("a red cat at night")[0]) == "a red cat"


def test_captions_must_be_text():
    with pytest.raises(TypeError, match="expected text"):
        Tokenizer()([3])


@pytest.fixture(scope="module")
def encoder():
    return Tokenizer(), TextEncoder(len(Tokenizer()), 24, dim=16, heads=2, rng=0)


def test_padding_says_nothing_and_order_matters(encoder):
    tokenizer, network = encoder
    tokens = tokenizer(["blue cat, pink background", "pink cat, blue background"])
    vectors, pooled = network(tokens)
    assert vectors.shape == (2, 24, 16) and pooled.shape == (2, 16)
    assert (vectors.data[tokens == 0] == 0).all() and (vectors.data[tokens != 0] != 0).any(-1).all()
    np.testing.assert_allclose(pooled.data[0], vectors.data[0].sum(0) / (tokens[0] != 0).sum(), rtol=1e-5, atol=1e-6)
    assert np.abs(pooled.data[0] - pooled.data[1]).max() > 1e-3


def test_captions_do_not_see_one_another(encoder):
    tokenizer, network = encoder
    alone = network(tokenizer("a red cat"))[1].data
    together = network(tokenizer(["a cat at night", "a red cat"]))[1].data
    np.testing.assert_allclose(alone[0], together[1], rtol=1e-5, atol=1e-6)
