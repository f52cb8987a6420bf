"""Memory of arrays that are mapped from files."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray


def give_back(*arrays: NDArray[Any]) -> None:
    """Let the system have the memory of arrays mapped from files; what is read later comes from the file.

    Values that were written to a private copy of a file's pages are lost. Other arrays stay as they are.
    """
    for array in arrays:
        base: Any = array
        while isinstance(base, np.ndarray):
            base = base.base
        if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            base.madvise(mmap.MADV_DONTNEED)
