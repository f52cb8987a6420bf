"""Methods: design, verdicts, excluded levels, threats to validity, glossary."""

from __future__ import annotations

from study.report import format as fmt
from study.report import phrases
from study.report.document import Block, Bullets, Section
from study.report.inputs import Inputs
from study.report.phrases import many, records
from study.report.sections import factors
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
    reference = ", ".join(
        f"{fmt.factor_words(row['factor'])} {fmt.level_title(row['factor'], row['level'])}"
        for row in records(levels[levels["is_reference"] == 1])
    )
    phases = results["phase"].value_counts()
    explored, confirmed = (int(phases.get(phase, 0)) for phase in definitions.PHASES)
    size = (
        f"{many(len(tables[definitions.SETTINGS]), 'setting')}, {many(len(params.backbones), 'backbone')}, "
        f"{many(explored, 'run')} in the explore phase and {fmt.count(confirmed)} in the confirm phase, each "
        f"of {many(params.epochs, 'epoch')}; a backbone sees images of "
        f"{many(params.image_size, 'pixel')} per side. {factors.diverged(results)}"
    )
    text = inputs.text.blocks(
        "methods/design",
        seeds=many(params.seeds, "replicate"),
        confirm=many(params.confirm_seeds, "replicate"),
        rule=phrases.selection_rule(params),
        reference=reference,
        lr=fmt.compact(float(params.reference.model_dump()["lr"])),
        levels=phrases.listing(rates),
        size=size,
    )
    return text
