"""Choose the setting of each backbone that is confirmed, on validation accuracy."""

from study import files, params
from study.analysis.selection import select
from study.pipeline import paths, results
from study.pipeline.console import run
from study.tables.definitions import SELECTION


def main() -> None:
    """Write reports/selection.json."""
    chosen = params.load(paths.PARAMS)
    laid = results.laid_out(chosen)
    table = select(
        results.results(chosen, "explore", results.planned(chosen, "explore")),
        laid.settings,
        rule=chosen.analysis.selection_rule,
        alpha=chosen.analysis.alpha,
    )
    files.write_json(paths.SELECTION_JSON, {"selection": files.rows(SELECTION.conform(table))})


if __name__ == "__main__":
    run(main)
