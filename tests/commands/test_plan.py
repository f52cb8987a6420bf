"""``study plan --detect`` and ``--looks``: one table, from the recorded study or from stated deviations."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def plan(*options):
    command = [sys.executable, "-m", "study", "plan", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_recorded_study_is_a_pilot_of_every_family():
    done = plan("--detect", "0.5")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines if " half " in line] == [
        "efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2", "pairs",
    ]  # fmt: skip


def test_stated_deviations_take_the_place_of_a_pilot():
    done = plan("--detect", "0.5", "--sd-seeds", "1", "--sd-images", "0.001", "--images", "100000")
    row = next(line.split() for line in done.stdout.splitlines() if "as stated" in line)
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
def test_a_wrong_option_is_one_line(options, message):
    done = plan(*options)
    assert done.returncode != 0
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
