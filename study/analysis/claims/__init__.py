"""Claims on the study: hypotheses read from a YAML file, judged on the runs.

In go ``inputs.Inputs`` and claims (``loading.load_claims``), by default those of the original report. Out
come the tables ``claims`` and ``published``.
"""

from collections.abc import Sequence

import pandas as pd

from study.analysis.claims.data import TEST, VALID, ClaimData
from study.analysis.claims.judging import judge_claims, published_values
from study.analysis.claims.loading import ORIGINAL_REPORT, Claim, load_claims
from study.analysis.inputs import Inputs
from study.params import Rules


def tables(inputs: Inputs, *, rules: Rules, claims: Sequence[Claim] | None = None) -> dict[str, pd.DataFrame]:
    """The topic's tables by name, of ``claims`` or of those of the original report."""
    claims = load_claims(ORIGINAL_REPORT) if claims is None else claims
    data = ClaimData.of(
        inputs.results,
        inputs.history,
        inputs.levels,
        inputs.settings,
        inputs.ensemble_runs,
        dataset=inputs.dataset,
        margin=rules.margin,
        correct={TEST: inputs.test, VALID: inputs.valid},
        ensemble_correct=inputs.ensemble_correct,
    )
    return {
        "claims": judge_claims(data, claims, rules=rules),
        "published": published_values(data, claims, rules=rules),
    }
