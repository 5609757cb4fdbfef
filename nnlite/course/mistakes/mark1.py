"""Wrong answers to the exercises of the Mark I and of evaluation."""

from __future__ import annotations

import numpy as np

from nnlite.course.mistakes import mistake

# mark1.associate


@mistake(
    "mark1.associate",
    "A sum equal to the threshold does not fire your unit, but it reaches it: write >= instead of > in the comparison.",
)
def associate_only_above(C, S, threshold=1.0):
    net = S @ C
    return (net > threshold).astype(S.dtype)


@mistake("mark1.associate", "You ignore the argument threshold.")
def associate_ignores_the_threshold(C, S, threshold=1.0):
    return (S @ C >= 1).astype(S.dtype)


@mistake("mark1.associate", "Without a threshold in the call yours is 0: keep the default 1 of the signature.")
def associate_default_of_zero(C, S, threshold=0.0):
    net = S @ C
    return (net >= threshold).astype(S.dtype)


@mistake("mark1.associate", "You return the sum less the threshold: an A-unit fires, 1, or does not, 0.")
def associate_returns_the_net(C, S, threshold=1.0):
    return S @ C - threshold


@mistake("mark1.associate", "Your A-units fire by degrees: one is 1 or 0, so compare the sum with the threshold.")
def associate_by_degrees(C, S, threshold=1.0):
    return np.clip(S @ C - S.dtype.type(threshold) + 1, 0, 1)


@mistake("mark1.associate", "Your A-units are +1 and -1: one that does not fire is 0.")
def associate_signs(C, S, threshold=1.0):
    net = S @ C
    return np.where(net >= threshold, 1, -1).astype(S.dtype)


@mistake("mark1.associate", "You return True and False: an A-unit is 1 or 0, in the dtype of S (use astype).")
def associate_booleans(C, S, threshold=1.0):
    net = S @ C
    return net >= threshold


@mistake("mark1.associate", "All your wires excite: a wire of -1 takes 1 away from the sum.")
def associate_without_inhibition(C, S, threshold=1.0):
    net = S @ np.abs(C)
    return (net >= threshold).astype(S.dtype)


@mistake("mark1.associate", "You count an S-unit that is not lit as -1: it is 0 and adds nothing.")
def associate_dark_is_minus_one(C, S, threshold=1.0):
    net = (2 * S - 1) @ C
    return (net >= threshold).astype(S.dtype)


@mistake("mark1.associate", "Your result is turned round: a row for each picture, a column for each A-unit.")
def associate_transposed(C, S, threshold=1.0):
    net = C.T @ S.T
    return (net >= threshold).astype(S.dtype)


@mistake("mark1.associate", "Your comparison is turned round: a unit fires when the sum is large.")
def associate_comparison_turned(C, S, threshold=1.0):
    net = S @ C
    return (net <= threshold).astype(S.dtype)


# mark1.update


@mistake(
    "mark1.update",
    "You take a net of 0 for a right answer: it is none, so the unit must learn: write <= for < in the comparison.",
)
def update_zero_is_right(w, a, y):
    return w + np.outer((y * (w @ a) < 0) * y, a)


@mistake("mark1.update", "You correct the R-units that were right too: only those that err may learn.")
def update_always(w, a, y):
    return w + np.outer(y, a)


@mistake("mark1.update", "You correct all R-units as soon as one errs: each is judged by itself.")
def update_all_if_any(w, a, y):
    return w + np.outer(y, a) * (y * (w @ a) <= 0).any()


@mistake("mark1.update", "The sign is flipped: a wrong unit adds y a, it does not subtract it.")
def update_sign_flipped(w, a, y):
    return w - np.outer((y * (w @ a) <= 0) * y, a)


@mistake("mark1.update", "You left out y: a unit that should say -1 must lose a, not gain it.")
def update_without_y(w, a, y):
    return w + np.outer(y * (w @ a) <= 0, a).astype(w.dtype)


@mistake("mark1.update", "You correct the R-units that were right: turn the comparison round.")
def update_the_right_ones(w, a, y):
    return w + np.outer((y * (w @ a) > 0) * y, a)


@mistake("mark1.update", "You add (y - sign(net)) a, which is 2 y a for a wrong answer: add y a once.")
def update_twice(w, a, y):
    return w + np.outer(y - np.sign(w @ a), a)


@mistake("mark1.update", "You add (y - net) a: that is the rule of Adaline. Here only the sign of net matters.")
def update_of_adaline(w, a, y):
    return w + np.outer(y - w @ a, a)


