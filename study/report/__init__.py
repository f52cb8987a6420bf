"""The report of the study from its tables, as HTML and LaTeX."""

from study.report.build import build
from study.report.inputs import Inputs, InputsError, Prose, Tables

__all__ = ["Inputs", "InputsError", "Prose", "Tables", "build"]
