"""Memory of mapped files goes back to the system, and what was in it stays in the file."""

import sys
from pathlib import Path

import numpy as np
import pytest

from study.augment import View
from study.files import map_array
from study.params import Augment
from study.runs.augmented_features import BackboneViews
from study.training.mapped import give_back

SIZE = 64 * 2**20
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads memory from /proc")


def mapped_bytes():
    """Pages of files in this process, on a disk or in memory."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return sum(1024 * int(lines[name].split()[0]) for name in ("RssFile", "RssShmem"))


@pytest.fixture
def file(tmp_path):
    np.save(tmp_path / "features.npy", np.arange(SIZE // 2, dtype=np.uint16).view(np.float16))
    return tmp_path / "features.npy"


def test_pages_that_were_read_are_given_back_and_read_again(file):
    array = map_array(file)
    before = mapped_bytes()
    total = array.view(np.uint16).sum(dtype=np.int64)
    assert mapped_bytes() - before > 0.9 * SIZE
    give_back(array[5:, None])
    assert mapped_bytes() - before < 0.1 * SIZE
    assert array.view(np.uint16).sum(dtype=np.int64) == total


def test_what_was_written_to_a_file_stays(tmp_path):
    array = np.memmap(tmp_path / "pool", np.float16, "w+", shape=(SIZE // 2,))
    before = mapped_bytes()
    array[:] = 3
    assert mapped_bytes() - before > 0.9 * SIZE
    give_back(array)
    assert mapped_bytes() - before < 0.1 * SIZE
    assert (array == 3).all()


def test_an_array_that_is_not_mapped_stays():
    array = np.ones(1000)
    give_back(array, array[1:])
    assert (array == 1).all()


def test_a_pool_of_views_is_not_held_in_memory_as_it_is_made(tmp_path):
    class Same:
        """A backbone with many features, each the mean of the image."""

        row = type("Row", (), {"n_features": 2**18})

        def __call__(self, images: View, *, out: np.ndarray) -> None:
            largest.append(mapped_bytes() - before)
            out[:] = images[:].mean(axis=(1, 2, 3))[:, None]

    views = BackboneViews(
        np.full((16, 4, 4, 3), 100, np.uint8),
        np.zeros(16, np.uint8),
        n_classes=2,
        extractor=Same,
        strengths=Augment(views=10, rotation=1.0, contrast=0.1, brightness=0.1, zoom=0.1, cutmix_alpha=1.0),
        scratch=tmp_path,
        say=lambda _: None,
    )
    before, largest = mapped_bytes(), []
    features, _ = views.pools("contrast", np.arange(16, dtype=np.int32), seeds=[1, 2])
    assert features.nbytes == 20 * 2**23
    assert len(largest) == 20
    assert max(largest) < 2 * 2**23
    assert (features == 100).all()
