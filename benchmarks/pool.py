"""Do replicates that share a pool of augmented views give the mean and the spread of those with fresh views?

Several pools, each with its own replicates; every replicate also runs with fresh views, from the same seeds
of initial weights, order, dropout and augmentation. There are as many views as epochs, so that a replicate of
a pool sees every view of an image once.
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
from benchmarks.small import PARAMS, Small, lite, train
from study import params
from study.training.runs import Run

_SPREAD_MARGIN = 1.5
"""Spreads count as the same where the interval of their ratio lies within [1/1.5, 1.5]."""
_CHANGES = (
    "lr=0.0005",
    "confirm_seeds=1",
    "sweep={batch_size: [128], dropout: [0.5], l1: [0.0], lr: [0.0005], augmentation: [AUG], "
    "images_per_class: [all]}",
)


class Form(NamedTuple):
    """How large the experiment is: images a class of train and test, epochs and views, pools, replicates."""

    per_class: tuple[int, int]
    epochs: int
    n_pools: int
    n_replicates: int


def measure(context: Context) -> list[Row]:
    """Rows of each augmentation: mean, spread, and how alike replicates of one pool are."""
    form = context.pick(
        smoke=Form((3, 4), 2, 2, 2), quick=Form((59, 59), 10, 30, 4), full=Form((59, 59), 10, 8, 10)
    )
    if context.archive is not None and context.size == "full":
        form = Form((100, 500), 10, 6, 8)
    kinds = context.pick(
        smoke=("cutmix",), quick=("cutmix",), full=("rotation", "contrast", "brightness", "zoom", "cutmix")
    )
    return [row for kind in kinds for row in _rows(context, kind, form)]


def _rows(context: Context, kind: str, form: Form) -> list[Row]:
    pooled, fresh = context.study(compared, _small(context, kind, form), form)
    analysis = params.load(PARAMS).analysis
    mean = difference(pooled, fresh)
    ratio, low, high = spread_ratio(pooled.ravel(), fresh.ravel(), alpha=2 * analysis.alpha)
    alike, alike_low, alike_high = likeness(pooled, alpha=analysis.alpha)
    n = f"{form.n_pools} pools x {form.n_replicates} replicates, {form.epochs} views and epochs"
    return [
        mean.row(
            f"pool, {kind}: mean accuracy",
            f"{n}: pool less fresh, over {mean.n} {'pools' if form.n_pools >= 3 else 'replicates'}:",
        ),
        Row(
            f"pool, {kind}: spread",
            max(high, 1 / low),
            _SPREAD_MARGIN,
            f"sd {pooled.std(ddof=1):.4f} with the pool, {fresh.std(ddof=1):.4f} fresh; ratio {ratio:.2f} "
            f"[{low:.2f}, {high:.2f}], 90 %, Pitman and Morgan; row: the interval's end farther from 1",
            at_most=True,
        ),
        Row(
            f"pool, {kind}: replicates' correlation",
            alike,
            None,
            "share of the variance that replicates of one pool have in common "
            f"[{alike_low:.2f}, {alike_high:.2f}], "
            "95 %; 0: sharing a pool hides no variance",
        ),
    ]


def difference(pooled: NDArray[np.float64], fresh: NDArray[np.float64]) -> Mean:
    """Of replicates (n_pools, n_replicates) on both sides.

    Replicates of one pool are not independent where the pool matters, so the pools' means are compared if
    there are at least three.
    """
    apart = pooled - fresh
    return Mean.of(apart.mean(1) if len(apart) >= 3 else apart.ravel())


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


def likeness(values: NDArray[np.float64], *, alpha: float) -> tuple[float, float, float]:
    """The intraclass correlation of rows with its interval, from a one-way analysis of variance.

    References
    ----------
    Shrout and Fleiss (1979), Intraclass correlations, Psychological Bulletin 86: ICC(1,1).
    """
    n_groups, n_each = values.shape
    between = n_each * values.mean(1).var(ddof=1)
    within = values.var(axis=1, ddof=1).mean()
    freedom = (n_groups - 1, n_groups * (n_each - 1))
    f = between / within if within > 0 else math.inf
    ends = f / stats.f.ppf(1 - alpha / 2, *freedom), f * stats.f.ppf(1 - alpha / 2, *freedom[::-1])
    low, high = ((end - 1) / (end + n_each - 1) for end in ends)
    return float((f - 1) / (f + n_each - 1)), float(low), float(high)


def _small(context: Context, kind: str, form: Form) -> Small:
    changes = (
        *(change.replace("AUG", kind) for change in _CHANGES),
        f"augmentation={kind}",
        f"epochs={form.epochs}",
        f"seeds={form.n_pools * form.n_replicates}",
    )
    per_class = (form.per_class[0], 1, form.per_class[1])
    return lite(context.archive, per_class, *changes)


def compared(small: Small, form: Form) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Test accuracies (n_pools, n_replicates) with pools and with fresh views; in the study's process."""
    from benchmarks.extraction import extractor

    backbone = extractor(small.backbone, small.weights)
    data, runs = small.data, small.runs()

    def accuracies(chosen: params.Params, some: list[Run]) -> list[float]:
        outcomes = train(chosen, data, backbone, some)
        truth = data.labels["test"]
        return [float(np.mean(outcomes[run.name].test_probs.argmax(1) == truth)) for run in some]

    fresh = accuracies(_with_views(small.params, "fresh", 0), runs)
    shape = (form.n_pools, form.n_replicates)
    pooled = [
        accuracies(
            _with_views(small.params, form.epochs, pool),
            runs[pool * form.n_replicates : (pool + 1) * form.n_replicates],
        )
        for pool in range(form.n_pools)
    ]
    return np.array(pooled), np.reshape(fresh, shape)


def _with_views(chosen: params.Params, views: int | str, pool_seed: int) -> params.Params:
    augment = chosen.augment.model_copy(update={"views": views})
    return chosen.model_copy(update={"augment": augment, "study_seed": pool_seed})
