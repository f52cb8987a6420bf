"""The result model through templates: one self-contained HTML page, one LaTeX article."""

from __future__ import annotations

import base64
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from study.report import latex
from study.report.exhibits import Column, Report


def render(report: Report, templates: Path) -> tuple[str, str]:
    """The report as HTML and as LaTeX.

    Raises
    ------
    jinja2.TemplateError
        A template is missing, is malformed or asks for a value that the model does not have.
    """
    return render_html(report, templates), render_tex(report, templates)


def render_html(report: Report, templates: Path) -> str:
    """One HTML file that loads nothing."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["csv_link"] = _csv_link
    environment.filters["zip"] = zip
    environment.filters["tag"] = _tag
    environment.filters["end"] = _end
    environment.filters["drawing"] = Markup
    return environment.get_template("report.html.j2").render(report=report)


def render_tex(report: Report, templates: Path) -> str:
    """A LaTeX article; it reads its figures from ``figures/``."""
    environment = _tex_environment(templates)
    template = environment.get_template("report.tex.j2")
    letters = latex.foreign(template.render(report=report, foreign=()))
    return template.render(report=report, foreign=latex.code_points(letters))


def render_numbers(report: Report, templates: Path) -> str:
    """Single numbers as LaTeX macros for other documents."""
    named: dict[str, str] = {}
    for key, value in report.numbers:
        base = latex.key(key)
        unique, place = base, 2
        while unique in named:
            unique, place = latex.Tex(f"{base}-{place}"), place + 1
        named[unique] = value
    entries = [(latex.Tex(key), value) for key, value in named.items()]
    return _tex_environment(templates).get_template("report-numbers.tex.j2").render(entries=entries)


def _tex_environment(templates: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - finalize escapes every slot
        finalize=latex.escape,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["column_format"] = latex.column_format
    environment.filters["headings"] = latex.headings
    environment.filters["line"] = latex.line
    environment.filters["num"] = latex.num
    environment.filters["slug"] = latex.Tex
    return environment


def _csv_link(text: str) -> str:
    return "data:text/csv;charset=utf-8;base64," + base64.b64encode(text.encode()).decode("ascii")


def _tag(column: Column) -> Markup:
    return Markup('th scope="row"') if column.kind == "name" else Markup("td")


def _end(column: Column) -> Markup:
    return Markup("th") if column.kind == "name" else Markup("td")
