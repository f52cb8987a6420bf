"""Combinations over all confirmed replicates and over all explored runs."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from study.analysis.frames import frame
from study.analysis.statistics import metrics
from study.analysis.statistics.named_rng import named_rng
from study.analysis.statistics.subsets import subset_mean
from study.ensembles import greedy as selecting
from study.ensembles import sizes as sizing
from study.ensembles.diversity import diversity as differ
from study.ensembles.members import known
from study.params import Params
from study.pipeline import predictions, results
from study.pipeline.console import progress
from study.tables.definitions import DIVERSITY_RUNS, ENSEMBLE_SIZES, GREEDY_RUNS

ALL = "all"


def sizes(params: Params) -> pd.DataFrame:
    """Table ``ensemble_sizes``: the replicates of each backbone, and all backbones and replicates."""
    probs = predictions.by_replicate(params, "test_probs")
    labels = predictions.labels("test")
    families = {name: (probs[:, i], 1) for i, name in enumerate(params.backbones)}
    if len(params.backbones) > 1:
        means = np.stack([known(one).mean(axis=0) for one in probs])
        families[ALL] = means, len(params.backbones)
    rows = []
    with progress() as bar:
        for family, (blocks, members) in bar.track(families.items(), description="ensemble sizes"):
            rows += _sizes(params, family, known(blocks), labels, members)
    return frame(ENSEMBLE_SIZES, rows)


def _sizes(
    params: Params, family: str, blocks: NDArray[np.float64], labels: NDArray[Any], members: int
) -> list[dict[str, Any]]:
    rows, n = [], len(blocks)
    for k in sizing.sizes(n):
        rng = named_rng("ensemble sizes", family, str(k), seed=params.study_seed)
        taken = list(sizing.subsets(n, k, rng=rng))
        scores = np.array([_scores(sizing.mean_of(blocks, subset), labels) for subset in taken])
        ends = [subset_mean(taken, column, n=n, alpha=params.rules.alpha) for column in scores.T]
        rows.append(
            {
                "family": family,
                "k": k,
                "n": n,
                "n_members": k * members,
                "n_subsets": len(taken),
                **dict(zip(("accuracy", "ci_low", "ci_high"), ends[0], strict=True)),
                **dict(zip(("log_loss", "log_loss_ci_low", "log_loss_ci_high"), ends[1], strict=True)),
            }
        )
    return rows


def _scores(probs: NDArray[np.float64], labels: NDArray[Any]) -> tuple[float, float]:
    return metrics.accuracy(probs, labels), metrics.log_loss(probs, labels)


def diversity(params: Params) -> pd.DataFrame:
    """Table ``diversity_runs``: pairs of backbones in a replicate, pairs of replicates of a backbone."""
    probs = predictions.by_replicate(params, "test_probs")
    labels = predictions.labels("test")
    rows = [
        {
            "model_a": a,
            "model_b": b,
            "block": block,
            **differ(probs[block, i], probs[block, j], labels),
        }
        for (i, a), (j, b) in itertools.combinations(enumerate(params.backbones), 2)
        for block in range(len(probs))
    ]
    rows += [
        {
            "model_a": name,
            "model_b": name,
            "block": block,
            **differ(probs[2 * block, i], probs[2 * block + 1, i], labels),
        }
        for i, name in enumerate(params.backbones)
        for block in range(len(probs) // 2)
    ]
    return frame(DIVERSITY_RUNS, rows)


def _complete(planned: pd.DataFrame) -> int:
    """Replicates that every setting of every backbone has."""
    return int(planned.groupby(["model", "setting"]).size().min())


def greedy(params: Params) -> pd.DataFrame:
    """Table ``greedy_runs``: selection from all explored runs of each replicate, on validation.

    Of the replicates that every setting has, so that each has the whole library.
    """
    planned = results.planned(params, "explore")
    valid, test = (predictions.predicted(params, "explore", f"{split}_class") for split in ("valid", "test"))
    labels = {split: predictions.labels(split) for split in ("valid", "test")}
    n_classes = int(max(valid.max(), test.max(), labels["valid"].max(), labels["test"].max())) + 1
    rows = []
    with progress() as bar:
        for replicate in bar.track(range(_complete(planned)), description="greedy selection"):
            here = np.flatnonzero(planned["replicate"].to_numpy() == replicate)
            picked = selecting.select(valid[here], labels["valid"], n_classes=n_classes)
            names = [str(planned["run"].iloc[here[row]]) for row in picked]
            said = {
                split: selecting.vote(classes[here], picked, n_classes=n_classes)
                for split, classes in (("valid", valid), ("test", test))
            }
            best = here[picked[0]]
            rows.append(
                {
                    "replicate": replicate,
                    "n_members": len(picked),
                    "n_distinct": len(set(picked)),
                    "members": "; ".join(names),
                    "valid_accuracy": float((said["valid"] == labels["valid"]).mean()),
                    "test_accuracy": float((said["test"] == labels["test"]).mean()),
                    "best_run": names[0],
                    "best_run_valid_accuracy": float((valid[best] == labels["valid"]).mean()),
                    "best_run_test_accuracy": float((test[best] == labels["test"]).mean()),
                }
            )
    return frame(GREEDY_RUNS, rows)
