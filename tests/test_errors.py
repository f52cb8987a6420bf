"""Words of one-line messages."""

import pytest

from study.errors import counted


@pytest.mark.parametrize(
    ("n", "words", "says"),
    [
        (0, ("run",), "0 runs"),
        (1, ("run",), "1 run"),
        (2_000, ("run",), "2,000 runs"),
        (1, ("class", "classes"), "1 class"),
        (3, ("class", "classes"), "3 classes"),
    ],
)
def test_one_is_one_and_more_are_several(n, words, says):
    assert counted(n, *words) == says
