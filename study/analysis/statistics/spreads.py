"""Two standard deviations compared on the same replicates."""

from __future__ import annotations

import numpy as np
from scipy import stats

from study.analysis.statistics.intervals import FloatArray

_LEAST = 3
"""Fewest replicates from which a correlation can be tested."""


def compare_spread(first: FloatArray, second: FloatArray, *, alpha: float) -> dict[str, float]:
    """The ratio of two standard deviations over the same replicates, with the test of Pitman and Morgan.

    The correlation of sums with differences is zero where the spreads are equal. The interval of the ratio of
    variances F is F (K -+ sqrt(K^2 - 1)) with K = 1 + 2 (1 - r^2) t^2 / (n - 2), r being the correlation of
    the sides and t the 1 - alpha/2 quantile with n - 2 degrees of freedom.

    Parameters
    ----------
    first, second
        (n,) each, entry i of both from the same replicate.

    Returns
    -------
    dict
        ``n``, ``sd`` and ``sd_other`` of the two sides, ``ratio`` with its interval, ``p_pitman_morgan``, and
        ``p_brown_forsythe``, which ignores the pairing. NaN below three replicates or where a side does not
        vary.

    References
    ----------
    Pitman (1939) and Morgan (1939), both in Biometrika 31; the interval: Snedecor & Cochran (1989),
    Statistical methods.

    Examples
    --------
    >>> first, second = np.array([0.61, 0.63, 0.62, 0.66, 0.60]), np.array([0.60, 0.60, 0.62, 0.61, 0.61])
    >>> row = compare_spread(first, second, alpha=0.05)
    >>> {name: round(row[name], 4) for name in ("ratio", "ratio_ci_low", "ratio_ci_high", "p_pitman_morgan")}
    {'ratio': 2.7516, 'ratio_ci_low': 0.7011, 'ratio_ci_high': 10.7991, 'p_pitman_morgan': 0.1301}
    """
    n = len(first)
    sds = [float(side.std(ddof=1)) if n > 1 else float("nan") for side in (first, second)]
    row = {"n": n, "sd": sds[0], "sd_other": sds[1]}
    missing = dict.fromkeys(
        ("ratio", "ratio_ci_low", "ratio_ci_high", "p_pitman_morgan", "p_brown_forsythe"), float("nan")
    )
    values = np.concatenate([first, second])
    if n < _LEAST or not np.isfinite(values).all() or min(np.ptp(first), np.ptp(second)) == 0:
        return row | missing
    quotient = (sds[0] / sds[1]) ** 2
    correlation = float(np.corrcoef(first, second)[0, 1])
    quantile = float(stats.t.ppf(1 - alpha / 2, n - 2))
    k = 1 + 2 * max(1 - correlation**2, 0.0) * quantile**2 / (n - 2)
    low, high = (quotient * (k + sign * np.sqrt(k**2 - 1)) for sign in (-1, 1))
    return row | {
        "ratio": float(np.sqrt(quotient)),
        "ratio_ci_low": float(np.sqrt(low)),
        "ratio_ci_high": float(np.sqrt(high)),
        "p_pitman_morgan": _pitman_morgan(first, second),
        "p_brown_forsythe": float(stats.levene(first, second, center="median").pvalue),
    }


def _pitman_morgan(first: FloatArray, second: FloatArray) -> float:
    total, difference = first + second, first - second
    if min(np.ptp(total), np.ptp(difference)) <= 1e-12:
        return 1.0
    return float(stats.pearsonr(difference, total).pvalue)
