"""A report as it is written, with what it was made from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from synthetic_study import ROOT, Study

from study.report import Facts
from study.report.build import write
from study.report.exhibits import Report
from study.report.outline import report

TEMPLATES = ROOT / "templates"


@dataclass(frozen=True)
class Built:
    """A report as written, its model and what it was made from."""

    study: Study
    model: Report
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


def built(made: Study, out: Path) -> Built:
    model = report(made.tables, Facts.of(made.facts))
    write(model, templates=TEMPLATES, out=out)
    return Built(made, model, out)
