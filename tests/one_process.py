"""The stages of a small study in one process: python tests/one_process.py FOLDER [LAST]."""

import study.stages  # noqa: F401, I001 - before any library reads the environment

import importlib
import os
import sys
import time
from pathlib import Path

STAGES = (
    *("data", "weights", "features", "train", "select", "confirm"),
    *("variance", "ensemble", "analyse", "models", "verify", "report"),
)
OF_BACKBONE = ("weights", "features", "train", "confirm", "variance")
BACKBONES = ("efficientnet-lite0", "efficientnet-lite1")


def run(folder: Path, last: str) -> None:
    """Run the stages up to the last in a folder that holds params.yaml and templates, timed on stderr."""
    os.chdir(folder)
    for name in STAGES[: STAGES.index(last) + 1]:
        module = importlib.import_module(f"study.stages.{name}")
        for arguments in [[one] for one in BACKBONES] if name in OF_BACKBONE else [[]]:
            sys.argv = [f"study.stages.{name}", *arguments]
            began = time.perf_counter()
            module.main()
            sys.stderr.write(f"{name}: {time.perf_counter() - began:.1f} s\n")


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2] if sys.argv[2:] else STAGES[-1])
