"""Do replicates with a pool of augmented views each give the mean and the spread of those with fresh views?

Every replicate runs with a pool of its own, of as many views as params.yaml says, and with a fresh view in
every epoch, from the same seeds of initial weights, order, dropout and augmentation.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.equivalence import Mean
from benchmarks.row import Row
from benchmarks.sides import Context
from benchmarks.small import PARAMS, Small, accuracies, lite, train
from study import params

_SPREAD_MARGIN = 1.5
"""Spreads count as the same where the interval of their ratio lies within [1/1.5, 1.5]."""
_CHANGES = (
    "lr=0.0005",
    "confirm_seeds=1",
    "sweep={batch_size: [128], dropout: [0.5], l1: [0.0], lr: [0.0005], augmentation: [AUG], "
    "images_per_class: [all]}",
)


class Form(NamedTuple):
    """How large the experiment is: images per class of train and test, epochs, replicates."""

    per_class: tuple[int, int]
    epochs: int
    n_replicates: int


def measure(context: Context) -> list[Row]:
    """Rows of each augmentation: mean and spread."""
    form = context.pick(smoke=Form((3, 4), 2, 3), quick=Form((59, 59), 10, 60), full=Form((59, 59), 10, 100))
    if context.archive is not None and context.size == "full":
        form = Form((100, 500), 10, 50)
    kinds = context.pick(
        smoke=("cutmix",), quick=("cutmix",), full=("rotation", "contrast", "brightness", "zoom", "cutmix")
    )
    return [row for kind in kinds for row in _rows(context, kind, form)]


def _rows(context: Context, kind: str, form: Form) -> list[Row]:
    pooled, fresh = context.study(compared, _small(context, kind, form))
    chosen = params.load(PARAMS)
    mean = Mean.of(pooled - fresh)
    ratio, low, high = spread_ratio(pooled, fresh, alpha=2 * chosen.analysis.alpha)
    n = f"{form.n_replicates} replicates, {chosen.augment.views} views each, {form.epochs} epochs"
    return [
        mean.row(f"pool, {kind}: mean accuracy", f"{n}: pool less fresh:"),
        Row(
            f"pool, {kind}: spread",
            max(high, 1 / low),
            _SPREAD_MARGIN,
            f"sd {pooled.std(ddof=1):.4f} with the pool, {fresh.std(ddof=1):.4f} fresh; ratio {ratio:.2f} "
            f"[{low:.2f}, {high:.2f}], 90 %, Pitman and Morgan; row: the interval's end farther from 1",
            at_most=True,
        ),
    ]


def spread_ratio(
    first: NDArray[np.float64], second: NDArray[np.float64], *, alpha: float
) -> tuple[float, float, float]:
    """The ratio of standard deviations of paired values with its interval.

    The ratio w of variances lies in the interval where the Pitman-Morgan test does not reject it; with the
    variances' ratio q = s1^2 / s2^2, correlation r and k = 1 + 2 (1 - r^2) t^2 / (n - 2), where t is the
    quantile of Student's t with n - 2 degrees of freedom, its ends are q (k -+ sqrt(k^2 - 1)).

    References
    ----------
    Pitman (1939), A note on normal correlation, Biometrika 31; Morgan (1939), ibid.
    """
    n = len(first)
    ratio = first.var(ddof=1) / second.var(ddof=1)
    r = float(np.corrcoef(first, second)[0, 1])
    k = 1 + 2 * (1 - r**2) * float(stats.t.ppf(1 - alpha / 2, n - 2)) ** 2 / (n - 2)
    low, high = (ratio * (k + sign * math.sqrt(k**2 - 1)) for sign in (-1, 1))
    return math.sqrt(ratio), math.sqrt(low), math.sqrt(high)


def _small(context: Context, kind: str, form: Form) -> Small:
    changes = (
        *(change.replace("AUG", kind) for change in _CHANGES),
        f"augmentation={kind}",
        f"epochs={form.epochs}",
        f"seeds={form.n_replicates}",
    )
    per_class = (form.per_class[0], 1, form.per_class[1])
    return lite(context.archive, per_class, *changes)


def compared(small: Small) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Test accuracies (n_replicates,) with pools and with fresh views; in the study's process."""
    from benchmarks.extraction import extractor

    backbone = extractor(small.backbone, small.weights, image_size=small.image_size)
    data, runs, chosen = small.data, small.runs(), small.params

    def accuracy(views: int | str) -> NDArray[np.float64]:
        augment = chosen.augment.model_copy(update={"views": views})
        outcomes = train(chosen.model_copy(update={"augment": augment}), data, backbone, runs)
        return accuracies([outcomes[run.name].test_probs for run in runs], data.labels["test"])

    return accuracy(chosen.augment.views), accuracy("fresh")
