"""Valid tables for the report from a seeded random model of a study: no network is trained."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from synthetic_ensembles import ensemble_runs, of_ensembles
from synthetic_extras import extras, t_interval

from study import design
from study.analysis.ensembles.baseline import difference
from study.analysis.ensembles.methods import COMPARED
from study.params import Params, load
from study.tables import definitions as tables

ROOT = Path(__file__).resolve().parents[2]
ORIGINS_OF = {"digits": ("unknown",), "cinic10": ("cifar10", "imagenet")}
EFFECTS = {
    "lr": {"0.0001": -0.06, "0.0003": -0.012, "0.001": 0.009, "0.003": 0.016, "0.005": 0.0105},
    "batch_size": {"32": 0.0125, "64": 0.0004},
    "dropout": {"0.3": 0.0002, "0.7": -0.0031},
    "l1": {"0.0001": -0.011, "0.0005": -0.085},
    "augmentation": {
        "rotation": -0.003,
        "contrast": 0.001,
        "brightness": 0.0,
        "zoom": -0.006,
        "cutmix": -0.02,
    },
    "images_per_class": {"10": -0.21, "50": -0.02, "200": -0.008},
}
HOSTILE = ("net_a%b#c&d~e^f{g}$h$\\i", "<script>alert('ż')</script>", "网络-Ωмодель-" + "very-long-name-" * 9)


@dataclass(frozen=True)
class Study:
    """Parameters, tables by name, and what else the report reads as plain values."""

    params: Params
    tables: dict[str, pd.DataFrame]
    facts: dict[str, Any]


def params(**update: Any) -> Params:
    """params.yaml of this project with some values replaced."""
    return load(ROOT / "params.yaml").model_copy(update=update)


def small(**update: Any) -> Params:
    """A study of fewer levels, replicates and epochs, all six factors and two backbones."""
    whole = load(ROOT / "params.yaml")
    sweep = whole.sweep.model_copy(
        update={
            "lr": [0.0001, 0.0005, 0.003],
            "batch_size": [32, 128],
            "dropout": [0.3, 0.5],
            "l1": [0.0, 0.0005],
            "augmentation": ["none", "cutmix"],
            "images_per_class": [10, "all"],
        }
    )
    fewer = {"backbones": whole.backbones[:2], "seeds": 4, "confirm_seeds": 4, "epochs": 3, "sweep": sweep}
    return whole.model_copy(update={**fewer, **update})


def study(
    values: Params,
    *,
    seed: int,
    diverged: tuple[str, ...] = (),
    ensembles: bool = True,
    ties: bool = False,
    classes: tuple[str, ...] = tuple("0123456789"),
    images_per_class: int = 59,
    dirty: bool = False,
    sources: bool = False,
) -> Study:
    """A whole study under ``values``.

    ``diverged`` names runs that diverge; with ``ties`` every run of a replicate is equally accurate.
    """
    rng = np.random.default_rng(seed)
    plan = design.settings(values, images_per_class=images_per_class)
    origins = ORIGINS_OF.get(values.dataset, ("unknown",))
    base = {model: 0.94 - 0.013 * index for index, model in enumerate(values.backbones)}
    explore = [
        _result(rng, model, row, "explore", replicate, base[model], origins, diverged, ties)
        for model in values.backbones
        for row in plan.settings.to_dict("records")
        for replicate in range(values.seeds)
    ]
    selected = dict.fromkeys(base, "reference" if ties or "lr=0.003" not in plan.by_name else "lr=0.003")
    rows = plan.settings.set_index("setting", drop=False)
    confirm = [
        _result(
            rng, model, rows.loc[name].to_dict(), "confirm", replicate, base[model], origins, diverged, ties
        )
        for model, name in selected.items()
        for replicate in range(values.confirm_seeds)
    ]
    results = tables.RESULTS.conform(pd.DataFrame(explore + confirm))
    none = pd.DataFrame(columns=list(tables.ENSEMBLE_RUNS.columns))
    runs = ensemble_runs(results, values, seed=seed) if ensembles and len(base) > 1 else none
    made = {
        "settings": plan.settings,
        "levels": plan.levels,
        "results": results,
        "selection": _selection(results, selected, len(plan.settings)),
        "summary": _summary(results, plan.levels, selected, origins),
        "curves": _curves(results, plan.levels, values, rng),
        "comparisons": _comparisons(results, plan.levels, values),
        "omnibus": _omnibus(plan.levels, values, rng),
        "pairs": _pairs(results, values),
        "best": _best(results, selected, rows),
        "ensemble_runs": runs,
        "ensembles": _ensembles(runs, values),
        "claims": _claims(),
        **of_ensembles(results, runs, values, seed=seed),
        **extras(results, plan.levels, selected, values, classes, seed=seed, sources=sources),
    }
    made = {
        table.name: table.conform(made.get(table.name, pd.DataFrame(columns=list(table.columns))))
        for table in tables.REPORT_TABLES
    }
    return Study(
        values.sized((32, 32)), made, _facts(values, classes, origins, plan.left_out, images_per_class, dirty)
    )


def _result(
    rng: np.random.Generator,
    model: str,
    row: dict[str, Any],
    phase: str,
    replicate: int,
    base: float,
    origins: tuple[str, ...],
    diverged: tuple[str, ...],
    ties: bool,
) -> dict[str, Any]:
    run = f"{model}/{row['setting']}/{phase}/{replicate}"
    block = np.random.default_rng([replicate, len(phase)]).normal(0, 0.002)
    effect = EFFECTS.get(row["factor"], {}).get(row["level"], 0.0)
    noise = rng.normal(0, 0.0025, 3)
    level = base + effect + block
    train, valid, test = np.clip(level + noise + (0.03, 0.0, -0.01), 0, 1)
    if ties:
        train, valid, test = 0.96 + block, 0.93 + block, 0.92 + block
    if run in diverged:
        train = valid = test = 0.1
    shift = np.linspace(-0.01, 0.01, len(origins)) if len(origins) > 1 else np.zeros(1)
    by_origin = dict(zip(origins, test + shift, strict=True))
    return {
        "run": run,
        "model": model,
        "setting": row["setting"],
        "phase": phase,
        "replicate": replicate,
        "status": "diverged" if run in diverged else "ok",
        "train_accuracy": train,
        "valid_accuracy": valid,
        "test_accuracy": test,
        **{
            f"{split}_log_loss": float("nan") if run in diverged else 2.2 * (1 - value)
            for split, value in (("train", train), ("valid", valid), ("test", test))
        },
        "valid_calibration_error": 0.02 + abs(noise[0]),
        "test_calibration_error": 0.02 + abs(noise[1]),
        **{f"test_accuracy_{origin}": by_origin.get(origin, float("nan")) for origin in tables.ORIGINS},
        "predictions_sha256": f"{len(run):064x}",
    }


def _wider(interval: dict[str, Any], low: str = "ci_low", high: str = "ci_high", by: float = 0.006) -> tuple:
    return interval[low] - by, interval[high] + by


def _summary(
    results: pd.DataFrame, levels: pd.DataFrame, selected: dict[str, str], origins: tuple[str, ...]
) -> pd.DataFrame:
    cells = [
        (model, row.factor, row.level, "explore", row.setting)
        for model in selected
        for row in levels.itertuples()
    ] + [(model, "selected", name, "confirm", name) for model, name in selected.items()]
    metrics = [(split, metric) for split in tables.SPLITS for metric in ("accuracy", "log_loss")]
    metrics += [(split, "calibration_error") for split in ("valid", "test")]
    metrics += [("test", f"accuracy_{origin}") for origin in origins]
    rows = []
    for model, factor, level, phase, setting in cells:
        of = _chosen(results, model, setting, phase)
        for split, metric in metrics:
            column = f"{split}_{metric}"
            interval = t_interval(of[column].dropna().to_numpy())
            low, high = _wider(interval) if "accuracy" in metric else (float("nan"),) * 2
            rows.append(
                {
                    "model": model,
                    "factor": factor,
                    "level": level,
                    "phase": phase,
                    "split": split,
                    "metric": metric,
                    "n_diverged": int((of["status"] == "diverged").sum()),
                    **interval,
                    "sd_ci_low": interval["sd"] * 0.69,
                    "sd_ci_high": interval["sd"] * 1.83,
                    "image_ci_low": low,
                    "image_ci_high": high,
                }
            )
    return pd.DataFrame(rows)


def _curves(
    results: pd.DataFrame, levels: pd.DataFrame, values: Params, rng: np.random.Generator
) -> pd.DataFrame:
    rows = []
    for model in values.backbones:
        for level in levels.itertuples():
            of = _chosen(results, model, str(level.setting), "explore")
            for curve in ("train", "valid", "fit"):
                column = "valid_accuracy" if curve == "valid" else "train_accuracy"
                end = of[column].to_numpy() - (0.08 if curve == "fit" else 0)
                for epoch in range(1, values.epochs + 1):
                    reached = end * (1 - 0.5 * math.exp(-0.6 * epoch)) + rng.normal(0, 0.004, len(end))
                    for metric, accuracy in (("accuracy", reached), ("loss", 2 * (1 - reached))):
                        rows.append(
                            {
                                "model": model,
                                "factor": level.factor,
                                "level": level.level,
                                "epoch": epoch,
                                "curve": curve,
                                "metric": metric,
                                **t_interval(accuracy),
                            }
                        )
    return pd.DataFrame(rows)


def _paired(diff: np.ndarray, margin: float, family: int) -> dict[str, Any]:
    interval = t_interval(diff)
    n, mean, sd = interval["n"], interval["mean"], interval["sd"]
    low, high = _wider(interval, by=0.004)
    won = float(np.mean((diff > 0) + 0.5 * (diff == 0)))
    certain = stats.binomtest(round(won * n), n).proportion_ci()
    out: dict[str, Any] = {
        "n": n,
        "diff": mean,
        "ci_low": interval["ci_low"],
        "ci_high": interval["ci_high"],
        "image_ci_low": low,
        "image_ci_high": high,
        "dz": mean / sd if sd > 0 else float("nan"),
        "wins": won,
        "wins_ci_low": float(certain.low),
        "wins_ci_high": float(certain.high),
        **dict(zip(("below_margin", "inside_margin", "above_margin"), (0.1, 0.7, 0.2), strict=True)),
        "p_max_t": 0.04,
    }
    if n < 2 or not sd > 0:
        names = (
            "simultaneous_low simultaneous_high p_t p_signflip p_max_t p_images p_holm p_tost p_tost_images "
        )
        missing = dict.fromkeys(
            (names + "p_tost_holm below_margin inside_margin above_margin mde").split(), float("nan")
        )
        return {**out, **missing, "verdict": "inconclusive", "seeds_only_verdict": "inconclusive"}
    se = sd / math.sqrt(n)
    p_t = float(2 * stats.t.sf(abs(mean) / se, n - 1))
    p_tost = float(max(stats.t.sf((mean + margin) / se, n - 1), stats.t.cdf((mean - margin) / se, n - 1)))
    p_holm = min(1.0, p_t * family)
    different, equal = p_holm < 0.05, p_tost < 0.05
    verdict = (
        ("different but trivial" if equal else "different")
        if different
        else ("equivalent" if equal else "inconclusive")
    )
    return {
        **out,
        "simultaneous_low": low - 0.001,
        "simultaneous_high": high + 0.001,
        "p_t": p_t,
        "p_signflip": max(p_t, 2 / 2**n),
        "p_images": p_t,
        "p_holm": p_holm,
        "p_tost": p_tost,
        "p_tost_images": p_tost,
        "p_tost_holm": min(1.0, p_tost * family),
        "mde": 1.0 * sd,
        "verdict": verdict,
        "seeds_only_verdict": "different" if p_t < 0.05 else verdict,
    }


def _chosen(results: pd.DataFrame, model: str, setting: str, phase: str) -> pd.DataFrame:
    here = (results["model"] == model) & (results["setting"] == setting) & (results["phase"] == phase)
    return results[here]


def _of(results: pd.DataFrame, model: str, setting: str, phase: str, column: str) -> np.ndarray:
    return _chosen(results, model, setting, phase).sort_values("replicate")[column].to_numpy()


def _comparisons(results: pd.DataFrame, levels: pd.DataFrame, values: Params) -> pd.DataFrame:
    rows = []
    family = int((levels["is_reference"] == 0).sum())
    reference = levels[levels["is_reference"] == 1].set_index("factor")["level"]
    for model in values.backbones:
        for level in levels[levels["is_reference"] == 0].itertuples():
            for metric in ("test_accuracy", "valid_accuracy", "train_accuracy"):
                diff = _of(results, model, level.setting, "explore", metric) - _of(
                    results, model, "reference", "explore", metric
                )
                rows.append(
                    {
                        "model": model,
                        "factor": level.factor,
                        "level": level.level,
                        "reference_level": reference[level.factor],
                        "metric": metric,
                        **_paired(diff, values.analysis.equivalence_margin, family),
                    }
                )
    return pd.DataFrame(rows, columns=list(tables.COMPARISONS.columns))


def _pairs(results: pd.DataFrame, values: Params) -> pd.DataFrame:
    rows = []
    confirmed = results[results["phase"] == "confirm"].sort_values("replicate")
    by_model = {model: part["test_accuracy"].to_numpy() for model, part in confirmed.groupby("model")}
    names = values.backbones
    for index, first in enumerate(names):
        for second in names[index + 1 :]:
            row = _paired(by_model[first] - by_model[second], values.analysis.equivalence_margin, 3)
            rows.append({"model_a": first, "model_b": second, **row, "correlation": 0.12})
    return pd.DataFrame(rows, columns=list(tables.PAIRS.columns))


def _omnibus(levels: pd.DataFrame, values: Params, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for model in values.backbones:
        for factor, part in levels.groupby("factor", sort=False):
            ordered = factor in values.analysis.ordered_factors
            known = values.seeds > 1
            p = float(rng.uniform(0, 0.1)) if known else float("nan")
            rows.append(
                {
                    "model": model,
                    "factor": factor,
                    "n": values.seeds,
                    "k": len(part),
                    "f": 12.3 if known else float("nan"),
                    "p": p,
                    "p_holm": min(1.0, 6 * p) if known else float("nan"),
                    "trend": 0.004 if ordered and known else float("nan"),
                    "p_trend": p / 2 if ordered and known else float("nan"),
                }
            )
    return pd.DataFrame(rows)


def _selection(results: pd.DataFrame, selected: dict[str, str], n_settings: int) -> pd.DataFrame:
    rows = []
    for model, name in selected.items():
        interval = t_interval(_of(results, model, name, "explore", "valid_accuracy"))
        rows.append(
            {
                "model": model,
                "setting": name,
                "n": interval["n"],
                "valid_mean": interval["mean"],
                "valid_sd": interval["sd"],
                "runner_up": "batch_size=32",
                "runner_up_valid_mean": interval["mean"] - 0.002,
                "n_settings": n_settings,
            }
        )
    return pd.DataFrame(rows)


def _best(results: pd.DataFrame, selected: dict[str, str], settings: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for model, name in selected.items():
        interval = t_interval(_of(results, model, name, "confirm", "test_accuracy"))
        low, high = _wider(interval)
        of = _chosen(results, model, name, "confirm")
        factors = ("lr", "batch_size", "dropout", "l1", "augmentation", "images_per_class")
        rows.append(
            {
                "model": model,
                "setting": name,
                **settings.loc[name, list(factors)].to_dict(),
                **interval,
                "image_ci_low": low,
                "image_ci_high": high,
                "n_diverged": int((of["status"] == "diverged").sum()),
                "explore_valid_mean": float(_of(results, model, name, "explore", "valid_accuracy").mean()),
                "confirm_valid_mean": float(of["valid_accuracy"].mean()),
                "explore_test_mean": float(_of(results, model, name, "explore", "test_accuracy").mean()),
            }
        )
    return pd.DataFrame(rows)


def _ensembles(frame: pd.DataFrame, values: Params) -> pd.DataFrame:
    rows = []
    single = frame[frame["method"] == "single"]["test_accuracy"].to_numpy(dtype=float)
    for method, part in frame.groupby("method", sort=False):
        accuracy = part["test_accuracy"].to_numpy(dtype=float)
        interval = t_interval(accuracy)
        low, high = _wider(interval)
        row = {"method": method, **interval, "image_ci_low": low, "image_ci_high": high}
        row["best_single"] = values.backbones[0]
        if method == "single":
            paired = None
        else:
            paired = _paired(accuracy - single, values.analysis.equivalence_margin, 3)
        rows.append(row | difference(paired, COMPARED))
    return pd.DataFrame(rows, columns=list(tables.ENSEMBLES.columns))


def _claims() -> pd.DataFrame:
    verdicts = ("supported", "refuted", "inconclusive", "not testable on this data")
    return pd.DataFrame(
        [
            {
                "id": f"C{index:02d}",
                "section": "4.1.1",
                "statement": "A higher learning rate gives a higher training accuracy.",
                "hypothesis": "Training accuracy rises with the learning rate in every model.",
                "verdict": verdicts[index % 4],
                "seeds_only_verdict": "supported" if index == 2 else verdicts[index % 4],
                "evidence": "Trend +0.8 points a step, 95 % interval 0.5 to 1.1, over 10 replicates.",
            }
            for index in range(1, 20)
        ]
    )


def _facts(
    values: Params,
    classes: tuple[str, ...],
    origins: tuple[str, ...],
    left_out: tuple[str, ...],
    images_per_class: int,
    dirty: bool,
) -> dict[str, Any]:
    return {
        "dataset": {
            "name": values.dataset,
            "classes": list(classes),
            "image_shape": [32, 32, 3],
            "counts": {
                split: {name: dict.fromkeys(origins, images_per_class) for name in classes}
                for split in tables.SPLITS
            },
            "source": "scikit-learn, load_digits",
            "duplicates": {
                "within": dict.fromkeys(tables.SPLITS, 0),
                "across": {"train-valid": 0, "train-test": 1, "valid-test": 0},
            },
        },
        "provenance": {
            "commit": "3f2a9c1d" * 5,
            "date": "2026-02-03",
            "dirty": dirty,
            "instructions": "x86-64-v3",
            "data_sha256": "ab" * 32,
            "weights": dict.fromkeys(values.backbones, "cd" * 32),
            "versions": {"python": "3.11.7", "keras": "3.15.1", "tensorflow": "2.21.0", "numpy": "2.4.6"},
            "backend": "tensorflow",
        },
        "verification": {
            "n_verified": values.analysis.verify_runs,
            "n_identical": values.analysis.verify_runs,
            "n_same": values.analysis.verify_runs,
            "max_abs_difference": 0.0,
            "runs": [f"{name}/reference/explore/0" for name in values.backbones],
        },
        "excluded": list(left_out),
    }
