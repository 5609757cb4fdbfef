"""Signed distances, their coverage of pixels, and the twin that paints them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import examples

import nnlite
from nnlite.data import drawing as d

RED = (1.0, 0.0, 0.0)


def shape_of_kind(kind, rng):
    u = rng.uniform(-0.5, 0.5, 6)
    return [
        lambda: d.plane(math.cos(7 * u[0]), math.sin(7 * u[0]), u[1]),
        lambda: d.ellipse(u[0], u[1], 0.02 + abs(u[2]), 0.02 + abs(u[3]), 7 * u[4]),
        lambda: d.capsule(u[0], u[1], u[2], u[3], 0.003 + 0.3 * abs(u[4]), 0.003 + 0.3 * abs(u[5])),
        lambda: d.triangle(*u),
        lambda: d.arc(u[0], u[1], 0.1 + abs(u[2]), 7 * u[3], 0.2 + 3 * abs(u[4]), 0.01 + 0.1 * abs(u[5])),
        lambda: d.crescent(u[0], u[1], 0.1 + abs(u[2]), u[3], u[4], 0.1 + abs(u[5])),
    ][kind]()


def scribble(seed, kinds=range(6)):
    """A drawing with every kind of shape in turned, mirrored frames, some inside others."""
    rng = np.random.default_rng(seed)
    picture, inside = d.Drawing(), -1
    for kind in kinds:
        picture.frame(*rng.uniform(-0.4, 0.4, 2), rng.uniform(0.3, 2), rng.uniform(0, 7), bool(rng.integers(2)))
        inside = picture.fill(
            shape_of_kind(kind, rng),
            tuple(rng.random(3)),
            tuple(rng.random(3)),
            grow=rng.uniform(0, 0.05),
            soft=rng.choice([0, 0.1]),
            opacity=rng.uniform(0.3, 1),
            inside=inside if rng.random() < 0.3 else -1,
        )
    return picture.rows()


@given(st.integers(0, 10**6), st.tuples(st.integers(1, 40), st.integers(1, 40)))
@examples(40)
def test_the_kernel_paints_what_the_formula_paints(seed, size):
    rows = scribble(seed)
    with nnlite.use_kernels(False):
        formula = d.paint(rows, *size)
    assert formula.dtype == np.float32 and formula.shape == (3, *size)
    np.testing.assert_allclose(d.paint(rows, *size), formula, rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", range(1, 6))
@given(seed=st.integers(0, 10**6))
@examples(15)
def test_the_area_painted_is_the_area_where_the_distance_is_negative(kind, seed):
    """Counted on a grid sixteen times finer: a wrong sign, unit or ramp changes it."""
    rng = np.random.default_rng(seed)
    picture = d.Drawing()
    picture.frame(0, 0, 0.6, rng.uniform(0, 7), bool(rng.integers(2)))
    picture.fill(shape_of_kind(kind, rng), (1, 1, 1))
    row = picture.rows()[0]
    y, x = (np.mgrid[:512, :512] + 0.5) / 512 - 0.5
    inside = d.DISTANCES[kind](*d.local(row, x, y), *row[d.GEOMETRY : d.GROW]) < 0
    assert abs(picture.paint(32, 32)[0].mean() - inside.mean()) < 0.008


def test_distances_are_known_in_simple_places():
    distance = lambda shape, x, y: float(d.DISTANCES[shape.kind](x, y, *shape.geometry))  # noqa: E731
    assert distance(d.plane(0, 1, 0.25), 9.0, 1.0) == pytest.approx(0.75)
    assert distance(d.ellipse(1, 0, 0.5, 0.5), 3.0, 0.0) == pytest.approx(1.5)
    assert distance(d.ellipse(0, 0, 2.0, 1.0, math.pi / 2), 0.0, 2.0) == pytest.approx(0)
    assert distance(d.ellipse(0, 0, 2.0, 1.0), 0.0, 0.0) == pytest.approx(-1)
    assert distance(d.capsule(0, 0, 1, 0, 0.1, 0.3), 2.0, 0.0) == pytest.approx(0.7)
    assert distance(d.triangle(0, 0, 4, 0, 0, 3), 1.0, 1.0) == pytest.approx(-1)
    assert distance(d.triangle(0, 0, 0, 3, 4, 0), -3.0, -4.0) == pytest.approx(5)
    assert distance(d.arc(0, 0, 1, math.pi / 2, 0.5, 0.1), 0.0, 1.0) == pytest.approx(-0.1)
    assert distance(d.arc(0, 0, 1, 0.0, math.pi / 2, 0.1), -1.0, 1.0) == pytest.approx(0.9)
    assert distance(d.crescent(0, 0, 1, 0.5, 0, 1), 0.5, 0.0) == pytest.approx(1)


@pytest.mark.parametrize("thin", [0.4, 0.1, 0.02])
def test_a_hair_thinner_than_a_pixel_covers_its_share_of_it(thin):
    """Without the second edge a hair of any thinness would cover half a pixel."""
    for shape in (d.capsule(-2, 0.03, 2, 0.03, thin / 32), d.arc(0, -9.97, 10, math.pi / 2, 1, thin / 32)):
        picture = d.Drawing()
        picture.fill(shape, (1, 1, 1))
        assert picture.paint(16, 16)[0].sum(axis=0).mean() == pytest.approx(thin, rel=0.05)


def test_later_shapes_lie_over_earlier_ones_and_inside_cuts():
    picture = d.Drawing()
    disc = picture.fill(d.ellipse(0, 0, 0.4, 0.4), RED)
    picture.fill(d.plane(1, 0, 0), (0.0, 1.0, 0.0), inside=disc)
    red, green, _ = picture.paint(64, 64)
    assert (red[32, 10:30] == 0).all() and (green[32, 10:30] == 1).all()
    assert (red[32, 34:54] == 1).all() and (green[32, 34:54] == 0).all()
    assert green[0].max() == 0


def test_the_colour_goes_from_top_to_bottom_of_the_frame():
    picture = d.Drawing()
    picture.frame(0, 0, 0.5)
    picture.fill(d.plane(0, 1, 9), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    np.testing.assert_allclose(picture.paint(50, 20)[0, :, 0][15:35], (np.arange(20) + 0.5) / 20, atol=1e-6)


def test_outlined_draws_one_line_around_the_union():
    picture = d.Drawing()
    picture.outlined([d.ellipse(-0.1, 0, 0.2, 0.2), d.ellipse(0.1, 0, 0.2, 0.2)], RED, RED, (0.0, 0.0, 1.0), 0.05)
    red, _, blue = picture.paint(101, 101)
    assert blue[50, 25:76].max() == 0 and red[50, 25:76].min() == 1
    assert blue[50, 17] == 1 and blue[50, 83] == 1


def test_the_edge_is_smooth_and_the_picture_scales():
    rows = scribble(3)
    small, large = d.paint(rows, 32, 32), d.paint(rows, 128, 128)
    means = large.reshape(3, 32, 4, 32, 4).mean((2, 4))
    assert np.abs(small - means).mean() < 0.006


def test_a_size_must_be_positive():
    with pytest.raises(ValueError, match="height is 0"):
        d.Drawing().paint(0, 4)
    with pytest.raises(TypeError, match="width"):
        d.Drawing().paint(4, 2.5)


def test_no_shapes_make_a_black_picture_on_both_ways():
    for enabled in (True, False):
        with nnlite.use_kernels(enabled):
            assert d.Drawing().paint(3, 2).sum() == 0


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        (np.zeros((2, 3)), ValueError, r"rows has shape \(2, 3\), expected \(S, 24\)"),
        (np.zeros(d.COLUMNS), ValueError, r"rows has shape \(24,\), expected \(S, 24\)"),
        (np.full((2, d.COLUMNS), 2.0), ValueError, "rows names the shape 2, expected -1 to 1"),
        (np.full((1, d.COLUMNS), np.nan), ValueError, "rows names the shape nan"),
        ("rows", TypeError, "rows has dtype"),
    ],
)
def test_rows_that_are_none_are_named(rows, error, message):
    with pytest.raises(error, match=f"drawing.paint: {message}"):
        d.paint(rows, 4, 4)
