"""Which run classified which test image right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from study.analysis.statistics.crossed import BoolMatrix


@dataclass(frozen=True)
class Correctness:
    """Correctness of runs on the test split.

    Attributes
    ----------
    matrix
        (n_runs, n_images).
    runs
        Name of each row.
    origins
        (n_images,), where each image comes from, as in ``tables.ORIGINS``; None where it is not asked for.

    Raises
    ------
    ValueError
        The parts do not fit, or a run stands twice.
    """

    matrix: BoolMatrix
    runs: tuple[str, ...]
    origins: NDArray[np.str_] | None = None

    def __post_init__(self) -> None:
        if self.matrix.dtype != np.bool_ or self.matrix.ndim != 2:
            raise ValueError(
                f"correctness: expected a bool matrix of runs and images, "
                f"received {self.matrix.dtype} of shape {self.matrix.shape}"
            )
        if len(self.runs) != len(self.matrix) or len(self._row) != len(self.runs):
            raise ValueError(
                f"correctness: expected {len(self.matrix)} different names of runs, "
                f"received {len(self._row)} different ones of {len(self.runs)}"
            )
        if self.origins is not None and self.origins.shape != self.matrix.shape[1:]:
            raise ValueError(
                f"correctness: expected an origin for each of {self.matrix.shape[1]} images, "
                f"received {self.origins.shape}"
            )

    def of(self, runs: Iterable[str], *, origin: str | None = None) -> BoolMatrix:
        """Rows of ``runs`` in their order, (n, n_images), all images or those of one origin.

        Raises
        ------
        ValueError
            A run has no row.
        """
        names = list(runs)
        unknown = [name for name in names if name not in self._row]
        if unknown:
            raise ValueError(f"correctness: expected predictions of run {unknown[0]}, received none")
        rows = self.matrix[[self._row[name] for name in names]]
        return rows if origin is None else rows[:, self._images(origin)]

    @cached_property
    def _row(self) -> dict[str, int]:
        return {run: row for row, run in enumerate(self.runs)}

    def _images(self, origin: str) -> NDArray[np.bool_]:
        if self.origins is None:
            return np.zeros(self.matrix.shape[1], dtype=np.bool_)
        return np.asarray(self.origins == origin)
