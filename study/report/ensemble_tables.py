"""Tables on ensembles beside their accuracy: chosen rows, formatted cells, unrounded CSV."""

from __future__ import annotations

import pandas as pd

from study.report import columns
from study.report.conventions import Conventions, n_of
from study.report.ensemble_remarks import in_order
from study.report.exhibits import NumberTable
from study.report.labels import method_title, setting_words
from study.report.tabulate import table

_SHOWN_SIZES = (1, 2, 3, 5, 10)
"""Of the replicates that vote; the largest number is shown too, and the CSV of the figure has all."""
_MOST_PICKS = 12
"""Settings in the table."""
_METHOD = columns.words("method", "Method", method_title, kind="name")


def scores(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Log loss and calibration error of the ensembles that give probabilities."""
    shown = rows[rows["metric"] != "accuracy"].sort_values(
        ["metric", "mean"], ascending=[False, True], kind="stable"
    )
    spec = [
        _METHOD,
        columns.METRIC,
        columns.plain("mean", "Mean", 4),
        columns.plain("sd", "SD", 4),
        columns.plain_span(f"{conventions.level} interval", 4),
        columns.N,
        columns.signed("diff", "Minus best single", 4),
        columns.signed_span(
            f"{conventions.level} interval of the difference", 4, "diff_ci_low", "diff_ci_high"
        ),
        columns.wins("Lower in"),
    ]
    caption = (
        f"Probabilities of the ensembles on the test images, confirm phase, {n_of(shown)}; hard voting gives "
        "none. Log loss in nats, calibration error as a fraction; less is better. SD over replicates. "
        f"Interval: {conventions.interval_of_seeds}. Differences are to the model that was best on "
        "validation in the explore phase, paired by replicate; their intervals are not corrected for "
        "the number of rows."
    )
    return table("ensemble-scores", "Log loss and calibration of the ensembles", caption, shown, spec)


def sizes(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Accuracy and log loss of soft voting of so many replicates."""
    shown = rows[rows["k"].isin(_SHOWN_SIZES) | (rows["k"] == rows["n"])]
    spec = [
        columns.words("family", "Members from", family_title, kind="name"),
        columns.whole("k", "Replicates"),
        columns.whole("n_members", "Members"),
        columns.whole("n_subsets", "Subsets"),
        columns.percent("accuracy", "Test accuracy, %"),
        columns.span(f"{conventions.level} interval, %"),
        columns.plain("log_loss", "Log loss", 4),
        columns.plain_span(f"{conventions.level} interval", 4, "log_loss_ci_low", "log_loss_ci_high"),
        columns.N,
    ]
    caption = f"Soft voting of confirmed replicates, means over subsets of the {n_of(shown)}. {JACKKNIFE}"
    return table("ensemble-sizes-shown", "Size of the ensemble", caption, shown, spec)


JACKKNIFE = (
    "Subsets share members, so they are no replicates of each other: the interval is a t interval of the "
    "mean over replicates, by leaving out one at a time (jackknife). It is too wide where subsets hold "
    "nearly all replicates, and there is none where they hold all."
)


def family_title(family: str) -> str:
    """Whose replicates vote."""
    return "all backbones" if family == "all" else family


def temperature(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Log loss and calibration error before and after temperature scaling."""
    order = {method: place for place, method in enumerate(in_order(list(rows["method"]), conventions))}
    shown = rows.sort_values("method", key=lambda names: names.map(order), kind="stable")
    spec = [
        _METHOD,
        columns.METRIC,
        columns.plain("temperature", "Mean temperature", 3),
        columns.plain("before", "Before", 4),
        columns.plain_span(f"{conventions.level} interval before", 4, "before_ci_low", "before_ci_high"),
        columns.plain("after", "After", 4),
        columns.plain_span(f"{conventions.level} interval after", 4, "after_ci_low", "after_ci_high"),
        columns.signed("diff", "After minus before", 4),
        columns.signed_span(
            f"{conventions.level} interval of the difference", 4, "diff_ci_low", "diff_ci_high"
        ),
        columns.N,
    ]
    caption = (
        f"Test images, confirm phase, {n_of(rows)}; one temperature a replicate, fitted on validation "
        "images. Log loss in nats, calibration error as a fraction; less is better. Interval: "
        f"{conventions.interval_of_seeds}; differences are paired by replicate, not corrected for the number "
        "of rows."
    )
    return table("temperature-means", "Before and after temperature scaling", caption, shown, spec)


def greedy(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """Greedy selection beside the best explored run."""
    spec = [
        _METHOD,
        *columns.accuracy(conventions.level),
        columns.N,
        columns.points("diff", "Minus best run, points"),
        columns.points_span(f"{conventions.level} interval, points", "diff_ci_low", "diff_ci_high"),
        columns.wins("Ahead in"),
        columns.p("p_t", "p t"),
        columns.p("p_signflip", "p sign-flip"),
        columns.p("p_tost", "p TOST"),
        columns.VERDICT,
    ]
    caption = (
        f"Explore phase, {n_of(rows)}, test images; both are chosen on the validation images of the same "
        f"replicate. SD over replicates. Interval: {conventions.interval_of_seeds}. p t: paired, two-sided; "
        "p sign-flip: without a distribution; one comparison, so nothing is corrected. p TOST: equivalence "
        f"within {conventions.margin_points}."
    )
    return table("greedy", "Greedy selection", caption, rows, spec)


def greedy_runs(rows: pd.DataFrame, results: pd.DataFrame) -> NumberTable:
    """What greedy selection took in each replicate."""
    setting = results.set_index("run")[["model", "setting"]]
    shown = rows.join(setting, on="best_run").rename(columns={"model": "best_model"})
    spec = [
        columns.whole("replicate", "Replicate"),
        columns.whole("n_members", "Votes"),
        columns.whole("n_distinct", "Different runs"),
        columns.percent("valid_accuracy", "Validation, %"),
        columns.percent("test_accuracy", "Test, %"),
        columns.words("best_model", "Best run, model"),
        columns.words("setting", "Best run, setting", setting_words),
        columns.percent("best_run_valid_accuracy", "Its validation, %"),
        columns.percent("best_run_test_accuracy", "Its test, %"),
    ]
    caption = (
        f"Explore phase, each of the n = {len(rows)} replicates. The best run is the first that is taken, "
        "the one with the highest validation accuracy. The CSV names every vote."
    )
    return table("greedy-runs", "Greedy selection by replicate", caption, shown, spec)


def greedy_picks(rows: pd.DataFrame, results: pd.DataFrame) -> NumberTable:
    """Which settings greedy selection gives its votes to."""
    shown = picked(rows, results).head(_MOST_PICKS)
    spec = [
        columns.MODEL,
        columns.SETTING,
        columns.plain("votes", "Votes a replicate", 1),
        columns.percent("share", "Share of all votes, %", 1),
        columns.whole("replicates", "Replicates with a vote"),
    ]
    caption = (
        f"Settings with the most votes of greedy selection, explore phase, n = {len(rows)} replicates, at "
        f"most {_MOST_PICKS} of them, without intervals: a description."
    )
    return table("greedy-picks", "What greedy selection picks", caption, shown, spec)


def picked(rows: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    """Votes of each setting: model, setting, votes a replicate, share of all votes, replicates with one.

    The most votes come first, equal ones by name.
    """
    votes = rows[["replicate", "members"]].assign(run=rows["members"].str.split("; ")).explode("run")
    votes = votes.join(results.set_index("run")[["model", "setting"]], on="run")
    counted = (
        votes.groupby(["model", "setting"], sort=True)["replicate"].agg(["size", "nunique"]).reset_index()
    )
    counted = counted.rename(columns={"nunique": "replicates"})
    counted["votes"] = counted["size"] / max(len(rows), 1)
    counted["share"] = counted["size"] / max(len(votes), 1)
    counted = counted.sort_values("size", ascending=False, kind="stable", ignore_index=True)
    return counted[["model", "setting", "votes", "share", "replicates"]]


def diversity(rows: pd.DataFrame, conventions: Conventions) -> NumberTable:
    """How different two members are, and what their soft vote gains."""
    wide = rows[["model_a", "model_b", "n"]].drop_duplicates(["model_a", "model_b"])
    for metric, part in rows.groupby("metric", sort=True):
        values = part[["model_a", "model_b", "mean", "ci_low", "ci_high"]]
        named = {column: f"{metric}_{column}" for column in ("mean", "ci_low", "ci_high")}
        wide = wide.merge(values.rename(columns=named), on=["model_a", "model_b"], how="left")
    level = conventions.level
    spec = [
        columns.words("model_a", "Model", kind="name"),
        columns.words("model_b", "With"),
        columns.percent("disagreement_mean", "Disagreement, %"),
        columns.span(f"{level} interval, %", "disagreement_ci_low", "disagreement_ci_high"),
        columns.signed("error_correlation_mean", "Correlation of errors", 3),
        columns.signed_span(f"{level} interval", 3, "error_correlation_ci_low", "error_correlation_ci_high"),
        columns.points("gain_mean", "Gain, points"),
        columns.points_span(f"{level} interval, points", "gain_ci_low", "gain_ci_high"),
        columns.N,
    ]
    caption = (
        f"Two members on the test images, confirm phase, {n_of(wide)}; for two replicates of one backbone n "
        "counts pairs of replicates, none of which shares a run. Disagreement: share of images that they "
        "class differently. Gain: accuracy of their soft vote minus the mean of their accuracies. Interval: "
        f"{level} t interval of the mean over those n."
    )
    return table("diversity-means", "Diversity of members", caption, wide, spec)
