"""A crafted file of weights is refused in one line or read: it never runs, hangs or takes the memory."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import resource
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from study.backbones.kinds.torch_pickle import WeightsError, read_state_dict

MAGIC = 0x1950A86A20F9469CFC6C
SIZES = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
NUMBERS = np.arange(12, dtype="<f4")
TRACE = "the-payload-ran"
MEMORY = 2_000_000_000
"""Bytes that a process may take beyond what it has before a file is read."""


def tensor(name: bytes, key: bytes, shape: tuple[int, int]) -> bytes:
    """Opcodes that put a name and a tensor on the stack."""
    storage = (
        pickle.MARK + text(b"storage") + b"ctorch\nFloatStorage\n" + text(key) + text(b"cpu")
        + number(NUMBERS.size) + pickle.NONE + pickle.TUPLE + pickle.BINPERSID
    )  # fmt: skip
    return (
        text(name) + b"ctorch._utils\n_rebuild_tensor_v2\n" + pickle.MARK + storage + number(0)
        + number(shape[0]) + number(shape[1]) + pickle.TUPLE2 + number(shape[1]) + number(1) + pickle.TUPLE2
        + pickle.NEWFALSE + b"ccollections\nOrderedDict\n" + pickle.EMPTY_TUPLE + pickle.REDUCE
        + pickle.TUPLE + pickle.REDUCE
    )  # fmt: skip


def text(value: bytes) -> bytes:
    return pickle.BINUNICODE + struct.pack("<I", len(value)) + value


def number(value: int) -> bytes:
    return pickle.BININT + struct.pack("<i", value)


def whole(tensors: bytes) -> bytes:
    """A file of one storage; ``tensors`` are the opcodes of its mapping."""
    head = b"".join(pickle.dumps(one, 2) for one in (MAGIC, 1001, SIZES))
    keys = pickle.dumps(["0"], 2)
    body = pickle.PROTO + b"\x02" + tensors + pickle.STOP
    return head + body + keys + struct.pack("<q", NUMBERS.size) + NUMBERS.tobytes()


MAPPING = (
    b"ccollections\nOrderedDict\n" + pickle.EMPTY_TUPLE + pickle.REDUCE + pickle.MARK
    + tensor(b"a.weight", b"0", (3, 4)) + tensor(b"b.weight", b"0", (4, 3)) + pickle.SETITEMS
)  # fmt: skip
PIECES = (
    *(bytes([code]) for code in range(0x80, 0x99)),
    *(bytes([code]) for code in b"(.0^12FNQRabd}elopqst)u]GIJKLMSTUVXcgh"),
    number(0), number(-1), number(2**31 - 1), text(b"storage"), text(b"0"), pickle.BINPUT + b"\x01",
    pickle.BINGET + b"\x01", b"ctorch\nFloatStorage\n", b"ctorch._utils\n_rebuild_tensor_v2\n",
    b"ccollections\nOrderedDict\n", b"cos\nsystem\n", b"cbuiltins\nexec\n", b"ibuiltins\neval\n",
    text(f"touch {TRACE}".encode()), text(f"open({TRACE!r}, 'w')".encode()), pickle.TUPLE1, pickle.REDUCE,
    tensor(b"c", b"0", (2, 2)), tensor(b"c", b"1", (2, 2)), pickle.BINUNICODE8 + struct.pack("<Q", 2**62),
    pickle.BINBYTES8 + struct.pack("<Q", 2**40), pickle.FRAME + struct.pack("<Q", 2**62),
    pickle.LONG4 + struct.pack("<i", 2**31 - 1), b"I" + b"9" * 5000 + b"\n",
)  # fmt: skip


@pytest.fixture(autouse=True)
def bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty folder to run in, and a bound on memory."""
    monkeypatch.chdir(tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, limits)


def reads_or_says_why(content: bytes) -> None:
    path = Path("weights.pth")
    path.write_bytes(content)
    try:
        found = read_state_dict(path, sha256=hashlib.sha256(content).hexdigest())
    except WeightsError as error:
        said = str(error)
        assert said.startswith("weights.pth: ")
        assert "expected" in said
    else:
        assert all(isinstance(array, np.ndarray) for array in found.values())
    assert sorted(one.name for one in Path().iterdir()) == ["weights.pth"]


