"""Wrong answers to the neuron's exercises."""

from __future__ import annotations

import numpy as np

from nnlite.course.mistakes import mistake


@mistake("neuron.with_bias", "The 1 stands behind the inputs: the bias is w0, so its input comes first.")
def with_bias_behind(X):
    return np.concatenate([X, np.ones((*X.shape[:-1], 1), X.dtype)], axis=-1)


@mistake("neuron.with_bias", "You put a row of ones on top, another point: each point needs one more input.")
def with_bias_a_row_on_top(X):
    return np.concatenate([np.ones((1, *X.shape[1:]), X.dtype), X], axis=0)


@mistake("neuron.with_bias", "You put zeros in front: the virtual input is always 1.")
def with_bias_zeros(X):
    return np.concatenate([np.zeros((*X.shape[:-1], 1), X.dtype), X], axis=-1)


@mistake("neuron.with_bias", "You added 1 to every input: the 1 is an input more, in front of the others.")
def with_bias_added(X):
    return X + 1


@mistake("neuron.with_bias", "You wrote the 1 over the first input: the point needs one input more than it had.")
def with_bias_overwritten(X):
    X = X.copy()
    X[..., 0] = 1
    return X


@mistake("neuron.with_bias", "You wrote into X itself, which belongs to the caller: make a new array.")
def with_bias_in_place(X):
    X[..., 0] = 1
    return X


@mistake("neuron.with_bias", "The result is float64 whatever X is: make the ones in the dtype of X.")
def with_bias_always_float64(X):
    return np.concatenate([np.ones((*X.shape[:-1], 1)), X], axis=-1)


@mistake(
    "neuron.with_bias",
    "This works for points (N, n) only: a single point (n,) has no rows, so ask for X.shape[:-1] and the last axis.",
)
def with_bias_only_rows(X):
    return np.concatenate([np.ones((len(X), 1), X.dtype), X], axis=1)


@mistake("neuron.with_bias", "You joined along axis 1: with more axes than two the inputs are along the last one.")
def with_bias_axis_one(X):
    ones = np.ones((*X.shape[:-1], 1), X.dtype)
    return np.concatenate([ones, X], axis=min(1, X.ndim - 1))


@mistake("neuron.net", "You left the weights out: net is the sum of w_i x_i, not of the x_i.")
def net_without_weights(w, x):
    return x.sum(axis=-1)


@mistake("neuron.net", "You did not add up: net is the sum of the weighted inputs, one number for each point.")
def net_not_summed(w, x):
    return w * x


@mistake("neuron.net", "You took the mean of the weighted inputs: net is their sum.")
def net_mean(w, x):
    return (w * x).mean(axis=-1)


@mistake("neuron.net", "You added up over all points: there is one sum for each of them.")
def net_one_sum_for_all(w, x):
    return (w * x).sum()


@mistake("neuron.net", "You summed along the wrong axis: over the points instead of over the inputs of each.")
def net_wrong_axis(w, x):
    return (w * x).sum(axis=0)


@mistake("neuron.net", "w @ x pairs the weights with the rows: for points (N, D) x must stand on the left, x @ w.")
def net_weights_on_the_left(w, x):
    return w @ x


@mistake("neuron.net", "You added the first weight once more: the bias is in the sum already, with the input 1.")
def net_bias_twice(w, x):
    return x @ w + w[0]


@mistake("neuron.net", "You left the first weight out: the bias is a weight like any other, and its input is in x.")
def net_without_the_first(w, x):
    return x[..., 1:] @ w[1:]


@mistake(
    "neuron.net",
    "You added the first weight without its input: the products run over all inputs, the first among them.",
)
def net_first_input_taken_as_one(w, x):
    return w[0] + x[..., 1:] @ w[1:]


@mistake("neuron.net", "You added w and x: each input is multiplied by its weight.")
def net_added(w, x):
    return (w + x).sum(axis=-1)


@mistake("neuron.net", "You applied an activation function: net is the sum before it.")
def net_with_step(w, x):
    return np.heaviside(x @ w, 1).astype(x.dtype)


@mistake(
    "neuron.sigmoid",
    "Far below 0 e^-net overflows and y becomes 0 too early; to cut net off does not help. Take e^net there.",
)
def sigmoid_as_in_the_book(net):
    return 1 / (1 + np.exp(-net))


