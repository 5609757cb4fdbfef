"""The cats: their pictures, and that captions say only what is there."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import examples

import nnlite
from nnlite.data import cats
from nnlite.data.cats import ATTRIBUTES, WORDS, Cat, caption, words
from nnlite.data.cats.shapes import coat_of

some_cat = st.builds(Cat, **{name: st.sampled_from(values) for name, values in ATTRIBUTES.items()})


def luminance(colour):
    return float(np.dot([0.2126, 0.7152, 0.0722], colour))


@given(some_cat, st.integers(0, 999), st.sampled_from([16, (24, 17), (9, 30)]))
@examples(20)
def test_kernel_and_formula_draw_the_same_cat(cat, seed, size):
    with nnlite.use_kernels(False):
        formula = cats.draw(cat, size, seed)
    np.testing.assert_allclose(cats.draw(cat, size, seed), formula, rtol=0, atol=1e-5)


def test_a_seed_draws_the_same_pictures_and_another_seed_others():
    first, again, other = (cats.draw_many(6, 16, seed) for seed in (5, 5, 6))
    assert first[1] == again[1] != other[1]
    np.testing.assert_array_equal(first[0], again[0])
    cat = Cat()
    assert np.abs(cats.draw(cat, 16, 1) - cats.draw(cat, 16, 2)).max() > 0.1
    np.testing.assert_array_equal(cats.draw(cat, 16, 1, jitter=0), cats.draw(cat, 16, 2, jitter=0))


@pytest.mark.parametrize("size", [1, 16, (48, 32), (32, 48), (20, 61)])
def test_any_size_and_aspect(size):
    pictures, _ = cats.draw_many(4, size, 0)
    assert pictures.shape[1:] == ((3, size, size) if isinstance(size, int) else (3, *size))
    assert pictures.dtype == np.float32 and pictures.min() >= 0 and pictures.max() <= 1


@pytest.mark.parametrize("framing", ATTRIBUTES["framing"])
@pytest.mark.parametrize("size", [(96, 64), (64, 96)])
def test_the_cat_stays_in_a_tall_or_wide_picture(framing, size):
    """Fur of a colour no background has, so that its pixels can be counted."""
    square = cats.draw(Cat(fur="red", background="blue", framing=framing), 64, jitter=0)
    for seed in range(4):
        picture = cats.draw(Cat(fur="red", background="blue", framing=framing), size, seed)
        orange = [int(((p[0] > 0.75) & (p[2] < 0.35)).sum()) for p in (square, picture)]
        assert orange[1] > 0.8 * orange[0] > 100


@given(some_cat, st.floats(-0.04, 0.04))
def test_light_comes_from_above(cat, light):
    coat = coat_of(cat, light)
    assert luminance(coat.top) > luminance(coat.bottom)


@pytest.mark.parametrize("side", [slice(0, 32), slice(32, 64)], ids=["left", "right"])
def test_each_cloud_drifts(side):
    """From picture to picture it stands elsewhere: the middle of what is white in each half of the sky."""
    middles = []
    for seed in range(12):
        sky = cats.draw(Cat(fur="black", background="meadow", framing="lying"), 64, seed)[:, :22, side]
        middles.append(np.nonzero(sky.min(axis=0) > 0.95)[1].mean())
    assert np.std(middles) > 1.5


def test_the_chin_is_narrower_than_the_brow():
    """Catches cheeks that stick out of the face."""
    picture = cats.draw(Cat(fur="red", background="blue", framing="sitting"), 256, jitter=0)
    fur = (picture[0] > 0.75) & (picture[2] < 0.35)
    brow, chin = (np.ptp(np.nonzero(fur[row])[0]) for row in (108, 127))
    assert 30 < chin < brow < 100


def test_a_sitting_cat_has_two_equal_legs():
    """Seen from the front its left is the mirror image of its right; the tail lies further out."""
    legs = cats.draw(Cat(fur="red", background="blue", framing="sitting"), 256, jitter=0)[:, 150:185, 114:142]
    np.testing.assert_allclose(legs, legs[:, :, ::-1], atol=1e-5)
    assert legs.std(axis=2).max() > 0.05  # there is more to see than fur


def test_a_wide_picture_is_used_for_its_whole_width():
    """The cats' middles are spread four times as far as in a square picture of the same height, or further."""
    spread = []
    for width in (32, 64):
        pictures = (cats.draw(Cat(fur="red", background="blue", framing="close-up"), (32, width), s) for s in range(12))
        spread.append(np.std([np.nonzero((p[0] > 0.75) & (p[2] < 0.35))[1].mean() for p in pictures]))
    assert spread[1] > 4 * spread[0]


@pytest.mark.parametrize("fur,background", list(itertools.product(ATTRIBUTES["fur"], ATTRIBUTES["background"])))
def test_every_fur_is_seen_on_every_background(fur, background):
    """On the cheek the fur has its own colour, nearest to no other fur, and the outline parts it from the sky."""
    picture = cats.draw(Cat(fur=fur, background=background, framing="portrait"), 64, jitter=0)
    cheek = picture[:, 33:36, 43:46].mean((1, 2))
    own = {
        f: cats.draw(Cat(fur=f, framing="portrait"), 64, jitter=0)[:, 33:36, 43:46].mean((1, 2))
        for f in ATTRIBUTES["fur"]
    }
    assert min(own, key=lambda f: np.abs(own[f] - cheek).sum()) == fur
    row = picture[:, 28, :20]  # from the edge of the picture into the face
    assert np.abs(np.diff(row, axis=1)).sum(0).max() > 0.2


