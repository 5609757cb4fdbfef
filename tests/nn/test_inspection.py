"""Looking inside a network: watching its parts, and the table of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnlite import nn


def model() -> nn.Module:
    return nn.Sequential(
        {
            "body": nn.Sequential(nn.Linear(4, 6, rng=0), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.5)),
            "head": nn.Linear(6, 2, rng=1),
        }
    )


def test_watch_holds_what_each_part_put_out(rng: Any) -> None:
    net, x = model().eval(), rng.standard_normal((3, 4)).astype(np.float32)
    with nn.watch(net) as activations:
        y = net(x)
    assert list(activations) == ["body.0", "body.1", "body.2", "body.3", "body", "head", ""]
    np.testing.assert_array_equal(activations["body.0"], net.body[0](x).data)
    np.testing.assert_array_equal(activations["body.2"], np.maximum(activations["body.1"], 0))
    np.testing.assert_array_equal(activations[""], y.data)


def test_nothing_is_kept_after_the_block_nor_after_an_error(rng: Any) -> None:
    net, x = model(), rng.standard_normal((3, 4)).astype(np.float32)
    with pytest.raises(ValueError, match="linear"), nn.watch(net) as activations:
        net(x[:, :3])
    net(x)
    assert not activations
    with nn.watch(net, ["head"]) as activations:
        net(x)
    assert list(activations) == ["head"]


def test_several_outputs_and_several_runs(rng: Any) -> None:
    """A part that returns a tuple is there with a tuple; one that runs twice with its last output."""
    lstm = nn.LSTM(3, 4, rng=0)
    with nn.watch(lstm) as activations:
        lstm(rng.standard_normal((5, 2, 3)))
        output, (h, _) = lstm(rng.standard_normal((6, 2, 3)))
    seen, (seen_h, seen_c) = activations[""]
    np.testing.assert_array_equal(seen, output.data)
    np.testing.assert_array_equal(seen_h, h.data)
    assert seen_c.shape == (1, 2, 4)
    assert "(6, 2, 4)" in repr(activations)


def test_the_repr_tells_dead_neurons() -> None:
    layer = nn.ReLU()
    with nn.watch(layer) as activations:
        layer([-1.0, -2.0, -3.0, 4.0])
    lines = repr(activations).splitlines()
    assert lines[0].split() == ["name", "shape", "mean", "std", "zeros"]
    assert lines[1].split() == ["(all)", "(4,)", "1", "1.73", "75%"]
    assert "<pre>" in activations._repr_html_()


def test_summary_counts_what_torch_counts() -> None:
    net = model()
    net.head.requires_grad_(False)
    table = nn.summary(net, np.ones((3, 4)))
    assert [(name, kind.strip(), shape, n) for name, kind, shape, n in table.rows] == [
        ("", "Sequential", "(3, 2)", 0),
        ("body", "Sequential", "(3, 6)", 0),
        ("body.0", "Linear", "(3, 6)", 30),
        ("body.1", "BatchNorm1d", "(3, 6)", 12),
        ("body.2", "ReLU", "(3, 6)", 0),
        ("body.3", "Dropout", "(3, 6)", 0),
        ("head", "Linear", "(3, 2)", 14),
    ]
    assert (table.total, table.trainable) == (56, 42)
    assert repr(table).splitlines()[-1] == "56 parameters, 14 of them frozen"
    assert '<td style="text-align:right">30</td>' in table._repr_html_()


def test_summary_leaves_the_network_as_it_was() -> None:
    net = model()
    net.head.eval()
    before, modes = net.state_dict(), [m.training for m in net.modules()]
    nn.summary(net, np.ones((3, 4)))
    with pytest.raises(ValueError, match="linear"):
        nn.summary(net, np.ones((3, 5)))
    assert modes == [m.training for m in net.modules()]
    assert all("_hooks" not in vars(m) or not vars(m)["_hooks"] for m in net.modules())
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    assert net.head.weight.grad is None


def test_a_shared_weight_is_counted_once() -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            self.embed, self.head = nn.Embedding(5, 3), nn.Linear(3, 5)
            self.head.weight = self.embed.weight
            self.unused = nn.ModuleList([nn.ReLU()])

        def forward(self, x: Any) -> Any:
            return self.head(self.embed(x))

    table = nn.summary(Tied(), np.array([1, 2]))
    assert {name: (shape, n) for name, _, shape, n in table.rows} == {
        "": ("(2, 5)", 0),
        "embed": ("(2, 3)", 15),
        "head": ("(2, 5)", 5),
        "unused": ("", 0),
        "unused.0": ("", 0),
    }
    assert table.total == 20


def test_bad_input() -> None:
    with pytest.raises(TypeError, match="watch: model is a function"):
        nn.watch(lambda x: x)
    with pytest.raises(KeyError) as caught:
        nn.watch(model(), ["heads"])
    assert caught.value.args == ("watch: there is no part 'heads'; did you mean 'head'?",)
    with pytest.raises(TypeError, match="names is the word 'head'"):
        nn.watch(model(), "head")
    with pytest.raises(TypeError, match="summary: model is a int"):
        nn.summary(3, np.ones(3))
    with pytest.raises(TypeError, match="summary: inputs are missing"):
        nn.summary(model())
