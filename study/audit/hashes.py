"""Files held to the hashes that stand in or beside them."""

from __future__ import annotations

from pathlib import Path

from study import files
from study.audit.verdict import Verdicts, judged
from study.errors import counted
from study.pipeline import paths


def contents() -> Verdicts:
    """Every JSON file under reports/ has the content whose hash it holds."""
    faults, found = [], sorted(paths.REPORTS.rglob("*.json"))
    for path in found:
        try:
            files.read_json(path)
        except files.FileError as error:
            faults.append(str(error))
    yield from judged(
        "hashes", faults, f"{counted(len(found), 'JSON file')} have the content whose hash they hold"
    )


def sums() -> Verdicts:
    """Every folder with ``SHA256SUMS`` has the files that stand there, and no others."""
    faults, n_files = [], 0
    for sums_file in sorted([*paths.REPORTS.rglob(files.SUMS), *Path("data").rglob(files.SUMS)]):
        folder = sums_file.parent
        lines = sums_file.read_text(encoding="utf-8").splitlines()
        listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
        here = {path.name for path in folder.iterdir() if path.is_file() and path != sums_file}
        faults += [
            f"{folder / name}: expected this file, received none" for name in sorted(listed.keys() - here)
        ]
        faults += [
            f"{folder / name}: expected no file but those of {files.SUMS}, received it"
            for name in sorted(here - listed.keys())
        ]
        for name in sorted(listed.keys() & here):
            n_files += 1
            received = files.file_sha256(folder / name)
            if received != listed[name]:
                faults.append(
                    f"{folder / name}: expected the SHA-256 that stands beside it, {listed[name][:12]}, "
                    f"received {received[:12]}"
                )
    yield from judged("hashes", faults, f"{counted(n_files, 'file')} have the hashes that stand beside them")
