"""Differentiable functions, with PyTorch's names: value and vjp (vector-Jacobian product) side by side.

Each takes Tensors, arrays or numbers and returns a Tensor. ``F.softmax.formula`` is the definition on plain arrays.
"""

from nnlite.functional.activations import (
    gelu,
    glu,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from nnlite.functional.attention import scaled_dot_product_attention
from nnlite.functional.convolution import conv2d
from nnlite.functional.dropout import dropout
from nnlite.functional.elementwise import (
    abs_ as abs,
)
from nnlite.functional.elementwise import (
    add,
    clamp,
    cos,
    div,
    erf,
    exp,
    log,
    log1p,
    maximum,
    minimum,
    mul,
    neg,
    reciprocal,
    rsqrt,
    sin,
    sqrt,
    square,
    sub,
    where,
)
from nnlite.functional.elementwise import (
    pow_ as pow,
)
from nnlite.functional.linear import embedding, linear, matmul
from nnlite.functional.losses import cross_entropy, l1_loss, mse_loss
from nnlite.functional.normalization import group_norm, layer_norm, rms_norm
from nnlite.functional.reductions import amax, amin, argmax, logsumexp, mean, std, var
from nnlite.functional.reductions import max_ as max
from nnlite.functional.reductions import min_ as min
from nnlite.functional.reductions import sum_ as sum
from nnlite.functional.shapes import (
    cat,
    chunk,
    expand,
    flatten,
    gather,
    one_hot,
    pad,
    permute,
    reshape,
    split,
    squeeze,
    stack,
    transpose,
    tril,
    triu,
    unsqueeze,
)
