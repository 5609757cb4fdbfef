"""Lesson 02: its exercises."""

from nnlite.course.catalog.exercise import Exercise, Lesson

LESSON = Lesson(
    2,
    "perceptron",
    "The perceptron",
    (
        Exercise(
            "perceptron.loss",
            module="nnlite.models.perceptron",
            minutes=15,
            points=2,
            teaches="the perceptron's piecewise-linear loss; a mask in place of a loop",
            presumes=("net = wᵀx",),
            hints=(
                "A point is misclassified when its label y and its net wᵀx have different signs. "
                "Which single number tells you that?",
                "y * (X @ w) holds one number per point: positive where the answer is right, negative where "
                "it is wrong. Only the negative ones count.",
                "margin = y * (X @ w); then margin[margin < 0] are the wrong points' margins, and the loss is "
                "minus their sum.",
            ),
            returns=("the loss",),
        ),
    ),
)
