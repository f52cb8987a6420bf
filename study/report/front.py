"""The first page: what came out, how sure it is, what the source said that does not hold."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from study.report import checks, sentences
from study.report.conventions import Conventions
from study.report.exhibits import Findings
from study.report.facts import Facts
from study.report.rows import records

_LEADER_PAIRS = 3


def findings(
    tables: Mapping[str, pd.DataFrame], facts: Facts, conventions: Conventions
) -> tuple[Findings, ...]:
    """Sentences of the first page, in groups that each answer one question."""
    best, compared = tables["best"], tables["comparisons"]
    compared = compared[compared["metric"] == "test_accuracy"]
    factors = list(dict.fromkeys(tables["levels"]["factor"]))
    came_out = (
        sentences.leader(best, conventions),
        *sentences.pairs(best, tables["pairs"], conventions)[: min(len(best) - 1, _LEADER_PAIRS)],
        *sentences.constant_features(tables["features"], facts.provenance.parameters["image_size"]),
        sentences.ensembles(tables["ensembles"], len(best), conventions)[0],
        *(sentences.factor(name, compared[compared["factor"] == name], conventions) for name in factors),
    )
    sure = (
        sentences.certainty(compared, conventions),
        sentences.diverged(tables["results"]),
        checks.verification(facts.verification),
    )
    return (
        Findings("What came out", came_out),
        Findings("How sure it is", sure),
        Findings(
            "What the source said, judged on these data",
            (sentences.claims(tables["claims"]), *refuted(tables["claims"])),
        ),
    )


def refuted(claims: pd.DataFrame) -> tuple[str, ...]:
    """The claims of the source that do not hold here, in the source's order."""
    lost = claims[claims["verdict"] == "refuted"]
    return tuple(f"Does not hold here ({row['id']}): {row['statement']}" for row in records(lost))
