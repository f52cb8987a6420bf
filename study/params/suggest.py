"""Which parameter an unknown name stands for."""

from __future__ import annotations

import difflib
from collections.abc import Collection

_NEAR = 0.75
_SYNONYMS = {
    "lr": ("learning_rate", "learningrate", "eta", "step_size"),
    "batch_size": ("bs", "batch", "batchsize", "mini_batch", "minibatch_size"),
    "dropout": ("dropout_rate", "drop", "p_drop"),
    "l1": ("l1_penalty", "l1_reg", "l1_strength", "lasso"),
    "augmentation": ("aug", "augmentations", "transform", "transforms"),
    "images_per_class": ("few_shot", "shots", "n_per_class", "samples_per_class", "ipc"),
    "epochs": ("n_epochs", "num_epochs", "max_epochs"),
    "seeds": ("n_seeds", "num_seeds", "replicates", "n_replicates", "repeats", "runs", "n_runs"),
    "confirm_seeds": ("confirmation_seeds",),
    "study_seed": ("seed", "random_seed", "random_state"),
    "backbones": ("backbone", "models_list", "network", "networks", "encoder", "architecture", "arch"),
    "weights": ("pretrained", "checkpoint"),
    "dataset": ("data", "dataset_name", "dataset_path", "data_dir"),
    "dataset_md5": ("md5", "checksum"),
    "dataset_mirrors": ("mirror", "mirrors"),
    "image_size": ("img_size", "input_size", "resolution", "size"),
    "views": ("n_views", "num_views", "pool"),
    "cutmix_alpha": ("cutmix", "mixup", "mixup_alpha"),
    "equivalence_margin": ("margin", "equivalence_bound", "rope", "sesoi"),
    "alpha": ("significance_level", "significance", "level"),
    "calibration_bins": ("bins", "n_bins", "ece_bins"),
    "workers": ("n_workers", "num_workers", "jobs", "n_jobs"),
    "memory_budget_gb": ("memory", "memory_gb", "memory_limit"),
}
"""What other projects call a parameter."""


def nearest(name: str, known: Collection[str], missing: Collection[str]) -> str | None:
    """The parameter that is meant, or None where none is near.

    Parameters
    ----------
    known
        The parameters of the section in which the name stands.
    missing
        Those of them that are not given; where there are some, one of them is meant.
    """
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    likely = sorted(missing or known)
    for one in (*likely, *sorted(known)):
        if plain == one or plain in _SYNONYMS.get(one, ()):
            return one
    close = difflib.get_close_matches(plain, likely, n=1, cutoff=_NEAR)
    return close[0] if close else None
