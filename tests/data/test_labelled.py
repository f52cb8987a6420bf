import bz2
import gzip
import io
import lzma
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from study.data.dataset import DataError, manifest
from study.data.labelled import origin, read_labelled

SCRATCH = Path(tempfile.gettempdir())


def read(path, *, strict=False, scratch=SCRATCH, advance=None):
    return read_labelled(
        path,
        name="set",
        source="made here",
        scratch=scratch,
        size=16,
        split_seed=1,
        strict=strict,
        advance=advance,
    )


def unpack(members, root):
    for name, content in members.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info


def test_images_labels_and_origins_are_those_of_the_members(members, write_archive):
    data = read(write_archive(members))
    assert data.classes == ("cat", "dog")
    for split in ("train", "valid", "test"):
        names = sorted(name for name in members if name.startswith(split))
        expected = [np.asarray(Image.open(io.BytesIO(members[name]))) for name in names]
        np.testing.assert_array_equal(data.images[split], expected)
        np.testing.assert_array_equal(data.labels[split], [0, 0, 0, 1, 1, 1])
        np.testing.assert_array_equal(data.origins[split], [0, 1, 2, 0, 1, 2])


def test_the_order_of_members_changes_nothing(members, write_archive):
    shuffled = list(reversed(members.items()))
    assert manifest(read(write_archive(members))) == manifest(read(write_archive(dict(shuffled), "b.tar.gz")))


@pytest.mark.parametrize("above", ["./", "CINIC-10/", "./CINIC-10/"])
def test_a_folder_above_the_splits_changes_nothing(members, write_archive, above):
    moved = {above + name: content for name, content in members.items()}
    moved[f"{above}README"] = b"passed over"
    expected = manifest(read(write_archive(members)))
    assert manifest(read(write_archive(moved, "b.tar.gz"), strict=True)) == expected
    loose = manifest(read(write_archive(moved, "b.tar.gz")))
    assert loose == expected | {"notes": ["passed over: 1 file without ending"]}


@pytest.mark.parametrize("above", ["", "CINIC-10"])
def test_a_folder_gives_the_same_as_its_archive(members, write_archive, tmp_path, above):
    unpack(members, tmp_path / "folder" / above)
    assert manifest(read(tmp_path / "folder")) == manifest(read(write_archive(members)))


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("cifar10-train-21103.png", "cifar10"),
        ("cifar-10-test-3.png", "cifar10"),
        ("n02123159_12.png", "imagenet"),
        ("n0212315_12.png", "unknown"),
        ("n02123159_12.png.png", "unknown"),
        ("xcifar10-1.png", "unknown"),
        ("a.png", "unknown"),
    ],
)
def test_the_file_name_tells_the_origin(file, expected):
    assert origin(file) == expected


def test_progress_counts_every_image(members, write_archive):
    steps = []
    read(write_archive(members), advance=steps.append)
    assert sum(steps) == len(members)


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("train/cat/../../../x.png", None, "a path inside the archive"),
        ("/train/cat/x.png", None, "a path inside the archive"),
        ("train\\cat\\x.png", None, "a path inside the archive"),
        ("train/cat/soft.png", tarfile.SYMTYPE, "a link or a device"),
        ("train/cat/hard.png", tarfile.LNKTYPE, "a link or a device"),
        ("train/cat/tty.png", tarfile.CHRTYPE, "a link or a device"),
        ("train/cat/pipe.png", tarfile.FIFOTYPE, "a link or a device"),
    ],
)
def test_a_member_that_could_do_harm_is_refused_by_name(members, write_archive, png, name, kind, message):
    members[name] = png() if kind is None else special(name, kind, "/etc/passwd")
    with pytest.raises(DataError) as caught:
        read(write_archive(members), strict=True)
    assert message in str(caught.value)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


NAME = "valid/dog/other.png"


def broken(png):
    return {
        "half": (png()[:100], "a whole PNG"),
        "one bit": (png()[:60] + bytes([png()[60] ^ 1]) + png()[61:], "a whole PNG"),
        "text": (b"not an image", "a whole PNG"),
        "nothing": (b"", "a whole PNG"),
        "grey": (png(mode="L"), "an RGB image of 8 bits, received mode L"),
        "alpha": (png(mode="RGBA"), "an RGB image of 8 bits, received mode RGBA"),
    }


@pytest.mark.parametrize("case", ["half", "one bit", "text", "nothing", "grey", "alpha"])
@pytest.mark.parametrize("packed", [True, False])
def test_a_bad_image_of_a_strict_set_is_refused_by_name(members, write_archive, png, tmp_path, case, packed):
    members[NAME], message = broken(png)[case]
    path = write_archive(members) if packed else unpack(members, tmp_path / "set")
    with pytest.raises(DataError) as caught:
        read(path, strict=True)
    assert message in str(caught.value)
    assert NAME in str(caught.value)


def test_images_of_a_strict_set_have_one_size(members, write_archive, png):
    members[NAME] = png(size=(9, 8))
    with pytest.raises(DataError, match="expected 8x8 pixels like the first image, received 9x8"):
        read(write_archive(members), strict=True)


