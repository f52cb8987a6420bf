"""From params to the settings and runs of the study, with each run's seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from study.params import FACTORS, Params, ParamsError, Setting
from study.params.factors import OPTIONAL, REGISTRY, Level, in_use
from study.tables.definitions import LEVELS, RUNS, SETTINGS

Phase = Literal["explore", "confirm"]
VARIANCE = "variance"
ALL_SOURCES = "all"
PURPOSES = ("init", "order", "dropout", "subset", "augmentation")
REFERENCE = "reference"
_PHASE_KEY: dict[Phase, int] = {"explore": 0, "confirm": 1}


@dataclass(frozen=True)
class Design:
    """The study's settings: which there are, and which the data cannot give.

    Attributes
    ----------
    settings
        Table ``settings``: the reference first, then one row a level that differs from it.
    levels
        Table ``levels``: every factor's levels in order; the reference stands in each factor.
    by_name
        Each setting's values by its name.
    left_out
        One sentence for each level that the data cannot give.
    """

    settings: pd.DataFrame
    levels: pd.DataFrame
    by_name: dict[str, Setting]
    left_out: tuple[str, ...]


def level_name(value: Level) -> str:
    """How a level is written in tables, like ``0.0005``, ``3e-05``, ``128`` or ``cutmix``.

    Exact: the shortest decimal that reads back as the same number, and without ``.0`` where it is whole.
    So different numbers have different names.
    """
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) else repr(float(value) + 0.0).removesuffix(".0")


def settings(params: Params, *, images_per_class: int, balanced: bool = False) -> Design:
    """Lay out one factor at a time around the reference setting.

    Parameters
    ----------
    params
        The study's parameters.
    images_per_class
        How many training images the smallest class has; a few-shot level above it is left out.
    balanced
        Whether every class has so many: then that few-shot level is the same training set as ``all``, and
        one level with it, by the name that the reference has.

    Raises
    ------
    ParamsError
        The reference setting itself asks for more images per class than there are.
    ValueError
        A class has no training image.
    """
    if images_per_class < 1:
        raise ValueError(f"images_per_class: expected at least 1 in every class, received {images_per_class}")
    reference = params.reference
    if not _fits(reference, images_per_class):
        raise ParamsError(
            f"params.yaml: images_per_class: expected at most {images_per_class}, the images of the smallest "
            f"class, or all; received {reference.images_per_class}"
        )
    rows = [_setting_row(REFERENCE, REFERENCE, REFERENCE, reference)]
    values_of = {REFERENCE: reference}
    levels = []
    left_out = []
    for factor in FACTORS:
        for position, value in enumerate(_values(params, factor)):
            setting = reference.model_copy(update={factor: value})
            level = level_name(value)
            if not _fits(setting, images_per_class):
                left_out.append(
                    f"{factor} = {level} is left out: the smallest class has "
                    f"{images_per_class} training images."
                )
                continue
            if balanced and factor == "images_per_class" and _is_another(value, params, images_per_class):
                whole = "it is every training image of every class"
                left_out.append(f"{factor} = {level} is left out: {whole}.")
                continue
            is_reference = setting == reference
            name = REFERENCE if is_reference else f"{factor}={level}"
            levels.append((factor, level, position, name, int(is_reference)))
            if not is_reference:
                values_of[name] = setting
                rows.append(_setting_row(name, factor, level, setting))
    return Design(
        _settings_table(rows),
        LEVELS.conform(pd.DataFrame(levels, columns=list(LEVELS.columns))),
        values_of,
        tuple(left_out),
    )


def explore_runs(
    params: Params, design: Design, model: str, *, replicates: Mapping[str, int] | None = None
) -> pd.DataFrame:
    """Table ``runs``: every setting of ``model`` on every replicate of the explore phase.

    Parameters
    ----------
    replicates
        Setting to its number of replicates, where it stopped before the last.
    """
    table = _runs(params, model, list(design.settings["setting"]), "explore", params.seeds)
    if replicates is None:
        return table
    return table[table["replicate"] < table["setting"].map(replicates)].reset_index(drop=True)


def confirm_runs(params: Params, model: str, setting: str) -> pd.DataFrame:
    """Table ``runs``: the selected setting of ``model`` on fresh replicates."""
    return _runs(params, model, [setting], "confirm", params.confirm_seeds)


def variance_runs(params: Params, design: Design, model: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Runs of ``model`` in which one source of randomness varies and the others stay at replicate 0's.

    Sources init, order and dropout vary at the reference setting, augmentation at the first augmented level,
    subset at the largest few-shot level, as far as the sweep has them; at each of these settings all vary
    together too. The first ``variance_seeds`` replicates of the explore phase lend their seeds, so that some
    of these runs are runs of it.

    Returns
    -------
    Table ``runs``, phase ``variance``, and one row a run with columns run and source.
    """
    seeds = [_seeds(params, "explore", replicate) for replicate in range(params.variance_seeds)]
    rows, varied = [], []
    for setting, sources in _sources(design).items():
        for source in (*sources, ALL_SOURCES):
            for replicate, own in enumerate(seeds):
                run = f"{model}/{setting}/vary-{source}/{replicate}"
                drawn = own if source == ALL_SOURCES else seeds[0] | {f"{source}_seed": own[f"{source}_seed"]}
                rows.append(
                    {
                        "run": run,
                        "model": model,
                        "setting": setting,
                        "phase": VARIANCE,
                        "replicate": replicate,
                        **drawn,
                    }
                )
                varied.append({"run": run, "source": source})
    return (
        RUNS.conform(pd.DataFrame(rows, columns=list(RUNS.columns))),
        pd.DataFrame(varied, columns=["run", "source"]),
    )


