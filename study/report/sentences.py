"""Findings in words, made from rows of the tables: what is shown, what is open, what was not tested."""

from __future__ import annotations

import math

import pandas as pd

from study.report import numbers
from study.report.conventions import Conventions, replicates
from study.report.labels import factor_title, level_title, method_title, method_words, setting_words
from study.report.rows import Row, highest, lowest, records
from study.report.wording import listing, many


def versus(first: str, second: str, row: Row, conventions: Conventions) -> str:
    """One paired comparison of test accuracy, ``first`` minus ``second``.

    ``row`` has n, diff, ci_low, ci_high, wins, verdict and perhaps mde, as in ``comparisons``. A difference
    that is not significant is called open, never none; ``equivalent`` needs that verdict.
    """
    n, diff = int(row["n"]), float(row["diff"])
    if n == 0 or math.isnan(diff):
        return f"{first} and {second} are not compared: no replicate has an accuracy of both."
    if n == 1:
        return _once(first, second, diff)
    low, high = float(row["ci_low"]), float(row["ci_high"])
    if low == high == 0:
        return f"{first} and {second} are equally accurate in every one of {replicates(n)}."
    if math.isnan(low) or math.isnan(high):
        return (
            f"The mean of {first} minus {second} is {numbers.points(diff)} points over {replicates(n)}; "
            f"there is no interval, so the order stays open."
        )
    verdict = str(row["verdict"])
    if verdict.startswith("different"):
        return _ordered(first, second, row, conventions, trivial=verdict != "different")
    shown = _signed(diff, low, high, conventions)
    if verdict == "equivalent":
        return f"{first} and {second} are equivalent within {conventions.margin_points}: {shown}."
    seen = _detectable(row, conventions)
    return f"Whether {method_words(first)} or {second} is ahead stays open: {shown}{seen}."


def _once(first: str, second: str, diff: float) -> str:
    so = "one replicate gives no interval, so the order stays open."
    if diff == 0:
        return f"In the one replicate {first} and {second} are equally accurate; {so}"
    side = "above" if diff > 0 else "below"
    return f"In the one replicate {first} is {numbers.percent(abs(diff))} points {side} {second}; {so}"


def _ordered(first: str, second: str, row: Row, conventions: Conventions, *, trivial: bool) -> str:
    diff, low, high = float(row["diff"]), float(row["ci_low"]), float(row["ci_high"])
    share, side = float(row["wins"]), "ahead of"
    if diff < 0:
        diff, low, high, share, side = -diff, -high, -low, 1 - share, "behind"
    decimals = numbers.decimals_for(low, high)
    text = (
        f"{first} is {side} {second} by {numbers.percent(diff, decimals)} points, {conventions.level} "
        f"interval {numbers.spoken_interval(low, high, decimals)}"
    )
    if not math.isnan(share):
        text += f", {side.split()[0]} in {numbers.spoken_wins(share, int(row['n']))}"
    if trivial:
        text += f"; the difference is real but lies within the margin of {conventions.margin_points}"
    return text + "."


def _signed(diff: float, low: float, high: float, conventions: Conventions) -> str:
    decimals = numbers.decimals_for(low, high)
    return (
        f"the mean difference is {numbers.points(diff, decimals)} points, {conventions.level} interval "
        f"{numbers.points(low, decimals)} to {numbers.points(high, decimals)}"
    )


def _detectable(row: Row, conventions: Conventions) -> str:
    mde = float(row.get("mde", math.nan))
    if math.isnan(mde):
        return ""
    return (
        f"; {replicates(int(row['n']))} show a difference of {numbers.percent(mde)} points "
        f"with {conventions.power_percent} power"
    )


def accuracy(row: Row, conventions: Conventions) -> str:
    """A mean with what it is over: ``94.3 % (95 % interval 94.1 to 94.5, 10 replicates)``."""
    mean, low, high, n = float(row["mean"]), float(row["ci_low"]), float(row["ci_high"]), int(row["n"])
    if math.isnan(low) or math.isnan(high):
        return f"{numbers.percent(mean)}{numbers.PERCENT} ({replicates(n)}, no interval)"
    decimals = numbers.decimals_for(low, high)
    interval = numbers.spoken_interval(low, high, decimals)
    shown = f"{numbers.percent(mean, decimals)}{numbers.PERCENT}"
    return f"{shown} ({conventions.level} interval {interval}, {replicates(n)})"


