"""The columns, types and keys of every table that crosses a stage."""

from __future__ import annotations

from study.schema import Table as Table
from study.schema import TableError as TableError

PHASES = ("explore", "confirm")
SPLITS = ("train", "valid", "test")
ORIGINS = ("cifar10", "imagenet", "unknown")
STATUSES = ("ok", "diverged")
VERDICTS = ("different", "equivalent", "different but trivial", "inconclusive")

_SETTING = {
    "lr": "float",
    "batch_size": "int",
    "dropout": "float",
    "l1": "float",
    "augmentation": "text",
    "images_per_class": "text",
}
_INTERVAL = {"n": "int", "mean": "float", "sd": "float", "ci_low": "float", "ci_high": "float"}
_PAIRED = {
    "n": "int",
    "diff": "float",
    "ci_low": "float",
    "ci_high": "float",
    "image_ci_low": "float",
    "image_ci_high": "float",
    "dz": "float",
    "wins": "float",
    "wins_ci_low": "float",
    "wins_ci_high": "float",
    "p_t": "float",
    "p_signflip": "float",
    "p_holm": "float",
    "p_tost": "float",
    "mde": "float",
    "verdict": "text",
}

SETTINGS = Table("settings", ("setting",), {"setting": "text", "factor": "text", "level": "text", **_SETTING})

LEVELS = Table(
    "levels",
    ("factor", "level"),
    {"factor": "text", "level": "text", "position": "int", "setting": "text", "is_reference": "int"},
)
"""Each factor's levels in order. The reference setting is a level of every factor."""

RUNS = Table(
    "runs",
    ("run",),
    {
        "run": "text",
        "model": "text",
        "setting": "text",
        "phase": "text",
        "replicate": "int",
        "init_seed": "int",
        "order_seed": "int",
        "dropout_seed": "int",
        "subset_seed": "int",
        "augmentation_seed": "int",
    },
)

HISTORY = Table(
    "history",
    ("run", "epoch"),
    {
        "run": "text",
        "epoch": "int",
        "fit_loss": "float",
        "fit_accuracy": "float",
        "train_loss": "float",
        "train_accuracy": "float",
        "valid_loss": "float",
        "valid_accuracy": "float",
    },
)
"""After each epoch. ``train_*`` and ``valid_*`` evaluate the head as it then is, without dropout or
augmentation, losses without the penalty. ``fit_*`` is what Keras prints while it trains: the mean over
the epoch's batches under dropout and augmentation, penalty included."""

RESULTS = Table(
    "results",
    ("run",),
    {
        "run": "text",
        "model": "text",
        "setting": "text",
        "phase": "text",
        "replicate": "int",
        "status": "text",
        "train_accuracy": "float",
        "valid_accuracy": "float",
        "test_accuracy": "float",
        "train_log_loss": "float",
        "valid_log_loss": "float",
        "test_log_loss": "float",
        "valid_calibration_error": "float",
        "test_calibration_error": "float",
        **{f"test_accuracy_{origin}": "float" for origin in ORIGINS},
        "predictions_sha256": "text",
    },
)
"""After the last epoch. Accuracy by origin is missing where the test split has no image of it."""

TIMINGS = Table("timings", ("run",), {"run": "text", "seconds": "float"})

SELECTION = Table(
    "selection",
    ("model",),
    {
        "model": "text",
        "setting": "text",
        "n": "int",
        "valid_mean": "float",
        "valid_sd": "float",
        "runner_up": "text",
        "runner_up_valid_mean": "float",
        "n_settings": "int",
    },
)

SUMMARY = Table(
    "summary",
    ("model", "factor", "level", "phase", "split", "metric"),
    {
        "model": "text",
        "factor": "text",
        "level": "text",
        "phase": "text",
        "split": "text",
        "metric": "text",
        "n_diverged": "int",
        **_INTERVAL,
        "sd_ci_low": "float",
        "sd_ci_high": "float",
        "image_ci_low": "float",
        "image_ci_high": "float",
    },
)
"""Explore rows: every factor and level (the reference once in each factor). Confirm rows: factor
``selected``, level the setting's name. Metrics: accuracy, log_loss, calibration_error, and, on test,
accuracy_<origin>. ``image_ci`` is missing where the metric is not a mean over images."""

