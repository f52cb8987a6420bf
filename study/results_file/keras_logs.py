"""A folder of files of Keras' ``CSVLogger``: one run each, named by method and seed."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from study.results_file.measured import ResultsError

_SEED = re.compile(r"^(?P<method>.*?)[\W_]*(?:seed|rep|replicate|run|s)?[\W_]*(?P<seed>\d+)$", re.IGNORECASE)


def is_one(path: Path) -> bool:
    """Whether some CSV file in it has a first column ``epoch``."""
    return any(_header(one)[:1] == ["epoch"] for one in path.rglob("*.csv"))


def read(path: Path) -> pd.DataFrame:
    """The last epoch of each run with columns ``method`` and ``seed``, from the file's place and name.

    ``resnet/seed3.csv``, ``resnet-seed3.csv``, ``resnet_3.csv`` and ``resnet/3/log.csv`` are all seed 3 of
    ``resnet``.

    Raises
    ------
    ResultsError
        A name has no seed.
    """
    rows = []
    for one in sorted(path.rglob("*.csv")):
        if _header(one)[:1] != ["epoch"]:
            continue
        named = [*one.relative_to(path).parent.parts, one.stem]
        while named and not re.search(r"\d$", named[-1]):
            named.pop()
        found = _SEED.match("/".join(named))
        if not named or found is None or not found["method"].strip("/_-. "):
            raise ResultsError(
                f"{one}: expected a name of method and seed, such as resnet-seed3.csv or resnet/seed3.csv, "
                f"received {one.relative_to(path)}"
            )
        log = pd.read_csv(one)
        if len(log):
            last = log.iloc[-1].drop("epoch").to_dict()
            rows.append({"method": found["method"].strip("/_-. "), "seed": int(found["seed"]), **last})
    return pd.DataFrame(rows)


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", errors="replace") as file:
        return re.split("[,;\t]", file.readline().strip())
