"""Wrong answers to the exercises on the multilayer network."""

from __future__ import annotations

import numpy as np

from nnlite.course.mistakes import mistake

# mlp.forward


@mistake("mlp.forward", "You left out tanh: without it two layers are no more than one, for W2 W1 is a matrix again.")
def forward_without_tanh(W1, b1, W2, b2, X):
    H = X @ W1.T + b1
    return H @ W2.T + b2, H


@mistake("mlp.forward", "The output neurons got a tanh too: Z are their nets, as they are.")
def forward_tanh_on_the_output(W1, b1, W2, b2, X):
    H = np.tanh(X @ W1.T + b1)
    return np.tanh(H @ W2.T + b2), H


@mistake("mlp.forward", "You left out the bias b1 of the hidden neurons.")
def forward_without_b1(W1, b1, W2, b2, X):
    H = np.tanh(X @ W1.T)
    return H @ W2.T + b2, H


@mistake("mlp.forward", "You left out the bias b2 of the output neurons.")
def forward_without_b2(W1, b1, W2, b2, X):
    H = np.tanh(X @ W1.T + b1)
    return H @ W2.T, H


@mistake("mlp.forward", "You left out both biases, b1 and b2.")
def forward_without_biases(W1, b1, W2, b2, X):
    H = np.tanh(X @ W1.T)
    return H @ W2.T, H


@mistake("mlp.forward", "The bias b1 came too late: it belongs to the net, inside tanh.")
def forward_bias_after_tanh(W1, b1, W2, b2, X):
    H = np.tanh(X @ W1.T) + b1
    return H @ W2.T + b2, H


@mistake("mlp.forward", "The other way round: the function returns Z first, then H.")
def forward_results_swapped(W1, b1, W2, b2, X):
    H = np.tanh(X @ W1.T + b1)
    return H, H @ W2.T + b2


@mistake("mlp.forward", "You returned the nets of the hidden neurons: H is what they answer, after tanh.")
def forward_returns_the_hidden_nets(W1, b1, W2, b2, X):
    A = X @ W1.T + b1
    return np.tanh(A) @ W2.T + b2, A


@mistake("mlp.forward", "Your hidden neurons answer with the sigmoid: this network uses tanh, from -1 to 1.")
def forward_sigmoid(W1, b1, W2, b2, X):
    H = 1 / (1 + np.exp(-(X @ W1.T + b1)))
    return H @ W2.T + b2, H


@mistake("mlp.forward", "Your hidden neurons answer with max(0, net): this network uses tanh.")
def forward_relu(W1, b1, W2, b2, X):
    H = np.maximum(X @ W1.T + b1, 0)
    return H @ W2.T + b2, H


@mistake(
    "mlp.forward", "The weights are not transposed: each row of W1 and of W2 is one neuron, so the product is X @ W1.T."
)
def forward_not_transposed(W1, b1, W2, b2, X):
    H = np.tanh(X @ W1 + b1)
    return H @ W2 + b2, H


@mistake("mlp.forward", "Everything stands on its side: points are rows, in X as in H and Z, so write X @ W1.T.")
def forward_points_as_columns(W1, b1, W2, b2, X):
    H = np.tanh(W1 @ X.T + b1[:, None])
    return W2 @ H + b2[:, None], H


@mistake("mlp.forward", "You returned Z alone: the backward pass needs H too, so return the pair (Z, H).")
def forward_without_h(W1, b1, W2, b2, X):
    return np.tanh(X @ W1.T + b1) @ W2.T + b2


@mistake("mlp.forward", "The results are float64 whatever the weights are: keep the dtype.")
def forward_always_float64(W1, b1, W2, b2, X):
    H = np.tanh(X.astype(np.float64) @ W1.T + b1)
    return H @ W2.T + b2, H


@mistake("mlp.forward", "Only the first point was sent through: X holds many, one in each row.")
def forward_first_point_only(W1, b1, W2, b2, X):
    H = np.tanh(np.broadcast_to(X[0], X.shape) @ W1.T + b1)
    return H @ W2.T + b2, H


# mlp.error


def _log_softmax(Z):
    Z = Z - Z.max(axis=1, keepdims=True)
    return Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))


def _right(Z, y):
    return -_log_softmax(Z)[np.arange(len(y)), y]


def _difference(Z, y):
    return np.exp(_log_softmax(Z)) - np.eye(Z.shape[1], dtype=Z.dtype)[y]


@mistake("mlp.error", "No max-shift: exp overflows at 1000. Subtract the largest net of each row first.")
def error_no_max_shift(Z, y):
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    loss = float(-np.log(P[np.arange(len(y)), y]).mean())
    return loss, (P - np.eye(Z.shape[1], dtype=Z.dtype)[y]) / len(y)


