"""Wrong answers to the exercises on gradient descent."""

from __future__ import annotations

import numpy as np

from nnlite.course.mistakes import mistake


def _sigmoid(net):
    return (1 + np.tanh(net / 2)) / 2


def _gradient(w, X, y):
    return -((y - X @ w) @ X) / len(y)


def _walk(w, steps, step):
    """The path of a descent that takes `step` from one place to the next."""
    path = [w]
    for _ in range(steps):
        path.append(step(path[-1]))
    return np.array(path)


# adaline.loss


@mistake("adaline.loss", "You left the half out: the loss is the mean of error² divided by 2.")
def loss_without_the_half(w, X, y):
    return float(((y - X @ w) ** 2).mean())


@mistake("adaline.loss", "You took the sum over the points instead of the mean.")
def loss_summed(w, X, y):
    return float(((y - X @ w) ** 2).sum() / 2)


@mistake("adaline.loss", "You added the net to the wanted answer: the error is the difference y - wᵀx.")
def loss_of_the_sum(w, X, y):
    return float(((y + X @ w) ** 2).mean() / 2)


@mistake(
    "adaline.loss", "You compared the decision, sign(net), with the wanted answer: Adaline compares the net itself."
)
def loss_of_the_decision(w, X, y):
    return float(((y - np.sign(X @ w)) ** 2).mean() / 2)


@mistake("adaline.loss", "You count misclassified points only: every point has an error, also one on its right side.")
def loss_of_misclassified_points(w, X, y):
    net = X @ w
    return float((np.where(y * net < 0, y - net, 0) ** 2).mean() / 2)


@mistake("adaline.loss", "A point that is clearer than wanted costs you nothing: an error of -2 is an error too.")
def loss_of_too_small_nets(w, X, y):
    return float((np.maximum(1 - y * (X @ w), 0) ** 2).mean() / 2)


@mistake("adaline.loss", "You took the size of the errors, not their squares.")
def loss_absolute(w, X, y):
    return float(np.abs(y - X @ w).mean() / 2)


@mistake("adaline.loss", "You forgot to square the errors: positive and negative ones cancel.")
def loss_not_squared(w, X, y):
    return float((y - X @ w).mean() / 2)


@mistake("adaline.loss", "You squared the mean of the errors: square each error first, then take the mean.")
def loss_mean_before_the_square(w, X, y):
    return float((y - X @ w).mean() ** 2 / 2)


@mistake("adaline.loss", "You did not take the mean over the points: the loss is one number for all of them.")
def loss_of_every_point(w, X, y):
    return (y - X @ w) ** 2 / 2


# adaline.train_batch


@mistake(
    "adaline.train_batch", "You climb: the gradient points uphill, so a step goes against it, w - learning_rate * g."
)
def descent_uphill(w, X, y, steps, learning_rate=0.1):
    return _walk(w, steps, lambda w: w + learning_rate * _gradient(w, X, y))


@mistake(
    "adaline.train_batch", "You took the sum over the points instead of the mean: divide the gradient by their number."
)
def descent_summed(w, X, y, steps, learning_rate=0.1):
    return _walk(w, steps, lambda w: w + learning_rate * ((y - X @ w) @ X))


@mistake("adaline.train_batch", "You took the sign of y: the wanted answer is y itself, and it need not be +1 or -1.")
def descent_by_the_sign(w, X, y, steps, learning_rate=0.1):
    return _walk(w, steps, lambda w: w - learning_rate * _gradient(w, X, np.sign(y)))


@mistake("adaline.train_batch", "Your steps are twice as long: the loss has a half, so that the gradient has no 2.")
def descent_twice(w, X, y, steps, learning_rate=0.1):
    return _walk(w, steps, lambda w: w - learning_rate * 2 * _gradient(w, X, y))


@mistake("adaline.train_batch", "You left learning_rate out: it scales every step.")
def descent_without_rate(w, X, y, steps, learning_rate=0.1):
    return _walk(w, steps, lambda w: w - _gradient(w, X, y))


@mistake(
    "adaline.train_batch", "You computed the gradient once, at the start: after each step the errors have changed."
)
def descent_with_the_first_gradient(w, X, y, steps, learning_rate=0.1):
    slope = _gradient(w, X, y)
    return _walk(w, steps, lambda w: w - learning_rate * slope)


@mistake(
    "adaline.train_batch", "Every step of yours starts at the first w again: go on from where the last step ended."
)
def descent_from_the_start_again(w, X, y, steps, learning_rate=0.1):
    return np.array([w] + [w - learning_rate * _gradient(w, X, y)] * steps)


