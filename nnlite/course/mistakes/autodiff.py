"""Wrong answers to the exercises on automatic differentiation."""

from __future__ import annotations

import numpy as np

from nnlite.course.mistakes import mistake


def _softmax(x, dim):
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    return e / e.sum(axis=dim, keepdims=True)


def _vjp(y, dim):
    return lambda dy: y * (dy - (dy * y).sum(axis=dim, keepdims=True))


@mistake("functional.softmax", "No max-shift: exp overflows at 1000. Subtract the largest score along dim first.")
def softmax_no_max_shift(x, dim=-1):
    e = np.exp(x)
    y = e / e.sum(axis=dim, keepdims=True)
    return y, _vjp(y, dim)


@mistake(
    "functional.softmax",
    "You subtracted the largest score of the whole array: a slice far below it vanishes. Take the maximum along dim.",
)
def softmax_shifted_by_the_largest_of_all(x, dim=-1):
    e = np.exp(x - x.max())
    y = e / e.sum(axis=dim, keepdims=True)
    return y, _vjp(y, dim)


@mistake("functional.softmax", "Softmax over the wrong axis: you always took the last one and never looked at dim.")
def softmax_always_last_axis(x, dim=-1):
    y = _softmax(x, -1)
    return y, _vjp(y, -1)


@mistake("functional.softmax", "Softmax over the wrong axis: you always took the first one and never looked at dim.")
def softmax_always_first_axis(x, dim=-1):
    y = _softmax(x, 0)
    return y, _vjp(y, 0)


@mistake(
    "functional.softmax",
    "Softmax over the wrong axis: you divided by the sum of the whole array, not the sum along dim.",
)
def softmax_over_everything(x, dim=-1):
    y = _softmax(x, None)
    return y, _vjp(y, None)


@mistake("functional.softmax", "You left keepdims=True out: the sum along dim no longer lines up with the scores.")
def softmax_no_keepdims(x, dim=-1):
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    y = e / e.sum(axis=dim)
    return y, _vjp(y, dim)


@mistake("functional.softmax", "You left keepdims=True out: the maximum along dim no longer lines up with the scores.")
def softmax_no_keepdims_in_max(x, dim=-1):
    e = np.exp(x - x.max(axis=dim))
    y = e / e.sum(axis=dim, keepdims=True)
    return y, _vjp(y, dim)


@mistake("functional.softmax", "You divided by the largest exponential instead of their sum.")
def softmax_divided_by_the_largest(x, dim=-1):
    y = np.exp(x - x.max(axis=dim, keepdims=True))
    return y, _vjp(y, dim)


