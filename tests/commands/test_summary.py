"""What ``study summary`` says of the committed study."""

import subprocess
import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]


def test_three_lines_say_what_was_found_and_one_where():
    done = subprocess.run(
        [sys.executable, "-m", "study", "summary"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    claims, best, ensembles, where = done.stdout.strip().splitlines()
    verdicts = pd.read_csv(ROOT / "reports/tables/claims.csv")["verdict"]
    assert f"{(verdicts == 'supported').sum()} supported" in claims
    table = pd.read_csv(ROOT / "reports/tables/best.csv")
    leading = table.loc[table["mean"].idxmax()]
    assert best.startswith(str(leading["model"]))
    assert f"{100 * leading['mean']:.1f}\xa0%" in best
    assert "best single model" in ensembles
    assert where == "Read it in reports/report.html or reports/report.tex."
