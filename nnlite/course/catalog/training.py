"""Lesson 07: its exercises."""

from nnlite.course.catalog.exercise import Exercise, Lesson

LESSON = Lesson(
    7,
    "training",
    "Training",
    (
        Exercise(
            "functional.log_softmax",
            module="nnlite.functional.activations",
            minutes=25,
            points=3,
            teaches="the half of cross-entropy that decides whether it is finite; a vjp that reuses the value",
            presumes=("softmax and its vjp", "the logarithm of a quotient"),
            hints=(
                "log(exp(x_i) / sum_j exp(x_j)) is a difference. Which number may you subtract from all scores first, "
                "so that no exp overflows and the sum is at least 1?",
                "shifted = x - max along dim (keepdims=True); y = shifted - log(sum(exp(shifted))). For the gradient: "
                "dy_i reaches x_i directly, and all dy_j reach it through the logarithm of the sum.",
                "The derivative of log sum_j exp(x_j) with respect to x_i is the softmax, exp(y_i). So inside vjp: "
                "dy - np.exp(y) * dy.sum(axis=dim, keepdims=True).",
            ),
            returns=("y", "vjp"),
            example=(
                ">>> y, vjp = log_softmax(np.array([0.0, 0.0]))\n"
                ">>> y.round(4)\n"
                "array([-0.6931, -0.6931])\n"
                ">>> vjp(np.array([1.0, 0.0]))\n"
                "array([ 0.5, -0.5])"
            ),
        ),
        Exercise(
            "init.kaiming_std",
            module="nnlite.nn.init",
            minutes=15,
            points=2,
            teaches="how large random weights must be; what fan-in is, also of a convolution",
            presumes=("the variance of a sum of independent numbers",),
            hints=(
                "Count the weights that lead into one neuron. In a linear layer of shape (out, in) there are `in` of "
                "them; in a convolution of shape (out, in, height, width) there are more.",
                "fan_in is shape[1] times the product of shape[2:], and fan_out is shape[0] times that product. The "
                "product of an empty tuple, math.prod(()), is 1.",
                "points = math.prod(shape[2:]); fan = points * shape[1], or points * shape[0] for 'fan_out'; "
                "return gain / math.sqrt(fan).",
            ),
            returns=("the standard deviation",),
        ),
        Exercise(
            "optim.momentum_step",
            module="nnlite.optim.momentum",
            minutes=20,
            points=2,
            teaches="momentum and Nesterov's variant; changing an array in place",
            presumes=("gradient descent",),
            hints=(
                "There are two lines: one for v, one for w. The one for v comes first, because the weights follow "
                "the new velocity.",
                "v *= momentum and then v += grad change the caller's array. v = momentum * v + grad would leave it "
                "as it was, and the next step would know nothing of this one.",
                "v *= momentum; v += grad; then w -= lr * v, or with nesterov w -= lr * (grad + momentum * v); "
                "return w.",
            ),
            returns=("the returned w",),
            changes=("w", "v"),
        ),
        Exercise(
            "optim.adam_step",
            module="nnlite.optim.optimizers",
            minutes=30,
            points=3,
            teaches="Adam: two running means, their bias correction, and weight decay inside or beside the gradient",
            presumes=("momentum", "a running mean"),
            hints=(
                "Five lines, in the order of the text: g, then m, then v, then the decay of w, then the step of w. "
                "Only the step uses the corrections, and it must not write them into m and v.",
                "m *= beta1; m += (1 - beta1) * g, and the same for v with g * g. The step divides m / correction1 "
                "by np.sqrt(v / correction2) + eps.",
                "g = grad + l2 * w; update m and v in place; w *= 1 - lr * decay; "
                "w -= lr * (m / correction1) / (np.sqrt(v / correction2) + eps); return w.",
            ),
            returns=("the returned w",),
            changes=("w", "m", "v"),
        ),
        Exercise(
            "optim.cosine",
            module="nnlite.optim.schedules",
            minutes=15,
            points=2,
            teaches="a learning-rate schedule as a function of the step: warm-up and cosine",
            presumes=("the cosine from 0 to π",),
            hints=(
                "There are three stretches: the warm-up, the fall, and what comes after. For the fall, compute first "
                "which share of it is done, from 0 to 1.",
                "done = (t - warmup) / (total - warmup), but never more than 1. The cosine of math.pi * done runs "
                "from 1 to -1; make that run from 1 to 0, and then from 1 to final.",
                "In the warm-up return (t + 1) / warmup. Otherwise "
                "final + (1 - final) * 0.5 * (1 + math.cos(math.pi * done)).",
            ),
            returns=("the fraction",),
        ),
        Exercise(
            "functional.inverted_dropout",
            module="nnlite.functional.dropout",
            minutes=15,
            points=2,
            teaches="dropout as a mask, the same one forwards and backwards; why the survivors are scaled",
            presumes=("a vjp",),
            hints=(
                "Make an array that holds for each element what x is multiplied with there: 0, or 1 / (1 - p). "
                "Which of them gets which is decided by u >= p.",
                "keep = (u >= p).astype(x.dtype), then divide by 1 - p, unless p is 1. The value is x * keep. What "
                "does an element that was silenced contribute to the gradient?",
                "vjp(dy) is dy * keep: the same mask, the same factor.",
            ),
            returns=("y", "vjp"),
        ),
    ),
)