@mistake(
    "mlp.error",
    "The logarithm of a probability that was rounded to 0 is -inf: take log P = Z - log(sum(exp(Z))) instead.",
)
def error_logarithm_of_zero(Z, y):
    P = np.exp(_log_softmax(Z))
    return float(-np.log(P[np.arange(len(y)), y]).mean()), _difference(Z, y) / len(y)


_ADDED = "You added a small number inside the logarithm: where P is tinier than that, the loss is far too small."


@mistake("mlp.error", _ADDED)
def error_small_number_added(Z, y):
    P = np.exp(_log_softmax(Z))
    return float(-np.log(P[np.arange(len(y)), y] + Z.dtype.type(1e-9)).mean()), _difference(Z, y) / len(y)


@mistake("mlp.error", _ADDED)
def error_tiny_number_added(Z, y):
    P = np.exp(_log_softmax(Z))
    return float(-np.log(P[np.arange(len(y)), y] + Z.dtype.type(1e-12)).mean()), _difference(Z, y) / len(y)


@mistake("mlp.error", "You took the sum over the points instead of the mean, in the loss and in dZ.")
def error_sum_instead_of_mean(Z, y):
    return float(_right(Z, y).sum()), _difference(Z, y)


@mistake("mlp.error", "The loss is right, but dZ is not divided by N: it must be the gradient of the mean.")
def error_gradient_of_the_sum(Z, y):
    return float(_right(Z, y).mean()), _difference(Z, y)


@mistake("mlp.error", "The gradient is divided by the number of entries, N K: the mean is over the N points.")
def error_gradient_divided_by_all(Z, y):
    return float(_right(Z, y).mean()), _difference(Z, y) / Z.dtype.type(Z.size)


@mistake("mlp.error", "The sign of the loss is flipped: the logarithm of a probability is negative, so put a minus.")
def error_loss_sign_flipped(Z, y):
    return float(-_right(Z, y).mean()), _difference(Z, y) / len(y)


@mistake("mlp.error", "The sign of dZ is flipped: it is P - onehot(y), below zero for the right class.")
def error_gradient_sign_flipped(Z, y):
    return float(_right(Z, y).mean()), -_difference(Z, y) / len(y)


@mistake("mlp.error", "You did not subtract the 1 of the right class: dZ is (P - onehot(y)) / N.")
def error_without_onehot(Z, y):
    return float(_right(Z, y).mean()), np.exp(_log_softmax(Z)) / len(y)


@mistake(
    "mlp.error", "dZ[:, y] means whole columns, for all points: pick one entry in each row, dZ[np.arange(len(y)), y]."
)
def error_whole_columns(Z, y):
    dZ = np.exp(_log_softmax(Z))
    dZ[:, y] -= 1
    return float(_right(Z, y).mean()), dZ / len(y)


@mistake(
    "mlp.error", "P[:, y] means whole columns, for all points: pick one entry in each row, P[np.arange(len(y)), y]."
)
def error_whole_columns_everywhere(Z, y):
    log_P = _log_softmax(Z)
    dZ = np.exp(log_P)
    dZ[:, y] -= 1
    return float(-log_P[:, y].mean()), dZ / len(y)


@mistake("mlp.error", "Softmax over the wrong axis: the classes of one point stand in a row, so sum along axis 1.")
def error_over_the_points(Z, y):
    log_P = _log_softmax(Z.T).T
    dZ = np.exp(log_P)
    dZ[np.arange(len(y)), y] -= 1
    return float(-log_P[np.arange(len(y)), y].mean()), dZ / len(y)


@mistake("mlp.error", "Softmax over everything: each row has its own sum, so sum along axis 1 with keepdims=True.")
def error_over_everything(Z, y):
    Z = Z - Z.max()
    log_P = Z - np.log(np.exp(Z).sum())
    dZ = np.exp(log_P)
    dZ[np.arange(len(y)), y] -= 1
    return float(-log_P[np.arange(len(y)), y].mean()), dZ / len(y)


@mistake(
    "mlp.error",
    "You subtracted the largest net of the whole array: a row far below it vanishes. Take the maximum of each row.",
)
def error_shifted_by_the_largest_of_all(Z, y):
    Z = Z - Z.max()
    log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    dZ = np.exp(log_P)
    dZ[np.arange(len(y)), y] -= 1
    return float(-log_P[np.arange(len(y)), y].mean()), dZ / len(y)


