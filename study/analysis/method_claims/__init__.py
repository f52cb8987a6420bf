"""Claims on methods: hypotheses read from a YAML file, judged on anybody's results.

In go ``Runs`` and a ``ClaimsFile`` (``loading.load_claims``). Out come the claims with their verdicts, and
the table ``asked`` of every number behind them.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from study.analysis.frames import frame
from study.analysis.method_claims.data import Measurement, Runs
from study.analysis.method_claims.judging import Judged, judge
from study.analysis.method_claims.loading import ClaimsFile, load_claims
from study.analysis.method_claims.questions import Finding
from study.tables.methods import ASKED

__all__ = ["ClaimsFile", "Finding", "Judged", "Measurement", "Runs", "asked", "judge", "load_claims"]


def asked(judged: Sequence[Judged]) -> pd.DataFrame:
    """Table ``asked``: each question of each claim with its number, interval and answer."""
    rows = [
        {
            "claim": one.claim.id,
            "question": number,
            "what": found.label,
            "metric": found.metric,
            "unit": found.unit,
            "design": found.design,
            "n": found.n[0],
            "n_other": found.n[-1],
            "estimate": found.estimate,
            "ci_low": found.low,
            "ci_high": found.high,
            "confidence": found.confidence,
            "claimed_low": found.claimed_low,
            "claimed_high": found.claimed_high,
            "answer": found.answer,
        }
        for one in judged
        for number, found in enumerate(one.findings, 1)
    ]
    return frame(ASKED, rows)
