"""What all optimizers share: groups of parameters with their own options, the state, and its saving.

``state_dict`` has PyTorch's format, ``{"state": {0: {...}}, "param_groups": [{"lr": ..., "params": [0, 1]}]}``, with
arrays in the place of its tensors, and either library continues what the other has begun.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from nnlite.arguments import Array, shape_is
from nnlite.contracts import Kind, flag, number, trust_ours, unchecked
from nnlite.tensor import Tensor, as_plain

#: what schedules, ours and PyTorch's, keep beside the options of a group
OF_SCHEDULES = ("initial_lr", "max_lr", "min_lr", "max_momentum", "base_momentum")

#: what is one number for each parameter, always in float32 as in PyTorch
COUNTS = ("step", "mu_product")


class Optimizer:
    """The base of all optimizers.

    A subclass names its options and what they may be in the attribute ``options``, and writes ``_update``.

    Parameters
    ----------
    params : iterable of Tensor, or iterable of dict
        Tensors, such as ``model.parameters()``, or groups of them: dictionaries with the Tensors under ``"params"``
        and those options that differ from the others, ``{"params": model.head.parameters(), "lr": 0.01}``.
    defaults : dict
        The options of every group that does not say otherwise.

    Attributes
    ----------
    param_groups : list of dict
        The groups with all their options; changing an option counts from the next step.
    state : dict
        For each parameter that has been changed, by its number, its moments and the like.

    Raises
    ------
    TypeError, ValueError
        If the parameters are not Tensors, are none, or stand in two places; if an option is wrong.
    """

    options: Mapping[str, Kind] = {"maximize": flag}

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        self.defaults = self._checked({"maximize": False, **defaults})
        self.param_groups: list[dict[str, Any]] = []
        self.state: dict[int, dict[str, Any]] = {}
        self._like: list[tuple[tuple[int, ...], Any]] = []  # shape and dtype of each parameter when it was given
        given = listed(params, f"{self._name}: params")
        for group in given if isinstance(given[0], Mapping) else [{"params": given}]:
            self.add_param_group(group)

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _checked(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the options of a group, each as its kind makes it, or raise on a wrong one."""
        kinds = {**Optimizer.options, **self.options}
        checked = {k: kinds[k].take(v, f"{self._name}: {k}") if k in kinds else v for k, v in options.items()}
        self._agree(checked)
        return checked

    def _agree(self, options: dict[str, Any]) -> None:
        """Raise on options that do not go together."""

    def _update(self, p: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        """Change one parameter; every subclass writes its own."""
        raise NotImplementedError

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Add parameters with their own options, for instance when frozen layers are set free.

        Parameters
        ----------
        group : dict
            A dictionary with Tensors under ``"params"`` and the options that differ from the defaults.
        """
        which = f"param_groups[{len(self.param_groups)}]: " if self.param_groups or len(group) > 1 else ""
        if not isinstance(group, Mapping) or "params" not in group:
            raise TypeError(f"{self._name}: {which}is {group!r}, expected a dictionary with 'params'")
        params = group["params"]
        params = [params] if isinstance(params, Tensor) else listed(params, f"{self._name}: {which}params")
        known = {id(p) for p in self.params}
        for i, p in enumerate(params):
            if not isinstance(p, Tensor):
                raise TypeError(f"{self._name}: {which}params[{i}] is a {type(p).__name__}, expected a Tensor")
            if p.node is not None:
                raise ValueError(f"{self._name}: {which}params[{i}] was computed by {p.node.name!r}, expected a leaf")
            if p.dtype.kind != "f":
                raise TypeError(f"{self._name}: {which}params[{i}] has dtype {p.dtype}, expected a float dtype")
            if id(p) in known:
                raise ValueError(f"{self._name}: {which}params[{i}] is given twice, expected each Tensor once")
            known.add(id(p))
        own = {key: value for key, value in group.items() if key != "params"}
        for key in own:
            if key not in self.defaults and key not in OF_SCHEDULES:
                near = difflib.get_close_matches(key, self.defaults, n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise ValueError(
                    f"{self._name}: {which}{key!r} is no option, expected {', '.join(self.defaults)}{hint}"
                )
        kept = {key: own.pop(key) for key in OF_SCHEDULES if key in own}
        options = self._checked({**self.defaults, **own})
        self._fits(params, options, which)
        self.param_groups.append({"params": params, **options, **kept})
        self._like += [(p.shape, p.dtype) for p in params]

    def _fits(self, params: list[Tensor], options: dict[str, Any], which: str) -> None:
        """Raise if parameters are of a kind that this optimizer cannot change."""

    # The parameters, whatever their group

    @property
    def params(self) -> list[Tensor]:
        """All parameters, group after group."""
        return [p for group in self.param_groups for p in group["params"]]

    @property
    def lr(self) -> float:
        """The learning rate of the first group; assigning one gives it to all groups, and schedules start anew."""
        return self.param_groups[0]["lr"]

    @lr.setter
    def lr(self, value: float) -> None:
        value = number(0).convert(value, f"{self._name}: lr")
        for group in self.param_groups:
            group["lr"] = value
            group.pop("initial_lr", None)

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to None."""
        for group in self.param_groups:
            for p in group["params"]:
                p.grad = None

    @unchecked
    def step(self) -> None:
        """Change every parameter that has a gradient.

        Raises
        ------
        TypeError, ValueError
            If a parameter's ``data`` was replaced by an array of another shape or dtype, or its gradient does not fit;
            nothing has been changed then.
        """
        number_ = 0
        work = []
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self._check(p, number_)
                    work.append((p, p.grad, number_, group))
                number_ += 1
        update, state = trust_ours(self._update), self.state
        for p, grad, i, group in work:
            update(p, -grad if group["maximize"] else grad, state.setdefault(i, {}), group)
            p.changed_in_place()

    def _check(self, p: Tensor, i: int) -> None:
        shape, dtype = self._like[i]
        data, grad = p.data, p.grad
        if type(data) is type(grad) is np.ndarray and data.dtype is dtype and data.shape == shape == grad.shape:
            return
        if not isinstance(p.data, np.ndarray) or p.data.dtype != dtype:
            now = getattr(p.data, "dtype", type(p.data).__name__)
            raise TypeError(f"{self._name}: params[{i}].data is now {now}, was {dtype}; make a new optimizer for it")
        if p.data.shape != shape:
            raise ValueError(
                f"{self._name}: params[{i}].data has shape {p.data.shape} now, was {shape}; make a new optimizer for it"
            )
        shape_is(np.asarray(p.grad), f"{self._name}: params[{i}].grad", shape)

    # Saving

    def state_dict(self) -> dict[str, Any]:
        """Return copies of the state and the options in PyTorch's format; parameters are numbered."""
        state = {i: {key: _copy(value) for key, value in s.items()} for i, s in self.state.items() if s}
        groups, first = [], 0
        for group in self.param_groups:
            numbers = list(range(first, first + len(group["params"])))
            groups.append({**{key: value for key, value in group.items() if key != "params"}, "params": numbers})
            first += len(numbers)
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Take over what :meth:`state_dict`, or PyTorch's, returned; all of it is checked before anything is changed.

        Raises
        ------
        KeyError
            If there is no ``"state"`` or ``"param_groups"``.
        ValueError
            If the numbers of groups or parameters differ, a shape is wrong, or an option is.
        """
        for key in ("state", "param_groups"):
            if key not in saved:
                raise KeyError(f"load_state_dict: {key!r} is missing, expected 'state' and 'param_groups'")
        sizes, own = ([len(g["params"]) for g in groups] for groups in (saved["param_groups"], self.param_groups))
        if sizes != own:
            raise ValueError(f"load_state_dict: groups of {sizes} parameters, expected {own}")
        groups = []
        for group in saved["param_groups"]:
            options = {key: as_number(group.get(key, value)) for key, value in self.defaults.items()}
            kept = {key: as_number(group[key]) for key in OF_SCHEDULES if key in group}
            if "initial_lr" in kept:  # schedules that are chained can go a little below 0
                kept["lr"] = number().convert(options["lr"], f"{self._name}: lr")
                options["lr"] = max(kept["lr"], 0.0)
            groups.append({**self._checked(options), **kept})
        numbers = [i for group in saved["param_groups"] for i in group["params"]]  # as saved, in our order
        state: dict[int, dict[str, Any]] = {}
        for i, key in enumerate(numbers):
            if key not in saved["state"] and str(key) not in saved["state"]:
                continue
            shape, dtype = self._like[i]
            entries = saved["state"][key if key in saved["state"] else str(key)]
            state[i] = {}
            for name, value in entries.items():
                if value is None:
                    continue
                array = np.asarray(as_plain(value))
                if array.shape not in {shape, ()} or (array.shape == () and shape != () and name not in COUNTS):
                    raise ValueError(
                        f"load_state_dict: {name} of parameter {i} has shape {array.shape}, expected {shape}"
                    )
                state[i][name] = array.astype(np.float32) if name in COUNTS else array.astype(dtype)
        for group, options in zip(self.param_groups, groups):
            params = group["params"]
            group.clear()
            group.update(params=params, **options)
        self.state = state

    def __repr__(self) -> str:
        sizes = [len(group["params"]) for group in self.param_groups]
        groups = [f"lr={g['lr']:g}, {n} tensor{'s' * (n != 1)}" for g, n in zip(self.param_groups, sizes)]
        return f"{self._name}({groups[0] if len(groups) == 1 else '; '.join(groups)})"


def as_number(value: Any) -> Any:
    """Return a plain number for a Tensor, array or foreign tensor that holds one; anything else unchanged.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.optim.optimizer import as_number
    >>> as_number(np.array(0.5))
    0.5
    """
    if isinstance(value, tuple | list):
        return tuple(as_number(v) for v in value)
    return value.item() if hasattr(value, "item") else value


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def listed(params: Iterable[Any], name: str) -> list[Any]:
    """Return what an iterable of Tensors or groups holds, or raise: one Tensor alone and nothing at all are refused.

    Examples
    --------
    >>> from nnlite import Tensor
    >>> from nnlite.optim.optimizer import listed
    >>> listed((Tensor([1.0]),), "SGD: params")
    [Tensor([1.])]
    """
    if isinstance(params, Tensor):
        raise TypeError(f"{name} is a Tensor, expected an iterable of Tensors, model.parameters()")
    try:
        found = list(params)
    except TypeError:
        raise TypeError(f"{name} is a {type(params).__name__}, expected an iterable of Tensors") from None
    if not found:
        raise ValueError(f"{name} is empty, expected at least one Tensor")
    return found