@mistake("mlp.error", "You left keepdims=True out: the sums of the rows no longer line up with the rows.")
def error_no_keepdims(Z, y):
    Z = Z - Z.max(axis=1, keepdims=True)
    log_P = Z - np.log(np.exp(Z).sum(axis=1))
    dZ = np.exp(log_P)
    dZ[np.arange(len(y)), y] -= 1
    return float(-log_P[np.arange(len(y)), y].mean()), dZ / len(y)


@mistake("mlp.error", "This is the squared error: the surprise is -log of the right class's probability.")
def error_squared(Z, y):
    difference = _difference(Z, y)
    return float((difference**2).sum(axis=1).mean()), 2 * difference / len(y)


@mistake(
    "mlp.error", "You went through softmax twice: P - onehot(y) is already the gradient with respect to the nets Z."
)
def error_through_softmax_twice(Z, y):
    P = np.exp(_log_softmax(Z))
    return float(_right(Z, y).mean()), _difference(Z, y) * P * (1 - P) / len(y)


@mistake("mlp.error", "You returned one loss for each point: the loss is their mean, one number.")
def error_not_averaged(Z, y):
    return _right(Z, y), _difference(Z, y) / len(y)


@mistake("mlp.error", "You returned the loss alone: the function returns the pair (loss, dZ).")
def error_without_gradient(Z, y):
    return float(_right(Z, y).mean())


@mistake("mlp.error", "You changed the nets Z in place (Z -= …): they belong to the caller.")
def error_in_place(Z, y):
    Z -= Z.max(axis=1, keepdims=True)
    return float(_right(Z, y).mean()), _difference(Z, y) / len(y)


@mistake("mlp.error", "The gradient is float64 whatever the nets are: keep the dtype of Z.")
def error_always_float64(Z, y):
    Z = Z.astype(np.float64)
    return float(_right(Z, y).mean()), _difference(Z, y) / len(y)


# functional.tanh


@mistake("functional.tanh", "You ignored the upstream gradient dy: vjp(dy) is dy times the slope.")
def tanh_ignores_upstream(x):
    y = np.tanh(x)
    return y, lambda dy: 1 - y * y


@mistake("functional.tanh", "You handed dy on as it is: multiply it with the slope 1 - y².")
def tanh_without_slope(x):
    return np.tanh(x), lambda dy: dy + 0


@mistake("functional.tanh", "The square is missing: the slope of tanh is 1 - y², not 1 - y.")
def tanh_no_square(x):
    y = np.tanh(x)
    return y, lambda dy: dy * (1 - y)


@mistake("functional.tanh", "This is the slope of the sigmoid, y (1 - y): that of tanh is 1 - y².")
def tanh_slope_of_the_sigmoid(x):
    y = np.tanh(x)
    return y, lambda dy: dy * y * (1 - y)


@mistake("functional.tanh", "You squared x: the slope is 1 - y², with the value y = tanh(x).")
def tanh_slope_from_x(x):
    return np.tanh(x), lambda dy: dy * (1 - x * x)


@mistake("functional.tanh", "You took tanh twice: y is tanh(x) already, so the slope is 1 - y², not 1 - tanh(y)².")
def tanh_twice(x):
    y = np.tanh(x)
    return y, lambda dy: dy * (1 - np.tanh(y) ** 2)


@mistake("functional.tanh", "The sign of the slope is flipped: tanh rises everywhere, so 1 - y², not y² - 1.")
def tanh_sign_flipped(x):
    y = np.tanh(x)
    return y, lambda dy: dy * (y * y - 1)


@mistake("functional.tanh", "You divided by the slope: the chain rule multiplies.")
def tanh_divided(x):
    y = np.tanh(x)
    return y, lambda dy: dy / (1 - y * y)


@mistake("functional.tanh", "exp overflows at 1000, and inf / inf is nan: use np.tanh.")
def tanh_overflows(x):
    up, down = np.exp(x), np.exp(-x)
    y = (up - down) / (up + down)
    return y, lambda dy: dy * (1 - y * y)


@mistake("functional.tanh", "This is the sigmoid: tanh runs from -1 to 1.")
def tanh_sigmoid(x):
    y = 1 / (1 + np.exp(-x))
    return y, lambda dy: dy * y * (1 - y)


@mistake("functional.tanh", "You returned the slope itself: return a function vjp, which is given dy.")
def tanh_returns_the_slope(x):
    y = np.tanh(x)
    return y, 1 - y * y


@mistake("functional.tanh", "You returned y alone: the function returns the pair (y, vjp).")
def tanh_without_vjp(x):
    return np.tanh(x)


@mistake("functional.tanh", "You changed the upstream gradient dy in place (dy *= …): it belongs to the caller.")
def tanh_vjp_in_place(x):
    y = np.tanh(x)

    def vjp(dy):
        dy *= 1 - y * y
        return dy + 0

    return y, vjp


