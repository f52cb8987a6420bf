"""What heads in training take of memory is what the grouping of runs reckons."""

import subprocess
import sys

import pytest

from study.training.batches import N_HIDDEN
from study.training.optimisation import BYTES_PER_PARAMETER

N_FEATURES = 8192
N_HEADS = 5
MEASURE = f"""
import numpy as np
from study.training.heads import TensorFlowPrograms
from study.training.optimisation import Optimisation

def peak():
    status = open("/proc/self/status").read()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])

def train(streams):
    some = [Optimisation(0.001, 0.5, 0.0, seed, seed) for seed, _ in enumerate(streams)]
    index = np.tile(np.arange(128, dtype=np.int32).reshape(1, 4, 32), (max(streams) + 1, 1, 1))
    programs.started(some, streams).train_epoch(x, y, index, np.ones((4, 32), np.float32))
    return peak()

x, y = np.ones((128, {N_FEATURES}), np.float32), np.eye(10, dtype=np.float32)[np.arange(128) % 10]
programs = TensorFlowPrograms({N_FEATURES}, 10)
one, several, others = train([0]), train([0] * {N_HEADS}), train(range({N_HEADS}))
print(several - one, others - several)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak from /proc")
def test_heads_take_what_the_grouping_reckons_and_leave_their_place_to_the_next():
    done = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, check=True, text=True)
    of_more_heads, of_another_group = map(float, done.stdout.split())
    a_head = N_FEATURES * N_HIDDEN * BYTES_PER_PARAMETER
    assert 0.7 < of_more_heads / ((N_HEADS - 1) * a_head) < 1.3
    assert of_another_group < 0.5 * of_more_heads
