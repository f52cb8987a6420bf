"""The runs of one backbone: their inputs, what the store holds of them, and the training of the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from study import design, files
from study.analysis.statistics import metrics
from study.data import dataset as datasets
from study.errors import counted
from study.params import Params, Setting
from study.pipeline import paths, provenance
from study.pipeline.console import progress, say
from study.tables.definitions import HISTORY, ORIGINS, RESULTS
from study.training.optimisation import SHARE_OF_BUDGET
from study.training.runs import HISTORY_COLUMNS, Features, Outcome, Run, augmented_images, head_steps
from study.training.store import Arrays, RunStore

SCORES = (
    "train_accuracy",
    "valid_accuracy",
    "test_accuracy",
    "train_log_loss",
    "valid_log_loss",
    "test_log_loss",
    "valid_calibration_error",
    "test_calibration_error",
    *(f"test_accuracy_{origin}" for origin in ORIGINS),
)
PREDICTIONS = ("valid_class", "test_class")
PROBABILITIES = ("valid_probs", "test_probs")


@dataclass(frozen=True)
class Bench:
    """Everything that the runs of one backbone need, read from the pipeline's files."""

    params: Params
    backbone: str
    dataset: datasets.Dataset
    features: Features
    hashes: dict[str, str]

    @classmethod
    def read(cls, params: Params, backbone: str) -> Bench:
        """Read data, features and their hashes.

        Raises
        ------
        FileError, DataError
            A file of an earlier stage is missing, or the data are not those that were recorded.
        """
        datasets.check(paths.DATASET)
        data = datasets.load(paths.DATASET)
        folder = paths.FEATURES / backbone
        arrays = {split: files.map_array(folder / f"{split}.npy") for split in ("train", "valid", "test")}
        for split, array in arrays.items():
            n_images = len(data.labels[split])
            if array.ndim != 2 or len(array) != n_images:
                raise files.FileError(
                    f"{folder / f'{split}.npy'}: expected features of {n_images} images, received an array "
                    f"of shape {array.shape}; run dvc repro"
                )
            files.check_sum(folder / f"{split}.npy", stage=f"features@{backbone}")
        return cls(
            params.sized(data.images["train"].shape[1:]),
            backbone,
            data,
            Features(
                **arrays,
                train_labels=data.labels["train"],
                valid_labels=data.labels["valid"],
                n_classes=len(data.classes),
            ),
            {
                "data_sha256": files.sha256(paths.DATASET / "manifest.json"),
                "features_sha256": files.sha256(folder / files.SUMS),
                "weights_sha256": files.sha256(*(paths.WEIGHTS / backbone).iterdir()),
                "source_sha256": provenance.training_source_sha256(),
            },
        )

    @cached_property
    def design(self) -> design.Design:
        """The settings that this data can give."""
        counts = np.bincount(self.dataset.labels["train"])
        least, most = int(counts.min()), int(counts.max())
        return design.settings(self.params, images_per_class=least, balanced=least == most)

    def runs(self, table: pd.DataFrame) -> list[Run]:
        """Runs from rows of table ``runs``."""
        return [run_of(row, self.design.by_name[str(row.setting)]) for row in table.itertuples()]

    def inputs(self, run: Run, *, probabilities: bool) -> dict[str, Any]:
        """Everything that a run depends on; the store's key."""
        augment = None
        augmentation = run.setting.augmentation
        if augmentation != "none":
            strengths = self.params.augment.model_dump()
            own = {"cutmix": "cutmix_alpha"}.get(augmentation, augmentation)
            augment = {"views": strengths["views"], "strength": strengths[own]}
        return {
            "backbone": self.backbone,
            "run": run.inputs,
            "epochs": self.params.epochs,
            "image_size": self.params.pixels,
            "train_eval_images": self.params.train_eval_images,
            "augment": augment,
            "calibration_bins": self.params.analysis.calibration_bins,
            "probabilities": probabilities,
            **self.hashes,
            **provenance.backend(),
        }

    @property
    def memory_bytes(self) -> float:
        """What the heads of a group may take."""
        return self.params.execution.memory_budget_gb * 1e9 * SHARE_OF_BUDGET

    def train(
        self,
        runs: Sequence[Run],
        done: Callable[[Run, Arrays], None],
        *,
        probabilities: bool,
        memory_bytes: float,
    ) -> None:
        """Train runs from nothing, with progress.

        Parameters
        ----------
        done
            Called with each run and what is kept of it: see ``record``.
        probabilities
            Whether class probabilities are kept.
        memory_bytes
            What the heads of a group may take.
        """
        for outcome in self.outcomes(runs, memory_bytes=memory_bytes):
            done(outcome.run, self.record(outcome, probabilities=probabilities))

    def outcomes(self, runs: Sequence[Run], *, memory_bytes: float) -> Iterator[Outcome]:
        """Train runs from nothing in this process, with progress; all that each of them gave."""
        from study.backbones.forward.extract import load_extractor
        from study.runs.augmented_features import BackboneViews
        from study.training.train import train

        params = self.params
        labels = self.features.train_labels
        views = BackboneViews(
            self.dataset.images["train"],
            labels,
            n_classes=self.features.n_classes,
            extractor=lambda: load_extractor(
                self.backbone, paths.WEIGHTS / self.backbone, image_size=params.pixels
            ),
            strengths=params.augment,
            scratch=paths.scratch(),
            say=say,
        )
        steps = head_steps(runs, labels, epochs=params.epochs)
        images = augmented_images(runs, labels, epochs=params.epochs, n_views=views.n_views)
        work = (counted(len(runs), "run"), counted(steps, "head step"), counted(images, "augmented image"))
        say(f"{self.backbone}: {', '.join(work)}")
        with progress() as bar:
            task = bar.add_task(self.backbone, total=steps)
            for outcomes in train(
                runs,
                self.features,
                views,
                epochs=params.epochs,
                train_eval_images=params.train_eval_images,
                memory_bytes=memory_bytes,
                advance=lambda done_steps: bar.advance(task, done_steps),
            ):
                yield from outcomes

    def record(self, outcome: Outcome, *, probabilities: bool) -> Arrays:
        """What is kept of an outcome: history, scores, classes and, where asked for, probabilities."""
        scores = self._scores(outcome)
        arrays: Arrays = {
            "history": outcome.history,
            "scores": np.array([scores[name] for name in SCORES]),
            "valid_class": outcome.valid_probs.argmax(1).astype(np.uint8),
            "test_class": outcome.test_probs.argmax(1).astype(np.uint8),
            "seconds": np.array(outcome.seconds),
        }
        if probabilities:
            arrays |= {"valid_probs": outcome.valid_probs, "test_probs": outcome.test_probs}
        return arrays

    def _scores(self, outcome: Outcome) -> dict[str, float]:
        truth = {
            "train": self.dataset.labels["train"][outcome.train_rows],
            "valid": self.dataset.labels["valid"],
            "test": self.dataset.labels["test"],
        }
        probs = {"train": outcome.train_probs, "valid": outcome.valid_probs, "test": outcome.test_probs}
        bins = self.params.analysis.calibration_bins
        scores = {}
        for split, labels in truth.items():
            scores[f"{split}_accuracy"] = metrics.accuracy(probs[split], labels)
            scores[f"{split}_log_loss"] = metrics.log_loss(probs[split], labels)
            scores[f"{split}_calibration_error"] = metrics.calibration_error(probs[split], labels, bins=bins)
        origins = self.dataset.origins["test"]
        for code, origin in enumerate(ORIGINS):
            here = origins == code
            scores[f"test_accuracy_{origin}"] = (
                metrics.accuracy(probs["test"][here], truth["test"][here]) if here.any() else float("nan")
            )
        return scores


