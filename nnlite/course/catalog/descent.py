"""Lesson 04: its exercises."""

from nnlite.course.catalog.exercise import Exercise, Lesson

LESSON = Lesson(
    4,
    "descent",
    "Gradient descent",
    (
        Exercise(
            "adaline.loss",
            module="nnlite.models.neurons.adaline",
            minutes=10,
            points=1,
            teaches="the mean squared error: a loss that is smooth and counts every point",
            presumes=("net = wᵀx",),
            hints=(
                "Compare the net with the wanted answer, not the decision: how far is each point off?",
                "error = y - X @ w holds one number per point. Square it, take the mean, halve it.",
                "return float((error**2).mean() / 2)",
            ),
            returns=("the loss",),
        ),
        Exercise(
            "adaline.train_batch",
            module="nnlite.models.neurons.adaline",
            minutes=25,
            points=3,
            teaches="gradient descent: the slope, a step against it, and again from where one stands",
            presumes=("adaline.loss", "what a gradient is"),
            hints=(
                "Two things happen in turn: find the gradient at the present weights, step against it. The errors "
                "must be computed anew after every step.",
                "error = y - X @ w; the gradient is -(error @ X) / len(y), one number for each weight. Keep every w "
                "in a list, the first one too, and let each step make a new array.",
                "W = [w]; then steps times: error = y - X @ w; w = w + learning_rate * (error @ X) / len(y); "
                "W.append(w). At the end return np.array(W).",
            ),
            returns=("the path",),
        ),
        Exercise(
            "adaline.update",
            module="nnlite.models.neurons.adaline",
            minutes=10,
            points=1,
            teaches="the delta rule: a step against the slope at one single point",
            presumes=("adaline.loss",),
            hints=(
                "How far is the net wᵀx from the wanted answer y? The correction is as large as that.",
                "error = y - w @ x is one number. Which direction of w changes the net of x the most?",
                "error = y - w @ x; return w + learning_rate * error * x",
            ),
            returns=("the new weights",),
        ),
        Exercise(
            "logistic.loss",
            module="nnlite.models.neurons.logistic",
            minutes=20,
            points=2,
            teaches="cross-entropy, and how to compute it where e^net overflows",
            presumes=("the sigmoid", "the logarithm of a probability"),
            hints=(
                "Never compute p. What is -log p when p = 1 / (1 + e^-net)? A logarithm of a sum of two exponentials.",
                "np.logaddexp(0, z) is log(1 + e^z), and it never overflows. Which z belongs to a point with y = 1, "
                "which to one with y = 0?",
                "z = (1 - 2 * y) * (X @ w) is -net where y = 1 and net where y = 0; "
                "the loss is np.logaddexp(0, z).mean().",
            ),
            returns=("the loss",),
        ),
        Exercise(
            "logistic.gradient",
            module="nnlite.models.neurons.logistic",
            minutes=15,
            points=2,
            teaches="why the gradient of cross-entropy is so simple: p - y",
            presumes=("logistic.loss", "the sigmoid"),
            hints=(
                "For one point the gradient is (p - y) x: the larger the surprise, the stronger the pull.",
                "p = 1 / (1 + np.exp(-(X @ w))) has one entry per point. (p - y) weighs the rows of X; add them up.",
                "return (p - y) @ X / len(y). If e^-net overflows p is still right, only NumPy warns; "
                "(1 + np.tanh(net / 2)) / 2 is the same without a warning.",
            ),
            returns=("the gradient",),
        ),
        Exercise(
            "softmax_regression.gradient",
            module="nnlite.models.networks.softmax_regression",
            minutes=30,
            points=3,
            teaches="many classes at once: probabilities minus the right answer, times the input",
            presumes=("logistic.gradient", "axis and keepdims in NumPy"),
            hints=(
                "Three steps: the nets of all points and classes (N, K), from them the probabilities, each row with "
                "the sum 1, and then what is wrong with each probability.",
                "Z = X @ W.T; subtract from each row its maximum, take exp, divide each row by its sum. Subtract 1 "
                "from P at the right class of each point: P[np.arange(len(y)), y] -= 1.",
                "E = np.exp(Z - Z.max(axis=1, keepdims=True)); P = E / E.sum(axis=1, keepdims=True); "
                "P[np.arange(len(y)), y] -= 1; return P.T @ X / len(y)",
            ),
            returns=("the gradient",),
        ),
    ),
)