@mistake("functional.tanh", "The vjp remembers the last dy it was given: each call must start afresh.")
def tanh_vjp_accumulates(x):
    y = np.tanh(x)
    total = np.zeros_like(y)

    def vjp(dy):
        nonlocal total
        total = total + dy * (1 - y * y)
        return total + 0

    return y, vjp


# mlp.backward


def _back(W2, X, H, dZ, slope):
    dA = (dZ @ W2) * slope
    return dA.T @ X, dA.sum(axis=0), dZ.T @ H, dZ.sum(axis=0)


@mistake("mlp.backward", "You left out the slope of tanh: what comes back to a hidden net is dH (1 - H²).")
def backward_without_slope(W2, X, H, dZ):
    return _back(W2, X, H, dZ, 1)


@mistake("mlp.backward", "The square is missing: the slope of tanh is 1 - H², not 1 - H.")
def backward_no_square(W2, X, H, dZ):
    return _back(W2, X, H, dZ, 1 - H)


@mistake("mlp.backward", "This is the slope of the sigmoid, H (1 - H): that of tanh is 1 - H².")
def backward_slope_of_the_sigmoid(W2, X, H, dZ):
    return _back(W2, X, H, dZ, H * (1 - H))


@mistake("mlp.backward", "You took tanh of H once more: H is tanh of the net already, so the slope is 1 - H².")
def backward_tanh_twice(W2, X, H, dZ):
    return _back(W2, X, H, dZ, 1 - np.tanh(H) ** 2)


@mistake("mlp.backward", "You ignored dZ: the gradients answer as if it were all ones.")
def backward_ignores_dz(W2, X, H, dZ):
    return _back(W2, X, H, np.ones_like(dZ), 1 - H * H)


@mistake("mlp.backward", "The weights W2 are transposed: dH = dZ @ W2 brings (N, K) to (N, M).")
def backward_weights_transposed(W2, X, H, dZ):
    dA = (dZ @ W2.T) * (1 - H * H)
    return dA.T @ X, dA.sum(axis=0), dZ.T @ H, dZ.sum(axis=0)


@mistake("mlp.backward", "The gradients of the weights stand on their side: dW2 has the shape of W2, so dZ.T @ H.")
def backward_gradients_transposed(W2, X, H, dZ):
    dW1, db1, dW2, db2 = _back(W2, X, H, dZ, 1 - H * H)
    return dW1.T.copy(), db1, dW2.T.copy(), db2


@mistake("mlp.backward", "You took means over the points: dZ holds its 1/N already, so sum.")
def backward_means(W2, X, H, dZ):
    return tuple(d / len(X) for d in _back(W2, X, H, dZ, 1 - H * H))


@mistake("mlp.backward", "The gradients of the biases are means over the points: they are sums, as for the weights.")
def backward_means_for_biases(W2, X, H, dZ):
    dA = (dZ @ W2) * (1 - H * H)
    return dA.T @ X, dA.mean(axis=0), dZ.T @ H, dZ.mean(axis=0)


@mistake("mlp.backward", "The gradients of the biases are not summed over the points: each bias has one gradient.")
def backward_biases_not_summed(W2, X, H, dZ):
    dA = (dZ @ W2) * (1 - H * H)
    return dA.T @ X, dA, dZ.T @ H, dZ + 0


@mistake("mlp.backward", "The biases' sums run over the neurons: they must run over the points, axis 0.")
def backward_biases_summed_over_neurons(W2, X, H, dZ):
    dA = (dZ @ W2) * (1 - H * H)
    return dA.T @ X, dA.sum(axis=1), dZ.T @ H, dZ.sum(axis=1)


@mistake("mlp.backward", "One number for all biases: sum over the points only, axis 0.")
def backward_one_number_for_all_biases(W2, X, H, dZ):
    dA = (dZ @ W2) * (1 - H * H)
    return dA.T @ X, dA.sum(), dZ.T @ H, dZ.sum()


@mistake("mlp.backward", "keepdims=True is too much here: db1 has the shape (M,), db2 the shape (K,).")
def backward_keepdims(W2, X, H, dZ):
    dA = (dZ @ W2) * (1 - H * H)
    return dA.T @ X, dA.sum(axis=0, keepdims=True), dZ.T @ H, dZ.sum(axis=0, keepdims=True)


@mistake("mlp.backward", "db1 was taken before the slope of tanh: a bias of the hidden layer belongs to the net.")
def backward_db1_before_the_slope(W2, X, H, dZ):
    dW1, _, dW2, db2 = _back(W2, X, H, dZ, 1 - H * H)
    return dW1, (dZ @ W2).sum(axis=0), dW2, db2


