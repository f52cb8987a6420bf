"""The tables of two studies compared: what each was made from, and which results agree."""

from __future__ import annotations

from study.tables.schema import Table

AGREE, DIFFER, OPEN = OUTCOMES = ("agree", "differ", "cannot be told apart")

_COMPARED = {
    "design": "text",
    "n": "int",
    "n_other": "int",
    **dict.fromkeys(
        (
            *("value", "value_other", "diff", "ci_low", "ci_high", "simultaneous_low", "simultaneous_high"),
            *("p_holm", "p_tost_holm", "mde"),
        ),
        "float",
    ),
    "outcome": "text",
}
"""Of the first study minus the second; ``design``: paired (same seeds and data) or unpaired (Welch)."""

ORIGINS = Table("made_from", ("what",), {"what": "text", "first": "text", "second": "text", "same": "text"})
"""What the two were made from; ``same``: yes, no, or unknown where one does not say it."""

SETTINGS = Table(
    "settings_compared",
    ("model", "setting", "phase"),
    {"model": "text", "setting": "text", "phase": "text", **_COMPARED},
)
"""Mean test accuracy of settings that have the same values in both; ``setting`` as the first names it."""

EFFECTS = Table(
    "effects_compared",
    ("model", "factor", "level", "reference_level"),
    {"model": "text", "factor": "text", "level": "text", "reference_level": "text", **_COMPARED},
)
"""Test accuracy of a level less that of the reference, explore phase, where both settings are the same."""

CLAIMS = Table(
    "claims_compared",
    ("id",),
    {"id": "text", "statement": "text", "verdict": "text", "verdict_other": "text", "outcome": "text"},
)

CHOICES = Table(
    "choices_compared",
    ("model",),
    {
        "model": "text",
        "setting": "text",
        "setting_other": "text",
        "p": "float",
        "p_other": "float",
        "outcome": "text",
    },
)
"""The selected settings. ``p``: of a difference in validation accuracy between the two settings in the first
study, by the paired t test over its replicates; ``p_other`` in the second."""

TABLES = (ORIGINS, SETTINGS, EFFECTS, CLAIMS, CHOICES)
