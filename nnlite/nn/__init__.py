"""Layers: thin objects that own weights and call ``functional``."""

from nnlite.nn import init
from nnlite.nn.activations import (
    ELU,
    GELU,
    GLU,
    SELU,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Softmin,
    Softplus,
    Softsign,
    SwiGLU,
    Tanh,
)
from nnlite.nn.attention import MultiheadAttention
from nnlite.nn.containers import ModuleDict, ModuleList, ParameterList, Sequential
from nnlite.nn.convolution import Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d
from nnlite.nn.dropout import Dropout, Dropout1d, Dropout2d
from nnlite.nn.inspection import summary, watch
from nnlite.nn.linear import Bilinear, Embedding, Flatten, Linear, Unflatten
from nnlite.nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    GaussianNLLLoss,
    HingeEmbeddingLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MarginRankingLoss,
    MSELoss,
    MultiMarginLoss,
    NLLLoss,
    PerceptronLoss,
    SmoothL1Loss,
    SoftMarginLoss,
)
from nnlite.nn.module import Buffer, Identity, Module, Parameter
from nnlite.nn.normalization import (
    BatchNorm1d,
    BatchNorm2d,
    GroupNorm,
    InstanceNorm1d,
    InstanceNorm2d,
    LayerNorm,
    RMSNorm,
)
from nnlite.nn.pooling import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AvgPool1d,
    AvgPool2d,
    MaxPool1d,
    MaxPool2d,
    PixelShuffle,
    PixelUnshuffle,
    Upsample,
)
from nnlite.nn.recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell
