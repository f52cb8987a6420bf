"""The pipeline's files, as dvc.yaml names them, relative to the root of the project."""

import os
from pathlib import Path

PARAMS = Path("params.yaml")
DOWNLOADS = Path("data/downloads")
DATASET = Path("data/dataset")
WEIGHTS = Path("data/weights")
FEATURES = Path("data/features")
RUNS = Path("data/runs")
ENSEMBLES = Path("data/ensembles")
MODELS = Path("data/models")
TEMPLATES = Path("templates")
REPORTS = Path("reports")
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


def store() -> Path:
    """The run store: outside DVC's outputs, in the main checkout even where an experiment runs elsewhere."""
    return Path(os.environ.get("DVC_ROOT", ".")) / ".study" / "runs"


def scratch() -> Path:
    """Where features of augmented images are kept while heads train on them."""
    return Path(os.environ.get("DVC_ROOT", ".")) / ".study" / "scratch"
