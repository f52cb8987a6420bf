"""Verdicts on claims on methods."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from study.analysis.claims.data import NotTestableError
from study.analysis.claims.judging import INCONCLUSIVE, NOT_TESTABLE, REFUTED, SUPPORTED
from study.analysis.method_claims.data import Runs
from study.analysis.method_claims.hypotheses import Asked, Hypothesis
from study.analysis.method_claims.loading import Claim
from study.analysis.method_claims.questions import Finding
from study.params import Rules


@dataclass(frozen=True)
class Judged:
    """A claim with its verdict.

    Attributes
    ----------
    findings
        The answer to each of its questions.
    lacking
        What the results lack for others, as clauses.
    """

    claim: Claim
    verdict: str
    findings: tuple[Finding, ...]
    lacking: tuple[str, ...]

    @property
    def hypothesis(self) -> str:
        """What was tested, in words."""
        return "; ".join(one.describe() for one in self.claim.hypotheses)


def judge(runs: Runs, claims: Iterable[Claim], *, rules: Rules) -> list[Judged]:
    """Each claim as the claims of the original report are judged.

    Supported: all questions hold. Refuted: one is contradicted. Inconclusive: neither, or a part of it cannot
    be tested. Not testable: the results lack what every question is about.
    """
    return [_judge(claim, runs, rules) for claim in claims]


def _judge(claim: Claim, runs: Runs, rules: Rules) -> Judged:
    asked = [question for one in claim.hypotheses for question in _questions(one, runs)]
    questions = [one for one in asked if not isinstance(one, NotTestableError)]
    lacking = tuple(dict.fromkeys(str(one) for one in asked if isinstance(one, NotTestableError)))
    findings = tuple(one.answer(rules, questions=len(questions)) for one in questions)
    return Judged(claim, _verdict(findings, partly=bool(lacking)), findings, lacking)


def _questions(hypothesis: Hypothesis, runs: Runs) -> list[Asked]:
    try:
        return hypothesis.questions(runs)
    except NotTestableError as error:
        return [error]


def _verdict(findings: Sequence[Finding], *, partly: bool) -> str:
    answers = {finding.answer for finding in findings}
    if not answers:
        return NOT_TESTABLE
    if "contradicts" in answers:
        return REFUTED
    return SUPPORTED if answers == {"holds"} and not partly else INCONCLUSIVE
