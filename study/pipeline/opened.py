"""A study that is somewhere else: a clone, a folder or an archive."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from study.data.archive import archive_entries
from study.data.dataset import DataError
from study.errors import StudyError
from study.pipeline import paths

_FEW = 100
_LARGEST = 4 * 1024**3
_SKIPPED = frozenset((".git", ".dvc"))


class OpenedError(StudyError):
    """Something that holds no study."""


@contextmanager
def opened(given: Path) -> Iterator[Path]:
    """The folder of a study, which is one itself or its reports/; an archive's content as long as it is used.

    Nothing of an archive but files inside it is unpacked: no link, no device, nothing of git.

    Raises
    ------
    OpenedError
        It holds no study, or more than can be unpacked.
    DataError
        The archive cannot be read, or exceeds its bounds.
    """
    if given.is_file():
        with tempfile.TemporaryDirectory(prefix="study-") as folder:
            _unpack(given, Path(folder))
            yield _inside(Path(folder), given)
    else:
        yield _inside(given, given)


def _inside(folder: Path, given: Path) -> Path:
    tables = paths.TABLES.relative_to(paths.REPORTS)
    if folder.name == paths.REPORTS.name and (folder / tables).is_dir():
        return folder.resolve().parent
    below = sorted(one for one in folder.iterdir() if one.is_dir()) if folder.is_dir() else []
    for one in (folder, *below[:_FEW]):
        if (one / paths.TABLES).is_dir():
            return one.resolve()
    raise OpenedError(
        f"{given}: expected a study's clone, its reports/ or an archive with {paths.TABLES}, received none"
    )


def _unpack(path: Path, folder: Path) -> None:
    n_bytes = 0
    for entry in archive_entries(path):
        if entry.kind != "file" or set(entry.parts) & _SKIPPED or not entry.parts:
            continue
        n_bytes += entry.size
        if n_bytes > _LARGEST:
            raise OpenedError(f"{path}: expected at most {_LARGEST:,} bytes of files, received more")
        target = folder.joinpath(*entry.parts)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                file.write(entry.read(_LARGEST))
        except OSError as error:
            raise DataError(
                f"{entry.where}: expected a file that can be written, received {error.strerror}"
            ) from None