@mistake("adaline.train_batch", "All rows of your path are the last place: w += … changes the one array in your list.")
def descent_in_one_array(w, X, y, steps, learning_rate=0.1):
    w = w.copy()
    path = [w]
    for _ in range(steps):
        w -= learning_rate * _gradient(w, X, y)
        path.append(w)
    return np.array(path)


@mistake("adaline.train_batch", "You changed the w of the caller in place: each step makes a new array.")
def descent_in_place(w, X, y, steps, learning_rate=0.1):
    path = [w.copy()]
    for _ in range(steps):
        w -= learning_rate * _gradient(w, X, y)
        path.append(w.copy())
    return np.array(path)


@mistake(
    "adaline.train_batch",
    "You left the start out: the first row of the path is the w given, so there are steps + 1 rows.",
)
def descent_without_the_start(w, X, y, steps, learning_rate=0.1):
    return _walk(w, steps, lambda w: w - learning_rate * _gradient(w, X, y))[1:]


@mistake("adaline.train_batch", "You returned the last weights alone: return the whole path, one row for each place.")
def descent_only_the_end(w, X, y, steps, learning_rate=0.1):
    return _walk(w, steps, lambda w: w - learning_rate * _gradient(w, X, y))[-1]


@mistake("adaline.train_batch", "You took the points one after the other: a batch step looks at all of them at once.")
def descent_point_by_point(w, X, y, steps, learning_rate=0.1):
    def epoch(w):
        for x, wanted in zip(X, y):
            w = w + learning_rate * (wanted - w @ x) * x
        return w

    return _walk(w, steps, epoch)


@mistake("adaline.train_batch", "You compared the decision, sign(net), with the wanted answer: the error is y - net.")
def descent_of_the_decision(w, X, y, steps, learning_rate=0.1):
    return _walk(w, steps, lambda w: w + learning_rate * ((y - np.sign(X @ w)) @ X) / len(y))


@mistake("adaline.train_batch", "Without learning_rate you take another one than 0.1.")
def descent_other_default(w, X, y, steps, learning_rate=0.01):
    return _walk(w, steps, lambda w: w - learning_rate * _gradient(w, X, y))


# adaline.update


@mistake("adaline.update", "You changed w in place (w += …): it belongs to the caller.")
def update_in_place(w, x, y, learning_rate=0.01):
    w += learning_rate * (y - w @ x) * x
    return w


@mistake("adaline.update", "The sign is flipped: add learning_rate * error * x, with error = y - wᵀx.")
def update_sign_flipped(w, x, y, learning_rate=0.01):
    return w - learning_rate * (y - w @ x) * x


@mistake(
    "adaline.update",
    "This is the perceptron's rule: Adaline corrects by how far the net is off, also when the decision is right.",
)
def update_of_the_perceptron(w, x, y, learning_rate=0.01):
    return w + learning_rate * y * x if y * (w @ x) <= 0 else w.copy()


@mistake(
    "adaline.update",
    "You correct misclassified points only: the delta rule learns from every error, whatever the decision.",
)
def update_of_misclassified_points(w, x, y, learning_rate=0.01):
    return w + learning_rate * (y - w @ x) * x if y * (w @ x) <= 0 else w.copy()


@mistake("adaline.update", "You add learning_rate * y * x: it is the error y - wᵀx that counts, not y.")
def update_without_net(w, x, y, learning_rate=0.01):
    return w + learning_rate * y * x


@mistake("adaline.update", "You compared the decision, sign(net), with the wanted answer: the error is y - net.")
def update_of_the_decision(w, x, y, learning_rate=0.01):
    return w + learning_rate * (y - np.sign(w @ x)) * x


@mistake("adaline.update", "You left learning_rate out.")
def update_without_rate(w, x, y, learning_rate=0.01):
    return w + (y - w @ x) * x


@mistake("adaline.update", "You left the x out: each weight changes by as much as its input took part in the net.")
def update_without_x(w, x, y, learning_rate=0.01):
    return w + learning_rate * (y - w @ x)


@mistake("adaline.update", "You multiplied the error by the weights: it is the input x that shows the way.")
def update_along_w(w, x, y, learning_rate=0.01):
    return w + learning_rate * (y - w @ x) * w


@mistake("adaline.update", "You returned the correction alone: add it to w.")
def update_only_the_correction(w, x, y, learning_rate=0.01):
    return learning_rate * (y - w @ x) * x


@mistake("adaline.update", "Your step is twice as long: the loss has a half, so that the rule has no 2.")
def update_twice(w, x, y, learning_rate=0.01):
    return w + 2 * learning_rate * (y - w @ x) * x


