"""The door for programs and notebooks: results in, what they say out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from os import PathLike
from pathlib import Path

import pandas as pd

from study.analysis.claims.data import NotTestableError
from study.analysis.method_claims import Measurement, Runs, load_claims
from study.analysis.methods import centre
from study.errors import StudyError
from study.report import judged
from study.report.judged import Judgement
from study.results_file import Choice, Measured, ResultsError, UnclearColumnError, measure, read


class JudgeError(StudyError):
    """An option that does not fit the results."""


def judge(
    results: pd.DataFrame | str | PathLike[str],
    *,
    method: str | Sequence[str] = (),
    seed: str = "",
    dataset: str = "",
    metric: str = "",
    reference: str = "",
    margin: float = 0.0,
    lower_is_better: bool | None = None,
    alpha: float = judged.RULES.alpha,
    claims: str | PathLike[str] | None = None,
) -> Judgement:
    """Compare the methods of anybody's results.

    Parameters
    ----------
    results
        A frame with a row for each run, or the path of a file or folder as ``study judge`` takes it.
    method, seed, dataset, metric
        Columns, where their names do not say it; several methods' columns together name a method. Where the
        results have a column of metrics' names, ``metric`` is one of these.
    reference
        The method that the others are compared with; empty: all pairs, or, where factors are varied one at a
        time, the method around which they are.
    margin
        Differences below it do not matter, in the metric's unit; 0: no two methods can be equivalent.
    lower_is_better
        None: the metric's name says it.
    alpha
        Level of every test, corrected over all comparisons.
    claims
        A YAML file of claims on the results. Options above go before the same ones in it.

    Raises
    ------
    UnclearColumnError
        It is not clear what a column is.
    ResultsError
        The results cannot be judged.
    ClaimsError
        The file of claims is none.
    JudgeError
        An option does not fit them.
    """
    asked = load_claims(Path(claims)) if claims is not None else None
    if asked is not None:
        method, seed, dataset = method or asked.method, seed or asked.seed, dataset or asked.dataset
        metric, margin = metric or asked.metric, margin or asked.margin
        lower_is_better = asked.lower_is_better if lower_is_better is None else lower_is_better
    if not 0 < alpha < 1:
        raise JudgeError(f"alpha: expected a number between 0 and 1, received {alpha:g}")
    if not 0 <= margin < float("inf"):
        raise JudgeError(f"margin: expected a number of at least 0, received {margin:g}")
    where, source = "frame", "frame"
    if not isinstance(results, pd.DataFrame):
        path = Path(results)
        where, source = str(path), _source(path)
        results = read(path)
    names = (method,) if isinstance(method, str) and method else tuple(method)
    choice = Choice(method=names, seed=seed, dataset=dataset, metric=metric, lower_is_better=lower_is_better)
    frame = results.reset_index(drop=True)
    found = measure(frame, choice, where=where)
    known = list(dict.fromkeys(found.table["method"]))
    if reference and reference not in known:
        raise JudgeError(f"{where}: reference: expected one of {', '.join(known)}, received {reference}")
    marks = found.marks
    if not reference and (middle := centre(found.factors)):
        reference = middle
        marks = (
            *marks,
            f"Factors are varied one at a time around {middle}: each method is compared with it.",
        )
    return judged.judge(
        found.table,
        metric=found.columns.metric,
        lower_is_better=found.columns.lower_is_better,
        rules=replace(judged.RULES, alpha=alpha, margin=margin),
        columns=found.columns.sentence,
        marks=marks,
        reference=reference,
        factors=found.factors,
        source=source,
        claims=asked.claims if asked is not None else (),
        runs=Runs(_measurements(found, frame, choice, where), found.factors, margin) if asked else None,
    )


def _measurements(
    main: Measured, frame: pd.DataFrame, choice: Choice, where: str
) -> Callable[[str, bool | None], Measurement]:
    """Every metric of the results by its name, the main one by an empty name."""
    found = main.columns

    @cache
    def measurement(metric: str, lower_is_better: bool | None) -> Measurement:
        if metric in ("", found.metric):
            return Measurement(found.metric, found.lower_is_better, main.table)
        other = replace(choice, method=found.method, metric=metric, lower_is_better=lower_is_better)
        try:
            one = measure(frame, other, where=where)
        except UnclearColumnError:
            return _undirected(metric, frame, other, where)
        except ResultsError as error:
            raise NotTestableError(str(error)) from None
        return Measurement(metric, one.columns.lower_is_better, one.table)

    return measurement


def _undirected(metric: str, frame: pd.DataFrame, choice: Choice, where: str) -> Measurement:
    """Say what is unclear of a claim's metric: that there is none, or which way it is better."""
    try:
        measure(frame, replace(choice, lower_is_better=False), where=where)
    except StudyError:
        raise NotTestableError(f"the results have no metric {metric}") from None
    raise JudgeError(
        f"claims: metric {metric}: expected lower_is_better: true or false in the hypothesis, received none"
    )


def _source(path: Path) -> str:
    """The name of a file with its hash; of a folder its name alone."""
    if not path.is_file():
        return path.name
    return f"{path.name}, SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
