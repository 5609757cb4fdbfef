"""Lesson 05: its exercises."""

from nnlite.course.catalog.exercise import Exercise, Lesson

LESSON = Lesson(
    5,
    "backpropagation",
    "The multilayer network and backpropagation",
    (
        Exercise(
            "mlp.forward",
            module="nnlite.models.networks.mlp",
            minutes=15,
            points=2,
            teaches="a layer of neurons as one matrix product; what a hidden layer is",
            presumes=("net = wᵀx", "the matrix product @ and the transpose .T in NumPy"),
            hints=(
                "Each row of W1 is one neuron and each row of X is one point. Which product of the two has one row "
                "for each point and one column for each neuron?",
                "X @ W1.T has the shape (N, M). Add b1 and take the hyperbolic tangent: that is H. The output layer "
                "does the same to H with W2 and b2, but without tanh.",
                "H = np.tanh(X @ W1.T + b1), then Z = H @ W2.T + b2. Return Z first, then H.",
            ),
            returns=("Z", "H"),
        ),
        Exercise(
            "mlp.error",
            module="nnlite.models.networks.mlp",
            minutes=30,
            points=3,
            teaches="softmax and cross-entropy as one function; logarithms of sums of exponentials without overflow",
            presumes=("mlp.forward", "logarithms", "axis and keepdims in NumPy"),
            hints=(
                "Start with the probabilities P, row by row. Which number may you subtract from all nets of a row, so "
                "that exp is safe and P stays the same? And how does one pick one entry from each row of an array?",
                "Subtract each row's largest net. Then log P = Z - log(sum of exp(Z) along the row): no logarithm of "
                "0. P[np.arange(N), y] is the probability of the right class in each row.",
                "Z = Z - Z.max(axis=1, keepdims=True); log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True)). The "
                "loss is -log_P[np.arange(N), y].mean(). For dZ take np.exp(log_P), subtract 1 at the same entries, "
                "and divide by N.",
            ),
            returns=("the loss", "dZ"),
        ),
        Exercise(
            "functional.tanh",
            module="nnlite.functional.activations",
            minutes=10,
            points=1,
            teaches="a first vjp: the local slope times the gradient from above",
            presumes=("the chain rule",),
            hints=(
                "vjp(dy) answers: if the loss changes by dy for each unit of y, by how much does it change for each "
                "unit of x? One factor is dy. What is the other?",
                "The derivative of tanh can be written with its value alone: 1 - y². Each element stands for itself, "
                "so nothing is summed.",
                "y = np.tanh(x); define vjp(dy) inside, which returns dy * (1 - y * y); return y, vjp.",
            ),
            returns=("y", "vjp"),
            example=(">>> y, vjp = tanh(np.array([0.0]))\n>>> y\narray([0.])\n>>> vjp(np.array([3.0]))\narray([3.])"),
        ),
        Exercise(
            "mlp.backward",
            module="nnlite.models.networks.mlp",
            minutes=45,
            points=4,
            teaches="backpropagation: the chain rule through two layers, and why each gradient has its weight's shape",
            presumes=("mlp.forward", "functional.tanh"),
            hints=(
                "Go backwards, one line of the forward pass at a time. Z = H @ W2.T + b2 gives dW2, db2 and dH; "
                "H = tanh(A) gives dA; A = X @ W1.T + b1 gives dW1 and db1. Each gradient has the shape of what it "
                "belongs to.",
                "Weight W2[k, m] acts on Z[n, k] through H[n, m], for every point n: so sum dZ[n, k] H[n, m] over n, "
                "which is dZ.T @ H. A bias acts on every point directly. Towards the inputs: dH = dZ @ W2.",
                "dW2 = dZ.T @ H; db2 = dZ.sum(axis=0); dA = (dZ @ W2) * (1 - H * H); dW1 = dA.T @ X; "
                "db1 = dA.sum(axis=0). Return dW1, db1, dW2, db2.",
            ),
            returns=("dW1", "db1", "dW2", "db2"),
        ),
        Exercise(
            "mlp.update",
            module="nnlite.models.networks.mlp",
            minutes=10,
            points=1,
            teaches="gradient descent with momentum",
            presumes=("the gradient points uphill",),
            hints=(
                "Two lines: first the new step v, from the old step and the gradient, then the new weights. Which "
                "sign takes you downhill?",
                "The new step is momentum times the old one, minus rate times the gradient. The weights move by the "
                "new step. Both are new arrays.",
                "v = momentum * v - rate * dw; return w + v, v.",
            ),
            returns=("w", "v"),
        ),
    ),
)
