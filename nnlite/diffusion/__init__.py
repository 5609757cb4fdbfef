"""A tiny Stable Diffusion in interchangeable parts, one page each.

    process.py     how pictures become noise: rectified flow, DDPM and its schedules
    text.py        captions to vectors
    denoiser.py    the Transformer that finds the way back
    guidance.py    how strongly it follows the caption
    samplers.py    from noise to a picture, step by step
    pipeline.py    all of these together: a prompt in, pictures out
    train.py       how it learns
    cats16.py      the smallest system that draws cats; how well it does
    toy2d.py       the same ideas on points in the plane

>>> from nnlite import diffusion
>>> pipeline = diffusion.train_cats(steps=1, examples=8, verbose=False)
>>> pipeline("a red cat at night", guidance=3, steps=2, rng=0)
Pictures(1 of 16x16: 'a red cat at night')
"""

from nnlite.diffusion.cats16 import attribute_accuracy, train_cats
from nnlite.diffusion.denoiser import DiT
from nnlite.diffusion.guidance import guide, guided
from nnlite.diffusion.pictures import Pictures
from nnlite.diffusion.pipeline import Network, Pixels, TextToImage
from nnlite.diffusion.process import (
    DDPM,
    RectifiedFlow,
    cosine_betas,
    denoising_loss,
    diffuse,
    interpolate,
    linear_betas,
)
from nnlite.diffusion.samplers import ancestral, ancestral_step, euler, euler_step
from nnlite.diffusion.text import TextEncoder, Tokenizer
from nnlite.diffusion.toy2d import PointDiffusion, train_points
from nnlite.diffusion.train import train

__all__ = [
    "DDPM",
    "DiT",
    "Network",
    "Pictures",
    "Pixels",
    "PointDiffusion",
    "RectifiedFlow",
    "TextEncoder",
    "TextToImage",
    "Tokenizer",
    "ancestral",
    "ancestral_step",
    "attribute_accuracy",
    "cosine_betas",
    "denoising_loss",
    "diffuse",
    "euler",
    "euler_step",
    "guide",
    "guided",
    "interpolate",
    "linear_betas",
    "train",
    "train_cats",
    "train_points",
]
