"""The report of the study from its tables, as HTML and LaTeX."""

from study.report.build import build
from study.report.inputs import Inputs, InputsError, StandingText, Tables

__all__ = ["Inputs", "InputsError", "StandingText", "Tables", "build"]
