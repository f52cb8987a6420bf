"""A folder ``mlruns`` of MLflow: a folder for each experiment, in it one for each run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from study.params import yaml

_META = "meta.yaml"


def is_one(path: Path) -> bool:
    """Whether some experiment stands in ``path``."""
    return any(path.glob(f"*/{_META}")) or any(path.glob(f"*/*/{_META}"))


def read(path: Path) -> pd.DataFrame:
    """A row for each run: its parameters as text, the last value of each metric, its experiment's name."""
    rows = [row for folder in sorted(path.iterdir()) if folder.is_dir() for row in _experiment(folder)]
    frame = pd.DataFrame(rows)
    return frame.drop(columns=[name for name in ("experiment",) if frame[name].nunique() < 2])


def _experiment(folder: Path) -> Iterator[dict[str, object]]:
    meta = _meta(folder)
    if meta.get("lifecycle_stage", "active") != "active":
        return
    for run in sorted(one.parent for one in folder.glob(f"*/{_META}")):
        known = _meta(run)
        if known.get("lifecycle_stage", "active") == "active":
            yield {
                "experiment": str(meta.get("name", folder.name)),
                **{name: one.read_text(encoding="utf-8").strip() for name, one in _files(run / "params")},
                **{name: _last(one) for name, one in _files(run / "metrics")},
            }


def _files(folder: Path) -> list[tuple[str, Path]]:
    """Names with their files; a slash in a name is a folder."""
    files = sorted(one for one in folder.rglob("*") if one.is_file())
    return [(one.relative_to(folder).as_posix(), one) for one in files]


def _last(path: Path) -> float:
    """Of lines ``timestamp value step`` the value of the highest step, the later line of two."""
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    ordered = sorted(lines, key=lambda parts: (int(parts[2]) if len(parts) > 2 else 0, int(parts[0])))
    return float(ordered[-1][1]) if ordered else float("nan")


def _meta(folder: Path) -> dict[str, object]:
    path = folder / _META
    found = yaml.parse(path.read_text(encoding="utf-8"), str(path)) if path.exists() else {}
    return dict(found) if isinstance(found, dict) else {}
