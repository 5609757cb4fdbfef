"""What sheets of letters and curves show."""

import numpy as np
import pytest

from nnlite.data import load_digits, load_letters
from nnlite.plots import bars, curves, sheet


def test_every_letter_is_on_the_sheet_and_every_error_named_and_framed():
    pictures, labels = load_letters(["cmr10", "DejaVuSans"])
    read = labels.copy()
    read[[3, 30]] = [14, 7]
    ax = sheet(pictures, labels, read).axes[0]
    assert [text.get_text() for text in ax.texts] == ["O", "H"]
    assert len(ax.patches) == 2
    assert ax.get_title("left") == "50 of 52 read right"
    paper = ax.images[0].get_array()
    ink = (paper != 1).any(axis=2)
    assert ink.sum() == pictures.sum()
    red = ink & (paper[..., 0] > 0.6)
    assert red.sum() == pictures[[3, 30]].sum()


def test_digits_are_named_by_numbers_and_a_row_may_be_short():
    images, labels = load_digits()
    ax = sheet(images[:7], labels[:7], np.full(7, 9), columns=4).axes[0]
    assert {text.get_text() for text in ax.texts} == {"9"}
    assert len(ax.texts) == 7


def test_a_sheet_with_more_pictures_is_larger_up_to_nine_inches():
    images, _ = load_digits()
    widths = [sheet(images[:n], columns=n).get_size_inches()[0] for n in (1, 16, 20, 40, 60)]
    assert widths == sorted(widths) and widths[0] < widths[1] < widths[2] < widths[3] == widths[4] == 9


def test_curves_are_the_numbers_and_named_at_their_ends():
    fig = curves({"a": [3, 2, 1], "b": [3.0, 2.5]}, ylabel="loss", start=0)
    ax = fig.axes[0]
    assert [line.get_ydata().tolist() for line in ax.lines] == [[3, 2, 1], [3, 2.5]]
    assert ax.lines[0].get_xdata().tolist() == [0, 1, 2]
    assert [text.get_text() for text in ax.texts] == ["a", "b"]
    assert ax.texts[0].get_color() == ax.lines[0].get_color() != ax.lines[1].get_color()


def test_names_of_curves_that_end_together_do_not_overlap():
    fig = curves({"a": [1, 2], "b": [2, 2.001], "c": [3, 2]})
    fig.draw_without_rendering()
    heights = sorted(text.get_window_extent().y0 for text in fig.axes[0].texts)
    assert np.diff(heights).min() > 8


def test_smoothing_is_the_mean_of_the_neighbours_before():
    y = np.arange(10.0) ** 2
    pale, line = curves(y, smooth=4).axes[0].lines
    assert pale.get_ydata().tolist() == y.tolist()
    assert line.get_ydata()[0] == pytest.approx(y[:4].mean()) and line.get_xdata()[0] == 4
    assert line.get_ydata()[-1] == pytest.approx(y[-4:].mean())


def test_bars_are_as_long_as_their_numbers_the_first_on_top():
    ax = bars({"nnlite": 6.0, "peer": 1.0}).axes[0]
    assert [bar.get_width() for bar in ax.patches] == [6, 1]
    low, high = ax.get_ylim()
    assert low > high


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="curves: series is empty"):
        curves({})
    with pytest.raises(ValueError, match="curves: train is empty"):
        curves({"train": []})
    with pytest.raises(TypeError, match="curves: train has dtype"):
        curves({"train": ["a"]})
    with pytest.raises(ValueError, match="sheet: predicted is given without labels"):
        sheet(np.zeros((2, 3, 3)), predicted=[1, 2])
    with pytest.raises(ValueError, match=r"sheet: labels has shape \(1,\), expected \(2,\)"):
        sheet(np.zeros((2, 3, 3)), [1], [1, 2])
    with pytest.raises(ValueError, match=r"sheet: pictures has shape \(0, 3, 3\), expected \(N, H, W\) with N > 0"):
        sheet(np.zeros((0, 3, 3)))
