"""From tables and facts to the result model: which sections there are and what stands in each."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from study.report import bibliography, ensembling, numbers, pictures, prose, sentences, tabulate
from study.report.conventions import Conventions, replicates
from study.report.exhibits import Block, Bullets, Paragraph, References, Report, Section
from study.report.facts import Facts
from study.report.front import findings
from study.report.further import (
    choice_section,
    classes_section,
    differences_section,
    published_blocks,
    ranks_blocks,
    variation_section,
)
from study.report.labels import factor_title, factor_words, level_title
from study.report.rows import records
from study.report.sources import data_section, provenance_section, state, verification_section
from study.report.wording import many

Tables = Mapping[str, pd.DataFrame]
_SPOKEN_PAIRS = 10
"""Pairs of backbones in words; the table has all."""


def report(tables: Tables, facts: Facts) -> Report:
    """The whole report from the tables of ``study.tables.REPORT_TABLES`` by name."""
    conventions = Conventions.of(facts.provenance.parameters)
    factors = list(dict.fromkeys(tables["levels"]["factor"]))
    sections = (
        _best_section(tables, conventions),
        _ensembles_section(tables, conventions),
        differences_section(tables, conventions),
        _claims_section(tables, conventions),
        Section("contradictions", "Contradictions of the source", (Bullets(prose.CONTRADICTIONS),)),
        _design_section(tables, facts, conventions),
        *(_factor_section(factor, tables, facts, conventions) for factor in factors),
        variation_section(tables, facts, conventions),
        choice_section(
            tables, conventions, tabulate.selection(tables["best"], tables["selection"], conventions)
        ),
        classes_section(
            tables,
            conventions,
            (*_metrics(tables, conventions), *ensembling.temperature_blocks(tables, conventions)),
        ),
        ensembling.section(tables, conventions),
        _origins_section(tables, conventions),
        _verdicts_section(conventions),
        _left_out_section(facts),
        Section("threats", "Threats to validity", (Bullets(prose.THREATS),)),
        data_section(facts),
        provenance_section(facts),
        verification_section(facts),
        Section(
            "references",
            "References",
            (
                Paragraph(prose.REFERENCES.format(source=bibliography.of_source())),
                References(tuple((work.key, work.text) for work in bibliography.WORKS)),
            ),
        ),
    )
    return Report(
        prose.TITLE,
        prose.QUESTION,
        _notices(facts, tables, conventions),
        findings(tables, facts, conventions),
        sections,
        _numbers(tables),
        state(facts),
    )


def _notices(facts: Facts, tables: Tables, conventions: Conventions) -> tuple[str, ...]:
    banner = prose.banner(facts.dataset.name)
    said = [banner] if banner else []
    if facts.provenance.parameters.get("weights") == "random":
        said.append(
            "The backbones have random weights, not those of ImageNet: this is a test of the machinery."
        )
    fewest = int(tables["best"]["n"].min())
    if fewest < conventions.headline_seeds:
        said.append(
            f"Headline numbers rest on {replicates(fewest)}, fewer than the {conventions.headline_seeds} "
            "that were declared for them."
        )
    if facts.provenance.dirty:
        said.append(
            "The working tree had uncommitted changes, so the commit does not name the code that ran."
        )
    return tuple(said)


def _best_section(tables: Tables, conventions: Conventions) -> Section:
    best, pairs = tables["best"], tables["pairs"]
    blocks: list[Block] = [
        tabulate.best(best, conventions),
        pictures.confirmed(best, tables["results"], conventions),
    ]
    if len(pairs):
        if len(pairs) <= _SPOKEN_PAIRS:
            blocks.append(Bullets(sentences.pairs(best, pairs, conventions)))
        blocks += [
            tabulate.pairs(pairs, conventions),
            Paragraph(sentences.detectable(pairs, conventions)),
        ]
    return Section("best", "Best settings", (*blocks, *ranks_blocks(tables)))


def _metrics(tables: Tables, conventions: Conventions) -> tuple[Block, ...]:
    summary = tables["summary"]
    rows = summary[
        (summary["phase"] == "confirm")
        & (summary["split"] == "test")
        & summary["metric"].isin(["log_loss", "calibration_error"])
    ]
    return (tabulate.confirmed_metrics(rows, conventions),) if len(rows) else ()


def _ensembles_section(tables: Tables, conventions: Conventions) -> Section:
    rows = tables["ensembles"]
    said = sentences.ensembles(rows, len(tables["best"]), conventions)
    blocks: list[Block] = []
    if (rows["method"] != "single").any():
        blocks += [Paragraph(prose.ENSEMBLES), tabulate.ensembles(rows, conventions)]
        blocks += pictures.ensembles(rows, tables["ensemble_runs"], conventions)
    scored = ensembling.score_blocks(tables, conventions)
    return Section("ensembles", "Ensembles", (*blocks, Bullets(said), *scored))


def _design_section(tables: Tables, facts: Facts, conventions: Conventions) -> Section:
    levels = tables["levels"]
    parameters = facts.provenance.parameters
    rates = [level_title("lr", level) for level in levels.loc[levels["factor"] == "lr", "level"]]
    reference = ", ".join(
        f"{factor_words(row['factor'])} {level_title(row['factor'], row['level'])}"
        for row in records(levels[levels["is_reference"] == 1])
    )
    results = tables["results"]
    phases = results["phase"].value_counts()
    size = (
        f"{many(len(tables['settings']), 'setting')}, {many(len(conventions.backbones), 'backbone')}, "
        f"{numbers.count(int(phases.get('explore', 0)))} runs in the explore phase and "
        f"{numbers.count(int(phases.get('confirm', 0)))} in the confirm phase, each of {conventions.epochs} "
        f"epochs; a backbone sees images of {parameters['image_size']} pixels a side."
    )
    return Section(
        "design",
        "Design",
        (
            Paragraph(
                prose.DESIGN_PHASES.format(
                    seeds=replicates(conventions.seeds), confirm=replicates(conventions.confirm_seeds)
                )
            ),
            Paragraph(prose.DESIGN_PAIRS),
            Paragraph(prose.DESIGN_HEAD),
            Paragraph(f"Reference setting: {reference}."),
            Paragraph(
                prose.DESIGN_REFERENCE.format(lr=numbers.compact(parameters["lr"]), levels=", ".join(rates))
            ),
            Paragraph(f"Size: {size}"),
            tabulate.features(tables["features"], parameters["image_size"]),
        ),
    )


def _factor_section(factor: str, tables: Tables, facts: Facts, conventions: Conventions) -> Section:
    levels = tables["levels"]
    levels = levels[levels["factor"] == factor].sort_values("position")
    compared = _comparisons(tables, factor)
    curves = tables["curves"]
    curves = curves[(curves["factor"] == factor) & (curves["metric"] == "accuracy")]
    means = _level_means(tables, factor, levels)
    omnibus = tables["omnibus"]
    omnibus = omnibus[omnibus["factor"] == factor]
    blocks: list[Block] = [Paragraph(sentences.factor(factor, compared, conventions))]
    if len(curves):
        blocks.append(pictures.curves(factor, levels, curves, conventions))
    blocks.append(
        pictures.comparison(
            factor,
            levels,
            means,
            tables["results"],
            conventions,
            largest_class=_largest_class(facts),
        )
    )
    blocks.append(tabulate.levels(factor, means, conventions))
    if len(compared):
        blocks += [
            pictures.forest(factor, levels, compared, conventions),
            tabulate.differences(factor, compared, conventions),
            Paragraph(sentences.detectable(compared, conventions)),
        ]
    if len(omnibus):
        blocks.append(tabulate.omnibus(factor, omnibus))
    return Section(f"factor-{factor}".replace("_", "-"), factor_title(factor), tuple(blocks))


def _comparisons(tables: Tables, factor: str) -> pd.DataFrame:
    rows = tables["comparisons"]
    return rows[(rows["factor"] == factor) & (rows["metric"] == "test_accuracy")]


def _level_means(tables: Tables, factor: str, levels: pd.DataFrame) -> pd.DataFrame:
    rows = tables["summary"]
    rows = rows[(rows["factor"] == factor) & (rows["phase"] == "explore") & (rows["metric"] == "accuracy")]
    means = rows[rows["split"] == "test"]
    for split in ("train", "valid"):
        part = rows.loc[rows["split"] == split, ["model", "level", "mean"]]
        means = means.merge(part.rename(columns={"mean": f"{split}_mean"}), on=["model", "level"], how="left")
    order = {level: position for position, level in enumerate(levels["level"])}
    return means.sort_values("level", key=lambda names: names.map(order), kind="stable").sort_values(
        "model",
        key=lambda names: names.map({name: i for i, name in enumerate(dict.fromkeys(names))}),
        kind="stable",
    )


def _largest_class(facts: Facts) -> float:
    train = facts.dataset.counts.get("train", {})
    sizes = [sum(by_origin.values()) for by_origin in train.values()]
    return float(max(sizes, default=1))


def _verdicts_section(conventions: Conventions) -> Section:
    return Section(
        "verdicts",
        "How verdicts are made",
        (
            Paragraph(
                prose.VERDICTS.format(
                    alpha=numbers.compact(conventions.alpha), margin=conventions.margin_points
                )
            ),
            Bullets(prose.VERDICT_ITEMS),
            Paragraph(prose.VERDICT_INTERVALS),
        ),
    )


def _claims_section(tables: Tables, conventions: Conventions) -> Section:
    claims = tables["claims"]
    blocks: list[Block] = [Paragraph(sentences.claims(claims))]
    if len(claims):
        blocks.append(tabulate.claims(claims))
    blocks += published_blocks(tables, conventions)
    return Section("claims", "Claims of the source", tuple(blocks))


def _left_out_section(facts: Facts) -> Section:
    said = Bullets(facts.left_out) if facts.left_out else Paragraph(prose.NOTHING_LEFT_OUT)
    return Section("left-out", "Levels left out", (said,))


def _origins_section(tables: Tables, conventions: Conventions) -> Section:
    rows = tables["summary"]
    known = rows[
        (rows["phase"] == "confirm")
        & rows["metric"].isin(["accuracy_cifar10", "accuracy_imagenet"])
        & rows["mean"].notna()
    ]
    title = "Accuracy by origin of the images"
    if known.empty:
        return Section("origins", title, (Paragraph(prose.ORIGIN_UNKNOWN),))
    return Section("origins", title, (Paragraph(prose.LEVELS_ORIGIN), tabulate.origins(known, conventions)))


def _numbers(tables: Tables) -> tuple[tuple[str, str], ...]:
    best = [
        (f"best/{row['model']}/{key}", numbers.percent(row[column]))
        for row in records(tables["best"])
        for key, column in (("mean", "mean"), ("sd", "sd"), ("low", "ci_low"), ("high", "ci_high"))
    ]
    combined = [
        (f"ensemble/{row['method']}/{key}", numbers.percent(row[column]))
        for row in records(tables["ensembles"])
        for key, column in (("mean", "mean"), ("sd", "sd"), ("low", "ci_low"), ("high", "ci_high"))
    ]
    gains = [
        (f"ensemble/{row['method']}/gain", numbers.points(row["diff"]))
        for row in records(tables["ensembles"])
    ]
    claims = [
        (f"claims/{verdict}", numbers.count(int(n)))
        for verdict, n in sorted(tables["claims"]["verdict"].value_counts().items())
    ]
    runs = [("runs", numbers.count(len(tables["results"])))]
    return (*runs, *best, *combined, *gains, *claims)