def run_phase(bench: Bench, table: pd.DataFrame, phase: str) -> None:
    """Train the runs of ``table`` that the store lacks, and write all of them for the next stages."""
    store = RunStore(paths.store())
    probabilities = phase == "confirm"
    runs = bench.runs(table)
    found = {run.name: store.get(bench.inputs(run, probabilities=probabilities)) for run in runs}
    missing = [run for run in runs if found[run.name] is None]
    n_stored = len(runs) - len(missing)
    say(f"{bench.backbone}, {phase}: {counted(len(runs), 'run')}, {n_stored:,} of them in the run store")
    for path in store.damaged:
        say(f"{path}: damaged, so its run is trained again")

    def keep(run: Run, arrays: Arrays) -> None:
        store.put(bench.inputs(run, probabilities=probabilities), arrays)
        found[run.name] = arrays

    if missing:
        bench.train(missing, keep, probabilities=probabilities, memory_bytes=bench.memory_bytes)
    recorded = {name: arrays for name, arrays in found.items() if arrays is not None}
    _write(bench, table, phase, recorded)


def history_table(recorded: dict[str, Arrays]) -> pd.DataFrame:
    """Table ``history`` of recorded runs."""
    frames = [
        pd.DataFrame(arrays["history"].astype(np.float64), columns=list(HISTORY_COLUMNS)).assign(
            run=name, epoch=np.arange(1, len(arrays["history"]) + 1)
        )
        for name, arrays in recorded.items()
    ]
    nothing = pd.DataFrame(columns=list(HISTORY.columns))
    return HISTORY.conform(pd.concat(frames, ignore_index=True) if frames else nothing)


