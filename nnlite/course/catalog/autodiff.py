"""Lesson 06: its exercises."""

from nnlite.course.catalog.exercise import Exercise, Lesson

LESSON = Lesson(
    6,
    "autodiff",
    "Automatic differentiation",
    (
        Exercise(
            "functional.mul",
            module="nnlite.functional.elementwise",
            minutes=15,
            points=2,
            teaches="a value and its vjp side by side; the upstream gradient; computing only what is needed",
            presumes=("the product rule", "closures in Python"),
            hints=(
                "Change one element of x by a little: y changes by that little times other. The loss changes by that "
                "times dL/dy. No other element of y notices.",
                "dL/dx is the upstream gradient dy times other, and dL/dother is dy times x, element by element. "
                "Define vjp inside your function, so that it still sees x and other.",
                "dx = dy * other if needs[0] else None; dother = dy * x if needs[1] else None; return both. "
                "The function itself returns x * other, vjp.",
            ),
            returns=("y", "vjp"),
            example=(
                ">>> y, vjp = mul(np.array([1.0, 2.0]), np.array([3.0, 4.0]))\n"
                ">>> y\n"
                "array([3., 8.])\n"
                ">>> vjp(np.array([1.0, 10.0]), (True, True))\n"
                "(array([ 3., 40.]), array([ 1., 20.]))\n"
                ">>> vjp(np.array([1.0, 10.0]), (True, False))\n"
                "(array([ 3., 40.]), None)"
            ),
        ),
        Exercise(
            "autodiff.topological_order",
            module="nnlite.graph",
            minutes=30,
            points=3,
            teaches="in which order gradients are passed back, and why; a graph without recursion",
            presumes=("lists and loops in Python",),
            hints=(
                "Which node may come first? One that no other uses. And which next? One whose uses are all in the "
                "order already.",
                "Count for each node how often it is used. Keep a list of the nodes that are ready, those with no use "
                "to come. Put a ready node into the order, and take its uses of its inputs off their counts.",
                "while ready: node = ready.pop(); order.append(node); for source in inputs[node]: uses[source] -= 1, "
                "and when that makes it 0, ready.append(source).",
            ),
            returns=("the order",),
        ),
        Exercise(
            "functional.sum",
            module="nnlite.functional.reductions",
            minutes=20,
            points=2,
            teaches="the vjp of a sum: what was added up gets the same gradient each; axes and broadcasting",
            presumes=("axis and keepdims in NumPy", "np.expand_dims and np.broadcast_to"),
            hints=(
                "Change one element of x by a little: the sum it belongs to changes by just as much. So how does the "
                "gradient of an element depend on which element it is?",
                "Every element gets the dy of the sum it was added to: dy is spread over x.shape. For that the axes "
                "that were summed over must be there again, with length 1.",
                "y = np.sum(x, axis=dim, keepdims=keepdim). In vjp: with keepdim, np.broadcast_to(dy, x.shape); "
                "without, np.expand_dims(dy, dim) first, where dim=None stands for all axes, tuple(range(x.ndim)).",
            ),
            returns=("y", "vjp"),
            example=(
                ">>> y, vjp = sum(np.array([[1.0, 2.0], [3.0, 4.0]]), dim=0)\n"
                ">>> y\n"
                "array([4., 6.])\n"
                ">>> vjp(np.array([1.0, 10.0]))\n"
                "array([[ 1., 10.],\n"
                "       [ 1., 10.]])"
            ),
        ),
        Exercise(
            "autodiff.unbroadcast",
            module="nnlite.differentiable",
            minutes=25,
            points=3,
            teaches="the vjp of broadcasting is a sum",
            presumes=("NumPy's rules of broadcasting", "axis and keepdims in NumPy"),
            hints=(
                "Write the two shapes below each other, aligned at the right. Which axes does grad have that shape "
                "has not? On which of the others does shape say 1?",
                "Sum over the axes on the left that were added; there are grad.ndim - len(shape) of them. Then sum, "
                "with keepdims=True, over each axis where shape says 1.",
                "grad = grad.sum(axis=tuple(range(grad.ndim - len(shape)))); then for i, n in enumerate(shape): "
                "if n == 1: grad = grad.sum(axis=i, keepdims=True); return grad.",
            ),
            returns=("the gradient",),
        ),
        Exercise(
            "functional.mm",
            module="nnlite.functional.linear",
            minutes=25,
            points=3,
            teaches="the vjp of the matrix product, from which every layer learns; reading a gradient off the shapes",
            presumes=("the matrix product and the transpose", "the chain rule"),
            hints=(
                "x_nk takes part in all of row n of y: y_nm = ... + x_nk other_km + ... So dL/dx_nk is a sum over m: "
                "write it down with dy_nm.",
                "dL/dx_nk = sum over m of dy_nm other_km, and dL/dother_km = sum over n of x_nk dy_nm. Both sums are "
                "matrix products with something transposed; the shapes tell which.",
                "dx = dy @ other.T if needs[0] else None; dother = x.T @ dy if needs[1] else None.",
            ),
            returns=("y", "vjp"),
            example=(
                ">>> y, vjp = mm(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))\n"
                ">>> y\n"
                "array([[11.]])\n"
                ">>> vjp(np.array([[10.0]]), (True, True))\n"
                "(array([[30., 40.]]), array([[10.],\n"
                "       [20.]]))"
            ),
        ),
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
