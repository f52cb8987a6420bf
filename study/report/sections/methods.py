"""Methods: design, verdicts, excluded levels, threats to validity, glossary."""

from __future__ import annotations

import pandas as pd

from study.report import format as fmt
from study.report import phrases
from study.report.document import Block, Bullets, Section
from study.report.inputs import Inputs
from study.report.phrases import listing, many, records
from study.tables import definitions


def section(inputs: Inputs) -> Section:
    """How the study was done, what its words mean, what to doubt."""
    params, text = inputs.params, inputs.text
    excluded: tuple[Block, ...] = text.blocks("methods/excluded")
    if inputs.excluded:
        excluded = (Bullets(inputs.excluded),)
    glossary = text.terms(
        "methods/glossary",
        "Terms",
        ci=phrases.ci(params),
        margin=phrases.margin(params),
        power=phrases.power(params),
    )
    alpha = fmt.compact(params.analysis.alpha)
    verdicts = text.blocks("methods/verdicts", alpha=alpha, margin=phrases.margin(params))
    return Section(
        "methods",
        "Methods",
        (
            *_design(inputs),
            Section("verdicts", "How verdicts are made", verdicts, 2),
            Section("glossary", "Glossary", (glossary,), 2),
            Section("excluded", "Excluded levels", excluded, 2),
            Section("threats", "Threats to validity", text.blocks("methods/threats"), 2),
        ),
    )


def _design(inputs: Inputs) -> tuple[Block, ...]:
    params, tables = inputs.params, inputs.tables
    levels, results = tables[definitions.LEVELS], tables[definitions.RESULTS]
    rates = [fmt.level_title("lr", level) for level in levels.loc[levels["factor"] == "lr", "level"]]
    reference = {
        row["factor"]: fmt.level_title(row["factor"], row["level"])
        for row in records(levels[levels["is_reference"] == 1])
    }
    phases = results["phase"].value_counts()
    explored, confirmed = (int(phases.get(phase, 0)) for phase in definitions.PHASES)
    size = (
        f"{many(len(tables[definitions.SETTINGS]), 'setting')}, {many(len(params.backbones), 'backbone')}, "
        f"{many(explored, 'run')} in the explore phase and {fmt.count(confirmed)} in the confirm phase, each "
        f"of {many(params.epochs, 'epoch')}; a backbone sees images of "
        f"{many(params.image_size, 'pixel')} per side. {diverged(results)}"
    )
    text = inputs.text.blocks(
        "methods/design",
        seeds=many(phrases.explored(params), "replicate"),
        confirm=many(params.confirm_seeds, "replicate"),
        rule=phrases.selection_rule(params),
        reference=", ".join(f"{fmt.factor_words(factor)} {level}" for factor, level in reference.items()),
        lr=reference["lr"],
        levels=listing(rates),
        size=size,
    )
    return text


def diverged(results: pd.DataFrame) -> str:
    """How many runs diverged, and in which settings; ``results`` is that table."""
    lost, total = results[results["status"] == "diverged"], many(len(results), "run")
    if lost.empty:
        return f"None of the {total} diverged."
    groups = lost.groupby(["model", "setting"], sort=True).size().reset_index(name="n")
    groups = groups.sort_values("n", ascending=False, kind="stable")
    shown = [
        f"{row['n']} of {row['model']} at {fmt.setting_words(row['setting'])}"
        for row in records(groups.head(3))
    ]
    if len(groups) > 3:
        shown.append(many(len(groups) - 3, "more group"))
    return (
        f"{len(lost)} of {total} diverged: {listing(shown)}. Their final accuracies stay in every mean, and "
        "the tables count them."
    )
