"""What a finished study's reports/ says of it, wherever that is, and of whichever version."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from study import files
from study.analysis.studies import Study
from study.errors import reason, shown
from study.params import yaml
from study.params.factors import FACTORS, OPTIONAL
from study.pipeline import paths

MARGIN = 0.005
"""Where a study does not say its own."""
_RESULTS = {
    **dict.fromkeys(("model", "setting", "phase"), "str"),
    "replicate": "int64",
    **dict.fromkeys(("valid_accuracy", "test_accuracy"), "float64"),
}
_LEVELS = {**dict.fromkeys(("factor", "level", "setting"), "str"), "is_reference": "int64"}
_CLAIMS = dict.fromkeys(("id", "statement", "verdict"), "str")
_SELECTION = dict.fromkeys(("model", "setting"), "str")
_RECORDED = {
    "data": "data_sha256",
    "training code": "source_sha256",
    "processor": "instructions",
    "backend": "backend",
    "version of the backend": "version",
    "numpy": "numpy",
}


def read(folder: Path) -> Study:
    """A study from its reports/ and, where it stands beside that, params.yaml.

    Raises
    ------
    FileError
        A table is missing, has not the bytes of its hash, or lacks a column.
    """
    settings = _table(folder, "settings", {"setting": "str"}, every=True)
    factors = [one for one in (*FACTORS, *OPTIONAL) if one in settings]
    rows = settings[factors].astype(str).itertuples(index=False)
    values = [tuple(f"{name}={one}" for name, one in zip(factors, row, strict=True)) for row in rows]
    chosen = _params(folder)
    return Study(
        results=_table(folder, "results", _RESULTS),
        settings=dict(zip(settings["setting"], values, strict=True)),
        levels=_table(folder, "levels", _LEVELS),
        claims=_table(folder, "claims", _CLAIMS),
        selection=_table(folder, "selection", _SELECTION),
        facts=_facts(folder, chosen),
        seeds=str(chosen.get("study_seed", "")),
    )


def margin(folder: Path) -> float:
    """The margin of equivalence that a study's params.yaml names, else ``MARGIN``."""
    analysis = _params(folder).get("analysis")
    found = analysis.get("equivalence_margin") if isinstance(analysis, dict) else None
    return float(found) if isinstance(found, float) and 0 < found < 1 else MARGIN


def _table(folder: Path, name: str, columns: dict[str, str], *, every: bool = False) -> pd.DataFrame:
    path = folder / paths.TABLES / f"{name}.csv"
    files.check_sum(path, stage="analyse")
    try:
        frame = pd.read_csv(path, dtype="str", keep_default_na=False)
        kept = frame if every else frame[list(columns)]
        return kept.astype(columns)
    except KeyError as error:
        raise files.FileError(f"{path}: expected the columns {', '.join(columns)}, {reason(error)}") from None
    except (OSError, ValueError) as error:
        raise files.FileError(f"{path}: expected the table {name}, received {reason(error)}") from None


def _params(folder: Path) -> dict[str, Any]:
    with suppress(yaml.PlainYamlError):
        found = yaml.read(folder / paths.PARAMS)
        if isinstance(found, dict):
            return found
    return {}


def _facts(folder: Path, chosen: dict[str, Any]) -> dict[str, str]:
    """What it was made from; what it does not say is left out."""
    facts: dict[str, str] = {}
    dataset = _json(folder / paths.DATASET_JSON, "dataset")
    if "name" in dataset:
        facts["data set"] = str(dataset["name"])
    records = sorted((folder / paths.RESULTS / "explore").glob("*.json"))
    for path in records:
        record = _json(path, "record")
        for what, key in _RECORDED.items():
            if key in record:
                facts.setdefault(what, str(record[key]))
        if "weights_sha256" in record:
            facts[f"weights of {path.stem}"] = str(record["weights_sha256"])
    source = _json(folder / paths.SOURCE_JSON, "source")
    if "commit" in source:
        facts["commit"] = str(source["commit"])
    for name, value in chosen.items():
        if name != "execution":
            facts |= _flat(name, value)
    return facts


def _flat(name: str, value: Any) -> dict[str, str]:
    if isinstance(value, dict):
        return {
            key: text for inner, one in value.items() for key, text in _flat(f"{name}.{inner}", one).items()
        }
    return {name: shown(value)}


def _json(path: Path, key: str) -> dict[str, Any]:
    with suppress(files.FileError):
        found = files.read_json(path)
        rows = found.get(key) if isinstance(found, dict) else None
        if isinstance(rows, list) and rows and isinstance(rows[0], dict):
            return {str(name): one for name, one in rows[0].items()}
    return {}
