"""The six rungs of the ladder: what is trained, how it is judged, and how its story is told.

Each takes a Generator and whether to show progress bars, trains for real, and returns a :class:`Story`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnlite import data


@dataclass
class Story:
    """What a rung has to tell.

    Parameters
    ----------
    title, source, text, formula
        The idea, who had it, a few paragraphs about it, and its equation.
    learned, score
        What was learnt and how well, in the words of the table.
    scores
        The same in numbers.
    pictures
        Figures with their captions.
    """

    title: str
    source: str
    text: str
    formula: str
    learned: str
    score: str
    scores: dict[str, float]
    pictures: list[tuple[Any, str]] = field(default_factory=list)


def neuron(rng: np.random.Generator, verbose: bool) -> Story:
    """One neuron: a weighted sum and a threshold, which is enough for logic."""
    from nnlite.models.neurons.neuron import Neuron
    from nnlite.plots.neuron import activations, response

    table = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    gates = {"AND": (Neuron([-1.5, 1, 1]), [0, 0, 0, 1]), "OR": (Neuron([-0.5, 1, 1]), [0, 1, 1, 1])}
    right = sum(int((gate(table) == wanted).sum()) for gate, wanted in gates.values())
    return Story(
        title="A neuron adds up and decides",
        source="McCulloch and Pitts, 1943",
        text="A neuron multiplies each input by a weight, adds everything up, and passes the sum, net, through an "
        "activation function. The bias is a weight too: that of an input which is always 1, one dimension more that "
        "nobody sees.\n\nIn the plane, net = 0 is a straight line, and the weights point straight across it. "
        "With the right weights a single neuron computes AND and OR. Nobody trained this one; that is the next step.",
        formula="net = w₀ + w₁x₁ + … + wₙxₙ = wᵀx,   x = (1, x₁, …, xₙ)      y = f(net)",
        learned="AND and OR, with weights set by hand",
        score=f"{right} of 8 rows right",
        scores={"right": right / 8},
        pictures=[
            (response(Neuron([-0.5, 1, 1], "sigmoid")), "A neuron's answer over the plane: the line net = 0 and w."),
            (activations(), "Activation functions and, in orange, their derivatives."),
        ],
    )


def perceptron(rng: np.random.Generator, verbose: bool) -> Story:
    """The perceptron: a neuron that learns from its mistakes."""
    from nnlite.models.neurons.neuron import with_bias
    from nnlite.models.neurons.perceptron import Perceptron, mistake_bound
    from nnlite.plots.curves import curves
    from nnlite.plots.decision import mistakes
    from nnlite.plots.loss import loss_map

    X = rng.uniform(-2, 2, (400, 2)).astype(np.float32) + np.array([1.0, 0.5], np.float32)
    net = X @ np.array([0.6, -0.8]) - 0.1
    X, y = X[np.abs(net) > 0.2], np.where(net > 0, 1, -1)[np.abs(net) > 0.2]  # a gap, so that a line can separate them
    X_train, X_test, y_train, y_test = data.train_test_split(X, y, test_size=0.8, rng=rng)
    learner = Perceptron(keep_history=True).fit(X_train, y_train)
    made = len(learner.history_points_)
    bound = mistake_bound(learner.w_, with_bias(X_train), y_train)
    accuracy = learner.score(X_test, y_test)
    hopeless = Perceptron(max_iter=60).fit(*data.xor(120, rng=rng))
    return Story(
        title="A perceptron learns from its mistakes",
        source="Rosenblatt, 1958",
        text="Show a neuron one example after another. If it answers right, do nothing. If it is wrong, add the "
        "example to its weights, with the sign it should have had: the line turns a little towards the truth. That is "
        "the whole rule, and it is a step downhill on a loss that counts the wrong answers alone, each by how wrong "
        "it is.\n\nIf some line separates the two classes, the rule finds one after at most (R/γ)² mistakes "
        f"(Novikoff, 1962). Here it made {made}; with the line it found, the theorem promises at most {bound:,.0f}. "
        "If no line does, as for XOR, it never comes to rest.",
        formula="L(w) = Σ over the misclassified of  −y wᵀx          w ← w + y x",
        learned="to separate two classes by a line",
        score=f"test accuracy {accuracy:.2f} after {made} mistakes",
        scores={"accuracy": accuracy, "mistakes": made},
        pictures=[
            (
                mistakes(learner.history_, learner.history_points_, X_train, y_train),
                "The decision line turns with each mistake (ringed) until none is left.",
            ),
            (
                loss_map(X_train, y_train, learner.history_),
                "The loss over the two weights is made of flat facets; learning walks down it.",
            ),
            (
                curves(hopeless.mistakes_per_epoch_, ylabel="mistakes", title="XOR: no line, no rest"),
                "On XOR the mistakes never end: one neuron cannot do it. Two layers can.",
            ),
        ],
    )


def mark1(rng: np.random.Generator, verbose: bool) -> Story:
    """Mark I: the machine of 1958 reads letters."""
    from nnlite.data.letters import ALPHABET, FACES, HELD_OUT_FACES, disturb, load_letters
    from nnlite.models.neurons.mark1 import Mark1
    from nnlite.plots.letters import sheet

    one_face, letters = load_letters("DejaVuSans")
    single = Mark1(code="binary", verbose=False, rng=rng).fit(one_face, letters)
    alone = single.score(one_face, letters)
    pictures, labels = load_letters([face for face in FACES if face not in HELD_OUT_FACES])
    unseen, wanted = load_letters(HELD_OUT_FACES)
    machine = Mark1(disturb=disturb, max_iter=120, verbose=verbose, rng=rng).fit(pictures, labels)
    read = machine.predict(unseen)
    accuracy = float((read == wanted).mean())
    return Story(
        title="Mark I reads the alphabet",
        source="Rosenblatt's machine, 1958–1960",
        text="A retina of 20 x 20 light sensors is wired at random to 512 association units: 40 wires each, half of "
        "them exciting. Nothing of that ever changes. Only the response units learn, by the perceptron rule. "
        f"On one typeface, with the five lamps of 1960 for 26 letters, it reads {round(26 * alone)} of 26 "
        f"after {single.n_iter_} rounds.\n\nHere it has learnt from twelve typefaces, shaken and speckled, and reads "
        "six that it has never seen. Those letters are the test: what counts is never what it has practised on.",
        formula="a = [Cᵀs ≥ 1]          r = sign(wᵀa)          C random and fixed, w learnt",
        learned="to read letters in typefaces it has never seen",
        score=f"one face {alone:.2f}, unseen faces {accuracy:.2f}",
        scores={"one face": alone, "unseen faces": accuracy},
        pictures=[
            (
                sheet(unseen, wanted, read, ALPHABET),
                "Six typefaces it has never seen; in red what it misread, and as what.",
            )
        ],
    )


def mlp(rng: np.random.Generator, verbose: bool) -> Story:
    """Two layers and backpropagation: bent lines, and handwriting."""
    from nnlite.models.networks.mlp import MLPClassifier
    from nnlite.plots.curves import curves
    from nnlite.plots.decision import decision
    from nnlite.plots.letters import sheet

    X, y = data.xor(200, rng=rng)
    crossed = MLPClassifier(hidden=8, epochs=30, verbose=False, rng=rng).fit(X, y).score(X, y)
    X, y = data.spirals(400, rng=rng)
    wound = MLPClassifier(hidden=64, epochs=400, learning_rate=0.2, verbose=verbose, rng=rng).fit(X, y)
    pictures, digits = data.load_digits()
    x_train, x_test, y_train, y_test = data.train_test_split(
        pictures.reshape(len(pictures), -1), digits, stratify=digits, rng=rng
    )
    reader = MLPClassifier(hidden=128, epochs=60, learning_rate=0.2, verbose=verbose, rng=rng).fit(x_train, y_train)
    read = reader.predict(x_test)
    accuracy = float((read == y_test).mean())
    hardest = np.argsort(read == y_test, kind="stable")[:60]  # all misread ones first
    return Story(
        title="Two layers, and the error flows back",
        source="Rumelhart, Hinton and Williams, 1986",
        text="Put a layer of hidden neurons between input and output, and lines can bend: XOR, which no single neuron "
        "can do, and two spirals wound around each other. The question was how the hidden neurons should know what "
        "to change. The answer is the chain rule: each passes the error back along its own weights.\n\n"
        "The same few lines, given 1,437 little pictures of handwritten digits, read 360 that they have never seen.",
        formula="h = tanh(W₁x + b₁)     z = W₂h + b₂     δ₂ = softmax(z) − target     δ₁ = (W₂ᵀδ₂) ∘ (1 − h²)",
        learned="XOR, two spirals, handwritten digits",
        score=f"XOR {crossed:.2f}, spirals {wound.score(X, y):.2f}, unseen digits {accuracy:.3f}",
        scores={"xor": crossed, "spirals": wound.score(X, y), "digits": accuracy},
        pictures=[
            (decision(wound, X, y), "Two spirals, told apart by 64 hidden neurons."),
            (
                curves(
                    {"digits": reader.loss_per_epoch_},
                    ylabel="cross-entropy",
                    title="learning to read digits",
                    log=True,
                ),
                "The loss falls by more than a hundredfold.",
            ),
            (
                sheet(x_test[hardest].reshape(-1, 8, 8), y_test[hardest], read[hardest], columns=15),
                "Handwriting it has never seen: the misread ones first, then some of the others.",
            ),
        ],
    )


def transformer(rng: np.random.Generator, verbose: bool) -> Story:
    """Attention: looking back at what matters."""
    from nnlite.models.sequences import Transformer
    from nnlite.plots.attention import attention_map
    from nnlite.plots.curves import curves
    from nnlite.tasks import Recall, learn

    task = Recall(pairs=8, keys=32)
    model = Transformer(task.symbols, max_length=task.length, norm_first=True, rng=rng)
    history, accuracy = learn(model, task, rng=rng, verbose=verbose)
    tokens, _ = task.draw(1, rng)
    weights = model.attention(tokens)[1][0, :, 16:, :16]  # (heads, asked, shown) of the second layer
    row = tokens[0]
    answers = [list(row[:16:2]).index(key) * 2 + 1 for key in row[16:]]
    head = int(np.argmax([w[np.arange(8), answers].sum() for w in weights]))
    symbols = [f"k{t}" if t < 32 else f"v{t - 32}" for t in row]
    return Story(
        title="A Transformer looks back at what matters",
        source="Vaswani and others, 2017",
        text="Eight pairs of a key and a value are shown, drawn anew each time; then the keys are asked for, in "
        "another order. There is nothing to learn by heart: the network must learn to look back.\n\nIn attention every "
        "position asks a question, q, and every position offers a key, k, and a value, v. The answer is the average "
        "of the values, weighted by how well each key fits the question. The first layer learns to tie each value to "
        "the key before it; the second finds the key that is asked for.",
        formula="attention(Q, K, V) = softmax(Q Kᵀ / √d) V",
        learned="associative recall: 8 pairs, then questions",
        score=f"recall {accuracy:.3f}",
        scores={"recall": accuracy},
        pictures=[
            (
                attention_map(weights[head], symbols[16:], symbols[:16], title="second layer, one head"),
                "Asked for a key (left), the second layer looks at the value that followed it.",
            ),
            (
                curves(history.loss, xlabel="step", ylabel="loss", title="learning to look back", smooth=20),
                "For a while nothing seems to happen; then the idea arrives, and the loss falls.",
            ),
        ],
    )


def diffusion(rng: np.random.Generator, verbose: bool) -> Story:
    """Diffusion: pictures out of noise, as a sentence asks."""
    from nnlite.diffusion.cats16 import attribute_accuracy, train_cats
    from nnlite.diffusion.toy2d import train_points
    from nnlite.plots.curves import curves
    from nnlite.plots.diffusion import contact_sheet, emerging, points_and_arrows

    X, _ = data.moons(1000, noise=0.06, rng=rng)
    points = train_points(X, rng=rng, verbose=verbose)
    pipeline = train_cats(rng=rng, verbose=verbose)
    seed = int(rng.integers(2**32))  # the same prompts and the same noise, with guidance and without
    guided = attribute_accuracy(pipeline, guidance=3.0, rng=seed)
    unguided = attribute_accuracy(pipeline, guidance=1.0, rng=seed)
    looks = [("green", "", ", yellow background"), ("yellow", " wearing a crown", " at night")]
    looks.append(("blue", " wearing a scarf", ", meadow"))
    prompts = [
        f"a {fur} cat with {eyes} eyes{worn}{where}"
        for eyes, worn, where in looks
        for fur in ("red", "black", "white", "gray", "brown", "blue", "pink")
    ]
    pictures = pipeline(prompts, rng=seed)
    plain = pipeline(prompts[7:14], guidance=1.0, rng=seed)
    born = pipeline("a red cat with green eyes at night", rng=rng, keep=True)
    return Story(
        title="A cat emerges from noise",
        source="Sohl-Dickstein and others, 2015; Ho and others, 2020; Liu and others, 2022",
        text="Take a picture and add noise until nothing is left of it. A network that has learnt to say, at every "
        "stage, which way the picture lies, can walk the way back: from pure noise to a picture that never existed.\n\n"
        "The network is a small Transformer over the patches of 16 x 16 pixels. It also reads the caption; often the "
        "caption is hidden from it, so that it learns both to draw a cat and to draw the cat that is asked for. "
        "Guidance goes further along the difference of the two. Asked for 128 cats, it draws the right background "
        f"{guided['background']:.0%} and the right fur {guided['fur']:.0%} of the time; everything that was asked for, "
        f"eyes and clothes too, is right {guided['all']:.0%} of the time, and without guidance {unguided['all']:.0%}.",
        formula="xₜ = (1 − t) x₀ + t ε          v = ε − x₀          L = |v̂(xₜ, t, caption) − v|²",
        learned="to draw the cat that a sentence asks for",
        score=f"background {guided['background']:.2f}, fur {guided['fur']:.2f}, all {guided['all']:.2f} "
        f"(unguided {unguided['all']:.2f})",
        scores={**guided, **{f"unguided {name}": value for name, value in unguided.items()}},
        pictures=[
            (contact_sheet(pictures, prompts, columns=7), "Cats that never existed, each as its caption asks."),
            (contact_sheet(plain, prompts[7:14], columns=7), "Without guidance: less sure of what was asked."),
            (emerging(born), "A red cat at night, from the first noise to the last step."),
            (
                points_and_arrows(points, X),
                "The same in two dimensions: noise flows back to two moons along the arrows.",
            ),
            (
                curves(
                    pipeline.history.loss, xlabel="step", ylabel="loss", title="learning to remove noise", smooth=20
                ),
                "The loss cannot reach zero: noise can only be guessed.",
            ),
        ],
    )


#: the rungs by name, from the bottom to the top
RUNGS: dict[str, Callable[[np.random.Generator, bool], Story]] = {
    "neuron": neuron,
    "perceptron": perceptron,
    "mark1": mark1,
    "mlp": mlp,
    "transformer": transformer,
    "diffusion": diffusion,
}
