"""The exported models held to the hashes that are recorded of them."""

from __future__ import annotations

from typing import Any

from study import files
from study.audit.verdict import Verdict, Verdicts, judged
from study.errors import counted
from study.params import Params
from study.pipeline import artifacts, paths

_MANIFEST = "models.json"


def check(chosen: Params) -> Verdicts:
    """Every file of data/models, and what reports/models.json says of it."""
    recorded: list[dict[str, Any]] = files.read_json(paths.MODELS_JSON).get("models", [])
    names = [str(one.get("name")) for one in recorded]
    if chosen.models == "none":
        yield from judged(
            "models",
            [f"{paths.MODELS_JSON}: expected no model, received {one}" for one in names],
            "no model is exported, as params.yaml says",
        )
        return
    if not paths.MODELS.is_dir():
        yield Verdict(
            "models", "not checked", f"the files of {', '.join(names) or 'no model'}, which are not here"
        )
        return
    manifest = artifacts.read(paths.MODELS / _MANIFEST, artifacts.ModelsFile)
    faults = []
    if [one.model_dump() for one in manifest.models] != recorded:
        faults.append(
            f"{paths.MODELS / _MANIFEST}: expected the models of {paths.MODELS_JSON}, received others"
        )
    missing = {*chosen.backbones} - {*names}
    faults += [f"{paths.MODELS_JSON}: expected a model of {name}, received none" for name in sorted(missing)]
    for one in manifest.models:
        received = files.file_sha256(paths.MODELS / one.file)
        if received != one.sha256:
            faults.append(
                f"{paths.MODELS / one.file}: expected the SHA-256 recorded of it, {one.sha256[:12]}, "
                f"received {received[:12]}"
            )
    yield from judged("models", faults, f"{counted(len(manifest.models), 'model')} have the recorded hashes")
