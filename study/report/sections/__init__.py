"""The sections of the report in order, each from the module of its topic."""

from __future__ import annotations

from study.report.document import Report, Section
from study.report.inputs import Inputs
from study.report.sections import (
    best,
    calibration,
    claims,
    data,
    ensembles,
    factors,
    members,
    methods,
    reproducibility,
    selection,
    summary,
    variability,
)


def report(inputs: Inputs) -> Report:
    """The whole report."""
    models = tuple(
        part for part in (topic.section(inputs) for topic in (best, ensembles, members)) if part.blocks
    )
    variation = (variability.section(inputs), selection.section(inputs))
    sections = (
        summary.section(inputs),
        claims.section(inputs),
        Section("models", "Models and ensembles", models),
        factors.section(inputs),
        Section("variation", "Variability and selection", variation),
        calibration.section(inputs),
        methods.section(inputs),
        data.section(inputs),
        reproducibility.section(inputs),
    )
    return Report(
        title=inputs.text.line("summary/title"),
        question=inputs.text.line("summary/question"),
        notices=summary.notices(inputs),
        sections=sections,
        numbers=summary.numbers(inputs),
        state=inputs.provenance.state,
        date=inputs.provenance.date,
        author=inputs.text.line("summary/author"),
    ).numbered()
