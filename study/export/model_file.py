"""Complete models as files: the same model gives the same bytes."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from study.errors import one_line
from study.export.assemble import MEMBER, ExportError
from study.files import replace_file

BATCH_SIZE = 128
_EPOCH = (1980, 1, 1, 0, 0, 0)


def save(model: Any, path: Path) -> None:
    """Write a ``.keras`` file, whole or not at all, without its time or places in memory."""
    beside = path.with_name(f".{path.stem}.keras")
    try:
        model.save(beside)
        content = io.BytesIO()
        with zipfile.ZipFile(beside) as source, zipfile.ZipFile(content, "w") as target:
            for name in sorted(source.namelist()):
                part = source.read(name)
                if name == "metadata.json":
                    part = json.dumps({**json.loads(part), "date_saved": "1980-01-01@00:00:00"}).encode()
                elif name == "config.json":
                    part = _numbered(part.decode()).encode()
                target.writestr(zipfile.ZipInfo(name, _EPOCH), part)
        replace_file(path, content.getvalue())
    finally:
        beside.unlink(missing_ok=True)


def _numbered(config: str) -> str:
    """Objects that several layers share, numbered as they come rather than by their place in memory."""
    numbers: dict[str, int] = {}
    return re.sub(
        r'("shared_object_id": )(\d+)',
        lambda found: f"{found[1]}{numbers.setdefault(found[2], len(numbers))}",
        config,
    )


def load(path: Path) -> Any:
    """What ``save`` wrote, as anyone may open it: no code of this package, nothing unsafe.

    Raises
    ------
    ExportError
        The file is missing or is no such model.
    """
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError, KeyError, zipfile.BadZipFile) as error:
        raise ExportError(f"{path}: expected a Keras model, received {_fault(error)}") from None


def _fault(error: Exception) -> str:
    """What Keras found wrong, without the layers of its report and its advice to load unsafely."""
    said = str(error)
    if "safe_mode" in said or "safe mode" in said:
        return "one that holds code of its own, which is not run"
    lines = said.rpartition("Exception encountered:")[2].strip().splitlines()
    return one_line(lines[0]) if lines else type(error).__name__


def members(model: Any) -> dict[str, Any]:
    """By name the output of each member of an ensemble; the model's own where it has none."""
    found = {
        layer.name.removeprefix(MEMBER): layer.output
        for layer in model.layers
        if layer.name.startswith(MEMBER)
    }
    return found or {model.name: model.output}


def predict(model: Any, images: NDArray[Any]) -> NDArray[np.float32]:
    """Class probabilities (n, n_classes) of images (n, height, width, 3) in 0..255."""
    return _run(model, images)[0]


def predict_each(model: Any, images: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Class probabilities (n, n_classes), and the class that each member chooses, (n_members, n)."""
    several = keras.Model(model.input, [model.output, *members(model).values()])
    whole, *parts = _run(several, images)
    return whole, np.stack([part.argmax(axis=1) for part in parts])


def _run(model: Any, images: NDArray[Any]) -> list[NDArray[np.float32]]:
    """Each output, over batches of one size, the last one filled up."""
    program = _compiled(model)
    made: list[list[NDArray[np.float32]]] = []
    for start in range(0, len(images), BATCH_SIZE):
        part = images[start : start + BATCH_SIZE]
        full = np.zeros((BATCH_SIZE, *images.shape[1:]), np.float32)
        full[: len(part)] = part
        outputs = program(full)
        outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
        made.append([np.asarray(output)[: len(part)] for output in outputs])
    return [np.concatenate(parts) for parts in zip(*made, strict=True)]


def _compiled(model: Any) -> Callable[[NDArray[np.float32]], Any]:
    """The model as a program of the backend."""
    if keras.backend.backend() == "jax":
        import jax

        trained, fixed = (
            [one.value for one in variables]
            for variables in (model.trainable_variables, model.non_trainable_variables)
        )
        program = jax.jit(lambda *state, batch: model.stateless_call(*state, batch, training=False)[0])
        return lambda batch: program(trained, fixed, batch=batch)
    import tensorflow as tf

    graph = tf.function(lambda batch: model(batch, training=False))
    return lambda batch: graph(tf.constant(batch))