@mistake("adaline.update", "Without learning_rate you take another one than 0.01.")
def update_other_default(w, x, y, learning_rate=0.1):
    return w + learning_rate * (y - w @ x) * x


# logistic.loss


@mistake(
    "logistic.loss",
    "The surprise becomes infinite: p rounds to 0 for a net of -1000, or e^1000 overflows. Use np.logaddexp(0, z), "
    "which is log(1 + e^z) and never overflows.",
)
def surprise_by_way_of_p(w, X, y):
    p = _sigmoid(X @ w)
    return float(-np.log(np.where(y == 1, p, 1 - p)).mean())


@mistake(
    "logistic.loss", "0 times log 0 is not 0 but nan: y log p + (1 - y) log(1 - p) fails as soon as p rounds to 0 or 1."
)
def surprise_of_both_answers(w, X, y):
    p = _sigmoid(X @ w)
    return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())


@mistake(
    "logistic.loss",
    "You clipped p away from 0: then no surprise is larger than that, and a net of 10000 costs too little.",
)
def surprise_clipped(w, X, y):
    p = np.clip(_sigmoid(X.astype(float) @ w), 1e-12, 1 - 1e-12)
    return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())


@mistake("logistic.loss", "You took the sum over the points instead of the mean.")
def surprise_summed(w, X, y):
    return float(np.logaddexp(0, (1 - 2 * y) * (X @ w)).sum())


@mistake(
    "logistic.loss", "Right and wrong are exchanged: -log p is the surprise where y = 1, and that is log(1 + e^-net)."
)
def surprise_exchanged(w, X, y):
    return float(np.logaddexp(0, (2 * y - 1) * (X @ w)).mean())


@mistake("logistic.loss", "This formula wants labels -1 and +1: here they are 0 and 1.")
def surprise_of_signs(w, X, y):
    return float(np.logaddexp(0, -y * (X @ w)).mean())


@mistake("logistic.loss", "You left out the points with y = 0: their surprise is -log(1 - p).")
def surprise_of_yes_only(w, X, y):
    return float((y * np.logaddexp(0, -(X @ w))).mean())


@mistake("logistic.loss", "You took every point as if its right answer were 1.")
def surprise_without_label(w, X, y):
    return float(np.logaddexp(0, -(X @ w)).mean())


@mistake("logistic.loss", "You took the logarithm to the base 2: the surprise is the natural logarithm.")
def surprise_in_bits(w, X, y):
    return float(np.logaddexp(0, (1 - 2 * y) * (X @ w)).mean() / np.log(2))


@mistake("logistic.loss", "This is the squared error of p: the surprise is a logarithm.")
def surprise_squared(w, X, y):
    return float(((_sigmoid(X @ w) - y) ** 2).mean())


@mistake("logistic.loss", "The sign is flipped: a surprise is -log p, and never negative.")
def surprise_negative(w, X, y):
    return float(-np.logaddexp(0, (1 - 2 * y) * (X @ w)).mean())


# logistic.gradient


@mistake("logistic.gradient", "You took the sum over the points instead of the mean.")
def logistic_gradient_summed(w, X, y):
    return (_sigmoid(X @ w) - y) @ X


@mistake("logistic.gradient", "The sign is flipped: the gradient points uphill, so it is p - y, not y - p.")
def logistic_gradient_downhill(w, X, y):
    return (y - _sigmoid(X @ w)) @ X / len(y)


@mistake("logistic.gradient", "This is Adaline's gradient, net - y: put the net through the sigmoid first.")
def logistic_gradient_of_adaline(w, X, y):
    return (X @ w - y) @ X / len(y)


@mistake("logistic.gradient", "The slope of the sigmoid, p (1 - p), is one too many: in cross-entropy it cancels.")
def logistic_gradient_of_squares(w, X, y):
    p = _sigmoid(X @ w)
    return ((p - y) * p * (1 - p)) @ X / len(y)


@mistake("logistic.gradient", "You used the decision, 0 or 1, in the place of the probability p.")
def logistic_gradient_of_the_decision(w, X, y):
    return ((X @ w > 0).astype(X.dtype) - y) @ X / len(y)


@mistake("logistic.gradient", "e^net overflows, and infinity divided by infinity is nan: use 1 / (1 + e^-net).")
def logistic_gradient_overflows(w, X, y):
    e = np.exp(X @ w)
    return (e / (1 + e) - y) @ X / len(y)


