"""The report's running text, changed piece by piece: each format cites and numbers in its own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from study.report.exhibits import Block, Bullets, Findings, NumberTable, Paragraph, Picture, Report

Change = Callable[[str, str], str]
"""From a text and the place where it stands, such as ``best/2``, to the text in one format."""


def changed(report: Report, change: Change) -> Report:
    """The report with every sentence, list and caption changed; names, headings and tables stay.

    A text that stands in the report's front has the place ``front/K``, one of a section ``SLUG/K``.
    """
    front = _counted("front", change)
    return replace(
        report,
        question=front(report.question),
        notices=tuple(front(notice) for notice in report.notices),
        findings=tuple(
            Findings(group.title, tuple(front(item) for item in group.items)) for group in report.findings
        ),
        sections=tuple(
            replace(section, blocks=tuple(_block(block, counted) for block in section.blocks))
            for section, counted in ((section, _counted(section.slug, change)) for section in report.sections)
        ),
    )


def _counted(where: str, change: Change) -> Callable[[str], str]:
    seen = 0

    def next_text(text: str) -> str:
        nonlocal seen
        seen += 1
        return change(text, f"{where}/{seen}")

    return next_text


def _block(block: Block, change: Callable[[str], str]) -> Block:
    if isinstance(block, Paragraph):
        return replace(block, text=change(block.text))
    if isinstance(block, Bullets):
        return replace(block, items=tuple(change(item) for item in block.items))
    if isinstance(block, NumberTable):
        return replace(block, caption=change(block.caption))
    if isinstance(block, Picture):
        return block.captioned(change(block.caption))
    return block
