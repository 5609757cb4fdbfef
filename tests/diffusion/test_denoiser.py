"""The denoiser: patches, positions, and what it can and cannot see."""

import numpy as np
import pytest

from nnlite.diffusion.denoiser import DiT, patchify, position_embedding, unpatchify
from nnlite.tensor import Tensor

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def denoiser():
    """A small one whose last layer is no longer zero."""
    network = DiT(3, text_dim=6, dim=16, depth=2, heads=2, rng=0)
    for p in network.last.parameters():
        p.data[...] = RNG.normal(size=p.shape) * 0.3
    return network


def inputs(n=2, height=8, width=8, length=5):
    rng = np.random.default_rng(1)
    shapes = (n, 3, height, width), (n,), (n, length, 6), (n, 6)
    return [rng.random(s).astype(np.float32) for s in shapes]


@pytest.mark.parametrize("shape, patch", [((2, 3, 8, 8), 2), ((1, 2, 4, 12), 4), ((3, 1, 6, 2), 1)])
def test_patches_go_together_again(shape, patch):
    x = RNG.normal(size=shape)
    cut = patchify(x, patch)
    assert cut.shape == (shape[0], shape[2] * shape[3] // patch**2, shape[1] * patch**2)
    np.testing.assert_array_equal(unpatchify(cut, patch, *shape[2:]).data, x)


def test_a_patch_holds_its_own_pixels():
    x = RNG.normal(size=(1, 3, 6, 8))
    np.testing.assert_array_equal(patchify(x, 2).data[0, 5].reshape(3, 2, 2), x[0, :, 2:4, 2:4])


def test_positions_are_counted_from_the_centre_and_all_differ():
    small, large = position_embedding(4, 4, 16).reshape(4, 4, 16), position_embedding(6, 8, 16).reshape(6, 8, 16)
    np.testing.assert_array_equal(large[1:5, 2:6], small)
    flat = large.reshape(48, 16)
    distances = np.linalg.norm(flat[:, None] - flat[None], axis=-1) + 9 * np.eye(48)
    assert distances.min() > 0.1


def test_an_untrained_denoiser_predicts_zero():
    network = DiT(3, text_dim=6, dim=16, depth=1, heads=2, rng=0)
    assert (network(*inputs()).data == 0).all()


@pytest.mark.parametrize("which", range(4))
def test_it_sees_the_picture_the_time_the_words_and_the_caption(denoiser, which):
    given = inputs()
    before = denoiser(*given).data
    given[which] = given[which] + 0.5 * np.random.default_rng(2).random(given[which].shape, dtype=np.float32)
    assert np.abs(denoiser(*given).data - before).max() > 1e-3


def test_pictures_of_a_batch_do_not_see_one_another(denoiser):
    given = inputs(3)
    together = denoiser(*given).data
    alone = denoiser(*[a[1:2] for a in given]).data
    np.testing.assert_allclose(together[1:2], alone, rtol=1e-4, atol=1e-5)


def test_every_patch_sees_every_other(denoiser):
    given = inputs(1)
    before = denoiser(*given).data
    given[0][0, :, 0, 0] += 1
    changed = np.abs(denoiser(*given).data - before).max((0, 1))
    assert (changed > 0).all()


def test_another_size_runs_and_a_wrong_one_is_named(denoiser):
    assert denoiser(*inputs(1, 12, 6)).shape == (1, 3, 12, 6)
    with pytest.raises(ValueError, match=r"shape \(1, 3, 7, 8\).*multiples of 2"):
        denoiser(*inputs(1, 7, 8))
    with pytest.raises(ValueError, match="multiple of 4"):
        DiT(dim=30, heads=4)


def test_the_gradient_reaches_every_weight_and_is_right(denoiser):
    """Along a random direction in weight space, against a central difference."""
    given = inputs()
    upstream = RNG.normal(size=given[0].shape).astype(np.float32)
    parameters = list(denoiser.parameters())
    denoiser.zero_grad()
    denoiser(*given).backward(upstream)
    assert all(p.grad is not None and np.abs(p.grad).max() > 0 for p in parameters)
    direction = [RNG.normal(size=p.shape).astype(np.float32) for p in parameters]
    slope = sum(float((p.grad * d).sum()) for p, d in zip(parameters, direction))
    values, h = [], 1e-3
    start = [p.data.copy() for p in parameters]
    for sign in (1, -1):
        for p, s, d in zip(parameters, start, direction):
            p.data[...] = s + sign * h * d
        values.append(float((denoiser(*given).data.astype(np.float64) * upstream).sum()))
    for p, s in zip(parameters, start):
        p.data[...] = s
    assert (values[0] - values[1]) / (2 * h) == pytest.approx(slope, rel=0.02)


def test_it_takes_tensors(denoiser):
    given = inputs()
    np.testing.assert_array_equal(denoiser(Tensor(given[0]), *given[1:]).data, denoiser(*given).data)
