"""The commit that the report names: whether it is there, and whether the code is its code."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

from study import files
from study.audit.verdict import Verdict, Verdicts, judged
from study.errors import counted, shown
from study.pipeline import paths
from study.pipeline.provenance import SOURCE

_HEX = frozenset("0123456789abcdef")


def told() -> dict[str, str]:
    """Commit, its date and the hash of its code, as reports/source.json says.

    Raises
    ------
    FileError
        The file is missing or says something else.
    """
    found: Any = files.read_json(paths.SOURCE_JSON)
    try:
        (one,) = found["source"]
        commit, date, code = (str(one[name]) for name in ("commit", "date", "code_sha256"))
    except (TypeError, KeyError, ValueError):
        raise files.FileError(
            f"{paths.SOURCE_JSON}: expected a commit, a date and a hash, received others"
        ) from None
    if len(commit) != 40 or set(commit) - _HEX:
        raise files.FileError(
            f"{paths.SOURCE_JSON}: commit: expected 40 hexadecimal digits, received {shown(commit)}"
        )
    return {"commit": commit, "date": date, "code_sha256": code}


def check() -> Verdicts:
    """The named commit against the repository around, where there is one."""
    named = told()
    commit = named["commit"]
    top = _git("rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != Path.cwd().resolve():
        yield Verdict("commit", "not checked", f"commit {commit[:12]}: there is no git clone here")
        return
    listed = _git("ls-tree", commit, "--", *SOURCE)
    if listed is None:
        if _git("rev-parse", "--is-shallow-repository") == "true":
            yield Verdict(
                "commit",
                "not checked",
                f"commit {commit[:12]} is not in this shallow clone: git fetch --unshallow",
            )
            return
        fault = (
            f"{paths.SOURCE_JSON}: expected a commit of this clone, received {commit[:12]}, which it has not"
        )
        yield Verdict("commit", "fails", fault)
        return
    faults: list[str] = []
    where = f"{paths.SOURCE_JSON}: {commit[:12]}"
    code = hashlib.sha256(listed.encode()).hexdigest()
    if code != named["code_sha256"]:
        faults.append(
            f"{where}: code_sha256: expected {code[:12]}, as its tree has, received "
            f"{named['code_sha256'][:12]}"
        )
    date = _git("log", "-1", "--format=%cs", commit)
    if date != named["date"]:
        faults.append(f"{where}: date: expected {date}, received {shown(named['date'])}")
    changed = (_git("diff", "--name-only", commit, "HEAD", "--", *SOURCE) or "").splitlines()
    faults += [
        f"{name}: expected the code of commit {commit[:12]}, received another in HEAD" for name in changed
    ]
    status = (_git("status", "--porcelain", "--untracked-files=all", "--", *SOURCE) or "").splitlines()
    faults += [
        f"{line.split(maxsplit=1)[-1]}: expected the code of HEAD, received uncommitted changes"
        for line in status
    ]
    yield from judged(
        "commit", faults, f"commit {commit[:12]} of {date} is in this clone, and the code is its code"
    )
    loose = (_git("status", "--porcelain", "--untracked-files=all", "--", *_RECORDED) or "").splitlines()
    if loose:
        first = loose[0].split(maxsplit=1)[-1]
        yield Verdict(
            "commit", "not checked", f"{counted(len(loose), 'result')} in no commit, such as {first}"
        )


_RECORDED = (paths.PARAMS.as_posix(), "dvc.lock", paths.REPORTS.as_posix())


def _git(*arguments: str) -> str | None:
    """What git says; None where it says that it cannot."""
    command = (
        "git",
        "--no-optional-locks",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
        *arguments,
    )
    try:
        done = subprocess.run(  # noqa: S603 - constant arguments, and a commit of hexadecimal digits
            command, capture_output=True, text=True, check=True
        )
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
