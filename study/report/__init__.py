"""The report of the study from its tables, as HTML and LaTeX."""

from study.report.build import build
from study.report.facts import Facts, FactsError

__all__ = ["Facts", "FactsError", "build"]
