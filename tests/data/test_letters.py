"""Facts about the letters that are drawn."""

import subprocess
import sys

import numpy as np
import pytest

from nnlite.data.letters import ALPHABET, FACES, flip, load_letters, random_shift, shift


def test_every_letter_of_every_face_is_there_centred_and_as_large_as_asked():
    pictures, labels = load_letters(FACES)
    assert pictures.shape == (26 * len(FACES), 20, 20) and pictures.dtype == np.float32
    assert set(np.unique(pictures)) == {0, 1}
    assert np.bincount(labels).tolist() == [len(FACES)] * 26
    for picture in pictures:
        rows, columns = np.nonzero(picture.any(axis=1))[0], np.nonzero(picture.any(axis=0))[0]
        height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
        # A stroke thinner than half a point can vanish at the rim, so not exactly 16.
        assert 12 <= max(height, width) <= 16
        assert abs(rows[0] - (19 - rows[-1])) <= 5 and abs(columns[0] - (19 - columns[-1])) <= 5


def test_no_two_letters_of_a_face_look_the_same():
    for face in FACES:
        pictures, _ = load_letters(face)
        assert len(np.unique(pictures.reshape(26, -1), axis=0)) == 26


def test_letters_are_upright_and_not_mirrored():
    L = load_letters("DejaVuSans")[0][ALPHABET.index("L")]
    rows, columns = np.nonzero(L)
    assert L[rows.max()].sum() > 2 * L[rows.min()].sum()  # the foot is long and at the bottom
    assert L[:, columns.min()].sum() > 2 * L[:, columns.max()].sum()  # the stem is on the left


def test_a_shift_moves_and_loses_and_never_wraps():
    rng = np.random.default_rng(0)
    picture = rng.random((1, 6, 6))
    for dy in (-2, 0, 1, 6):
        for dx in (-7, 0, 3):
            expected = np.zeros((6, 6))
            for i in range(6):
                for j in range(6):
                    if 0 <= i + dy < 6 and 0 <= j + dx < 6:
                        expected[i + dy, j + dx] = picture[0, i, j]
            assert np.array_equal(shift(picture, dy, dx)[0], expected)


def test_random_shifts_use_every_shift():
    dot = np.zeros((400, 5, 5))
    dot[:, 2, 2] = 1
    where = {tuple(int(i) for i in np.argwhere(p)[0]) for p in random_shift(dot, 1, rng=0)}
    assert where == {(i, j) for i in (1, 2, 3) for j in (1, 2, 3)}


def test_flips_come_as_often_as_asked_and_change_no_input():
    pictures, _ = load_letters()
    before = pictures.copy()
    flipped = flip(pictures, 0.05, rng=0)
    assert np.array_equal(pictures, before) and flipped.dtype == pictures.dtype
    assert 0.035 < np.mean(flipped != pictures) < 0.065
    assert np.array_equal(flip(pictures, 0.05, rng=0), flipped)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"faces is 'DejaVuSan', expected one of.*did you mean 'DejaVuSans'"):
        load_letters("DejaVuSan")
    with pytest.raises(ValueError, match=r"faces is empty"):
        load_letters([])
    with pytest.raises(ValueError, match=r"height is 21"):
        load_letters(height=21)
    with pytest.raises(ValueError, match=r"flip: share is 2"):
        flip([0, 1], 2)


def test_importing_the_data_loads_no_matplotlib():
    code = "import sys, nnlite.data; sys.exit(bool({'matplotlib', 'numba', 'PIL'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
