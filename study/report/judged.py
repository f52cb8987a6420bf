"""The report of results that other programs wrote: judged, in words, and as the study's own document."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from study.analysis import method_claims, methods
from study.analysis.method_claims import Measurement, Runs
from study.analysis.method_claims.loading import Claim
from study.params import Rules
from study.report import format as fmt
from study.report.claimed import Claimed
from study.report.compared import Compared, counts, next_runs, over_sets, sentences
from study.report.document import Bullets, Paragraph, Report, Section
from study.report.sections import method_claims as claims_section
from study.report.sections import methods_compared
from study.results_file.columns import plain

RULES = Rules(
    alpha=0.05,
    margin=0.0,
    power=0.8,
    correction="holm",
    alternative="two-sided",
    selection_rule="mean",
    ordered_factors=(),
    calibration_bins=15,
)
"""What holds where nothing else is asked for: no margin, so no equivalence."""
_NOTICES = 5
"""Marks above the report; the others stand in its summary."""
_SHARES = {"acc", "accuracy", "f1", "auc", "auroc", "precision", "recall", "iou", "miou", "dice",
           "success", "wer", "cer", "map", "em", "correct", "balanced", "top1", "top5",
           "acc1", "acc5"}  # fmt: skip


@dataclass(frozen=True)
class Judgement:
    """What the results say.

    Attributes
    ----------
    tables
        ``methods``, ``compared``, ``across``, ``ranked``, ``effects`` and ``measured``, by name; with claims
        also ``claims`` and ``asked``.
    sentences
        A sentence for each comparison.
    marks
        What a reader has to know of the runs.
    columns
        Where everything was found, in words.
    report
        The whole report.
    claims
        A sentence for each claim.
    next_runs
        What more seeds would settle.
    """

    tables: Mapping[str, pd.DataFrame]
    sentences: tuple[str, ...]
    marks: tuple[str, ...]
    columns: str
    report: Report = field(repr=False)
    claims: tuple[str, ...] = ()
    next_runs: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        """Sentences and tables, for a notebook."""
        said = "".join(f"<li>{html.escape(one)}</li>" for one in (*self.claims, *self.sentences[:20]))
        marks = "".join(f"<p><strong>{html.escape(one)}</strong></p>" for one in self.marks)
        shown = "".join(
            _as_html(self.report, slug) for slug in ("methods", "compared", "effects", "across", "ranked")
        )
        return f"<p>{html.escape(self.columns)}</p>{marks}<ul>{said}</ul>{shown}"


def judge(
    measured: pd.DataFrame,
    *,
    metric: str,
    lower_is_better: bool,
    rules: Rules,
    columns: str,
    marks: tuple[str, ...] = (),
    reference: str = "",
    factors: pd.DataFrame | None = None,
    source: str = "",
    claims: Sequence[Claim] = (),
    runs: Runs | None = None,
) -> Judgement:
    """Judge the table ``measured``.

    Parameters
    ----------
    columns
        Where its values were found, in words.
    marks
        What a reader has to know of the runs.
    factors
        Of each method its levels, where methods have factors.
    source
        The name of the results file with its hash.
    claims, runs
        Claims on the results, and what they look values up in.
    """
    tables: dict[str, pd.DataFrame] = {
        "measured": measured,
        **methods.tables(
            measured,
            rules=rules,
            lower_is_better=lower_is_better,
            reference=reference,
            factors=factors,
        ),
    }
    inputs = _inputs(Measurement(metric, lower_is_better, measured), tables, rules, reference)
    said = (*over_sets(inputs), *sentences(inputs))
    blocks: tuple[Section, ...] = ()
    told: tuple[str, ...] = ()
    if runs is not None and claims:
        claimed = _claimed(inputs, runs, claims)
        asked = method_claims.asked(claimed.judged)
        tables |= {"claims": claimed.table, "asked": asked}
        blocks, told = (claims_section.section(claimed, asked, alpha=rules.alpha),), claimed.sentences
    report = _report(inputs, marks, columns, source, blocks)
    return Judgement(tables, said, marks, columns, report, told, next_runs(inputs))


def _inputs(
    one: Measurement, tables: Mapping[str, pd.DataFrame], rules: Rules, reference: str = ""
) -> Compared:
    known = one.table["value"].dropna()
    named_share = bool(set(plain(one.metric).split()) & _SHARES)
    is_share = named_share and bool(known.between(0, 1).all())
    return Compared(
        tables=tables,
        rules=rules,
        metric=one.metric,
        lower_is_better=one.lower_is_better,
        is_share=is_share,
        in_percent=named_share and not is_share and bool(known.between(0, 100).all()),
        reference=reference,
    )


def _claimed(inputs: Compared, runs: Runs, claims: Sequence[Claim]) -> Claimed:
    judged = method_claims.judge(runs, claims, rules=inputs.rules)
    metrics = {inputs.metric: inputs}
    for found in (one for claim in judged for one in claim.findings):
        if found.metric not in metrics:
            one = runs.measure(found.metric, False)
            sds = one.table.groupby(["dataset", "method"])["value"].std().reset_index(name="sd")
            metrics[found.metric] = _inputs(one, {"methods": sds}, inputs.rules)
    return Claimed(judged, metrics)


def _report(
    inputs: Compared, marks: tuple[str, ...], columns: str, source: str, claims: tuple[Section, ...]
) -> Report:
    rows = inputs.tables["measured"]
    n_sets, n_methods = rows["dataset"].nunique(), rows["method"].nunique()
    of_sets = f" on {n_sets} data sets" if n_sets > 1 else ""
    against = f", compared with {inputs.reference}" if inputs.reference else ", each with each other"
    summary = Section(
        "summary",
        "Summary",
        (
            Paragraph(
                f"{fmt.count(len(rows))} runs of {n_methods} methods{of_sets}{against}, by "
                f"{inputs.metric}; a {'lower' if inputs.lower_is_better else 'higher'} one is better."
            ),
            Paragraph(counts(inputs)),
            Paragraph(f"Read as {columns}."),
            *([Bullets(marks[_NOTICES:])] if marks[_NOTICES:] else []),
        ),
    )
    return Report(
        title=f"Methods compared by {inputs.metric}",
        question="Which differences between the methods remain when the seeds change?",
        notices=marks[:_NOTICES],
        sections=(summary, *claims, methods_compared.section(inputs)),
        numbers=(),
        state=source,
        date="",
        author="",
    ).numbered()


def _as_html(report: Report, slug: str) -> str:
    for table in report.tables:
        if table.slug == slug:
            head = "".join(f"<th>{html.escape(column.title)}</th>" for column in table.columns)
            body = "".join(
                "<tr>" + "".join(f"<td>{html.escape(cell.text)}</td>" for cell in row) + "</tr>"
                for row in table.rows
            )
            title = f"<caption>{html.escape(table.title)}</caption>"
            return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return ""
