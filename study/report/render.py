"""The result model through templates: one self-contained HTML page, one LaTeX article."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from study.report import latex
from study.report.bibliography import CITATION, PLACES, keys
from study.report.exhibits import Column, Report
from study.report.macros import Macros
from study.report.texts import changed


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
    return environment.get_template("report.html.j2").render(report=changed(report, _linked))


def render_tex(report: Report, templates: Path) -> tuple[str, str]:
    """A LaTeX article, which reads its figures from ``figures/``, and the numbers that it reads.

    The numbers are macros: those of the article's running text by the place where they stand, and single
    ones by name for other documents.
    """
    environment = _tex_environment(templates)
    macros = Macros()
    made = changed(report, macros.change)
    template = environment.get_template("report.tex.j2")
    letters = latex.foreign(template.render(report=made, foreign=()))
    article = template.render(report=made, foreign=latex.code_points(letters))
    numbers = environment.get_template("report-numbers.tex.j2")
    return article, numbers.render(entries=_named(report), texts=macros.texts)


def _named(report: Report) -> list[tuple[latex.Tex, str]]:
    named: dict[str, str] = {}
    for key, value in report.numbers:
        base = latex.key(key)
        unique, place = base, 2
        while unique in named:
            unique, place = latex.Tex(f"{base}-{place}"), place + 1
        named[unique] = value
    return [(latex.Tex(key), value) for key, value in named.items()]


def _linked(text: str, _: str) -> Markup:
    """``text`` as HTML in which ``[@key]`` links to its reference."""
    pieces, end = [Markup("")], 0
    for match in CITATION.finditer(text):
        pieces += [escape(text[end : match.start()]), _links(match)]
        end = match.end()
    return Markup("").join([*pieces, escape(text[end:])])


def _links(match: re.Match[str]) -> Markup:
    if not set(match[1].split("; @")) <= set(PLACES):
        return escape(match[0])
    links = [Markup('<a href="#ref-{}">{}</a>').format(key, PLACES[key]) for key in keys(match[1])]
    return Markup("[") + Markup(", ").join(links) + Markup("]")


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
    environment.filters["comment"] = latex.comment
    return environment


def _csv_link(text: str) -> str:
    return "data:text/csv;charset=utf-8;base64," + base64.b64encode(text.encode()).decode("ascii")


def _tag(column: Column) -> Markup:
    return Markup('th scope="row"') if column.kind == "name" else Markup("td")


def _end(column: Column) -> Markup:
    return Markup("th") if column.kind == "name" else Markup("td")
