"""Selection: how settings were chosen, what the choice flatters, what other ways would have chosen."""

from __future__ import annotations

from functools import partial

import pandas as pd

from study.report import format as fmt
from study.report import phrases
from study.report import tables as col
from study.report.document import Block, Paragraph, Picture, Section
from study.report.inputs import Inputs
from study.report.phrases import by_model, highest, listing, lowest, many, n_of
from study.report.plots import curves, style
from study.tables import definitions

RULE_TITLES = {"mean": "highest mean", "lower_bound": "highest lower bound", "front": "front"}


def section(inputs: Inputs) -> Section:
    """Selection against confirmation, which settings may be best, other rules, expected best."""
    tables = inputs.tables
    chosen, best = tables[definitions.CHOICES], tables[definitions.EXPECTED_BEST]
    top = tables[definitions.TOP_SETTINGS]
    blocks: list[Block] = [
        *inputs.text.blocks("selection/rule", rule=phrases.selection_rule(inputs.params)),
        Paragraph(optimism(tables[definitions.BEST])),
        *_selection(inputs),
    ]
    sets = tables[definitions.BEST_SET]
    if len(sets):
        blocks += [Paragraph(may_be_best(sets, inputs)), *_best_set(sets, top, inputs)]
    if len(top):
        blocks += [Paragraph(on_top(top, inputs)), *_top(top, inputs)]
    if len(chosen):
        blocks += [Paragraph(choices(chosen)), *_choices(chosen, inputs)]
    if len(best):
        blocks += [Paragraph(expected_best(best)), _expected_best(best, inputs)]
    return Section("selection", "Choosing a setting", tuple(blocks), 2)


def optimism(best: pd.DataFrame) -> str:
    """How much the selected settings' validation accuracy fell on fresh seeds."""
    fall = (best["explore_valid_mean"] - best["confirm_valid_mean"]).dropna()
    if fall.empty:
        return "Selection optimism is not known."
    said = [
        f"{model} {fmt.points(value)}" for model, value in zip(best["model"][fall.index], fall, strict=True)
    ]
    return (
        f"Selection optimism, validation accuracy in explore minus that in confirm, points: {listing(said)}. "
        "This is the part that fresh seeds show. The confirmed validation accuracy is flattered still, since "
        "the setting was chosen on the same images; the confirmed test accuracy is not."
    )


def on_top(rows: pd.DataFrame, inputs: Inputs) -> str:
    """How sure it is which setting is best: how often the most frequent winner is on top."""
    said = []
    for model, part in by_model(rows):
        first = highest(part, "times_top")
        low, high = (fmt.percent(first[end], 0) for end in ("ci_low", "ci_high"))
        sure = f" ({phrases.ci(inputs.params)} {low} to {high}{fmt.PERCENT})" if int(first["n"]) > 1 else ""
        others = int((part["times_top"] > 0).sum()) - 1
        beside = f"; {many(others, 'other setting')} on top at least once" if others else ""
        said.append(
            f"{model}: {fmt.setting_words(first['setting'])} in {fmt.compact(first['times_top'])} of "
            f"{many(int(first['n']), 'replicate')}{sure}{beside}."
        )
    return f"Most often on top on validation images: {' '.join(said)}"


def may_be_best(rows: pd.DataFrame, inputs: Inputs) -> str:
    """Which settings may be the best, and what choosing the worst of them may cost."""
    said = []
    for model, part in by_model(rows):
        held = part[part["in_set"] == 1]
        if part["simultaneous_low"].isna().all():
            said.append(f"{model}: not known from {many(int(part['n'].iloc[0]), 'replicate')}.")
            continue
        if len(held) == 1:
            said.append(f"{model}: {fmt.setting_words(held['setting'].iloc[0])} alone.")
            continue
        costly = lowest(held, "simultaneous_low")
        said.append(
            f"{model}: {len(held)} of {many(len(part), 'setting')}; the one that may cost most, "
            f"{fmt.setting_words(costly['setting'])}, costs at most "
            f"{fmt.percent(-costly['simultaneous_low'])} points against the best."
        )
    return (
        f"Settings that may have the highest validation accuracy, over new seeds and new images, at "
        f"{phrases.level(inputs.params)} confidence that the best is among them: {' '.join(said)}"
    )


def choices(rows: pd.DataFrame) -> str:
    """Whether the three ways of choosing agree."""
    said = []
    for model, part in by_model(rows):
        chosen = {rule: list(of["setting"]) for rule, of in part.groupby("rule", sort=False)}
        mean, bound = (
            fmt.setting_words(chosen[rule][0]) if rule in chosen else "" for rule in ("mean", "lower_bound")
        )
        if not bound:
            same = f"{mean} by mean; the other rules need two replicates"
        elif mean == bound:
            same = f"{mean} by mean and by lower bound"
        else:
            same = f"{mean} by mean, {bound} by lower bound"
        front = many(len(chosen.get("front", [])), "setting")
        said.append(f"{model}: {same}; {front} on the front of mean and SD.")
    return " ".join(said) or "No setting was chosen."


