"""One number of each run, checked: what cannot be judged is refused, what may mislead is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from study.errors import StudyError, shown
from study.results_file.columns import Choice, Columns, find, plain
from study.tables.methods import MEASURED

_MISSING = {"", "nan", "na", "n/a", "none", "null", "-", "!", "inf", "-inf", "+inf", "infinity",
            "-infinity", "diverged", "failed"}  # fmt: skip
_RUN_LOST = "\x00lost"
"""A column of our own, whose name no file has."""
_METHOD = "\x00method"
"""Likewise, the index of the factors."""
_STATUS = ("status", "state")
_UNFINISHED = {"running", "queued", "pending"}
_LOST = {"crashed", "failed", "killed", "diverged", "error", "oom", "timeout"}
_PICKED = {"best", "max", "maximum", "peak", "top"}
_OTHER_SPLIT = {"train", "training", "valid", "validation", "val", "dev"}
_FOLDS = ("fold", "folds", "cv fold", "split", "cv split")
_BY_CHANCE = 0.5
"""Expected pairs of equal values from which such a pair is no sign of one run."""
_FEW = 3
"""More equal values than these are told together."""
_FINE = 5
"""Significant digits from which an equal value of two seeds is hardly chance."""


class ResultsError(StudyError):
    """Results that cannot be judged."""


@dataclass(frozen=True)
class Measured:
    """The runs of a results file.

    Attributes
    ----------
    table
        Table ``measured``, in the order of the file.
    columns
        Where it was found.
    marks
        What a reader has to know of these runs, a sentence each.
    factors
        A row for each method with its levels as text, indexed by method: what its columns hold.
    """

    table: pd.DataFrame
    columns: Columns
    marks: tuple[str, ...]
    factors: pd.DataFrame


def measure(frame: pd.DataFrame, choice: Choice, *, where: str) -> Measured:
    """One number of each run of ``frame``, whose columns are found or named by ``choice``.

    Raises
    ------
    UnclearColumnError
        It is not clear what a column is.
    ResultsError
        A value is no number, a seed stands twice, no method has two seeds, there is one method, or the metric
        never varies; ``where`` names the file.
    """
    frame = frame.rename(columns=str)
    if frame.empty:
        raise ResultsError(f"{where}: expected a row for each run, received none")
    columns = find(frame, choice, where=where)
    frame, unfinished = _finished(frame)
    if columns.metric_key:
        frame = frame[frame[columns.metric_key].astype(str) == columns.metric]
    if columns.epoch:
        frame = _last(frame, columns)
    table = pd.DataFrame(
        {
            "dataset": _text(frame[columns.dataset]) if columns.dataset else "",
            "method": _method(frame, columns),
            "seed": _text(frame[columns.seed]),
            "value": _values(frame, columns, where),
        }
    ).reset_index(drop=True)
    _check(table, columns, where)
    marks = (*unfinished, *_by_name(frame, columns), *_marks(table))
    levels = pd.DataFrame({name: _text(frame[name]) for name in columns.method}).reset_index(drop=True)
    factors = levels.assign(**{_METHOD: table["method"]}).drop_duplicates(_METHOD).set_index(_METHOD)
    return Measured(MEASURED.conform(table), columns, marks, factors)


def _finished(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Without runs that go on; what is left of those that were lost on the way is no result."""
    for name in frame:
        if plain(name) in _STATUS:
            state = frame[name].astype(str).str.strip().str.lower()
            going = state.isin(_UNFINISHED)
            marks = (f"{int(going.sum())} runs that have not ended are left out.",) if going.any() else ()
            return frame.assign(**{_RUN_LOST: state.isin(_LOST)})[~going], marks
    return frame.assign(**{_RUN_LOST: False}), ()


def _text(column: pd.Series) -> pd.Series:
    """Values as text; 3.0 and 3 are one."""
    if pd.api.types.is_float_dtype(column):
        return column.map(lambda value: "" if pd.isna(value) else f"{value:.15g}").astype(str)
    return column.map(lambda value: "" if pd.isna(value) else str(value).strip()).astype(str)


def _method(frame: pd.DataFrame, columns: Columns) -> pd.Series:
    if len(columns.method) == 1:
        return _text(frame[columns.method[0]])
    parts = [f"{name}=" + _text(frame[name]) for name in columns.method]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + ", " + part
    return joined


