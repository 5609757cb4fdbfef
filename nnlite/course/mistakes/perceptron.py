"""Wrong answers to the perceptron's exercises."""

from __future__ import annotations

import numpy as np

from nnlite.course.mistakes import mistake


@mistake("perceptron.loss", "The sign is flipped: a wrong point has y wᵀx < 0, so that -y wᵀx is what you add up.")
def loss_sign_flipped(w, X, y):
    margin = y * (X @ w)
    return float(margin[margin < 0].sum())


@mistake("perceptron.loss", "You count the correct points too: only misclassified points belong in the sum.")
def loss_counts_correct_points(w, X, y):
    return float(-(y * (X @ w)).sum())


@mistake("perceptron.loss", "You count the correct points too, by their distance: a right answer costs nothing.")
def loss_absolute_value(w, X, y):
    return float(np.abs(X @ w).sum())


@mistake("perceptron.loss", "You sum over the correctly classified points: turn the comparison round.")
def loss_sums_correct_points(w, X, y):
    margin = y * (X @ w)
    return float(margin[margin > 0].sum())


@mistake(
    "perceptron.loss", "You sum over the correctly classified points, and with a minus: turn the comparison round."
)
def loss_sums_correct_points_negated(w, X, y):
    margin = y * (X @ w)
    return float(-margin[margin > 0].sum())


@mistake("perceptron.loss", "You took the mean over all points instead of the sum.")
def loss_mean_instead_of_sum(w, X, y):
    return float(np.maximum(-y * (X @ w), 0).mean())


@mistake("perceptron.loss", "You took the mean over the misclassified points instead of the sum.")
def loss_mean_over_the_wrong(w, X, y):
    margin = y * (X @ w)
    return float(-margin[margin < 0].mean()) if (margin < 0).any() else 0.0


@mistake("perceptron.loss", "You counted the mistakes: each wrong point should weigh as much as it is wrong, -y wᵀx.")
def loss_counts_mistakes(w, X, y):
    return float((y * (X @ w) < 0).sum())


@mistake(
    "perceptron.loss", "You counted the mistakes, net = 0 among them: each wrong point should weigh -y wᵀx, not 1."
)
def loss_counts_mistakes_and_ties(w, X, y):
    return float((y * (X @ w) <= 0).sum())


@mistake("perceptron.loss", "This is the hinge loss, max(0, 1 - y wᵀx): the perceptron asks for no margin of 1.")
def loss_hinge(w, X, y):
    return float(np.maximum(0, 1 - y * (X @ w)).sum())


@mistake("perceptron.loss", "You squared the distances: the perceptron's loss is piecewise linear.")
def loss_squared(w, X, y):
    return float((np.minimum(y * (X @ w), 0) ** 2).sum())


@mistake("perceptron.loss", "You left out the label y: whether net wᵀx is wrong depends on it.")
def loss_without_label(w, X, y):
    net = X @ w
    return float(-net[net < 0].sum())


@mistake("perceptron.loss", "You did not sum over the points: the loss is one number for all of them.")
def loss_not_summed(w, X, y):
    return np.maximum(-y * (X @ w), 0)


@mistake("perceptron.loss", "You only took the worst point: the loss is the sum over all misclassified ones.")
def loss_worst_point(w, X, y):
    return float(np.maximum(-y * (X @ w), 0).max())


@mistake("perceptron.update", "You learn from right answers too: if y wᵀx > 0 the weights stay as they are.")
def update_always(w, x, y, learning_rate=1.0):
    return w + learning_rate * y * x


@mistake("perceptron.update", "You learn from right answers only: turn the comparison round.")
def update_from_right_answers(w, x, y, learning_rate=1.0):
    return w + learning_rate * y * x if y * (w @ x) > 0 else w


@mistake("perceptron.update", "net = 0 is undecided, hence not right: compare with <= 0, or w = 0 never learns.")
def update_not_when_undecided(w, x, y, learning_rate=1.0):
    return w + learning_rate * y * x if y * (w @ x) < 0 else w


@mistake("perceptron.update", "The sign of the update is flipped: add y x, so that net moves towards y.")
def update_sign_flipped(w, x, y, learning_rate=1.0):
    return w - learning_rate * y * x if y * (w @ x) <= 0 else w


