"""Sections that the source has no counterpart of: margins, variation, choice, classes, published numbers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from study.report import extra_pictures, extra_tables, prose, remarks
from study.report.conventions import Conventions
from study.report.exhibits import Block, Bullets, Paragraph, Section
from study.report.facts import Facts
from study.report.labels import method_title
from study.report.rows import records

Tables = Mapping[str, pd.DataFrame]
_TABLES = {"P1": "5.1", "P2": "5.1", "P3": "5.1", "P4": "4.1", "P5": "4.1", "P6": "4.1"}


def differences_section(tables: Tables, conventions: Conventions) -> Section:
    """All comparisons with the reference at a glance, and whether effects depend on the backbone."""
    rows = tables["comparisons"]
    rows = rows[(rows["metric"] == "test_accuracy") & rows["diff"].notna()]
    blocks: list[Block] = [Paragraph(prose.EQUIVALENCE)]
    if len(rows):
        blocks.append(extra_pictures.equivalence(tables["levels"], rows, conventions))
    interaction = tables["interaction"]
    blocks.append(Paragraph(remarks.interaction(interaction, conventions.alpha)))
    if len(interaction):
        blocks.append(extra_tables.interaction(interaction))
    return Section("differences", "All differences at a glance", tuple(blocks))


def variation_section(tables: Tables, facts: Facts, conventions: Conventions) -> Section:
    """How far accuracy moves with the seeds, what moves it, and how many seeds are enough."""
    models, levels = tables["steadiness_models"], tables["steadiness_levels"]
    sources, images, needed = tables["variance_sources"], tables["seeds_images"], tables["seeds_needed"]
    blocks: list[Block] = [
        Paragraph(prose.VARIATION),
        Paragraph(remarks.pool(facts.provenance.parameters["augment"])),
        Bullets(
            (
                remarks.spread_of_models(models),
                remarks.spread_of_levels(levels),
                remarks.sources(sources),
                remarks.seeds_and_images(images),
                remarks.seeds_needed(needed, conventions),
            )
        ),
    ]
    if len(models):
        blocks.append(extra_tables.steadiness(models, conventions))
    if levels["ratio"].notna().any():
        blocks.append(extra_pictures.steadiness(tables["levels"], levels, conventions))
        blocks.append(extra_tables.steadiness_levels(levels, conventions))
    if len(sources):
        blocks.append(extra_pictures.sources(sources, conventions))
        blocks.append(extra_tables.sources(sources))
    if len(images):
        blocks.append(extra_tables.seeds_images(images))
    if needed["n_needed"].notna().any():
        blocks.append(extra_tables.seeds_needed(needed, conventions))
    return Section("variation", "Variation, and how many seeds are enough", tuple(blocks))


def choice_section(tables: Tables, conventions: Conventions, selection: Block) -> Section:
    """How settings were chosen, what the choice flatters, and what other ways would have chosen."""
    choices, best = tables["choices"], tables["expected_best"]
    blocks: list[Block] = [
        Paragraph(prose.CHOICE),
        Paragraph(remarks.optimism(tables["best"])),
        selection,
    ]
    if len(choices):
        blocks += [Paragraph(remarks.choices(choices)), extra_tables.choices(choices, conventions)]
    if len(best):
        blocks += [
            Paragraph(remarks.expected_best(best)),
            extra_pictures.expected_best(best, conventions),
        ]
    return Section("choice", "Choosing a setting", tuple(blocks))


def classes_section(tables: Tables, conventions: Conventions, metrics: tuple[Block, ...]) -> Section:
    """Accuracy and confusion by class, and calibration."""
    classes, confusion, reliability = tables["per_class"], tables["confusion"], tables["reliability"]
    blocks: list[Block] = [
        Bullets((remarks.classes(classes), remarks.confusion(confusion), remarks.calibration(reliability)))
    ]
    if classes["mean"].notna().any():
        blocks.append(extra_pictures.per_class(classes, conventions))
        blocks.append(extra_tables.per_class(classes, conventions))
    if len(confusion):
        grid = extra_pictures.confusion(confusion, conventions)
        blocks += [grid] if grid else []
        blocks.append(extra_tables.confusions(confusion))
    if len(reliability):
        blocks.append(extra_pictures.reliability(reliability, conventions))
    return Section("classes", "Classes and calibration", (*blocks, *metrics))


def published_blocks(tables: Tables, conventions: Conventions) -> tuple[Block, ...]:
    """The source's six accuracies beside this study's."""
    rows = tables["published"]
    if rows.empty:
        return ()
    titles = {
        row["id"]: f"{row['id']}, {method_title(row['what'])}, table {_TABLES.get(row['id'], '–')}"
        for row in records(rows)
    }
    drawn = extra_pictures.published(rows, titles, conventions)
    said: tuple[Block, ...] = (Paragraph(remarks.published(rows)),)
    return (*said, *((drawn,) if drawn else ()), extra_tables.published(rows, titles))


def ranks_blocks(tables: Tables) -> tuple[Block, ...]:
    """Ranks of the confirmed backbones, where there are two or more."""
    rows = tables["ranks"]
    return (Paragraph(remarks.ranks(rows, tables["models_omnibus"])),) if len(rows) else ()
