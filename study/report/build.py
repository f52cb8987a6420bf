"""Writes the report's files, each beside its place first and then moved there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from study.files import replace_file
from study.report.document import Picture, Report
from study.report.inputs import Inputs
from study.report.plots.style import Drawing, drawing
from study.report.render.html import render_html
from study.report.render.latex import render_tex
from study.report.sections import report

_MOST_WORKERS = 8
"""More would spend longer on their start than on their share of the pictures."""


def build(inputs: Inputs, *, templates: Path, out: Path) -> None:
    """Write report.html, report.tex, report-numbers.tex and figures/*.pdf under ``out``.

    Parameters
    ----------
    inputs
        All that the report is made from.
    templates
        Folder of the templates.
    out
        Folder to write to; figures of an earlier report that this one lacks are removed.
    """
    made = report(inputs)
    write(made, draw(made.pictures), templates=templates, out=out)


def write(made: Report, drawings: Mapping[str, Drawing], *, templates: Path, out: Path) -> None:
    """Write a report that is made and drawn already; see ``build``."""
    page = render_html(made, drawings, templates)
    article, numbers = render_tex(made, templates)
    figures = out / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    for picture in made.pictures:
        replace_file(figures / f"{picture.slug}.pdf", drawings[picture.slug].pdf)
    replace_file(out / "report-numbers.tex", numbers.encode())
    replace_file(out / "report.tex", article.encode())
    replace_file(out / "report.html", page.encode())
    kept = {f"{picture.slug}.pdf" for picture in made.pictures}
    for path in sorted(figures.glob("*.pdf")):
        if path.name not in kept:
            path.unlink()


def draw(pictures: Sequence[Picture]) -> dict[str, Drawing]:
    """Draw all pictures, on every core there is; the bytes do not depend on how many there are."""
    workers = min(len(pictures), os.cpu_count() or 1, _MOST_WORKERS)
    slugs = [picture.slug for picture in pictures]
    if workers < 2:
        return dict(zip(slugs, map(_drawn, pictures), strict=True))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return dict(zip(slugs, pool.map(_drawn, pictures), strict=True))


def _drawn(picture: Picture) -> Drawing:
    return drawing(picture.draw, picture.slug)
