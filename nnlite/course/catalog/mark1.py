"""Lesson 03: its exercises."""

from nnlite.course.catalog.exercise import Exercise, Lesson

LESSON = Lesson(
    3,
    "mark1",
    "Mark I, a machine that reads",
    (
        Exercise(
            "mark1.associate",
            module="nnlite.models.neurons.mark1",
            minutes=10,
            points=1,
            teaches="a whole layer of units as one matrix product and one threshold",
            presumes=("net = wᵀx", "matrix product"),
            hints=(
                "What an A-unit adds up is a net: the S-units times its column of wires. Which one operation gives all "
                "nets of all pictures?",
                "S @ C has a row for each picture and a column for each A-unit. A unit fires where this sum reaches "
                "the threshold: is a sum equal to the threshold enough?",
                "Compare S @ C >= threshold; that gives True and False. Turn them into 1 and 0 in the dtype of S "
                "with .astype(S.dtype).",
            ),
            returns=("the A-units",),
        ),
        Exercise(
            "mark1.update",
            module="nnlite.models.neurons.mark1",
            minutes=20,
            points=2,
            teaches="error correction of many neurons at once; the outer product",
            presumes=("the perceptron's rule", "matrix product"),
            hints=(
                "Each R-unit is a perceptron of its own, with its row of w as weights, and all see the same a. What is "
                "the net of all of them together?",
                "net = w @ a, one for each R-unit, and y * net <= 0 tells which are wrong. A wrong one gains y a, a "
                "right one nothing: so which number times a does each row gain?",
                "wrong * y is y for the wrong units and 0 for the right ones; np.outer(wrong * y, a) holds what each "
                "row gains. Add it to w without changing w itself.",
            ),
            returns=("the new weights",),
        ),
        Exercise(
            "metrics.accuracy",
            module="nnlite.training.metrics",
            minutes=15,
            points=2,
            teaches="the share that is right, and what to do with a NaN",
            presumes=("argmax",),
            hints=(
                "The answer of a row is the place of its largest score. Which function of NumPy gives that place for "
                "each row?",
                "scores.argmax(axis=1) == labels tells which rows are right. Now find the rows that hold a NaN: argmax "
                "takes a NaN for the largest of all.",
                "np.isnan(scores).any(axis=1) marks the rows with a NaN. Right are the rows whose answer is the label "
                "and that are not marked; the accuracy is their mean, as a float.",
            ),
            returns=("the accuracy",),
        ),
        Exercise(
            "metrics.confusion_matrix",
            module="nnlite.training.metrics",
            minutes=20,
            points=2,
            teaches="which class is taken for which; counting with a product of two tables of 0 and 1",
            presumes=("comparison of arrays", "broadcasting"),
            hints=(
                "Begin with zeros of shape (K, K) and dtype int64. Which cell does one point count in? Its row is the "
                "place of its right class among the classes.",
                "A loop over i and j is right: M[i, j] = how often y == classes[i] and predicted == classes[j] hold "
                "together. Can it be done without a loop? y[:, None] == classes is a table (N, K).",
                "right = (y[:, None] == classes).astype(np.int64) and given, the same of predicted, hold a single 1 in "
                "each row. right.T @ given counts where both ones meet.",
            ),
            returns=("the confusion matrix",),
        ),
        Exercise(
            "split.folds",
            module="nnlite.data.split",
            minutes=25,
            points=3,
            teaches="k-fold cross-validation with the classes spread evenly; writing to places named by an index array",
            presumes=("argsort", "index arrays"),
            hints=(
                "First lay the cards out, then deal them. If all points were of one class, the i-th card laid out is "
                "the point order[i], and its fold is i modulo k.",
                "To lay them out class after class, sort by class, but keep the points of one class as they stand in "
                "order. y[order] are the classes in that order; a stable argsort sorts them and keeps equals in order.",
                'dealt = order[np.argsort(y[order], kind="stable")] are the cards. The i-th of them gets fold i % k: '
                "write fold[dealt] = np.arange(N) % k into an empty array of int64.",
            ),
            returns=("the folds",),
        ),
    ),
)
