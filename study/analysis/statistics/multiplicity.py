"""Verdicts on a family of comparisons, corrected for their number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from statsmodels.stats.multitest import multipletests

from study.analysis.statistics.intervals import FloatArray
from study.params import Rules


def adjust(p_values: FloatArray, *, correction: str) -> FloatArray:
    """Adjusted p values of one family, in the order given.

    Holm: of the sorted p(1) <= ... <= p(k), the i-th becomes max over j <= i of min(1, (k - j + 1) p(j)).

    Parameters
    ----------
    p_values
        (k,). A missing one stays missing and is not counted.
    correction
        A method of statsmodels' ``multipletests``, such as ``holm``.

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
    known = ~np.isnan(p_values)
    if known.any():
        adjusted[known] = multipletests(p_values[known], method=correction)[1]
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
    """One of ``tables.VERDICTS`` from the corrected p of a difference and the p of equivalence.

    Examples
    --------
    >>> verdict(0.001, 0.2, alpha=0.05), verdict(0.001, 0.01, alpha=0.05), verdict(0.3, 0.2, alpha=0.05)
    ('different', 'different but trivial', 'inconclusive')
    """
    different, equivalent = p_different < alpha, p_equivalent < alpha
    if different:
        return "different but trivial" if equivalent else "different"
    return "equivalent" if equivalent else "inconclusive"


def adjust_and_judge(rows: Iterable[dict[str, Any]], *, rules: Rules) -> list[dict[str, Any]]:
    """Rows of one family of comparisons with ``p_holm``, their adjusted ``p_t``, and ``verdict``.

    ``p_tost`` is not corrected: each equivalence is its own claim at the rules' alpha.

    Examples
    --------
    >>> from pathlib import Path
    >>> from study.params import load
    >>> rules = load(Path("params.yaml")).rules
    >>> family = [{"p_t": 0.01, "p_tost": 0.4}, {"p_t": 0.04, "p_tost": 0.001}]
    >>> [(row["p_holm"], row["verdict"]) for row in adjust_and_judge(family, rules=rules)]
    [(0.02, 'different'), (0.04, 'different but trivial')]
    """
    return [
        {**row, "verdict": verdict(row["p_holm"], row["p_tost"], alpha=rules.alpha)}
        for row in adjusted_rows(rows, "p_t", rules=rules)
    ]
