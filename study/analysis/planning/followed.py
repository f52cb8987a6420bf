"""The path of a study that was looked at while it ran, from its record."""

from __future__ import annotations

import pandas as pd

from study.analysis.correctness import Correctness
from study.analysis.factor_levels import of_models
from study.analysis.frames import frame
from study.analysis.inputs import Inputs
from study.analysis.planning.looks import Path, follow
from study.errors import StudyError
from study.params import Rules
from study.tables.definitions import LOOKS


def follow_all(
    results: pd.DataFrame, levels: pd.DataFrame, correct: Correctness, *, rules: Rules
) -> dict[str, Path]:
    """The path of each backbone's settings through the looks of ``rules``, as its explore runs allow.

    Parameters
    ----------
    results, levels
        Tables of these names.
    correct
        Of at least the explore runs, on the test split.
    """
    (reference,) = levels[levels["is_reference"] == 1]["setting"].unique()
    found = {}
    for model, of_model in of_models(results, "explore").items():
        runs = {str(name): of for name, of in of_model.groupby("setting", sort=False)}
        found[model] = follow(
            {name: correct.of(of["run"]) for name, of in runs.items()}, str(reference), rules=rules
        )
    return found


def tables(inputs: Inputs, *, rules: Rules) -> dict[str, pd.DataFrame]:
    """The topic's tables by name: none where nothing was looked at."""
    return {"looks": looks_table(inputs, rules=rules)} if rules.looks else {}


def looks_table(inputs: Inputs, *, rules: Rules) -> pd.DataFrame:
    """Table ``looks``.

    Raises
    ------
    StudyError
        A setting has other runs than its verdict asked for.
    """
    found = follow_all(inputs.results, inputs.levels, inputs.test, rules=rules)
    explored = inputs.results[inputs.results["phase"] == "explore"]
    recorded = explored.groupby(["model", "setting"]).size()
    for model, path in found.items():
        for setting, n in path.replicates.items():
            if recorded[model, setting] != n:
                raise StudyError(
                    f"looks of {model}, {setting}: expected {n} replicates, as its verdict asked for, "
                    f"received {recorded[model, setting]}; run dvc repro"
                )
    return frame(
        LOOKS, ({"model": model, **look.row()} for model, path in found.items() for look in path.looks)
    )
