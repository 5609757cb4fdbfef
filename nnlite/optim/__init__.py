"""Optimizers: how weights follow their gradients downhill; schedules: how long the steps are; clipping; averages."""

from nnlite.optim.averaging import EMA
from nnlite.optim.clipping import clip_grad_norm_, clip_grad_value_
from nnlite.optim.cycles import CosineAnnealingWarmRestarts, CyclicLR
from nnlite.optim.momentum import momentum_step
from nnlite.optim.muon import Muon, newton_schulz
from nnlite.optim.one_cycle import OneCycleLR
from nnlite.optim.optimizer import Optimizer
from nnlite.optim.optimizers import SGD, Adagrad, Adam, AdamW, NAdam, RAdam, RMSprop, adam_step
from nnlite.optim.plateau import ReduceLROnPlateau
from nnlite.optim.schedule import Schedule
from nnlite.optim.schedules import (
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    CosineSchedule,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    SequentialLR,
    StepLR,
    WarmupSchedule,
    cosine,
)
