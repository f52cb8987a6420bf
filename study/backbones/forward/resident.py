"""Augmented images that are made on an accelerator, and go from there to the trainer as features."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from study.backbones.forward.extract import Extractor

Rows = NDArray[np.int32]


class View(Protocol):
    """One view of each image of a set, before it is made; see ``study.augment``."""

    @property
    def change(self) -> Callable[[Any, Any, Any], Any]: ...

    @property
    def partners(self) -> NDArray[np.int64]: ...

    @property
    def parameters(self) -> NDArray[np.float32]: ...


class Resident:
    """Images that stand on the device, and the backbone through which their views go there.

    Nothing of an image crosses to the device again but what was drawn for it. Work is only sent off here; the
    device does it while the next is prepared.

    Parameters
    ----------
    extractor
        Of the backbone, on JAX.
    images
        (n, height, width, 3) in 0..255.
    """

    def __init__(self, extractor: Extractor, images: NDArray[np.uint8]) -> None:
        import jax

        self._extractor = extractor
        self._images = jax.device_put(images)

    def room(self, n_rows: int) -> Any:
        """Where features of ``n_rows`` views will stand, in half precision, before rows of no meaning."""
        import jax.numpy as jnp

        shape = (n_rows + self._extractor.batch_size, self._extractor.row.n_features)
        return jnp.zeros(shape, jnp.float16)

    def add(self, room: Any, start: int, rows: Rows, view: View) -> Any:
        """``room`` with the features of a view from row ``start`` on; views are added in the order of rows.

        Parameters
        ----------
        room
            Not to be used again.
        rows
            Which images the view shows, (n,).
        view
            Of these n images.
        """
        import jax

        size = self._extractor.batch_size
        filled = -(-len(rows) // size) * size
        arguments = [
            jax.device_put(_filled(array, filled)) for array in (rows, rows[view.partners], view.parameters)
        ]
        make, put = _programs(view.change, size)
        for first in range(0, filled, size):
            features = self._extractor.program(make(self._images, *arguments, first))
            room = put(room, features, start + first)
        self._extractor.n_images += len(rows)
        return room


def _filled(array: NDArray[Any], n_rows: int) -> NDArray[Any]:
    """An array with rows of zeros at its end."""
    filled = np.zeros((n_rows, *array.shape[1:]), array.dtype)
    filled[: len(array)] = array
    return filled


@cache
def _programs(change: Callable[[Any, Any, Any], Any], size: int) -> tuple[Any, Any]:
    """Two programs: a batch of changed images, from which row on; a batch of features, put into its room."""
    import jax
    from jax import lax

    @jax.jit
    def make(images: Any, rows: Any, partners: Any, parameters: Any, first: Any) -> Any:
        rows, partners, parameters = (
            lax.dynamic_slice_in_dim(array, first, size) for array in (rows, partners, parameters)
        )
        own, others = (images[index].astype(np.float32) for index in (rows, partners))
        return change(own, others, parameters)

    def put(room: Any, features: Any, start: Any) -> Any:
        return lax.dynamic_update_slice_in_dim(room, features.astype(room.dtype), start, 0)

    return make, jax.jit(put, donate_argnums=0)