@mistake("mlp.backward", "dW1 was taken before the slope of tanh: the weights act on the net, inside tanh.")
def backward_dw1_before_the_slope(W2, X, H, dZ):
    _, db1, dW2, db2 = _back(W2, X, H, dZ, 1 - H * H)
    return (dZ @ W2).T @ X, db1, dW2, db2


@mistake("mlp.backward", "The order of the results is wrong: dW1, db1, dW2, db2.")
def backward_output_layer_first(W2, X, H, dZ):
    dW1, db1, dW2, db2 = _back(W2, X, H, dZ, 1 - H * H)
    return dW2, db2, dW1, db1


@mistake("mlp.backward", "The order of the results is wrong, weights first, then biases: it is dW1, db1, dW2, db2.")
def backward_weights_first(W2, X, H, dZ):
    dW1, db1, dW2, db2 = _back(W2, X, H, dZ, 1 - H * H)
    return dW1, dW2, db1, db2


@mistake("mlp.backward", "The sign is flipped: these are gradients, uphill; the minus comes with the update.")
def backward_sign_flipped(W2, X, H, dZ):
    return tuple(-d for d in _back(W2, X, H, dZ, 1 - H * H))


@mistake("mlp.backward", "You changed dZ in place: it belongs to the caller.")
def backward_in_place(W2, X, H, dZ):
    result = _back(W2, X, H, dZ, 1 - H * H)
    dZ *= 0
    return result


# mlp.update


@mistake("mlp.update", "You climb: the gradient points uphill, so subtract rate dw.")
def update_climbs(w, dw, v, rate, momentum):
    v = momentum * v + rate * dw
    return w + v, v


@mistake("mlp.update", "You ignored the momentum: the new step begins with momentum v.")
def update_without_momentum(w, dw, v, rate, momentum):
    v = -rate * dw
    return w + v, v


@mistake("mlp.update", "You took the whole last step again: only the share momentum of it counts.")
def update_whole_last_step(w, dw, v, rate, momentum):
    v = v - rate * dw
    return w + v, v


@mistake("mlp.update", "You left out the learning rate: the step is -rate dw.")
def update_without_rate(w, dw, v, rate, momentum):
    v = momentum * v - dw
    return w + v, v


@mistake("mlp.update", "The weights moved by the old step: compute the new v first, then add it.")
def update_by_the_old_step(w, dw, v, rate, momentum):
    return w + v, momentum * v - rate * dw


@mistake("mlp.update", "The weights moved by the gradient alone: they move by the whole new step v.")
def update_by_the_gradient_alone(w, dw, v, rate, momentum):
    return w - rate * dw, momentum * v - rate * dw


@mistake("mlp.update", "The momentum scales the gradient too: it belongs to the last step only.")
def update_momentum_on_everything(w, dw, v, rate, momentum):
    v = momentum * (v - rate * dw)
    return w + v, v


@mistake(
    "mlp.update", "This v is a running mean of gradients, (1 - momentum) dw: here v is the step itself, with its sign."
)
def update_running_mean(w, dw, v, rate, momentum):
    v = momentum * v + (1 - momentum) * dw
    return w - rate * v, v


@mistake(
    "mlp.update", "Here v is the step itself: the rate stands in v, and w moves by v. (PyTorch keeps the rate outside.)"
)
def update_as_pytorch(w, dw, v, rate, momentum):
    v = momentum * v + dw
    return w - rate * v, v


@mistake("mlp.update", "This is Nesterov's momentum, which looks one step ahead: here w moves by v and no more.")
def update_nesterov(w, dw, v, rate, momentum):
    v = momentum * v - rate * dw
    return w + momentum * v - rate * dw, v


@mistake("mlp.update", "You subtracted the step: v points downhill already, so add it.")
def update_subtracts_the_step(w, dw, v, rate, momentum):
    v = momentum * v - rate * dw
    return w - v, v


@mistake("mlp.update", "The other way round: the function returns the weights first, then the step.")
def update_results_swapped(w, dw, v, rate, momentum):
    v = momentum * v - rate * dw
    return v, w + v


@mistake("mlp.update", "You returned the weights alone: the next step needs v, so return the pair (w, v).")
def update_without_v(w, dw, v, rate, momentum):
    return w + momentum * v - rate * dw


@mistake("mlp.update", "You changed the arrays in place (w += v): they belong to the caller, return new ones.")
def update_in_place(w, dw, v, rate, momentum):
    v *= momentum
    v -= rate * dw
    w += v
    return w, v
