"""The report of two studies compared, as the study's own document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from study.params import Rules
from study.report import format as fmt
from study.report import tables as col
from study.report.document import Block, Bullets, Column, Paragraph, Picture, Report, Section, Table
from study.report.phrases import Row, listing, many, records
from study.report.plots.intervals import Line, Scale, estimates, intervals
from study.report.plots.style import INK, Mark
from study.report.tables import Spec
from study.tables.studies import AGREE, CHOICES, CLAIMS, DIFFER, EFFECTS, OPEN, ORIGINS, OUTCOMES, SETTINGS

_STAGE = "compare"
_SPOKEN = 12
_DRAWN = 60
_THINGS = {
    SETTINGS.name: "setting",
    EFFECTS.name: "effect",
    CLAIMS.name: "claim",
    CHOICES.name: "chosen setting",
}


@dataclass(frozen=True)
class Studies:
    """What the report is made from: the tables of ``analysis.studies``, and what the two are called."""

    tables: Mapping[str, pd.DataFrame]
    rules: Rules
    first: str
    second: str


def counts(inputs: Studies) -> tuple[str, ...]:
    """How many of each kind agree, differ, or cannot be told apart."""
    said = []
    for name, thing in _THINGS.items():
        outcomes = inputs.tables[name]["outcome"].value_counts()
        if not len(outcomes):
            said.append(f"No {thing} stands in both studies.")
            continue
        parts = [
            f"{fmt.count(int(outcomes[one]))} {one if outcomes[one] != 1 else _ONE[one]}"
            for one in OUTCOMES
            if one in outcomes
        ]
        said.append(f"Of {many(len(inputs.tables[name]), thing)} in both studies, {listing(parts)}.")
    return tuple(said)


_ONE = {AGREE: "agrees", DIFFER: "differs", OPEN: "cannot be told apart"}


def sentences(inputs: Studies) -> tuple[str, ...]:
    """A sentence for everything that differs."""
    choices = (
        f"{row['model']}: {inputs.first} selects {row['setting']}, {inputs.second} {row['setting_other']}, "
        "and validation accuracy tells the two settings apart."
        for row in _differing(inputs, CHOICES.name)
    )
    claims = (
        f"{row['id']} is {row['verdict']} in {inputs.first} and {row['verdict_other']} in {inputs.second}: "
        f"{row['statement']}"
        for row in _differing(inputs, CLAIMS.name)
    )
    settings = (
        f"Test accuracy of {row['model']}, {row['setting']}, {row['phase']}, {_by(row, inputs)}."
        for row in _differing(inputs, SETTINGS.name)
    )
    effects = (
        f"The effect of {row['factor']} {row['level']} against {row['reference_level']} in {row['model']} "
        f"{_by(row, inputs)}."
        for row in _differing(inputs, EFFECTS.name)
    )
    return (*choices, *claims, *settings, *effects)


def _differing(inputs: Studies, name: str) -> list[dict[str, object]]:
    rows = inputs.tables[name]
    return records(rows[rows["outcome"] == DIFFER])


def _by(row: Mapping[str, object], inputs: Studies) -> str:
    diff, low, high = (float(str(row[name])) for name in ("diff", "ci_low", "ci_high"))
    n, other = int(str(row["n"])), int(str(row["n_other"]))
    seeds = f"n = {many(n, 'seed')}" if row["design"] == "paired" else f"n = {n} and {many(other, 'seed')}"
    return (
        f"is {many(fmt.points(diff), 'point')} in {inputs.first} less {inputs.second} "
        f"({fmt.confidence(inputs.rules.alpha)} CI {fmt.signed_interval(100 * low, 100 * high, 2)}, {seeds}, "
        f"{row['design']})"
    )


def report(inputs: Studies) -> Report:
    """The whole report."""
    rules = inputs.rules
    how = (
        f"Differences are {inputs.first} less {inputs.second}, over seeds: paired where both drew the same "
        "seeds on the same data, else by Welch's test. Two results agree where the difference lies within "
        f"{many(fmt.compact(100 * rules.margin), 'point')} by two one-sided tests, differ where the test of "
        "a difference says so and they do not agree, and otherwise cannot be told apart. The p values of a "
        f"table are one family, corrected by Holm's method at alpha {fmt.compact(rules.alpha)} in both "
        "directions. A claim agrees or differs where both studies decide it. Images are not drawn anew: on "
        "other test images both studies may change."
    )
    spoken = sentences(inputs)
    summary = Section(
        "summary",
        "Summary",
        (Bullets(counts(inputs)), *([Bullets(spoken[:_SPOKEN])] if spoken else ()), Paragraph(how)),
    )
    blocks: list[Block] = [*_origins(inputs)]
    blocks += [*_picture(inputs, SETTINGS.name), *_settings(inputs)]
    blocks += [*_picture(inputs, EFFECTS.name), *_effects(inputs), *_claims(inputs), *_choices(inputs)]
    return Report(
        title=f"{inputs.first} and {inputs.second} compared",
        question="Which results of the two studies agree?",
        notices=(),
        sections=(summary, Section("compared", "What was compared", tuple(blocks))),
        numbers=(),
        state=f"{inputs.first}, {inputs.second}",
        date="",
        author="",
    ).numbered()


def _table(
    slug: str, title: str, caption: str, rows: pd.DataFrame, spec: list[Spec], *, folded: bool = True
) -> tuple[Table, ...]:
    return tuple(
        replace(one, stage=_STAGE) for one in col.table(slug, title, caption, rows, spec, folded=folded)
    )


def _outcome() -> Spec:
    return col.verdict(lambda row: str(row["outcome"]))


def _numbers() -> Spec:
    def text(row: Row) -> str:
        n, other = int(row["n"]), int(row["n_other"])
        return str(n) if n == other else f"{n}, {other}"

    return (Column("n"), lambda row: col.number(text(row), float(row["n"])))


def _ends(title: str, low: str, high: str) -> Spec:
    return col.span(title, low, high, say=lambda one, other: fmt.signed_interval(100 * one, 100 * other, 2))


def _difference(inputs: Studies, title: str, say: Spec, other: Spec) -> list[Spec]:
    return [
        _outcome(),
        say,
        other,
        col.points("diff", title),
        _ends(f"{fmt.confidence(inputs.rules.alpha)} CI", "ci_low", "ci_high"),
        _ends("Simultaneous CI", "simultaneous_low", "simultaneous_high"),
        col.p("p_holm", "p (Holm)"),
        col.p("p_tost_holm", "p (TOST, Holm)"),
        col.percent("mde", "Minimum detectable difference"),
        col.words("design", "Design"),
        _numbers(),
    ]


def _origins(inputs: Studies) -> tuple[Table, ...]:
    spec = [
        col.words("what", "What", kind="name"),
        col.words("same", "The same"),
        col.words("first", inputs.first),
        col.words("second", inputs.second),
    ]
    caption = "As the two studies say of themselves."
    rows = inputs.tables[ORIGINS.name]
    return _table("made_from", "What the two were made from", caption, rows, spec, folded=False)


def _settings(inputs: Studies) -> tuple[Table, ...]:
    spec = [
        col.words("model", "Model", kind="name"),
        col.words("setting", "Setting"),
        col.words("phase", "Phase"),
        *_difference(
            inputs,
            "Difference, points",
            col.percent("value", f"{inputs.first}, {fmt.PERCENT}"),
            col.percent("value_other", f"{inputs.second}, {fmt.PERCENT}"),
        ),
    ]
    caption = "Mean test accuracy of the settings that have the same values in both studies."
    return _table("settings_compared", "Settings", caption, inputs.tables[SETTINGS.name], spec)


def _effects(inputs: Studies) -> tuple[Table, ...]:
    spec = [
        col.words("model", "Model", kind="name"),
        col.words("factor", "Factor"),
        col.level(),
        col.words("reference_level", "Against"),
        *_difference(
            inputs,
            "Difference of effects, points",
            col.points("value", f"Effect, {inputs.first}"),
            col.points("value_other", f"Effect, {inputs.second}"),
        ),
    ]
    caption = "Effect: test accuracy of a level less that of the reference, explored runs."
    return _table("effects_compared", "Effects", caption, inputs.tables[EFFECTS.name], spec)


def _claims(inputs: Studies) -> tuple[Table, ...]:
    spec = [
        col.words("id", "Claim", kind="name"),
        _outcome(),
        col.words("verdict", inputs.first),
        col.words("verdict_other", inputs.second),
        col.words("statement", "Statement"),
    ]
    caption = "Claims that both studies judge, in the same words."
    return _table("claims_compared", "Claims", caption, inputs.tables[CLAIMS.name], spec)


def _choices(inputs: Studies) -> tuple[Table, ...]:
    spec = [
        col.words("model", "Model", kind="name"),
        _outcome(),
        col.words("setting", inputs.first),
        col.words("setting_other", inputs.second),
        col.p("p", f"p, {inputs.first}"),
        col.p("p_other", f"p, {inputs.second}"),
    ]
    caption = (
        "The setting that each study selects for each model. Two others differ where the paired t test of "
        "their validation accuracies tells them apart in a study (Bonferroni over the two studies)."
    )
    return _table("choices_compared", "Choices", caption, inputs.tables[CHOICES.name], spec)


def _picture(inputs: Studies, name: str) -> tuple[Picture, ...]:
    rows = inputs.tables[name]
    if rows.empty or len(rows) > _DRAWN:
        return ()
    keys = [one for one in ("model", "factor", "level", "setting", "phase") if one in rows]
    keyed = rows.assign(which=rows[keys].agg(", ".join, axis=1))
    half = 100 * inputs.rules.margin
    draw = partial(
        intervals,
        estimates(keyed, "which", value="diff", ends=("simultaneous_low", "simultaneous_high"), mark="which",
                  panel="", scale=100.0),
        [Line(one, one) for one in keyed["which"]],
        {one: Mark(INK, "o") for one in keyed["which"]},
        Scale("Difference, points", centre=0.0, band=(-half, half) if half else None, shared=False),
        panels=None,
    )  # fmt: skip
    title = f"Differences of {_THINGS[name]}s"
    caption = "Mean differences with simultaneous intervals, and the margin within which two results agree."
    made = col.picture(f"differences-{name}", title, caption, " ".join(counts(inputs)), draw, means=rows)
    return (replace(made, stage=_STAGE),)
