"""Whatever a contract does not allow is refused, in every argument of every function and class that has one.

It is refused before anything happens, by an error that names the function, the argument and what was given.
"""

from __future__ import annotations

import fuzz
import numpy as np
import pytest
from refusals import classes, functions, letters_of, refuses, shapes_taken, shapes_told, wrongs

import nnlite
from nnlite.registry import REGISTRY

DOORS = {door.name: door for door in [*functions(), *classes()]}
#: the functions that need a contract: those that can be replaced, and those of functional/
OURS = [entry for entry in REGISTRY.values() if entry.formula.__module__.startswith("nnlite.")]
NEED_ONE = sorted({entry.contract.name for entry in OURS} | fuzz.FUNCTIONS.keys())

#: what no contract can say: who looks at it then is a hook beside the function
BY_HAND: dict[str, str] = {
    "where.condition": "booleans, which become no floats",
    **dict.fromkeys(["cross_entropy.target", "nll_loss.target", "multi_margin_loss.target"],
                    "labels or probabilities, held against the classes"),
    **dict.fromkeys([f"{norm}.running_{what}" for norm in ("batch_norm", "instance_norm") for what in ("mean", "var")],
                    "changed in place"),
    "cosine_similarity.dim": "an axis of the shape to which both broadcast",
    **dict.fromkeys([f"adaptive_{what}_pool{d}d.output_size" for what in ("avg", "max") for d in (1, 2)],
                    "None keeps a length"),
    **dict.fromkeys(["interpolate.size", "interpolate.scale_factor"], "one of the two"),
    "cat.dim": "an axis of each", "pad.pad": "pairs, from the last axis on", "pad.value": "a number of any kind",
    "split.split_size_or_sections": "one length or all",
    **dict.fromkeys([f"{make}.params" for make in
                     ("SGD", "Adagrad", "RMSprop", "Adam", "AdamW", "NAdam", "RAdam", "Muon")],
                    "tensors, or groups of them with options of their own"),
    "LambdaLR.lr_lambda": "a function, or one for each group",
    "CyclicLR.scale_fn": "a function of the cycle or the step",
    **dict.fromkeys([f"CyclicLR.{what}" for what in ("base_lr", "max_lr", "base_momentum", "max_momentum")],
                    "a number, or one for each group"),
    **dict.fromkeys(["OneCycleLR.max_lr", "ReduceLROnPlateau.min_lr"], "a number, or one for each group"),
    **dict.fromkeys([f"optim.{step}_step.{array}" for step, arrays in (("momentum", "w grad v"), ("adam", "w grad m v"))
                     for array in arrays.split()], "changed in place, so never converted"),
    **dict.fromkeys(["decision.ax", "line_moving.ax", "confusion.ax", "learning_curve.ax", "loss_map.ax",
                     "activation.ax", "response.ax", "confusion.title", "learning_curve.title", "learning_curve.xlabel",
                     "points_and_arrows.title", "folding.title", "sheet.names", "fit.description",
                     "loss_3d.title", "loss_3d.labels", "loss_3d.ax"], "matplotlib's or tqdm's"),
    **dict.fromkeys(["decision.classifier", "points_and_arrows.model", "learn.task"], "whatever has the methods"),
    **dict.fromkeys(["folding.parameters", "approximation.parameters"], "four arrays, held against each other"),
    **dict.fromkeys(["fit.batches", "fit.loss", "fit.schedule", "fit.score", "fit.on_step", "fit.on_epoch",
                     "fit.checkpoint", "fit.extra", "loss_3d.loss"], "what Run and CheckpointFile look at"),
    **dict.fromkeys(["DataLoader.data", "predict.x"], "one array, or several side by side; whatever the model takes"),
    "draw.size": "a side or two", "train.captions": "one for each picture", "points_and_arrows.states": "a chain",
    "Tokenizer.vocabulary": "words",
    "einsum.equation": "a language of its own", "index.index": "whatever NumPy can index with",
}  # fmt: skip
#: written with other functions, which look at the arguments
COMPOSED = {"glu", "swiglu", "softmin", "eq", "ne", "lt", "le", "gt", "ge", "squeeze", "unsqueeze", "flatten", "stack",
            "index_select", "take_along_dim"}  # fmt: skip

#: arguments whose docstring tells the student less than all that is taken, or in the words of another argument
TOLD_OTHERWISE = {
    "neuron.with_bias.X": "the usual two of any number of axes are named first",
    "perceptron.train_online.order": "one order may be given for all epochs, whose number is an argument",
    "adaline.train_online.order": "without an order each point is shown once",
}


@pytest.mark.parametrize("name", DOORS)
def test_what_a_contract_does_not_allow_is_refused(name: str) -> None:
    door = DOORS[name]
    found = []
    with nnlite.use_kernels(False), np.errstate(all="ignore"):
        for seed in range(4):
            arguments = door.right(seed)
            assert letters_of(door, arguments) is not None, (
                f"{name}: the right arguments do not go together: {arguments}"
            )
            if seed == 0:
                door.call(arguments)
            for argument in door.kinds:
                found += [refuses(door, arguments, argument, wrong) for wrong in wrongs(door, arguments, argument)]
    complaints = [line for line in dict.fromkeys(found) if line]
    assert not complaints, "\n" + "\n".join(complaints)


@pytest.mark.parametrize("name", [*DOORS, *(name for name in NEED_ONE if name not in DOORS)])
def test_a_contract_names_every_argument(name: str) -> None:
    missing = [f"{name} has no contract"] * (name not in DOORS and name not in COMPOSED)
    if name in DOORS:
        missing = [p for p in DOORS[name].parameters if p not in DOORS[name].kinds and f"{name}.{p}" not in BY_HAND]
    assert not missing, f"{name}: {missing}"


@pytest.mark.parametrize("name", DOORS)
def test_a_contract_has_the_letters_of_the_docstring(name: str) -> None:
    told = shapes_told(DOORS[name].docstring)
    taken = {argument: shapes_taken(kind) for argument, kind in DOORS[name].kinds.items() if kind.shapes}
    differing = [
        f"{argument}: the contract says {sorted(shapes)}, the docstring {sorted(told.get(argument, []))}"
        for argument, shapes in taken.items()
        if told.get(argument, shapes) not in (shapes, set()) and f"{name}.{argument}" not in TOLD_OTHERWISE
    ]
    assert not differing, f"{name}: {differing}"


def test_what_is_looked_at_by_hand_is_not_in_a_contract() -> None:
    for name in BY_HAND:
        function, _, parameter = name.rpartition(".")
        door = DOORS.get(function)
        assert parameter in (door.parameters if door else fuzz.parameters_of(fuzz.FUNCTIONS[function]))
        kind = door.kinds.get(parameter) if door else None
        assert kind is None or type(kind).__name__ == "anything", f"{name} is in the contract now"
