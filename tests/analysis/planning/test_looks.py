"""A family that is looked at while it runs: which settings stop, and how often a verdict is false."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from study.analysis.correctness import Correctness
from study.analysis.planning.followed import looks_table
from study.analysis.planning.looks import follow, saved, within_reach
from study.analysis.planning.needs import Spread
from study.analysis.statistics.crossed import crossed_difference_parts
from study.analysis.statistics.estimates import of_replicates
from study.analysis.statistics.multiplicity import verdicts
from study.errors import StudyError
from tests.analysis.rules import RULES

LOOKS = (3, 5, 8, 10)
LOOKED = replace(RULES, looks=LOOKS)


def family(rng, settings, n, m, *, seeds, images, shifts=None):
    """Correctness (n, m) of heads that are equally good on new seeds and new images, but for shifts."""
    difficulty = 1.2 * rng.standard_normal(m, np.float32)
    return {
        name: 1.3 + difficulty + images * rng.standard_normal(m, np.float32)
        + seeds * rng.standard_normal((n, 1), np.float32)
        + 0.5 * rng.standard_normal((n, m), np.float32) + (shifts or {}).get(name, 0.0) > 0
        for name in ("reference", *settings)
    }  # fmt: skip


def test_a_clear_setting_stops_and_the_reference_goes_on(rng):
    shifts = {"bad": -1.5, "worse": -0.1}
    correct = family(rng, ("bad", "worse", "same"), 10, 2000, seeds=0.02, images=0.1, shifts=shifts)
    path = follow(correct, "reference", rules=LOOKED)
    assert path.replicates["bad"] == 3 < path.replicates["worse"] <= path.replicates["reference"] <= 10
    last = path.looks[-1]
    assert last.verdicts["bad"] == last.verdicts["worse"] == "different"
    assert last.runs == sum(path.replicates.values())
    assert last.n_open == 0
    assert saved([path], 10) == pytest.approx(1 - last.runs / 40)


def test_the_path_asks_for_what_lacks_and_never_looks_ahead(rng):
    whole = family(rng, ("a", "b", "c"), 10, 900, seeds=0.1, images=0.2, shifts={"a": -0.9})
    replicates = dict.fromkeys(whole, 0)
    while True:
        path = follow({name: runs[: replicates[name]] for name, runs in whole.items()}, "reference",
                      rules=LOOKED)  # fmt: skip
        if path.replicates == replicates:
            break
        replicates = path.replicates
    assert path == follow(whole, "reference", rules=LOOKED)


def test_what_images_hide_is_out_of_reach_of_seeds(rng):
    first, second = (family(rng, ("a",), 5, 200, seeds=0.01, images=1.5)[name] for name in ("a", "reference"))
    parts = crossed_difference_parts(first, second)
    assert within_reach(parts, 1, rules=LOOKED) < 0.05
    path = follow({"a": first, "reference": second}, "reference", rules=LOOKED)
    assert path.replicates == {"a": 3, "reference": 3}
    assert path.looks[-1].row()["n_unreachable"] == 1


def test_the_chance_to_settle_is_the_simulated_one(rng):
    """Of comparisons that looked alike at 5, the share that the last look settles."""
    spread, n, m = Spread(0.008**2, 0.05**2, 0.1**2), 5, 1000
    seen = spread.estimate(n, m)
    mean, last = 0.014, spread.estimate(10, m)
    parts = crossed_difference_parts(*np.zeros((2, n, m), bool))._replace(
        mean=mean,
        runs=(spread.seeds + spread.interaction / m) / n,
        images=(spread.images + spread.interaction / n) / m,
        residual=spread.interaction / n / m,
    )
    drawn = mean + rng.standard_t(4, 400) * np.sqrt(parts.runs * n * (1 / n - 1 / 10))
    ends = [last._replace(mean=one) for one in drawn]
    rules = replace(LOOKED, alpha=RULES.alpha / 6)
    settled = np.mean([verdicts([one], rules=rules)[0] != "inconclusive" for one in ends])
    assert seen.se > last.se
    assert within_reach(parts, 6, rules=LOOKED) == pytest.approx(settled, abs=0.075)


def test_equivalence_is_declared_at_the_margin_at_most_as_often_as_alpha():
    rng, trials, false = np.random.default_rng(11), 300, 0
    for _ in range(trials):
        values = rng.normal(RULES.margin, 0.003, (3, 10))
        found = {
            one for n in LOOKS for one in verdicts([of_replicates(row[:n]) for row in values], rules=LOOKED)
        }
        false += bool(found & {"equivalent", "different but trivial"})
    assert false / trials <= 0.05 + 3 * (0.05 / trials) ** 0.5


def test_runs_that_no_verdict_asked_for_are_one_line(results_of, levels, rng):
    whole = family(rng, ("lr=0.0001", "lr=0.001", "dropout=0.3"), 10, 900, seeds=0.1, images=0.2)
    replicates = follow(whole, "reference", rules=LOOKED).replicates
    for extra, message in (
        (0, ""),
        (1, r"looks of a, dropout=0.3: expected \d+ replicates, .* received 11; run"),
    ):
        kept = {name: runs[: replicates[name]] for name, runs in whole.items()}
        if extra:
            kept["dropout=0.3"] = np.concatenate([whole["dropout=0.3"], whole["dropout=0.3"][:1]])
        results = results_of({("a", name): runs.mean(axis=1) for name, runs in kept.items()})
        correct = Correctness(np.concatenate(list(kept.values())), tuple(results["run"]))
        inputs = SimpleNamespace(results=results, levels=levels, test=correct)
        if extra:
            with pytest.raises(StudyError, match=message):
                looks_table(inputs, rules=LOOKED)
        else:
            table = looks_table(inputs, rules=LOOKED)
            assert table["runs"].iloc[-1] == len(results)


@pytest.mark.slow
def test_ten_thousand_null_studies_err_no_more_than_declared():
    """18 settings as good as the reference, 300 images, seeds and images in many proportions.

    The tolerance is three standard errors.
    """
    rng, trials = np.random.default_rng(2027), 10_000
    settings = [f"s{i}" for i in range(18)]
    false = runs = 0
    for _ in range(trials):
        seeds, images = rng.uniform(0, 0.3), rng.uniform(0, 0.6)
        path = follow(family(rng, settings, 10, 300, seeds=seeds, images=images), "reference", rules=LOOKED)
        false += any("different" in verdict for verdict in path.looks[-1].verdicts.values())
        runs += path.looks[-1].runs
    assert false / trials <= 0.05 + 3 * (0.05 * 0.95 / trials) ** 0.5
    assert runs / trials < 0.65 * 190