def expected_best(rows: pd.DataFrame) -> str:
    """What trying more settings brings."""
    said = []
    for model, part in by_model(rows):
        first, last = lowest(part, "n_settings"), highest(part, "n_settings")
        one, more = (f"{fmt.percent(row['mean'], 1)}{fmt.PERCENT}" for row in (first, last))
        said.append(f"{model}: {one} from one setting, {more} from {last['n_settings']}")
    if not said:
        return "The expected best of several settings is not known."
    return f"Expected best validation accuracy of settings drawn at random: {'; '.join(said)}."


def _selection(inputs: Inputs) -> tuple[Block, ...]:
    params, selected = inputs.params, inputs.tables[definitions.SELECTION]
    rows = inputs.tables[definitions.BEST].merge(
        selected.drop(columns=["setting", "n"]), on="model", how="left"
    )
    spec = [
        col.MODEL,
        col.words("setting", "Selected setting", fmt.setting_words),
        col.percent("explore_valid_mean", "Validation, explore, %"),
        col.percent("confirm_valid_mean", "Validation, confirm, %"),
        col.percent("explore_test_mean", "Test, explore, %"),
        col.percent("mean", "Test, confirm, %"),
        col.words("runner_up", "Runner-up", fmt.setting_words),
        col.percent("runner_up_valid_mean", "Its validation, explore, %"),
        col.whole("n_settings", "Settings tried"),
    ]
    caption = (
        f"Mean accuracy of the selected setting in both phases: explore n = {phrases.explored(params)}, "
        f"confirm n = {many(params.confirm_seeds, 'replicate')} on other seeds."
    )
    return col.table("selection", "Selection and confirmation", caption, rows, spec)


def _top(rows: pd.DataFrame, inputs: Inputs) -> tuple[Block, ...]:
    spec = [
        col.MODEL,
        col.SETTING,
        col.percent("share_top", "On top, % of replicates", 1),
        col.span(f"{phrases.ci(inputs.params)}, %"),
        col.setting("times_top", "Times on top"),
        col.N,
    ]
    ordered = rows[rows["times_top"] > 0]
    caption = (
        f"How often each setting has the highest validation accuracy of a replicate, explore phase, "
        f"{n_of(rows)}; settings that are never on top are in the CSV of all."
    )
    return col.table("top-settings", "How often each setting is on top", caption, ordered, spec)


def _best_set(rows: pd.DataFrame, top: pd.DataFrame, inputs: Inputs) -> tuple[Block, ...]:
    spec = [
        col.MODEL,
        col.SETTING,
        col.percent("valid_mean", "Validation, %"),
        col.points("diff", "Less the best other, points"),
        col.points_span(
            f"Simultaneous {phrases.ci(inputs.params)}, points", "simultaneous_low", "simultaneous_high"
        ),
        col.percent("share_top", "On top, % of replicates", 0),
        col.points("test_diff", "Test, less the selected, points"),
        col.points_span(f"{phrases.ci(inputs.params)}, points", "test_diff_ci_low", "test_diff_ci_high"),
        col.N,
    ]
    held = rows[rows["in_set"] == 1].merge(top[["model", "setting", "share_top"]], how="left")
    caption = (
        f"Explore phase, {n_of(rows)}. Simultaneous {phrases.ci(inputs.params)} of seeds and images of "
        "validation accuracy less the best of the others [@hsu]: what the choice costs or gains. Test CI: "
        "not corrected. Settings outside the set: CSV."
    )
    return col.table("best-set", "Settings that may be the best", caption, held, spec)


def _choices(rows: pd.DataFrame, inputs: Inputs) -> tuple[Block, ...]:
    spec = [
        col.MODEL,
        col.words("rule", "Chosen by", lambda rule: RULE_TITLES.get(rule, rule)),
        col.SETTING,
        col.percent("valid_mean", "Validation, %"),
        col.percent("valid_sd", "SD, points"),
        col.percent("valid_low", f"Lower end of the {phrases.ci(inputs.params)}, %"),
        col.percent("test_mean", "Test, %"),
        col.percent("test_sd", "SD of test, points"),
        col.N,
    ]
    caption = (
        f"Explore phase, {n_of(rows)}. Front: no other setting has both a higher mean and a smaller SD. The "
        f"setting of the {phrases.selection_rule(inputs.params)} went to the confirm phase."
    )
    return col.table("choices", "Three ways of choosing", caption, rows, spec)


def _expected_best(rows: pd.DataFrame, inputs: Inputs) -> Picture:
    marks = style.marks(inputs.params.backbones)
    draw = partial(curves.growth, rows, marks, axis_title="Settings tried, each once")
    caption = (
        f"The best of so many settings, each tried once [@dodge]: means over {n_of(rows)}, explore phase; "
        f"bands: {phrases.ci(inputs.params)}. The two splits differ too, so the gap is not optimism alone. "
        f"{phrases.NOT_ZERO}"
    )
    alt = expected_best(rows)
    return col.picture("expected-best", "Expected best accuracy", caption, alt, draw, means=rows)
