"""Lesson 02: its exercises."""

from nnlite.course.catalog.exercise import Exercise, Lesson

LESSON = Lesson(
    2,
    "perceptron",
    "The perceptron",
    (
        Exercise(
            "perceptron.update",
            module="nnlite.models.neurons.perceptron",
            minutes=10,
            points=1,
            teaches="Rosenblatt's rule: learning from one point, and only from a mistake",
            presumes=("net = wᵀx",),
            hints=(
                "First decide whether the answer is right: y and net = wᵀx must have the same sign. net = 0 has none.",
                "The answer is wrong when y * (w @ x) <= 0. Then the new weights are the old ones plus y x, and "
                "learning_rate says how much of it.",
                "if y * (w @ x) <= 0: return w + learning_rate * y * x. Otherwise return w as it is.",
            ),
            returns=("the new w",),
        ),
        Exercise(
            "perceptron.loss",
            module="nnlite.models.neurons.perceptron",
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
        Exercise(
            "perceptron.subgradient",
            module="nnlite.models.neurons.perceptron",
            minutes=15,
            points=2,
            teaches="the slope of a piecewise-linear loss, and what to take at a kink",
            presumes=("perceptron.loss", "gradients"),
            hints=(
                "The term of one misclassified point is -y wᵀx. Its gradient with respect to w is -y x. Points "
                "that are right add nothing, and net = 0 is not right.",
                "wrong = y * (X @ w) <= 0 is True for the points that count. X[wrong] and y[wrong] keep only those. "
                "What is left to do is to sum -y x over them.",
                "The sum over the points is a product of a vector with a matrix: return -(y[wrong] @ X[wrong]).",
            ),
            returns=("the subgradient",),
        ),
        Exercise(
            "perceptron.mistake_bound",
            module="nnlite.models.neurons.perceptron",
            minutes=15,
            points=2,
            teaches="the margin as a distance, and Novikoff's bound on the number of mistakes",
            presumes=("net as a distance from the line",),
            hints=(
                "Two numbers are needed. R: how long is the longest point? gamma: how far from the plane is the "
                "nearest one? Mind that y wᵀx is a distance only if w has length 1.",
                "np.linalg.norm(X, axis=1) gives the length of each row. y * (X @ w) divided by np.linalg.norm(w) "
                "gives the distances.",
                "gamma = (y * (X @ w)).min() / np.linalg.norm(w); R = np.linalg.norm(X, axis=1).max(); "
                "the bound is (R / gamma) ** 2.",
            ),
            returns=("the bound",),
        ),
        Exercise(
            "perceptron.multiclass_update",
            module="nnlite.models.neurons.multiclass",
            minutes=25,
            points=3,
            teaches="the perceptron's rule for any number of classes",
            presumes=("perceptron.update", "argmax"),
            hints=(
                "Two classes matter: the right one and the strongest of the others. Find that rival first, then ask "
                "whether the right class scores more.",
                "scores = W @ x. To leave the right class out of the search, put -np.inf in its place in a copy, and "
                "take argmax. Work on a copy of W, too.",
                "new = W.copy(); rivals = W @ x; own = rivals[label]; rivals[label] = -np.inf; r = rivals.argmax(). "
                "If own <= rivals[r], add learning_rate * x to new[label] and subtract it from new[r].",
            ),
            returns=("the new W",),
        ),
    ),
)
