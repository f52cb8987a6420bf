"""Reproducibility: where the numbers come from, what training recorded runs again gave, works cited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scipy import stats

from study.report import format as fmt
from study.report.document import Block, Bullets, Paragraph, References, Section, Terms
from study.report.inputs import Inputs, Provenance, Verification
from study.report.phrases import many
from study.report.render import bibliography


def section(inputs: Inputs) -> Section:
    """Verification, provenance, references."""
    works = tuple((work.key, work.text) for work in bibliography.WORKS)
    cited = inputs.text.blocks("reproducibility/references", original=bibliography.of_original())
    return Section(
        "reproducibility",
        "Reproducibility",
        (
            *_verification(inputs),
            Section("provenance", "Provenance", _provenance(inputs), 2),
            Section("references", "References", (*cited, References(works)), 2),
        ),
    )


def verified(outcome: Verification) -> str:
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
    share = f"{fmt.percent(bound, 0)}{fmt.PERCENT}"
    return (
        f"{drawn}: were all recorded runs trained again, at most {share} of them would come out otherwise "
        f"(one-sided bound, {fmt.confidence(alpha)}). A larger sample bounds it more tightly."
    )


def dated(origin: Provenance) -> str:
    """When that was, as far as a report without a clock can tell."""
    return (
        f"Date: {origin.date}, the day of commit {origin.commit[:12]}, whose code made this report. It is "
        "the commit's date, not a clock's, so that the report is the same to the byte whenever it is made."
    )


def _verification(inputs: Inputs) -> tuple[Block, ...]:
    outcome = inputs.verification
    if outcome.n_verified == 0:
        return (Paragraph(verified(outcome)),)
    said = (verified(outcome), sampled(outcome, alpha=inputs.params.analysis.alpha), dated(inputs.provenance))
    largest = f"{outcome.max_abs_difference:.3g}" if outcome.max_abs_difference else "0"
    terms = (
        ("Runs", fmt.count(outcome.n_verified)),
        ("Identical", fmt.count(outcome.n_identical)),
        ("Largest difference, fraction", largest),
        *((("Which", ", ".join(outcome.runs)),) if outcome.runs else ()),
    )
    return (Bullets(said), Terms("Trained again", terms))


def _provenance(inputs: Inputs) -> tuple[Block, ...]:
    origin = inputs.provenance
    run = (
        ("Commit", origin.commit),
        ("Date of the commit", origin.date),
        ("Working tree", "uncommitted changes" if origin.dirty else "clean"),
        ("Backend", origin.backend),
        *((("CPU instructions", origin.instructions),) if origin.instructions else ()),
    )
    versions = tuple((name, version or fmt.MISSING) for name, version in origin.versions.items())
    return (
        Terms("Run", run),
        Terms("Data, SHA-256", (("data", origin.data_sha256),)),
        Terms("Weights, SHA-256", tuple(origin.weights.items())),
        Terms("Versions", versions),
        Terms("Parameters", tuple(_flat(inputs.params.model_dump()))),
    )


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    flat: list[tuple[str, str]] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat += _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list | tuple):
            flat.append((f"{prefix}{key}", ", ".join(_plain(item) for item in value)))
        else:
            flat.append((f"{prefix}{key}", _plain(value)))
    return flat


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    return fmt.compact(value) if isinstance(value, float) else str(value)
