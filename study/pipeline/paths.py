"""The pipeline's files, as dvc.yaml names them, relative to the root of the project."""

import os
from pathlib import Path

PARAMS = Path("params.yaml")
DATASET = Path("data/dataset")
WEIGHTS = Path("data/weights")
FEATURES = Path("data/features")
RUNS = Path("data/runs")
ENSEMBLES = Path("data/ensembles")
MODELS = Path("data/models")
TEMPLATES = Path("templates")
REPORTS = Path("reports")
INPUTS = REPORTS / "inputs"
DATASET_INPUT = INPUTS / "dataset.json"
WEIGHTS_INPUT = INPUTS / "weights.json"
LIMITS_JSON = INPUTS / "limits.json"
RESULTS = REPORTS / "results"
TIMINGS = REPORTS / "timings"
TABLES = REPORTS / "tables"
DATASET_JSON = REPORTS / "dataset.json"
FEATURES_JSON = REPORTS / "features"
SELECTION_JSON = REPORTS / "selection.json"
ENSEMBLES_JSON = REPORTS / "ensembles.json"
MODELS_JSON = REPORTS / "models.json"
SOURCE_JSON = REPORTS / "source.json"
METRICS_JSON = REPORTS / "metrics.json"
VERIFICATION_JSON = REPORTS / "verification.json"
_PAGE = "report.html.j2"
_PACKAGE = Path(__file__).parents[1]


def templates() -> Path:
    """The report's templates: those of the project in the present folder, else those that are installed."""
    return next((place for place in (TEMPLATES, *_own()) if (place / _PAGE).exists()), TEMPLATES)


def own_templates() -> Path:
    """The report's templates that came with this program: a template of others may run their code."""
    return next((place for place in _own() if (place / _PAGE).exists()), TEMPLATES)


def _own() -> tuple[Path, Path]:
    return _PACKAGE / "templates", _PACKAGE.parent / "templates"


def outside(given: str) -> Path:
    """A file or folder that params.yaml names: ``~`` is a home; a relative one is of the main checkout."""
    return _root() / Path(given).expanduser()


def downloads() -> Path:
    """Where downloads are kept, and files are put by hand: in the main checkout, as the run store is."""
    return _root() / "data" / "downloads"


def hashes() -> Path:
    """What is remembered of the hashes of files that lie outside."""
    return _root() / ".study" / "inputs.json"


def store() -> Path:
    """The run store: outside DVC's outputs, in the main checkout even where an experiment runs elsewhere."""
    return _root() / ".study" / "runs"


def removed() -> Path:
    """Where runs that were taken out of the store wait, a folder for each time, until they are deleted."""
    return store().parent / "removed"


def scratch() -> Path:
    """Where features of augmented images are kept while heads train on them."""
    return _root() / ".study" / "scratch"


def _root() -> Path:
    """The main checkout; DVC tells where it is when an experiment runs in a copy of it."""
    root = Path(os.environ.get("DVC_ROOT", "."))
    return Path() if root.resolve() == Path.cwd() else root
