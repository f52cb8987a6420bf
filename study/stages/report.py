"""Write the report from the tables."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from study import files, params
from study.errors import public
from study.files import replace_file
from study.params import Params
from study.pipeline import artifacts, paths, provenance, results
from study.pipeline.console import run, say
from study.report import Inputs, StandingText, Tables, build
from study.tables.definitions import VERDICTS, report_tables


def main() -> None:
    """Write reports/report.html, report.tex, report-numbers.tex, figures/ and source.json."""
    build(inputs(params.load(paths.PARAMS)), templates=paths.templates(), out=paths.REPORTS)
    files.write_json(paths.SOURCE_JSON, {"source": [provenance.committed()]})
    say(f"{paths.REPORTS / 'report.html'} and {paths.REPORTS / 'report.tex'} written")
    typeset(paths.REPORTS)


def typeset(reports: Path) -> None:
    """Write report.pdf beside report.tex where TeX is there; without it, or if it fails, there is none.

    The PDF is no output of the pipeline, since not every machine has TeX; git ignores it.
    """
    made = reports / "report.pdf"
    made.unlink(missing_ok=True)
    latexmk = shutil.which("latexmk")
    if latexmk is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        command = [latexmk, "-pdf", "-interaction=nonstopmode", "-halt-on-error", f"-outdir={folder}"]
        done = subprocess.run(  # noqa: S603 - constant arguments
            [*command, "report.tex"], cwd=reports, capture_output=True, check=False, stdin=subprocess.DEVNULL
        )
        written = Path(folder) / "report.pdf"
        if done.returncode or not written.exists():
            say(f"{reports / 'report.tex'}: latexmk gave no PDF; run it by hand to see why")
            return
        replace_file(made, written.read_bytes())
    say(f"{made} written")


def inputs(
    chosen: Params,
    *,
    tables: dict[str, pd.DataFrame] | None = None,
    code: dict[str, Any] | None = None,
    templates: Path | None = None,
) -> Inputs:
    """All that the report is made from.

    Parameters
    ----------
    tables
        Of the report by name; as the analysis wrote them where none are given.
    code
        Commit, date and whether the code differs from it; as git says where none is given.
    templates
        Folder of the templates.
    """
    tables = results.tables(report_tables(chosen.analysis.looks)) if tables is None else tables
    _check(tables, chosen)
    verified = artifacts.read(paths.VERIFICATION_JSON, artifacts.VerificationFile)
    named = {
        "dataset": public(chosen.dataset),
        "dataset_mirrors": [public(address) for address in chosen.dataset_mirrors],
    }
    return Inputs.of(
        params=results.sized(chosen).model_copy(update=named),
        tables=Tables(tables),
        text=StandingText((templates or paths.templates()) / "text"),
        dataset=results.dataset(),
        provenance=_provenance(chosen, code or provenance.commit()),
        verification=verified.verification[0],
        excluded=results.laid_out(chosen).left_out,
    )


def _check(tables: dict[str, pd.DataFrame], chosen: Params) -> None:
    """Hold tables to what the analysis can write of these parameters."""
    found = sorted(tables["best"]["model"])
    if found != sorted(chosen.backbones):
        raise files.FileError(
            f"{paths.TABLES / 'best.csv'}: expected a row of {', '.join(sorted(chosen.backbones))}, received "
            f"those of {', '.join(found) or 'none'}; run dvc repro"
        )
    for name in ("comparisons", "pairs"):
        unknown = sorted(set(tables[name]["verdict"]) - set(VERDICTS))
        if unknown:
            raise files.FileError(
                f"{paths.TABLES / name}.csv: verdict: expected {', '.join(VERDICTS)}, received {unknown[0]}"
            )


def _provenance(chosen: Params, code: dict[str, Any]) -> dict[str, Any]:
    records = results.records(chosen)
    first = records[results.RECORDED[0], chosen.backbones[0]]
    names = dict.fromkeys(name for one in records.values() for name in one["versions"])
    return {
        **code,
        "data_sha256": first["data_sha256"],
        "weights": {
            backbone: records[results.RECORDED[0], backbone]["weights_sha256"]
            for backbone in chosen.backbones
        },
        "versions": {
            **{name: by_phase(records, partial(_version, name)) for name in names},
            first["backend"]: by_phase(records, lambda one: one["version"]),
        },
        "instructions": by_phase(records, lambda one: one["instructions"]),
        "backend": by_phase(records, lambda one: one["backend"]),
    }


def by_phase(records: dict[tuple[str, str], dict[str, Any]], said: Callable[[dict[str, Any]], str]) -> str:
    """What all records say, or what those of each phase say."""
    phases: dict[str, list[str]] = {phase: [] for phase, _ in records}
    for (phase, _), one in records.items():
        if (text := said(one)) not in phases[phase]:
            phases[phase].append(text)
    of_phase = {phase: " and ".join(texts) for phase, texts in phases.items()}
    if len(set(of_phase.values())) == 1:
        return of_phase[next(iter(of_phase))]
    return ", ".join(f"{phase}: {text}" for phase, text in of_phase.items())


def _version(name: str, record: dict[str, Any]) -> str:
    return str(record["versions"].get(name, ""))


if __name__ == "__main__":
    run(main)
