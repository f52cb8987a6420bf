"""Verdicts on claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from study.analysis.claims.data import ClaimData, NotTestableError
from study.analysis.claims.hypotheses import Asked, Hypothesis
from study.analysis.claims.loading import Claim
from study.analysis.claims.published import Published
from study.analysis.claims.questions import Answer, Finding, Question, answer
from study.analysis.frames import frame
from study.params import Rules
from study.tables.definitions import CLAIMS, PUBLISHED

SUPPORTED, REFUTED, INCONCLUSIVE = "supported", "refuted", "inconclusive"
NOT_TESTABLE = "not testable on this data"
_OF_PUBLISHED = {"holds": "inside", "contradicts": "outside", "open": INCONCLUSIVE}


def judge_claims(data: ClaimData, claims: Iterable[Claim], *, rules: Rules) -> pd.DataFrame:
    """Table ``claims``: each claim as a hypothesis on the data of this study, and what the runs say to it.

    A claim asks one or more questions (``questions.answer``). Supported: all hold. Refuted: one is
    contradicted. Inconclusive: neither, as always with one replicate, or a part of it cannot be tested, which
    the evidence says. Not testable: the study lacks a level, model or method for every question, or the
    claim is on a value published for other data.

    The verdict is for new seeds, and for new images where a question is of shares of images;
    ``seeds_only_verdict`` is that of seeds alone, which holds for these images only.
    """
    return frame(CLAIMS, (_judge(claim, data, rules) for claim in claims))


def published_values(data: ClaimData, claims: Iterable[Claim], *, rules: Rules) -> pd.DataFrame:
    """Table ``published``: the published accuracies beside where one more run would fall.

    On another data set than that for which a value was published nothing is compared.
    """
    rows = []
    for claim in claims:
        for hypothesis in claim.hypotheses:
            if not isinstance(hypothesis, Published):
                continue
            row = {"id": claim.id, "what": hypothesis.name, "published": hypothesis.accuracy}
            try:
                found = answer(hypothesis.question(data), rules=rules, questions=1)
                row |= {"n": found.n, "mean": found.mean, "low": found.low, "high": found.high}
                row |= {"verdict": _OF_PUBLISHED[found.answer]}
            except NotTestableError:
                missing = float("nan")
                row |= {"n": 0, "mean": missing, "low": missing, "high": missing, "verdict": NOT_TESTABLE}
            rows.append(row)
    return frame(PUBLISHED, rows)


def _judge(claim: Claim, data: ClaimData, rules: Rules) -> dict[str, str]:
    hypothesis = "; ".join(one.describe() for one in claim.hypotheses)
    asked = [question for one in claim.hypotheses for question in _questions(one, data)]
    questions = [one for one in asked if isinstance(one, Question)]
    lacking = list(dict.fromkeys(str(one) for one in asked if isinstance(one, NotTestableError)))
    findings = [answer(question, rules=rules, questions=len(questions)) for question in questions]
    if findings:
        in_part = bool(lacking)
        verdict = _verdict([one.answer for one in findings], in_part=in_part)
        alone = _verdict([one.seeds_only for one in findings], in_part=in_part)
        evidence = _evidence(findings)
        if alone != verdict:
            evidence += f" On these images only: {alone}."
        if in_part:
            evidence += f" Tested in part: {'; '.join(lacking)}."
    else:
        verdict = alone = NOT_TESTABLE
        evidence = f"{_capital('; '.join(lacking) or 'the study has no explored run')}."
    return {
        "id": claim.id,
        "section": claim.where,
        "statement": claim.statement,
        "hypothesis": f"On {data.dataset}, {hypothesis}.",
        "verdict": verdict,
        "seeds_only_verdict": alone,
        "evidence": evidence,
    }


def _questions(hypothesis: Hypothesis, data: ClaimData) -> list[Asked]:
    try:
        return hypothesis.questions(data)
    except NotTestableError as error:
        return [error]


def _verdict(answers: Sequence[Answer], *, in_part: bool) -> str:
    if "contradicts" in answers:
        return REFUTED
    return SUPPORTED if set(answers) == {"holds"} and not in_part else INCONCLUSIVE


def _evidence(findings: Sequence[Finding]) -> str:
    """How many questions had which answer, and the one that decides the verdict with its numbers."""
    decisive = min(findings, key=_rank)
    if len(findings) == 1:
        return f"{_capital(_numbers(decisive))}."
    words = {"holds": "for it", "contradicts": "against it", "open": "inconclusive"}
    counts = {kind: sum(finding.answer == kind for finding in findings) for kind in words}
    tally = ", ".join(f"{count} {words[kind]}" for kind, count in counts.items() if count)
    which = {
        "holds": "the closest",
        "contradicts": "the clearest against",
        "open": "the farthest from holding",
    }
    held = {
        model: all(finding.answer == "holds" for finding in findings if finding.question.model == model)
        for model in dict.fromkeys(finding.question.model for finding in findings)
    }
    models = (
        "" if "" in held or len(held) < 2 else f", it holds in {sum(held.values())} of {len(held)} models"
    )
    text = f"{len(findings)} comparisons, {tally}{models}; {which[decisive.answer]}: {_numbers(decisive)}."
    return text + _without_images(findings)


def _without_images(findings: Sequence[Finding]) -> str:
    """How many questions are judged over seeds alone, where the others are judged over images too."""
    alone = sum(finding.question.images is None for finding in findings)
    return f" {alone} of them over seeds alone." if 0 < alone < len(findings) else ""


def _rank(finding: Finding) -> tuple[int, float]:
    """Contradictions first, then open questions; within either the one with the least clearance."""
    order = {"contradicts": 0, "open": 1, "holds": 2}
    clearance = -np.inf if np.isnan(finding.clearance) else finding.clearance
    return order[finding.answer], clearance


def _numbers(finding: Finding) -> str:
    question = finding.question
    shown = _points if question.signed else _percent
    text = f"{question.label} {shown(finding.mean)}"
    if question.next_run:
        text = f"{question.label}, published {shown(question.low)}, mean {shown(finding.mean)}"
    if np.isnan(finding.low):
        return f"{text}, no CI, n = {finding.n}"

    def span(low: float, high: float) -> str:
        return f"{shown(low, unit=False)} to {shown(high, unit=False)}"

    kind = "prediction interval" if question.next_run else "CI over seeds alone"
    ends, alone = span(finding.low, finding.high), ""
    if question.images is not None:
        kind, alone = (
            "CI over seeds and images",
            f", over seeds alone {span(finding.seeds_low, finding.seeds_high)}",
        )
    return f"{text} ({100 * finding.confidence:.4g} % {kind} {ends}{alone}, n = {finding.n})"


def _points(fraction: float, *, unit: bool = True) -> str:
    if np.isnan(fraction):
        return "not defined"
    text = f"{100 * fraction:+.2f}".replace("-", "−")
    return f"{text} points" if unit else text


def _percent(fraction: float, *, unit: bool = True) -> str:
    if np.isnan(fraction):
        return "not defined"
    return f"{100 * fraction:.2f} %" if unit else f"{100 * fraction:.2f}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
