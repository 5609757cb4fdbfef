"""The Transformer against torch's."""

import math

import numpy as np
import pytest

from nnlite.models.sequences import Transformer, TransformerEncoderLayer, positional_encoding
from nnlite.tensor import Tensor, no_grad


def copy_into_torch(ours, theirs, torch):
    theirs.load_state_dict({name: torch.tensor(array) for name, array in ours.state_dict().items()})


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("causal", [False, True])
def test_the_layer_is_torchs_layer_in_values_and_gradients(norm_first, activation, causal):
    """Catches a norm on the wrong side of the residual, a transposed weight, a mask the wrong way round."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    ours = TransformerEncoderLayer(8, 2, 16, dropout=0.0, activation=activation, norm_first=norm_first, rng=1)
    theirs = torch.nn.TransformerEncoderLayer(
        8, 2, 16, dropout=0.0, activation=activation, norm_first=norm_first, batch_first=True
    )
    for parameter in ours.parameters():  # away from the initial zeros and ones
        parameter.data += 0.1 * rng.standard_normal(parameter.shape).astype(np.float32)
    copy_into_torch(ours, theirs, torch)
    x, dy = rng.standard_normal((2, 3, 5, 8)).astype(np.float32)
    ours_x, theirs_x = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y = ours(ours_x, is_causal=causal)
    mask = torch.nn.Transformer.generate_square_subsequent_mask(5) if causal else None
    expected = theirs(theirs_x, src_mask=mask, is_causal=causal)
    y.backward(dy)
    expected.backward(torch.tensor(dy))
    np.testing.assert_allclose(y.data, expected.detach().numpy(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours_x.grad, theirs_x.grad.numpy(), rtol=1e-4, atol=1e-5)
    gradients = dict(theirs.named_parameters())
    for name, parameter in ours.named_parameters():
        np.testing.assert_allclose(parameter.grad, gradients[name].grad.numpy(), rtol=1e-4, atol=1e-5, err_msg=name)


def test_the_encoding_of_a_shifted_position_is_a_rotation():
    """§3.5: PE(t + k) is a linear function of PE(t), the same for all t. Catches sines and cosines out of phase."""
    pe = positional_encoding(50, 8).astype(float)
    for i in range(4):
        angle = 3 / 10000 ** (2 * i / 8)
        turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        np.testing.assert_allclose(pe[3:, 2 * i : 2 * i + 2], pe[:-3, 2 * i : 2 * i + 2] @ turn.T, atol=1e-5)


@pytest.mark.parametrize("norm_first", [False, True])
def test_a_causal_model_does_not_see_the_future(norm_first):
    """Catches a mask that is one position off."""
    model = Transformer(10, d_model=8, nhead=2, max_length=6, norm_first=norm_first, rng=0).eval()
    tokens = np.array([[1, 2, 3, 4, 5, 6]])
    changed = tokens.copy()
    changed[0, 4] = 9
    with no_grad():
        before, after = model(tokens).data, model(changed).data
    np.testing.assert_array_equal(before[:, :4], after[:, :4])
    assert np.abs(before[:, 4:] - after[:, 4:]).max() > 1e-4


def test_attention_maps_are_probabilities_over_the_past():
    model = Transformer(10, d_model=8, nhead=2, num_layers=2, max_length=6, norm_first=True, rng=0)
    maps = model.attention(np.array([[1, 2, 3, 4, 5, 6]]))
    assert [m.shape for m in maps] == [(1, 2, 6, 6)] * 2
    for m in maps:
        np.testing.assert_allclose(m.sum(-1), 1, rtol=1e-5)
        assert (np.triu(m, 1) == 0).all()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Transformer(10, d_model=7), ValueError, "d_model is 7"),
        (lambda: Transformer(10, d_model=8, nhead=3), ValueError, "num_heads=3"),
        (lambda: Transformer(10, max_length=4)(np.zeros((1, 5), int)), ValueError, "T <= 4"),
        (lambda: Transformer(10, max_length=4)(np.zeros(3, int)), ValueError, "(N, T)"),
        (lambda: Transformer(10, max_length=4)(np.full((1, 3), 10)), ValueError, "integers from 0 to 9"),
        (lambda: TransformerEncoderLayer(8, 2, activation="tanh"), ValueError, "activation is 'tanh'"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


@pytest.mark.parametrize("norm_first", [False, True])
def test_attention_maps_are_those_of_what_each_layer_really_gets(norm_first, monkeypatch):
    """Catches maps of the input before the norm, or of the first layer's input for all."""
    model = Transformer(10, d_model=8, nhead=2, num_layers=3, max_length=6, norm_first=norm_first, rng=0)
    tokens, seen = np.array([[1, 2, 3, 4, 5, 6]]), []
    for layer in model.layers:
        attend = layer.self_attn.forward

        def recorded(query, *others, attend=attend, **options):
            seen.append(query.data.copy())
            return attend(query, *others, **options)

        monkeypatch.setattr(layer.self_attn, "forward", recorded)
    model(tokens)
    maps = model.attention(tokens)
    for layer, x, found in zip(model.layers, seen, maps, strict=False):
        weight, bias = layer.self_attn.in_proj_weight.data, layer.self_attn.in_proj_bias.data
        q, k = (
            (x @ weight[i : i + 8].T + bias[i : i + 8]).reshape(1, 6, 2, 4).transpose(0, 2, 1, 3) for i in (0, 8)
        )  # (N, heads, T, 4)
        scores = np.where(np.tri(6, dtype=bool), q @ k.swapaxes(-1, -2) / 2, -np.inf)
        expected = np.exp(scores - scores.max(-1, keepdims=True))
        np.testing.assert_allclose(found, expected / expected.sum(-1, keepdims=True), rtol=1e-4, atol=1e-6)
    assert len(maps) == 3 <= len(seen)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((5, 3), ValueError, "d_model is 3, expected an even number"),
        ((5, 0), ValueError, "d_model is 0, expected a number >= 2"),
        ((-1, 4), ValueError, "length is -1, expected a number >= 0"),
        ((5.0, 4), TypeError, "length is 5.0"),
        ((5, "4"), TypeError, "d_model is '4'"),
    ],
)
def test_what_the_encoding_does_not_take_is_named(arguments, error, message):
    with pytest.raises(error, match=f"transformer.positional_encoding: {message}"):
        positional_encoding(*arguments)


@pytest.mark.parametrize("norm_first", [False, True])
def test_only_a_network_that_norms_first_norms_its_sum_at_the_end(norm_first):
    """Xiong et al. 2020: with the norm inside the branches the last sum would go out as it is."""
    model = Transformer(10, d_model=8, nhead=2, num_layers=1, max_length=6, norm_first=norm_first, rng=0)
    assert (model.norm is not None) == norm_first
