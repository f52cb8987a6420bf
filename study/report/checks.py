"""What was checked by training recorded runs again, in words."""

from __future__ import annotations

from scipy import stats

from study.report import numbers
from study.report.facts import Provenance, Verification
from study.report.wording import many


def verification(outcome: Verification) -> str:
    """What training a sample of the recorded runs again gave."""
    n, same = outcome.n_verified, outcome.n_identical
    if n == 0:
        return "No recorded run was trained again."
    largest = f"the largest difference in any number is {outcome.max_abs_difference:.3g}"
    if outcome.tolerance is not None and outcome.rounding is not None:
        return (
            f"Not on the machine of the record ({'; '.join(outcome.elsewhere)}): {outcome.n_same} of "
            f"{many(n, 'recorded run')} trained again gave the same numbers within "
            f"{outcome.tolerance:.3g}, where rounding alone made a difference of {outcome.rounding:.3g}; "
            f"{largest}."
        )
    runs = "The one recorded run" if n == 1 else f"{same} of {n} recorded runs"
    if same == n:
        return f"{runs} trained again gave the same numbers to the last bit."
    if n == 1:
        return f"{runs} trained again gave other numbers; {largest}."
    return f"{runs} trained again gave the same numbers to the last bit; {largest}."


def sampled(outcome: Verification, *, alpha: float) -> str:
    """What a sample of one run or more says on all recorded runs.

    The bound is the one-sided one of Clopper and Pearson (1934). The sample is drawn without replacement, so
    the bound holds with its level or a higher one.
    """
    n, other = outcome.n_verified, outcome.n_verified - outcome.n_same
    drawn = f"The sample is {many(n, 'recorded run')} drawn at random"
    if other == n:
        return f"{drawn}; none came out the same, so the share that would differ has no bound."
    bound = float(stats.beta.ppf(1 - alpha, other + 1, n - other))
    share = f"{numbers.percent(bound, 0)}{numbers.PERCENT}"
    return (
        f"{drawn}: were all recorded runs trained again, at most {share} of them "
        f"would come out otherwise (one-sided bound, {numbers.confidence(alpha)}). A larger sample "
        "bounds it more tightly."
    )


def dated(origin: Provenance) -> str:
    """When that was, as far as a report without a clock can tell."""
    return (
        f"Date: {origin.date}, the day of commit {origin.commit[:12]}, whose code made this report. It is "
        "the commit's date, not a clock's, so that the report is the same to the byte whenever it is made."
    )
