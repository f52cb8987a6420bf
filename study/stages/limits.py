"""Hold the sizes in params.yaml to the data and to the memory budget, before results are removed."""

from dataclasses import asdict

from study import files, params
from study.backbones.catalogue.names import widest
from study.pipeline import paths, results
from study.pipeline.console import run
from study.runs import limits
from study.runs.limits import Sizes


def main() -> None:
    """Write reports/inputs/limits.json: the sizes of the data, to which the parameters were held."""
    chosen = params.load(paths.PARAMS)
    counts = results.dataset()["counts"]
    n_images = {
        split: [sum(origins.values()) for origins in classes.values()] for split, classes in counts.items()
    }
    sizes = Sizes(
        train=sum(n_images["train"]),
        judged=sum(n_images["valid"]) + sum(n_images["test"]),
        smallest_class=min(n_images["train"]),
        classes=len(n_images["train"]),
    )
    parts = limits.memory(chosen, sizes, n_features=widest(chosen.backbones))
    limits.check(parts, memory_budget_gb=chosen.execution.memory_budget_gb)
    files.write_json(paths.LIMITS_JSON, {"limits": [asdict(sizes)]})


if __name__ == "__main__":
    run(main)
