"""The rules that the tests judge by."""

from study.params import Rules

RULES = Rules(
    alpha=0.05,
    margin=0.005,
    power=0.8,
    correction="holm",
    alternative="two-sided",
    selection_rule="mean",
    ordered_factors=("lr",),
    calibration_bins=15,
)
