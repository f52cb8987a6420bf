"""What the study says on variation, choice, classes and published numbers, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from study.report import numbers
from study.report.conventions import Conventions
from study.report.labels import factor_words, level_title, setting_words
from study.report.rows import highest, lowest, records
from study.report.wording import listing, many

SOURCE_TITLES = {
    "init": "initial weights",
    "order": "order of the images",
    "dropout": "dropout masks",
    "augmentation": "augmentation",
    "subset": "few-shot subset",
    "all": "all together",
}


def published(rows: pd.DataFrame) -> str:
    """How many of the source's accuracies lie where one more run would fall."""
    if rows.empty:
        return "No published accuracy was compared."
    tally = rows["verdict"].value_counts()
    parts = [
        f"{tally[verdict]} {'lies' if tally[verdict] == 1 else 'lie'} {words}"
        for verdict, words in (
            ("inside", "inside the interval in which one more run would fall"),
            ("outside", "outside of it"),
        )
        if verdict in tally
    ]
    alone = int(tally.get("inconclusive", 0))
    if alone:
        parts.append(
            f"{alone} {'has' if alone == 1 else 'have'} no such interval beside "
            f"{'it' if alone == 1 else 'them'}"
        )
    left = int(tally.get("not testable on this data", 0))
    if left:
        parts.append(f"{left} cannot be tested on this data")
    return f"Of {many(len(rows), 'published accuracy', 'published accuracies')}, {listing(parts)}."


def spread_of_models(rows: pd.DataFrame) -> str:
    """Whether a backbone's accuracy varies more over seeds than another's; ``steadiness_models``."""
    known = rows[rows["p_holm"].notna()]
    if known.empty:
        return (
            "Spreads of backbones are not compared: that needs two backbones and at least three replicates."
        )
    shown = known[known["p_holm"] < 0.05]
    low, high = numbers.fixed(known["ratio"].min(), 2), numbers.fixed(known["ratio"].max(), 2)
    if shown.empty:
        return (
            f"No pair of backbones was shown to differ in spread (ratios of SD {low} to {high}); with so few "
            "replicates that is no sign that they are equally steady."
        )
    return " ".join(
        f"{row['model']} varies {numbers.fixed(row['ratio'], 2)} times as much as {row['other']} (interval "
        f"{numbers.fixed(row['ratio_ci_low'], 2)} to {numbers.fixed(row['ratio_ci_high'], 2)})."
        for row in records(shown)
    )


def spread_of_levels(rows: pd.DataFrame) -> str:
    """Which levels change the spread over seeds; ``steadiness_levels``."""
    known = rows[rows["p_holm"].notna()]
    if known.empty:
        return "Spreads of levels are not compared: that needs at least three replicates."
    shown = known[known["p_holm"] < 0.05]
    text = f"Of {many(len(known), 'comparison')} of a level's spread with the reference's, "
    if shown.empty:
        return f"{text}none was shown to differ."
    widest, tightest = highest(known, "ratio"), lowest(known, "ratio")
    return (
        f"{text}{len(shown)} {'was' if len(shown) == 1 else 'were'} shown to differ. The largest ratio of SD "
        f"is {numbers.fixed(widest['ratio'], 2)} ({_level(widest)}), the smallest "
        f"{numbers.fixed(tightest['ratio'], 2)} ({_level(tightest)})."
    )


def _level(row: Mapping[str, Any]) -> str:
    return f"{row['model']}, {factor_words(row['factor'])} {level_title(row['factor'], row['level'])}"


def sources(rows: pd.DataFrame) -> str:
    """Which source of randomness alone makes how much of the spread; ``variance_sources``."""
    if rows.empty:
        return (
            "Which source of randomness makes how much of the spread was not studied here "
            "(variance_seeds: 0 in params.yaml)."
        )
    single = rows[(rows["source"] != "all") & rows["sd"].notna()]
    said = []
    for model, part in single.groupby("model", sort=False):
        top = highest(part, "sd")
        said.append(
            f"{model}: {SOURCE_TITLES.get(top['source'], top['source'])} "
            f"({numbers.percent(top['sd'])} points)"
        )
    return f"The single source with the largest standard deviation: {'; '.join(said)}." if said else ""


