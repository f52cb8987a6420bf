"""Choose the setting of each backbone that is confirmed, on validation accuracy."""

from study import files
from study.analysis.selection.choosing import select
from study.params import load
from study.pipeline import paths, results
from study.pipeline.console import run
from study.tables.definitions import SELECTION


def main() -> None:
    """Write reports/selection.json."""
    params = load(paths.PARAMS)
    explored = results.results(params, "explore", results.planned(params, "explore"))
    table = select(explored, results.laid_out(params).settings, rules=params.rules)
    files.write_json(paths.SELECTION_JSON, {"selection": files.rows(SELECTION.conform(table))})


if __name__ == "__main__":
    run(main)