def constant_features(rows: pd.DataFrame, image_size: int) -> tuple[str, ...]:
    """Each backbone of whose features at least half have one value for all images; ``rows`` is that table."""
    flat = rows[2 * rows["n_constant"] >= rows["n_features"]]
    return tuple(_constant(row, image_size) for row in records(flat))


def _constant(row: Row, image_size: int) -> str:
    n_constant, n_features = int(row["n_constant"]), int(row["n_features"])
    left = n_features - n_constant
    learns = (
        f"its heads learn from the other {numbers.count(left)}" if left else "its heads can learn nothing"
    )
    return (
        f"At {numbers.count(image_size)} pixels a side {numbers.count(n_constant)} of the "
        f"{numbers.count(n_features)} features of {row['model']} are the same for all "
        f"{numbers.count(int(row['n_images']))} images; {learns}."
    )


def leader(best: pd.DataFrame, conventions: Conventions) -> str:
    """Which confirmed model has the highest mean test accuracy; ``best`` is that table."""
    known = best[best["mean"].notna()]
    if known.empty:
        return "No model has a confirmed test accuracy."
    top = known[known["mean"] == known["mean"].max()]
    row = records(top)[0]
    if len(best) == 1:
        return f"{row['model']}, the only backbone, reaches a test accuracy of {accuracy(row, conventions)}."
    if len(top) > 1:
        names = listing([str(model) for model in top["model"]])
        return f"{names} share the highest mean test accuracy, {accuracy(row, conventions)}."
    return (
        f"{row['model']} at {setting_words(str(row['setting']))} has the highest mean test accuracy of the "
        "confirmed settings, "
        f"{accuracy(row, conventions)}."
    )


def pairs(best: pd.DataFrame, rows: pd.DataFrame, conventions: Conventions) -> tuple[str, ...]:
    """Every pair of confirmed models, the one with the higher mean first."""
    means = best.set_index("model")["mean"]
    return tuple(
        versus(*_higher_first(row, means), conventions)
        for row in sorted(records(rows), key=lambda row: -_top(row, means))
    )


def _top(row: Row, means: pd.Series[float]) -> float:
    return float(means[[row["model_a"], row["model_b"]]].fillna(-1).max())


def _higher_first(row: Row, means: pd.Series[float]) -> tuple[str, str, Row]:
    first, second = str(row["model_a"]), str(row["model_b"])
    if not means[first] < means[second]:
        return first, second, row
    turned = {
        "diff": -row["diff"],
        "ci_low": -row["ci_high"],
        "ci_high": -row["ci_low"],
        "wins": 1 - row["wins"],
    }
    return second, first, {**row, **turned}


def ensembles(rows: pd.DataFrame, n_backbones: int, conventions: Conventions) -> tuple[str, ...]:
    """Each way to combine against the best single model, the highest mean first."""
    combined = rows[rows["method"] != "single"]
    if combined.empty:
        one = "There is no ensemble: a single backbone leaves nothing to combine."
        return (one if n_backbones == 1 else "The study has no ensembles.",)
    ordered = combined.sort_values(["mean", "method"], ascending=[False, True])
    return tuple(
        versus(
            method_title(str(row["method"])),
            f"the best single model ({row['best_single']})",
            {**row, "ci_low": row["diff_ci_low"], "ci_high": row["diff_ci_high"]},
            conventions,
        )
        for row in records(ordered)
    )


def factor(name: str, rows: pd.DataFrame, conventions: Conventions) -> str:
    """One factor: how many of its comparisons with the reference came to which verdict, and the extremes.

    ``rows`` are those of ``comparisons`` of this factor, on test accuracy.
    """
    title = factor_title(name)
    known = rows[rows["diff"].notna()]
    if known.empty:
        return f"{title}: no level beside the reference was compared."
    of = _comparisons(len(known), level_title(name, str(known["reference_level"].iloc[0])))
    if int(known["n"].max()) == 1:
        extremes = _extremes(name, known, conventions)
        return f"{title}: one replicate gives no verdict on the {of}. {extremes}".strip()
    shown = known[known["verdict"] == "different"]
    verdicts = _verdicts(known["verdict"].value_counts(), conventions)
    return f"{title}: of {of}, {verdicts}. {_extremes(name, shown, conventions)}".strip()


def _comparisons(total: int, reference: str) -> str:
    return f"{total} comparison{'s' if total > 1 else ''} with the reference ({reference})"