def _sources(design: Design) -> dict[str, list[str]]:
    """Setting to the sources of randomness that vary at it alone."""
    at: dict[str, list[str]] = {REFERENCE: ["init", "order", "dropout"]}
    levels = design.levels.sort_values("position", kind="stable")
    augmented = levels[(levels["factor"] == "augmentation") & (levels["level"] != "none")]
    few = levels[(levels["factor"] == "images_per_class") & (levels["level"] != "all")]
    for source, rows, position in (("augmentation", augmented, 0), ("subset", few, -1)):
        if len(rows):
            at.setdefault(str(rows["setting"].iloc[position]), []).append(source)
    return at


def _seeds(params: Params, phase: Phase, replicate: int) -> dict[str, int]:
    return {f"{purpose}_seed": seed(params.study_seed, phase, replicate, purpose) for purpose in PURPOSES}


def seed(study_seed: int, phase: Phase, replicate: int, purpose: str) -> int:
    """The seed, in [0, 2**63), of one purpose in one replicate; shared by all models and settings of it."""
    key = (_PHASE_KEY[phase], replicate, PURPOSES.index(purpose))
    sequence = np.random.SeedSequence(study_seed, spawn_key=key)
    return int(sequence.generate_state(1, np.uint64)[0] >> 1)


def _runs(params: Params, model: str, names: list[str], phase: Phase, replicates: int) -> pd.DataFrame:
    seeds = [_seeds(params, phase, replicate) for replicate in range(replicates)]
    return RUNS.conform(
        pd.DataFrame(
            [
                {
                    "run": f"{model}/{name}/{phase}/{replicate}",
                    "model": model,
                    "setting": name,
                    "phase": phase,
                    "replicate": replicate,
                    **seeds[replicate],
                }
                for name in names
                for replicate in range(replicates)
            ]
        )
    )


def _values(params: Params, factor: str) -> list[Level]:
    """The levels of a factor in order; none of an optional factor that is off throughout."""
    values = params.levels(factor)
    if factor in OPTIONAL and set(values) == {OPTIONAL[factor]}:
        return []
    return sorted(values, key=_size) if REGISTRY[factor].ordered else values


def _size(value: Level) -> float:
    return float("inf") if isinstance(value, str) else value


def _fits(setting: Setting, images_per_class: int) -> bool:
    return setting.images_per_class == "all" or int(setting.images_per_class) <= images_per_class


def _is_another(value: Level, params: Params, images_per_class: int) -> bool:
    """Whether a level is all images of balanced classes and another level is too, which is kept."""
    whole = [one for one in params.levels("images_per_class") if one in ("all", images_per_class)]
    kept = next((one for one in whole if one == params.reference.images_per_class), "all")
    return len(whole) > 1 and value in whole and value != kept


def _settings_table(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Table ``settings``, without the optional factors that are off in every row."""
    used = {name for row in rows for name in in_use(row)}
    return SETTINGS.conform(pd.DataFrame(rows)[[name for name in rows[0] if name in used]])


def _setting_row(name: str, factor: str, level: str, setting: Setting) -> dict[str, object]:
    values = setting.model_dump()
    return {
        "setting": name,
        "factor": factor,
        "level": level,
        **values,
        "images_per_class": level_name(values["images_per_class"]),
    }
