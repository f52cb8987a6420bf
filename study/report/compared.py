"""Comparisons of methods in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from study.params import Rules
from study.report import format as fmt
from study.report.phrases import Row, listing, many, records


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What the section is made from.

    Attributes
    ----------
    tables
        Of ``analysis.methods.tables``, and ``measured``.
    metric, is_share
        Its name, and whether it is a fraction that is shown in percent.
    """

    tables: Mapping[str, pd.DataFrame]
    rules: Rules
    metric: str
    lower_is_better: bool
    is_share: bool
    in_percent: bool
    reference: str = ""

    @property
    def ci(self) -> str:
        """``95 % CI``."""
        return f"{fmt.confidence(self.rules.alpha)} CI"

    @property
    def scale(self) -> float:
        """What a value is multiplied with to be shown."""
        return 100.0 if self.is_share else 1.0

    @property
    def title(self) -> str:
        """Of the metric, with its unit."""
        return f"{self.metric}, %" if self.is_share or self.in_percent else self.metric

    def size(self, value: float, decimals: int | None = None) -> str:
        """The size of a difference: ``2.1 points``."""
        places = self.decimals if decimals is None else decimals
        text = fmt.fixed(self.scale * value, places)
        return many(text, "point") if self.is_share or self.in_percent else text

    def signed(self, value: float) -> str:
        """A difference: ``+2.1 points``."""
        text = fmt.signed(self.scale * value, self.decimals)
        return many(text, "point") if self.is_share or self.in_percent else text

    def value(self, value: float) -> str:
        """A value: ``72.1 %``."""
        text = fmt.fixed(self.scale * value, self.decimals)
        return f"{text}{fmt.PERCENT}" if self.is_share or self.in_percent else text

    def span(self, low: float, high: float, *, signs: bool = False) -> str:
        """The ends of an interval: ``1.9 to 2.2``."""
        say = fmt.signed if signs else fmt.fixed
        return f"{say(self.scale * low, self.decimals)} to {say(self.scale * high, self.decimals)}"

    @cached_property
    def decimals(self) -> int:
        """Two significant digits of a typical SD."""
        sds = self.tables["methods"]["sd"].dropna()
        typical = self.scale * float(sds[sds > 0].median()) if (sds > 0).any() else 0.01
        return int(min(max(1 - math.floor(math.log10(typical)), 0), 6))


def sentences(inputs: Compared) -> tuple[str, ...]:
    """What is known of each comparison, the first ones of each data set."""
    return tuple(
        _sentence(row, inputs, "seed", f" on {row['dataset']}" if row["dataset"] else "")
        for row in records(inputs.tables["compared"])
    )


def over_sets(inputs: Compared) -> tuple[str, ...]:
    """The same over data sets."""
    return tuple(_sentence(row, inputs, "data set", "") for row in records(inputs.tables["across"]))


def counts(inputs: Compared) -> str:
    """How many comparisons have which verdict."""
    verdicts = inputs.tables["compared"]["verdict"].value_counts()
    parts = [
        f"{verdicts[name]} {'is' if verdicts[name] == 1 else 'are'} {name}"
        for name in ("different", "different but trivial", "equivalent", "inconclusive")
        if name in verdicts
    ]
    n = len(inputs.tables["compared"])
    return f"Of {many(n, 'comparison')}, {listing(parts)}."


def how(inputs: Compared) -> str:
    """The rules in words."""
    rules = inputs.rules
    margin = (
        f"Equivalent means within {_margin(inputs)}"
        if rules.margin
        else "No margin was named (--margin), so no two methods can be called equivalent"
    )
    return (
        f"All comparisons are one family: p values are corrected by Holm's method at alpha "
        f"{fmt.compact(rules.alpha)}, for a difference and for equivalence alike. {margin}. A difference "
        "that is not significant is inconclusive, never none. The intervals speak of new seeds on the "
        "same test data."
    )


