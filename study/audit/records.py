"""What the training stages recorded of their inputs, held to each other and to the files."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from study import files
from study.audit.verdict import Verdict, Verdicts, judged
from study.backbones.outputs import outputs
from study.data import dataset as datasets
from study.errors import counted, shown
from study.params import Params
from study.pipeline import artifacts, paths, provenance, results
from study.tables.definitions import SPLITS


def check(chosen: Params) -> Verdicts:
    """Data, features, weights and code of every record."""
    faults: list[str] = []
    recorded = results.records(chosen)
    backbones = tuple(chosen.backbones)
    expected: dict[str, str] = {}
    for (phase, backbone), one in recorded.items():
        where = paths.RESULTS / phase / f"{backbone}.json"
        for name in ("features_sha256", "source_sha256"):
            key = f"{name} of {backbone}" if name == "features_sha256" else name
            others = expected.setdefault(key, str(one.get(name)))
            if one.get(name) != others:
                faults.append(
                    f"{where}: {name}: expected {others[:12]}, as the others, received {one.get(name)}"
                )
    told = files.sha256(paths.DATASET / datasets.MANIFEST) if _here(paths.DATASET) else None
    first = recorded[results.RECORDED[0], backbones[0]]
    faults += _apart(paths.DATASET / datasets.MANIFEST, "records", first["data_sha256"], told)
    for backbone in backbones:
        one = recorded[results.RECORDED[0], backbone]
        features, weights = paths.FEATURES / backbone, paths.WEIGHTS / backbone
        faults += _apart(
            features, "records", str(one.get("features_sha256")), _of(features, (features / files.SUMS,))
        )
        inside = tuple(weights.iterdir()) if _here(weights) else ()
        faults += _apart(weights, "records", one["weights_sha256"], _of(weights, inside))
    table = results.features(chosen).set_index("model")
    for backbone in backbones:
        folder = paths.FEATURES / backbone
        if _here(folder):
            arrays = [files.read_array(folder / f"{split}.npy") for split in SPLITS]
            faults += [
                f"{paths.FEATURES_JSON / backbone}.json: {name}: expected {value}, as the features give, "
                f"received {shown(table.loc[backbone, name])}"
                for name, value in asdict(outputs(arrays)).items()
                if table.loc[backbone, name] != value
            ]
    yield from judged(
        "inputs", faults, f"{counted(len(recorded), 'record')} name the same data, features, weights and code"
    )
    absent = [
        str(folder)
        for folder in (
            paths.DATASET,
            *(place / one for place in (paths.FEATURES, paths.WEIGHTS) for one in backbones),
        )
        if not _here(folder)
    ]
    if absent:
        yield Verdict("inputs", "not checked", f"the bytes of {', '.join(absent)}, which are not here")


def code(chosen: Params) -> Verdicts:
    """The code that trained is the code that is here, and the code of this program."""
    recorded: str = results.record(results.RECORDED[0], chosen.backbones[0])["source_sha256"]
    here = Path(provenance.PACKAGE.name)
    faults = []
    if (here / "training").is_dir():
        now = provenance.training_source_sha256(here)
        faults += _apart(here, "records of the training code", recorded, now)
    yield from judged("code", faults, f"the runs were trained by training code {recorded[:12]}")
    own = provenance.training_source_sha256()
    if own != recorded:
        yield Verdict(
            "code",
            "not checked",
            f"this program has the training code {own[:12]}, the study {recorded[:12]}: install the "
            "study's own commit to recompute its tables",
        )


def dataset() -> Verdicts:
    """The arrays of the data against their manifest, and that against reports/dataset.json."""
    if not _here(paths.DATASET):
        return
    faults = []
    try:
        datasets.check(paths.DATASET)
    except datasets.DataError as error:
        faults.append(str(error))
    told = artifacts.read(paths.DATASET_JSON, artifacts.DatasetFile).dataset[0].model_dump()
    manifest = datasets.read_manifest(paths.DATASET)
    faults += [
        f"{paths.DATASET_JSON}: {name}: expected what its manifest in data/ says, received another"
        for name in sorted(manifest.keys() | told.keys())
        if manifest.get(name) != told.get(name)
    ]
    now = json.loads(json.dumps(datasets.manifest(datasets.load(paths.DATASET))))
    faults += [
        f"{paths.DATASET / datasets.MANIFEST}: {name}: expected what the arrays give, received another"
        for name in sorted(now.keys() | manifest.keys())
        if now.get(name) != manifest.get(name)
    ]
    yield from judged(
        "data", faults, "every array has the hash of the manifest, which reports/dataset.json repeats"
    )


def _here(folder: Path) -> bool:
    return folder.is_dir()


def _of(folder: Path, inside: tuple[Path, ...]) -> str | None:
    return files.sha256(*inside) if _here(folder) else None


def _apart(where: Path, by: str, expected: str, received: str | None) -> list[str]:
    if received in (None, expected):
        return []
    return [
        f"{where}: expected the SHA-256 that the {by} name, {expected[:12]}, received {str(received)[:12]}"
    ]