def test_a_jpeg_under_the_name_of_a_png_is_no_strict_image(members, write_archive):
    content = io.BytesIO()
    Image.new("RGB", (8, 8)).save(content, "JPEG")
    members[NAME] = content.getvalue()
    with pytest.raises(DataError, match=f"{NAME}: expected a whole PNG, received another file"):
        read(write_archive(members), strict=True)


@pytest.mark.parametrize("share", [0.3, 0.7, 0.95, 0.999])
def test_a_truncated_archive_is_refused(members, write_archive, share):
    path = write_archive(members)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(DataError, match=r"set\.tar\.gz: expected a whole \.tar\.gz"):
        read(path)


def test_a_wrong_checksum_is_refused(members, write_archive):
    path = write_archive(members)
    content = bytearray(path.read_bytes())
    content[-6] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="CRC check failed"):
        read(path)


def test_a_damaged_header_is_not_taken_for_the_end(members, write_archive):
    path = write_archive(members)
    content = bytearray(gzip.decompress(path.read_bytes()))
    position = content.index(b"test/dog/n01234567_890.png")
    content[position] ^= 1
    path.write_bytes(gzip.compress(bytes(content)))
    with pytest.raises(DataError, match="damaged header"):
        read(path)


def test_what_is_no_archive_is_refused(tmp_path):
    path = tmp_path / "x.tar.gz"
    path.write_bytes(b"hello")
    with pytest.raises(DataError, match=r"x\.tar\.gz: expected a whole \.tar\.gz"):
        read(path)
    with pytest.raises(DataError, match=r"none\.tar\.gz: expected a readable archive"):
        read(tmp_path / "none.tar.gz")


def test_a_class_missing_from_a_split_is_refused(members, write_archive):
    kept = {name: content for name, content in members.items() if not name.startswith("valid/dog/")}
    with pytest.raises(DataError, match="valid/dog: expected images, received none"):
        read(write_archive(kept))


@pytest.mark.parametrize("packed", [True, False])
def test_an_empty_class_is_refused(members, write_archive, tmp_path, packed):
    if packed:
        path = write_archive(members | {"train/bird": special("train/bird", tarfile.DIRTYPE)})
    else:
        path = unpack(members, tmp_path / "set")
        (path / "train" / "bird").mkdir()
    with pytest.raises(DataError, match="train/bird: expected images, received none"):
        read(path)


def test_another_layout_is_refused(members, write_archive):
    flat = {name.replace("/", "-"): content for name, content in members.items()}
    with pytest.raises(DataError, match="expected 2 to 256 classes"):
        read(write_archive(flat))


def test_one_file_twice_or_under_two_folders_is_refused(members, write_archive, png):
    with pytest.raises(DataError, match="every image once, received it again"):
        read(write_archive(members | {f"./{NAME}": png()}))
    with pytest.raises(DataError, match="all splits in the folder '', received one in 'b'"):
        read(write_archive(members | {f"b/{NAME}": png()}))


@pytest.mark.parametrize("pack", [lambda content: content, bz2.compress, lzma.compress])
def test_other_compressions_give_the_same_images(members, write_archive, pack):
    path = write_archive(members)
    expected = manifest(read(path))
    path.write_bytes(pack(gzip.decompress(path.read_bytes())))
    assert manifest(read(path)) == expected


def test_splits_may_differ_in_size_and_images_may_be_large(members, write_archive, png):
    more = {name: png(k, size=(64, 64)) for k, name in enumerate(members)}
    more |= {f"train/dog/more{k}.png": png(100 + k, size=(64, 64)) for k in range(700)}
    data = read(write_archive(more))
    assert data.images["train"].shape == (706, 64, 64, 3)
    assert data.images["test"].shape == (6, 64, 64, 3)
    names = sorted(name for name in more if name.startswith("train"))
    expected = [np.asarray(Image.open(io.BytesIO(more[name]))) for name in names]
    np.testing.assert_array_equal(data.images["train"], expected)


def test_more_classes_than_labels_can_name_are_refused(write_archive, png):
    many = {f"{split}/c{k:03d}/x.png": png() for split in ("train", "valid", "test") for k in range(257)}
    with pytest.raises(DataError, match=r"expected 2 to 256 classes .* received 257"):
        read(write_archive(many))


def test_nothing_stays_in_the_scratch_folder(members, write_archive, tmp_path):
    scratch = tmp_path / "scratch"
    read(write_archive(members), scratch=scratch)
    with pytest.raises(DataError):
        read(write_archive(members | {NAME: b""}), scratch=scratch)
    assert list(scratch.iterdir()) == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4), st.booleans())
def test_a_mutated_archive_is_a_data_set_or_one_line(members, write_archive, tmp_path, changes, packed):
    path = write_archive(members)
    content = bytearray(path.read_bytes() if packed else gzip.decompress(path.read_bytes()))
    for position, value in changes:
        content[position % len(content)] = value
    path.write_bytes(content)
    before = set(tmp_path.iterdir())
    said = ""
    try:
        assert read(path).classes
    except DataError as error:
        said = str(error)
    assert "\n" not in said
    assert set(tmp_path.iterdir()) == before
