"""Members of ensembles: which runs greedy selection takes, how different members are and what that gains."""

from __future__ import annotations

import math
from functools import partial
from itertools import cycle

import pandas as pd

from study.report import format as fmt
from study.report import phrases
from study.report import tables as col
from study.report.document import Block, Bullets, Picture, Section
from study.report.inputs import Inputs
from study.report.phrases import Row, highest, listing, lowest, many, n_of, records, span
from study.report.plots import grids, style
from study.report.plots.style import INK, MARKERS, Mark
from study.tables import definitions

_MOST_PICKS = 12
"""Settings in the table of votes."""
_MOST_PAIRS = 10
"""More have no legend that can be read; the table has all."""
_MEASURES = {"disagreement": "Disagreement, % of images", "error_correlation": "Correlation of errors"}


def section(inputs: Inputs) -> Section:
    """Greedy selection and diversity, where the study has members."""
    blocks: list[Block] = []
    for part, made in (("greedy", _greedy(inputs)), ("diversity", _diversity(inputs))):
        if made:
            blocks += [*inputs.text.blocks(f"members/{part}"), *made]
    return Section("members", "Members: greedy selection and diversity", tuple(blocks), 2)


def _greedy(inputs: Inputs) -> tuple[Block, ...]:
    rows, runs = inputs.tables[definitions.GREEDY], inputs.tables[definitions.GREEDY_RUNS]
    results, params = inputs.tables[definitions.RESULTS], inputs.params
    gained = records(rows[rows["verdict"] != "baseline"])
    if not gained:
        return ()
    explored = results[results["phase"] == "explore"]
    library = int(explored.groupby("replicate").size().max())
    row = {**gained[0], "ci_low": gained[0]["diff_ci_low"], "ci_high": gained[0]["diff_ci_high"]}
    best = "the explored run that is best on validation"
    spec = [
        col.METHOD,
        col.verdict(),
        *col.accuracy(params),
        col.points("diff", "Minus best run, points"),
        col.points_span(f"{phrases.ci(params)} of the difference, points", "diff_ci_low", "diff_ci_high"),
        col.wins(),
        col.p("p_t", "p (paired t)"),
        col.p("p_tost", "p (TOST)"),
        col.N,
    ]
    caption = (
        f"Test images, explore phase, paired, {n_of(rows)}. One comparison, so nothing is corrected. The "
        "verdict is of seeds alone, on these test images only."
    )
    return (
        Bullets((phrases.versus("Greedy selection", best, row, params), picks(runs, library))),
        *col.table("greedy", "Greedy selection", caption, rows, spec),
        *_votes(runs, results),
        *_greedy_runs(runs, results),
    )


def picks(runs: pd.DataFrame, library: int) -> str:
    """How much greedy selection takes and what its choice flatters; ``library`` runs a replicate."""
    votes, distinct = (
        span(fmt.count(int(runs[one].min())), fmt.count(int(runs[one].max())))
        for one in ("n_members", "n_distinct")
    )
    valid, test = (
        f"{fmt.percent(runs[f'{split}_accuracy'].mean(), 1)}{fmt.PERCENT}" for split in ("valid", "test")
    )
    return (
        f"From {many(library, 'explored run')} of a replicate it takes {many(votes, 'vote')} of "
        f"{many(distinct, 'different run')}. Its mean accuracy is {valid} on the validation images that "
        f"chose it and {test} on test images."
    )


def _greedy_runs(runs: pd.DataFrame, results: pd.DataFrame) -> tuple[Block, ...]:
    setting = results.set_index("run")[["model", "setting"]]
    shown = runs.join(setting, on="best_run").rename(columns={"model": "best_model"})
    spec = [
        col.whole("replicate", "Replicate"),
        col.whole("n_members", "Votes"),
        col.whole("n_distinct", "Different runs"),
        col.percent("valid_accuracy", "Validation, %"),
        col.percent("test_accuracy", "Test, %"),
        col.words("best_model", "Best run, model"),
        col.words("setting", "Best run, setting", fmt.setting_words),
        col.percent("best_run_valid_accuracy", "Its validation, %"),
        col.percent("best_run_test_accuracy", "Its test, %"),
    ]
    caption = (
        f"Explore phase, each of the n = {len(runs)} replicates. The best run is the one with the highest "
        "validation accuracy. The CSV names every vote."
    )
    return col.table("greedy-runs", "Greedy selection by replicate", caption, shown, spec)


def _votes(runs: pd.DataFrame, results: pd.DataFrame) -> tuple[Block, ...]:
    spec = [
        col.MODEL,
        col.SETTING,
        col.plain("votes", "Votes per replicate", 1),
        col.percent("share", "Share of all votes, %", 1),
        col.whole("replicates", "Replicates with a vote"),
    ]
    caption = (
        f"The {_MOST_PICKS} settings with the most votes, explore phase, n = {len(runs)} replicates; a "
        "description without intervals."
    )
    shown = picked(runs, results).head(_MOST_PICKS)
    return col.table("greedy-picks", "What greedy selection picks", caption, shown, spec)


