"""The whole system before it has learnt anything: what must hold whatever the weights."""

import io

import numpy as np
import pytest
from PIL import Image

from nnlite.diffusion import Pictures, Pixels, TextToImage


@pytest.fixture(scope="module")
def pipeline():
    system = TextToImage.small(size=8, dim=16, depth=1, text_dim=16, rng=0)
    rng = np.random.default_rng(0)
    for p in system.network.denoiser.last.parameters():
        p.data[...] = rng.normal(size=p.shape) * 0.3
    return system


def test_a_seed_and_a_prompt_give_a_picture(pipeline):
    first, again = (pipeline("a red cat", steps=3, rng=5) for _ in range(2))
    np.testing.assert_array_equal(first.array, again.array)
    assert first.array.shape == (1, 3, 8, 8) and first.array.min() >= 0 and first.array.max() <= 1
    assert np.abs(pipeline("a red cat", steps=3, rng=6).array - first.array).max() > 0.01
    assert np.abs(pipeline("a black cat", steps=3, rng=5).array - first.array).max() > 1e-4


def test_guidance_away_from_the_prompt_itself_changes_nothing(pipeline):
    plain = pipeline("a red cat", guidance=1, steps=3, rng=0).array
    same = pipeline("a red cat", negative="a red cat", guidance=5, steps=3, rng=0).array
    np.testing.assert_allclose(same, plain, atol=1e-4)
    other = pipeline("a red cat", negative="a hat at night", guidance=5, steps=3, rng=0).array
    assert np.abs(other - pipeline("a red cat", guidance=5, steps=3, rng=0).array).max() > 1e-4


def test_no_guidance_at_all_forgets_the_prompt(pipeline):
    a, b = (pipeline(text, guidance=0, steps=2, rng=0).array for text in ("a red cat", "a pink cat at night"))
    np.testing.assert_array_equal(a, b)


def test_kept_steps_go_from_noise_to_the_picture(pipeline):
    pictures = pipeline(["a cat", "a red cat"], steps=3, rng=0, keep=True)
    assert pictures.steps.shape == (4, 2, 3, 8, 8)
    np.testing.assert_array_equal(pictures.steps[-1], pictures.array)
    noise = np.random.default_rng(0).standard_normal((2, 3, 8, 8), dtype=np.float32)
    np.testing.assert_array_equal(pictures.steps[0], Pixels().decode(noise))


@pytest.mark.parametrize("size, shape", [(12, (12, 12)), ((8, 16), (8, 16))])
def test_another_size(pipeline, size, shape):
    assert pipeline("a cat", size=size, steps=1, rng=0).array.shape[2:] == shape


def test_bad_input_is_named(pipeline):
    with pytest.raises(ValueError, match="prompt is empty"):
        pipeline([])
    with pytest.raises(TypeError, match="expected text"):
        pipeline([3])
    with pytest.raises(ValueError, match="guidance is -1"):
        pipeline("a cat", guidance=-1)
    with pytest.raises(ValueError, match="steps is 0"):
        pipeline("a cat", steps=0)
    with pytest.raises(ValueError, match="multiples of 2"):
        pipeline("a cat", size=7)
    with pytest.raises(ValueError, match="size is 0"):
        pipeline("a cat", size=(8, 0))


def test_pictures_are_arrays_images_and_show_themselves():
    array = np.random.default_rng(0).random((3, 3, 4, 6))
    pictures = Pictures(array, ["a", "b", "c"])
    np.testing.assert_array_equal(np.asarray(pictures), array)
    assert len(pictures) == 3 and pictures[1].size == (6, 4)
    np.testing.assert_array_equal(np.asarray(pictures[2]), (array[2] * 255 + 0.5).astype(np.uint8).transpose(1, 2, 0))
    shown = Image.open(io.BytesIO(pictures._repr_png_()))
    sheet = np.asarray(pictures.sheet(columns=2, scale=1))
    assert shown.format == "PNG" and sheet.shape == (2 * 5 + 1, 2 * 7 + 1, 3)
    np.testing.assert_array_equal(sheet[6:10, 1:7], np.asarray(pictures[2]))
    with pytest.raises(ValueError, match="2 captions"):
        Pictures(array, ["a", "b"])


def test_the_codec_s_two_directions_undo_each_other():
    pictures = np.random.default_rng(0).random((2, 3, 4, 4)).astype(np.float32)
    latents = Pixels().encode(pictures)
    assert latents.min() < -0.9 and latents.max() > 0.9
    np.testing.assert_allclose(Pixels().decode(latents), pictures, atol=1e-6)


def test_the_repr_says_what_it_is(pipeline):
    assert repr(pipeline).startswith("TextToImage(8x8, ") and "RectifiedFlow()" in repr(pipeline)
