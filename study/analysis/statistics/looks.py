"""Levels of tests that are repeated as replicates come in, look by look."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import optimize, stats

from study.analysis.statistics.intervals import FloatArray
from study.params import Rules

_FARTHEST = 12.0
"""A boundary in standard errors beyond which nothing is spent."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)
_TABLED = np.geomspace(1e-6, 0.5, 60)
"""Levels between which a p value over looks is interpolated; none is said to be smaller than the first."""


@functools.cache
def nominal_levels(looks: tuple[int, ...], alpha: float) -> tuple[float, ...]:
    """The two-sided level of a test at each look, so that all looks together err with ``alpha``.

    Spent by look k of n_k replicates: 4 (1 - Phi(z(1 - alpha/4) / sqrt(t_k))), t_k = n_k over the last, as by
    O'Brien and Fleming on each side. The boundaries follow by integrating over the looks before, whose
    statistics correlate by sqrt(n_j / n_k). With images in common they correlate more, and the levels hold
    all the more.

    Parameters
    ----------
    looks
        Numbers of replicates, rising.

    References
    ----------
    Lan & DeMets (1983), Discrete sequential boundaries for clinical trials, Biometrika 70; Armitage,
    McPherson & Rowe (1969), Repeated significance tests on accumulating data, Journal of the Royal
    Statistical Society A 132.

    Examples
    --------
    >>> [round(level, 5) for level in nominal_levels((3, 5, 8, 10), 0.05)]
    [9e-05, 0.00302, 0.02343, 0.04258]
    >>> round(nominal_levels((10,), 0.05)[0], 12)
    0.05
    """
    times = np.array(looks) / looks[-1]
    spent = 4 * stats.norm.sf(stats.norm.isf(alpha / 4) / np.sqrt(times))
    steps = np.diff(spent, prepend=0.0)
    bound = _bound(steps[0] / 2)
    levels = [2 * stats.norm.sf(bound)]
    points, density = _inside(bound), np.empty(0)
    density = stats.norm.pdf(points) * bound * _WEIGHTS
    for k in range(1, len(looks)):
        share = math.sqrt(times[k - 1] / times[k])
        rest = math.sqrt(1 - share**2)
        bound = _next_bound(points * share, density, rest, float(steps[k]))
        levels.append(2 * stats.norm.sf(bound))
        onward = _inside(bound)
        moved = stats.norm.pdf((onward[:, None] - share * points) / rest) / rest
        density = (moved @ density) * bound * _WEIGHTS
        points = onward
    return tuple(min(float(level), alpha) for level in levels)


def level_at(n: int, alpha: float, looks: tuple[int, ...]) -> float:
    """The level of a test of ``n`` replicates: that of its look, ``alpha`` where nothing is looked at before.

    An interval of that confidence at every look holds at all of them together (repeated confidence
    intervals).

    Raises
    ------
    ValueError
        There are looks, and none of them has so many replicates.

    References
    ----------
    Jennison & Turnbull (1989), Interim analyses: the repeated confidence interval approach, Journal of the
    Royal Statistical Society B 51.

    Examples
    --------
    >>> level_at(10, 0.05, ()), round(level_at(10, 0.05, (5, 10)), 4)
    (0.05, 0.049)
    """
    return nominal_levels(looks, alpha)[_position(n, looks)] if looks else alpha


def at_look(rules: Rules, n: int) -> Rules:
    """The rules of what has ``n`` replicates: with the level of its look, where it is one.

    Examples
    --------
    >>> from pathlib import Path
    >>> from study.params import load
    >>> rules = replace(load(Path("params.yaml")).rules, looks=(5, 10))
    >>> [round(at_look(rules, n).alpha, 4) for n in (5, 7, 10)]
    [0.0031, 0.05, 0.049]
    """
    return replace(rules, alpha=level_at(n, rules.alpha, rules.looks)) if n in rules.looks else rules


def over_looks(p_values: Sequence[float], n: Sequence[int], looks: tuple[int, ...]) -> FloatArray:
    """p values over all looks, (k,), of tests at one look each: the smallest alpha whose level is not below.

    Whoever stops at any look, for whatever reason, finds such a p below alpha by chance with at most alpha.

    Parameters
    ----------
    p_values, n
        (k,) each, the p of a test and its replicates.
    looks
        Without any the values stay.

    Raises
    ------
    ValueError
        As ``level_at``.

    References
    ----------
    Liu & Anderson (2008), On adaptive extensions of group sequential trials for clinical investigations,
    Journal of the American Statistical Association 103.

    Examples
    --------
    >>> over_looks([0.001, 0.001], [5, 10], (5, 10)).round(4).tolist()
    [0.0277, 0.001]
    """
    values = np.array(p_values, dtype=np.float64)
    if not looks:
        return values
    table = np.log(_levels_of(looks))
    with np.errstate(divide="ignore"):
        found = [
            np.interp(p, table[:, _position(size, looks)], np.log(_TABLED), right=0.0)
            for p, size in zip(np.log(values), n, strict=True)
        ]
    return np.exp(np.array(found, dtype=np.float64))


@functools.cache
def _levels_of(looks: tuple[int, ...]) -> FloatArray:
    levels = np.array([nominal_levels(looks, float(alpha)) for alpha in _TABLED])
    return np.asarray(np.maximum.accumulate(levels, axis=0))


def _position(n: int, looks: tuple[int, ...]) -> int:
    if n not in looks:
        raise ValueError(f"looks: expected replicates of one of {looks}, received {n}")
    return looks.index(n)


def _bound(tail: float) -> float:
    return min(float(stats.norm.isf(tail)), _FARTHEST) if tail > 0 else _FARTHEST


def _inside(bound: float) -> FloatArray:
    return np.asarray(bound * _NODES)


def _next_bound(centres: FloatArray, density: FloatArray, rest: float, step: float) -> float:
    def excess(bound: float) -> float:
        outside = stats.norm.sf((bound - centres) / rest) + stats.norm.cdf((-bound - centres) / rest)
        return float(density @ outside) - step

    return (
        float(optimize.brentq(excess, 0.0, _FARTHEST)) if excess(_FARTHEST) < 0 < excess(0.0) else _FARTHEST
    )
