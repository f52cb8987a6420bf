"""The columns, kinds and keys of every table that crosses a stage."""

from __future__ import annotations

from collections.abc import Sequence

from study.params.factors import FACTORS, OPTIONAL, REGISTRY
from study.tables.schema import Table as Table
from study.tables.schema import TableError as TableError

PHASES = ("explore", "confirm")
SPLITS = ("train", "valid", "test")
ORIGINS = ("cifar10", "imagenet", "unknown")
STATUSES = ("ok", "diverged")
VERDICTS = ("different", "equivalent", "different but trivial", "inconclusive")

_SETTING = " ".join(FACTORS)
_BY_ORIGIN = " ".join(f"test_accuracy_{origin}" for origin in ORIGINS)
_INTERVAL = "n mean sd ci_low ci_high"
_IMAGES = "image_ci_low image_ci_high"
_DIFFERENCE = "diff diff_ci_low diff_ci_high"
_PAIRED = (
    f"n diff ci_low ci_high {_IMAGES} simultaneous_low simultaneous_high dz wins wins_ci_low wins_ci_high "
    "p_t p_signflip p_max_t p_images p_holm p_tost p_tost_images p_tost_holm below_margin inside_margin "
    "above_margin mde verdict seeds_only_verdict"
)
"""Of seeds alone: ``ci_*``, ``p_t``, ``p_signflip``, ``p_max_t`` (corrected over the family by flipping whole
replicates), ``p_tost``, ``seeds_only_verdict``. ``*_margin``: probabilities, under a flat prior, that the
difference is below, inside and above the margin, not corrected. Of seeds and images:
``image_ci_*``, ``p_images``, ``p_tost_images``. The others are of seeds and images where the metric is a mean
over images: ``p_holm`` and ``p_tost_holm``, corrected over the family, make the ``verdict``;
``simultaneous_*`` is corrected for as many comparisons, and so is ``mde``, the minimum detectable difference.
"""
_RATIO = "n sd sd_other ratio ratio_ci_low ratio_ci_high p_pitman_morgan p_holm p_brown_forsythe"

_TEXTS = (
    "setting factor level run model phase status predictions_sha256 runner_up split metric curve "
    "reference_level verdict seeds_only_verdict model_a model_b method best_single members best_run id "
    "section statement hypothesis evidence what other source largest_model largest_level kind name "
    "points rule class true predicted"
)
_COUNTS = (
    "position is_reference replicate init_seed order_seed dropout_seed subset_seed augmentation_seed "
    "epoch n_images n_features n_constant n n_settings n_diverged k n_members n_subsets block n_pairs "
    "n_distinct n_models n_levels family bin times_top look runs n_open n_different n_trivial n_equivalent "
    "n_unreachable in_set"
)
_NUMBERS = (
    "fit_loss fit_accuracy train_loss train_accuracy valid_loss valid_accuracy zero_share test_accuracy "
    "train_log_loss valid_log_loss test_log_loss valid_calibration_error test_calibration_error seconds "
    "valid_mean valid_sd runner_up_valid_mean mean sd ci_low ci_high sd_ci_low sd_ci_high image_ci_low "
    "image_ci_high diff dz wins wins_ci_low wins_ci_high p_t p_signflip p_images p_holm p_tost p_tost_images "
    "p_tost_holm mde f p trend "
    "p_trend simultaneous_low simultaneous_high explore_valid_mean confirm_valid_mean explore_test_mean "
    "diff_ci_low diff_ci_high diff_image_ci_low diff_image_ci_high diff_simultaneous_low "
    "diff_simultaneous_high accuracy log_loss log_loss_ci_low "
    "log_loss_ci_high temperature scaled_log_loss scaled_calibration_error before before_ci_low "
    "before_ci_high after after_ci_low after_ci_high disagreement error_correlation gain "
    "best_run_valid_accuracy best_run_test_accuracy published low high sd_other ratio ratio_ci_low "
    "ratio_ci_high p_pitman_morgan p_brown_forsythe share se_seeds se_images se_both share_seeds "
    "share_images share_interaction calibration_error floor largest mean_rank correlation effect n_needed "
    "image_floor valid_low test_mean test_sd test_ci_low test_ci_high share_top confidence "
    "p_max_t below_margin inside_margin above_margin accuracy_ci_low accuracy_ci_high "
    "test_diff test_diff_ci_low test_diff_ci_high"
    f" {_BY_ORIGIN}"
)
KINDS = {
    **dict.fromkeys(_TEXTS.split(), "text"),
    **dict.fromkeys(_COUNTS.split(), "int"),
    **dict.fromkeys(_NUMBERS.split(), "float"),
    **{factor.name: factor.kind for factor in REGISTRY.values()},
}
"""Each column's kind, by its name."""

