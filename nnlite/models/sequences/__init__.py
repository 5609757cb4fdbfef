"""Systems that read sequences."""

from nnlite.models.sequences.transformer import Transformer, TransformerEncoderLayer, positional_encoding

__all__ = ["Transformer", "TransformerEncoderLayer", "positional_encoding"]