@mistake("mark1.update", "You correct one wrong R-unit only: all that err learn.")
def update_only_the_worst(w, a, y):
    new, margin = w.copy(), y * (w @ a)
    worst = int(margin.argmin())
    if margin[worst] <= 0:
        new[worst] += y[worst] * a
    return new


@mistake("mark1.update", "You judge by net alone, without y: whether an answer is wrong depends on y.")
def update_judged_without_y(w, a, y):
    return w + np.outer((w @ a <= 0) * y, a)


# metrics.accuracy


@mistake("metrics.accuracy", "You count the right rows: divide by the number of all rows.")
def accuracy_count(scores, labels):
    return float(((scores.argmax(1) == labels) & ~np.isnan(scores).any(1)).sum())


@mistake("metrics.accuracy", "This is the share of wrong rows: you want the right ones.")
def accuracy_error_rate(scores, labels):
    return 1 - float(((scores.argmax(1) == labels) & ~np.isnan(scores).any(1)).mean())


@mistake("metrics.accuracy", "Your answer is the place of the smallest score: take the largest.")
def accuracy_argmin(scores, labels):
    return float(((scores.argmin(1) == labels) & ~np.isnan(scores).any(1)).mean())


@mistake("metrics.accuracy", "You compare the largest score itself with the label: compare its place, argmax.")
def accuracy_compares_the_score(scores, labels):
    return float((scores.max(1) == labels).mean())


@mistake("metrics.accuracy", "You did nothing about NaN: argmax takes a NaN for the largest score.")
def accuracy_trusts_nan(scores, labels):
    return float((scores.argmax(1) == labels).mean())


@mistake("metrics.accuracy", "You left the rows with a NaN out of the mean: they are wrong, not absent.")
def accuracy_drops_nan(scores, labels):
    known = ~np.isnan(scores).any(1)
    return float((scores.argmax(1) == labels)[known].mean()) if known.any() else 0.0


@mistake("metrics.accuracy", "You look past the NaN in a row: with a NaN among them nobody knows the largest score.")
def accuracy_skips_nan(scores, labels):
    return float((np.where(np.isnan(scores), -np.inf, scores).argmax(1) == labels).mean())


@mistake("metrics.accuracy", "You threw out the rows with an infinite score: only NaN makes a row wrong (np.isnan).")
def accuracy_only_finite(scores, labels):
    return float(((scores.argmax(1) == labels) & np.isfinite(scores).all(1)).mean())


@mistake("metrics.accuracy", "Of equal scores you take the last: take the first, as argmax does.")
def accuracy_last_of_equals(scores, labels):
    last = scores.shape[1] - 1 - scores[:, ::-1].argmax(1)
    return float(((last == labels) & ~np.isnan(scores).any(1)).mean())


@mistake("metrics.accuracy", "You answer in percent: the accuracy is a share, from 0 to 1.")
def accuracy_percent(scores, labels):
    return 100 * float(((scores.argmax(1) == labels) & ~np.isnan(scores).any(1)).mean())


# metrics.confusion_matrix


@mistake("metrics.confusion_matrix", "Rows and columns are exchanged: the right answer names the row.")
def confusion_matrix_transposed(y, predicted, classes):
    return (predicted[:, None] == classes).astype(np.int64).T @ (y[:, None] == classes)


@mistake("metrics.confusion_matrix", "M[rows, columns] += 1 counts a cell that is named several times only once.")
def confusion_matrix_counts_once(y, predicted, classes):
    M = np.zeros((len(classes), len(classes)), np.int64)
    M[(y[:, None] == classes).argmax(1), (predicted[:, None] == classes).argmax(1)] += 1
    return M


@mistake("metrics.confusion_matrix", "You divided by the points of each class: the matrix holds counts, whole numbers.")
def confusion_matrix_shares(y, predicted, classes):
    M = (y[:, None] == classes).astype(np.int64).T @ (predicted[:, None] == classes)
    return M / np.maximum(M.sum(1, keepdims=True), 1)


@mistake("metrics.confusion_matrix", "Your counts are floats: begin with zeros of dtype np.int64.")
def confusion_matrix_floats(y, predicted, classes):
    return (y[:, None] == classes).astype(float).T @ (predicted[:, None] == classes)


@mistake(
    "metrics.confusion_matrix", "You sorted the classes: rows and columns follow the order of the argument classes."
)
def confusion_matrix_sorted(y, predicted, classes):
    classes = np.sort(classes)
    return (y[:, None] == classes).astype(np.int64).T @ (predicted[:, None] == classes)


