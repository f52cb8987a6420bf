"""The best setting of each backbone, measured on fresh seeds, and the backbones against each other."""

from __future__ import annotations

from functools import partial

import pandas as pd

from study.params.factors import REGISTRY, Factor
from study.report import format as fmt
from study.report import phrases
from study.report import tables as col
from study.report.document import Block, Bullets, Paragraph, Picture, Section
from study.report.inputs import Inputs
from study.report.phrases import MARK, Row, listing, records
from study.report.plots import style
from study.report.plots.intervals import Line, Scale, dots, estimates, intervals
from study.report.plots.style import INK, Mark
from study.tables import definitions

PLAIN = Mark(INK, "D")
"""Of what is no backbone."""
RUN = ("run", "model", "setting", "replicate", "status", "test_accuracy")
_SPOKEN_PAIRS = 10
"""Pairs of backbones in words; the table has all."""


def section(inputs: Inputs) -> Section:
    """Best settings, pairs of backbones, ranks."""
    pairs = inputs.tables[definitions.PAIRS]
    blocks: list[Block] = [_confirmed(inputs), *_best(inputs)]
    if len(pairs):
        if len(pairs) <= _SPOKEN_PAIRS:
            blocks.append(Bullets(compared(inputs)))
        blocks += [*_pairs(inputs), Paragraph(phrases.detectable(pairs, inputs.params))]
    ranked = inputs.tables[definitions.RANKS]
    if len(ranked):
        blocks.append(Paragraph(ranks(ranked, inputs.tables[definitions.MODELS_OMNIBUS])))
    return Section("best", "Best settings", tuple(blocks), 2)


def leader(inputs: Inputs) -> str:
    """Which confirmed model has the highest mean test accuracy."""
    best, params = inputs.tables[definitions.BEST], inputs.params
    known = best[best["mean"].notna()]
    if known.empty:
        return "No model has a confirmed test accuracy."
    top = known[known["mean"] == known["mean"].max()]
    row = records(top)[0]
    reached = phrases.accuracy(row, params)
    if len(best) == 1:
        return f"{row['model']}, the only backbone, reaches a test accuracy of {reached}."
    if len(top) > 1:
        names = listing([str(model) for model in top["model"]])
        return f"{names} share the highest mean test accuracy, {reached}."
    return (
        f"{row['model']} at {fmt.setting_words(str(row['setting']))} has the highest mean test accuracy of "
        f"the confirmed settings, {reached}."
    )


def compared(inputs: Inputs) -> tuple[str, ...]:
    """Every pair of confirmed models, the one with the higher mean first."""
    means = inputs.tables[definitions.BEST].set_index("model")["mean"]
    rows = records(inputs.tables[definitions.PAIRS])

    def top(row: Row) -> float:
        return float(means[[row["model_a"], row["model_b"]]].fillna(-1).max())

    ordered = sorted(rows, key=lambda row: -top(row))
    return tuple(phrases.versus(*_higher_first(row, means), inputs.params) for row in ordered)


def _higher_first(row: Row, means: pd.Series[float]) -> tuple[str, str, Row]:
    first, second = str(row["model_a"]), str(row["model_b"])
    if not means[first] < means[second]:
        return first, second, row
    turned = {"diff": -row["diff"], "wins": 1 - row["wins"]}
    for ends in ("ci", "image_ci"):
        turned |= {f"{ends}_low": -row[f"{ends}_high"], f"{ends}_high": -row[f"{ends}_low"]}
    return second, first, {**row, **turned}


def ranks(rows: pd.DataFrame, omnibus: pd.DataFrame) -> str:
    """Whether the confirmed backbones differ at all, and how their ranks compare."""
    ordered = records(rows.sort_values(["mean_rank", "model"]))
    named = [f"{row['model']} {fmt.fixed(row['mean_rank'], 2)}" for row in ordered]
    text = f"Mean rank over replicates, 1 the best: {listing(named)}"
    if not omnibus.empty:
        p = fmt.p_value(float(omnibus["p"].iloc[0]))
        text += (
            f". A sign-flip test over seeds, on these images only, that all are equal gives p {_equals(p)}"
        )
    return f"{text}. Ranks describe these test images; the pairs above have the tests."


def _equals(p: str) -> str:
    return p if p.startswith("<") else f"= {p}"


def marked(rows: pd.DataFrame, inputs: Inputs) -> str:
    """n of headline numbers, with what its mark means where there is one."""
    least = inputs.params.analysis.headline_seeds
    few = bool((rows["n"] < least).any())
    text = f" ({MARK} fewer than the {least} declared for headline numbers)" if few else ""
    return f"{phrases.n_of(rows)}{text}"


def _factor(factor: Factor) -> col.Spec:
    if factor.kind == "text":
        return col.words(factor.name, factor.label, partial(fmt.level_title, factor.name))
    return col.setting(factor.name, factor.label)


def _best(inputs: Inputs) -> tuple[Block, ...]:
    rows, params = inputs.tables[definitions.BEST], inputs.params
    spec = [
        col.MODEL,
        *(_factor(one) for one in REGISTRY.values() if one.name in rows),
        *col.accuracy(params, images=True),
        col.headline_n(params),
        col.DIVERGED,
    ]
    caption = (
        f"Same columns as Table 5.1 of the original report. Setting of the {phrases.selection_rule(params)} "
        f"in the explore phase, trained again on fresh seeds: {marked(rows, inputs)}."
    )
    return col.table("best", "Best setting of each backbone", caption, rows, spec, folded=False)


def _pairs(inputs: Inputs) -> tuple[Block, ...]:
    rows, params = inputs.tables[definitions.PAIRS], inputs.params
    spec = [
        col.words("model_a", "Model", kind="name"),
        col.words("model_b", "Against"),
        *col.paired(params, col.headline_n(params)),
        col.signed("correlation", "Correlation", 2),
    ]
    caption = (
        f"Test accuracy of the first model minus that of the second, confirm phase, paired, "
        f"{marked(rows, inputs)}."
    )
    return col.table("pairs", "Backbones against each other", caption, rows, spec)


def _confirmed(inputs: Inputs) -> Picture:
    rows, results = inputs.tables[definitions.BEST], inputs.tables[definitions.RESULTS]
    runs = results.loc[results["phase"] == "confirm", list(RUN)]
    lines = [Line(model, model) for model in inputs.params.backbones if model in set(rows["model"])]
    draw = partial(
        intervals,
        estimates(rows, "model"),
        lines,
        style.marks(inputs.params.backbones),
        Scale("Test accuracy, %"),
        points=dots(runs[runs["status"] == "ok"], "model", "test_accuracy"),
    )
    caption = f"{phrases.means_caption(rows, 'confirm', inputs.params)} {phrases.NOT_ZERO}"
    title = "Confirmed test accuracy of each backbone"
    return col.picture("confirmed", title, caption, leader(inputs), draw, means=rows, replicates=runs)
