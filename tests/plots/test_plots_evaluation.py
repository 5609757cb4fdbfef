"""What the pictures of an evaluation show."""

import numpy as np
import pytest

from nnlite.plots import confusion, learning_curve

M = np.array([[8, 2, 0], [1, 9, 0], [0, 3, 4]])


def test_every_count_stands_in_its_cell_and_nothing_else():
    ax = confusion(M, ["cat", "dog", "hen"]).axes[0]
    written = {(int(t.get_position()[1]), int(t.get_position()[0])): int(t.get_text()) for t in ax.texts}
    assert written == {(i, j): M[i, j] for i, j in np.argwhere(M)}
    assert [t.get_text() for t in ax.get_yticklabels()] == ["cat", "dog", "hen"]
    assert ax.get_title("left") == "21 of 27 right" and ax.get_ylabel() == "right answer"


def test_right_answers_are_blue_mistakes_orange_and_the_more_the_darker():
    shown = confusion(M).axes[0].images[0].get_array()
    red, blue = shown[..., 0], shown[..., 2]
    for i, j in np.argwhere(M):
        assert (blue[i, j] > red[i, j]) == (i == j)
    assert (shown[M == 0] == 1).all()
    assert shown[0, 0].sum() < shown[2, 2].sum()  # 8 of 10, 4 of 7
    assert shown[2, 1].sum() < shown[0, 1].sum() < shown[1, 0].sum()


def test_a_class_that_does_not_occur_is_white_and_26_classes_are_letters():
    M = np.zeros((26, 26), int)
    M[0, 1] = 3
    ax = confusion(M).axes[0]
    assert ax.get_xticklabels()[25].get_text() == "Z"
    assert (ax.images[0].get_array()[1:] == 1).all()


def test_a_learning_curve_is_the_mean_over_the_folds_with_the_worst_and_the_best():
    train, test = np.array([[1, 1], [1, 0.8]]), np.array([[0.2, 0.6], [0.6, 0.7]])
    ax = learning_curve([10, 40], train, test, title="letters").axes[0]
    assert [line.get_xdata().tolist() for line in ax.lines[:2]] == [[10, 40]] * 2
    assert np.allclose([line.get_ydata() for line in ax.lines[:2]], [[1, 0.9], [0.4, 0.65]])
    corners = ax.collections[1].get_paths()[0].vertices
    assert {(10.0, 0.2), (10.0, 0.6), (40.0, 0.6), (40.0, 0.7)} <= {(x, round(y, 9)) for x, y in corners}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: confusion([[1, 2]]),
            ValueError,
            r"confusion: matrix has shape \(1, 2\), expected \(K, K\) with K > 0",
        ),
        (lambda: confusion([[0.5]]), TypeError, "confusion: matrix has dtype"),
        (lambda: confusion([[-1]]), ValueError, "confusion: matrix holds -1"),
        (lambda: confusion(M, ["a"]), ValueError, r"confusion: classes has shape \(1,\), expected \(3,\)"),
        (
            lambda: learning_curve([], [], []),
            ValueError,
            r"learning_curve: sizes has shape \(0,\), expected \(S,\) with S > 0",
        ),
        (
            lambda: learning_curve([1, 2], [1], [1, 2]),
            ValueError,
            r"learning_curve: train has shape \(1,\), expected \(2,\) or \(2, k\)",
        ),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