def picked(runs: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    """Votes of each setting: model, setting, votes a replicate, share of all votes, replicates with one.

    The most votes come first, equal ones by name.
    """
    votes = runs[["replicate", "members"]].assign(run=runs["members"].str.split("; ")).explode("run")
    votes = votes.join(results.set_index("run")[["model", "setting"]], on="run")
    grouped = votes.groupby(["model", "setting"], sort=True)["replicate"]
    counted = grouped.agg(["size", "nunique"]).reset_index().rename(columns={"nunique": "replicates"})
    counted["votes"] = counted["size"] / max(len(runs), 1)
    counted["share"] = counted["size"] / max(len(votes), 1)
    counted = counted.sort_values("size", ascending=False, kind="stable", ignore_index=True)
    return counted[["model", "setting", "votes", "share", "replicates"]]


def _diversity(inputs: Inputs) -> tuple[Block, ...]:
    rows, params = inputs.tables[definitions.DIVERSITY], inputs.params
    if rows.empty:
        return ()
    wide = rows[["model_a", "model_b", "n"]].drop_duplicates(["model_a", "model_b"])
    for metric, part in rows.groupby("metric", sort=True):
        values = part[["model_a", "model_b", "mean", "ci_low", "ci_high"]]
        named = {column: f"{metric}_{column}" for column in ("mean", "ci_low", "ci_high")}
        wide = wide.merge(values.rename(columns=named), on=["model_a", "model_b"], how="left")
    ci = phrases.ci(params)
    spec = [
        col.words("model_a", "Model", kind="name"),
        col.words("model_b", "With"),
        col.percent("disagreement_mean", "Disagreement, %"),
        col.span(f"{ci}, %", "disagreement_ci_low", "disagreement_ci_high"),
        col.signed("error_correlation_mean", "Correlation of errors", 3),
        col.signed_span(ci, 3, "error_correlation_ci_low", "error_correlation_ci_high"),
        col.points("gain_mean", "Gain, points"),
        col.points_span(f"{ci}, points", "gain_ci_low", "gain_ci_high"),
        col.N,
    ]
    caption = (
        f"Test images, confirm phase, {n_of(wide)}; for two replicates of one backbone n counts pairs of "
        "replicates. Gain: accuracy of the soft vote minus the mean accuracy of its two members."
    )
    said = (diversity(rows), *explained(inputs.tables[definitions.DIVERSITY_GAIN], inputs))
    drawn = diversity_picture(inputs.tables[definitions.DIVERSITY_RUNS], rows, inputs)
    return (
        Bullets(said),
        *((drawn,) if drawn else ()),
        *col.table("diversity-means", "Diversity of members", caption, wide, spec),
    )


def diversity_picture(rows: pd.DataFrame, means: pd.DataFrame, inputs: Inputs) -> Picture | None:
    """Gain against diversity; rows of ``diversity_runs`` and of ``diversity``. None of too many pairs."""
    pairs = [(str(a), str(b)) for a, b in dict.fromkeys(zip(rows["model_a"], rows["model_b"], strict=True))]
    if not 0 < len(pairs) <= _MOST_PAIRS:
        return None
    of_backbones = style.marks(inputs.params.backbones)
    others = cycle(MARKERS)
    looks = {(a, b): of_backbones[a] if a == b else Mark(INK, next(others)) for a, b in sorted(pairs)}
    shown = rows.assign(disagreement=100 * rows["disagreement"], gain=100 * rows["gain"])
    draw = partial(grids.diversity, shown, _MEASURES, pairs, looks)
    caption = (
        f"Each point: two members on the test images, confirm phase, {n_of(means)} per pair, without an "
        "interval. Hollow: two replicates of one backbone."
    )
    return col.picture("diversity", "Diversity and gain", caption, diversity(means), draw, means=rows)


def diversity(rows: pd.DataFrame) -> str:
    """Which members differ most and least, of pairs of different backbones."""
    known = rows[(rows["metric"] == "disagreement") & rows["mean"].notna()]
    between = known[known["model_a"] != known["model_b"]]
    within = known.loc[known["model_a"] == known["model_b"], "mean"]

    def shown(value: float) -> str:
        return f"{fmt.percent(value, 1)}{fmt.PERCENT}"

    said = []
    if len(between) == 1:
        said.append(
            f"{_both(records(between)[0])} disagree on {shown(between['mean'].iloc[0])} of the images."
        )
    elif len(between):
        most, least = highest(between, "mean"), lowest(between, "mean")
        said.append(
            f"Of two backbones, {_both(most)} disagree most ({shown(most['mean'])} of the images) and "
            f"{_both(least)} least ({shown(least['mean'])})."
        )
    if len(within):
        ends = span(fmt.percent(within.min(), 1), fmt.percent(within.max(), 1))
        said.append(f"Two replicates of one backbone disagree on {ends}{fmt.PERCENT} of the images.")
    return " ".join(said) or "How much members differ is not known."


def _both(row: Row) -> str:
    return listing([row["model_a"], row["model_b"]])


def explained(rows: pd.DataFrame, inputs: Inputs) -> tuple[str, ...]:
    """How an ensemble's gain goes with its members' diversity."""
    known = records(rows[rows["mean"].notna()])
    if not known:
        return ("Whether gain goes with diversity is not known: that needs three pairs of backbones.",)
    pairs = many(int(known[0]["n_pairs"]), "pair")
    return (
        *(_correlation(row, inputs) for row in known),
        f"These are correlations over {pairs} in each replicate, the same pairs in all. Their CI, cut at −1 "
        "and +1, covers new seeds for these backbones and says nothing about other ones.",
    )


def _correlation(row: Row, inputs: Inputs) -> str:
    measure = {"disagreement": "disagreement", "error_correlation": "the correlation of errors"}
    low, high, over = float(row["ci_low"]), float(row["ci_high"]), many(int(row["n"]), "replicate")
    text = f"Rank correlation of gain with {measure.get(row['metric'], row['metric'])}: "
    text += fmt.signed(row["mean"], 2)
    if math.isnan(low) or math.isnan(high):
        return f"{text} in {over}, without an interval."
    if low == high:
        return f"{text} in every one of {over}."
    sign = "; its sign is inconclusive" if low <= 0 <= high else ""
    ends = f"{fmt.signed(low, 2)} to {fmt.signed(high, 2)}"
    return f"{text} ({phrases.ci(inputs.params)} {ends}, {over}){sign}."
