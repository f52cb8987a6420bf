"""Train a random sample of the recorded runs again, each alone, and compare every number."""

from study import files, params
from study.errors import counted
from study.executors.local import executor
from study.pipeline import paths
from study.pipeline.console import run, say
from study.runs.verification import Verification, outcome, verify


def main() -> None:
    """Write reports/verification.json."""
    chosen = params.load(paths.PARAMS)
    n_runs = chosen.analysis.verify_runs
    done = Verification(())
    if n_runs:
        say(f"training {counted(n_runs, 'recorded run')} again, each alone")
        with executor(chosen.execution) as where:
            done = verify(chosen, where.bench, n_runs=n_runs)
    files.write_json(paths.VERIFICATION_JSON, {"verification": [outcome(done)]})


if __name__ == "__main__":
    run(main)
