"""Differentiable functions, with PyTorch's names: value and vjp (vector-Jacobian product) side by side.

Each takes Tensors, arrays or numbers and returns a Tensor. ``F.softmax.formula`` is the definition on plain arrays.
"""

from nnlite.functional.activations import (
    elu,
    gelu,
    glu,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    log_softmax,
    logsigmoid,
    mish,
    prelu,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softmax,
    softmin,
    softplus,
    softsign,
    swiglu,
    tanh,
)
from nnlite.functional.attention import scaled_dot_product_attention
from nnlite.functional.convolution import conv1d, conv2d, conv_transpose2d
from nnlite.functional.dropout import dropout, dropout1d, dropout2d
from nnlite.functional.elementwise import abs_ as abs
from nnlite.functional.elementwise import (
    add,
    clamp,
    cos,
    div,
    eq,
    erf,
    exp,
    expm1,
    ge,
    gt,
    le,
    log,
    log1p,
    log2,
    lt,
    maximum,
    minimum,
    mul,
    ne,
    neg,
    reciprocal,
    rsqrt,
    sign,
    sin,
    sqrt,
    square,
    sub,
    tan,
    where,
)
from nnlite.functional.elementwise import pow_ as pow
from nnlite.functional.linear import (
    bilinear,
    bmm,
    dot,
    einsum,
    embedding,
    linear,
    linear_activation,
    matmul,
    mm,
    mv,
    outer,
)
from nnlite.functional.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    gaussian_nll_loss,
    hinge_embedding_loss,
    huber_loss,
    kl_div,
    l1_loss,
    margin_ranking_loss,
    mse_loss,
    multi_margin_loss,
    nll_loss,
    perceptron_loss,
    smooth_l1_loss,
    soft_margin_loss,
)
from nnlite.functional.normalization import (
    batch_norm,
    cosine_similarity,
    group_norm,
    instance_norm,
    layer_norm,
    norm,
    normalize,
    rms_norm,
)
from nnlite.functional.pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    avg_pool1d,
    avg_pool2d,
    interpolate,
    max_pool1d,
    max_pool2d,
    pixel_shuffle,
    pixel_unshuffle,
)
from nnlite.functional.recurrent import gru, linear_recurrence, lstm, rnn
from nnlite.functional.reductions import amax, amin, argmax, argmin, cumprod, cumsum, logsumexp, mean, prod, std, var
from nnlite.functional.reductions import max_ as max
from nnlite.functional.reductions import min_ as min
from nnlite.functional.reductions import sum_ as sum
from nnlite.functional.shapes import (
    cat,
    chunk,
    expand,
    flatten,
    flip,
    gather,
    index_select,
    one_hot,
    pad,
    permute,
    reshape,
    roll,
    split,
    squeeze,
    stack,
    take_along_dim,
    transpose,
    tril,
    triu,
    unsqueeze,
)
