"""The tables of methods compared: what is read from a results file, and what is judged of it."""

from __future__ import annotations

from study.tables.schema import Table

_MEAN = dict.fromkeys(("mean", "sd", "ci_low", "ci_high"), "float")
_DIFFERENCE = dict.fromkeys(("diff", "ci_low", "ci_high", "simultaneous_low", "simultaneous_high"), "float")
_TESTS = {
    **dict.fromkeys(("p", "p_holm", "p_tost", "p_tost_holm", "mde"), "float"),
    "verdict": "text",
}

MEASURED = Table(
    "measured",
    ("dataset", "method", "seed"),
    {"dataset": "text", "method": "text", "seed": "text", "value": "float"},
)
"""One number of one run. A run that diverged has none. ``dataset`` is empty where there is one unnamed."""

METHODS = Table(
    "methods",
    ("dataset", "method"),
    {
        "dataset": "text",
        "method": "text",
        "n": "int",
        "n_diverged": "int",
        "n_missing": "int",
        **_MEAN,
        "n_shared": "int",
        "times_top": "float",
        "top_ci_low": "float",
        "top_ci_high": "float",
        "rank_low": "float",
        "rank_high": "float",
    },
)
"""Mean over the ``n`` runs that ended with a number; ``n_missing``: seeds that another method has there.
``times_top``: in how many of the ``n_shared`` seeds that every method has it is best, with the exact interval
of the share; a tie counts for all. ``rank_low`` to ``rank_high``: places that the verdicts leave open."""

COMPARED = Table(
    "compared",
    ("dataset", "method", "other"),
    {
        "dataset": "text",
        "method": "text",
        "other": "text",
        "design": "text",
        "n": "int",
        "n_other": "int",
        **_DIFFERENCE,
        "effect": "float",
        "effect_ci_low": "float",
        "effect_ci_high": "float",
        "wins": "float",
        **_TESTS,
        "n_needed": "float",
    },
)
"""``method`` minus ``other``. Design: paired (seeds match; ``effect`` is d_z) or unpaired (Welch; ``effect``
is Hedges' g). ``wins``: share of the seeds in which ``method`` is better. ``n_needed``: seeds of each that
find a difference as large as the margin."""

ACROSS = Table(
    "across",
    ("method", "other"),
    {"method": "text", "other": "text", "n": "int", **_DIFFERENCE, "wins": "float", **_TESTS},
)
"""The same over ``n`` data sets: each set's mean difference is one value."""

RANKED = Table(
    "ranked",
    ("method",),
    {"method": "text", "n": "int", "mean_rank": "float", "ci_low": "float", "ci_high": "float"},
)
"""Mean place over the data sets that have every method, 1 the best, ties sharing their places."""

EFFECTS = Table(
    "effects",
    ("dataset", "factor", "level", "by", "by_level"),
    {
        **dict.fromkeys(
            (
                "dataset",
                "kind",
                "factor",
                "level",
                "other_level",
                "by",
                "by_level",
                "by_other_level",
                "design",
            ),
            "text",
        ),
        "n": "int",
        **_DIFFERENCE,
        **_TESTS,
    },
)
"""Of a full grid: the mean at ``level`` minus that at ``other_level``, over all levels of the other factors;
of an interaction how that differs between ``by_level`` and ``by_other_level``. ``n`` counts seeds."""

TABLES = (MEASURED, METHODS, COMPARED, ACROSS, RANKED, EFFECTS)

JUDGED_CLAIMS = Table(
    "claims",
    ("id",),
    dict.fromkeys(("id", "section", "statement", "hypothesis", "verdict", "evidence"), "text"),
)
"""As the table of the study. Verdict: supported, refuted, inconclusive, or not testable on this data."""

ASKED = Table(
    "asked",
    ("claim", "question"),
    {
        **dict.fromkeys(("claim",), "text"),
        "question": "int",
        **dict.fromkeys(("what", "metric", "unit", "design"), "text"),
        "n": "int",
        "n_other": "int",
        **dict.fromkeys(
            ("estimate", "ci_low", "ci_high", "confidence", "claimed_low", "claimed_high"), "float"
        ),
        "answer": "text",
    },
)
"""The questions behind a claim's verdict. ``unit``: the estimate is a difference of the metric, a value, or a
count of settings. The claim puts it between ``claimed_low`` and ``claimed_high``, which may be infinite;
answer: holds, contradicts or open."""
