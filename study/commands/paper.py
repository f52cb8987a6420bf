"""``study paper``: the report's LaTeX with all that it needs, so that it compiles elsewhere."""

from __future__ import annotations

import argparse
import gzip
import io
import re
import tarfile
from pathlib import Path

from study.commands.command import Commands, add_command
from study.files import FileError, replace_file
from study.pipeline import paths
from study.pipeline.console import say

FOLDER = "paper"
ARTICLE = "report.tex"
NUMBERS = "report-numbers.tex"
_DRAWING = re.compile(r"\\drawing\{([^}#]+)\}")
_COMMIT = re.compile(r"commit\s+([0-9a-f]{7,40})")
_README = """The study's report as LaTeX{commit}.

report.tex           the article, with its bibliography
report-numbers.tex   every number of its running text, and single numbers by name, as macros
figures/             its figures as vector PDF
tables/              the tables behind it, unrounded, as CSV

Compile:  latexmk -pdf report.tex
Needs:    a TeX distribution with booktabs, siunitx, longtable, caption, multicol and hyperref; on
          Debian: latexmk texlive-latex-recommended texlive-latex-extra texlive-science
          texlive-fonts-recommended

A number in another document:  \\input{{report-numbers}} after \\usepackage{{siunitx}}, then
\\studynumber{{NAME}} with a name from report-numbers.tex.
"""


def add(commands: Commands) -> None:
    """Add the command and its options."""
    papering = add_command(
        commands,
        "paper",
        text="the report's LaTeX, figures and tables as one archive",
        examples={"study paper --out study.tar.gz": "latexmk -pdf report.tex compiles it anywhere"},
    )
    papering.add_argument("--out", type=Path, default=Path("study.tar.gz"), help="default: study.tar.gz")
    papering.set_defaults(do=_paper)


def _paper(arguments: argparse.Namespace) -> None:
    write(arguments.out)
    say(f"{arguments.out} written: unpack it anywhere and run latexmk -pdf report.tex in it")


def bundle(reports: Path = paths.REPORTS) -> bytes:
    """A gzipped tar archive of the report's LaTeX, figures and tables; equal bytes for equal files.

    Parameters
    ----------
    reports
        Folder of the written report.

    Raises
    ------
    FileError
        The report, a figure that it reads or the folder of tables is missing.
    """
    article = _read(reports / ARTICLE)
    drawings = sorted(set(_DRAWING.findall(article.decode("utf-8"))))
    tables = sorted(path.name for path in (reports / "tables").glob("*.csv"))
    if not tables:
        raise FileError(f"{reports / 'tables'}: expected tables as CSV, received none; run dvc repro")
    commit = _COMMIT.search(article.decode("utf-8"))
    said = _README.format(commit=f" at commit {commit[1]}" if commit else "")
    files = {
        "README.txt": said.encode(),
        ARTICLE: article,
        NUMBERS: _read(reports / NUMBERS),
        **{name: _read(reports / name) for name in drawings},
        **{f"tables/{name}": _read(reports / "tables" / name) for name in tables},
    }
    return _packed(files)


def write(out: Path, reports: Path = paths.REPORTS) -> None:
    """Write ``bundle`` to ``out``, whole or not at all.

    Raises
    ------
    FileError
        ``out`` does not end in .tar.gz, or see ``bundle``.
    """
    if not out.name.endswith(".tar.gz"):
        raise FileError(f"--out: expected a name that ends in .tar.gz, received {out.name}")
    replace_file(out, bundle(reports))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"{path}: expected this file, received {error.strerror}; run dvc repro") from None


def _packed(files: dict[str, bytes]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(f"{FOLDER}/{name}")
            entry.size = len(content)
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(content))
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=0) as file:
        file.write(plain.getvalue())
    return packed.getvalue()
