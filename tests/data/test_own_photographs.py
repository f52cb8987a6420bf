"""What a student has: a folder, a tar or a zip archive of photographs."""

import io
import os
import tarfile
import zipfile

import numpy as np
import pytest
from pictures import FORMATS, encoded, picture
from PIL import Image

from study.data.dataset import DataError, load, manifest, save
from study.data.image import decode, fitted
from study.data.labelled import read_labelled
from study.tables.definitions import SPLITS

ENDINGS = {"PNG": ".PNG", "JPEG": ".JPG", "WEBP": ".webp", "BMP": ".bmp"}


class Link(str):
    """The target of a symbolic link, in place of a file's content."""


class Hard(Link):
    """The same of a hard link."""


def write_folder(files, path):
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Hard):
            file.hardlink_to(path / content)
        elif isinstance(content, Link):
            file.symlink_to(content)
        else:
            file.write_bytes(content)
    return path


def write_tar(files, path):
    path = path.with_name(f"{path.name}.tar.gz")
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, Link):
                info.type = tarfile.LNKTYPE if isinstance(content, Hard) else tarfile.SYMTYPE
                info.linkname = content
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return path


def write_zip(files, path):
    path = path.with_name(f"{path.name}.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            if isinstance(content, Link):
                info.external_attr = 0o120777 << 16
            archive.writestr(info, content)
    return path


WRITERS = (write_folder, write_tar, write_zip)


@pytest.fixture
def read(tmp_path):
    def read(path, size=12):
        return read_labelled(
            path, name="mine", source="mine", scratch=tmp_path / "scratch", size=size, split_seed=7
        )

    return read


def photographs(n=2, *, splits=SPLITS, form="JPEG", **options):
    """Names and contents: two classes, n photographs each in every split, all different."""
    names = [f"{split}/{label}/{k}" for split in splits for label in ("cat", "dog") for k in range(n)]
    return {name + ENDINGS[form]: picture(seed, form=form, **options) for seed, name in enumerate(names)}


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("form", FORMATS)
def test_photographs_of_one_size_keep_it(write, form, read, tmp_path):
    files = photographs(form=form, size=(20, 14))
    data = read(write(files, tmp_path / "mine"))
    assert data.classes == ("cat", "dog")
    assert data.notes == ()
    for split in SPLITS:
        expected = [decode(files[name], name).pixels for name in sorted(files) if name.startswith(split)]
        np.testing.assert_array_equal(data.images[split], expected)
        np.testing.assert_array_equal(data.labels[split], [0, 0, 1, 1])


@pytest.mark.parametrize("last", [False, True])
def test_mixed_sizes_and_kinds_are_scaled_and_the_order_changes_nothing(read, last, tmp_path):
    files = photographs(3, form="PNG", size=(20, 14))
    odd = {
        "train/cat/odd.jpg": picture(50, form="JPEG", size=(30, 10)),
        "train/cat/grey.png": picture(51, mode="L", size=(9, 9)),
        "train/dog/palette.bmp": picture(52, mode="P", form="BMP"),
        "train/dog/clear.webp": picture(53, mode="RGBA", form="WEBP"),
    }
    whole = files | odd if last else odd | files
    data = read(write_tar(whole, tmp_path / "mine"))
    names = sorted(name for name in whole if name.startswith("train"))
    expected = [fitted(decode(whole[name], name).pixels, 12, 12) for name in names]
    np.testing.assert_array_equal(data.images["train"], expected)
    assert data.notes == (
        "images of 4 sizes, most often 20x14, scaled to 12x12 by cubic interpolation with antialiasing, "
        "cut at the centre",
    )
    assert read(write_tar(whole, tmp_path / "mine"), size=None).images["test"].shape == (6, 224, 224, 3)


def test_photographs_of_more_than_a_megapixel_are_scaled(read, tmp_path):
    files = photographs(1, size=(1400, 900))
    data = read(write_folder(files, tmp_path / "mine"))
    assert data.images["train"].shape == (2, 12, 12, 3)
    assert data.notes[0].startswith("images of size 1400x900, scaled to 12x12")
    expected = fitted(decode(files["train/cat/0.JPG"], "x").pixels, 12, 12)
    np.testing.assert_array_equal(data.images["train"][0], expected)


def test_portrait_and_landscape_of_one_camera_differ_in_size(read, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    files = photographs(2, size=(20, 14)) | {
        "test/dog/9.jpg": picture(9, form="JPEG", size=(20, 14), exif=exif)
    }
    assert "images of 2 sizes, most often 20x14" in read(write_folder(files, tmp_path / "mine")).notes[0]


@pytest.mark.parametrize("write", WRITERS)
def test_what_systems_leave_behind_is_passed_over_and_told(write, read, tmp_path):
    files = photographs()
    more = {
        "__MACOSX/train/cat/._0.JPG": b"\0\5\x16\7",
        ".DS_Store": b"x",
        "train/.ipynb_checkpoints/0-checkpoint.jpg": picture(),
        "train/cat/Thumbs.db": b"x",
        "valid/desktop.ini": b"x",
        "train/cat/._0.JPG": b"x",
        "train/cat/notes.txt": b"x",
        "train/cat/more.TXT": b"x",
        "train/dog/movie.mp4": b"x",
        "README": b"x",
        "preview.png": picture(size=(99, 5)),
    }
    data = read(write(files | more, tmp_path / "mine"))
    assert data.classes == ("cat", "dog")
    (note,) = data.notes
    assert note.startswith("passed over: 2 .txt files, 1 ")
    for part in ("1 .mp4 file", "1 file without ending", "1 image outside the classes", "6 hidden names"):
        assert part in note
    plain = manifest(read(write(files, tmp_path / "plain")))
    assert manifest(data) == plain | {"notes": [note]}


@pytest.mark.parametrize("write", WRITERS)
def test_a_class_of_other_files_does_not_vanish(write, read, tmp_path):
    more = {f"{split}/bird/{k}.heic": b"x" for split in SPLITS for k in range(2)}
    with pytest.raises(DataError) as caught:
        read(write(photographs() | more, tmp_path / "mine"))
    assert str(caught.value).endswith(
        "train/bird: expected images, received none (passed over: 6 .heic files)"
    )


@pytest.mark.parametrize("word", ["val", "validation", "Valid"])
@pytest.mark.parametrize("write", WRITERS)
def test_a_split_may_be_called_otherwise(write, word, read, tmp_path):
    renamed = {name.replace("valid/", f"{word}/"): content for name, content in photographs().items()}
    expected = manifest(read(write(photographs(), tmp_path / "plain")))
    assert manifest(read(write(renamed, tmp_path / "mine"))) == expected


def test_two_names_of_one_split_are_refused(read, tmp_path):
    files = photographs() | {"val/cat/0.jpg": picture()}
    with pytest.raises(DataError, match="expected one folder for valid, received val and valid"):
        read(write_folder(files, tmp_path / "mine"))


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("above", ["", "pets/"])
def test_photographs_without_splits_are_split_in_three(write, above, read, tmp_path):
    files = {
        f"{above}{label}/{k}.jpg": picture(100 * code + k, form="JPEG")
        for code, label in enumerate(("cat", "dog"))
        for k in range(6 + 3 * code)
    }
    data = read(write(files, tmp_path / "mine"))
    assert data.classes == ("cat", "dog")
    assert data.notes == ("split in three equal parts, stratified by class, seed 7",)
    for split in SPLITS:
        assert data.class_counts(split).tolist() == [2, 3]
    assert len({image.tobytes() for split in SPLITS for image in data.images[split]}) == 15
    again = read(write_folder(files, tmp_path / "again"))
    assert manifest(again) == manifest(data)


def test_too_few_to_split_are_refused_with_the_count(read, tmp_path):
    files = {f"{label}/{k}.jpg": picture(k, form="JPEG") for label in ("cat", "dog") for k in range(4)}
    files["bird/0.jpg"] = picture()
    with pytest.raises(DataError, match="bird: expected at least 3 images to split, received 1"):
        read(write_folder(files, tmp_path / "mine"))


@pytest.mark.parametrize("write", WRITERS)
def test_another_layout_is_told_with_those_that_are_known(write, read, tmp_path):
    with pytest.raises(DataError) as caught:
        read(write({"0.jpg": picture(form="JPEG"), "a/b/c/d/1.jpg": picture()}, tmp_path / "mine"))
    assert (
        "expected 2 to 256 classes in {train,valid,test}/{class}/ or {class}/, such as train/cat/1.jpg"
        in str(caught.value)
    )
    assert str(caught.value).endswith("received 0 (passed over: 2 images outside the classes)")


def test_classes_in_two_folders_are_refused(read, tmp_path):
    files = {"a/cat/0.jpg": picture(), "dog/0.jpg": picture()}
    with pytest.raises(DataError, match="expected all classes in the folder 'a', received one in ''"):
        read(write_folder(files, tmp_path / "mine"))


@pytest.mark.parametrize("write", WRITERS)
def test_links_inside_are_followed(write, read, tmp_path):
    plain = photographs()
    linked = dict(plain)
    linked["pool/one.jpg"] = linked["train/cat/0.JPG"]
    linked["train/cat/0.JPG"] = Link("../../pool/one.jpg")
    linked["train/cat/again.jpg"] = Link("../../pool/one.jpg")
    linked["test/dog/0.JPG"] = Link("../../train/dog/1.JPG")
    if write is not write_zip:
        linked["valid/dog/hard.jpg"] = Hard("valid/dog/0.JPG")
        plain["valid/dog/hard.jpg"] = plain["valid/dog/0.JPG"]
    plain["train/cat/again.jpg"] = plain["train/cat/0.JPG"]
    plain["test/dog/0.JPG"] = plain["train/dog/1.JPG"]
    expected = manifest(read(write(plain, tmp_path / "plain")))
    received = manifest(read(write(linked, tmp_path / "mine")))
    assert received == expected | {"notes": ["passed over: 1 image outside the classes"]}


def test_links_to_folders_inside_are_followed_and_loops_end(read, tmp_path):
    folder = write_folder(photographs(), tmp_path / "mine")
    (folder / "train" / "dog").rename(folder / "dogs")
    (folder / "train" / "dog").symlink_to("../dogs")
    (folder / "dogs" / "loop").symlink_to("..")
    found = manifest(read(folder))
    expected = manifest(read(write_folder(photographs(), tmp_path / "plain")))
    assert found["sha256"] == expected["sha256"]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("target", ["../../../elsewhere.jpg", "/etc/passwd"])
def test_links_that_lead_outside_are_refused(write, target, read, tmp_path):
    (tmp_path / "elsewhere.jpg").write_bytes(picture())
    with pytest.raises(DataError, match=r"train/cat/x\.jpg: expected a link inside .* leads outside"):
        read(write(photographs() | {"train/cat/x.jpg": Link(target)}, tmp_path / "mine"))


@pytest.mark.parametrize("write", WRITERS)
def test_a_link_to_nothing_is_refused(write, read, tmp_path):
    with pytest.raises(
        DataError, match=r"train/cat/x\.jpg: expected a link to an? (image|file), received one"
    ):
        read(write(photographs() | {"train/cat/x.jpg": Link("none.jpg")}, tmp_path / "mine"))


def test_a_pipe_in_a_folder_is_refused_and_not_opened(read, tmp_path):
    folder = write_folder(photographs(), tmp_path / "mine")
    os.mkfifo(folder / "train" / "cat" / "pipe.jpg")
    with pytest.raises(DataError, match=r"pipe\.jpg: expected a file, received a link or a device"):
        read(folder)


@pytest.mark.parametrize("write", WRITERS)
def test_a_broken_photograph_is_told_by_name(write, read, tmp_path):
    with pytest.raises(DataError, match=r"valid/dog/x\.jpg: expected a whole PNG, JPEG, WebP or BMP image"):
        read(write(photographs() | {"valid/dog/x.jpg": b"\xff\xd8\xff\xe0"}, tmp_path / "mine"))


def test_warnings_of_decoders_are_one_note(read, tmp_path, capfd):
    """PNGs whose colour profile is cut: libpng warns of each."""
    from test_png import chunk

    files = {}
    for name, content in photographs(30, form="PNG").items():
        files[name] = content[:33] + chunk(b"iCCP", b"x\0\0nothing") + content[33:]
    data = read(write_folder(files, tmp_path / "mine"))
    (note,) = data.notes
    assert note.startswith("warnings of the image decoders: 180, the first: ")
    assert "iCCP" in note
    assert capfd.readouterr() == ("", "")


def test_notes_are_kept_with_the_arrays(read, tmp_path):
    data = read(write_folder(photographs() | {"a.txt": b"x"}, tmp_path / "mine"))
    described = save(data, tmp_path / "dataset")
    assert described["notes"] == ["passed over: 1 .txt file"]
    assert load(tmp_path / "dataset").notes == data.notes


def test_an_unpacked_archive_of_grey_photographs_is_three_equal_channels(read, tmp_path):
    grey = {
        name: encoded(Image.open(io.BytesIO(content)).convert("L"), "JPEG")
        for name, content in photographs().items()
    }
    images = read(write_folder(grey, tmp_path / "mine")).images["train"]
    assert (images == images[..., :1]).all()