def _last(frame: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    """The last row of each run that has the metric."""
    names = [*columns.method, columns.seed, *([columns.dataset] if columns.dataset else [])]
    value = columns.value or columns.metric
    has = frame[value].notna() if frame[value].notna().any() else frame[value].isna()
    known = frame[has | ~frame.groupby(names)[value].transform("count").astype(bool)]
    ordered = known.assign(_order=pd.to_numeric(known[columns.epoch], errors="coerce"))
    kept = ordered.sort_values("_order", kind="stable").groupby(names, sort=False).tail(1).index
    return frame.loc[sorted(kept)]


def _values(frame: pd.DataFrame, columns: Columns, where: str) -> pd.Series:
    given = frame[columns.value or columns.metric]
    numbers = pd.to_numeric(given, errors="coerce").astype(float)
    other = numbers.isna() & ~_text(given).str.lower().isin(_MISSING)
    if other.any():
        place = int(other.to_numpy().argmax())
        raise ResultsError(
            f"{where}, row {frame.index[place] + 1}, {columns.metric}: expected a number, or nothing for a "
            f"run that diverged, received {shown(str(given.iloc[place]))}"
        )
    return numbers.where(np.isfinite(numbers) & ~frame[_RUN_LOST])


def _check(table: pd.DataFrame, columns: Columns, where: str) -> None:
    seedless = table["seed"].str.lower().isin(_MISSING)
    if seedless.any():
        row = table[seedless].iloc[0]
        raise ResultsError(f"{where}: expected a seed in each row, received none for {row['method']}")
    if (table["method"] == "").any():
        row = table[table["method"] == ""].iloc[0]
        raise ResultsError(f"{where}: expected a method in each row, received none for seed {row['seed']}")
    key = ["dataset", "method", "seed"]
    twice = table.duplicated(key, keep=False)
    if twice.any():
        first = table[twice].iloc[0]
        rows = table[(table[key] == first[key]).all(axis=1)]
        of = f" on {first['dataset']}" if first["dataset"] else ""
        run = f"{first['method']}, seed {first['seed']}{of}"
        if len(rows["value"].unique()) > 1:
            raise ResultsError(
                f"{where}: expected one row a run, received {len(rows)} that differ for {run}: are they "
                "episodes, folds or other settings? average them to one number for each seed, or name the "
                "column that tells them apart with --method or --dataset"
            )
        raise ResultsError(f"{where}: expected one row a run, received {len(rows)} equal ones for {run}")
    if table["method"].nunique() < 2:
        raise ResultsError(
            f"{where}: expected at least two methods to compare, received {table['method'].iloc[0]} alone"
        )
    known = table[table["value"].notna()]
    if known.empty:
        raise ResultsError(
            f"{where}: expected numbers in {columns.metric}, received a diverged run everywhere"
        )
    if len(known["value"].unique()) == 1:
        raise ResultsError(
            f"{where}: expected a metric that varies, received {columns.metric} = {known['value'].iloc[0]:g} "
            "in every run"
        )
    if known.groupby(key[:2]).size().max() < 2:
        raise ResultsError(
            f"{where}: expected at least two seeds of a method, received one of each: one run has no interval"
        )


def _by_name(frame: pd.DataFrame, columns: Columns) -> Iterator[str]:
    """What the names of columns give away."""
    words = set(plain(columns.metric).split())
    if words & _PICKED and not words & _OTHER_SPLIT:
        yield (
            f"By its name {columns.metric} is the best of several epochs; picked on test data it is too "
            "good: the epoch is to be chosen on validation data, or be the last."
        )
    taken = {*columns.method, columns.dataset}
    for name in frame:
        if plain(name) not in _FOLDS or str(name) in taken or frame[name].nunique() < 2:
            continue
        yield (
            f"Column {name} varies from run to run: folds share their training data, so the runs are not "
            "independent and the intervals are too short."
        )


def _marks(table: pd.DataFrame) -> Iterator[str]:
    twins: list[tuple[str, str]] = []
    gaps = {str(name): _smallest_gap(runs["value"]) for name, runs in table.groupby("dataset", sort=False)}
    for (dataset, method), runs in table.groupby(["dataset", "method"], sort=False):
        name = f"{method} on {dataset}" if dataset else str(method)
        known = runs[runs["value"].notna()]
        if len(known) < len(runs):
            yield f"{name}: {len(runs) - len(known)} of {len(runs)} runs diverged and are not in its mean."
        if len(known) == 1:
            yield f"{name} has one seed: there is no interval, and nothing is said of a difference."
        elif len(known) and len(known["value"].unique()) == 1:
            yield f"{name} has the same value under all of its {len(known)} seeds: was the seed used?"
        elif seeds := _twins(known, gaps[str(dataset)]):
            twins.append((name, seeds))
    for name, seeds in twins if len(twins) <= _FEW else ():
        yield f"{name} has the same value under seeds {seeds}: are they one run?"
    if len(twins) > _FEW:
        yield (
            f"{len(twins)} times a method has the same value under two seeds ({twins[0][0]} under "
            f"{twins[0][1]}, for one): is the metric so coarse, or are they one run?"
        )
    uneven = [
        str(dataset)
        for dataset, runs in table.groupby("dataset", sort=False)
        if len(set(runs.groupby("method")["seed"].agg(frozenset))) > 1
    ]
    if uneven:
        where = f" on {', '.join(uneven)}" if any(uneven) else ""
        yield f"Not every method has the same seeds{where}: such pairs are compared by Welch's test."


def _smallest_gap(values: pd.Series) -> float:
    """The smallest difference of two values: of shares of N examples it is 1 / N, or a multiple of it."""
    gaps = np.diff(np.unique(values.dropna().to_numpy(np.float64)))
    return float(gaps.min()) if len(gaps) else 0.0


def _twins(runs: pd.DataFrame, gap: float) -> str:
    """The first two seeds of one value with many digits, unless the metric is so coarse that it is chance.

    Of n normal values, rounded to ``gap``, n (n - 1) / 2 gap / (2 sqrt(pi) SD) pairs are expected to
    be equal.
    """
    n, sd = len(runs), float(runs["value"].std())
    if n * (n - 1) / 2 * gap / (2 * np.sqrt(np.pi) * sd) >= _BY_CHANCE:
        return ""
    for value, same in runs.groupby("value", sort=False)["seed"]:
        digits = f"{value:.15g}".replace(".", "").replace("-", "").split("e")[0].strip("0")
        if len(same) > 1 and len(digits) >= _FINE:
            return " and ".join(same.iloc[:2])
    return ""
