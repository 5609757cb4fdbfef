"""Lesson 07, what training is made of: a loss, first weights, steps of optimizers, a schedule, dropout.

Numbers are halves and quarters wherever they can be, so that a counterexample can be followed on paper.
"""

from nnlite.course.exercise import Lesson

LESSON = Lesson(
    7,
    "training",
    "Training",
    (
        "functional.log_softmax",
        "init.kaiming_std",
        "optim.momentum_step",
        "optim.adam_step",
        "optim.cosine",
        "functional.inverted_dropout",
    ),
)
