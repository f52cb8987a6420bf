"""Two studies compared: settings, effects, claims and choices that agree, differ, or cannot be told apart.

Differences are over seeds. Agree: within the margin, by two one-sided tests. Differ: by the corrected test of
a difference, and not within the margin. Both directions are corrected over the family of a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from study.analysis.statistics import multiplicity
from study.analysis.statistics.estimates import Estimate, of_replicates
from study.analysis.statistics.intervals import FloatArray, too_few_to_be_equal
from study.analysis.statistics.paired import differences
from study.analysis.statistics.unpaired import welch
from study.params import Rules
from study.tables.schema import Table
from study.tables.studies import AGREE, CHOICES, CLAIMS, DIFFER, EFFECTS, OPEN, ORIGINS, SETTINGS

PAIRED, UNPAIRED = "paired", "unpaired"
_OUTCOMES = {
    "equivalent": AGREE,
    "different but trivial": AGREE,
    "different": DIFFER,
    "inconclusive": OPEN,
}
_DECIDED = ("supported", "refuted")
_JUDGED = ("simultaneous_low", "simultaneous_high", "p_holm", "p_tost_holm", "mde")


@dataclass(frozen=True)
class Study:
    """What a finished study says of itself.

    Attributes
    ----------
    results
        Columns model, setting, phase, replicate, valid_accuracy, test_accuracy; a row a run.
    settings
        By name its values, as text.
    levels
        Columns factor, level, setting, is_reference.
    claims
        Columns id, statement, verdict.
    selection
        Columns model, setting.
    facts
        What it was made from, by what it is.
    seeds
        What its seeds are drawn from; empty where it does not say.
    """

    results: pd.DataFrame
    settings: Mapping[str, tuple[str, ...]]
    levels: pd.DataFrame
    claims: pd.DataFrame
    selection: pd.DataFrame
    facts: Mapping[str, str]
    seeds: str = ""

    def names(self) -> dict[tuple[str, ...], str]:
        """Settings by their values."""
        return {values: name for name, values in self.settings.items()}

    def runs(self, model: str, setting: str, phase: str) -> pd.DataFrame:
        """Its runs of one setting, by replicate."""
        return self._runs.get((model, setting, phase), self.results.iloc[:0].set_index("replicate"))

    @cached_property
    def _runs(self) -> dict[tuple[str, str, str], pd.DataFrame]:
        grouped = self.results.set_index("replicate").sort_index().groupby(["model", "setting", "phase"])
        return {(str(one), str(two), str(three)): rows for (one, two, three), rows in grouped}


def tables(first: Study, second: Study, *, rules: Rules) -> dict[str, pd.DataFrame]:
    """All tables by name, of the first study less the second.

    Examples
    --------
    A study compared with itself agrees: its differences are all zero, in enough replicates.

    >>> from study.params import Rules
    >>> runs = [("m", "reference", "explore", r, 0.8, 0.8 + r / 1000) for r in range(10)]
    >>> columns = ["model", "setting", "phase", "replicate", "valid_accuracy", "test_accuracy"]
    >>> nothing = pd.DataFrame(columns=["factor", "level", "setting", "is_reference"])
    >>> claims = pd.DataFrame({"id": ["C1"], "statement": ["It is so."], "verdict": ["supported"]})
    >>> chosen = pd.DataFrame({"model": ["m"], "setting": ["reference"]})
    >>> one = Study(pd.DataFrame(runs, columns=columns), {"reference": ("0.1",)}, nothing, claims, chosen,
    ...             {"data": "x"}, seeds="1")
    >>> rules = Rules(alpha=0.05, margin=0.005, power=0.8, correction="holm", alternative="two-sided",
    ...               selection_rule="mean", ordered_factors=(), calibration_bins=15)
    >>> found = tables(one, one, rules=rules)
    >>> [found[f"{name}_compared"]["outcome"].tolist() for name in ("settings", "claims", "choices")]
    [['agree'], ['agree'], ['agree']]
    """
    is_paired = bool(first.seeds) and first.seeds == second.seeds and _same_data(first, second)
    return {
        ORIGINS.name: _origins(first, second),
        SETTINGS.name: _judged(SETTINGS, _settings(first, second, is_paired), rules),
        EFFECTS.name: _judged(EFFECTS, _effects(first, second, is_paired), rules),
        CLAIMS.name: _claims(first, second),
        CHOICES.name: _choices(first, second, rules),
    }


def _same_data(first: Study, second: Study) -> bool:
    return "data" in first.facts and first.facts["data"] == second.facts.get("data")


def _origins(first: Study, second: Study) -> pd.DataFrame:
    rows = []
    for what in dict.fromkeys((*first.facts, *second.facts)):
        one, other = first.facts.get(what), second.facts.get(what)
        same = "unknown" if one is None or other is None else "yes" if one == other else "no"
        rows.append({"what": what, "first": one or "unknown", "second": other or "unknown", "same": same})
    return ORIGINS.conform(pd.DataFrame(rows, columns=list(ORIGINS.columns)))


def _settings(first: Study, second: Study, is_paired: bool) -> Iterator[tuple[dict[str, Any], Estimate]]:
    named = second.names()
    keys = first.results[["model", "setting", "phase"]].drop_duplicates()
    for model, setting, phase in keys.itertuples(index=False):
        other = named.get(first.settings.get(setting, ()))
        if other is None:
            continue
        one, two = first.runs(model, setting, phase), second.runs(model, other, phase)
        if len(two):
            row = {"model": model, "setting": setting, "phase": phase}
            yield _compared(row, one["test_accuracy"], two["test_accuracy"], is_paired)


def _effects(first: Study, second: Study, is_paired: bool) -> Iterator[tuple[dict[str, Any], Estimate]]:
    named = second.names()
    for factor, levels in first.levels.groupby("factor", sort=False):
        (reference,) = levels[levels["is_reference"] == 1].to_dict("records")
        for level in levels[levels["is_reference"] != 1].to_dict("records"):
            settings = str(level["setting"]), str(reference["setting"])
            others = [named.get(first.settings.get(one, ())) for one in settings]
            for model in dict.fromkeys(first.results["model"]):
                one = _effect(first, model, settings[0], settings[1])
                two = _effect(second, model, others[0], others[1])
                if len(one) and len(two):
                    row = {"model": model, "factor": factor, "level": level["level"]}
                    row["reference_level"] = reference["level"]
                    yield _compared(row, one, two, is_paired)


def _effect(study: Study, model: str, level: str | None, reference: str | None) -> pd.Series[float]:
    """The differences of the replicates that both settings have."""
    sides = [study.runs(model, one or "", "explore")["test_accuracy"] for one in (level, reference)]
    return (sides[0] - sides[1]).dropna()


def _compared(
    row: dict[str, Any], one: pd.Series[float], two: pd.Series[float], is_paired: bool
) -> tuple[dict[str, Any], Estimate]:
    if is_paired:
        one, two = one.align(two, join="inner")
    a, b = (np.asarray(side, dtype=np.float64) for side in (one, two))
    found = of_replicates(differences(a, b)) if is_paired else welch(a, b)
    return {
        **row,
        "design": PAIRED if is_paired else UNPAIRED,
        "n": len(a),
        "n_other": len(b),
        "value": _mean(a),
        "value_other": _mean(b),
    }, found


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _judged(table: Table, found: Iterator[tuple[dict[str, Any], Estimate]], rules: Rules) -> pd.DataFrame:
    pairs = list(found)
    judged = multiplicity.judge([{"judged": one, "seeds": one} for _, one in pairs], rules=rules)
    rows = []
    for (row, one), verdicts in zip(pairs, judged, strict=True):
        low, high = one.interval(alpha=rules.alpha)
        rows.append(
            {
                **row,
                "diff": one.mean,
                "ci_low": low,
                "ci_high": high,
                **{name: verdicts[name] for name in _JUDGED},
                "outcome": _outcome(one, str(verdicts["verdict"]), rules),
            }
        )
    return table.conform(pd.DataFrame(rows, columns=list(table.columns)))


def _outcome(one: Estimate, verdict: str, rules: Rules) -> str:
    """The same numbers in enough replicates agree, however many comparisons there are."""
    if one.se == 0 and one.mean == 0 and not too_few_to_be_equal(one.n, alpha=rules.alpha):
        return AGREE
    return _OUTCOMES[verdict]


def _claims(first: Study, second: Study) -> pd.DataFrame:
    both = first.claims.merge(second.claims, on=["id", "statement"], suffixes=("", "_other"))
    both["outcome"] = [
        OPEN if not {one, other} <= set(_DECIDED) else AGREE if one == other else DIFFER
        for one, other in zip(both["verdict"], both["verdict_other"], strict=True)
    ]
    return CLAIMS.conform(both[list(CLAIMS.columns)])


def _choices(first: Study, second: Study, rules: Rules) -> pd.DataFrame:
    """Other settings differ where a study tells the two apart; the level is shared by both tests."""
    others = dict(zip(second.selection["model"], second.selection["setting"], strict=True))
    rows = []
    for model, setting in zip(first.selection["model"], first.selection["setting"], strict=True):
        if model not in others:
            continue
        values = first.settings.get(setting, (setting,)), second.settings.get(others[model], (others[model],))
        p_values = [_p_apart(study, model, values) for study in (first, second)]
        known = [p for p in p_values if not np.isnan(p)]
        is_apart = any(p < rules.alpha / len(known) for p in known)
        rows.append(
            {
                "model": model,
                "setting": setting,
                "setting_other": others[model],
                "p": p_values[0],
                "p_other": p_values[1],
                "outcome": AGREE if values[0] == values[1] else DIFFER if is_apart else OPEN,
            }
        )
    return CHOICES.conform(pd.DataFrame(rows, columns=list(CHOICES.columns)))


def _p_apart(study: Study, model: str, values: tuple[tuple[str, ...], tuple[str, ...]]) -> float:
    named = study.names()
    if values[0] == values[1] or not all(one in named for one in values):
        return float("nan")
    sides = [study.runs(model, named[one], "explore")["valid_accuracy"] for one in values]
    return of_replicates((sides[0] - sides[1]).dropna().to_numpy(np.float64)).p_zero
