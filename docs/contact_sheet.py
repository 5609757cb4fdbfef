"""Draw docs/_static/tour.png: one picture for each rung of the ladder, all trained here, in about two minutes.

python docs/contact_sheet.py
"""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from nnlite import data, plots
from nnlite.data.letters import FACES, HELD_OUT_FACES, disturb, load_letters
from nnlite.diffusion import train_cats
from nnlite.models.networks.mlp import MLPClassifier
from nnlite.models.neurons.mark1 import Mark1
from nnlite.models.neurons.neuron import Neuron
from nnlite.models.neurons.perceptron import Perceptron
from nnlite.models.sequences import Transformer
from nnlite.plots.neuron import draw_line
from nnlite.plots.style import INK, INTENSITY, RED
from nnlite.tasks import Recall, learn

FURS = ("red", "black", "white", "gray")
PLACES = ("in a meadow", "at night", "at sunset", "on a yellow background")


def a_neuron(ax):
    neuron = Neuron([-0.5, 1.6, 1.1], "sigmoid")
    side = np.linspace(-2, 2, 300)
    x = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    ax.imshow(neuron(x).reshape(300, 300), extent=(-2, 2, -2, 2), origin="lower", cmap=INTENSITY, aspect="auto")
    draw_line(ax, neuron.w, color=INK)


def a_perceptron(ax):
    X, y = data.blobs(40, centers=[(-1, -0.6), (1.2, 0.8)], spread=0.7, rng=3)
    plots.line_moving(Perceptron(keep_history=True).fit(X, y).history_, X, y, ax=ax)


def letters(ax):
    machine = Mark1(disturb=disturb, max_iter=120, rng=0)
    machine.fit(*load_letters([face for face in FACES if face not in HELD_OUT_FACES]))
    pictures, labels = load_letters(HELD_OUT_FACES)  # 156 letters: 13 rows of 12
    wrong = machine.predict(pictures) != labels
    ink = np.pad(pictures.reshape(13, 12, 20, 20), ((0, 0), (0, 0), (1, 0), (2, 2)))
    ink = ink.transpose(0, 2, 1, 3).reshape(13 * 21, 12 * 24)
    red = wrong.reshape(13, 12).repeat(21, axis=0).repeat(24, axis=1)
    colors = np.array([[int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)] for code in (INK, RED)])
    ax.imshow(1 - ink[..., None] * (1 - colors[red.astype(int)]), aspect="auto")


def spirals(ax):
    X, y = data.spirals(400, rng=0)
    model = MLPClassifier(hidden=64, epochs=400, learning_rate=0.2, rng=0).fit(X, y)
    plots.decision(model, X, y, ax=ax)


def attention(ax):
    task, rng = Recall(), np.random.default_rng(0)
    model = Transformer(task.symbols, max_length=task.length, norm_first=True, rng=rng)
    learn(model, task, rng=rng)
    tokens, _ = task.draw(1, rng=1)
    weights = model.attention(tokens)[1][0, :, 16:, :16]
    answers = [list(tokens[0, :16:2]).index(key) * 2 + 1 for key in tokens[0, 16:]]
    head = int(np.argmax([w[np.arange(8), answers].sum() for w in weights]))
    ax.imshow(weights[head], cmap=INTENSITY, vmin=0, vmax=1, aspect="auto")


def cats(ax):
    pipeline = train_cats(rng=0)
    prompts = [f"a {fur} cat {place}" for place in PLACES for fur in FURS]
    pictures = pipeline(prompts, rng=0).array.reshape(4, 4, 3, 16, 16)
    ax.imshow(np.clip(pictures.transpose(0, 3, 1, 4, 2).reshape(64, 64, 3), 0, 1))


PANELS = {
    "1943  a neuron": a_neuron,
    "1958  a perceptron learns": a_perceptron,
    "1960  Mark I reads letters": letters,
    "1986  two layers bend the line": spirals,
    "2017  attention looks back": attention,
    "2022  cats drawn from a prompt": cats,
}


@plots.styled
def sheet():
    figure = plots.figure(9.6, 6.4)
    for place, (title, draw) in enumerate(PANELS.items(), start=1):
        ax = figure.add_subplot(2, 3, place)
        draw(ax)
        ax.set(title=title, xlabel="", ylabel="", xticks=[], yticks=[])
        ax.set_box_aspect(1)
        ax.spines[:].set(visible=True, color="#cccccc")
    return figure


if __name__ == "__main__":
    stream = BytesIO()
    sheet().savefig(stream, format="png", dpi=125)
    Image.open(stream).convert("RGB").save(Path(__file__).parent / "_static" / "tour.png", optimize=True)
