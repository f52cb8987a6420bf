"""What the study says on ensembles beside their accuracy, in words made from the tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from study.report import numbers, sentences
from study.report.conventions import Conventions, replicates
from study.report.labels import METRIC_TITLES, method_title, method_words
from study.report.rows import Row, highest, lowest, records
from study.report.wording import listing, many

_DECIMALS = 3


def scores(rows: pd.DataFrame, conventions: Conventions) -> tuple[str, ...]:
    """Log loss and calibration error of each method against the best single model; ``ensemble_scores``."""
    compared = rows[(rows["metric"] != "accuracy") & rows["diff"].notna()]
    return tuple(
        below(
            f"{METRIC_TITLES.get(row['metric'], row['metric'])} of {_inside(row['method'])}",
            "that of the best single model",
            row,
            conventions,
        )
        for row in records(compared.sort_values(["metric", "mean"], ascending=[False, True], kind="stable"))
    )


def below(what: str, other: str, row: Row, conventions: Conventions) -> str:
    """One paired difference of a score of which less is better.

    ``row`` has n, diff, diff_ci_low, diff_ci_high, wins. The interval is of one comparison, so a side is
    named where it misses zero, and the difference is called open, never none, where it does not.
    """
    n, diff, low, high = int(row["n"]), float(row["diff"]), row["diff_ci_low"], row["diff_ci_high"]
    if low == high == 0:
        return f"{what} equals {other} in every one of {replicates(n)}."
    if math.isnan(low) or math.isnan(high):
        return (
            f"{what} minus {other} is {numbers.signed(diff, _DECIMALS)} over {replicates(n)}; there is no "
            "interval, so the order stays open."
        )
    if low <= 0 <= high:
        return (
            f"Whether {what[:1].lower()}{what[1:]} is above or below {other} stays open: the mean difference "
            f"is {_signed(diff, low, high, conventions)}."
        )
    side, ends = ("below", (-high, -low)) if diff < 0 else ("above", (low, high))
    return (
        f"{what} is {numbers.fixed(abs(diff), _DECIMALS)} {side} {other}, {conventions.level} interval "
        f"{numbers.fixed(ends[0], _DECIMALS)} to {numbers.fixed(ends[1], _DECIMALS)}, lower in "
        f"{numbers.spoken_wins(float(row['wins']), n)}."
    )


def sizes(rows: pd.DataFrame) -> tuple[str, ...]:
    """What more replicates of a family bring to its soft vote; ``ensemble_sizes``."""
    said = []
    for family, part in rows.groupby("family", sort=False):
        first, last = lowest(part, "k"), highest(part, "k")
        voters = "All backbones" if family == "all" else str(family)
        one = f"{voters}: {numbers.percent(first['accuracy'], 1)}{numbers.PERCENT} from {_votes(first)}"
        if last["k"] == first["k"]:
            said.append(f"{one}.")
            continue
        said.append(
            f"{one}, {numbers.percent(last['accuracy'], 1)}{numbers.PERCENT} from {_votes(last)}; log loss "
            f"{numbers.fixed(first['log_loss'], _DECIMALS)} and {numbers.fixed(last['log_loss'], _DECIMALS)}."
        )
    return tuple(said)


def _votes(row: Row) -> str:
    return many(int(row["n_members"]), "member")


def temperature(rows: pd.DataFrame, conventions: Conventions) -> tuple[str, ...]:
    """What temperature scaling does to calibration error and to log loss; ``calibration``."""
    return tuple(
        f"{METRIC_TITLES.get(str(metric), str(metric))} after scaling: {_moves(part, conventions)}."
        for metric, part in rows.groupby("metric", sort=True)
    )


def _moves(rows: pd.DataFrame, conventions: Conventions) -> str:
    low, high = rows["diff_ci_low"], rows["diff_ci_high"]
    if low.isna().all():
        return "one replicate gives no interval, so whether it falls or rises stays open"
    parts = []
    for words, chosen in (
        ("lower for", high < 0),
        ("higher for", low > 0),
        ("open for", ~((high < 0) | (low > 0))),
    ):
        named = [
            f"{_inside(row['method'])} "
            f"({_signed(row['diff'], row['diff_ci_low'], row['diff_ci_high'], conventions)})"
            for row in records(rows[chosen])
        ]
        if named:
            parts.append(f"{words} {listing(named)}")
    return "; ".join(parts)


def greedy(rows: pd.DataFrame, conventions: Conventions) -> str:
    """Whether greedy selection beats the explored run that is best on validation; ``greedy``."""
    gained = records(rows[rows["verdict"] != "baseline"])
    if not gained:
        return "There is no greedy selection."
    row = {**gained[0], "ci_low": gained[0]["diff_ci_low"], "ci_high": gained[0]["diff_ci_high"]}
    return sentences.versus(
        "Greedy selection", "the explored run that is best on validation", row, conventions
    )


def picks(runs: pd.DataFrame, library: int) -> str:
    """How much greedy selection takes and what its choice flatters; ``library`` runs a replicate."""
    votes, distinct = _range(runs["n_members"]), _range(runs["n_distinct"])
    valid, test = runs["valid_accuracy"].mean(), runs["test_accuracy"].mean()
    return (
        f"From {many(library, 'explored run')} of a replicate it takes {votes} votes of {distinct} different "
        f"runs. Its mean accuracy is {numbers.percent(valid, 1)}{numbers.PERCENT} on the validation images "
        f"that chose it and {numbers.percent(test, 1)}{numbers.PERCENT} on test images."
    )


def _range(counts: pd.Series[int]) -> str:
    low, high = numbers.count(int(counts.min())), numbers.count(int(counts.max()))
    return low if low == high else f"{low} to {high}"


def diversity(rows: pd.DataFrame) -> str:
    """Which members differ most and least, of pairs of different backbones; ``diversity``."""
    between = rows[(rows["model_a"] != rows["model_b"]) & (rows["metric"] == "disagreement")]
    between = between[between["mean"].notna()]
    within = rows[(rows["model_a"] == rows["model_b"]) & (rows["metric"] == "disagreement")]["mean"].dropna()
    said = []
    if len(between):
        most, least = highest(between, "mean"), lowest(between, "mean")
        words = f"{_pair(most)} class"
        said.append(
            f"{words} {numbers.percent(most['mean'], 1)}{numbers.PERCENT} of the images differently."
            if len(between) == 1
            else f"Of two backbones, {words} most images differently, "
            f"{numbers.percent(most['mean'], 1)}{numbers.PERCENT}, and {_pair(least)} fewest, "
            f"{numbers.percent(least['mean'], 1)}{numbers.PERCENT}."
        )
    if len(within):
        low, high = numbers.percent(within.min(), 1), numbers.percent(within.max(), 1)
        said.append(
            "Two replicates of one backbone class "
            f"{low if low == high else f'{low} to {high}'}{numbers.PERCENT} of the images differently."
        )
    return " ".join(said) or "How much members differ is not known."


def _pair(row: Row) -> str:
    return f"{row['model_a']} and {row['model_b']}"


def explained(rows: pd.DataFrame, conventions: Conventions) -> tuple[str, ...]:
    """How an ensemble's gain goes with its members' diversity; ``diversity_gain``."""
    known = records(rows[rows["mean"].notna()])
    if not known:
        return ("Whether gain goes with diversity is not known: that needs three pairs of backbones.",)
    pairs = int(known[0]["n_pairs"])
    return (
        *(_correlation(row, conventions) for row in known),
        f"These are correlations over {many(pairs, 'pair')} in each replicate, the same pairs in all. Their "
        "intervals, cut at −1 and +1, cover new seeds for these backbones and say nothing on other ones.",
    )


def _correlation(row: Row, conventions: Conventions) -> str:
    measure = {"disagreement": "disagreement", "error_correlation": "the correlation of errors"}
    low, high = float(row["ci_low"]), float(row["ci_high"])
    text = f"Rank correlation of gain with {measure.get(row['metric'], row['metric'])}: "
    if math.isnan(low) or math.isnan(high):
        return f"{text}{numbers.signed(row['mean'], 2)} in {replicates(int(row['n']))}, without an interval."
    if low == high:
        return f"{text}{numbers.signed(row['mean'], 2)} in every one of {replicates(int(row['n']))}."
    opened = ", so its sign stays open" if low <= 0 <= high else ""
    return (
        f"{text}{numbers.signed(row['mean'], 2)} on the mean of {replicates(int(row['n']))}, "
        f"{conventions.level} interval {numbers.signed(low, 2)} to {numbers.signed(high, 2)}{opened}."
    )


def _signed(diff: float, low: float, high: float, conventions: Conventions) -> str:
    ends = [numbers.signed(end, _DECIMALS) for end in (low, high)]
    return f"{numbers.signed(diff, _DECIMALS)}, {conventions.level} interval {ends[0]} to {ends[1]}"


def _inside(method: str) -> str:
    return method_words(method_title(method))


def in_order(methods: Sequence[str], conventions: Conventions) -> list[str]:
    """Backbones as in params.yaml, then ways to combine by name."""
    known = set(methods)
    first = [model for model in conventions.backbones if model in known]
    return [*first, *sorted(known - set(first))]