def seeds_and_images(rows: pd.DataFrame) -> str:
    """How much of the uncertainty of a mean more seeds could remove; ``seeds_images``."""
    known = rows[rows["share_images"].notna()]
    if known.empty:
        return "Variance due to seeds is not known from one replicate."
    low, high = known["share_images"].min(), known["share_images"].max()
    span = numbers.percent(low, 0)
    if numbers.percent(high, 0) != span:
        span = f"{span} to {numbers.percent(high, 0)}"
    return (
        f"The choice of test images makes {span}{numbers.PERCENT} of the variance of a confirmed mean, the "
        "choice of seeds the rest. More seeds remove the second part alone."
    )


def interaction(rows: pd.DataFrame, alpha: float) -> str:
    """For which factors the effect depends on the backbone; ``interaction``."""
    if rows.empty:
        return "Whether effects depend on the backbone is not known: that needs two backbones and replicates."
    shown = [factor_words(row["factor"]) for row in records(rows[rows["p_holm"] < alpha])]
    still = [factor_words(row["factor"]) for row in records(rows[~(rows["p_holm"] < alpha)])]
    parts = []
    if shown:
        parts.append(f"The effect of {listing(shown)} depends on the backbone.")
    if still:
        parts.append(f"For {listing(still)} that was not shown.")
    return " ".join(parts)


def ranks(rows: pd.DataFrame, omnibus: pd.DataFrame) -> str:
    """Whether the confirmed backbones differ at all, and how their ranks compare."""
    if rows.empty:
        return "Ranks need two backbones."
    ordered = records(rows.sort_values(["mean_rank", "model"]))
    text = "Mean rank over replicates, 1 the best: " + listing(
        [f"{row['model']} {numbers.fixed(row['mean_rank'], 2)}" for row in ordered]
    )
    if not omnibus.empty:
        one = records(omnibus)[0]
        p = numbers.p_value(one["p"])
        text += f". That all are equal has p {p if p.startswith('<') else f'= {p}'} (permutations within "
        text += "replicates)"
    difference = float(ordered[0]["critical_difference"])
    if math.isnan(difference):
        reason = str(ordered[0]["reason"])
        return f"{text}. There is no critical difference of ranks{f': {reason}' if reason else ''}."
    return f"{text}. Ranks that differ by {numbers.fixed(difference, 2)} or more differ by Nemenyi's test."


def seeds_needed(rows: pd.DataFrame, conventions: Conventions) -> str:
    """How many replicates find a difference of the size of the margin; ``seeds_needed``."""
    known = rows[rows["n_needed"].notna()]
    if known.empty:
        return "How many seeds are enough is not known from one replicate."
    effect = min(set(known["effect"]), key=lambda one: (abs(one - conventions.margin), one))
    said = []
    for kind, words in (("models", "a pair of backbones"), ("levels", "a level against the reference")):
        of = known[(known["kind"] == kind) & (known["effect"] == effect)]["n_needed"]
        if len(of):
            low, high = numbers.count(int(of.min())), numbers.count(int(of.max()))
            said.append(f"{low if low == high else f'{low} to {high}'} replicates for {words}")
    floor = known["image_floor"].dropna()
    text = (
        f"To find a difference of {numbers.percent(effect)} points with {conventions.power_percent} power "
        f"after correction it takes {listing(said)}."
    )
    if floor.empty:
        return text
    low, high = numbers.percent(floor.min()), numbers.percent(floor.max())
    return (
        f"{text} On new test images no number of seeds finds less than "
        f"{low if low == high else f'{low} to {high}'} points, because the test split is finite."
    )


def optimism(best: pd.DataFrame) -> str:
    """How much the selected settings' validation accuracy fell on fresh seeds."""
    fall = (best["explore_valid_mean"] - best["confirm_valid_mean"]).dropna()
    if fall.empty:
        return "Selection optimism is not known."
    said = [
        f"{model} {numbers.points(value)}"
        for model, value in zip(best["model"][fall.index], fall, strict=True)
    ]
    return (
        f"Selection optimism, validation accuracy in explore minus that in confirm, points: {listing(said)}."
    )


