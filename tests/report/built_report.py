"""A report as it is written, with what it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
from synthetic_study import ROOT, Study, params

from study.params import Params
from study.report import Inputs, StandingText, Tables
from study.report.build import draw, write
from study.report.document import Report
from study.report.plots.style import Drawing
from study.report.sections import report
from study.tables.schema import Table

TEMPLATES = ROOT / "templates"
TEXT = StandingText(TEMPLATES / "text")


@dataclass(frozen=True)
class Built:
    """A report as written, its model, its drawings and what it was made from."""

    study: Study
    model: Report
    drawings: Mapping[str, Drawing]
    out: Path

    @property
    def html(self) -> str:
        return (self.out / "report.html").read_text(encoding="utf-8")

    @property
    def tex(self) -> str:
        return (self.out / "report.tex").read_text(encoding="utf-8")

    @property
    def numbers(self) -> str:
        return (self.out / "report-numbers.tex").read_text(encoding="utf-8")


def inputs(made: Study, **other: Any) -> Inputs:
    """What the report of a synthetic study is made from."""
    return Inputs.of(params=made.params, tables=Tables(made.tables), text=TEXT, **{**made.facts, **other})


def built(made: Study, out: Path) -> Built:
    model = report(inputs(made))
    drawings = draw(model.pictures)
    write(model, drawings, templates=TEMPLATES, out=out)
    return Built(made, model, drawings, out)


class Given:
    """A few tables, which need not have all columns."""

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        self.frames = frames

    def __getitem__(self, table: Table) -> pd.DataFrame:
        return self.frames[table.name]


def given(values: Params | None = None, **frames: pd.DataFrame) -> Any:
    """Inputs of which only these tables are there."""
    return SimpleNamespace(params=values or params(), tables=Given(frames), text=TEXT)
