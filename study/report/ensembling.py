"""Blocks and the section on ensembles that the source has no counterpart of."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from study.report import ensemble_pictures, ensemble_remarks, ensemble_tables, prose
from study.report.conventions import Conventions
from study.report.exhibits import Block, Bullets, Paragraph, Section

Tables = Mapping[str, pd.DataFrame]


def score_blocks(tables: Tables, conventions: Conventions) -> tuple[Block, ...]:
    """Log loss and calibration error of the ensembles; nothing where none gives probabilities."""
    rows = tables["ensemble_scores"]
    said = ensemble_remarks.scores(rows, conventions)
    return (ensemble_tables.scores(rows, conventions), Bullets(said)) if said else ()


def temperature_blocks(tables: Tables, conventions: Conventions) -> tuple[Block, ...]:
    """What temperature scaling does to calibration."""
    rows = tables["calibration"]
    if rows.empty:
        return ()
    return (
        Paragraph(prose.TEMPERATURE),
        Bullets(ensemble_remarks.temperature(rows, conventions)),
        ensemble_pictures.temperature(rows, tables["temperatures"], conventions),
        ensemble_tables.temperature(rows, conventions),
    )


def section(tables: Tables, conventions: Conventions) -> Section:
    """Size, greedy selection and diversity."""
    blocks = (
        *_sizes(tables, conventions),
        *_greedy(tables, conventions),
        *_diversity(tables, conventions),
    )
    return Section(
        "more-ensembles", "Ensembles: size, selection, diversity", blocks or (Paragraph(prose.NO_MEMBERS),)
    )


def _sizes(tables: Tables, conventions: Conventions) -> tuple[Block, ...]:
    rows = tables["ensemble_sizes"]
    if rows.empty:
        return ()
    return (
        Paragraph(prose.SIZES),
        Bullets(ensemble_remarks.sizes(rows)),
        ensemble_pictures.sizes(rows, conventions),
        ensemble_tables.sizes(rows, conventions),
    )


def _greedy(tables: Tables, conventions: Conventions) -> tuple[Block, ...]:
    rows, runs, results = tables["greedy"], tables["greedy_runs"], tables["results"]
    if rows.empty:
        return ()
    explored = results[results["phase"] == "explore"]
    library = int(explored.groupby("replicate").size().max())
    return (
        Paragraph(prose.GREEDY),
        Bullets((ensemble_remarks.greedy(rows, conventions), ensemble_remarks.picks(runs, library))),
        ensemble_tables.greedy(rows, conventions),
        ensemble_tables.greedy_picks(runs, results),
        ensemble_tables.greedy_runs(runs, results),
    )


def _diversity(tables: Tables, conventions: Conventions) -> tuple[Block, ...]:
    rows = tables["diversity"]
    if rows.empty:
        return ()
    said = ensemble_remarks.explained(tables["diversity_gain"], conventions)
    drawn = ensemble_pictures.diversity(tables["diversity_runs"], rows, conventions)
    return (
        Paragraph(prose.DIVERSITY),
        Bullets((ensemble_remarks.diversity(rows), *said)),
        *((drawn,) if drawn else ()),
        ensemble_tables.diversity(rows, conventions),
    )
