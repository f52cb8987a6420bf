"""Features in half precision against features in single precision: do the accuracies move?"""

from __future__ import annotations

import time

import numpy as np

from benchmarks.row import Row
from benchmarks.sides import Context
from benchmarks.small import PARAMS, Small
from benchmarks.whole import interval
from study import params
from study.analysis.paired import equivalence_test


def measure(context: Context) -> list[Row]:
    """One row: the larger end of the interval of the mean difference."""
    analysis = params.load(PARAMS).analysis
    small = Small(
        "efficientnet-lite0",
        "imagenet",
        repaired=False,
        per_class=context.pick(smoke=(6, 2, 4), quick=(59, 20, 59), full=(59, 20, 59)),
        changes=(
            f"epochs={context.pick(smoke=1, quick=5, full=10)}",
            f"seeds={context.pick(smoke=3, quick=10, full=20)}",
            "sweep={batch_size: [128], dropout: [0.5], l1: [0.0], lr: [0.0005, 0.003], "
            "augmentation: [none], images_per_class: [all]}",
        ),
        archive=context.archive,
    )
    half, single, seconds = context.study(compared, small)
    differences = half - single
    low, high = interval(differences, alpha=2 * analysis.alpha)
    p = equivalence_test(differences, margin=analysis.equivalence_margin)
    note = (
        f"test accuracy of {len(differences)} runs, float16 less float32: {differences.mean():+.5f} "
        f"[{low:+.5f}, {high:+.5f}], 90 %, p of equivalence {p:.2g}; "
        f"{np.count_nonzero(differences)} runs differ; "
        f"{seconds[0]:.1f} against {seconds[1]:.1f} s; row: the interval's larger end"
    )
    value = max(abs(low), abs(high)) if differences.any() else 0.0
    return [Row("float16 features: accuracies", value, analysis.equivalence_margin, note, at_most=True)]


def compared(small: Small) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Test accuracies with half and single precision, and the seconds of each; in the study's process."""
    from benchmarks.extraction import extractor
    from benchmarks.scaling import NoViews
    from study.training.runs import Features
    from study.training.train import train

    chosen, data, runs = small.params, small.data, small.runs()
    backbone = extractor(small.backbone, small.weights)
    exact = {split: backbone(part) for split, part in data.images.items()}
    accuracies, seconds = [], []
    for kind in (np.float16, np.float32):
        began = time.perf_counter()
        groups = train(
            runs,
            Features(
                **{split: part.astype(kind) for split, part in exact.items()},
                train_labels=data.labels["train"],
                valid_labels=data.labels["valid"],
                n_classes=int(data.labels["train"].max()) + 1,
            ),
            NoViews(),
            epochs=chosen.epochs,
            train_eval_images=chosen.train_eval_images,
            memory_bytes=chosen.execution.memory_budget_gb * 1e9 / 4,
            advance=lambda _: None,
        )
        of_run = {
            outcome.run.name: float(np.mean(outcome.test_probs.argmax(1) == data.labels["test"]))
            for group in groups
            for outcome in group
        }
        accuracies.append(np.array([of_run[run.name] for run in runs]))
        seconds.append(time.perf_counter() - began)
    return accuracies[0], accuracies[1], seconds