@mistake("logistic.gradient", "You have e^net where e^-net should be: your p is that of the other answer.")
def logistic_gradient_other_p(w, X, y):
    return (_sigmoid(-(X @ w)) - y) @ X / len(y)


@mistake("logistic.gradient", "You left the points out: each error p - y is to be multiplied with its x.")
def logistic_gradient_without_x(w, X, y):
    return np.full_like(w, (_sigmoid(X @ w) - y).mean())


@mistake("logistic.gradient", "You divided by the number of weights instead of the number of points.")
def logistic_gradient_wrong_number(w, X, y):
    return (_sigmoid(X @ w) - y) @ X / len(w)


@mistake("logistic.gradient", "You did not sum over the points: the gradient has one number for each weight.")
def logistic_gradient_of_every_point(w, X, y):
    return (_sigmoid(X @ w) - y)[:, None] * X / len(y)


@mistake("logistic.gradient", "The result is float64 whatever the points are: keep the dtype of X.")
def logistic_gradient_always_float64(w, X, y):
    return (_sigmoid(X.astype(np.float64) @ w) - y) @ X / len(y)


# softmax_regression.gradient


def _probabilities(W, X):
    Z = X @ W.T
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def _onehot(y, K):
    return (y[:, None] == np.arange(K)).astype(np.float32)


@mistake("softmax_regression.gradient", "You took the sum over the points instead of the mean: divide by their number.")
def competing_summed(W, X, y):
    return (_probabilities(W, X) - _onehot(y, len(W))).T @ X


@mistake("softmax_regression.gradient", "The sign is flipped: the gradient points uphill, so it is p - onehot(y).")
def competing_downhill(W, X, y):
    return (_onehot(y, len(W)) - _probabilities(W, X)).T @ X / len(y)


@mistake("softmax_regression.gradient", "No max-shift: exp overflows at 1000. Subtract from each row of Z its maximum.")
def competing_overflows(W, X, y):
    E = np.exp(X @ W.T)
    P = E / E.sum(axis=1, keepdims=True)
    return (P - _onehot(y, len(W))).T @ X / len(y)


@mistake(
    "softmax_regression.gradient",
    "You subtracted the largest net of all points: a point far below it vanishes. Take the maximum of each row.",
)
def competing_shifted_by_the_largest_of_all(W, X, y):
    Z = X @ W.T
    E = np.exp(Z - Z.max())
    P = E / E.sum(axis=1, keepdims=True)
    return (P - _onehot(y, len(W))).T @ X / len(y)


@mistake(
    "softmax_regression.gradient", "Softmax over the wrong axis: the classes of one point compete, not the points."
)
def competing_points(W, X, y):
    Z = X @ W.T
    E = np.exp(Z - Z.max(axis=0))
    return (E / E.sum(axis=0) - _onehot(y, len(W))).T @ X / len(y)


@mistake(
    "softmax_regression.gradient", "You divided by the sum over all points and classes: each point's sum is its own."
)
def competing_everywhere(W, X, y):
    Z = X @ W.T
    E = np.exp(Z - Z.max())
    return (E / E.sum() - _onehot(y, len(W))).T @ X / len(y)


@mistake("softmax_regression.gradient", "This is the sigmoid of each net: the classes must share the probability 1.")
def competing_not_at_all(W, X, y):
    return (_sigmoid(X @ W.T) - _onehot(y, len(W))).T @ X / len(y)


@mistake(
    "softmax_regression.gradient", "You left the right answers out: subtract 1 from the probability of the right class."
)
def competing_without_answers(W, X, y):
    return _probabilities(W, X).T @ X / len(y)


@mistake("softmax_regression.gradient", "You used the nets in the place of the probabilities.")
def competing_nets(W, X, y):
    return (X @ W.T - _onehot(y, len(W))).T @ X / len(y)


@mistake(
    "softmax_regression.gradient",
    "P[:, y] -= 1 subtracts in every row: P[np.arange(len(y)), y] picks one entry for each point.",
)
def competing_subtracted_in_every_row(W, X, y):
    P = _probabilities(W, X)
    P[:, y] -= 1
    return P.T @ X / len(y)


@mistake(
    "softmax_regression.gradient", "Your gradient lies on its side: it has the shape of W, one row for each class."
)
def competing_transposed(W, X, y):
    return X.T @ (_probabilities(W, X) - _onehot(y, len(W))) / len(y)


@mistake("softmax_regression.gradient", "You divided by the number of classes instead of the number of points.")
def competing_wrong_number(W, X, y):
    return (_probabilities(W, X) - _onehot(y, len(W))).T @ X / len(W)
