"""The rules that every test, interval and choice of the analysis follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What is decided before the data are seen; ``Params.rules`` makes it once from ``analysis``.

    Attributes
    ----------
    alpha
        Level of every test. Intervals have confidence ``level``, 1 - alpha.
    margin
        Half-width of the region of equivalence, a fraction of accuracy.
    power
        Power with which the minimum detectable difference is found.
    correction
        How the p values of a family are corrected for their number.
    alternative
        Side of the tests of a difference.
    selection_rule
        Which setting is best: the one with the highest mean, or with the highest lower bound.
    ordered_factors
        Factors whose levels have an order, so that a trend over them is tested.
    calibration_bins
        Number of bins of the probability of the predicted class.
    looks
        Replicates at which the explore phase is looked at while it runs; none where it runs to its end.
    """

    alpha: float
    margin: float
    power: float
    correction: Literal["holm"]
    alternative: Literal["two-sided"]
    selection_rule: Literal["mean", "lower_bound"]
    ordered_factors: tuple[str, ...]
    calibration_bins: int
    looks: tuple[int, ...] = ()

    @property
    def level(self) -> float:
        """Confidence of the intervals."""
        return 1 - self.alpha