@mistake("neuron.sigmoid", "e^net has overflowed: for large net this is inf / inf = NaN. Use e^-net there.")
def sigmoid_the_other_form_everywhere(net):
    e = np.exp(net)
    return e / (1 + e)


@mistake("neuron.sigmoid", "The sign of net is flipped: y rises with net, from 0 to 1.")
def sigmoid_falling(net):
    e = np.exp(-np.abs(net))
    return np.where(net >= 0, e, 1) / (1 + e)


@mistake("neuron.sigmoid", "You treated both sides alike: where net is negative the answer is e^net / (1 + e^net).")
def sigmoid_even(net):
    return 1 / (1 + np.exp(-np.abs(net)))


@mistake("neuron.sigmoid", "This is tanh, which runs from -1 to 1: the sigmoid runs from 0 to 1.")
def sigmoid_tanh(net):
    return np.tanh(net)


@mistake("neuron.sigmoid", "tanh(net) squeezed into 0 to 1 is twice as steep: the sigmoid is (1 + tanh(net / 2)) / 2.")
def sigmoid_tanh_too_steep(net):
    return (1 + np.tanh(net)) / 2


@mistake("neuron.sigmoid", "This is the step: it decides, and has forgotten how clear the case was.")
def sigmoid_step(net):
    return np.heaviside(net, net.dtype.type(0.5))


@mistake("neuron.sigmoid", "You forgot the 1 in the denominator: y = 1 / (1 + e^-net).")
def sigmoid_without_one(net):
    return 1 / np.exp(-net)


@mistake("neuron.sigmoid", "You divided by the sum over all nets: each neuron answers for itself. That is softmax.")
def sigmoid_softmax(net):
    e = np.exp(net - net.max())
    return e / e.sum()


@mistake("neuron.sigmoid", "The result is float64 whatever net is: keep its dtype.")
def sigmoid_always_float64(net):
    e = np.exp(-np.abs(net.astype(np.float64)))
    return np.where(net >= 0, 1, e) / (1 + e)


@mistake("neuron.sigmoid_derivative", "This is the sigmoid itself: its slope is y (1 - y).")
def derivative_sigmoid(net):
    e = np.exp(-np.abs(net))
    return np.where(net >= 0, 1, e) / (1 + e)


@mistake(
    "neuron.sigmoid_derivative",
    "You took net for y: in y (1 - y), y is the neuron's answer, the sigmoid of net.",
)
def derivative_of_net(net):
    return net * (1 - net)


@mistake("neuron.sigmoid_derivative", "e^-net has overflowed: far below 0 this is inf / inf = NaN. Use |net| for net.")
def derivative_overflows_below(net):
    e = np.exp(-net)
    return e / (1 + e) ** 2


@mistake("neuron.sigmoid_derivative", "e^net has overflowed: far above 0 this is inf / inf = NaN. Use -|net| for net.")
def derivative_overflows_above(net):
    e = np.exp(net)
    return e / (1 + e) ** 2


@mistake("neuron.sigmoid_derivative", "The sign is flipped: the sigmoid rises, so its slope is never negative.")
def derivative_sign_flipped(net):
    e = np.exp(-np.abs(net))
    return -e / (1 + e) ** 2


@mistake("neuron.sigmoid_derivative", "This is y², not y (1 - y).")
def derivative_y_squared(net):
    e = np.exp(-np.abs(net))
    return (np.where(net >= 0, 1, e) / (1 + e)) ** 2


@mistake("neuron.sigmoid_derivative", "This is y (1 + y): the slope is y (1 - y).")
def derivative_one_plus_y(net):
    e = np.exp(-np.abs(net))
    y = np.where(net >= 0, 1, e) / (1 + e)
    return y * (1 + y)


@mistake("neuron.sigmoid_derivative", "This is the slope of tanh, 1 - tanh²: at 0 the sigmoid's is 1/4.")
def derivative_tanh(net):
    return 1 - np.tanh(net) ** 2


@mistake("neuron.sigmoid_derivative", "The square is missing: e^-net is divided by (1 + e^-net)².")
def derivative_without_square(net):
    e = np.exp(-np.abs(net))
    return e / (1 + e)


@mistake("neuron.sigmoid_derivative", "The result is float64 whatever net is: keep its dtype.")
def derivative_always_float64(net):
    e = np.exp(-np.abs(net.astype(np.float64)))
    return e / (1 + e) ** 2
