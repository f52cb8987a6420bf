"""Pictures of ensembles beside their accuracy: drawing, caption, alternative text."""

from __future__ import annotations

from functools import partial
from itertools import cycle

import pandas as pd

from study.report import ensemble_panels, ensemble_remarks, style
from study.report.conventions import Conventions, n_of
from study.report.ensemble_tables import JACKKNIFE, family_title
from study.report.exhibits import Picture
from study.report.labels import method_title
from study.report.pictures import NOT_ZERO, picture
from study.report.style import Mark

_MOST_PAIRS = 10
"""More have no legend that can be read; the table has all."""
_METRICS = {"log_loss": "Log loss, nats", "calibration_error": "Calibration error"}
_MEASURES = {"disagreement": "Disagreement, % of images", "error_correlation": "Correlation of errors"}


def sizes(rows: pd.DataFrame, conventions: Conventions) -> Picture:
    """Accuracy against the size of the ensemble; rows of ``ensemble_sizes``."""
    titles = {str(family): family_title(str(family)) for family in dict.fromkeys(rows["family"])}
    marks = {**style.marks(conventions.backbones), "all": Mark(style.INK, "D")}
    draw = partial(ensemble_panels.sizes, rows, marks, titles)
    caption = (
        f"Soft voting of so many of the {n_of(rows)} of a backbone, or of all backbones of so many "
        f"replicates, confirm phase: means over subsets. Bars: {conventions.level} t interval. {JACKKNIFE} "
        f"The panels stand at different accuracies and span equally many points. {NOT_ZERO}"
    )
    alt = " ".join(ensemble_remarks.sizes(rows))
    return picture("ensemble-sizes", "Accuracy and size of the ensemble", caption, alt, draw, means=rows)


def temperature(rows: pd.DataFrame, single: pd.DataFrame, conventions: Conventions) -> Picture:
    """Scores before and after temperature scaling; rows of ``calibration`` and of ``temperatures``."""
    titles = {
        name: method_title(name) for name in ensemble_remarks.in_order(list(rows["method"]), conventions)
    }
    of_backbones = style.marks(conventions.backbones)
    combined = [name for name in titles if name not in of_backbones]
    marks = {
        **of_backbones,
        **{
            name: Mark(style.INK, marker)
            for name, marker in zip(combined, cycle(style.MARKERS), strict=False)
        },
    }
    draw = partial(ensemble_panels.temperature, rows, single, _METRICS, marks, titles)
    caption = (
        "Test images, confirm phase; less is better. Points: single replicates. Marks with bars: mean and "
        f"{conventions.level} t interval over {n_of(rows)}, before (hollow) and after (filled) scaling."
    )
    alt = " ".join(ensemble_remarks.temperature(rows, conventions))
    return picture(
        "temperature-scaling", "Temperature scaling", caption, alt, draw, means=rows, replicates=single
    )


def diversity(rows: pd.DataFrame, means: pd.DataFrame, conventions: Conventions) -> Picture | None:
    """Gain against diversity; rows of ``diversity_runs`` and of ``diversity``. None of too many pairs."""
    pairs = [(str(a), str(b)) for a, b in dict.fromkeys(zip(rows["model_a"], rows["model_b"], strict=True))]
    if not 0 < len(pairs) <= _MOST_PAIRS:
        return None
    of_backbones = style.marks(conventions.backbones)
    others = cycle(style.MARKERS)
    marks = {(a, b): of_backbones[a] if a == b else Mark(style.INK, next(others)) for a, b in sorted(pairs)}
    shown = rows.assign(disagreement=100 * rows["disagreement"], gain=100 * rows["gain"])
    draw = partial(ensemble_panels.diversity, shown, _MEASURES, pairs, marks)
    caption = (
        f"Each point: two members on the test images, confirm phase, {n_of(means)} a pair, without an "
        "interval. Hollow: two replicates of one backbone. Gain: accuracy of their soft vote minus "
        "the mean of theirs."
    )
    alt = ensemble_remarks.diversity(means)
    return picture("diversity", "Diversity and gain", caption, alt, draw, means=rows)
