"""Generators by name."""

import pytest

from study.analysis.statistics.named_rng import named_rng


def first(*names, seed):
    return named_rng(*names, seed=seed).integers(2**60)


def test_equal_names_and_seed_draw_alike():
    assert first("a", "b", seed=3) == first("a", "b", seed=3)


@pytest.mark.parametrize(("names", "seed"), [(("a", "c"), 3), (("ab",), 3), (("b", "a"), 3), (("a", "b"), 4)])
def test_other_names_or_seeds_draw_otherwise(names, seed):
    assert first(*names, seed=seed) != first("a", "b", seed=3)


def test_a_seed_is_asked_for():
    with pytest.raises(TypeError, match="seed"):
        named_rng("a")
