"""Claims on methods in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from study.analysis.frames import frame
from study.analysis.method_claims import Finding, Judged
from study.report import format as fmt
from study.report.compared import Compared
from study.report.phrases import listing, many
from study.tables.methods import JUDGED_CLAIMS

_WORDS = {"holds": "for it", "contradicts": "against it", "open": "inconclusive"}
_WHICH = {
    "holds": "the closest",
    "contradicts": "the clearest against",
    "open": "the farthest from holding",
}


@dataclass(frozen=True)
class Claimed:
    """Claims with their verdicts, and how each metric's numbers are written."""

    judged: Sequence[Judged]
    metrics: Mapping[str, Compared]

    @property
    def table(self) -> pd.DataFrame:
        """Table ``claims``."""
        return frame(JUDGED_CLAIMS, (self._row(one) for one in self.judged))

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is known of each claim."""
        return tuple(f"{one.claim.id} is {one.verdict}: {self._evidence(one)}" for one in self.judged)

    @property
    def counted(self) -> str:
        """How many claims came to which verdict."""
        verdicts = [one.verdict for one in self.judged]
        parts = [f"{verdicts.count(name)} {name}" for name in dict.fromkeys(sorted(verdicts, reverse=True))]
        return f"Of {many(len(verdicts), 'claim')}, {listing(parts)}."

    def _row(self, one: Judged) -> dict[str, str]:
        return {
            "id": one.claim.id,
            "section": one.claim.where,
            "statement": one.claim.statement,
            "hypothesis": f"{_capital(one.hypothesis)}.",
            "verdict": one.verdict,
            "evidence": self._evidence(one),
        }

    def _evidence(self, one: Judged) -> str:
        lacking = "; ".join(one.lacking)
        if not one.findings:
            return f"{lacking}."
        decisive = min(one.findings, key=_rank)
        text = self._numbers(decisive)
        if len(one.findings) > 1:
            counts = {kind: sum(found.answer == kind for found in one.findings) for kind in _WORDS}
            tally = ", ".join(f"{count} {_WORDS[kind]}" for kind, count in counts.items() if count)
            text = f"{len(one.findings)} comparisons, {tally}; {_WHICH[decisive.answer]}: {text}"
        return f"{text}. Tested in part: {lacking}." if lacking else f"{text}."

    def _numbers(self, found: Finding) -> str:
        if found.unit == "settings":
            return (
                f"{found.label}: {found.estimate:.0f} {found.design} by the means, {found.low:.0f} to "
                f"{found.high:.0f} with {_level(found)} confidence"
            )
        metric = self.metrics[found.metric]
        write = metric.signed if found.unit == "difference" else metric.value
        if math.isnan(found.low):
            return f"{found.label} {write(found.estimate)}, no interval, {_runs(found)}"
        ends = metric.span(found.low, found.high, signs=found.unit == "difference")
        interval = f"{_level(found)} CI {ends}"
        text = f"{found.label} {write(found.estimate)} ({interval}, {_runs(found)})"
        if found.claimed_low == found.claimed_high:
            text += "; without a margin no value can be called reproduced"
        return text


def _runs(found: Finding) -> str:
    if found.design == "over data sets":
        return f"n = {many(found.n[0], 'data set')}"
    if found.design == "paired":
        return f"n = {many(found.n[0], 'seed')}, paired"
    if len(found.n) == 1:
        return f"n = {many(found.n[0], 'seed')}"
    if found.design == "unpaired":
        return f"n = {', '.join(map(str, found.n))} seeds, unpaired"
    return f"n = {many(found.n[0], 'seed')}, published n = {found.n[1]}, {found.design}"


def _level(found: Finding) -> str:
    """``95 %``, with four digits where it is corrected."""
    return f"{100 * found.confidence:.4g}{fmt.PERCENT}"


def _rank(found: Finding) -> tuple[int, float]:
    """Contradictions first, then open questions; within either the one with the least clearance."""
    order = {"contradicts": 0, "open": 1, "holds": 2}
    return order[found.answer], -math.inf if math.isnan(found.clearance) else found.clearance


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
