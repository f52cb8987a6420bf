"""What the way of choosing a setting does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from study.analysis.factor_levels import of_models, values
from study.analysis.frames import frame
from study.analysis.selection.candidates import Candidate, candidates
from study.analysis.statistics.intervals import mean_interval
from study.params import Rules
from study.tables.definitions import CHOICES


def choices(results: pd.DataFrame, settings: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """Table ``choices``: the setting with the highest mean, with the highest lower bound, and the front.

    On validation accuracy of the explore phase. A tie goes to the setting that stands first in ``settings``.
    A setting is on the front where no other has a higher mean and no larger standard deviation, or the same
    mean and a smaller one.
    """
    rows: list[dict[str, Any]] = []
    for model, of_model in of_models(results, "explore").items():
        found = candidates(of_model, settings, rules=rules)
        if not found:
            continue
        chosen = [(rule, min(found, key=lambda one: one.order(rule))) for rule in ("mean", "lower_bound")]
        chosen += [("front", one) for one in _front(found)]
        rows += [{"model": model, "rule": rule, **_row(one, of_model, rules)} for rule, one in chosen]
    return frame(CHOICES, rows)


def _row(candidate: Candidate, of_model: pd.DataFrame, rules: Rules) -> dict[str, Any]:
    test = mean_interval(values(of_model[of_model["setting"] == candidate.setting]), alpha=rules.alpha)
    return {
        "setting": candidate.setting,
        "n": candidate.interval.n,
        "valid_mean": float(candidate.interval.mean),
        "valid_sd": float(candidate.interval.sd),
        "valid_low": float(candidate.interval.low),
        "test_mean": float(test.mean),
        "test_sd": float(test.sd),
    }


def _front(found: list[Candidate]) -> list[Candidate]:
    def beats(one: Candidate, other: Candidate) -> bool:
        mean, other_mean = float(one.interval.mean), float(other.interval.mean)
        at_least = mean >= other_mean and one.spread <= other.spread
        return at_least and (mean > other_mean or one.spread < other.spread)

    known = [one for one in found if not np.isnan(one.interval.mean)]
    return [one for one in known if not any(beats(other, one) for other in known)]
