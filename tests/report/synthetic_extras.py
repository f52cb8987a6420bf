"""Tables of a synthetic study on variation, choice, classes and calibration, and on published numbers."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from study.params import Params
from study.tables import definitions as tables

NAN = float("nan")
PUBLISHED = (0.5540, 0.5645, 0.6587, 0.6730, 0.6323, 0.6785)
SETTING_OF = {"augmentation": "augmentation=rotation", "subset": "images_per_class=50"}
SOURCES = ("init", "order", "dropout", "augmentation", "subset", "all")


def t_interval(values: np.ndarray) -> dict[str, Any]:
    """n, mean, sd and the t interval of the mean."""
    n = len(values)
    mean, sd = float(np.mean(values)), float(np.std(values, ddof=1)) if n > 1 else NAN
    half = float(stats.t.ppf(0.975, n - 1)) * sd / math.sqrt(n) if n > 1 else NAN
    return {"n": n, "mean": mean, "sd": sd, "ci_low": mean - half, "ci_high": mean + half}


def extras(
    results: pd.DataFrame,
    levels: pd.DataFrame,
    selected: dict[str, str],
    values: Params,
    classes: tuple[str, ...],
    *,
    seed: int,
    sources: bool,
) -> dict[str, pd.DataFrame]:
    """The tables by name; with ``sources`` also the study of the sources of variation."""
    rng = np.random.default_rng(seed)
    models = list(selected)
    n = values.confirm_seeds
    alone = len(models) < 2
    ok = results[results["status"] == "ok"]
    confirmed = {
        m: part["test_accuracy"].to_numpy() for m, part in ok.query("phase == 'confirm'").groupby("model")
    }
    rows: dict[str, list[dict[str, Any]]] = {
        "features": [
            {
                "model": model,
                "n_images": 1797,
                "n_features": 1280,
                "n_constant": 1127 if place else 3,
                "zero_share": 0.9993 if place else 0.21,
            }
            for place, model in enumerate(models)
        ],
        "published": [_published(index, value, values.dataset) for index, value in enumerate(PUBLISHED, 1)],
        "steadiness_models": [{"model": a, "other": b, **_ratio(rng, n)} for a, b in combinations(models, 2)],
        "steadiness_levels": [
            {
                "model": model,
                "factor": level.factor,
                "level": level.level,
                "reference_level": str(
                    levels[(levels["factor"] == level.factor) & (levels["is_reference"] == 1)]["level"].iloc[
                        0
                    ]
                ),
                **_ratio(rng, values.seeds),
            }
            for model in models
            for level in levels[levels["is_reference"] == 0].itertuples()
        ],
        "variance_sources": [
            {
                "model": model,
                "source": source,
                "setting": SETTING_OF.get(source, "reference"),
                **(of := t_interval(0.9 + rng.normal(0, 0.002 + 0.001 * place, 6))),
                "sd_ci_low": 0.62 * of["sd"],
                "sd_ci_high": 2.45 * of["sd"],
                "share": 1.0 if source == "all" else 0.1 + 0.1 * place,
            }
            for model in models
            for place, source in enumerate(SOURCES)
            if sources
        ],
        "seeds_images": [
            {
                "model": model,
                "n": n,
                "n_images": 599,
                "se_seeds": 0.0021 if n > 1 else NAN,
                "se_images": 0.0094,
                "se_both": 0.0096 if n > 1 else NAN,
                "share_seeds": 0.05 if n > 1 else NAN,
                "share_images": 0.92 if n > 1 else NAN,
                "share_interaction": 0.03 if n > 1 else NAN,
            }
            for model in models
        ],
        "interaction": [
            {
                "factor": factor,
                "n": values.seeds,
                "n_models": len(models),
                "n_levels": len(part),
                "f": 4.2,
                "p": 0.004,
                "p_holm": 0.024,
                "largest_model": models[-1],
                "largest_level": str(part["level"].iloc[0]),
                "largest": -0.021,
            }
            for factor, part in levels.groupby("factor", sort=False)
            if not alone and values.seeds > 1
        ],
        "models_omnibus": [] if alone or n < 2 else [{"n": n, "k": len(models), "f": 33.0, "p": 0.0001}],
        "ranks": [
            _ranked(model, place, n, len(models)) for place, model in enumerate(models, 1) if not alone
        ],
        "seeds_needed": [
            {
                "kind": kind,
                "name": name,
                "points": f"{100 * effect:g}",
                "effect": effect,
                "n": n,
                "sd": 0.004 if n > 1 else NAN,
                "family": 3,
                "n_needed": float(math.ceil(0.0003 / effect**2)) + 2 if n > 1 else NAN,
                "image_floor": 0.012,
            }
            for kind, name in [
                *(("models", f"{a} - {b}") for a, b in combinations(models, 2)),
                *(("levels", model) for model in models),
            ]
            for effect in (0.001, 0.0025, 0.005, 0.01)
        ],
        "top_settings": [
            {
                "model": model,
                "setting": setting,
                "n": values.seeds,
                "times_top": values.seeds if setting == selected[model] else 0,
                "share_top": float(setting == selected[model]),
                "ci_low": 0.6 if setting == selected[model] else 0.0,
                "ci_high": 1.0 if setting == selected[model] else 0.3,
            }
            for model in models
            for setting in dict.fromkeys(levels["setting"])
        ],
        "best_set": [
            {
                "model": model,
                "setting": setting,
                "n": values.seeds,
                "in_set": int(place < 2 or values.seeds < 2),
                "valid_mean": 0.93 - 0.001 * place,
                "diff": 0.001 if place == 0 else -0.001 * place,
                "simultaneous_low": -0.004 - 0.001 * place if values.seeds > 1 else NAN,
                "simultaneous_high": max(0.004 - 0.002 * place, 0.0) if values.seeds > 1 else NAN,
                "test_diff": NAN if setting == selected[model] else -0.002,
                "test_diff_ci_low": NAN if setting == selected[model] or values.seeds < 2 else -0.006,
                "test_diff_ci_high": NAN if setting == selected[model] or values.seeds < 2 else 0.002,
            }
            for model in models
            for place, setting in enumerate(dict.fromkeys(levels["setting"]))
        ],
        "choices": [
            {
                "model": model,
                "rule": rule,
                "setting": setting,
                "n": values.seeds,
                "valid_mean": 0.93 - 0.001 * place,
                "valid_sd": 0.004 if values.seeds > 1 else NAN,
                "valid_low": 0.927 if values.seeds > 1 else NAN,
                "test_mean": 0.92,
                "test_sd": 0.004 if values.seeds > 1 else NAN,
            }
            for model, name in selected.items()
            for place, (rule, setting) in enumerate(
                (("mean", name), ("lower_bound", "reference"), ("front", name), ("front", "reference"))
                if name != "reference"
                else (("mean", name), ("lower_bound", name), ("front", name))
            )
        ],
        "expected_best": [
            {
                "model": model,
                "n_settings": tried,
                **t_interval(0.9 + 0.01 * math.log(tried) + rng.normal(0, 0.003, values.seeds)),
                "test_mean": 0.89 + 0.009 * math.log(tried),
                "test_ci_low": 0.887 + 0.009 * math.log(tried),
                "test_ci_high": 0.893 + 0.009 * math.log(tried),
            }
            for model in models
            for tried in range(1, len(set(levels["setting"])) + 1)
        ],
        "calibration_floor": [
            {"model": model, "n": n, "calibration_error": 0.037, "floor": 0.034} for model in models
        ],
        "per_class": [
            {
                "model": model,
                "class": name,
                "n_images": 60,
                **t_interval(np.clip(confirmed.get(model, np.full(n, 0.1)) + 0.02 * math.sin(place), 0, 1)),
                "image_ci_low": 0.4,
                "image_ci_high": 1.0,
            }
            for model in models
            for place, name in enumerate(classes)
        ],
        "confusion": [
            {"model": model, "true": true, "predicted": taken, "n": n, "share": _share(a, b, len(classes))}
            for model in models
            for a, true in enumerate(classes)
            for b, taken in enumerate(classes)
        ],
        "reliability": [
            {
                "model": model,
                "bin": bin_,
                "n": n,
                "share": 0.02 if bin_ < 14 else 0.8,
                "confidence": (bin_ + 0.5) / 15,
                "accuracy": min(1.0, (bin_ + 0.2) / 15),
                "accuracy_ci_low": (bin_ - 0.2) / 15 if n > 1 else NAN,
                "accuracy_ci_high": min(1.0, (bin_ + 0.6) / 15) if n > 1 else NAN,
            }
            for model in models
            for bin_ in range(2, 15)
        ],
    }
    schemas = {table.name: table for table in tables.REPORT_TABLES}
    return {name: pd.DataFrame(made, columns=list(schemas[name].columns)) for name, made in rows.items()}


def _published(index: int, value: float, dataset: str) -> dict[str, Any]:
    known = dataset == "cinic10" and index != 5
    mean = value + 0.004 * (-1) ** index
    return {
        "id": f"P{index}",
        "what": ("EfficientNetV2-B0", "ResNet-50", "ConvNeXt-Tiny", "soft voting", "hard voting", "stacking")[
            index - 1
        ],
        "published": value,
        "n": 10 if known else 0,
        "mean": mean if known else NAN,
        "low": mean - 0.005 if known else NAN,
        "high": mean + 0.005 if known else NAN,
        "verdict": "not testable on this data" if not known else ("outside" if index == 3 else "inside"),
    }


def _ratio(rng: np.random.Generator, n: int) -> dict[str, Any]:
    ratio = float(np.exp(rng.normal(0, 0.3)))
    known = n > 2
    return {
        "n": n,
        "sd": 0.004 * ratio if n > 1 else NAN,
        "sd_other": 0.004 if n > 1 else NAN,
        "ratio": ratio if n > 1 else NAN,
        "ratio_ci_low": ratio / 1.9 if known else NAN,
        "ratio_ci_high": ratio * 1.9 if known else NAN,
        "p_pitman_morgan": float(rng.uniform()) if known else NAN,
        "p_holm": 1.0 if known else NAN,
        "p_brown_forsythe": float(rng.uniform()) if known else NAN,
    }


def _ranked(model: str, place: int, n: int, k: int) -> dict[str, Any]:
    return {"model": model, "n": n, "k": k, "mean_rank": float(place)}


def _share(true: int, taken: int, classes: int) -> float:
    if true == taken:
        return 0.9
    return 0.05 if taken == (true + 1) % classes else 0.05 / max(classes - 2, 1)
