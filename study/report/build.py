"""Writes the report's files, each beside its place first and then moved there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from study.files import replace_file
from study.report.exhibits import Picture, Report
from study.report.facts import Facts
from study.report.outline import report
from study.report.render import render_html, render_tex
from study.tables.definitions import REPORT_TABLES
from study.tables.schema import TableError

_MOST_WORKERS = 8
"""More would spend longer on their start than on their share of the pictures."""


def build(tables: Mapping[str, pd.DataFrame], facts: Facts, *, templates: Path, out: Path) -> None:
    """Write report.html, report.tex, report-numbers.tex and figures/*.pdf under ``out``.

    Parameters
    ----------
    tables
        Every table of ``REPORT_TABLES`` by its name.
    facts
        What the report reads beside the tables.
    templates
        Folder of the templates.
    out
        Folder to write to; figures of an earlier report that this one lacks are removed.

    Raises
    ------
    TableError
        A table is missing or is not as its schema says.
    """
    missing = [table.name for table in REPORT_TABLES if table.name not in tables]
    if missing:
        raise TableError(f"report: expected the tables {[t.name for t in REPORT_TABLES]}, missing {missing}")
    made = report({table.name: table.conform(tables[table.name]) for table in REPORT_TABLES}, facts)
    draw(made.pictures)
    write(made, templates=templates, out=out)


def write(made: Report, *, templates: Path, out: Path) -> None:
    """Write a report that is made already; see ``build``."""
    page = render_html(made, templates)
    article, numbers = render_tex(made, templates)
    figures = out / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    for picture in made.pictures:
        replace_file(figures / f"{picture.slug}.pdf", picture.pdf)
    replace_file(out / "report-numbers.tex", numbers.encode())
    replace_file(out / "report.tex", article.encode())
    replace_file(out / "report.html", page.encode())
    kept = {f"{picture.slug}.pdf" for picture in made.pictures}
    for path in sorted(figures.glob("*.pdf")):
        if path.name not in kept:
            path.unlink()


def draw(pictures: Sequence[Picture]) -> None:
    """Draw all pictures, on every core there is; the bytes do not depend on how many there are."""
    left = [picture for picture in pictures if not picture.is_drawn]
    workers = min(len(left), os.cpu_count() or 1, _MOST_WORKERS)
    if workers < 2:
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for picture, drawing in zip(left, pool.map(Picture.drawn, left), strict=True):
            picture.keep(drawing)
