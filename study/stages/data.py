"""Acquire the dataset and pack it into a few arrays and a manifest."""

from study import params
from study.data import acquire, dataset
from study.stages import files, paths
from study.stages.entry import progress, run, say


def main() -> None:
    """Write data/dataset and reports/dataset.json."""
    chosen = params.load(paths.PARAMS)
    say(f"dataset {chosen.dataset}")
    with progress() as bar:
        task = bar.add_task("images", total=None)
        data = acquire.acquire(
            chosen.dataset,
            md5=chosen.dataset_md5,
            cache=paths.DOWNLOADS,
            advance=lambda done: bar.advance(task, done),
        )
    dataset.save(data, paths.DATASET)
    files.write_json(paths.DATASET_JSON, {"dataset": [dataset.manifest(data)]})


if __name__ == "__main__":
    run(main)
