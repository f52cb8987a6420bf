"""Which settings have their verdict, look by look, while replicates come in."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from study.analysis.planning.needs import Spread
from study.analysis.statistics.crossed import BoolMatrix, CrossedParts, crossed_difference_parts
from study.analysis.statistics.looks import nominal_levels
from study.analysis.statistics.multiplicity import verdicts
from study.params import Rules

INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Look:
    """What one look found of one family.

    Attributes
    ----------
    n
        Replicates of the settings that are still open.
    runs
        Runs spent so far, the reference's with them.
    n_open
        Settings that go on to the next look.
    verdicts
        Setting to its verdict so far.
    """

    n: int
    runs: int
    n_open: int
    verdicts: dict[str, str]

    def row(self) -> dict[str, int]:
        """The counts: verdicts so far, and settings that stopped because none is within reach."""
        count = Counter(self.verdicts.values())
        return {
            "look": self.n,
            "runs": self.runs,
            "n_open": self.n_open,
            "n_different": count["different"],
            "n_trivial": count["different but trivial"],
            "n_equivalent": count["equivalent"],
            "n_unreachable": count[INCONCLUSIVE] - self.n_open,
        }


@dataclass(frozen=True)
class Path:
    """The looks that the runs so far allow, and how many replicates each setting needs by then.

    Attributes
    ----------
    replicates
        Of each setting, the reference among them: where it stopped, or the next look, for which runs lack.
    """

    looks: tuple[Look, ...]
    replicates: dict[str, int]


def follow(correct: Mapping[str, BoolMatrix], reference: str, *, rules: Rules) -> Path:
    """Look at one family after each number of replicates of ``rules.looks``, as far as there are runs.

    A setting stops at the look that settles its verdict, corrected over looks and family, or where the last
    look would settle it with a chance below alpha; stopping without a verdict adds no error. The
    reference goes on as long as one setting does.

    Parameters
    ----------
    correct
        Setting to the correctness of its runs, (n, m), in order of replicate; n may be 0 and differ.
    reference
        The setting with which the others are compared, paired by replicate.
    rules
        With looks.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from pathlib import Path as File
    >>> import numpy as np
    >>> from study.params import load
    >>> rules, rng = replace(load(File("params.yaml")).rules, looks=(3, 5)), np.random.default_rng(1)
    >>> good, bad = rng.random((5, 2000)) < 0.9, rng.random((3, 2000)) < 0.5
    >>> path = follow({"reference": good, "bad": bad, "as good": good[:3]}, "reference", rules=rules)
    >>> [look.row()["n_different"] for look in path.looks], path.replicates
    ([1], {'reference': 5, 'bad': 3, 'as good': 5})
    """
    others = [name for name in correct if name != reference]
    going, parts, looks = list(others), dict[str, CrossedParts](), list[Look]()
    replicates = dict.fromkeys(correct, rules.looks[0])
    for look in rules.looks:
        replicates |= dict.fromkeys((reference, *going), look)
        if any(len(correct[name]) < look for name in (reference, *going)):
            break
        for name in going:
            parts[name] = crossed_difference_parts(correct[name][:look], correct[reference][:look])
        found = dict(zip(others, verdicts([parts[one].estimate for one in others], rules=rules), strict=True))
        family = sum(verdict == INCONCLUSIVE for verdict in found.values())
        going = [
            name
            for name in going
            if found[name] == INCONCLUSIVE
            and look < rules.looks[-1]
            and within_reach(parts[name], family, rules=rules) >= rules.alpha
        ]
        looks.append(Look(look, sum(replicates.values()), len(going), found))
        if not going:
            break
    return Path(tuple(looks), replicates)


def within_reach(parts: CrossedParts, family: int, *, rules: Rules) -> float:
    """The chance that the last look settles a comparison, if it goes on as so far.

    The mean of all N replicates is t distributed around that of the n there are, with the standard error that
    N - n more bring, s(runs) sqrt(1/n - 1/N), and n - 1 degrees of freedom. Settled are means so far from
    zero, or so near, that a test at the last look's level over ``family`` rejects.

    Parameters
    ----------
    family
        Comparisons that are still inconclusive.

    References
    ----------
    Lan, Simon & Halperin (1982), Stochastically curtailed tests in long-term clinical trials, Sequential
    Analysis 1.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from pathlib import Path
    >>> from study.params import load
    >>> rules = replace(load(Path("params.yaml")).rules, looks=(5, 10))
    >>> far = CrossedParts(0.03, 1e-5, 1e-5, 1e-6, 5, 900)
    >>> hidden_by_images = CrossedParts(0.008, 1e-6, 1e-4, 1e-6, 5, 900)
    >>> [round(within_reach(one, 6, rules=rules), 2) for one in (far, hidden_by_images)]
    [1.0, 0.0]
    """
    n, last = parts.n, rules.looks[-1]
    there = Spread.of(parts).estimate(last, parts.m)
    moving = math.sqrt(parts.runs * n * (1 / n - 1 / last))
    if there.se == 0 or moving == 0:
        return 1.0
    level = nominal_levels(rules.looks, rules.alpha / family)[-1]
    far, near = special.stdtrit(there.df, 1 - level / np.array([2, 1])) * there.se
    ends = np.array([-far, far, near - rules.margin, rules.margin - near])
    below = special.stdtr(n - 1, (ends - parts.mean) / moving)
    return float(below[0] + 1 - below[1] + max(below[3] - below[2], 0.0))


def saved(paths: Sequence[Path], last: int) -> float:
    """Share of the runs of ``last`` replicates everywhere that these families did not need."""
    spent = sum(sum(path.replicates.values()) for path in paths)
    return 1 - spent / sum(last * len(path.replicates) for path in paths)
