"""``study plan --detect`` and ``--looks``: one table, from the recorded study or from stated deviations."""

import sys
from pathlib import Path

import pytest

from study.__main__ import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def plan(monkeypatch, capfd):
    """Runs the command in the project, eighty columns wide: its exit code, and what it prints."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "80")

    def called(*options):
        monkeypatch.setattr(sys, "argv", ["study", "plan", *options])
        stopped = None
        try:
            main()
        except SystemExit as error:
            stopped = error.code
        out, told = capfd.readouterr()
        return (1, out, stopped) if isinstance(stopped, str) else (stopped or 0, out, told)

    return called


def test_the_recorded_study_is_a_pilot_of_every_family(plan):
    code, out, told = plan("--detect", "0.5")
    assert code == 0, told
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines if " half " in line] == [
        "efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2", "pairs",
    ]  # fmt: skip


def test_stated_deviations_take_the_place_of_a_pilot(plan):
    options = ("--sd-seeds", "1", "--sd-images", "0.001", "--images", "100000")
    out = plan("--detect", "0.5", *options)[1]
    row = next(line.split() for line in out.splitlines() if "as stated" in line)
    assert row == ["as", "stated", "1", "all", "34", "2", "34", "34"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--detect", "none"), "--detect: expected points above 0 and at most 100, received none"),
        (("--detect", "nan"), "--detect: expected points above 0 and at most 100, received nan"),
        (("--sd-seeds", "1"), "--sd-seeds: expected --detect POINTS beside it, received none"),
        (("--detect", "1", "--sd-seeds", "2"), "--sd-images: expected points beside the other SDs"),
        (("--looks", "3,5"), "analysis.looks: expected whole numbers of at least 3 that rise to seeds, 10"),
        (("--looks", "3,10", "--detect", "1"), "expected --detect or --looks, received both"),
        (("--detect", "1", "--family", "3"), "--family: expected --sd-seeds and --sd-images beside it"),
    ],
)
def test_a_wrong_option_is_one_line(options, message, plan):
    code, _, told = plan(*options)
    assert code != 0
    assert message in told
    assert len(told.splitlines()) == 1
