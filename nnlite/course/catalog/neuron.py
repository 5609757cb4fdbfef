"""Lesson 01: its exercises."""

from nnlite.course.catalog.exercise import Exercise, Lesson

LESSON = Lesson(
    1,
    "neuron",
    "The neuron",
    (
        Exercise(
            "neuron.with_bias",
            module="nnlite.models.neurons.neuron",
            minutes=10,
            points=1,
            teaches="the bias as the weight of a virtual input; joining arrays along an axis",
            presumes=("shape and axis in NumPy",),
            hints=(
                "You need a column of ones, as many as there are points, and then both side by side. If X is a single "
                "point (n,), the column is a single 1.",
                "X.shape[:-1] is X's shape without the last axis, so np.ones((*X.shape[:-1], 1), X.dtype) fits any X. "
                "np.concatenate puts arrays together along an axis.",
                "ones = np.ones((*X.shape[:-1], 1), X.dtype); then return np.concatenate([ones, X], axis=-1).",
            ),
            returns=("the result",),
        ),
        Exercise(
            "neuron.net",
            module="nnlite.models.neurons.neuron",
            minutes=10,
            points=1,
            teaches="the weighted sum as a scalar product; one point or many with the same line",
            presumes=("the scalar product", "the operator @ in NumPy"),
            hints=(
                "For one point: multiply each input by its weight and add up. For many points the same, row by row. "
                "One operator of NumPy does both.",
                "a @ b pairs the last axis of a with the first axis of b (of the only one, if b is a vector). "
                "Which of w and x must stand on the left, so that it pairs the D inputs with the D weights?",
                "return x @ w: the last axis of x, its inputs, meets the weights.",
            ),
            returns=("net",),
        ),
        Exercise(
            "neuron.sigmoid",
            module="nnlite.models.neurons.neuron",
            minutes=20,
            points=2,
            teaches="the sigmoid; how a formula that is right on paper overflows, and how to rewrite it",
            presumes=("the exponential function", "np.where"),
            hints=(
                "exp overflows for large positive numbers, never for negative ones. Where net >= 0 the formula is safe "
                "as it stands. Where it is negative, multiply it above and below by e^net.",
                "e = np.exp(-np.abs(net)) is never more than 1. The answer is 1 / (1 + e) where net >= 0, and "
                "e / (1 + e) elsewhere.",
                "Both fractions have the same denominator: return np.where(net >= 0, 1, e) / (1 + e).",
            ),
            returns=("y",),
        ),
        Exercise(
            "neuron.sigmoid_derivative",
            module="nnlite.models.neurons.neuron",
            minutes=15,
            points=2,
            teaches="the slope of an activation function",
            presumes=("derivatives", "neuron.sigmoid"),
            hints=(
                "With y = sigmoid(net) the slope is y (1 - y). If you compute y, do it so that nothing overflows.",
                "The slope is the same at net and at -net, so you may use |net| in place of net: "
                "e = np.exp(-np.abs(net)) is safe, and y = 1 / (1 + e).",
                "Then y (1 - y) = 1 / (1 + e) times e / (1 + e): return e / (1 + e) ** 2.",
            ),
            returns=("the slope",),
        ),
    ),
)
