"""The crystal: as many facets as there are kinks, each flat, and as high as the loss."""

import numpy as np
import pytest

from nnlite.models.neurons.perceptron import loss
from nnlite.plots.facets import facets


@pytest.fixture
def points(rng):
    X = rng.standard_normal((7, 2))
    return X, np.where(X @ [1.0, -0.5] > 0, 1, -1)


def test_every_point_makes_two_edges_and_every_corner_is_as_high_as_the_loss(points):
    X, y = points
    found = facets(X, y, radius=2.0)
    assert len(found) == 2 * len(X)
    for corners, _ in found:
        np.testing.assert_allclose(corners[:, 2], [loss(w, X, y) for w in corners[:, :2]], atol=1e-12)
        np.testing.assert_allclose(np.linalg.norm(corners[1:, :2], axis=1), 2.0)


def test_every_facet_is_flat_and_as_steep_as_its_plane(points):
    for corners, slope in facets(*points, radius=2.0):
        plane = np.linalg.lstsq(corners[:, :2], corners[:, 2], rcond=None)[0]
        np.testing.assert_allclose(corners[:, :2] @ plane, corners[:, 2], atol=1e-9)
        assert np.linalg.norm(plane) == pytest.approx(slope, abs=1e-9)


def test_the_facets_go_once_around(points):
    angles = [np.unwrap(np.arctan2(corners[1:, 1], corners[1:, 0])) for corners, _ in facets(*points, radius=1.0)]
    assert sum(a[-1] - a[0] for a in angles) == pytest.approx(2 * np.pi)


def test_two_points_in_one_direction_share_their_edges():
    assert len(facets(np.array([[1.0, 2.0], [2.0, 4.0]]), np.array([1, -1]), radius=1.0)) == 2
