"""Which split and class an image belongs to, by its path.

Two layouts are known, both with or without one folder above: ``{train,valid,test}/{class}/{file}``, and
``{class}/{file}``, which is split in three.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from study.data.dataset import DataError
from study.data.entry import Entry, is_hidden
from study.data.image import ENDINGS
from study.errors import one_line, shown
from study.tables.definitions import SPLITS

MAX_CLASSES = 256
_LONGEST_CLASS = 100
_MOST_ENDINGS = 5
_SYNONYMS = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "val": "valid",
    "validation": "valid",
    "test": "test",
    "testing": "test",
}
_KNOWN = f"{{{','.join(SPLITS)}}}/{{class}}/ or {{class}}/, such as train/cat/1.jpg"


class Place(NamedTuple):
    """Where an image stands; the split is empty where the images are still to be split.

    Tuples of it sort as the arrays do.
    """

    split: str
    label: str
    file: str


def has_splits(entry: Entry) -> bool:
    """Whether an entry is an image in a class of a split."""
    return (
        len(entry.parts) in (3, 4)
        and entry.parts[-3].casefold() in _SYNONYMS
        and _is_image(entry)
        and not any(map(is_hidden, entry.parts))
    )


class Layout:
    """Takes the entries one after another, and says where each image stands.

    Parameters
    ----------
    path
        Of the folder or archive, for errors.
    splits
        Whether the images are split already.
    strict
        Whether images are PNGs by their ending, splits are called as in CINIC-10, and no links are allowed.
    """

    def __init__(self, path: Path, *, splits: bool, strict: bool) -> None:
        self.splits = splits
        self._path = path
        self._strict = strict
        self._names = {split: split for split in SPLITS} if strict else _SYNONYMS
        self._called: dict[str, str] = {}
        self._depth = 3 if splits else 2
        self._root: tuple[str, ...] | None = None
        self._folders: set[tuple[str, ...]] = set()
        self._with_files: set[tuple[str, ...]] = set()
        self._seen: set[Place] = set()
        self._passed: Counter[tuple[str, str, str]] = Counter()
        self._hidden: set[tuple[str, ...]] = set()
        self._links: dict[str, list[Place]] = {}

    def take(self, entry: Entry) -> Place | None:
        """Where an image stands; None for what is no image of a class, and for a link.

        Raises
        ------
        DataError
            A device, a link that leads outside, an image twice, or images in several places.
        """
        parts = entry.parts
        hidden = next((k for k, part in enumerate(parts) if is_hidden(part)), None)
        if hidden is not None:
            self._hidden.add(parts[: hidden + 1])
            return None
        if entry.kind == "device" or (entry.kind == "link" and self._strict):
            raise DataError(f"{entry.where}: expected a file, received a link or a device")
        if entry.kind == "link" and entry.target is None:
            raise DataError(
                f"{entry.where}: expected a link inside the archive, received one that leads outside"
            )
        if entry.kind == "folder":
            self._folders.add(parts)
            return None
        self._folders.add(parts[:-1])
        self._with_files.add(parts[:-1])
        if not _is_image(entry) or (self._strict and not parts[-1].lower().endswith(".png")):
            self._passed[_kind(parts[-1])] += 1
            return None
        place = self._place(parts, entry.where)
        if place is None:
            self._passed["", "image", " outside the classes"] += 1
        elif place in self._seen:
            raise DataError(f"{entry.where}: expected every image once, received it again")
        else:
            self._seen.add(place)
        if place is not None and entry.kind == "link":
            self._links.setdefault(entry.target or "", []).append(place)
            return None
        return place

    def pointed_at(self, entry: Entry) -> list[Place]:
        """Where links to this entry stand; each is told once."""
        return self._links.pop("/".join(entry.parts), []) if entry.kind == "file" else []

    @property
    def has_links(self) -> bool:
        """Whether links are left that ``pointed_at`` has not told."""
        return bool(self._links)

    def classes(self) -> tuple[str, ...]:
        """Names of the classes, sorted, when all entries have been taken.

        Raises
        ------
        DataError
            There are too few or too many, one cannot be printed or has too few images in a split, or a link
            leads to no image.
        """
        passed = self.passed_over()
        after = f" ({passed})" if passed else ""
        for target, places in self._links.items():
            raise DataError(
                f"{self._path}, {_name(places[0])}: expected a link to an image, "
                f"received one to {one_line(target)}"
            )
        labels = {place.label for place in self._seen} | {parts[-1] for parts in self._class_folders()}
        classes = tuple(sorted(labels))
        if not 2 <= len(classes) <= MAX_CLASSES:
            raise DataError(
                f"{self._path}: expected 2 to {MAX_CLASSES} classes in {_KNOWN}, "
                f"received {len(classes)}{after}"
            )
        for label in classes:
            if not label.isprintable() or len(label) > _LONGEST_CLASS:
                raise DataError(
                    f"{self._path}: expected class names that can be printed, of at most {_LONGEST_CLASS} "
                    f"characters, received {shown(label)}"
                )
        counts = Counter((place.split, place.label) for place in self._seen)
        absent = [split for split in SPLITS if self.splits and split not in self._called]
        if absent:
            raise DataError(
                f"{self._path}: expected images in {', '.join(SPLITS)}, received none in {', '.join(absent)}"
                f"{after}; images in {{class}}/ alone are split in three"
            )
        for split in SPLITS if self.splits else ("",):
            for label in classes:
                where = f"{self._path}, {'/'.join((split, label)).strip('/')}"
                if not counts[split, label]:
                    raise DataError(f"{where}: expected images, received none{after}")
                if not split and counts[split, label] < len(SPLITS):
                    raise DataError(
                        f"{where}: expected at least {len(SPLITS)} images to split, "
                        f"received {counts[split, label]}{after}"
                    )
        return classes

    def passed_over(self) -> str:
        """How many of what was passed over, in words; empty where nothing was."""
        usual = self._passed.most_common(_MOST_ENDINGS)
        others = self._passed.total() - sum(n for _, n in usual)
        kinds = [*usual, (("other ", "file", ""), others), (("hidden ", "name", ""), len(self._hidden))]
        found = [f"{n} {before}{one}{'s' if n > 1 else ''}{after}" for (before, one, after), n in kinds if n]
        return f"passed over: {', '.join(found)}" if found else ""

    def _place(self, parts: tuple[str, ...], where: str) -> Place | None:
        if len(parts) not in (self._depth, self._depth + 1):
            return None
        split = ""
        if self.splits:
            word = parts[-3].casefold() if not self._strict else parts[-3]
            if word not in self._names:
                return None
            split = self._names[word]
            if self._called.setdefault(split, parts[-3]) != parts[-3]:
                raise DataError(
                    f"{where}: expected one folder for {split}, received {one_line(self._called[split])} "
                    f"and {one_line(parts[-3])}"
                )
        root = parts[: -self._depth]
        self._root = root if self._root is None else self._root
        if root != self._root:
            what = "splits" if self.splits else "classes"
            raise DataError(
                f"{where}: expected all {what} in the folder {'/'.join(self._root)!r}, "
                f"received one in {'/'.join(root)!r}"
            )
        return Place(split, parts[-2], parts[-1])

    def _class_folders(self) -> set[tuple[str, ...]]:
        """Folders where classes stand, so that none vanishes because it has no image."""
        root = self._root or ()
        found = {
            parts
            for parts in self._folders
            if parts[: len(root)] == root and len(parts) == len(root) + self._depth - 1
        }
        if self.splits:
            return {parts for parts in found if parts[-2] in self._called.values()}
        above = {parts[:-1] for parts in self._folders}
        return {parts for parts in found if parts in self._with_files or parts not in above}


def _is_image(entry: Entry) -> bool:
    return entry.kind in ("file", "link") and entry.parts[-1].lower().endswith(ENDINGS)


def _kind(file: str) -> tuple[str, str, str]:
    ending = Path(file).suffix.lower()
    return (f"{one_line(ending)} ", "file", "") if ending else ("", "file", " without ending")


def _name(place: Place) -> str:
    return one_line("/".join(place).strip("/"))
