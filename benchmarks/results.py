"""RESULTS.md: the rows of one run with the hardware, the versions and the commit."""

from __future__ import annotations

from pathlib import Path

from benchmarks.row import Row
from study.files import replace_file
from study.pipeline import provenance

PATH = Path(__file__).with_name("RESULTS.md")
_NO_GPU = (
    "Not measured: anything on a GPU, since none was at hand; what one gave stands in GPU.md. Where there is "
    "one: `KERAS_BACKEND=jax python -m benchmarks --full --only gpu-heads --only gpu-study`."
)
_READING = (
    "A ratio is plain Keras over the study, in time or in images: more is better, unless the row says what "
    "it is. Both sides ran in turn in the same run; seconds are medians. A projection is not a measurement."
)


def write(rows: dict[str, list[Row]], *, full: bool, archive: Path | None) -> None:
    """Write the file whole."""
    text = render(rows, full=full, archive=archive)
    replace_file(PATH, text.encode())


def render(rows: dict[str, list[Row]], *, full: bool, archive: Path | None) -> str:
    """Markdown with a table a benchmark; without a date, the commit gives it."""
    hardware, commit = provenance.hardware(), provenance.commit()
    versions = {**provenance.versions(), **_backends()}
    size = "full size (`--full`)" if full else "quick size"
    images = "the built-in digits" if archive is None else archive.name
    lines = [
        "# Benchmarks",
        "",
        f"`python -m benchmarks` at {size}, images: {images}.",
        "",
        f"- {hardware['cpu']}, {hardware['cores']} cores, {hardware['memory_gb']} GB, {hardware['system']}",
        "- " + ", ".join(f"{name} {version}" for name, version in versions.items()),
        f"- commit {commit['commit'][:12]}{', with changes' if commit['dirty'] else ''}",
        "",
        _READING,
    ]
    if provenance.device() != "gpu":
        lines += ["", _NO_GPU]
    for name, measured in rows.items():
        lines += ["", f"## {name}", "", "| benchmark | ratio | goal | | measured |", "|---|---|---|---|---|"]
        lines += ["| " + " | ".join((*row.cells(), row.note)) + " |" for row in measured]
    return "\n".join(lines) + "\n"


def _backends() -> dict[str, str]:
    backend = provenance.backend()
    return {str(backend["backend"]): str(backend["version"])}