CURVES = Table(
    "curves",
    ("model", "factor", "level", "epoch", "curve", "metric"),
    {
        "model": "text",
        "factor": "text",
        "level": "text",
        "epoch": "int",
        "curve": "text",
        "metric": "text",
        **_INTERVAL,
    },
)
"""Explore phase; curve: train, valid or fit; metric: accuracy or loss."""

COMPARISONS = Table(
    "comparisons",
    ("model", "factor", "level", "metric"),
    {
        "model": "text",
        "factor": "text",
        "level": "text",
        "reference_level": "text",
        "metric": "text",
        **_PAIRED,
    },
)
"""Explore phase; metric: test_accuracy, valid_accuracy or train_accuracy; diff = level - reference."""

OMNIBUS = Table(
    "omnibus",
    ("model", "factor"),
    {
        "model": "text",
        "factor": "text",
        "n": "int",
        "k": "int",
        "f": "float",
        "p": "float",
        "p_holm": "float",
        "trend": "float",
        "p_trend": "float",
    },
)
"""Within-replicate permutation test over a factor's levels, on test accuracy; trend for ordered factors."""

PAIRS = Table(
    "pairs",
    ("model_a", "model_b"),
    {
        "model_a": "text",
        "model_b": "text",
        **_PAIRED,
        "simultaneous_low": "float",
        "simultaneous_high": "float",
    },
)
"""Confirmed models against each other on test accuracy; diff = a - b."""

BEST = Table(
    "best",
    ("model",),
    {
        "model": "text",
        "setting": "text",
        **_SETTING,
        **_INTERVAL,
        "image_ci_low": "float",
        "image_ci_high": "float",
        "n_diverged": "int",
        "explore_valid_mean": "float",
        "confirm_valid_mean": "float",
        "explore_test_mean": "float",
    },
)
"""The selected setting of each model; n, mean, sd and intervals are of confirmed test accuracy."""

ENSEMBLE_RUNS = Table(
    "ensemble_runs",
    ("method", "replicate"),
    {
        "method": "text",
        "replicate": "int",
        "n_members": "int",
        "valid_accuracy": "float",
        "valid_log_loss": "float",
        "test_accuracy": "float",
        "test_log_loss": "float",
        "test_calibration_error": "float",
        "predictions_sha256": "text",
    },
)
"""Method: hard voting, soft voting, weighted soft voting, stacking, or ``single`` for the best single
model. ``valid_*`` is cross-fitted: no example is judged by what was fitted to it. Log losses and calibration
error are missing for hard voting, which gives no probabilities."""

ENSEMBLES = Table(
    "ensembles",
    ("method",),
    {
        "method": "text",
        **_INTERVAL,
        "image_ci_low": "float",
        "image_ci_high": "float",
        "best_single": "text",
        "diff": "float",
        "diff_ci_low": "float",
        "diff_ci_high": "float",
        "diff_image_ci_low": "float",
        "diff_image_ci_high": "float",
        "wins": "float",
        "p_t": "float",
        "p_signflip": "float",
        "p_holm": "float",
        "p_tost": "float",
        "verdict": "text",
    },
)

ENSEMBLE_SCORES = Table(
    "ensemble_scores",
    ("method", "metric"),
    {
        "method": "text",
        "metric": "text",
        **_INTERVAL,
        "diff": "float",
        "diff_ci_low": "float",
        "diff_ci_high": "float",
        "wins": "float",
        "wins_ci_low": "float",
        "wins_ci_high": "float",
    },
)
"""Test scores of each method of ``ensemble_runs``; metric: accuracy, log_loss or calibration_error; diff =
method - single, wins the share of replicates in which the method is the better one, ties a half."""

ENSEMBLE_SIZES = Table(
    "ensemble_sizes",
    ("family", "k"),
    {
        "family": "text",
        "k": "int",
        "n": "int",
        "n_members": "int",
        "n_subsets": "int",
        "accuracy": "float",
        "ci_low": "float",
        "ci_high": "float",
        "log_loss": "float",
        "log_loss_ci_low": "float",
        "log_loss_ci_high": "float",
    },
)
"""Soft voting of ``k`` of the ``n`` confirmed replicates of one model, or, family ``all``, of every model:
the mean over subsets, with jackknife intervals over replicates (missing for k = n)."""