bounds = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_the_file_that_is_mutated_is_right() -> None:
    content = whole(MAPPING)
    Path("weights.pth").write_bytes(content)
    found = read_state_dict(Path("weights.pth"), sha256=hashlib.sha256(content).hexdigest())
    assert list(found) == ["a.weight", "b.weight"]
    np.testing.assert_array_equal(found["b.weight"], NUMBERS.reshape(4, 3))


@bounds
@given(
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4),
    inserted=st.binary(max_size=3),
    place=st.integers(0, 10**6),
)
def test_any_byte_may_change(changes: list[tuple[int, int]], inserted: bytes, place: int) -> None:
    content = bytearray(whole(MAPPING))
    for position, value in changes:
        content[position % len(content)] = value
    middle = place % len(content)
    reads_or_says_why(bytes(content[:middle]) + inserted + bytes(content[middle:]))


@bounds
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=25))
def test_any_opcodes_may_follow_one_another(pieces: list[bytes]) -> None:
    reads_or_says_why(whole(b"".join(pieces)))


@bounds
@given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=4), place=st.integers(0, 10**6))
def test_any_opcodes_may_stand_in_a_right_file(pieces: list[bytes], place: int) -> None:
    content = whole(MAPPING)
    middle = place % len(content)
    reads_or_says_why(content[:middle] + b"".join(pieces) + content[middle:])


@bounds
@given(
    shape=st.lists(st.integers(-2, 2**40), max_size=4),
    strides=st.lists(st.integers(-2, 2**40), max_size=4),
    offset=st.integers(-2, 2**40),
    size=st.integers(-2, 2**40),
)
def test_any_shape_may_be_asked_for(shape: list[int], strides: list[int], offset: int, size: int) -> None:
    class Pickler(pickle._Pickler):  # type: ignore[name-defined, misc]
        def persistent_id(self, value: object) -> object:
            return value if isinstance(value, tuple) and value[:1] == ("storage",) else None

    def opcodes(value: object) -> bytes:
        written = io.BytesIO()
        Pickler(written, 2).dump(value)
        return written.getvalue()[2:-1]

    storage = (
        pickle.MARK + text(b"storage") + b"ctorch\nFloatStorage\n" + text(b"0") + text(b"cpu")
        + opcodes(size) + pickle.NONE + pickle.TUPLE + pickle.BINPERSID
    )  # fmt: skip
    one = (
        b"ctorch._utils\n_rebuild_tensor_v2\n" + pickle.MARK + storage + opcodes(offset)
        + opcodes(tuple(shape)) + opcodes(tuple(strides)) + pickle.NEWFALSE + pickle.NONE + pickle.TUPLE
        + pickle.REDUCE
    )  # fmt: skip
    reads_or_says_why(whole(pickle.EMPTY_DICT + text(b"a") + one + pickle.SETITEM))


FAR = pickle.LONG_BINPUT + struct.pack("<I", 2**27)
NESTED = pickle.EMPTY_TUPLE + (pickle.BINPUT + b"\x01" + pickle.BINGET + b"\x01" + pickle.TUPLE2) * 40


@pytest.mark.parametrize(
    ("tensors", "says"),
    [
        (pickle.EMPTY_DICT + FAR, "expected at most 2 objects so far, received number 134217728"),
        (NESTED + pickle.BINPERSID, "expected a PyTorch state dict, received another file (ValueError)"),
        (pickle.EMPTY_DICT + b"cos\nsystem\n" + pickle.NEWOBJ, "received the opcode NEWOBJ"),
        (pickle.DUP * 9, "received the opcode DUP"),
    ],
)
def test_what_would_take_memory_or_time_is_refused_at_once(tensors: bytes, says: str) -> None:
    content = whole(tensors)
    Path("weights.pth").write_bytes(content)
    before = time.process_time()
    with pytest.raises(WeightsError) as caught:
        read_state_dict(Path("weights.pth"), sha256=hashlib.sha256(content).hexdigest())
    assert time.process_time() - before < 0.3
    assert says in str(caught.value)


def test_a_tensor_larger_than_its_storage_is_refused() -> None:
    content = whole(
        MAPPING.replace(number(3) + number(4) + pickle.TUPLE2, number(3) + number(2**27) + pickle.TUPLE2)
    )
    content = content.replace(number(4) + number(1) + pickle.TUPLE2, number(0) + number(0) + pickle.TUPLE2)
    Path("weights.pth").write_bytes(content)
    with pytest.raises(WeightsError, match="expected a tensor inside its storage of 12"):
        read_state_dict(Path("weights.pth"), sha256=hashlib.sha256(content).hexdigest())