@mistake("metrics.confusion_matrix", "You left the right answers out: they stand on the diagonal.")
def confusion_matrix_mistakes_only(y, predicted, classes):
    M = (y[:, None] == classes).astype(np.int64).T @ (predicted[:, None] == classes)
    return M - np.diag(np.diag(M))


@mistake("metrics.confusion_matrix", "You only counted the right answers: the mistakes belong beside the diagonal.")
def confusion_matrix_diagonal_only(y, predicted, classes):
    M = (y[:, None] == classes).astype(np.int64).T @ (predicted[:, None] == classes)
    return np.diag(np.diag(M))


@mistake(
    "metrics.confusion_matrix", "You use a class itself as the number of its row: its row is its place in classes."
)
def confusion_matrix_class_as_row(y, predicted, classes):
    M = np.zeros((len(classes), len(classes)), np.int64)
    for i, j in zip(y, predicted):
        M[i, j] += 1
    return M


@mistake(
    "metrics.confusion_matrix",
    "You look classes up in a table by their own number: a class of -1 then means the table's last entry.",
)
def confusion_matrix_table(y, predicted, classes):
    place = np.zeros(classes.max() + 1, np.int64)
    place[classes] = np.arange(len(classes))
    M = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(M, (place[y], place[predicted]), 1)
    return M


# split.folds


@mistake("split.folds", "You take the classes to be 0, 1, 2, …: they may be -1 and +1 as well (np.unique finds them).")
def folds_classes_from_zero(y, order, k):
    fold, i = np.zeros(len(y), np.int64), 0
    for c in range(y.max() + 1):
        points = order[y[order] == c]
        fold[points] = (i + np.arange(len(points))) % k
        i += len(points)
    return fold


@mistake(
    "split.folds", "You deal the points as order names them, whatever their class: lay them out class after class."
)
def folds_without_classes(y, order, k):
    fold = np.empty(len(y), np.int64)
    fold[order] = np.arange(len(y)) % k
    return fold


@mistake("split.folds", "You ignore order: inside a class the points are dealt in the order that it names.")
def folds_without_order(y, order, k):
    fold = np.empty(len(y), np.int64)
    fold[np.argsort(y, kind="stable")] = np.arange(len(y)) % k
    return fold


@mistake("split.folds", "You cut the row of points into k blocks: deal them round, one to each fold in turn.")
def folds_of_blocks(y, order, k):
    fold = np.empty(len(y), np.int64)
    fold[order[np.argsort(y[order], kind="stable")]] = np.arange(len(y)) * k // len(y)
    return fold


@mistake("split.folds", "You start afresh with fold 0 for each class: the round goes on from class to class.")
def folds_afresh_for_each_class(y, order, k):
    fold = np.empty(len(y), np.int64)
    for c in np.unique(y):
        points = order[y[order] == c]
        fold[points] = np.arange(len(points)) % k
    return fold


@mistake("split.folds", "You read where you should write: fold[dealt] = numbers, not numbers[dealt].")
def folds_reads_for_writes(y, order, k):
    return (np.arange(len(y), dtype=np.int64) % k)[order[np.argsort(y[order], kind="stable")]]


@mistake("split.folds", "You sort y and not y[order]: argsort then speaks of other places than order does.")
def folds_sorts_y_itself(y, order, k):
    fold = np.empty(len(y), np.int64)
    fold[order[np.argsort(y, kind="stable")]] = np.arange(len(y)) % k
    return fold


@mistake("split.folds", "You begin with the largest class: the classes come in ascending order.")
def folds_descending(y, order, k):
    fold = np.empty(len(y), np.int64)
    fold[order[np.argsort(-y[order], kind="stable")]] = np.arange(len(y)) % k
    return fold


@mistake("split.folds", "You count the folds from 1: the first is fold 0.")
def folds_from_one(y, order, k):
    fold = np.empty(len(y), np.int64)
    fold[order[np.argsort(y[order], kind="stable")]] = np.arange(len(y)) % k + 1
    return fold


@mistake("split.folds", "You return the points in the order in which they are dealt: return the fold of each point.")
def folds_returns_the_cards(y, order, k):
    return order[np.argsort(y[order], kind="stable")]


@mistake("split.folds", "You deal the points of a class backwards: keep them as order names them.")
def folds_backwards(y, order, k):
    back = order[::-1]
    fold = np.empty(len(y), np.int64)
    fold[back[np.argsort(y[back], kind="stable")]] = np.arange(len(y)) % k
    return fold