def _verdicts(tally: pd.Series[int], conventions: Conventions) -> str:
    trivial, equivalent, still_open = (
        int(tally.get(verdict, 0)) for verdict in ("different but trivial", "equivalent", "inconclusive")
    )
    different = int(tally.get("different", 0)) + trivial
    parts = []
    if different:
        within = f" ({trivial} of them within {conventions.margin_points})" if trivial else ""
        parts.append(f"{different} show{'s' if different == 1 else ''} a difference{within}")
    if equivalent:
        parts.append(
            f"{equivalent} {'is' if equivalent == 1 else 'are'} equivalent within {conventions.margin_points}"
        )
    if still_open:
        parts.append(f"{still_open} stay{'s' if still_open == 1 else ''} open")
    return listing(parts)


def _extremes(name: str, rows: pd.DataFrame, conventions: Conventions) -> str:
    gain, loss = rows[rows["diff"] > 0], rows[rows["diff"] < 0]
    parts = []
    if not gain.empty:
        parts.append(f"Largest gain: {_extreme(name, highest(gain, 'diff'), conventions)}.")
    if not loss.empty:
        parts.append(f"Largest loss: {_extreme(name, lowest(loss, 'diff'), conventions)}.")
    return " ".join(parts)


def _extreme(name: str, row: Row, conventions: Conventions) -> str:
    low, high = float(row["ci_low"]), float(row["ci_high"])
    where = f"{row['model']} at {level_title(name, str(row['level']))}"
    if math.isnan(low) or math.isnan(high):
        return f"{where}, {numbers.points(float(row['diff']))} points"
    decimals = numbers.decimals_for(low, high)
    return (
        f"{where}, {numbers.points(float(row['diff']), decimals)} points ({conventions.level} interval "
        f"{numbers.points(low, decimals)} to {numbers.points(high, decimals)})"
    )


def certainty(rows: pd.DataFrame, conventions: Conventions) -> str:
    """What the comparisons with the reference could tell at all; ``rows`` are those of test accuracy."""
    known = rows[rows["diff"].notna()]
    if known.empty:
        return "No setting was compared with the reference."
    if int(known["n"].max()) == 1:
        return (
            "One replicate a setting: no interval, no test and no verdict is defined. Raise seeds in "
            "params.yaml."
        )
    still_open = int((known["verdict"] == "inconclusive").sum())
    text = (
        f"Of {many(len(known), 'comparison')} with the reference over all factors, {still_open or 'none'} "
        f"{'stays' if still_open < 2 else 'stay'} open."
    )
    mde = known["mde"].dropna()
    if mde.empty:
        return text
    return (
        f"{text} Half of them could show a difference of {numbers.percent(mde.median())} points or less "
        f"with {conventions.power_percent} power; the margin of equivalence is {conventions.margin_points}."
    )


def detectable(rows: pd.DataFrame, conventions: Conventions) -> str:
    """What the comparisons of ``rows`` could have seen, or nothing to say where that is not defined."""
    known = rows[rows["mde"].notna()]
    if known.empty:
        return "No minimal detectable difference is defined here: it needs at least two replicates."
    low, high = numbers.percent(known["mde"].min()), numbers.percent(known["mde"].max())
    size = f"{low} points" if low == high else f"{low} to {high} points, depending on the row"
    return (
        f"Minimal detectable difference at {conventions.power_percent} power, before Holm's correction: "
        f"{size}."
    )


def diverged(results: pd.DataFrame) -> str:
    """How many runs diverged, and in which settings; ``results`` is that table."""
    lost = results[results["status"] == "diverged"]
    total = numbers.count(len(results))
    if lost.empty:
        return f"None of the {total} runs diverged."
    groups = lost.groupby(["model", "setting"], sort=True).size().reset_index(name="n")
    groups = groups.sort_values("n", ascending=False, kind="stable")
    shown = [
        f"{row['n']} of {row['model']} at {setting_words(row['setting'])}" for row in records(groups.head(3))
    ]
    more = f" and {len(groups) - 3} more groups" if len(groups) > 3 else ""
    return (
        f"{len(lost)} of {total} runs diverged: {', '.join(shown)}{more}. "
        "Their final accuracies stay in every mean, and the tables count them."
    )


def claims(rows: pd.DataFrame) -> str:
    """How many claims of the source came to which verdict."""
    if rows.empty:
        return "No claim of the source was judged."
    tally = rows["verdict"].value_counts()
    order = ["supported", "refuted", "inconclusive", "not testable on this data"]
    order += sorted(set(tally.index) - set(order))
    parts = [f"{tally[verdict]} {verdict}" for verdict in order if verdict in tally]
    return f"Of {len(rows)} claims of the source: {listing(parts)}."