def next_runs(inputs: Compared) -> tuple[str, ...]:
    """What more seeds would settle, and which methods are settled; nothing without a margin.

    A comparison is settled where it has a verdict. Otherwise the seeds are told with which a difference as
    large as the margin is found, by the standard deviation seen so far.
    """
    rows = records(inputs.tables["compared"])
    if not inputs.rules.margin or not rows:
        return ()
    open_rows = [row for row in rows if row["verdict"] == "inconclusive"]
    unsettled = {str(row[side]) for row in open_rows for side in ("method", "other")}
    methods = list(dict.fromkeys(str(row[side]) for row in rows for side in ("method", "other")))
    settled = [name for name in methods if name not in unsettled]
    said = [_to_settle(row, inputs) for row in open_rows]
    if settled and said:
        said.append(f"{listing(settled)} {'is' if len(settled) == 1 else 'are'} settled.")
    return tuple(said or ["Every comparison is settled: no more runs are needed."])


def _to_settle(row: Row, inputs: Compared) -> str:
    n, needed = min(int(row["n"]), int(row["n_other"])), float(row["n_needed"])
    where = f" on {row['dataset']}" if row["dataset"] else ""
    pair, margin = f"{row['method']} and {row['other']}{where}", _margin(inputs)
    if math.isnan(needed):
        return f"{pair}: a first interval needs at least 2 seeds of each that vary."
    if needed <= n:
        return (
            f"{pair}: {many(n, 'seed')} would find {margin}; their difference lies so near the margin that "
            "no number of seeds can be named."
        )
    more = fmt.count(int(needed) - n)
    return f"{pair}: {more} more {'seed' if more == '1' else 'seeds'} of each would find {margin} or more."


def _margin(inputs: Compared) -> str:
    text = fmt.compact(inputs.scale * inputs.rules.margin)
    return many(text, "point") if inputs.is_share or inputs.in_percent else text


def _sentence(row: Row, inputs: Compared, thing: str, where: str) -> str:
    one, other, diff = str(row["method"]), str(row["other"]), float(row["diff"])
    low, high, n = float(row["ci_low"]), float(row["ci_high"]), int(row["n"])
    n_other = int(row.get("n_other", n))
    if math.isnan(low) or math.isnan(high):
        return f"{one} and {other} are not judged{where}: {_no_interval(row, thing)}."
    paired = row.get("design", "paired") == "paired"
    number = f"n = {many(n, thing)}" if paired or n == n_other else f"n = {n} and {many(n_other, thing)}"
    how = "paired" if paired else "unpaired"
    verdict = str(row["verdict"])
    if verdict.startswith("different"):
        side = "better" if (diff < 0) == inputs.lower_is_better else "worse"
        low, high = sorted((low, high)) if diff > 0 else sorted((-low, -high))
        shown = f"{inputs.span(low, high)}, {number}, {how}"
        text = f"{one} is {side} than {other}{where} by {inputs.size(abs(diff))} ({inputs.ci} {shown})"
        if verdict != "different":
            text += "; the difference is real but lies within the margin"
        return f"{text}."
    shown = f"{inputs.ci} {inputs.span(low, high, signs=True)}, {number}, {how}"
    mean = f"the mean difference is {inputs.signed(diff)} ({shown})"
    if verdict == "equivalent":
        return f"{one} and {other} are equivalent{where}: {mean}."
    mde = float(row["mde"])
    tail = "" if math.isnan(mde) else f"; the minimum detectable difference is {inputs.size(mde)}"
    return f"Whether {one} or {other} is better{where} is inconclusive: {mean}{tail}."


def _no_interval(row: Row, thing: str) -> str:
    n = min(int(row["n"]), int(row.get("n_other", row["n"])))
    if n < 2:
        return f"n = {many(n, thing)} gives no interval"
    return f"{many(n, thing)} without any variance {'is' if n == 1 else 'are'} too few for a verdict"
