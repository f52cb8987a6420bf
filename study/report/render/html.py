"""The report as one HTML page that loads nothing."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from study.report.document import Column, Picture, Report, Table
from study.report.plots.style import Drawing
from study.report.render.bibliography import CITATION, PLACES, keys

_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def render_html(report: Report, drawings: Mapping[str, Drawing], templates: Path) -> str:
    """One HTML file; ``drawings`` by the slugs of the report's pictures."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    css, svgs = _classed(report, drawings)
    inline = {
        name: f"\n{(templates / name).read_text(encoding='utf-8')}" for name in ("report.css", "report.js")
    }
    inline["report.css"] += css
    environment.filters |= {
        "csv_link": _csv_link,
        "zip": zip,
        "tag": lambda column: Markup('th scope="row"') if _heads(column) else Markup("td"),
        "end": lambda column: Markup("th") if _heads(column) else Markup("td"),
        "heading": lambda level: f"h{level + 1}",
        "wide": lambda slug: svgs[slug][0],
        "narrow": lambda slug: svgs[slug][1],
        "digest": lambda name: _digest(inline[name]),
        "inline": lambda name: Markup(inline[name]),  # noqa: S704 - a template
        "archive": _archive,
        "open": lambda table: "" if table.folded else "open",
        "tone": lambda cell: f" tone tone-{cell.tone}" if cell.tone else "",
    }
    return environment.get_template("report.html.j2").render(report=report.retold(_linked))


def _classed(report: Report, drawings: Mapping[str, Drawing]) -> tuple[str, dict[str, tuple[Markup, Markup]]]:
    """A class for each look in the drawings, since the page's policy allows no style beside its own."""
    looks: dict[str, str] = {}

    def named(look: re.Match[str]) -> str:
        return f'class="{looks.setdefault(look[1], f"s{len(looks) + 1}")}"'

    svgs = {}
    for picture in report.pictures:
        drawn = drawings[picture.slug]
        wide, narrow = (re.sub(r'style="([^"]*)"', named, one) for one in (drawn.wide, drawn.narrow))
        svgs[picture.slug] = Markup(wide), Markup(narrow)  # noqa: S704 - drawn here
    return "".join(f".{name} {{ {look} }}\n" for look, name in looks.items()), svgs


def _heads(column: Column) -> bool:
    return column.kind == "name"


def _digest(text: str) -> Markup:
    """What a Content-Security-Policy names an inline style or script by."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return Markup("'sha256-{}'").format(digest)


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
    links = [
        Markup('<a href="#ref-{}" tabindex="-1">{}</a>').format(key, PLACES[key]) for key in keys(match[1])
    ]
    return Markup("[") + Markup(", ").join(links) + Markup("]")


def _csv_link(text: str) -> str:
    """A link that holds a CSV file; digits are shorter as they are than in base64."""
    return "data:text/csv;charset=utf-8," + quote(text, safe=",;:/@+()*!$")


def _archive(report: Report) -> str:
    """A link to all CSV files in one ZIP, the same bytes each time."""
    buffer = io.BytesIO()
    blocks: list[Table | Picture] = [*report.tables, *report.pictures]
    files = {file.name: file.text for block in blocks for file in block.files}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), files[name], zipfile.ZIP_DEFLATED, 9)
    return "data:application/zip;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
