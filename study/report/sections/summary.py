"""Summary: what the study found, in four sentences and one figure, and what a reader must know before."""

from __future__ import annotations

from functools import partial

from study.report import format as fmt
from study.report import phrases
from study.report import tables as col
from study.report.document import Bullets, Picture, Section
from study.report.inputs import Inputs
from study.report.phrases import many, records
from study.report.plots import grids, style
from study.report.plots.intervals import Line, Scale, estimates
from study.report.sections import best, claims, ensembles, factors
from study.tables import definitions


def section(inputs: Inputs) -> Section:
    """The first screen."""
    said = (*findings(inputs), factors.certainty(inputs), *family(inputs))
    return Section("summary", "Summary", (Bullets(said), _overview(inputs)))


def findings(inputs: Inputs) -> tuple[str, str, str]:
    """What the study found: how many claims hold, which model is best, what ensembles add."""
    leading = " ".join((best.leader(inputs), *best.compared(inputs)[:1]))
    return claims.counted(inputs), leading, ensembles.compared(inputs)[0]


def family(inputs: Inputs) -> tuple[str, ...]:
    """What verdicts are corrected over, and what the families mean together."""
    rows, alpha = factors.compared(inputs), inputs.params.analysis.alpha
    sizes = rows[rows["p_holm"].notna()].groupby("model", sort=False).size()
    if sizes.empty:
        return ()
    most = phrases.span(fmt.count(int(sizes.min())), fmt.count(int(sizes.max())))
    return (
        inputs.text.line(
            "summary/family",
            comparisons=many(most, "comparison"),
            families=many(len(sizes), "family", "families"),
            one=f"{fmt.compact(100 * alpha)}{fmt.PERCENT}",
            together=f"{fmt.compact(100 * min(len(sizes) * alpha, 1.0))}{fmt.PERCENT}",
        ),
    )


def notices(inputs: Inputs) -> tuple[str, ...]:
    """What a reader has to know before any number."""
    params, name = inputs.params, inputs.dataset.name
    fewest = int(inputs.tables[definitions.BEST]["n"].min())
    said = []
    if name != "cinic10":
        data = "the built-in digits data" if name == "digits" else f"the data set {name}"
        said.append(inputs.text.line("summary/data", data=data))
    if params.weights == "random":
        said.append(inputs.text.line("summary/random weights"))
    if fewest < params.analysis.headline_seeds:
        declared = str(params.analysis.headline_seeds)
        found = many(fewest, "replicate")
        said.append(inputs.text.line("summary/few seeds", found=found, declared=declared))
    if inputs.provenance.dirty:
        said.append(inputs.text.line("summary/dirty"))
    return tuple(said)


def numbers(inputs: Inputs) -> tuple[tuple[str, str], ...]:
    """Single numbers for other documents, by key."""
    tables = inputs.tables
    ends = (("mean", "mean"), ("sd", "sd"), ("low", "ci_low"), ("high", "ci_high"))
    named = [("runs", fmt.count(len(tables[definitions.RESULTS])))]
    for table, what, column in (
        (definitions.BEST, "best", "model"),
        (definitions.ENSEMBLES, "ensemble", "method"),
    ):
        for row in records(tables[table]):
            named += [(f"{what}/{row[column]}/{end}", fmt.percent(row[of])) for end, of in ends]
            if "diff" in row:
                named.append((f"{what}/{row[column]}/gain", fmt.points(row["diff"])))
    counts = tables[definitions.CLAIMS]["verdict"].value_counts()
    return (*named, *((f"claims/{verdict}", fmt.count(int(n))) for verdict, n in sorted(counts.items())))


def _overview(inputs: Inputs) -> Picture:
    judged, rows = inputs.tables[definitions.CLAIMS], inputs.tables[definitions.BEST]
    shown = estimates(rows, "model")
    combined = inputs.tables[definitions.ENSEMBLES]
    combined = combined[combined["method"] != "single"].sort_values("mean", ascending=False).head(1)
    if len(combined):
        shown += estimates(combined, "method", mark="method")
    lines = [Line(one.line, fmt.method_title(one.line)) for one in shown]
    marks = {**style.marks(inputs.params.backbones), **dict.fromkeys(combined["method"], best.PLAIN)}
    tested = judged[judged["verdict"] != "not testable on this data"]
    verdicts = [(row["id"], row["verdict"]) for row in records(tested)]
    caption = (
        f"Claims of the original report by verdict, and test accuracy of the selected settings "
        f"and of the best ensemble, mean and {phrases.ci(inputs.params)}, confirm phase, "
        f"{phrases.n_of(rows)}. {phrases.NOT_ZERO}"
    )
    alt = f"{claims.counted(inputs)} {best.leader(inputs)}"
    draw = partial(grids.overview, verdicts, shown, lines, marks, Scale("Test accuracy, %"))
    return col.picture("overview", "Claims and models", caption, alt, draw, means=rows, claims=judged)
