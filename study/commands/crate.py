"""``study crate``: the whole study as a Workflow Run RO-Crate."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML, YAMLError

from study.audit.commit import told
from study.commands.command import Commands, add_command, duration
from study.crate.archive import packed
from study.crate.workflow import program
from study.errors import counted
from study.files import FileError, read_json, replace_file
from study.pipeline import artifacts, paths, provenance, results
from study.pipeline.console import say

_TOP = ("dvc.yaml", "dvc.lock", "params.yaml", "CITATION.cff", "LICENSE", "README.md")
_NEEDED = ("dvc.yaml", "dvc.lock", "params.yaml", "CITATION.cff")
_PHASES = {"train": "explore", "confirm": "confirm", "variance": "variance"}


def add(commands: Commands) -> None:
    """Add the command and its options."""
    crating = add_command(
        commands,
        "crate",
        text="the whole study as one archive that describes itself (Workflow Run RO-Crate)",
        examples={
            "study crate --out study.zip": "report, tables, results, parameters and how each came to be",
            "study crate --out study.zip --models": "with the exported models of data/models",
        },
    )
    crating.add_argument("--out", type=Path, default=Path("study.zip"), help="default: study.zip")
    crating.add_argument("--models", action="store_true", help="with data/models")
    crating.set_defaults(do=_crate)


def _crate(arguments: argparse.Namespace) -> None:
    out: Path = arguments.out
    if out.suffix != ".zip":
        raise FileError(f"--out: expected a name that ends in .zip, received {out.name}")
    files = dict(_files(_yaml("dvc.lock")["stages"], with_models=arguments.models))
    replace_file(out, archive(files))
    say(f"{out} written: {len(files)} files; study audit {out} recomputes what is in it")


def archive(files: dict[str, bytes]) -> bytes:
    """The crate of the study in this folder, with these files.

    Raises
    ------
    FileError
        dvc.lock or CITATION.cff cannot be read, or a record of the study is missing.
    """
    lock, citation = _yaml("dvc.lock"), _yaml("CITATION.cff")
    source, address = told(), str(citation.get("repository-code", ""))
    about = {
        "title": str(citation["title"]),
        "description": " ".join(str(citation["abstract"]).split()),
        "authors": ", ".join(_name(one) for one in citation["authors"]),
        "date": source["date"],
        "commit": source["commit"],
        "url": address,
        "code": f"{address.rstrip('/')}/blob/{source['commit']}" if address else "",
        "dvc": str(provenance.versions()["dvc"] or "as in requirements/report.lock"),
    }
    stages = lock["stages"]
    return packed(files, stages, about=about, sources=_sources(), remarks=dict(_remarks(stages)))


def _files(stages: dict[str, Any], *, with_models: bool) -> Iterator[tuple[str, bytes]]:
    found = [Path(name) for name in _TOP if name in _NEEDED or Path(name).exists()]
    found += sorted({Path(program(one["cmd"])) for one in stages.values()})
    found += sorted(path for path in paths.REPORTS.rglob("*") if path.is_file() and path.name != "report.pdf")
    if with_models:
        models = sorted(path for path in paths.MODELS.rglob("*") if path.is_file())
        if not models:
            raise FileError(f"{paths.MODELS}: expected exported models, received none; run dvc repro models")
        found += models
    for path in found:
        try:
            yield path.as_posix(), path.read_bytes()
        except OSError as error:
            raise FileError(f"{path}: expected this file, received {error.strerror}; run dvc repro") from None


def _yaml(name: str) -> Any:
    try:
        return YAML(typ="safe").load(Path(name).read_text(encoding="utf-8"))
    except (OSError, YAMLError) as error:
        raise FileError(f"{name}: expected YAML, received {type(error).__name__}") from None


def _name(author: dict[str, str]) -> str:
    return author.get("name") or f"{author.get('given-names', '')} {author.get('family-names', '')}".strip()


def _sources() -> list[dict[str, Any]]:
    """Data and weights, which stay where they are."""
    data = results.dataset()
    return [
        {
            "@id": "#data",
            "@type": "CreativeWork",
            "name": f"Data set {data['name']}",
            "description": f"{data['source']}; packed, its manifest has SHA-256 {data['sha256']}.",
            "identifier": f"sha256:{data['sha256']}",
        }
    ]


def _remarks(stages: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for stage in stages:
        name, _, backbone = stage.partition("@")
        if name in _PHASES:
            path = paths.TIMINGS / _PHASES[name] / f"{backbone}.json"
            record = read_json(path)
            runs, hardware = record["seconds"][0], record["hardware"][0]
            where = f"{hardware['cpu']}, {counted(hardware['cores'], 'core')}"
            yield (
                stage,
                f"{counted(len(runs), 'run')}, {duration(sum(runs.values()))} of training: {where}.",
            )
        elif name == "verify":
            outcome = artifacts.read(paths.VERIFICATION_JSON, artifacts.VerificationFile).verification[0]
            identical, same = outcome["n_identical"], outcome["n_same"]
            again = (
                f"Of {outcome['n_verified']} runs trained again, {identical} came out the same to the byte"
            )
            yield stage, f"{again} and {same} within rounding."