def results_table(table: pd.DataFrame, recorded: dict[str, Arrays]) -> pd.DataFrame:
    """Table ``results`` of recorded runs, in the order of table ``runs``."""
    rows = []
    for row in table.itertuples():
        arrays = recorded[str(row.run)]
        finite = np.isfinite(arrays["history"]).all()
        rows.append(
            {
                "run": row.run,
                "model": row.model,
                "setting": row.setting,
                "phase": row.phase,
                "replicate": row.replicate,
                "status": "ok" if finite else "diverged",
                **dict(zip(SCORES, arrays["scores"].tolist(), strict=True)),
                "predictions_sha256": predictions_sha256(arrays),
            }
        )
    return RESULTS.conform(pd.DataFrame(rows, columns=list(RESULTS.columns)))


def predictions_sha256(arrays: Arrays) -> str:
    """SHA-256 of a run's classes and, where kept, probabilities."""
    digest = hashlib.sha256()
    for name in (*PREDICTIONS, *PROBABILITIES):
        if name in arrays:
            digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()


def _write(bench: Bench, table: pd.DataFrame, phase: str, recorded: dict[str, Arrays]) -> None:
    names = [str(run) for run in table["run"]]
    kept = (*PREDICTIONS, *(PROBABILITIES if phase == "confirm" else ())) if names else ()
    with files.summed_folder(paths.RUNS / phase / bench.backbone) as folder:
        for name in kept:
            np.save(folder / f"{name}.npy", np.stack([recorded[run][name] for run in names]))
        HISTORY.to_parquet(history_table({run: recorded[run] for run in names}), folder / "history.parquet")
    results = results_table(table, recorded)
    files.write_json(
        paths.RESULTS / phase / f"{bench.backbone}.json",
        {
            "record": [
                {
                    **bench.hashes,
                    **provenance.backend(),
                    "versions": provenance.versions(),
                    "results": files.rows(results),
                }
            ]
        },
    )
    seconds = {run: float(recorded[run]["seconds"]) for run in names}
    files.write_json(
        paths.TIMINGS / phase / f"{bench.backbone}.json",
        {"seconds": [seconds], "hardware": [provenance.hardware()]},
    )


def run_of(row: Any, setting: Setting) -> Run:
    """The run of a row of table ``runs`` at its setting."""
    seeds: dict[str, Any] = {
        f"{purpose}_seed": int(getattr(row, f"{purpose}_seed")) for purpose in design.PURPOSES
    }
    return Run(name=str(row.run), setting=setting, **seeds)