_report_tables: list[Table] = []


def _table(name: str, key: str, columns: str, *, internal: bool = False, **kinds: str) -> Table:
    """A table of columns named by words: the key's first, unless ``columns`` says where they stand.

    Parameters
    ----------
    internal
        It does not stand under reports/tables/.
    kinds
        Of columns that have another kind here than elsewhere.
    """
    keys, rest = tuple(key.split()), columns.split()
    names = [*(one for one in keys if one not in rest), *rest]
    made = Table(name, keys, {one: kinds.get(one, KINDS[one]) for one in names}, frozenset(OPTIONAL))
    if not internal:
        _report_tables.append(made)
    return made


SETTINGS = _table("settings", "setting", f"factor level {_SETTING}")

LEVELS = _table("levels", "factor level", "position setting is_reference")
"""Each factor's levels in order. The reference setting is a level of every factor."""

RUNS = _table(
    "runs",
    "run",
    "model setting phase replicate init_seed order_seed dropout_seed subset_seed augmentation_seed",
    internal=True,
)

HISTORY = _table(
    "history",
    "run epoch",
    "fit_loss fit_accuracy train_loss train_accuracy valid_loss valid_accuracy",
    internal=True,
)
"""After each epoch. ``train_*`` and ``valid_*`` evaluate the head as it then is, without dropout or
augmentation, losses without penalty or smoothing; ``train_*`` on at most ``train_eval_images`` of its rows.
``fit_*`` is what Keras prints while it trains: the mean over the epoch's batches under dropout and
augmentation, L1 penalty and label smoothing included."""

FEATURES = _table("features", "model", "n_images n_features n_constant zero_share")
"""What each backbone gives of the unaugmented images of all splits, in half precision: features that have one
value for all images, and the share of zeros among all values."""

RESULTS = _table(
    "results",
    "run",
    "model setting phase replicate status train_accuracy valid_accuracy test_accuracy train_log_loss "
    f"valid_log_loss test_log_loss valid_calibration_error test_calibration_error {_BY_ORIGIN} "
    "predictions_sha256",
)
"""After the last epoch. Accuracy by origin is missing where the test split has no image of it."""

TIMINGS = _table("timings", "run", "seconds", internal=True)

SELECTION = _table(
    "selection",
    "model",
    "setting n valid_mean valid_sd runner_up runner_up_valid_mean n_settings",
)

SUMMARY = _table(
    "summary",
    "model factor level phase split metric",
    f"n_diverged {_INTERVAL} sd_ci_low sd_ci_high {_IMAGES}",
)
"""Explore rows: every factor and level (the reference once in each factor). Confirm rows: factor
``selected``, level the setting's name. Metrics: accuracy, log_loss, calibration_error, and, on test,
accuracy_<origin>. ``image_ci`` is missing where the metric is not a mean over images."""

CURVES = _table("curves", "model factor level epoch curve metric", _INTERVAL)
"""Explore phase; curve: train, valid or fit; metric: accuracy or loss."""

COMPARISONS = _table(
    "comparisons",
    "model factor level metric",
    f"model factor level reference_level metric {_PAIRED}",
)
"""Explore phase; metric: test_accuracy, valid_accuracy or train_accuracy; diff = level - reference."""

OMNIBUS = _table("omnibus", "model factor", "n k f p p_holm trend p_trend")
"""Sign-flip test of replicates over a factor's levels, on test accuracy; trend for ordered factors."""

PAIRS = _table("pairs", "model_a model_b", f"{_PAIRED} correlation")
"""Confirmed models against each other on test accuracy; diff = a - b; ``correlation`` of the two over
replicates: pairing gains where it is above zero."""

BEST = _table(
    "best",
    "model",
    f"setting {_SETTING} {_INTERVAL} {_IMAGES} n_diverged explore_valid_mean confirm_valid_mean "
    "explore_test_mean",
)
"""The selected setting of each model; n, mean, sd and intervals are of confirmed test accuracy."""

ENSEMBLE_RUNS = _table(
    "ensemble_runs",
    "method replicate",
    "n_members valid_accuracy valid_log_loss test_accuracy test_log_loss test_calibration_error "
    "predictions_sha256",
)
"""Method: hard voting, soft voting, weighted soft voting, stacking, or ``single`` for the best single
model. ``valid_*`` is cross-fitted: no example is judged by what was fitted to it. Log losses and calibration
error are missing for hard voting, which gives no probabilities."""

