"""Facts about S-A-R machines, and the Mark I reading letters."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlite
from nnlite.data.letters import FACES, HELD_OUT_FACES, disturb, flip, load_letters, random_shift
from nnlite.models import perceptron
from nnlite.models.neurons.mark1 import Mark1, SingleLayerPerceptron, associate, random_wires, train_epoch, update

XOR, XOR_Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


def test_every_a_unit_has_its_wires_at_different_s_units_with_both_signs():
    C = random_wires(400, 512, 40, rng=0)
    assert set(np.unique(C)) == {-1, 0, 1}
    assert (np.abs(C).sum(axis=0) == 40).all()
    assert 0.45 < np.mean(C[C != 0] > 0) < 0.55
    assert (np.abs(C).sum(axis=1) > 0).all()  # no photocell is left out: chance .9^512


def test_an_a_unit_fires_iff_its_sum_is_greater_than_zero():
    rng = np.random.default_rng(0)
    C, S = random_wires(30, 200, 5, rng), rng.integers(0, 2, (50, 30)).astype(np.float32)
    expected = [[float(sum(s * c for s, c in zip(row, wire)) > 0) for wire in C.T] for row in S]
    assert associate(C, S).tolist() == expected
    assert (S @ C == 0).any()  # so that the case on the threshold was there


def test_in_the_single_layer_perceptron_the_a_units_repeat_the_picture():
    X, y = load_letters("cmr10")
    p = SingleLayerPerceptron(verbose=False, rng=0).fit(X, y)
    assert np.array_equal(p.associations(X), X.reshape(26, 400))
    assert (np.count_nonzero(p.wires_, axis=0) == 1).all() and (np.count_nonzero(p.wires_, axis=1) == 1).all()
    assert p.wires_.max() == p.wires_.min() + 1 == 1


def test_random_association_units_solve_what_the_single_layer_cannot():
    single = SingleLayerPerceptron(max_iter=300, verbose=False, rng=0).fit(XOR, XOR_Y)
    assert (single.mistakes_per_epoch_ > 0).all() and single.score(XOR, XOR_Y) < 1
    mark1 = Mark1(n_associations=20, wires=2, max_iter=300, verbose=False, rng=0).fit(XOR, XOR_Y)
    assert mark1.mistakes_per_epoch_[-1] == 0 and mark1.score(XOR, XOR_Y) == 1


@pytest.mark.parametrize("code", ["one per class", "binary"])
@pytest.mark.parametrize("face", ["DejaVuSans", "cmti10", "STIXGeneralBol"])
def test_one_face_is_read_without_error_within_30_epochs(code, face):
    X, y = load_letters(face)
    machine = Mark1(code=code, max_iter=30, verbose=False, rng=1).fit(X, y)
    assert machine.score(X, y) == 1
    assert machine.responses(X).shape == (26, 26 if code == "one per class" else 5)
    assert machine.wires_.shape == (400, 512)


def test_the_lamps_of_the_binary_code_number_the_letter():
    X, y = load_letters("DejaVuSans")
    machine = Mark1(code="binary", verbose=False, rng=0).fit(X, y)
    lamps = machine.responses(X) > 0
    assert (lamps @ 2 ** np.arange(5) == y).all()


def test_only_the_responses_learn_and_the_same_seed_gives_the_same_machine():
    X, y = load_letters("DejaVuSans")
    one, long = (Mark1(max_iter=n, verbose=False, rng=3).fit(X, y) for n in (1, 30))
    assert np.array_equal(one.wires_, long.wires_) and not np.array_equal(one.w_, long.w_)
    again = Mark1(max_iter=30, verbose=False, rng=3).fit(X, y)
    assert np.array_equal(again.w_, long.w_)
    with nnlite.use_kernels(False):
        plain = Mark1(max_iter=3, verbose=False, rng=3).fit(X, y)
    assert np.array_equal(plain.w_, Mark1(max_iter=3, verbose=False, rng=3).fit(X, y).w_)


def test_letters_may_be_named_and_pictures_flat():
    X, y = load_letters("DejaVuSans")
    names = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))[y]
    machine = Mark1(verbose=False, rng=0).fit(X.reshape(26, 400), names)
    assert "".join(machine.predict(X)) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_a_replaced_update_trains_the_response_units():
    X, y = load_letters("DejaVuSans")
    with nnlite.substitute({"mark1.update": lambda w, a, y: w}) as calls:
        machine = Mark1(max_iter=1, verbose=False, rng=0).fit(X, y)
    assert calls["mark1.update"] == 26 and not machine.w_.any()


def test_replaced_association_units_are_those_that_are_learnt_from_and_read():
    X, y = load_letters("DejaVuSans")
    with nnlite.substitute({"mark1.associate": lambda C, S, threshold=1.0: np.zeros((len(S), C.shape[1]))}) as calls:
        machine = Mark1(max_iter=2, verbose=False, rng=0).fit(X, y)
        assert calls["mark1.associate"] == 1
        assert len(set(machine.predict(X))) == 1 and calls["mark1.associate"] == 2


def units(data, least=1):
    n, r, d = data.draw(st.integers(least, 6)), data.draw(st.integers(1, 4)), data.draw(st.integers(1, 5))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    dtype = data.draw(st.sampled_from([np.float32, np.float64]))
    w, A = rng.integers(-3, 4, (r, d)).astype(dtype), rng.integers(0, 2, (n, d)).astype(dtype)
    return w, A, rng.choice([-1, 1], (n, r)).astype(dtype)


@given(data=st.data())
def test_each_response_unit_is_a_perceptron(data):
    w, A, Y = units(data)
    after = update(w, A[0], Y[0])
    assert after.dtype == w.dtype
    for row, before, label in zip(after, w, Y[0]):
        assert np.array_equal(row, perceptron.update(before, A[0], label))


@given(data=st.data())
def test_an_epoch_shows_every_picture_once_compiled_or_not(data):
    w, A, Y = units(data)
    before, order = w.copy(), np.random.default_rng(0).permutation(len(A))
    wanted, mistakes = w, 0
    for i in order:
        mistakes += np.count_nonzero(Y[i] * (wanted @ A[i]) <= 0)
        wanted = update(wanted, A[i], Y[i])
    for kernels in (True, False):
        with nnlite.use_kernels(kernels):
            after, count = train_epoch(w, A, Y, order)
        assert np.array_equal(after, wanted) and after.dtype == w.dtype
        assert count == mistakes and isinstance(count, int)
    assert np.array_equal(w, before)


@pytest.mark.slow
def test_it_reads_faces_it_has_never_seen_shifted_and_soiled():
    X, y = load_letters([face for face in FACES if face not in HELD_OUT_FACES])
    test, right = load_letters(HELD_OUT_FACES)
    machine = Mark1(max_iter=200, disturb=disturb, verbose=False, rng=0).fit(X, y)
    rng = np.random.default_rng(1)

    def score(change):
        return np.mean([machine.score(change(test), right) for _ in range(10)])

    assert machine.score(test, right) >= 0.85
    assert score(lambda pictures: random_shift(pictures, 1, rng)) >= 0.70
    assert score(lambda pictures: flip(pictures, 0.05, rng)) >= 0.72
    assert score(lambda pictures: disturb(pictures, 1, 0.05, rng)) >= 0.65


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"wires": 401}, "Mark1: wires is 401"),
        ({"n_associations": 0}, "Mark1: n_associations is 0"),
        ({"code": "ternary"}, "Mark1: code is 'ternary', expected one of"),
        ({"max_iter": 0}, "Mark1: max_iter is 0"),
    ],
)
def test_bad_options_are_named(options, message):
    X, y = load_letters()
    machine = Mark1(verbose=False, **options)
    with pytest.raises(ValueError, match=message):
        machine.fit(X, y)
    assert not hasattr(machine, "classes_")


def test_bad_pictures_are_named():
    with pytest.raises(ValueError, match=r"Mark1.fit: X holds 0.5, expected 0 and 1 only"):
        Mark1(verbose=False).fit([[0, 0.5]], [0])
    with pytest.raises(ValueError, match=r"Mark1.fit: y holds only the class 3"):
        Mark1(wires=2, verbose=False).fit([[0, 1], [1, 1]], [3, 3])
    with pytest.raises(ValueError, match=r"Mark1.fit: X has shape \(0, 4\), expected at least one row"):
        Mark1(verbose=False).fit(np.zeros((0, 4)), [])
    with pytest.raises(RuntimeError, match="Mark1: not fitted yet"):
        Mark1().predict([[0, 1]])
    with pytest.raises(ValueError, match=r"Mark1: X has shape \(1, 3\), expected \(1, 2\) as in fit"):
        Mark1(wires=1, max_iter=1, verbose=False, rng=0).fit([[0, 1], [1, 0]], [0, 1]).predict([[0, 1, 1]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: associate(np.ones((2, 3)), np.ones((1, 3))),
            r"mark1.associate: S has shape \(1, 3\), expected \(N, 2\)",
        ),
        (lambda: associate(np.ones((2, 3)), np.ones((1, 2)), np.nan), "mark1.associate: threshold is nan"),
        (lambda: update(np.ones((2, 3)), np.ones(2), [1, 1]), r"mark1.update: a has shape \(2,\), expected \(3,\)"),
        (lambda: update(np.ones((2, 3)), np.ones(3), [1, 0]), "mark1.update: y holds 0.0, expected labels -1 and"),
        (lambda: update(np.ones((2, 3)), np.ones(3), [1]), r"mark1.update: y has shape \(1,\), expected \(2,\)"),
        (
            lambda: train_epoch(np.ones((2, 3)), np.ones((4, 3)), np.ones((4, 2)), [4]),
            "mark1.train_epoch: order holds 4, expected integers from 0 to 3",
        ),
    ],
)
def test_bad_units_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_two_machines_differ_in_their_wires_alone():
    """What one of them does unless told otherwise, the other does too."""
    ours = SingleLayerPerceptron().get_params()
    assert ours == {name: value for name, value in Mark1().get_params().items() if name in ours}


@pytest.mark.parametrize(("classes", "lamps"), [(2, 1), (3, 2), (4, 2), (5, 3)])
def test_the_binary_code_has_as_few_lamps_as_can_number_the_classes(classes, lamps):
    X, y = load_letters()
    few = y < classes
    machine = Mark1(code="binary", max_iter=1, verbose=False, rng=0).fit(X[few], y[few])
    assert machine.responses(X[few]).shape == (few.sum(), lamps)


def test_the_arguments_come_in_the_order_of_the_documentation():
    assert list(inspect.signature(Mark1).parameters)[:3] == ["n_associations", "wires", "code"]
