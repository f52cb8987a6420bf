"""Claims on methods: true, false and undecided, on runs whose truth is stated."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import study
from study.analysis.method_claims import Runs, judge, load_claims
from study.notebook import _measurements
from study.report.judged import RULES
from study.results_file import Choice, measure

RNG = np.random.default_rng(11)
NOISE = {seed: RNG.normal(size=40) for seed in range(8)}


def runs(means, *, seeds=8, noise=0.01, datasets=("",), **columns):
    """A run for each method, seed and data set; ``means`` by method or by (method, data set)."""
    rows, place = [], 0
    for dataset in datasets:
        for method in dict.fromkeys(key[0] if isinstance(key, tuple) else key for key in means):
            mean = means.get((method, dataset), means.get(method))
            if mean is None:
                continue
            place += 1
            for seed in range(seeds) if isinstance(seeds, int) else seeds[method]:
                value = mean + noise * NOISE[seed % 8][place % 40] + 1e-4 * seed
                row = {"method": method, "seed": seed, "score": round(value, 6), **columns}
                rows.append({**row, "dataset": dataset} if len(datasets) > 1 else row)
    return pd.DataFrame(rows)


def written(tmp_path, *hypotheses, top=""):
    """A file of one claim of ``hypotheses``, lines of YAML."""
    path = tmp_path / "claims.yaml"
    lines = "\n".join(f"      - {{{one}}}" for one in hypotheses)
    path.write_text(
        f"{top}\nclaims:\n  - id: C\n    statement: s\n    hypotheses:\n{lines}\n", encoding="utf-8"
    )
    return path


def verdict(tmp_path, frame, *hypotheses, top=""):
    """Verdict on one claim, without the report."""
    found = load_claims(written(tmp_path, *hypotheses, top=top))
    measured = measure(frame, Choice(method=tuple(found.method)), where="frame")
    lookup = _measurements(measured, frame, Choice(), "frame")
    (one,) = judge(Runs(lookup, measured.factors, found.margin), found.claims, rules=RULES)
    return one.verdict


def sentence(tmp_path, frame, *hypotheses, top=""):
    """What is said of the same."""
    return study.judge(frame, claims=written(tmp_path, *hypotheses, top=top)).claims[0].replace("\u00a0", " ")


BOTH = {"a": 0.80, "b": 0.75}
THREE = {"a": 0.80, "b": 0.75, "c": 0.74}


@pytest.mark.parametrize(
    ("hypothesis", "expected"),
    [
        ("kind: above, pairs: [[a, b]]", "supported"),
        ("kind: above, pairs: [[b, a]]", "refuted"),
        ("kind: above, pairs: [[a, b]], by: 0.03", "supported"),
        ("kind: above, pairs: [[a, b]], by: 0.05", "inconclusive"),
        ("kind: above, pairs: [[a, b]], by: 0.1", "refuted"),
        ("kind: above, pairs: [[a, b], [a, z]]", "inconclusive"),
        ("kind: above, pairs: [[z, b]]", "not testable on this data"),
        ("kind: between, pairs: [[a, b]], low: 0.02, high: 0.08", "supported"),
        ("kind: between, pairs: [[a, b]], low: 0.1, high: 0.2", "refuted"),
        ("kind: equivalent, levels: [b, c], margin: 0.05", "supported"),
        ("kind: equivalent, levels: [a, b, c], margin: 0.02", "refuted"),
        ("kind: equivalent, levels: [b, c]", "not testable on this data"),
        ("kind: trend, levels: [c, b, a], direction: rising", "inconclusive"),
        ("kind: trend, levels: [b, a], direction: rising", "supported"),
        ("kind: trend, levels: [b, a], direction: falling", "refuted"),
        ("kind: largest gain, from_to: [b, a], other: [c, b]", "supported"),
        ("kind: largest gain, from_to: [c, b], other: [b, a]", "refuted"),
        ("kind: at least, level: a, value: 0.7", "supported"),
        ("kind: at most, level: a, value: 0.7", "refuted"),
        ("kind: best of, method: a", "supported"),
        ("kind: best of, method: c", "refuted"),
        ("kind: best of, method: b, others: [c]", "inconclusive"),
        ("kind: in most settings, method: a, other: b", "not testable on this data"),
        ("kind: above, pairs: [[a, b]], metric: f1", "not testable on this data"),
        ("kind: above, pairs: [[a, b]], datasets: [mnist]", "not testable on this data"),
    ],
)
def test_each_kind_is_decided_both_ways(tmp_path, hypothesis, expected):
    assert verdict(tmp_path, runs(THREE), hypothesis) == expected


def test_a_method_that_is_not_there_is_named_with_the_nearest(tmp_path):
    said = sentence(tmp_path, runs({"resnet": 0.8, "mlp": 0.7}), "kind: above, pairs: [[resnett, mlp]]")
    assert "the results have no method or level resnett; did you mean resnet?" in said


def test_lower_may_be_better(tmp_path):
    frame = runs(BOTH).rename(columns={"score": "error"})
    assert verdict(tmp_path, frame, "kind: above, pairs: [[b, a]]") == "supported"
    assert verdict(tmp_path, frame, "kind: trend, levels: [b, a], direction: rising") == "supported"


def test_unequal_seeds_are_compared_unpaired(tmp_path):
    frame = runs(BOTH, seeds={"a": [0, 1, 2, 3], "b": [10, 11, 12, 13, 14]})
    said = sentence(tmp_path, frame, "kind: above, pairs: [[a, b]]")
    assert said.startswith("C is supported: ")
    assert "n = 4, 5 seeds, unpaired" in said


def test_one_seed_supports_nothing(tmp_path):
    frame = runs(BOTH, seeds={"a": [0], "b": range(8)})
    said = sentence(tmp_path, frame, "kind: above, pairs: [[a, b]]")
    assert said.startswith("C is inconclusive: ")
    assert "no interval" in said


SETS = tuple(f"set{number}" for number in range(8))
ON_SETS = {("a", name): 0.8 for name in SETS[:6]} | {("a", name): 0.6 for name in SETS[6:]} | {"b": 0.7}


@pytest.mark.parametrize(
    ("hypothesis", "expected"),
    [
        ("kind: above, pairs: [[a, b]]", "refuted"),
        ("kind: above, pairs: [[a, b]], datasets: [set0, set5]", "supported"),
        ("kind: above, pairs: [[a, b]], average: true", "inconclusive"),
        ("kind: above, pairs: [[a, b]], average: true, datasets: [set0, set1, set2, set3]", "supported"),
        ("kind: in most settings, method: a, other: b", "supported"),
        ("kind: in most settings, method: b, other: a", "refuted"),
        ("kind: in most settings, method: a, other: b, datasets: [set0, set5, set6, set7]", "refuted"),
        ("kind: above, pairs: [[a, b]], datasets: [set0, elsewhere]", "inconclusive"),
    ],
)
def test_over_data_sets(tmp_path, hypothesis, expected):
    assert verdict(tmp_path, runs(ON_SETS, datasets=SETS), hypothesis) == expected


def test_a_data_set_without_a_method_is_left_out_where_none_is_named(tmp_path):
    means = {("a", "x"): 0.8, ("b", "x"): 0.7, ("b", "y"): 0.7, ("c", "y"): 0.6}
    frame = runs(means, datasets=("x", "y"))
    assert verdict(tmp_path, frame, "kind: above, pairs: [[a, b]]") == "supported"
    assert verdict(tmp_path, frame, "kind: above, pairs: [[a, b]], datasets: [x, y]") == "inconclusive"


def factorial():
    frames = [
        runs({"x": 0.7 + 0.1 * (lr == 0.1) + 0.05 * (bs == 32)}, lr=lr, bs=bs).drop(columns="method")
        for lr in (0.1, 0.01)
        for bs in (32, 64)
    ]
    return pd.concat(frames, ignore_index=True)


def test_levels_of_a_factor_are_compared_all_else_equal(tmp_path):
    top = "method: [lr, bs]"
    said = sentence(tmp_path, factorial(), "kind: above, factor: lr, pairs: [[0.10, 1e-2]]", top=top)
    assert said.startswith("C is supported: ")
    assert "2 comparisons, 2 for it" in said
    assert "on bs=" in said
    assert verdict(tmp_path, factorial(), "kind: best of, factor: bs, method: 64", top=top) == "refuted"


PUBLISHED = "kind: published value, method: a, value: {}, n: {}{}"


@pytest.mark.parametrize(
    ("value", "n", "more", "expected"),
    [
        (0.801, 10, ", plus_minus: 0.001, plus_minus_is: SD, margin: 0.03", "supported"),
        (0.8, 10, ", plus_minus: 0.001, plus_minus_is: SD, margin: 0.03", "inconclusive"),
        (0.8, 10, ", plus_minus: 0.001, plus_minus_is: SD, margin: 0.03, decimals: 2", "supported"),
        (0.8, 10, ", plus_minus: 0.001, plus_minus_is: SD", "inconclusive"),
        (0.9, 10, ", plus_minus: 0.001, plus_minus_is: SD", "refuted"),
        (0.9, 10, ", plus_minus: 0.001, plus_minus_is: SD, margin: 0.03", "refuted"),
        (0.8, 1, ", margin: 0.03", "inconclusive"),
        (0.8, 1, ", margin: 0.2", "supported"),
        (0.901, 1, ", margin: 0.03", "refuted"),
        (0.83, 10, ", plus_minus: 0.03, plus_minus_is: SD", "refuted"),
        (0.83, 10, ", plus_minus: 0.03, plus_minus_is: SEM", "inconclusive"),
        (0.83, 10, ", plus_minus: 0.03, plus_minus_is: unlabelled", "inconclusive"),
        (0.9, 10, ", plus_minus: 0.003, plus_minus_is: unlabelled", "refuted"),
    ],
)
def test_a_published_value_is_compared_as_what_it_is(tmp_path, value, n, more, expected):
    assert verdict(tmp_path, runs(BOTH), PUBLISHED.format(value, n, more)) == expected


def test_a_published_value_that_is_not_shown_to_differ_is_not_reproduced(tmp_path):
    said = sentence(tmp_path, runs(BOTH, noise=0.2), PUBLISHED.format(0.8, 1, ""))
    assert said.startswith("C is inconclusive: ")
    assert "without a margin no value can be called reproduced" in said


def test_a_published_value_is_compared_by_welch_with_its_rounding(tmp_path):
    frame = runs(BOTH)
    own = frame.loc[frame["method"] == "a", "score"]
    hypothesis = PUBLISHED.format(0.79, 5, ", plus_minus: 0.01, plus_minus_is: SD, decimals: 3")
    (row,) = study.judge(frame, claims=written(tmp_path, hypothesis)).tables["asked"].to_dict("records")
    known = stats.ttest_ind_from_stats(own.mean(), own.std(), len(own), 0.79, 0.01, 5, equal_var=False)
    se = (own.mean() - 0.79) / known.statistic
    shares = own.var() / len(own), 0.01**2 / 5
    df = sum(shares) ** 2 / (shares[0] ** 2 / (len(own) - 1) + shares[1] ** 2 / 4)
    half = stats.t.ppf(0.975, df) * se
    assert row["ci_high"] - row["ci_low"] == pytest.approx(2 * (half + 0.0005))
    assert 2 * stats.t.sf(abs(known.statistic), df) == pytest.approx(known.pvalue)
    assert row["estimate"] == pytest.approx(own.mean() - 0.79)
