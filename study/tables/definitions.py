"""The columns, types and keys of every table that crosses a stage."""

from __future__ import annotations

from study.tables.schema import Table as Table
from study.tables.schema import TableError as TableError

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
augmentation, losses without the penalty; ``train_*`` on at most ``train_eval_images`` of its rows.
``fit_*`` is what Keras prints while it trains: the mean over the epoch's batches under dropout and
augmentation, penalty included."""

FEATURES = Table(
    "features",
    ("model",),
    {"model": "text", "n_images": "int", "n_features": "int", "n_constant": "int", "zero_share": "float"},
)
"""What each backbone gives of the unaugmented images of all splits, in half precision: features that have one
value for all images, and the share of zeros among all values."""

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

_RATIO = {
    "n": "int",
    "sd": "float",
    "sd_other": "float",
    "ratio": "float",
    "ratio_ci_low": "float",
    "ratio_ci_high": "float",
    "p_pitman_morgan": "float",
    "p_holm": "float",
    "p_brown_forsythe": "float",
}

STEADINESS_MODELS = Table(
    "steadiness_models", ("model", "other"), {"model": "text", "other": "text", **_RATIO}
)
"""Standard deviation of confirmed test accuracy over replicates, of one model over another's: ``ratio`` is
``sd / sd_other``, paired by replicate. A ratio of one inside the interval does not mean equal."""

STEADINESS_LEVELS = Table(
    "steadiness_levels",
    ("model", "factor", "level"),
    {"model": "text", "factor": "text", "level": "text", "reference_level": "text", **_RATIO},
)
"""The same for each level over the reference, explore phase; ``sd_other`` is the reference's."""

VARIANCE_SOURCES = Table(
    "variance_sources",
    ("model", "setting", "source"),
    {
        "model": "text",
        "setting": "text",
        "source": "text",
        **_INTERVAL,
        "sd_ci_low": "float",
        "sd_ci_high": "float",
        "share": "float",
    },
)
"""Test accuracy of runs in which one source of randomness varies and the others are held: init, order,
dropout, augmentation, subset, or all. ``share``: variance over that of ``all`` at the same setting; shares
need not sum to one, since sources act together and each is estimated. Empty where the study of sources is
switched off (``variance_seeds: 0``)."""

SEEDS_IMAGES = Table(
    "seeds_images",
    ("model",),
    {
        "model": "text",
        "n": "int",
        "n_images": "int",
        "se_seeds": "float",
        "se_images": "float",
        "se_both": "float",
        "share_images": "float",
    },
)
"""Standard error of the confirmed mean test accuracy from the choice of seeds, of test images, and both;
``share_images``: the images' part of the sum of both variances."""

INTERACTION = Table(
    "interaction",
    ("factor",),
    {
        "factor": "text",
        "n": "int",
        "n_models": "int",
        "n_levels": "int",
        "f": "float",
        "p": "float",
        "p_holm": "float",
        "largest_model": "text",
        "largest_level": "text",
        "largest": "float",
    },
)
"""Whether a factor's effect on test accuracy differs between models, explore phase; ``largest`` is the
deviation of one model's level from what model and level alone give, the largest in size."""

RANKS = Table(
    "ranks",
    ("model",),
    {
        "model": "text",
        "n": "int",
        "k": "int",
        "mean_rank": "float",
        "friedman": "float",
        "p": "float",
        "critical_difference": "float",
        "reason": "text",
    },
)
"""Confirmed models ranked by test accuracy within each replicate, 1 the best. ``critical_difference`` of
Nemenyi; where it is missing, ``reason`` says why."""

MODELS_OMNIBUS = Table("models_omnibus", ("n", "k"), {"n": "int", "k": "int", "f": "float", "p": "float"})
"""Whether the confirmed models differ at all: within-replicate permutation test on test accuracy. One row,
or none where there is one model."""

