"""Tables of a synthetic study on ensembles: seeded runs, and what the analysis makes of them."""

from __future__ import annotations

from itertools import combinations, combinations_with_replacement

import numpy as np
import pandas as pd

from study.analysis.calibration import calibration
from study.analysis.ensembles.diversity import diversity, diversity_gain
from study.analysis.ensembles.greedy import greedy
from study.analysis.ensembles.scores import ensemble_scores
from study.analysis.statistics.subsets import subset_mean
from study.params import Params
from study.tables import definitions as tables

GAINS = {
    "single": 0.0,
    "hard voting": 0.004,
    "soft voting": 0.009,
    "weighted soft voting": 0.0095,
    "stacking": 0.0105,
}
LOSSES = {"single": 0.21, "soft voting": 0.29, "weighted soft voting": 0.2, "stacking": 0.17}


def ensemble_runs(results: pd.DataFrame, values: Params, *, seed: int) -> pd.DataFrame:
    """Table ``ensemble_runs``, with ``single`` the model of the highest mean accuracy."""
    rng = np.random.default_rng([seed, 1])
    confirmed = results[results["phase"] == "confirm"]
    best = confirmed.groupby("model", sort=False)["test_accuracy"].mean().idxmax()
    single = confirmed[confirmed["model"] == best].sort_values("replicate")["test_accuracy"].to_numpy()
    rows = [
        {
            "method": method,
            "replicate": replicate,
            "n_members": 1 if method == "single" else confirmed["model"].nunique(),
            "valid_accuracy": single[replicate] + gain,
            "test_accuracy": single[replicate] + gain + (rng.normal(0, 0.002) if gain else 0.0),
            "test_log_loss": LOSSES.get(method, np.nan) + rng.normal(0, 0.005),
            "test_calibration_error": LOSSES.get(method, np.nan) / 5 + abs(rng.normal(0, 0.004)),
            "predictions_sha256": "0" * 64,
        }
        for method, gain in GAINS.items()
        for replicate in range(values.confirm_seeds)
    ]
    return tables.ENSEMBLE_RUNS.conform(
        pd.DataFrame(rows, columns=list(tables.ENSEMBLE_RUNS.columns)).astype({"n_members": int})
    )


def of_ensembles(
    results: pd.DataFrame, runs: pd.DataFrame, values: Params, *, seed: int
) -> dict[str, pd.DataFrame]:
    """The tables on ensembles by name; ``runs`` are those of ``ensemble_runs``, perhaps none."""
    rules = values.rules
    rng = np.random.default_rng([seed, 2])
    warm = _temperatures(values, rng, combined=len(runs) > 0)
    pairs = _diversity_runs(values, rng)
    picked = _greedy_runs(results, values, rng)
    made = {
        "ensemble_sizes": _sizes(results, values, rng),
        "temperatures": warm,
        "calibration": calibration(warm, rules=rules),
        "diversity_runs": pairs,
        "diversity": diversity(pairs, rules=rules),
        "diversity_gain": diversity_gain(pairs, rules=rules),
        "greedy_runs": picked,
        "greedy": greedy(picked, rules=rules, seed=seed),
    }
    if len(runs):
        made["ensemble_scores"] = ensemble_scores(runs, rules=rules, seed=seed)
    return made


def _sizes(results: pd.DataFrame, values: Params, rng: np.random.Generator) -> pd.DataFrame:
    confirmed = results[results["phase"] == "confirm"].sort_values("replicate")
    by_model = {m: part["test_accuracy"].to_numpy() for m, part in confirmed.groupby("model", sort=False)}
    families = {model: (by_model[model], 1) for model in values.backbones}
    if len(by_model) > 1:
        families["all"] = np.mean(list(by_model.values()), axis=0) + 0.01, len(by_model)
    rows = []
    for family, (accuracy, members) in families.items():
        n = len(accuracy)
        for k in range(1, n + 1):
            subsets = list(combinations(range(n), k))
            of = np.array([accuracy[list(one)].mean() for one in subsets]) + 0.004 * (1 - 1 / k)
            of = of + rng.normal(0, 0.0005, len(of))
            ends = subset_mean(subsets, of, n=n, alpha=values.analysis.alpha)
            losses = subset_mean(subsets, 2 * (1 - of), n=n, alpha=values.analysis.alpha)
            rows.append((family, k, n, k * members, len(subsets), *ends, *losses))
    return tables.ENSEMBLE_SIZES.conform(pd.DataFrame(rows, columns=list(tables.ENSEMBLE_SIZES.columns)))


def _temperatures(values: Params, rng: np.random.Generator, *, combined: bool) -> pd.DataFrame:
    methods = [*values.backbones, *(("soft voting", "stacking") if combined else ())]
    rows = [
        {
            "method": method,
            "replicate": replicate,
            "temperature": 0.8 + 0.1 * place + rng.normal(0, 0.02),
            "test_log_loss": 0.3 + rng.normal(0, 0.006),
            "scaled_log_loss": 0.28 + rng.normal(0, 0.006),
            "test_calibration_error": 0.06 + abs(rng.normal(0, 0.004)),
            "scaled_calibration_error": 0.03 + 0.03 * (place == 0) + abs(rng.normal(0, 0.004)),
        }
        for place, method in enumerate(methods)
        for replicate in range(values.confirm_seeds)
    ]
    return tables.TEMPERATURES.conform(pd.DataFrame(rows))


def _diversity_runs(values: Params, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for a, b in combinations_with_replacement(values.backbones, 2):
        for block in range(values.confirm_seeds // (2 if a == b else 1)):
            disagreement = (0.05 if a == b else 0.12) + abs(rng.normal(0, 0.02))
            gain = 0.1 * disagreement + rng.normal(0, 0.002)
            rows.append((a, b, block, disagreement, 0.9 - 4 * disagreement, gain))
    return tables.DIVERSITY_RUNS.conform(pd.DataFrame(rows, columns=list(tables.DIVERSITY_RUNS.columns)))


def _greedy_runs(results: pd.DataFrame, values: Params, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for replicate in range(values.seeds):
        explored = results[(results["phase"] == "explore") & (results["replicate"] == replicate)]
        ranked = explored.sort_values("valid_accuracy", ascending=False, kind="stable")
        members = [str(ranked["run"].iloc[place]) for place in (0, *rng.integers(0, 5, 6))]
        best = ranked.iloc[0]
        rows.append(
            {
                "replicate": replicate,
                "n_members": len(members),
                "n_distinct": len(set(members)),
                "members": "; ".join(members),
                "valid_accuracy": best["valid_accuracy"] + 0.01,
                "test_accuracy": best["test_accuracy"] + rng.normal(0.004, 0.002),
                "best_run": members[0],
                "best_run_valid_accuracy": best["valid_accuracy"],
                "best_run_test_accuracy": best["test_accuracy"],
            }
        )
    return tables.GREEDY_RUNS.conform(pd.DataFrame(rows))
