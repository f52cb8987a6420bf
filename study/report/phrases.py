"""Comparisons in words: what is shown, what is inconclusive, what was not tested."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from study.params import Params
from study.report import format as fmt

Row = Mapping[str, Any]
MARK = "*"
"""Beside an n that is below ``headline_seeds``."""
NOT_ZERO = "The axis does not begin at zero."


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Every row, in order, by the names of its columns."""
    return [{str(column): value for column, value in row.items()} for row in frame.to_dict("records")]


def highest(frame: pd.DataFrame, column: str) -> dict[str, Any]:
    """The first row with the largest value; missing values do not count, one has to be there."""
    return records(frame[frame[column] == frame[column].max()])[0]


def lowest(frame: pd.DataFrame, column: str) -> dict[str, Any]:
    """The first row with the smallest value; missing values do not count, one has to be there."""
    return records(frame[frame[column] == frame[column].min()])[0]


def by_model(frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each backbone, in order."""
    for model, part in frame.groupby("model", sort=False):
        yield str(model), part


def listing(parts: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``; an empty text of nothing."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def many(n: int | str, thing: str, things: str = "") -> str:
    """``1 thing`` or ``2 things``; ``n`` may be a number that is formatted already: ``1 point``."""
    text = n if isinstance(n, str) else fmt.count(n)
    return f"{text} {thing if text.lstrip('+−') == '1' else things or thing + 's'}"


def points(fraction: float, decimals: int = 2) -> str:
    """The size of a difference of fractions: ``0.40 points``."""
    return many(fmt.percent(fraction, decimals), "point")


def span(low: str, high: str) -> str:
    """``2``, or ``2 to 5`` where the two differ."""
    return low if low == high else f"{low} to {high}"


def level(params: Params) -> str:
    """Level of the intervals: ``95 %``."""
    return fmt.confidence(params.analysis.alpha)


def ci(params: Params) -> str:
    """Name of an interval: ``95 % CI``."""
    return f"{level(params)} CI"


def margin(params: Params) -> str:
    """The margin of equivalence: ``0.5 points``."""
    return many(fmt.compact(100 * params.analysis.equivalence_margin), "point")


def power(params: Params) -> str:
    """Power: ``80 %``."""
    return f"{fmt.compact(100 * params.analysis.power)}{fmt.PERCENT}"


def selection_rule(params: Params) -> str:
    """What the selected setting has more of than the others."""
    if params.analysis.selection_rule == "mean":
        return "highest mean validation accuracy"
    return f"highest lower end of the {ci(params)} of validation accuracy"


def n_of(rows: pd.DataFrame) -> str:
    """``n = 10 replicates`` of rows that have a column n, or the range of n where it is not the same."""
    known = [int(n) for n in rows["n"]] or [0]
    low, high = min(known), max(known)
    return f"n = {many(low, 'replicate')}" if low == high else f"n = {low} to {high} replicates"


def explored(params: Params) -> str:
    """Replicates of the explore phase: ``10``, or ``3 to 10`` where settings may have stopped."""
    return span(*(fmt.count(n) for n in (min([*params.analysis.looks, params.seeds]), params.seeds)))


def won(share: float, n: int) -> str:
    """A share of replicates: ``10 of 10 seeds``, with a word on ties where there are."""
    text = fmt.halves(share * n)
    return f"{text} of {many(n, 'seed')}{', a tie counting half' if '.' in text else ''}"


def decimal_places(low: float, high: float) -> int:
    """One decimal of a percent, or two where the interval is narrower than 0.2 points."""
    return 2 if high - low < 0.002 else 1


def interval(
    low: float, high: float, params: Params, *, decimals: int, signs: bool = True, over: str = ""
) -> str:
    """``95 % CI −0.2 to +0.8`` of two fractions; ``over`` says of what."""
    say = fmt.points if signs else fmt.percent
    return f"{ci(params)}{over} {say(low, decimals)} to {say(high, decimals)}"


def accuracy(row: Row, params: Params) -> str:
    """A mean with what it is over: ``94.3 % (95 % CI 94.1 to 94.5, 10 replicates)``."""
    mean, low, high = float(row["mean"]), float(row["ci_low"]), float(row["ci_high"])
    n = many(int(row["n"]), "replicate")
    if math.isnan(low) or math.isnan(high):
        return f"{fmt.percent(mean)}{fmt.PERCENT} ({n}, no interval)"
    decimals = decimal_places(low, high)
    shown = interval(low, high, params, decimals=decimals, signs=False)
    return f"{fmt.percent(mean, decimals)}{fmt.PERCENT} ({shown}, {n})"


def ends(row: Row) -> tuple[float, float, str]:
    """The interval of a difference in words, and what it is over: seeds and images where it is known."""
    low, high = (float(row.get(f"image_ci_{end}", math.nan)) for end in ("low", "high"))
    if math.isnan(low) or math.isnan(high):
        return float(row["ci_low"]), float(row["ci_high"]), ""
    return low, high, " of seeds and images"


def difference(row: Row, params: Params) -> str:
    """``+0.3 points (95 % CI −0.2 to +0.8)`` of a row with diff, ci_low and ci_high."""
    diff, (low, high, over) = float(row["diff"]), ends(row)
    if math.isnan(low) or math.isnan(high):
        return many(fmt.points(diff), "point")
    decimals = decimal_places(low, high)
    shown = interval(low, high, params, decimals=decimals, over=over)
    return f"{many(fmt.points(diff, decimals), 'point')} ({shown})"


def on_these_images_only(rows: pd.DataFrame) -> pd.Series[bool]:
    """Which rows differ by seeds alone and not by seeds and images."""
    alone, both = (rows[column].str.startswith("different") for column in ("seeds_only_verdict", "verdict"))
    return alone & ~both


def versus(first: str, second: str, row: Row, params: Params) -> str:
    """One paired comparison of test accuracy, ``first`` minus ``second``.

    ``row`` has n, diff, ci_low, ci_high, wins, verdict and perhaps more, as in ``comparisons``. A difference
    that is not significant is inconclusive, never none; ``equivalent`` needs that verdict.
    """
    n, diff, (low, high, _) = int(row["n"]), float(row["diff"]), ends(row)
    if n == 0 or math.isnan(diff):
        return f"{first} and {second} are not compared: no replicate has an accuracy of both."
    if low == high == 0:
        return f"{first} and {second} are equally accurate in every one of {many(n, 'replicate')}."
    if math.isnan(low) or math.isnan(high):
        alone = " from one replicate" if n == 1 else f" over {many(n, 'replicate')}"
        return (
            f"{first} minus {second} is {many(fmt.points(diff), 'point')}{alone}; there is no interval, so "
            "the order is inconclusive."
        )
    verdict = str(row["verdict"])
    if verdict.startswith("different"):
        return _better(first, second, row, params, trivial=verdict != "different")
    if verdict == "equivalent":
        return (
            f"{first} and {second} are equivalent within {margin(params)}: the mean difference is "
            f"{difference(row, params)}."
        )
    text = (
        f"Whether {fmt.method_words(first)} or {second} is better is inconclusive: the mean difference is "
        f"{difference(row, params)}"
    )
    mde = float(row.get("mde", math.nan))
    if not math.isnan(mde):
        text += f"; {many(n, 'replicate')} can show {points(mde)} with {power(params)} power after correction"
    if not str(row.get("seeds_only_verdict", "")).startswith("different"):
        return f"{text}."
    side, seeds = "better" if diff > 0 else "worse", (float(row["ci_low"]), float(row["ci_high"]))
    alone = interval(*seeds, params, decimals=decimal_places(*seeds), over=" of seeds")
    return f"{text}. On these test images only, {fmt.method_words(first)} is {side} ({alone})."


def _better(first: str, second: str, row: Row, params: Params, *, trivial: bool) -> str:
    diff, (low, high, over) = float(row["diff"]), ends(row)
    share, side = float(row["wins"]), "better"
    if diff < 0:
        diff, low, high, share, side = -diff, -high, -low, 1 - share, "worse"
    decimals = decimal_places(low, high)
    text = (
        f"{first} is {side} than {second} by {points(diff, decimals)} "
        f"({interval(low, high, params, decimals=decimals, signs=False, over=over)}"
    )
    text += ")" if math.isnan(share) else f"; {side} in {won(share, int(row['n']))})"
    if trivial:
        text += f"; the difference is real but lies within the margin of {margin(params)}"
    return text + "."


def tally(rows: pd.DataFrame, params: Params) -> str:
    """``3 show a difference, 2 are equivalent within 0.5 points and 1 is inconclusive`` of verdicts."""
    counts = rows["verdict"].value_counts()
    trivial, equivalent, rest = (
        int(counts.get(verdict, 0)) for verdict in ("different but trivial", "equivalent", "inconclusive")
    )
    different = int(counts.get("different", 0)) + trivial
    parts = []
    if different:
        within = f" ({trivial} of them within {margin(params)})" if trivial else ""
        parts.append(f"{different} show{'s' if different == 1 else ''} a difference{within}")
    if equivalent:
        parts.append(f"{equivalent} {'is' if equivalent == 1 else 'are'} equivalent within {margin(params)}")
    if rest:
        these = int((on_these_images_only(rows) & (rows["verdict"] == "inconclusive")).sum())
        only = f" ({these} of them different on these test images only)" if these else ""
        parts.append(f"{rest} {'is' if rest == 1 else 'are'} inconclusive{only}")
    return listing(parts)


def means_caption(rows: pd.DataFrame, phase: str, params: Params, *, points: bool = True) -> str:
    """What a figure of means shows, with its n."""
    dots = "Small points: single replicates; marks: mean and" if points else "Mean and"
    return f"{dots} {ci(params)}, {phase} phase, {n_of(rows)}."


def differences_caption(rows: pd.DataFrame, phase: str, params: Params) -> str:
    """What a figure of paired differences with their verdicts shows, with its n."""
    return (
        f"Mean difference, {phase} phase, paired, {n_of(rows)}. Bars: simultaneous {ci(params)} of seeds and "
        f"images (Bonferroni); symbol: the verdict (Holm, sharper). Shaded: within {margin(params)}."
    )


def detectable(rows: pd.DataFrame, params: Params) -> str:
    """What the comparisons of ``rows`` could have seen, or that this is not defined."""
    known = rows[rows["mde"].notna()]
    if known.empty:
        return "No minimum detectable difference is defined here: it needs at least two replicates."
    low, high = fmt.percent(known["mde"].min()), fmt.percent(known["mde"].max())
    return (
        f"Minimum detectable difference on new seeds and images at {power(params)} power, after correction: "
        f"{many(span(low, high), 'point')}."
    )
