"""The report rendered again from the tables, and each place where the written one differs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path

import pandas as pd

from study.audit import commit, tables
from study.audit.pieces import Piece, of_article, of_page, undrawn
from study.audit.verdict import Verdict, Verdicts, judged
from study.errors import counted
from study.params import Params
from study.pipeline import paths
from study.report.build import write
from study.report.document import Picture
from study.report.plots.style import Drawing
from study.report.sections import report
from study.stages.report import inputs

Draw = Callable[[Sequence[Picture]], dict[str, Drawing]]
_TEXTS = ("report.html", "report.tex", "report-numbers.tex")
_UNCOMMITTED = " with uncommitted changes"
_AROUND = 90
_LONG = 4000
"""Pieces after the first difference among which it is looked for what was put in or left out."""


def check(chosen: Params, computed: Mapping[str, pd.DataFrame], *, draw: Draw) -> Verdicts:
    """Every byte of the report's pages and figures.

    Parameters
    ----------
    computed
        The tables as computed again; none where they could not be, then the written ones are taken.
    """
    named = commit.told()
    loose = _UNCOMMITTED in _text(paths.REPORTS / "report.html")
    if loose:
        yield Verdict(
            "report", "not checked", "it says that its code was in no commit, so no commit names its code"
        )
    made = report(
        inputs(
            chosen,
            tables=dict(computed) or None,
            code={"commit": named["commit"], "date": named["date"], "dirty": loose},
            templates=paths.own_templates(),
        )
    )
    apart = tables.elsewhere(chosen)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        write(made, draw(made.pictures), templates=paths.own_templates(), out=out)
        for name in _TEXTS:
            yield from _page(name, (out / name).read_text(encoding="utf-8"), apart)
        yield from _figures(out / "figures", apart)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, ValueError):
        return ""


def _page(name: str, expected: str, apart: list[str]) -> Verdicts:
    path = paths.REPORTS / name
    received = _text(path)
    if expected == received:
        yield Verdict("report", "holds", f"{path} is, to the byte, what the tables give")
        return
    pieces = (
        (of_page(expected), of_page(received))
        if path.suffix == ".html"
        else (list(of_article(expected)), list(of_article(received)))
    )
    texts = [[one for one in side if not one.is_drawn] for side in pieces]
    faults = [f"{path}: {where}" for where in differing(*texts)]
    drawn = [[one for one in side if one.is_drawn] for side in pieces]
    if drawn[0] != drawn[1]:
        if apart:
            yield _redrawn(str(path), apart)
        else:
            faults += [f"{path}: {where}" for where in differing(*drawn)]
    rest = [undrawn(side) for side in (expected, received)]
    if not faults and rest[0] != rest[1]:
        faults = [f"{path}: {_first_line(*rest)}"]
    n_texts = counted(len(texts[0]), "piece")
    yield from judged("report", faults, f"{path}: {n_texts} of text and data are what the tables give")


def _figures(folder: Path, apart: list[str]) -> Verdicts:
    written = paths.REPORTS / "figures"
    made, there = ({path.name: path for path in one.glob("*.pdf")} for one in (folder, written))
    faults = [
        f"{written / name}: expected this figure, received none"
        for name in sorted(made.keys() - there.keys())
    ]
    faults += [
        f"{written / name}: expected no such figure, received one"
        for name in sorted(there.keys() - made.keys())
    ]
    other = [
        name
        for name in sorted(made.keys() & there.keys())
        if made[name].read_bytes() != there[name].read_bytes()
    ]
    if apart and other:
        yield _redrawn(counted(len(other), "figure"), apart)
    elif other:
        faults += [f"{written / name}: expected the drawing of its rows, received another" for name in other]
    yield from judged(
        "figures",
        faults,
        f"{counted(len(made) - len(other) * bool(apart), 'figure')} are drawn from their rows, to the byte",
    )


def _redrawn(what: str, apart: list[str]) -> Verdict:
    return Verdict(
        "figures", "not checked", f"{what}: drawn otherwise here, where there is another {'; '.join(apart)}"
    )


def differing(expected: Sequence[Piece], received: Sequence[Piece]) -> Iterator[str]:
    """Each place where the pieces of two texts differ, with what was expected and what was received."""
    start = end = 0
    shorter = min(len(expected), len(received))
    while start < shorter and expected[start].text == received[start].text:
        start += 1
    while end < shorter - start and expected[-1 - end].text == received[-1 - end].text:
        end += 1
    one, other = expected[start : len(expected) - end], received[start : len(received) - end]
    if max(len(one), len(other)) > _LONG:
        pairs = [(a, b) for a, b in zip_longest(one, other) if a is None or b is None or a.text != b.text]
    else:
        pairs = []
        was, now = ([piece.text for piece in side] for side in (one, other))
        matcher = SequenceMatcher(None, was, now, autojunk=False)
        for tag, a_low, a_high, b_low, b_high in matcher.get_opcodes():
            if tag != "equal":
                pairs += zip_longest(one[a_low:a_high], other[b_low:b_high])
    for expects, receives in pairs:
        place = (expects or receives or Piece("", "")).place
        yield f"{place}: expected {_near(expects, receives)}, received {_near(receives, expects)}"


def _near(one: Piece | None, other: Piece | None) -> str:
    """A piece's text around where it differs from the other's."""
    if one is None:
        return "nothing"
    if other is None or len(one.text) <= 2 * _AROUND:
        return one.text[: 2 * _AROUND] or "nothing"
    start = next((i for i, (a, b) in enumerate(zip(one.text, other.text, strict=False)) if a != b), 0)
    low = max(0, start - _AROUND)
    return f"{'...' if low else ''}{one.text[low : start + _AROUND]}"


def _first_line(expected: str, received: str) -> str:
    lines = zip_longest(expected.split("\n"), received.split("\n"), fillvalue="")
    number, (one, other) = next((n, pair) for n, pair in enumerate(lines, start=1) if pair[0] != pair[1])
    was, now = Piece("", one), Piece("", other)
    return f"line {number}: expected {_near(was, now)}, received {_near(now, was)}"