@pytest.mark.parametrize("background", ATTRIBUTES["background"])
def test_black_fur_is_legible(background):
    picture = cats.draw(Cat(fur="black", background=background, framing="sitting"), 64, jitter=0)
    forehead, sky = picture[:, 19, 32], picture[:, 19, 10]
    assert luminance(forehead) >= 0.2
    rim = picture[:, 10:40, 16:30].reshape(3, -1)
    contrast = max(abs(luminance(c) - luminance(sky)) for c in rim.T)
    assert contrast > 0.25


@pytest.mark.parametrize("name", ["background", "eyes", "head", "neck", "pattern", "framing"])
def test_every_other_attribute_changes_the_picture_at_16_pixels(name):
    base = {"fur": "gray", "background": "green", "framing": "close-up"}
    pictures = [cats.draw(Cat(**{**base, name: value}), 16, jitter=0) for value in ATTRIBUTES[name]]
    for a, b in itertools.combinations(pictures, 2):
        assert np.abs(a - b).max() > 0.1


def test_choices_restrict_and_the_rest_is_uniform():
    _, many = cats.draw_many(400, 1, 0, fur=("red", "black"), framing="lying")
    assert {c.framing for c in many} == {"lying"} and {c.fur for c in many} == {"red", "black"}
    counts = [sum(c.background == b for c in many) for b in ATTRIBUTES["background"]]
    assert min(counts) > 25 and max(counts) < 80


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"Cat: fur is 'grey'.*did you mean 'gray'"):
        Cat(fur="grey")
    with pytest.raises(TypeError, match=r"'furr' is no attribute.*did you mean 'fur'"):
        cats.sample(0, furr="red")
    with pytest.raises(ValueError, match="eyes is 'brown'"):
        cats.draw_many(1, eyes="brown")
    with pytest.raises(ValueError, match="head is empty"):
        cats.sample(0, head=[])
    with pytest.raises(TypeError, match="cat is a str, expected a Cat"):
        cats.draw("red")
    with pytest.raises(ValueError, match="size is 0"):
        cats.draw(Cat(), 0)
    with pytest.raises(TypeError, match="size"):
        cats.draw(Cat(), (4, 4, 4))
    with pytest.raises(ValueError, match="n is -1"):
        cats.draw_many(-1)


def claims(text):
    """What a caption says, read by hand-written patterns: attribute -> value."""
    said = {}
    fur = r"(red|ginger|orange|black|white|gray|grey|brown|blue|pink) (?:cat|fur)\b"
    for match in re.findall(fur, text):
        said["fur"] = {"ginger": "red", "orange": "red", "grey": "gray"}.get(match, match)
    for match in re.findall(r"(green|yellow|blue|pink|purple) background|\b(night|meadow|sunset)\b", text):
        said["background"] = match[0] or match[1]
    for match in re.findall(r"(green|blue|yellow|closed) eyes|\b(sleeping|sleepy)\b", text):
        said["eyes"] = "closed" if match[1] else match[0]
    for name, pattern in {"head": "hat|crown", "neck": "scarf", "pattern": "striped|tabby"}.items():
        for match in re.findall(rf"\b({pattern})\b", text):
            said[name] = "striped" if match == "tabby" else match
    for match in re.findall(r"close-up|(?<!close-up )portrait|sitting|lying", text):
        said["framing"] = match
    return said


@given(some_cat, st.integers(0, 10**6))
@examples(150)
def test_captions_say_only_what_is_true_in_words_that_are_known(cat, seed):
    text = caption(cat, seed)
    assert set(words(text)) <= set(WORDS)
    assert "cat" in words(text)
    for name, value in claims(text).items():
        assert getattr(cat, name) == value, text


@given(some_cat, st.integers(0, 10**6))
@examples(60)
def test_nothing_is_left_out_on_demand(cat, seed):
    """Hats that are not there and plain fur need no words."""
    expected = {k: v for k, v in vars(cat).items() if v not in ("none", "plain")}
    assert claims(caption(cat, seed, left_out=0)) == expected
    assert claims(caption(cat, seed, left_out=1)) == {}


def test_captions_leave_out_and_mix_styles_as_often_as_they_say():
    rng = np.random.default_rng(0)
    texts = [caption(Cat(background="night"), rng) for _ in range(2000)]
    assert 0.55 < np.mean(["night" in t for t in texts]) < 0.65
    tags = [t for t in texts if "," in t or t in ("night", "at night")]
    assert 0.25 < len(tags) / 2000 < 0.36
    assert len({t.split(",")[0] for t in tags}) > 5
    assert {w for t in texts for w in words(t)} >= {"red", "ginger", "orange", "an"}
    assert not any("a orange" in t for t in texts)


def test_every_word_is_used():
    rng = np.random.default_rng(0)
    used = {w for _ in range(3000) for w in words(caption(cats.sample(rng), rng))}
    assert used == set(WORDS)


@given(some_cat, st.integers(0, 10**6), st.sampled_from([0, 0.4, 0.8, 1]))
@examples(150)
def test_eyes_are_named_with_their_colour_or_not_at_all_and_words_have_one_blank_between(cat, seed, left_out):
    text = caption(cat, seed, left_out=left_out)
    said = words(text)
    for i, word in enumerate(said):
        assert word != "eyes" or said[i - 1] in {"green", "blue", "yellow", "closed"}, text
    assert left_out < 1 or not {"eyes", "sleeping", "sleepy"} & set(said)
    assert "  " not in text and text == text.strip()
