"""Lesson 06: its exercises."""

from nnlite.course.catalog.exercise import Exercise, Lesson

LESSON = Lesson(
    6,
    "autodiff",
    "Automatic differentiation",
    (
        Exercise(
            "functional.softmax",
            module="nnlite.functional.activations",
            minutes=30,
            points=3,
            teaches="a function and its vector-Jacobian product; computing exp without overflow",
            presumes=("the chain rule", "axis and keepdims in NumPy"),
            hints=(
                "Subtracting the same number from every score along dim changes nothing. Which number makes "
                "exp safe? For the gradient: every y_i depends on every x_j, so the Jacobian is not diagonal.",
                "Subtract the maximum along dim with keepdims=True, take exp, divide by the sum along dim. "
                "The Jacobian of one slice is diag(y) - y yᵀ; multiply it with dy on paper first.",
                "(diag(y) - y yᵀ) dy = y * dy - y * sum(y * dy): inside vjp return "
                "y * (dy - (dy * y).sum(axis=dim, keepdims=True)).",
            ),
            returns=("y", "vjp"),
            example=(
                ">>> y, vjp = softmax(np.array([0.0, 0.0]))\n"
                ">>> y\n"
                "array([0.5, 0.5])\n"
                ">>> vjp(np.array([1.0, 0.0]))\n"
                "array([ 0.25, -0.25])"
            ),
        ),
    ),
)