SEEDS_NEEDED = Table(
    "seeds_needed",
    ("kind", "name", "points"),
    {
        "kind": "text",
        "name": "text",
        "points": "text",
        "effect": "float",
        "n": "int",
        "sd": "float",
        "family": "int",
        "n_needed": "float",
        "image_floor": "float",
    },
)
"""Replicates that a paired comparison needs to find ``effect`` with the declared power after Bonferroni
over the ``family`` of comparisons, from the ``sd`` of the differences over ``n`` replicates. Kind
``models``: pairs of confirmed models, ``name`` like "a - b"; kind ``levels``: levels against the reference,
``name`` the model and ``sd`` the median over levels. ``image_floor``: the difference that no number of
seeds finds on new images, because the test split is finite. ``n_needed`` is missing where it is unknown or
above 100,000."""

CHOICES = Table(
    "choices",
    ("model", "rule", "setting"),
    {
        "model": "text",
        "rule": "text",
        "setting": "text",
        "n": "int",
        "valid_mean": "float",
        "valid_sd": "float",
        "valid_low": "float",
        "test_mean": "float",
        "test_sd": "float",
    },
)
"""Three ways of choosing a setting, explore phase: ``mean``, the highest mean validation accuracy;
``lower_bound``, the highest lower end of its t interval; ``front``, every setting that no other beats in both
mean and standard deviation."""

TOP_SETTINGS = Table(
    "top_settings",
    ("model", "setting"),
    {
        "model": "text",
        "setting": "text",
        "n": "int",
        "times_top": "int",
        "share_top": "float",
        "ci_low": "float",
        "ci_high": "float",
    },
)
"""In how many of ``n`` explored replicates a setting has the highest validation accuracy of its model.
Settings that tie at the top all count, so shares may add up to more than 1. Intervals of Clopper and Pearson."""

EXPECTED_BEST = Table(
    "expected_best",
    ("model", "n_settings"),
    {
        "model": "text",
        "n_settings": "int",
        **_INTERVAL,
        "test_mean": "float",
        "test_ci_low": "float",
        "test_ci_high": "float",
    },
)
"""What whoever tries so many settings once and keeps the best on validation may expect: its validation
accuracy, and its test accuracy; mean and t interval over replicates."""

PER_CLASS = Table(
    "per_class",
    ("model", "class"),
    {"model": "text", "class": "text", "n_images": "int", **_INTERVAL},
)
"""Confirmed test accuracy on the images of each class."""

CONFUSION = Table(
    "confusion",
    ("model", "true", "predicted"),
    {"model": "text", "true": "text", "predicted": "text", "n": "int", "share": "float"},
)
"""Share of the test images of a class that were taken for each class, mean over confirmed replicates."""

RELIABILITY = Table(
    "reliability",
    ("model", "bin"),
    {
        "model": "text",
        "bin": "int",
        "n": "int",
        "share": "float",
        "confidence": "float",
        "accuracy": "float",
        "accuracy_ci_low": "float",
        "accuracy_ci_high": "float",
    },
)
"""Confirmed test predictions by the probability of the predicted class, in bins of equal width from 0:
share of the images, mean probability and share of right ones, over replicates. Bins that no replicate fills
have no row; ``n`` counts the replicates that fill it."""

PUBLISHED = Table(
    "published",
    ("id",),
    {
        "id": "text",
        "what": "text",
        "published": "float",
        "n": "int",
        "mean": "float",
        "low": "float",
        "high": "float",
        "verdict": "text",
    },
)
"""The six accuracies of the source beside the interval in which one more run would fall. Verdict: inside,
outside, inconclusive (there is no interval of one run), or not testable on this data."""

REPORT_TABLES = (
    SETTINGS,
    LEVELS,
    FEATURES,
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
    PUBLISHED,
    STEADINESS_MODELS,
    STEADINESS_LEVELS,
    VARIANCE_SOURCES,
    SEEDS_IMAGES,
    INTERACTION,
    MODELS_OMNIBUS,
    RANKS,
    SEEDS_NEEDED,
    CHOICES,
    TOP_SETTINGS,
    EXPECTED_BEST,
    PER_CLASS,
    CONFUSION,
    RELIABILITY,
)
"""What stands under reports/tables/ and is all that the report reads, beside its JSON files."""