ENSEMBLES = _table(
    "ensembles",
    "method",
    f"{_INTERVAL} {_IMAGES} best_single {_DIFFERENCE} diff_image_ci_low diff_image_ci_high "
    "diff_simultaneous_low diff_simultaneous_high wins p_t p_signflip p_images p_holm p_tost p_tost_images "
    "p_tost_holm mde verdict seeds_only_verdict",
)
"""Each method against ``single`` in test accuracy, columns as of ``comparisons``."""

ENSEMBLE_SCORES = _table(
    "ensemble_scores",
    "method metric",
    f"{_INTERVAL} {_DIFFERENCE} wins wins_ci_low wins_ci_high",
)
"""Test scores of each method of ``ensemble_runs``; metric: accuracy, log_loss or calibration_error; diff =
method - single, wins the share of replicates in which the method is the better one, ties a half."""

ENSEMBLE_SIZES = _table(
    "ensemble_sizes",
    "family k",
    "n n_members n_subsets accuracy ci_low ci_high log_loss log_loss_ci_low log_loss_ci_high",
    family="text",
)
"""Soft voting of ``k`` of the ``n`` confirmed replicates of one model, or, family ``all``, of every model:
the mean over subsets, with jackknife intervals over replicates (missing for k = n)."""

TEMPERATURES = _table(
    "temperatures",
    "method replicate",
    "temperature test_log_loss scaled_log_loss test_calibration_error scaled_calibration_error",
)
"""Temperature scaling fitted on validation; method: a model's name or an ensemble that gives
probabilities; ``scaled_*`` are test scores after it."""

CALIBRATION = _table(
    "calibration",
    "method metric",
    f"n temperature before before_ci_low before_ci_high after after_ci_low after_ci_high {_DIFFERENCE}",
)
"""Before and after temperature scaling; metric: log_loss or calibration_error; diff = after - before."""

DIVERSITY_RUNS = _table("diversity_runs", "model_a model_b block", "disagreement error_correlation gain")
"""Two members on the test split: share of images that they class differently, correlation of their errors,
and the accuracy of their soft vote less the mean of theirs. Block: the replicate; where both are of one
model, the pair of its replicates 2 block and 2 block + 1, so that no run is in two blocks."""

DIVERSITY = _table("diversity", "model_a model_b metric", _INTERVAL)
"""Means over blocks of ``diversity_runs``; metric: disagreement, error_correlation or gain."""

DIVERSITY_GAIN = _table("diversity_gain", "metric", f"n_pairs {_INTERVAL}")
"""What diversity explains: rank correlation of gain with a metric over the pairs of models of one
replicate, averaged over replicates; missing below 3 pairs."""

GREEDY_RUNS = _table(
    "greedy_runs",
    "replicate",
    "n_members n_distinct members valid_accuracy test_accuracy best_run best_run_valid_accuracy "
    "best_run_test_accuracy",
)
"""Greedy selection from all explored runs of a replicate, beside the one that is best on validation."""

GREEDY = _table("greedy", "method", f"{_INTERVAL} {_DIFFERENCE} wins p_t p_signflip p_tost mde verdict")
"""Test accuracy of ``greedy selection`` and of ``best explored run``, the baseline of its difference."""

CLAIMS = _table("claims", "id", "section statement hypothesis verdict seeds_only_verdict evidence")
"""Verdict: supported, refuted, inconclusive, or not testable on this data; for new seeds and new images where
the claim is on shares of images. ``seeds_only_verdict``: over seeds alone, for these images only."""

PUBLISHED = _table("published", "id", "what published n mean low high verdict")
"""The six accuracies of the source beside the interval in which one more run would fall. Verdict: inside,
outside, inconclusive (there is no interval of one run), or not testable on this data."""

STEADINESS_MODELS = _table("steadiness_models", "model other", _RATIO)
"""Standard deviation of confirmed test accuracy over replicates, of one model over another's: ``ratio`` is
``sd / sd_other``, paired by replicate. A ratio of one inside the interval does not mean equal."""

STEADINESS_LEVELS = _table("steadiness_levels", "model factor level", f"reference_level {_RATIO}")
"""The same for each level over the reference, explore phase; ``sd_other`` is the reference's."""

VARIANCE_SOURCES = _table(
    "variance_sources",
    "model setting source",
    f"{_INTERVAL} sd_ci_low sd_ci_high share",
)
"""Test accuracy of runs in which one source of randomness varies and the others are held: init, order,
dropout, augmentation, subset, or all. ``share``: variance over that of ``all`` at the same setting; shares
need not sum to one, since sources act together and each is estimated. Empty where the study of sources is
switched off (``variance_seeds: 0``)."""

