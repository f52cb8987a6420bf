"""Read a state dict from PyTorch's format of before 1.6, without PyTorch and without running what is in it.

The file is a sequence of pickles (a magic number, the protocol, sizes of C types, the object, the keys of the
storages) and then, in the order of those keys, each storage: its length as a little-endian int64 and its
numbers. The format is PyTorch's ``torch.serialization._legacy_save``.
"""

from __future__ import annotations

import hashlib
import io
import math
import pickle
import pickletools
import reprlib
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from study.backbones.forward.row import WeightsError

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_OPCODES = frozenset(
    (
        *("PROTO", "STOP", "MARK", "GLOBAL", "REDUCE", "BUILD", "BINPERSID"),
        *("BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET"),
        *("BINUNICODE", "BININT", "BININT1", "BININT2", "LONG1", "NONE", "NEWTRUE", "NEWFALSE"),
        *("EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"),
        *("EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT", "SETITEM", "SETITEMS"),
    )
)
"""What PyTorch writes; the rest could make objects in other ways, or take memory for nothing."""


def read_state_dict(path: Path, *, sha256: str) -> dict[str, NDArray[Any]]:
    """Read the named arrays of a state dict.

    The hash of the whole file is compared before anything in it is read. Then only the names that a state
    dict needs are admitted: ordered dict, tensor, and storages of float32 and int64.

    Raises
    ------
    WeightsError
        The file is missing, has another SHA-256, or is not such a state dict.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path}: expected a readable file, received {error}") from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise WeightsError(f"{path}: expected SHA-256 {sha256}, received {found}")
    try:
        return _read(io.BytesIO(content))
    except WeightsError as error:
        raise WeightsError(f"{path}: {error}") from None
    except Exception as error:  # what a crafted pickle raises has no common type
        received = f"another file ({type(error).__name__})"
        raise WeightsError(f"{path}: expected a PyTorch state dict, received {received}") from None


@dataclass(frozen=True, slots=True)
class _Kind:
    dtype: str


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    dtype: str
    size: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _RebuildTensor:
    def __call__(
        self,
        storage: _Storage,
        offset: int,
        shape: tuple[int, ...],
        strides: tuple[int, ...],
        requires_grad: bool,  # noqa: ARG002
        hooks: object,  # noqa: ARG002
    ) -> _Tensor:
        return _Tensor(storage, offset, shape, strides)


_ADMITTED: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _RebuildTensor(),
    ("torch", "FloatStorage"): _Kind("<f4"),
    ("torch", "LongStorage"): _Kind("<i8"),
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ADMITTED:
            raise WeightsError(f"expected only what a state dict needs, received {module}.{name}")
        return _ADMITTED[module, name]

    def persistent_load(self, identity: Any) -> _Storage:
        kind, storage, key, _place, size, view = identity
        if kind != "storage" or not isinstance(storage, _Kind) or view is not None:
            raise WeightsError(f"expected a storage, received {reprlib.repr(identity)}")
        return _Storage(key, storage.dtype, size)


def _load(file: BinaryIO) -> Any:
    """The next pickle, once its opcodes are known to be those that PyTorch writes."""
    start = file.tell()
    for number, (opcode, argument, _) in enumerate(pickletools.genops(file)):
        if opcode.name not in _OPCODES:
            raise WeightsError(f"expected only what a state dict needs, received the opcode {opcode.name}")
        if opcode.name == "LONG_BINPUT" and int(argument or 0) > number:
            raise WeightsError(f"expected at most {number} objects so far, received number {argument}")
    file.seek(start)
    return _Unpickler(file).load()


def _read(file: BinaryIO) -> dict[str, NDArray[Any]]:
    magic, protocol, sizes = (_load(file) for _ in range(3))
    if magic != _MAGIC or protocol != _PROTOCOL or not sizes["little_endian"]:
        raise WeightsError("expected PyTorch's little-endian format of before 1.6, received another")
    tensors = _load(file)
    if not isinstance(tensors, dict) or not all(isinstance(one, _Tensor) for one in tensors.values()):
        raise WeightsError("expected a mapping of names to tensors, received another object")
    storages = {one.storage.key: one.storage for one in tensors.values()}
    keys = _load(file)
    if sorted(keys) != sorted(storages):
        raise WeightsError("expected the storages of its tensors, received others")
    numbers = {key: _read_storage(file, storages[key]) for key in keys}
    if file.read(1):
        raise WeightsError("expected the end of the file after the last storage, received more")
    return {name: _array(one, numbers[one.storage.key]) for name, one in tensors.items()}


def _read_storage(file: BinaryIO, storage: _Storage) -> NDArray[Any]:
    head = file.read(8)
    size = int.from_bytes(head, "little", signed=True)
    dtype = np.dtype(storage.dtype)
    content = file.read(storage.size * dtype.itemsize)
    if len(head) < 8 or size != storage.size or len(content) != size * dtype.itemsize:
        raise WeightsError(
            f"expected {storage.size} numbers in storage {storage.key}, received fewer or more"
        )
    return np.frombuffer(content, dtype)


def _array(tensor: _Tensor, numbers: NDArray[Any]) -> NDArray[Any]:
    if len(tensor.shape) != len(tensor.strides) or min((*tensor.shape, *tensor.strides, 1)) < 0:
        raise WeightsError(
            f"expected as many strides as axes, none negative, received {reprlib.repr(tensor.shape)} and "
            f"{reprlib.repr(tensor.strides)}"
        )
    last = tensor.offset + sum((n - 1) * step for n, step in zip(tensor.shape, tensor.strides, strict=True))
    if not 0 <= tensor.offset <= last < len(numbers) or math.prod(tensor.shape) > len(numbers):
        raise WeightsError(
            f"expected a tensor inside its storage of {len(numbers)}, received shape "
            f"{reprlib.repr(tensor.shape)} from {reprlib.repr(tensor.offset)}"
        )
    strides = [step * numbers.itemsize for step in tensor.strides]
    return np.ndarray(tensor.shape, numbers.dtype, numbers, tensor.offset * numbers.itemsize, strides).copy()
