"""Data: the images, and how much of what each backbone gives of them differs from image to image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from study.report import format as fmt
from study.report import tables as col
from study.report.document import Block, Bullets, Section, Terms
from study.report.inputs import Inputs
from study.report.phrases import listing, many, records
from study.tables import definitions

_SPLITS = {"train": "training", "valid": "validation", "test": "test"}


def section(inputs: Inputs) -> Section:
    """The data set, its counts, the features of the backbones."""
    dataset = inputs.dataset
    shape = " × ".join(str(side) for side in dataset.image_shape)
    repeated: tuple[tuple[str, str], ...] = ()
    if dataset.duplicates is not None:
        repeated = (
            ("Repeated within a split", _tally(dataset.duplicates.within)),
            ("Shared by two splits", _tally(dataset.duplicates.across)),
        )
    terms = Terms(
        "Data set",
        (
            ("Name", dataset.name),
            ("Obtained from", dataset.source),
            ("Images", f"{shape} (height, width, channels)"),
            ("Classes", f"{len(dataset.classes)}: {', '.join(dataset.classes)}"),
            *repeated,
        ),
    )
    return Section("data", "Data", (terms, *_counts(inputs), *features(inputs)))


def _tally(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{listing([_SPLITS.get(split, split) for split in name.split('-')])} {fmt.count(n)}"
        for name, n in counts.items()
    )


def _counts(inputs: Inputs) -> tuple[Block, ...]:
    frame = pd.DataFrame(
        [
            {"split": split, "class": label, "origin": origin, "images": n}
            for split, by_class in inputs.dataset.counts.items()
            for label, by_origin in by_class.items()
            for origin, n in by_origin.items()
            if n
        ],
        columns=["split", "class", "origin", "images"],
    )
    grouped = frame.groupby(["split", "origin"], sort=False)["images"]
    rows = grouped.agg(["sum", "min", "max", "count"]).reset_index()
    known = set(frame["origin"]) != {"unknown"}
    spec = [
        col.words("split", "Split", lambda split: _SPLITS.get(split, split), kind="name"),
        *([col.words("origin", "Origin", fmt.origin_title)] if known else []),
        col.whole("sum", "Images"),
        col.whole("min", "Smallest class"),
        col.whole("max", "Largest class"),
        col.whole("count", "Classes"),
    ]
    caption = f"Counts over all n = {many(int(frame['images'].sum()), 'image')}."
    made = col.table("images", "Images by split", caption, rows, spec)
    return tuple(replace(one, stage="data", csv=col.csv_text(frame)) for one in made)


def constant_features(inputs: Inputs) -> tuple[str, ...]:
    """Each backbone of whose features at least half have one value for all images."""
    rows = inputs.tables[definitions.FEATURES]
    said = []
    for row in records(rows[2 * rows["n_constant"] >= rows["n_features"]]):
        left = int(row["n_features"]) - int(row["n_constant"])
        learns = (
            f"its heads learn from at most the other {fmt.count(left)}"
            if left
            else "its heads can learn nothing"
        )
        said.append(
            f"At {many(inputs.params.image_size, 'pixel')} per side {fmt.count(int(row['n_constant']))} "
            f"of the {many(int(row['n_features']), 'feature')} of {row['model']} are the same for all "
            f"{many(int(row['n_images']), 'image')}; {learns}."
        )
    return tuple(said)


def features(inputs: Inputs) -> tuple[Block, ...]:
    """How much of what each backbone gives differs from image to image."""
    rows = inputs.tables[definitions.FEATURES]
    spec = [
        col.MODEL,
        col.whole("n_features", "Features"),
        col.whole("n_constant", "Same for all images"),
        col.percent("zero_share", "Zeros, %"),
    ]
    n = fmt.count(int(rows["n_images"].max())) if len(rows) else "0"
    caption = (
        f"All n = {n} images of the three splits, not augmented, in half precision. No head can learn from a "
        "feature that is the same for all images, nor from one that varies in no training image."
    )
    said = constant_features(inputs)
    return (
        *((Bullets(said),) if said else ()),
        *col.table("features", "Features of the backbones", caption, rows, spec),
    )