@mistake("functional.softmax", "You ignored the upstream gradient dy: your vjp answers as if dy were all ones.")
def softmax_upstream_taken_as_ones(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: y * (1 - y.sum(axis=dim, keepdims=True))


@mistake(
    "functional.softmax", "You ignored the upstream gradient dy: y (1 - y) is the derivative, not yet the product."
)
def softmax_ignores_upstream(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: y * (1 - y)


@mistake(
    "functional.softmax",
    "You used only the diagonal of the Jacobian, dy y (1 - y): every y_i depends on every x_j along dim.",
)
def softmax_only_the_diagonal(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: dy * y * (1 - y)


@mistake(
    "functional.softmax", "You left out the second term of the gradient: - y sum(dy y), from the Jacobian's - y yᵀ."
)
def softmax_only_the_first_term(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: dy * y


@mistake(
    "functional.softmax", "The upstream gradient is summed without its weights: the sum is over dy y, not over dy."
)
def softmax_unweighted_sum(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: y * (dy - dy.sum(axis=dim, keepdims=True))


@mistake("functional.softmax", "The gradient's sum runs over the wrong axis: it must run along dim, as in the value.")
def softmax_vjp_always_last_axis(x, dim=-1):
    y = _softmax(x, dim)
    return y, _vjp(y, -1)


@mistake(
    "functional.softmax", "The gradient's sum runs over the wrong axis: over the whole array instead of along dim."
)
def softmax_vjp_over_everything(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: y * (dy - (dy * y).sum())


@mistake("functional.softmax", "The sign of the gradient is flipped.")
def softmax_vjp_sign_flipped(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: -y * (dy - (dy * y).sum(axis=dim, keepdims=True))


@mistake("functional.softmax", "This is the sigmoid of each score: softmax compares the scores along dim.")
def softmax_sigmoid(x, dim=-1):
    y = 1 / (1 + np.exp(-x))
    return y, lambda dy: dy * y * (1 - y)


@mistake("functional.softmax", "You returned the logarithm of the probabilities: this is log_softmax.")
def softmax_logarithm(x, dim=-1):
    y = _softmax(x, dim)
    return np.log(y), lambda dy: dy - y * dy.sum(axis=dim, keepdims=True)


@mistake("functional.softmax", "You returned y alone: the function returns the pair (y, vjp).")
def softmax_without_vjp(x, dim=-1):
    return _softmax(x, dim)


@mistake("functional.softmax", "You changed the scores x in place (x -= …): they belong to the caller.")
def softmax_in_place(x, dim=-1):
    x -= x.max(axis=dim, keepdims=True)
    e = np.exp(x)
    y = e / e.sum(axis=dim, keepdims=True)
    return y, _vjp(y, dim)


@mistake("functional.softmax", "You changed the upstream gradient dy in place (dy *= …): it belongs to the caller.")
def softmax_vjp_in_place(x, dim=-1):
    y = _softmax(x, dim)

    def vjp(dy):
        dy *= y
        return dy - y * dy.sum(axis=dim, keepdims=True)

    return y, vjp


@mistake("functional.softmax", "The result is float64 whatever the scores are: keep the dtype of x.")
def softmax_always_float64(x, dim=-1):
    y = _softmax(x.astype(np.float64), dim)
    return y, _vjp(y, dim)


@mistake("functional.mul", "You added the two: y is the product x * other.")
def mul_adds(x, other):
    def vjp(dy, needs):
        return dy if needs[0] else None, dy if needs[1] else None

    return x + other, vjp


@mistake("functional.mul", "You swapped the gradients: that of x is dy times other, and that of other is dy times x.")
def mul_gradients_swapped(x, other):
    def vjp(dy, needs):
        return dy * x if needs[0] else None, dy * other if needs[1] else None

    return x * other, vjp


@mistake(
    "functional.mul", "You ignored the upstream gradient dy: other and x are the derivatives, not yet the products."
)
def mul_ignores_upstream(x, other):
    y = x * other

    def vjp(dy, needs):
        one = np.ones_like(y)
        return one * other if needs[0] else None, one * x if needs[1] else None

    return y, vjp


@mistake(
    "functional.mul", "You passed dy on unchanged, as in a sum: in a product each factor scales the other's gradient."
)
def mul_gradient_of_a_sum(x, other):
    def vjp(dy, needs):
        return dy if needs[0] else None, dy if needs[1] else None

    return x * other, vjp


@mistake("functional.mul", "Both gradients are dy times other: that of other is dy times x.")
def mul_same_gradient_twice(x, other):
    def vjp(dy, needs):
        return dy * other if needs[0] else None, dy * other if needs[1] else None

    return x * other, vjp


@mistake("functional.mul", "You multiplied dy with the product y instead of the other factor.")
def mul_gradient_times_y(x, other):
    y = x * other

    def vjp(dy, needs):
        return dy * y if needs[0] else None, dy * y if needs[1] else None

    return y, vjp


@mistake("functional.mul", "You did not look at needs: what is not needed should be None, and cost nothing.")
def mul_ignores_needs(x, other):
    return x * other, lambda dy, needs: (dy * other, dy * x)


@mistake("functional.mul", "You returned zeros for a gradient that is not needed: expected None.")
def mul_zeros_for_what_is_not_needed(x, other):
    def vjp(dy, needs):
        return dy * other if needs[0] else np.zeros_like(dy), dy * x if needs[1] else np.zeros_like(dy)

    return x * other, vjp


@mistake("functional.mul", "You looked up the wrong one in needs: needs[0] is about x, needs[1] about other.")
def mul_needs_swapped(x, other):
    def vjp(dy, needs):
        return dy * other if needs[1] else None, dy * x if needs[0] else None

    return x * other, vjp


@mistake("functional.mul", "You left out the gradient that is not needed: vjp always returns two, one of them None.")
def mul_returns_only_what_is_needed(x, other):
    def vjp(dy, needs):
        both = dy * other, dy * x
        return both if all(needs) else both[needs.index(True)]

    return x * other, vjp


@mistake(
    "functional.mul", "You undid the broadcasting here: leave the gradients in the shape of y, the engine sums them."
)
def mul_undoes_broadcasting(x, other):
    def back(grad, like):
        grad = grad.sum(axis=tuple(range(grad.ndim - like.ndim)))
        return grad.sum(axis=tuple(i for i, n in enumerate(like.shape) if n == 1), keepdims=True).reshape(like.shape)

    def vjp(dy, needs):
        return back(dy * other, x) if needs[0] else None, back(dy * x, other) if needs[1] else None

    return x * other, vjp


@mistake("functional.mul", "The vjp remembers the last dy it was given: each call must start afresh.")
def mul_vjp_adds_up(x, other):
    total = 0

    def vjp(dy, needs):
        nonlocal total
        total = total + dy
        return (total * other if needs[0] else None, total * x if needs[1] else None)

    return x * other, vjp


@mistake(
    "functional.mul", "You divided the product by the factor: where this is 0, nothing is left. Keep the other one."
)
def mul_divides_the_product(x, other):
    y = x * other
    return y, lambda dy, needs: (dy * (y / x) if needs[0] else None, dy * (y / other) if needs[1] else None)


@mistake("functional.mul", "You returned y alone: the function returns the pair (y, vjp).")
def mul_without_vjp(x, other):
    return x * other


@mistake("functional.mul", "You changed the upstream gradient dy in place (dy *= …): it belongs to the caller.")
def mul_vjp_in_place(x, other):
    def vjp(dy, needs):
        dother = dy * x if needs[1] else None
        dy *= other
        return dy if needs[0] else None, dother

    return x * other, vjp


def _uses(inputs):
    uses = [0] * len(inputs)
    for sources in inputs:
        for source in sources:
            uses[source] += 1
    return uses


def _order(inputs, uses):
    ready = [node for node in range(len(inputs)) if uses[node] == 0]
    order = []
    while ready:
        node = ready.pop()
        order.append(node)
        for source in inputs[node]:
            uses[source] -= 1
            if uses[source] == 0:
                ready.append(source)
    return order


@mistake("autodiff.topological_order", "Your order runs the wrong way, from the leaves to the result: turn it round.")
def order_from_the_leaves(inputs):
    return _order(inputs, _uses(inputs))[::-1]


@mistake("autodiff.topological_order", "You took the numbers for the order: they say nothing about it.")
def order_by_number(inputs):
    return list(range(len(inputs)))


@mistake("autodiff.topological_order", "You took falling numbers for the order: here they say nothing about it.")
def order_by_falling_number(inputs):
    return list(range(len(inputs)))[::-1]


@mistake(
    "autodiff.topological_order",
    "You placed each node at its first use (breadth first): it must wait for the last of its uses.",
)
def order_breadth_first(inputs):
    uses = _uses(inputs)
    order = [node for node in range(len(inputs)) if uses[node] == 0]
    seen = set(order)
    for node in order:
        for source in inputs[node]:
            if source not in seen:
                seen.add(source)
                order.append(source)
    return order


@mistake(
    "autodiff.topological_order",
    "You placed each node at its first use (depth first): it must wait for the last of its uses.",
)
def order_depth_first(inputs):
    uses = _uses(inputs)
    stack = [node for node in range(len(inputs)) if uses[node] == 0]
    order, seen = [], set()
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            order.append(node)
            stack.extend(inputs[node])
    return order


@mistake("autodiff.topological_order", "You began at one node only: there may be several that no other uses.")
def order_from_one_result(inputs):
    uses = _uses(inputs)
    last = uses.index(0)
    return _order(inputs, [1 if n == 0 and node != last else n for node, n in enumerate(uses)])


@mistake("autodiff.topological_order", "You placed a node once for each of its uses: once is enough, after the last.")
def order_once_per_use(inputs):
    uses = _uses(inputs)
    return [node for node in _order(inputs, _uses(inputs)) for _ in range(max(uses[node], 1))]


@mistake(
    "autodiff.topological_order",
    "You counted x * x as two uses of x but took off only one: the same node may be named twice among the inputs.",
)
def order_forgets_the_second_of_two(inputs):
    uses = _uses(inputs)
    ready = [node for node in range(len(inputs)) if uses[node] == 0]
    order = []
    while ready:
        node = ready.pop()
        order.append(node)
        for source in set(inputs[node]):
            uses[source] -= 1
            if uses[source] == 0:
                ready.append(source)
    return order


@mistake("autodiff.topological_order", "You left out the nodes that use nothing: the leaves belong into the order too.")
def order_without_leaves(inputs):
    return [node for node in _order(inputs, _uses(inputs)) if inputs[node]]


@mistake(
    "autodiff.topological_order",
    "Your function calls itself for each node, too often for a long chain: keep a list of what is to do instead.",
)
def order_by_recursion(inputs):
    done, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for source in inputs[node]:
                visit(source)
            done.append(node)

    for node in range(len(inputs)):
        visit(node)
    return done[::-1]


@mistake("autodiff.topological_order", "You returned an array: expected a list of the numbers.")
def order_as_an_array(inputs):
    return np.array(_order(inputs, _uses(inputs)))


def _spread(dy, x, dim, keepdim):
    over = tuple(range(x.ndim)) if dim is None else dim
    return np.broadcast_to(dy if keepdim else np.expand_dims(dy, over), x.shape)


def _number_summed(x, dim):
    over = range(x.ndim) if dim is None else np.atleast_1d(dim)
    return x.dtype.type(np.prod([x.shape[d] for d in over]))


@mistake("functional.sum", "This is the mean: the sum is not divided by the number of elements.")
def sum_mean(x, dim=None, keepdim=False):
    n = _number_summed(x, dim)
    return np.mean(x, axis=dim, keepdims=keepdim), lambda dy: _spread(dy / n, x, dim, keepdim)


@mistake("functional.sum", "You divided the gradient by the number of elements: that belongs to the mean.")
def sum_gradient_of_the_mean(x, dim=None, keepdim=False):
    n = _number_summed(x, dim)
    return np.sum(x, axis=dim, keepdims=keepdim), lambda dy: _spread(dy / n, x, dim, keepdim)


@mistake("functional.sum", "You never looked at dim: only these axes are summed over, all of them only if dim is None.")
def sum_over_everything(x, dim=None, keepdim=False):
    return np.sum(x, keepdims=keepdim), lambda dy: _spread(dy, x, None, keepdim)


@mistake("functional.sum", "Without dim you summed over the last axis: None means all axes.")
def sum_default_is_the_last(x, dim=None, keepdim=False):
    over = -1 if dim is None else dim
    return np.sum(x, axis=over, keepdims=keepdim), lambda dy: _spread(dy, x, over, keepdim)


@mistake("functional.sum", "You never looked at keepdim: with it the summed axes stay, with length 1.")
def sum_ignores_keepdim(x, dim=None, keepdim=False):
    return np.sum(x, axis=dim), lambda dy: _spread(dy, x, dim, False)


@mistake("functional.sum", "Your vjp never looks at keepdim: with it dy has the summed axes already.")
def sum_vjp_ignores_keepdim(x, dim=None, keepdim=False):
    return np.sum(x, axis=dim, keepdims=keepdim), lambda dy: _spread(dy, x, dim, False)


@mistake("functional.sum", "You ignored the upstream gradient dy: ones are the derivatives, not yet the product.")
def sum_ignores_upstream(x, dim=None, keepdim=False):
    return np.sum(x, axis=dim, keepdims=keepdim), lambda dy: np.ones_like(x)


@mistake(
    "functional.sum",
    "Your vjp does not put the lost axes back: dy lines up with the wrong axes of x. Give them length 1 first.",
)
def sum_lost_axes_not_put_back(x, dim=None, keepdim=False):
    return np.sum(x, axis=dim, keepdims=keepdim), lambda dy: np.broadcast_to(dy, x.shape)


@mistake("functional.sum", "Your vjp returns dy as it came: it must have the shape of x, each dy spread over its sum.")
def sum_gradient_not_spread(x, dim=None, keepdim=False):
    return np.sum(x, axis=dim, keepdims=keepdim), lambda dy: dy.copy()


@mistake("functional.sum", "You multiplied dy with x: the derivative of a sum with respect to each element is 1.")
def sum_gradient_times_x(x, dim=None, keepdim=False):
    return np.sum(x, axis=dim, keepdims=keepdim), lambda dy: _spread(dy, x, dim, keepdim) * x


@mistake("functional.sum", "Your vjp fails for dim=None: then all axes were lost, tuple(range(x.ndim)).")
def sum_vjp_fails_without_dim(x, dim=None, keepdim=False):
    def vjp(dy):
        return np.broadcast_to(dy if keepdim else np.expand_dims(dy, dim), x.shape)

    return np.sum(x, axis=dim, keepdims=keepdim), vjp


@mistake("functional.sum", "The vjp remembers the last dy it was given: each call must start afresh.")
def sum_vjp_adds_up(x, dim=None, keepdim=False):
    spread = x.sum(axis=dim, keepdims=True).shape
    total = 0

    def vjp(dy):
        nonlocal total
        total = total + dy.reshape(spread)
        return np.broadcast_to(total, x.shape)

    return x.sum(axis=dim, keepdims=keepdim), vjp


@mistake("functional.sum", "You returned y alone: the function returns the pair (y, vjp).")
def sum_without_vjp(x, dim=None, keepdim=False):
    return np.sum(x, axis=dim, keepdims=keepdim)


@mistake("autodiff.unbroadcast", "You summed the added axes only: axes stretched from length 1 are summed too.")
def unbroadcast_only_added(grad, shape):
    return grad.sum(axis=tuple(range(grad.ndim - len(shape))))


@mistake("autodiff.unbroadcast", "You summed the stretched axes only: the axes added on the left must go too.")
def unbroadcast_only_stretched(grad, shape):
    added = grad.ndim - len(shape)
    return grad.sum(axis=tuple(i + added for i, n in enumerate(shape) if n == 1), keepdims=True)


@mistake("autodiff.unbroadcast", "You left keepdims=True out: an axis stretched from length 1 has length 1 again.")
def unbroadcast_no_keepdims(grad, shape):
    added = grad.ndim - len(shape)
    return grad.sum(axis=(*range(added), *(i + added for i, n in enumerate(shape) if n == 1)))


@mistake("autodiff.unbroadcast", "You took the mean: what comes back from the copies of an element is added up.")
def unbroadcast_mean(grad, shape):
    added = grad.ndim - len(shape)
    over = (*range(added), *(i + added for i, n in enumerate(shape) if n == 1))
    return grad.mean(axis=over).reshape(shape)


@mistake("autodiff.unbroadcast", "You kept the first copy and threw the others away: add them up.")
def unbroadcast_first_copy(grad, shape):
    grad = grad[(0,) * (grad.ndim - len(shape))]
    return grad[tuple(slice(n) for n in shape)].copy()


@mistake("autodiff.unbroadcast", "You took the largest of the copies' gradients: add them up.")
def unbroadcast_largest(grad, shape):
    added = grad.ndim - len(shape)
    over = (*range(added), *(i + added for i, n in enumerate(shape) if n == 1))
    return grad.max(axis=over).reshape(shape)


@mistake(
    "autodiff.unbroadcast", "You lined the shapes up at the left: NumPy adds axes on the left, so line up the right."
)
def unbroadcast_aligned_left(grad, shape):
    grad = grad.sum(axis=tuple(range(len(shape), grad.ndim)))
    return grad.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


@mistake(
    "autodiff.unbroadcast",
    "You looked for the stretched axes before the added ones were gone: then the two shapes do not line up.",
)
def unbroadcast_not_lined_up(grad, shape):
    added = grad.ndim - len(shape)
    return grad.sum(axis=(*range(added), *(i for i, n in enumerate(shape) if n == 1 and i >= added))).reshape(shape)


@mistake(
    "autodiff.unbroadcast", "The shape () has no axes, but it is a shape: all entries of grad are summed to one number."
)
def unbroadcast_not_to_a_number(grad, shape):
    if not shape:
        return grad.copy()
    added = grad.ndim - len(shape)
    stretched = tuple(added + i for i, n in enumerate(shape) if n == 1)
    return grad.sum(axis=(*range(added), *stretched)).reshape(shape)


@mistake("autodiff.unbroadcast", "You only changed the shape: the gradients of the copies must be added up.")
def unbroadcast_resized(grad, shape):
    return np.resize(grad, shape)


@mistake("autodiff.unbroadcast", "The result is float64 whatever the gradient is: keep the dtype of grad.")
def unbroadcast_float64(grad, shape):
    added = grad.ndim - len(shape)
    over = (*range(added), *(i + added for i, n in enumerate(shape) if n == 1))
    return grad.sum(axis=over, dtype=np.float64).reshape(shape)


def _both(dx, dother):
    return lambda dy, needs: (dx(dy) if needs[0] else None, dother(dy) if needs[1] else None)


@mistake("functional.mm", "You multiplied element by element: the matrix product is x @ other.")
def mm_elementwise(x, other):
    return x * other, _both(lambda dy: dy * other, lambda dy: dy * x)


@mistake("functional.mm", "The factors are in the wrong order: y is x @ other, not other @ x.")
def mm_wrong_order(x, other):
    return other @ x, _both(lambda dy: other.T @ dy, lambda dy: dy @ x.T)


@mistake("functional.mm", "dL/dx lacks a transpose: it is dy @ other.T, of the shape of x.")
def mm_dx_not_transposed(x, other):
    return x @ other, _both(lambda dy: dy @ other, lambda dy: x.T @ dy)


@mistake("functional.mm", "dL/dother lacks a transpose: it is x.T @ dy, of the shape of other.")
def mm_dother_not_transposed(x, other):
    return x @ other, _both(lambda dy: dy @ other.T, lambda dy: x @ dy)


@mistake("functional.mm", "The factors of dL/dx are in the wrong order: the matrix product does not commute.")
def mm_dx_wrong_order(x, other):
    return x @ other, _both(lambda dy: other.T @ dy, lambda dy: x.T @ dy)


@mistake("functional.mm", "The factors of dL/dother are in the wrong order: the matrix product does not commute.")
def mm_dother_wrong_order(x, other):
    return x @ other, _both(lambda dy: dy @ other.T, lambda dy: dy @ x.T)


@mistake("functional.mm", "dL/dother comes out transposed: it must have the shape of other, (K, M).")
def mm_dother_comes_out_transposed(x, other):
    return x @ other, _both(lambda dy: dy @ other.T, lambda dy: dy.T @ x)


@mistake("functional.mm", "You swapped the two gradients: first that of x, then that of other.")
def mm_gradients_swapped(x, other):
    return x @ other, lambda dy, needs: (x.T @ dy if needs[0] else None, dy @ other.T if needs[1] else None)


@mistake("functional.mm", "You ignored the upstream gradient dy: your vjp answers as if dy were all ones.")
def mm_upstream_taken_as_ones(x, other):
    y = x @ other
    return y, _both(lambda dy: np.ones_like(y) @ other.T, lambda dy: x.T @ np.ones_like(y))


@mistake(
    "functional.mm", "You divided dL/dother by the number of rows: the rows' gradients are added up, not averaged."
)
def mm_dother_averaged(x, other):
    return x @ other, _both(lambda dy: dy @ other.T, lambda dy: x.T @ dy / x.dtype.type(len(x)))


@mistake("functional.mm", "You did not look at needs: what is not needed should be None, and cost nothing.")
def mm_ignores_needs(x, other):
    return x @ other, lambda dy, needs: (dy @ other.T, x.T @ dy)


@mistake("functional.mm", "You looked up the wrong one in needs: needs[0] is about x, needs[1] about other.")
def mm_needs_swapped(x, other):
    return x @ other, lambda dy, needs: (dy @ other.T if needs[1] else None, x.T @ dy if needs[0] else None)


@mistake("functional.mm", "The vjp remembers the last dy it was given: each call must start afresh.")
def mm_vjp_adds_up(x, other):
    total = 0

    def vjp(dy, needs):
        nonlocal total
        total = total + dy
        return (total @ other.T if needs[0] else None, x.T @ total if needs[1] else None)

    return x @ other, vjp


@mistake("functional.mm", "You returned y alone: the function returns the pair (y, vjp).")
def mm_without_vjp(x, other):
    return x @ other
