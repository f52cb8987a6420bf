"""The projection of the full study is arithmetic on rates."""

import pytest

from benchmarks import extraction, heads, whole
from study import params
from study.runs import planning
from study.runs.cost_model import Pace

STEP, IMAGE = 0.013, 0.001


class Given:
    """A context whose measurement of a backbone is known."""

    def __init__(self, pace):
        self.study = lambda _: pace


@pytest.fixture
def context(monkeypatch):
    """Rates as given: the shipped ConvNeXt ten times slower than the repaired one."""
    rates = {name: extraction.Rate(1 / IMAGE, 500.0, 500.0, 0.0, 1) for name in extraction.GOALS}
    rates["convnext-tiny"] = extraction.Rate(1 / IMAGE, 50.0, 500.0, 0.0, 1)
    monkeypatch.setattr(extraction, "rates", lambda _: rates)
    monkeypatch.setattr(heads, "costs", lambda _: heads.Costs(0.004, 0.005, STEP, 1e-5, 4e-5))
    pace = Pace(99.0, {32: 0.002, 64: 0.003, 128: 0.005}, 1e-5, 5.0, 0.25)
    return Given(pace)


def test_the_projection_is_images_and_steps_at_the_measured_rates(context):
    explore = [
        cost
        for cost in planning.plan(params.load(whole.PARAMS, changes=whole.PAPER), None).costs
        if cost.phase == "explore"
    ]
    widths = {"resnet50": 2048, "efficientnetv2-b0": 1280, "convnext-tiny": 768}
    steps = sum(cost.steps * STEP * widths[cost.backbone] / 1280 for cost in explore)
    seconds = [cost.naive_images / 500 for cost in explore]
    repaired = whole._projected(context, repaired=True)
    shipped = whole._projected(context, repaired=False)
    assert f"{(sum(seconds) + steps) / 86400:.1f} days" in repaired.note
    assert f"{(sum(seconds) + 9 * seconds[-1] + steps) / 86400:.1f} days" in shipped.note
    assert shipped.value / repaired.value == pytest.approx(
        (sum(seconds) + 9 * seconds[-1] + steps) / (sum(seconds) + steps)
    )
    assert all(row.note.startswith("PROJECTION") for row in (repaired, shipped))
