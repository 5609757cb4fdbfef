"""Layers: thin objects that own weights and call ``functional``."""

from nnlite.nn import init
from nnlite.nn.layers import (
    GELU,
    Conv2d,
    Dropout,
    Embedding,
    Flatten,
    GroupNorm,
    LayerNorm,
    Linear,
    MultiheadAttention,
    ReLU,
    RMSNorm,
    Sigmoid,
    SiLU,
    Tanh,
)
from nnlite.nn.module import Module, ModuleList, Parameter, Sequential
