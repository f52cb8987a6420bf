"""What a study's sizes take in memory, held to the memory budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from study import design
from study.params import Params, ParamsError
from study.training.batches import N_HIDDEN
from study.training.optimisation import BYTES_PER_PARAMETER, MAX_HEADS, SHARE_OF_BUDGET

_COPIES_OF_INPUTS = 2
"""Of a batch in float32, beside the features of each head: what dropout leaves of one's, and its mask."""
_COPIES_OF_HIDDEN = 4
"""Of the hidden layer of a batch in float32: before and after the activation, and a gradient of each."""
_FLOAT_BYTES = _INDEX_BYTES = 4
_COPIES_OF_ORDERS = 2
_KINDS_OF_ORDERS = 2
"""The order of the images, and the order of each image's views."""


@dataclass(frozen=True)
class Sizes:
    """Numbers of images and classes of a data set.

    Attributes
    ----------
    train
        Training images.
    judged
        Validation and test images.
    smallest_class
        Training images of the smallest class.
    classes
        Classes.
    """

    train: int
    judged: int
    smallest_class: int
    classes: int


def memory(params: Params, sizes: Sizes, *, n_features: int) -> dict[str, float]:
    """Bytes that the parts of a training process take, by the parameter that decides each the most.

    Parameters
    ----------
    n_features
        Of the widest backbone.

    Raises
    ------
    ParamsError
        The reference setting asks for more images per class than there are.
    """
    laid = design.settings(params, images_per_class=sizes.smallest_class)
    of_a_head = n_features * N_HIDDEN * BYTES_PER_PARAMETER
    heads = max(1.0, min(params.execution.memory_budget_gb * 1e9 * SHARE_OF_BUDGET // of_a_head, MAX_HEADS))
    batch = max(setting.batch_size for setting in laid.by_name.values())
    of_a_row = _FLOAT_BYTES * ((heads + _COPIES_OF_INPUTS) * n_features + _COPIES_OF_HIDDEN * N_HIDDEN)
    orders = _COPIES_OF_ORDERS * _KINDS_OF_ORDERS * _INDEX_BYTES * params.epochs * sizes.train
    probabilities = _FLOAT_BYTES * sizes.classes
    return {
        "execution.memory_budget_gb": heads * of_a_head,
        "batch_size": batch * of_a_row,
        "epochs": heads * orders,
        "seeds": float(len(laid.by_name) * params.seeds * sizes.judged),
        "confirm_seeds": float(params.confirm_seeds * sizes.judged * (1 + probabilities)),
    }


def check(parts: Mapping[str, float], *, memory_budget_gb: float) -> None:
    """Hold what ``memory`` found to the budget of a process.

    Raises
    ------
    ParamsError
        Together they take more; the line names the parameter that takes most.
    """
    largest = max(parts, key=lambda name: parts[name])
    total = sum(parts.values())
    if total > memory_budget_gb * 1e9:
        raise ParamsError(
            f"params.yaml: {largest}: expected training to fit the {memory_budget_gb:g} GB of "
            f"execution.memory_budget_gb, received {parts[largest] / 1e9:,.1f} GB for {largest} alone and "
            f"{total / 1e9:,.1f} GB in all"
        )