SEEDS_IMAGES = _table(
    "seeds_images",
    "model",
    "n n_images se_seeds se_images se_both share_seeds share_images share_interaction",
)
"""Standard error of the confirmed mean test accuracy from the choice of seeds, of test images, and both; the
parts of its variance: of seeds, of images, and of their interaction, which is what seed goes with what image
and holds the noise of single answers."""

INTERACTION = _table(
    "interaction",
    "factor",
    "n n_models n_levels f p p_holm largest_model largest_level largest",
)
"""Whether a factor's effect on test accuracy differs between models, explore phase; ``largest`` is the
deviation of one model's level from what model and level alone give, the largest in size."""

MODELS_OMNIBUS = _table("models_omnibus", "n k", "f p")
"""Whether the confirmed models differ at all: sign-flip test of replicates on test accuracy. One row,
or none where there is one model."""

RANKS = _table("ranks", "model", "n k mean_rank")
"""Confirmed models ranked by test accuracy within each replicate, 1 the best."""

SEEDS_NEEDED = _table("seeds_needed", "kind name points", "effect n sd family n_needed image_floor")
"""Replicates that a paired comparison needs to find ``effect`` with the declared power after Bonferroni
over the ``family`` of comparisons, from the ``sd`` of the differences over ``n`` replicates. Kind
``models``: pairs of confirmed models, ``name`` like "a - b"; kind ``levels``: levels against the reference,
``name`` the model and ``sd`` the median over levels. ``image_floor``: the difference that no number of
seeds finds on new images, because the test split is finite. ``n_needed`` is missing where it is unknown or
above 100,000."""

CHOICES = _table("choices", "model rule setting", "n valid_mean valid_sd valid_low test_mean test_sd")
"""Three ways of choosing a setting, explore phase: ``mean``, the highest mean validation accuracy;
``lower_bound``, the highest lower end of its t interval; ``front``, every setting that no other beats in both
mean and standard deviation."""

TOP_SETTINGS = _table("top_settings", "model setting", "n times_top share_top ci_low ci_high")
"""In how many of ``n`` explored replicates a setting has the highest validation accuracy of its model.
Settings that tie at the top all count, so shares may add up to more than 1. Clopper-Pearson intervals."""

BEST_SET = _table(
    "best_set",
    "model setting",
    "n in_set valid_mean diff simultaneous_low simultaneous_high "
    "test_diff test_diff_ci_low test_diff_ci_high",
)
"""Explore phase. ``in_set``: 1 where the setting may have the highest validation accuracy of its model;
``diff``: its validation accuracy less the highest of the others, with constrained simultaneous intervals over
seeds and images (Hsu): ``simultaneous_low`` is at most, what choosing it may cost, ``simultaneous_high`` at
least 0. ``test_diff``: test accuracy minus that of the selected setting, missing for that."""

EXPECTED_BEST = _table("expected_best", "model n_settings", f"{_INTERVAL} test_mean test_ci_low test_ci_high")
"""What whoever tries so many settings once and keeps the best on validation may expect: its validation
accuracy, and its test accuracy; mean and t interval over replicates."""

PER_CLASS = _table("per_class", "model class", f"n_images {_INTERVAL} {_IMAGES}")
"""Confirmed test accuracy on the images of each class; ``image_ci_*`` is over seeds and images."""

CONFUSION = _table("confusion", "model true predicted", "n share")
"""Share of the test images of a class that were taken for each class, mean over confirmed replicates."""

RELIABILITY = _table(
    "reliability",
    "model bin",
    "n share confidence accuracy accuracy_ci_low accuracy_ci_high",
)
"""Confirmed test predictions by the probability of the predicted class, in bins of equal width from 0:
share of the images, mean probability and share of right ones, over replicates. Bins that no replicate fills
have no row; ``n`` counts the replicates that fill it."""

CALIBRATION_FLOOR = _table("calibration_floor", "model", "n calibration_error floor")
"""Confirmed test predictions: the mean calibration error, and what it would be of a perfectly calibrated
model, because bins hold few images."""

REPORT_TABLES = tuple(_report_tables)
"""What stands under reports/tables/ and is all that the report reads, beside its JSON files."""

LOOKS = _table(
    "looks",
    "model look",
    "runs n_open n_different n_trivial n_equivalent n_unreachable",
    internal=True,
)
"""The explore phase that was looked at while it ran, where ``analysis.looks`` says so: after ``look``
replicates, the runs spent so far, the settings that go on, the verdicts so far, corrected over looks and
family, and the settings that stopped because none was within reach. It stands under reports/tables/ then."""


def report_tables(looks: Sequence[int]) -> tuple[Table, ...]:
    """The tables under reports/tables/ of a study with these looks."""
    return (*REPORT_TABLES, LOOKS) if looks else REPORT_TABLES
