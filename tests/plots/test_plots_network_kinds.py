"""What the map of network kinds shows."""

import math
from itertools import combinations, zip_longest

import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Circle

from nnlite.plots import network_map
from nnlite.plots.network_kinds import KINDS, SYSTEMS
from nnlite.plots.style import ORANGE


def bold(fig):
    """The names in bold without those of rows and columns, which always are."""
    always = {"Single-layer", "Multilayer", "Recurrent", "With a teacher", "Without a teacher"}
    return [t.get_text() for t in fig.axes[0].texts if t.get_fontweight() == "bold" and t.get_text() not in always]


def orange(fig):
    return [p for p in fig.axes[0].patches if isinstance(p, Circle) and to_hex(p.get_facecolor()) == ORANGE]


@pytest.fixture(scope="module")
def plain():
    return network_map()


def test_every_system_stands_on_the_map_once(plain):
    words = " ".join(text.get_text() for text in plain.axes[0].texts)
    assert len(set(SYSTEMS)) == len(SYSTEMS)
    for kind in KINDS:
        for label in kind.systems.values():
            assert label.replace("\n", " ") in words
    assert not bold(plain) and not orange(plain)


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: next(iter(kind.systems)))
def test_what_is_highlighted_is_filled_and_nothing_else(kind):
    name, label = list(kind.systems.items())[-1]
    fig = network_map(name)
    assert " ".join(bold(fig)).rstrip(",") == label.replace("\n", " ")
    xs = [circle.center[0] for circle in orange(fig)]
    assert xs and max(xs) - min(xs) < 1.3  # one drawing, not two


@pytest.mark.full
def test_every_name_lights_its_own_label():
    for together in zip_longest(*(kind.systems.items() for kind in KINDS)):
        lit = dict(system for system in together if system)
        words = " ".join(bold(network_map(list(lit)))).replace(",", "")
        assert words == " ".join(lit.values()).replace("\n", " ").replace(",", "")


@pytest.mark.full
def test_names_may_be_spelt_as_on_the_map():
    assert bold(network_map(["Mark I", "KOHONEN'S MAP (SOM)"])) == bold(network_map(("mark1", "som")))


def test_no_two_neurons_touch(plain):
    circles = [patch for patch in plain.axes[0].patches if isinstance(patch, Circle)]
    for one, other in combinations(circles, 2):
        assert math.dist(one.center, other.center) > one.radius + other.radius


def test_nothing_overlaps(plain):
    plain.draw_without_rendering()
    boxes = [text.get_window_extent() for text in plain.axes[0].texts if text.get_text()]
    for i, one in enumerate(boxes):
        assert plain.bbox.x0 <= one.x0 and one.x1 <= plain.bbox.x1
        assert not any(one.overlaps(other) for other in boxes[i + 1 :])


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"network_map: highlight is 'preceptron', .*did you mean 'perceptron'"):
        network_map("preceptron")
    with pytest.raises(TypeError, match="network_map: highlight holds 3, expected names"):
        network_map(["mlp", 3])
    with pytest.raises(TypeError, match="network_map: highlight holds 7"):
        network_map(7)
