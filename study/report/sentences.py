"""Findings in words, made from rows of the tables: what is shown, what is open, what was not tested."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from study.report import numbers
from study.report.conventions import Conventions, replicates
from study.report.facts import Verification
from study.report.labels import factor_title, level_title, method_title, setting_title

Row = Mapping[str, Any]


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
    return f"Whether {first} or {second} is ahead stays open: {shown}{_detectable(row, conventions)}."


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
        f"{first} is {side} {second} by {numbers.percent(diff, decimals)} points, {conventions.level} interval "
        f"{numbers.spoken_interval(low, high, decimals)}"
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
        return f"{numbers.percent(mean)} % ({replicates(n)}, no interval)"
    decimals = numbers.decimals_for(low, high)
    interval = numbers.spoken_interval(low, high, decimals)
    return f"{numbers.percent(mean, decimals)} % ({conventions.level} interval {interval}, {replicates(n)})"


def leader(best: pd.DataFrame, conventions: Conventions) -> str:
    """Which confirmed model has the highest mean test accuracy; ``best`` is that table."""
    known = best[best["mean"].notna()]
    if known.empty:
        return "No model has a confirmed test accuracy."
    top = known[known["mean"] == known["mean"].max()]
    row = top.iloc[0].to_dict()
    if len(best) == 1:
        return f"{row['model']}, the only backbone, reaches a test accuracy of {accuracy(row, conventions)}."
    if len(top) > 1:
        names = _listing([str(model) for model in top["model"]])
        return f"{names} share the highest mean test accuracy, {accuracy(row, conventions)}."
    return (
        f"{row['model']} has the highest mean test accuracy of the confirmed settings, "
        f"{accuracy(row, conventions)}."
    )


def pairs(best: pd.DataFrame, rows: pd.DataFrame, conventions: Conventions) -> tuple[str, ...]:
    """Every pair of confirmed models, the one with the higher mean first."""
    means = best.set_index("model")["mean"]
    return tuple(
        versus(*_higher_first(row, means), conventions)
        for row in sorted(rows.to_dict("records"), key=lambda row: -_top(row, means))
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
        for row in ordered.to_dict("records")
    )


def factor(name: str, rows: pd.DataFrame, conventions: Conventions) -> str:
    """One factor: how many of its comparisons with the reference came to which verdict, and the extremes.

    ``rows`` are those of ``comparisons`` of this factor, on test accuracy.
    """
    title = factor_title(name)
    known = rows[rows["diff"].notna()]
    if known.empty:
        return f"{title}: no level beside the reference was compared."
    total = len(known)
    of = f"{total} comparison{'s' if total > 1 else ''} with the reference {_reference(name, known)}"
    if int(known["n"].max()) == 1:
        return f"{title}: one replicate gives no verdict on the {of}. {_extremes(name, known, conventions)}"
    tally = known["verdict"].value_counts()
    parts = [
        f"{tally[verdict]} {text}"
        for verdict, text in (
            ("different", "different"),
            ("different but trivial", f"different but within {conventions.margin_points}"),
            ("equivalent", f"equivalent within {conventions.margin_points}"),
            ("inconclusive", "open"),
        )
        if verdict in tally
    ]
    shown = known[known["verdict"] == "different"]
    return f"{title}, {of}: {_listing(parts)}. {_extremes(name, shown, conventions)}".strip()


def _reference(name: str, rows: pd.DataFrame) -> str:
    return level_title(name, str(rows["reference_level"].iloc[0]))


def _extremes(name: str, rows: pd.DataFrame, conventions: Conventions) -> str:
    gain, loss = rows[rows["diff"] > 0], rows[rows["diff"] < 0]
    parts = []
    if not gain.empty:
        parts.append(f"largest gain {_extreme(name, gain.loc[gain['diff'].idxmax()].to_dict(), conventions)}")
    if not loss.empty:
        parts.append(f"largest loss {_extreme(name, loss.loc[loss['diff'].idxmin()].to_dict(), conventions)}")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _extreme(name: str, row: Row, conventions: Conventions) -> str:
    low, high = float(row["ci_low"]), float(row["ci_high"])
    where = f"{level_title(name, str(row['level']))} on {row['model']}"
    if math.isnan(low) or math.isnan(high):
        return f"{numbers.points(float(row['diff']))} points, {where}"
    decimals = numbers.decimals_for(low, high)
    return (
        f"{numbers.points(float(row['diff']), decimals)} points ({conventions.level} interval "
        f"{numbers.points(low, decimals)} to {numbers.points(high, decimals)}), {where}"
    )


def detectable(rows: pd.DataFrame, conventions: Conventions) -> str:
    """What the comparisons of ``rows`` could have seen, or nothing to say where that is not defined."""
    known = rows[rows["mde"].notna()]
    if known.empty:
        return "No minimal detectable difference is defined here: it needs at least two replicates."
    low, high = numbers.percent(known["mde"].min()), numbers.percent(known["mde"].max())
    size = f"{low} points" if low == high else f"{low} to {high} points, depending on the row"
    return f"Minimal detectable difference at {conventions.power_percent} power, before Holm's correction: {size}."


def diverged(results: pd.DataFrame) -> str:
    """How many runs diverged, and in which settings; ``results`` is that table."""
    lost = results[results["status"] == "diverged"]
    total = numbers.count(len(results))
    if lost.empty:
        return f"None of the {total} runs diverged."
    groups = lost.groupby(["model", "setting"], sort=True).size().sort_values(ascending=False, kind="stable")
    shown = [
        f"{n} of {model} at {setting_title(setting)}"
        for (model, setting), n in list(groups.items())[:3]  # type: ignore[misc]
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
    return f"Of {len(rows)} claims of the source: {_listing(parts)}."


def verification(outcome: Verification) -> str:
    """What training a sample of the recorded runs again gave."""
    n, same = outcome.n_verified, outcome.n_identical
    if n == 0:
        return "No recorded run was trained again."
    runs = "The one recorded run" if n == 1 else f"{same} of {n} recorded runs"
    if same == n:
        again = "gave the same numbers to the last bit" if n > 1 else "gave the same numbers to the last bit"
        return f"{runs} trained again {again}."
    largest = numbers.fixed(100 * outcome.max_abs_difference, 4)
    if n == 1:
        return f"{runs} trained again gave other numbers; the largest difference is {largest} points."
    return (
        f"{runs} trained again gave the same numbers to the last bit; "
        f"the largest difference of the others is {largest} points."
    )


def _listing(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
