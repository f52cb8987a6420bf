"""Verdicts on a family of comparisons, corrected for their number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np

from study.analysis.statistics.estimates import Estimate
from study.analysis.statistics.intervals import FloatArray
from study.analysis.statistics.looks import level_at, over_looks
from study.analysis.statistics.permutation import signflip_max_t
from study.analysis.statistics.power import detectable_shift
from study.params import Rules


def adjust(p_values: FloatArray, *, correction: Literal["holm"]) -> FloatArray:  # noqa: ARG001 - the one
    """Adjusted p values of one family, in the order given.

    Holm: of the sorted p(1) <= ... <= p(k), the i-th becomes max over j <= i of min(1, (k - j + 1) p(j)).

    Parameters
    ----------
    p_values
        (k,). A missing one stays missing and is not counted.
    correction
        The one of the rules.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics
    6.

    Examples
    --------
    >>> adjust(np.array([0.01, 0.04, 0.03, np.nan]), correction="holm").tolist()
    [0.03, 0.06, 0.06, nan]
    """
    adjusted = np.full(len(p_values), np.nan)
    order = np.argsort(p_values, kind="stable")[: int((~np.isnan(p_values)).sum())]
    steps = p_values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def adjusted_rows(rows: Iterable[dict[str, Any]], p: str, *, rules: Rules) -> list[dict[str, Any]]:
    """Rows of one family of tests, each with ``p_holm``, the adjusted value of its column ``p``.

    Examples
    --------
    >>> from pathlib import Path
    >>> from study.params import load
    >>> rules = load(Path("params.yaml")).rules
    >>> adjusted_rows([{"p": 0.01}, {"p": 0.04}], "p", rules=rules)
    [{'p': 0.01, 'p_holm': 0.02}, {'p': 0.04, 'p_holm': 0.04}]
    """
    rows = list(rows)
    adjusted = adjust(np.array([row[p] for row in rows], dtype=np.float64), correction=rules.correction)
    return [{**row, "p_holm": float(value)} for row, value in zip(rows, adjusted, strict=True)]


def verdict(p_different: float, p_equivalent: float, *, alpha: float) -> str:
    """One of ``tables.VERDICTS`` from the corrected p of a difference and of equivalence.

    Examples
    --------
    >>> verdict(0.001, 0.2, alpha=0.05), verdict(0.001, 0.01, alpha=0.05), verdict(0.3, 0.2, alpha=0.05)
    ('different', 'different but trivial', 'inconclusive')
    """
    different, equivalent = p_different < alpha, p_equivalent < alpha
    if different:
        return "different but trivial" if equivalent else "different"
    return "equivalent" if equivalent else "inconclusive"


def verdicts(estimates: Sequence[Estimate], *, rules: Rules) -> list[str]:
    """The verdict on each comparison of one family, corrected over it and over the looks of ``rules``.

    Examples
    --------
    >>> from pathlib import Path
    >>> from study.params import load
    >>> both = [Estimate(0.02, 0.004, 9.0, 10), Estimate(0.001, 0.001, 9.0, 10)]
    >>> verdicts(both, rules=load(Path("params.yaml")).rules)
    ['different', 'equivalent']
    """
    corrected = zip(*_corrected(list(estimates), rules, rules.looks), strict=True)
    return [verdict(p, p_tost, alpha=rules.alpha) for p, p_tost in corrected]


def judge(
    rows: Iterable[dict[str, Any]], *, rules: Rules, looks: tuple[int, ...] = ()
) -> list[dict[str, Any]]:
    """Rows of one family of comparisons with their verdicts, both kinds of test corrected over the family.

    Parameters
    ----------
    rows
        Of ``paired.compare``.
    looks
        Numbers of replicates at which a comparison may have stopped; p values, levels and ``mde`` are then
        corrected over them too (``looks.over_looks``).

    Returns
    -------
    list
        Each row with ``p_holm`` and ``p_tost_holm``, the corrected p of a difference and of equivalence, and
        ``verdict``, all of ``judged``; ``simultaneous_low`` and ``simultaneous_high``, its interval of
        confidence 1 - alpha / family (Bonferroni), so that with at least 1 - alpha all of the family hold at
        once; ``mde``, the difference that it finds with the rules' power at alpha / family, Holm's first
        step; and ``seeds_only_verdict``, the same of ``seeds`` alone, which holds for these images only. The
        family counts the comparisons that have a p.

    Examples
    --------
    >>> from pathlib import Path
    >>> from study.analysis.statistics.estimates import Estimate
    >>> from study.params import load
    >>> rules = load(Path("params.yaml")).rules
    >>> both = Estimate(0.02, 0.004, 9.0, 10), Estimate(0.001, 0.001, 9.0, 10)
    >>> family = judge([{"judged": one, "seeds": one} for one in both], rules=rules)
    >>> [(round(row["p_holm"], 4), round(row["p_tost_holm"], 4), row["verdict"]) for row in family]
    [(0.0015, 0.9977, 'different'), (0.3434, 0.0031, 'equivalent')]
    """
    rows = list(rows)
    judged, alone = (_corrected([row[name] for row in rows], rules, looks) for name in ("judged", "seeds"))
    family = max(int(np.count_nonzero(~np.isnan(judged[0]))), 1)
    settled = []
    for row, p, p_tost, p_alone, p_tost_alone in zip(rows, *judged, *alone, strict=True):
        one: Estimate = row["judged"]
        level = level_at(one.n, rules.alpha / family, looks)
        low, high = one.interval(alpha=level)
        shift = detectable_shift(one.df, alpha=level, power=rules.power) if one.se else 1.0
        settled.append(
            {
                **row,
                "simultaneous_low": low,
                "simultaneous_high": high,
                "p_holm": float(p),
                "p_tost_holm": float(p_tost),
                "mde": np.nan if np.isnan(low) else shift * one.se,
                "verdict": verdict(p, p_tost, alpha=rules.alpha),
                "seeds_only_verdict": verdict(p_alone, p_tost_alone, alpha=rules.alpha),
            }
        )
    return settled


def with_max_t(
    rows: Iterable[dict[str, Any]], replicates: Sequence[Sequence[int]], *, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Rows of one family of ``paired.compare``, each with ``p_max_t``, of ``permutation.signflip_max_t``.

    Parameters
    ----------
    replicates
        Of each row's ``differences``. Where rows have other ones than each other, no family can be flipped as
        a whole, and all p are missing.

    Examples
    --------
    >>> differences = [np.array([0.01, 0.03, 0.02, 0.02, 0.01, 0.02]), np.array([0.02, -0.01, 0, 0, 0, 0.01])]
    >>> rows, rng = [{"differences": one} for one in differences], np.random.default_rng(7)
    >>> [row["p_max_t"] for row in with_max_t(rows, [range(6), range(6)], rng=rng)]
    [0.03125, 0.75]
    """
    rows = list(rows)
    if len({tuple(one) for one in replicates}) != 1:
        return [{**row, "p_max_t": np.nan} for row in rows]
    p_values = signflip_max_t(np.stack([row["differences"] for row in rows], axis=1), rng=rng)
    return [{**row, "p_max_t": float(p)} for row, p in zip(rows, p_values, strict=True)]


def _corrected(
    estimates: list[Estimate], rules: Rules, looks: tuple[int, ...]
) -> tuple[FloatArray, FloatArray]:
    p_values = ([one.p_zero for one in estimates], [one.p_within(rules.margin) for one in estimates])
    n = [one.n for one in estimates]
    different, equivalent = (adjust(over_looks(p, n, looks), correction=rules.correction) for p in p_values)
    return different, equivalent