@mistake("perceptron.update", "You left out the label: add y x, which is -x for the points of the class -1.")
def update_adds_x(w, x, y, learning_rate=1.0):
    return w + learning_rate * x if y * (w @ x) <= 0 else w


@mistake("perceptron.update", "You left the label out of the question: whether net wᵀx is wrong depends on y.")
def update_asks_for_net_alone(w, x, y, learning_rate=1.0):
    return w + learning_rate * y * x if w @ x <= 0 else w


@mistake("perceptron.update", "You ignored learning_rate: the step is learning_rate y x.")
def update_ignores_the_rate(w, x, y, learning_rate=1.0):
    return w + y * x if y * (w @ x) <= 0 else w


@mistake("perceptron.update", "You replaced the weights: the step is added to those there are.")
def update_forgets_the_weights(w, x, y, learning_rate=1.0):
    return learning_rate * y * x if y * (w @ x) <= 0 else w


@mistake("perceptron.update", "You scaled the step by net: Rosenblatt's step is y x, however wrong the answer is.")
def update_scaled_by_net(w, x, y, learning_rate=1.0):
    net = w @ x
    return w - learning_rate * net * x if y * net <= 0 else w


@mistake("perceptron.update", "You returned the step alone when the answer is right, zeros: return w itself.")
def update_returns_zeros_when_right(w, x, y, learning_rate=1.0):
    return w + learning_rate * y * x if y * (w @ x) <= 0 else np.zeros_like(w)


@mistake("perceptron.update", "You changed w in place (w += …): it belongs to the caller. Return a new array.")
def update_in_place(w, x, y, learning_rate=1.0):
    if y * (w @ x) <= 0:
        w += learning_rate * y * x
    return w


@mistake("perceptron.update", "Where the answer is right you return nothing: return w as it is.")
def update_returns_none_when_right(w, x, y, learning_rate=1.0):
    if y * (w @ x) <= 0:
        return w + learning_rate * y * x
    return None


@mistake("perceptron.subgradient", "The sign is flipped: the loss falls along +y x, so its slope is -y x.")
def subgradient_sign_flipped(w, X, y):
    wrong = y * (X @ w) <= 0
    return y[wrong] @ X[wrong]


@mistake("perceptron.subgradient", "You left out the points with net = 0: they are not right, so they count.")
def subgradient_without_ties(w, X, y):
    wrong = y * (X @ w) < 0
    return -(y[wrong] @ X[wrong])


@mistake("perceptron.subgradient", "You count the correct points too: only those that are not right have a slope.")
def subgradient_of_all_points(w, X, y):
    return -(y @ X)


@mistake("perceptron.subgradient", "You sum over the correct points: turn the comparison round.")
def subgradient_of_the_correct(w, X, y):
    right = y * (X @ w) > 0
    return -(y[right] @ X[right])


@mistake("perceptron.subgradient", "You left out the label: the slope of -y wᵀx is -y x.")
def subgradient_without_label(w, X, y):
    return -X[y * (X @ w) <= 0].sum(axis=0)


@mistake("perceptron.subgradient", "You left the label out of the question: whether net wᵀx is wrong depends on y.")
def subgradient_asks_for_net_alone(w, X, y):
    wrong = X @ w <= 0
    return -(y[wrong] @ X[wrong])


@mistake("perceptron.subgradient", "You took the mean over all points: the loss is a sum, and so is its slope.")
def subgradient_mean(w, X, y):
    wrong = y * (X @ w) <= 0
    return -(y[wrong] @ X[wrong]) / X.dtype.type(len(X))


@mistake("perceptron.subgradient", "You took the mean over the wrong points: the loss is a sum, and so is its slope.")
def subgradient_mean_over_the_wrong(w, X, y):
    wrong = y * (X @ w) <= 0
    return -(y[wrong] @ X[wrong]) / X.dtype.type(max(wrong.sum(), 1))


@mistake("perceptron.subgradient", "You weighed each point by how wrong it is: the slope of -y wᵀx is -y x, no more.")
def subgradient_weighted_by_the_margin(w, X, y):
    margin = y * (X @ w)
    wrong = margin <= 0
    return (margin[wrong] * y[wrong]) @ X[wrong]