TEMPERATURES = Table(
    "temperatures",
    ("method", "replicate"),
    {
        "method": "text",
        "replicate": "int",
        "temperature": "float",
        "test_log_loss": "float",
        "scaled_log_loss": "float",
        "test_calibration_error": "float",
        "scaled_calibration_error": "float",
    },
)
"""Temperature scaling fitted on validation; method: a model's name or an ensemble that gives
probabilities; ``scaled_*`` are test scores after it."""

CALIBRATION = Table(
    "calibration",
    ("method", "metric"),
    {
        "method": "text",
        "metric": "text",
        "n": "int",
        "temperature": "float",
        "before": "float",
        "before_ci_low": "float",
        "before_ci_high": "float",
        "after": "float",
        "after_ci_low": "float",
        "after_ci_high": "float",
        "diff": "float",
        "diff_ci_low": "float",
        "diff_ci_high": "float",
    },
)
"""Before and after temperature scaling; metric: log_loss or calibration_error; diff = after - before."""

DIVERSITY_RUNS = Table(
    "diversity_runs",
    ("model_a", "model_b", "block"),
    {
        "model_a": "text",
        "model_b": "text",
        "block": "int",
        "disagreement": "float",
        "error_correlation": "float",
        "gain": "float",
    },
)
"""Two members on the test split: share of images that they class differently, correlation of their errors,
and the accuracy of their soft vote less the mean of theirs. Block: the replicate; where both are of one
model, the pair of its replicates 2 block and 2 block + 1, so that no run is in two blocks."""

DIVERSITY = Table(
    "diversity",
    ("model_a", "model_b", "metric"),
    {"model_a": "text", "model_b": "text", "metric": "text", **_INTERVAL},
)
"""Means over blocks of ``diversity_runs``; metric: disagreement, error_correlation or gain."""

DIVERSITY_GAIN = Table("diversity_gain", ("metric",), {"metric": "text", "n_pairs": "int", **_INTERVAL})
"""What diversity explains: rank correlation of gain with a metric over the pairs of models of one
replicate, averaged over replicates; missing below 3 pairs."""

GREEDY_RUNS = Table(
    "greedy_runs",
    ("replicate",),
    {
        "replicate": "int",
        "n_members": "int",
        "n_distinct": "int",
        "members": "text",
        "valid_accuracy": "float",
        "test_accuracy": "float",
        "best_run": "text",
        "best_run_valid_accuracy": "float",
        "best_run_test_accuracy": "float",
    },
)
"""Greedy selection from all explored runs of a replicate, beside the one that is best on validation."""

GREEDY = Table(
    "greedy",
    ("method",),
    {
        "method": "text",
        **_INTERVAL,
        "diff": "float",
        "diff_ci_low": "float",
        "diff_ci_high": "float",
        "wins": "float",
        "p_t": "float",
        "p_signflip": "float",
        "p_tost": "float",
        "verdict": "text",
    },
)
"""Test accuracy of ``greedy selection`` and of ``best explored run``, the baseline of its difference."""

CLAIMS = Table(
    "claims",
    ("id",),
    {
        "id": "text",
        "section": "text",
        "statement": "text",
        "hypothesis": "text",
        "verdict": "text",
        "evidence": "text",
    },
)
"""Verdict: supported, refuted, inconclusive, or not testable on this data."""

REPORT_TABLES = (
    SETTINGS,
    LEVELS,
    RESULTS,
    SELECTION,
    SUMMARY,
    CURVES,
    COMPARISONS,
    OMNIBUS,
    PAIRS,
    BEST,
    ENSEMBLE_RUNS,
    ENSEMBLES,
    ENSEMBLE_SCORES,
    ENSEMBLE_SIZES,
    TEMPERATURES,
    CALIBRATION,
    DIVERSITY_RUNS,
    DIVERSITY,
    DIVERSITY_GAIN,
    GREEDY_RUNS,
    GREEDY,
    CLAIMS,
)
"""What stands under reports/tables/ and is all that the report reads, beside its JSON files."""
