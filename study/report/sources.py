"""Sections on where the numbers come from: the data, the provenance, the verification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from study.report import checks, numbers
from study.report.exhibits import Bullets, Column, NumberTable, Paragraph, Section, Terms, cells, name, number
from study.report.facts import Facts
from study.report.labels import ORIGIN_TITLES
from study.report.rows import records

_SPLITS = {"train": "training", "valid": "validation", "test": "test"}


def data_section(facts: Facts) -> Section:
    """The data set and how many images it has of what."""
    dataset = facts.dataset
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
            ("Source", dataset.source),
            ("Images", f"{shape} (height, width, channels)"),
            ("Classes", f"{len(dataset.classes)}: {', '.join(dataset.classes)}"),
            *repeated,
        ),
    )
    return Section("data", "Data", (terms, _counts(facts)))


def _tally(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{' and '.join(_SPLITS.get(split, split) for split in name.split('-'))} {numbers.count(n)}"
        for name, n in counts.items()
    )


def _counts(facts: Facts) -> NumberTable:
    rows = [
        {"split": split, "class": label, "origin": origin, "images": n}
        for split, by_class in facts.dataset.counts.items()
        for label, by_origin in by_class.items()
        for origin, n in by_origin.items()
        if n
    ]
    frame = pd.DataFrame(rows, columns=["split", "class", "origin", "images"])
    grouped = (
        frame.groupby(["split", "origin"], sort=False)["images"]
        .agg(["sum", "min", "max", "count"])
        .reset_index()
    )
    total = numbers.count(int(frame["images"].sum()))
    return NumberTable(
        "images",
        "Images by split and origin",
        f"Counts over all n = {total} images; smallest and largest are over classes.",
        (
            Column("Split", "name"),
            Column("Origin", "text"),
            Column("Images"),
            Column("Smallest class"),
            Column("Largest class"),
            Column("Classes"),
        ),
        cells(
            [
                [
                    name(_SPLITS.get(row["split"], row["split"])),
                    name(ORIGIN_TITLES.get(row["origin"], row["origin"])),
                    *(
                        number(numbers.count(row[column]), row[column])
                        for column in ("sum", "min", "max", "count")
                    ),
                ]
                for row in records(grouped)
            ]
        ),
        str(frame.to_csv(index=False, lineterminator="\n")),
        "data",
    )


def state(facts: Facts) -> str:
    """Which code made the report, beside every exhibit."""
    origin = facts.provenance
    return f"commit {origin.commit[:12]}{' with uncommitted changes' if origin.dirty else ''}"


def provenance_section(facts: Facts) -> Section:
    """All that is needed to make the numbers again."""
    origin = facts.provenance
    state = "uncommitted changes" if origin.dirty else "clean"
    return Section(
        "provenance",
        "Provenance",
        (
            Terms(
                "Run",
                (
                    ("Commit", origin.commit),
                    ("Date of the commit", origin.date),
                    ("Working tree", state),
                    ("Backend", origin.backend),
                    *((("CPU instructions", origin.instructions),) if origin.instructions else ()),
                ),
            ),
            Terms("Data, SHA-256", (("data", origin.data_sha256),)),
            Terms("Weights, SHA-256", tuple(origin.weights.items())),
            Terms(
                "Versions",
                tuple((name, version or numbers.MISSING) for name, version in origin.versions.items()),
            ),
            Terms("Parameters", tuple(_flat(origin.parameters))),
        ),
    )


def verification_section(facts: Facts) -> Section:
    """Whether recorded runs came out the same when they were trained again."""
    outcome = facts.verification
    if outcome.n_verified == 0:
        return Section("verification", "Verification", (Paragraph(checks.verification(outcome)),))
    said = Bullets(
        (
            checks.verification(outcome),
            checks.sampled(outcome, alpha=facts.provenance.parameters["analysis"]["alpha"]),
            checks.dated(facts.provenance),
        )
    )
    largest = f"{outcome.max_abs_difference:.3g}" if outcome.max_abs_difference else "0"
    terms = Terms(
        "Trained again",
        (
            ("Runs", numbers.count(outcome.n_verified)),
            ("Identical", numbers.count(outcome.n_identical)),
            ("Largest difference, fraction", largest),
            *((("Which", ", ".join(outcome.runs)),) if outcome.runs else ()),
        ),
    )
    return Section("verification", "Verification", (said, terms))


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    flat: list[tuple[str, str]] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat += _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list | tuple):
            flat.append((f"{prefix}{key}", ", ".join(_plain(item) for item in value)))
        else:
            flat.append((f"{prefix}{key}", _plain(value)))
    return flat


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, float):
        return numbers.compact(value)
    return str(value)