@mistake("perceptron.subgradient", "This is the slope of the hinge loss, which asks for a margin of 1.")
def subgradient_hinge(w, X, y):
    wrong = y * (X @ w) < 1
    return -(y[wrong] @ X[wrong])


@mistake("perceptron.subgradient", "You did not sum over the points: the subgradient has the shape of w.")
def subgradient_not_summed(w, X, y):
    wrong = y * (X @ w) <= 0
    return -y[wrong, None] * X[wrong]


@mistake("perceptron.mistake_bound", "You did not square: the bound is (R / gamma)².")
def bound_not_squared(w, X, y):
    gamma = (y * (X @ w)).min() / np.linalg.norm(w)
    return float(np.linalg.norm(X, axis=1).max() / gamma)


@mistake("perceptron.mistake_bound", "y wᵀx is a distance only if w has length 1: divide it by the length of w.")
def bound_without_the_length_of_w(w, X, y):
    return float((np.linalg.norm(X, axis=1).max() / (y * (X @ w)).min()) ** 2)


@mistake("perceptron.mistake_bound", "You divided by |w|² instead of |w|: the distance is y wᵀx / |w|.")
def bound_length_squared(w, X, y):
    gamma = (y * (X @ w)).min() / (w @ w)
    return float((np.linalg.norm(X, axis=1).max() / gamma) ** 2)


@mistake("perceptron.mistake_bound", "You took the point farthest from the plane: gamma is how far the nearest is.")
def bound_farthest(w, X, y):
    gamma = (y * (X @ w)).max() / np.linalg.norm(w)
    return float((np.linalg.norm(X, axis=1).max() / gamma) ** 2)


@mistake("perceptron.mistake_bound", "You took the shortest point: R is the length of the longest.")
def bound_shortest(w, X, y):
    gamma = (y * (X @ w)).min() / np.linalg.norm(w)
    return float((np.linalg.norm(X, axis=1).min() / gamma) ** 2)


@mistake("perceptron.mistake_bound", "You took the norm of the whole matrix X: R is the length of the longest row.")
def bound_norm_of_the_matrix(w, X, y):
    gamma = (y * (X @ w)).min() / np.linalg.norm(w)
    return float((np.linalg.norm(X) / gamma) ** 2)


@mistake("perceptron.mistake_bound", "You measured the columns of X: a point is a row, so sum along axis 1.")
def bound_columns(w, X, y):
    gamma = (y * (X @ w)).min() / np.linalg.norm(w)
    return float((np.linalg.norm(X, axis=0).max() / gamma) ** 2)


@mistake("perceptron.mistake_bound", "The fraction is upside down: it is (R / gamma)².")
def bound_upside_down(w, X, y):
    gamma = (y * (X @ w)).min() / np.linalg.norm(w)
    return float((gamma / np.linalg.norm(X, axis=1).max()) ** 2)


@mistake(
    "perceptron.mistake_bound",
    "You left out the labels: on the right side y wᵀx > 0, while wᵀx alone has any sign.",
)
def bound_without_labels(w, X, y):
    gamma = (X @ w).min() / np.linalg.norm(w)
    return float((np.linalg.norm(X, axis=1).max() / gamma) ** 2)


def _multiclass(W, x, label, rate, rival, wrong):
    new = W.copy()
    if wrong:
        new[label] += rate * x
        new[rival] -= rate * x
    return new


def _rival(W, x, label):
    scores = W @ x
    scores[label] = -np.inf
    return scores.argmax()


@mistake(
    "perceptron.multiclass_update",
    "A tie is not right: you took the class with the largest score, and where the right class comes first among "
    "equals you let it win. Find the strongest of the others, and ask for more than that.",
)
def multiclass_ties_pass(W, x, label, learning_rate=1.0):
    predicted = (W @ x).argmax()
    return _multiclass(W, x, label, learning_rate, predicted, predicted != label)


@mistake(
    "perceptron.multiclass_update",
    "You hide the right class behind a number that is not low enough: other scores may lie below it. Take -np.inf.",
)
def multiclass_hidden_not_low_enough(W, x, label, learning_rate=1.0):
    scores = W @ x
    others = scores.copy()
    others[label] = -1000
    rival = others.argmax()
    return _multiclass(W, x, label, learning_rate, rival, scores[label] <= scores[rival])