def choices(rows: pd.DataFrame) -> str:
    """Whether the three ways of choosing agree; ``choices``."""
    said = []
    for model, part in rows.groupby("model", sort=False):
        chosen = {rule: list(of["setting"]) for rule, of in part.groupby("rule", sort=False)}
        mean, bound = chosen.get("mean", [""])[0], chosen.get("lower_bound", [""])[0]
        front = chosen.get("front", [])
        if not bound:
            same = f"{setting_words(mean)} by mean; the other rules need two replicates"
        elif mean == bound:
            same = f"{setting_words(mean)} by mean and by lower bound"
        else:
            same = f"{setting_words(mean)} by mean, {setting_words(bound)} by lower bound"
        said.append(f"{model}: {same}; {many(len(front), 'setting')} on the front of mean and SD.")
    return " ".join(said) or "No setting was chosen."


def expected_best(rows: pd.DataFrame) -> str:
    """What trying more settings brings; ``expected_best``."""
    said = []
    for model, part in rows.groupby("model", sort=False):
        first, last = lowest(part, "n_settings"), highest(part, "n_settings")
        said.append(
            f"{model}: {numbers.percent(first['mean'], 1)}{numbers.PERCENT} from one setting, "
            f"{numbers.percent(last['mean'], 1)}{numbers.PERCENT} from {last['n_settings']}"
        )
    if not said:
        return "The expected best of several settings is not known."
    return f"Expected best validation accuracy of settings drawn at random: {'; '.join(said)}."


def classes(rows: pd.DataFrame) -> str:
    """The hardest and the easiest class of each backbone; ``per_class``."""
    said = []
    for model, part in rows[rows["mean"].notna()].groupby("model", sort=False):
        bottom, top = lowest(part, "mean"), highest(part, "mean")
        said.append(
            f"{model}: hardest {bottom['class']} ({numbers.percent(bottom['mean'], 1)}{numbers.PERCENT}), "
            f"easiest {top['class']} ({numbers.percent(top['mean'], 1)}{numbers.PERCENT})"
        )
    return f"{'; '.join(said)}." if said else "Accuracy by class is not known."


def confusion(rows: pd.DataFrame) -> str:
    """The most frequent confusion of each backbone; ``confusion``."""
    wrong = rows[(rows["true"] != rows["predicted"]) & (rows["share"] > 0)]
    said = [
        f"{model}: {top['true']} taken for {top['predicted']} ({numbers.percent(top['share'], 1)}"
        f"{numbers.PERCENT} of its images)"
        for model, top in (
            (model, highest(part, "share")) for model, part in wrong.groupby("model", sort=False)
        )
    ]
    return (
        f"Most frequent confusion: {'; '.join(said)}."
        if said
        else "No test image was taken for another class."
    )


def calibration(rows: pd.DataFrame) -> str:
    """Whether predictions are too sure or not sure enough, on the whole; ``reliability``."""
    said = []
    for model, part in rows.groupby("model", sort=False):
        weight = part["share"] / part["share"].sum()
        gap = float((weight * (part["confidence"] - part["accuracy"])).sum())
        side = "too sure" if gap > 0 else "not sure enough"
        said.append(
            f"{model} is {side} by {numbers.percent(abs(gap), 1)} points"
            if abs(gap) >= 0.0005
            else f"{model} is as sure as it is right"
        )
    return f"On the whole, {'; '.join(said)}." if said else "Calibration is not known."


def pool(augment: Mapping[str, Any]) -> str:
    """Which sources of variation the spread over replicates contains; ``augment`` as in params.yaml."""
    held = (
        "The spread over replicates contains the initial weights, the order of the images, dropout masks and "
        "the few-shot subset."
    )
    views = augment["views"]
    if views == "fresh":
        return f"{held} Augmented settings draw their views anew in every replicate, so it has that too."
    return (
        f"{held} Augmented settings take views from a pool of {many(int(views), 'view')} of each image, "
        "which the replicates share, each visiting it in its own order; so the drawing of the pool is not "
        "in the spread, and the spread of augmented settings is, if anything, too small."
    )
