"""Methods compared with each other or with a reference, on one data set or several.

In goes the table ``measured``; out come ``methods``, ``compared``, ``across``, ``ranked`` and ``effects``.
"""

from __future__ import annotations

import pandas as pd

from study.analysis.methods.across import across, ranked
from study.analysis.methods.comparisons import compared
from study.analysis.methods.effects import centre, effects
from study.analysis.methods.means import means
from study.params import Rules

__all__ = ["across", "centre", "compared", "effects", "means", "ranked", "tables"]


def tables(
    measured: pd.DataFrame,
    *,
    rules: Rules,
    lower_is_better: bool,
    reference: str = "",
    factors: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """All tables by name.

    Parameters
    ----------
    reference
        The method that all others are compared with; empty: every pair is compared.
    rules
        A margin of 0 stands for none: then nothing is equivalent.
    factors
        A row for each method with its levels, indexed by method, where methods have factors.
    """
    if factors is None:
        factors = pd.DataFrame(index=list(dict.fromkeys(measured["method"])))
    pairs = compared(measured, rules=rules, lower_is_better=lower_is_better, reference=reference)
    return {
        "methods": means(measured, pairs, rules=rules, lower_is_better=lower_is_better),
        "compared": pairs,
        "across": across(measured, rules=rules, lower_is_better=lower_is_better, reference=reference),
        "ranked": ranked(measured, rules=rules, lower_is_better=lower_is_better),
        "effects": effects(measured, factors, rules=rules),
    }