@mistake("perceptron.multiclass_update", "A tie is not right: compare with <=, or W = 0 never learns.")
def multiclass_strict(W, x, label, learning_rate=1.0):
    scores, rival = W @ x, _rival(W, x, label)
    return _multiclass(W, x, label, learning_rate, rival, scores[label] < scores[rival])


@mistake("perceptron.multiclass_update", "You learn from right answers too: if the right class wins nothing changes.")
def multiclass_always(W, x, label, learning_rate=1.0):
    return _multiclass(W, x, label, learning_rate, _rival(W, x, label), True)


@mistake("perceptron.multiclass_update", "You only raised the right class: its strongest rival loses as much.")
def multiclass_only_raises(W, x, label, learning_rate=1.0):
    new, scores, rival = W.copy(), W @ x, _rival(W, x, label)
    if scores[label] <= scores[rival]:
        new[label] += learning_rate * x
    return new


@mistake("perceptron.multiclass_update", "You only lowered the rival: the right class gains as much.")
def multiclass_only_lowers(W, x, label, learning_rate=1.0):
    new, scores, rival = W.copy(), W @ x, _rival(W, x, label)
    if scores[label] <= scores[rival]:
        new[rival] -= learning_rate * x
    return new


@mistake("perceptron.multiclass_update", "The signs are swapped: the right class gains x, the rival loses it.")
def multiclass_signs_swapped(W, x, label, learning_rate=1.0):
    scores, rival = W @ x, _rival(W, x, label)
    return _multiclass(W, x, label, -learning_rate, rival, scores[label] <= scores[rival])


@mistake("perceptron.multiclass_update", "You lowered all other classes: only the strongest rival loses x.")
def multiclass_lowers_all_others(W, x, label, learning_rate=1.0):
    new, scores, rival = W.copy(), W @ x, _rival(W, x, label)
    if scores[label] <= scores[rival]:
        new -= learning_rate * x
        new[label] += 2 * learning_rate * x
    return new


@mistake(
    "perceptron.multiclass_update", "You lowered every class that scores as much as the right one: only the strongest."
)
def multiclass_lowers_all_stronger(W, x, label, learning_rate=1.0):
    new, scores = W.copy(), W @ x
    for k in range(len(W)):
        if k != label and scores[k] >= scores[label]:
            new[k] -= learning_rate * x
            new[label] += learning_rate * x
    return new


@mistake("perceptron.multiclass_update", "You took the weakest rival: it is the strongest one that must be beaten.")
def multiclass_weakest_rival(W, x, label, learning_rate=1.0):
    scores, rival = W @ x, _rival(W, x, label)
    others = scores.copy()
    others[label] = np.inf
    return _multiclass(W, x, label, learning_rate, others.argmin(), scores[label] <= scores[rival])


@mistake("perceptron.multiclass_update", "You took the last of several equal rivals: the first is meant.")
def multiclass_last_rival(W, x, label, learning_rate=1.0):
    scores, rival = W @ x, _rival(W, x, label)
    others = scores.copy()
    others[label] = -np.inf
    last = len(W) - 1 - others[::-1].argmax()
    return _multiclass(W, x, label, learning_rate, last, scores[label] <= scores[rival])


@mistake("perceptron.multiclass_update", "You ignored learning_rate: the step is learning_rate x.")
def multiclass_ignores_the_rate(W, x, label, learning_rate=1.0):
    scores, rival = W @ x, _rival(W, x, label)
    return _multiclass(W, x, label, 1, rival, scores[label] <= scores[rival])


@mistake("perceptron.multiclass_update", "You changed W in place: it belongs to the caller. Work on a copy.")
def multiclass_in_place(W, x, label, learning_rate=1.0):
    scores, rival = W @ x, _rival(W, x, label)
    if scores[label] <= scores[rival]:
        W[label] += learning_rate * x
        W[rival] -= learning_rate * x
    return W


@mistake("perceptron.multiclass_update", "You compared the lengths of the weights, not the scores W x.")
def multiclass_compares_norms(W, x, label, learning_rate=1.0):
    scores = np.linalg.norm(W, axis=1)
    others = scores.copy()
    others[label] = -np.inf
    rival = others.argmax()
    return _multiclass(W, x, label, learning_rate, rival, scores[label] <= scores[rival])
