"""dvc.lock held to params.yaml, to dvc.yaml and to the files, without DVC."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from study import files
from study.audit.verdict import Verdict, Verdicts, judged
from study.errors import counted, reason, shown
from study.params import Params, yaml
from study.pipeline import paths

LOCK = Path("dvc.lock")
PIPELINE = Path("dvc.yaml")
_SKIPPED = ("__pycache__", ".venv", ".study")
_BLOCK = 1 << 20


def check(chosen: Params) -> Verdicts:
    """Stages, parameters and files of dvc.lock."""
    if not LOCK.exists():
        yield Verdict("lock", "not checked", f"{LOCK} is not here, so no file is held to its hash")
        return
    locked, pipeline = _read(LOCK)["stages"], _read(PIPELINE)["stages"]
    values = yaml.read(paths.PARAMS)
    stages = {
        f"{name}@{backbone}" if "matrix" in stage else name: stage
        for name, stage in pipeline.items()
        for backbone in (chosen.backbones if "matrix" in stage else ("",))
    }
    faults = [f"{LOCK}: expected the stage {name}, received none" for name in stages if name not in locked]
    faults += [
        f"{LOCK}: {name}: expected no such stage, received one" for name in locked if name not in stages
    ]
    both = {name: (locked[name], stages[name]) for name in stages if name in locked}
    for name, (one, stage) in both.items():
        if one.get("cmd") != stage["cmd"]:
            faults.append(
                f"{LOCK}: {name}: cmd: expected {shown(stage['cmd'])}, received {shown(one.get('cmd'))}"
            )
        faults += _params(name, one, stage, values)
    yield from judged(
        "lock", faults, f"{counted(len(both), 'stage')} have the commands and parameters of now"
    )
    yield from _files(locked)


def _read(path: Path) -> Any:
    try:
        found = yaml.parse(path.read_text(encoding="utf-8"), path)
    except (OSError, ValueError) as error:
        raise files.FileError(f"{path}: expected a file of DVC, received {reason(error)}") from None
    if not isinstance(found, dict) or not isinstance(found.get("stages"), dict):
        raise files.FileError(f"{path}: expected a mapping with stages, received another file")
    return found


def _params(name: str, one: Any, stage: Any, values: Any) -> Iterator[str]:
    wanted: list[str] = []
    for entry in stage.get("params", ()):
        wanted += list(values) if isinstance(entry, dict) else [str(entry)]
    told = one.get("params", {}).get(paths.PARAMS.name, {})
    for key in wanted:
        expected = values
        for part in key.split("."):
            expected = expected.get(part) if isinstance(expected, dict) else None
        for leaf, now, then in _apart(key, expected, told.get(key)):
            yield (
                f"{LOCK}: {name}: {leaf}: expected {shown(now)}, as {paths.PARAMS} says, "
                f"received {shown(then)}"
            )


def _apart(key: str, now: Any, then: Any) -> Iterator[tuple[str, Any, Any]]:
    """Each value that is another, by its name with dots."""
    if isinstance(now, dict) and isinstance(then, dict):
        for name in dict.fromkeys((*now, *then)):
            yield from _apart(f"{key}.{name}", now.get(name), then.get(name))
    elif now != then:
        yield key, now, then


def _files(locked: dict[str, Any]) -> Verdicts:
    """One hash a path over all stages, and that of the file where it is here."""
    faults: list[str] = []
    known: dict[str, tuple[str, str]] = {}
    for stage, one in locked.items():
        for entry in (*one.get("deps", ()), *one.get("outs", ())):
            path, digest = str(entry["path"]), str(entry.get("md5", "none"))
            if Path(path).is_absolute() or ".." in Path(path).parts:
                faults.append(f"{LOCK}: {stage}: expected paths inside the study, received {shown(path)}")
                continue
            first, expected = known.setdefault(path, (stage, digest))
            if digest != expected:
                faults.append(
                    f"{LOCK}: {stage}: {path}: expected {expected}, as of {first}, received {digest}"
                )
    absent = [path for path in known if not Path(path).exists()]
    for path, (stage, expected) in known.items():
        if path not in absent and (received := md5(Path(path))) != expected:
            faults.append(f"{path}: expected the MD5 of {LOCK}, {stage}, {expected}, received {received}")
    yield from judged(
        "lock", faults, f"{counted(len(known) - len(absent), 'path')} have the hashes of {LOCK}"
    )
    if absent:
        yield Verdict(
            "lock",
            "not checked",
            f"{counted(len(absent), 'path')} of {LOCK} are not here, such as {absent[0]}: dvc pull, or an "
            "archive that holds them",
        )


def md5(path: Path) -> str:
    """The MD5 of a file, or of a folder as DVC gives it: of the list of its files' hashes, with ``.dir``."""
    if path.is_file():
        digest = hashlib.md5(usedforsecurity=False)
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()
    below = {
        one.relative_to(path).as_posix(): one
        for one in path.rglob("*")
        if one.is_file() and one.suffix != ".pyc" and not set(one.relative_to(path).parts) & set(_SKIPPED)
    }
    listed = [{"md5": md5(below[name]), "relpath": name} for name in sorted(below)]
    text = json.dumps(listed, sort_keys=True)
    return f"{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}.dir"
