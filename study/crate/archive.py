"""The archive: the study's files, their description, and the metadata of the whole."""

from __future__ import annotations

import hashlib
import io
import json
import mimetypes
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from study.crate.workflow import AGENT, RUN, WORKFLOW, Entity, entities, reference, references

METADATA = "ro-crate-metadata.json"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
_KINDS = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".tex": "application/x-tex",
    ".yaml": "application/yaml",
    ".lock": "application/yaml",
    ".cff": "application/yaml",
    ".md": "text/markdown",
    ".py": "text/x-python",
    ".keras": "application/zip",
    "": "text/plain",
}


def packed(
    files: Mapping[str, bytes],
    lock: Mapping[str, Any],
    *,
    about: Mapping[str, str],
    sources: Sequence[Entity],
    remarks: Mapping[str, str],
) -> bytes:
    """A ZIP archive; equal bytes for equal arguments.

    Parameters
    ----------
    files
        Path to content; ``dvc.yaml``, ``params.yaml``, ``reports/report.html`` and the programs of the
        stages among them.
    lock
        ``stages`` of dvc.lock.
    about
        ``title``, ``description``, ``authors``, ``url``, ``date``, ``commit`` and address of the ``code`` of
        the study, version of ``dvc``.
    sources
        Entities of data and weights, which the crate does not hold.
    remarks
        Stage to what else is recorded of it.
    """
    metadata = json.dumps(described(files, lock, about=about, sources=sources, remarks=remarks), indent=1)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        folders = dict.fromkeys(_folders(files), b"")
        for name, content in sorted({**files, **folders, METADATA: f"{metadata}\n".encode()}.items()):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.external_attr = (0o40755 if name in folders else 0o100644) << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 6)
    return buffer.getvalue()


def described(
    files: Mapping[str, bytes],
    lock: Mapping[str, Any],
    *,
    about: Mapping[str, str],
    sources: Sequence[Entity],
    remarks: Mapping[str, str],
) -> dict[str, Any]:
    """The metadata of ``packed``: RO-Crate 1.1 and the four profiles of a workflow with its run."""
    date = about["date"]
    folders = _folders(files)
    held = {name: name for name in files} | {folder.rstrip("/"): folder for folder in folders}
    made = entities(lock, held=held, date=date, version=about["dvc"], code=about["code"], remarks=remarks)
    parts = [
        _file(name, content, is_program=name.endswith(".py") and not about["code"])
        for name, content in sorted(files.items())
        if name != WORKFLOW
    ]
    parts += [_folder(folder, files, date) for folder in folders]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": about["title"],
        "description": about["description"],
        "identifier": f"git:{about['commit']}",
        "datePublished": date,
        "license": reference("https://spdx.org/licenses/MIT"),
        "author": reference(AGENT),
        "publisher": reference(AGENT),
        "keywords": "reproducibility, replication, random seeds, confidence intervals",
        "conformsTo": references(_PROFILES),
        "mainEntity": reference(WORKFLOW),
        "hasPart": references([WORKFLOW, *(part["@id"] for part in parts)]),
        "isBasedOn": references(one["@id"] for one in sources),
        "mentions": references([RUN, *(one["@id"] for one in made if one["@type"] == "CreateAction")]),
    }
    descriptor = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "about": reference("./"),
        "conformsTo": references(
            ["https://w3id.org/ro/crate/1.1", "https://w3id.org/workflowhub/workflow-ro-crate/1.0"]
        ),
    }
    profiles = [
        {"@id": name, "@type": "CreativeWork", "name": title, "version": version}
        for name, (title, version) in _PROFILES.items()
    ]
    licence = {
        "@id": "https://spdx.org/licenses/MIT",
        "@type": "CreativeWork",
        "name": "MIT License",
        "description": "Use, change and share it, with this notice.",
    }
    authors = {"@id": AGENT, "@type": "Organization", "name": about["authors"]}
    if about["url"]:
        authors["url"] = about["url"]
    graph = [descriptor, root, *profiles, licence, authors, *parts, *sources, *made]
    return {
        "@context": [
            "https://w3id.org/ro/crate/1.1/context",
            "https://w3id.org/ro/terms/workflow-run/context",
        ],
        "@graph": graph,
    }


_SAID = {
    "params.yaml": {"exampleOfWork": reference("#input-params")},
    "reports/report.html": {"exampleOfWork": reference("#output-report")},
    "README.md": {"about": reference("./")},
}


def _folders(files: Iterable[str]) -> list[str]:
    return sorted({f"{parent}/" for name in files for parent in PurePosixPath(name).parents[:-1]})


def _file(name: str, content: bytes, *, is_program: bool) -> Entity:
    suffix = PurePosixPath(name).suffix
    kind = _KINDS.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return {
        "@id": name,
        "@type": ["File", "SoftwareSourceCode"] if is_program else "File",
        "name": name,
        "description": f"{PurePosixPath(name).name} of the study.",
        "encodingFormat": kind,
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
        **_SAID.get(name, {}),
    }


def _folder(folder: str, files: Mapping[str, bytes], date: str) -> Entity:
    inside = [name for name in sorted(files) if name.startswith(folder)]
    return {
        "@id": folder,
        "@type": "Dataset",
        "name": folder,
        "description": f"The files of {folder}",
        "datePublished": date,
        "license": reference("https://spdx.org/licenses/MIT"),
        "hasPart": references(inside),
    }
