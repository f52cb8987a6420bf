"""Which column holds what: found by its name and by what stands in it, or named; never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from study.errors import StudyError, cut

METHOD_NAMES = (
    "method", "methods", "algorithm", "algo", "alg", "approach", "model", "model name", "method name",
    "agent", "classifier", "learner", "architecture", "arch", "network", "system", "variant", "optimizer",
)  # fmt: skip
SEED_NAMES = (
    "seed", "seeds", "random seed", "rng seed", "seed id", "random state", "rng", "replicate", "rep",
    "repeat", "replication", "trial",
)  # fmt: skip
RUN_NAMES = ("run", "run id", "runs", "trial id")
"""Seeds where they repeat; otherwise each row has its own."""
DATASET_NAMES = (
    "dataset", "data set", "datasets", "dataset name", "task", "task name", "env", "environment", "env id",
    "env name", "game", "benchmark", "domain", "corpus",
)  # fmt: skip
EPOCH_NAMES = (
    "epoch",
    "epochs",
    "step",
    "steps",
    "global step",
    "iteration",
    "iter",
    "timestep",
    "timesteps",
)
PARTS = ("fold", "split", "episode", "episodes", "eval episode")
"""What tells rows of one seed apart that are no seeds."""
METRIC_KEYS, VALUE_KEYS = ("metric", "metric name", "measure"), ("value", "score", "metric value", "result")
LOWER = (
    "loss", "error", "err", "rmse", "mse", "mae", "mape", "perplexity", "ppl", "wer", "cer", "fid", "nll",
    "bpc", "bpb", "regret", "ece", "brier", "crps", "distance", "cost", "time", "latency", "seconds",
    "deviance",
)  # fmt: skip
HIGHER = (
    "acc", "accuracy", "f1", "auc", "auroc", "roc", "precision", "recall", "map", "ap", "bleu", "rouge",
    "iou", "miou", "dice", "return", "returns", "reward", "rewards", "score", "r2", "psnr", "ssim",
    "success", "mcc",
    "kappa", "ndcg", "mrr", "hits", "top1", "top5", "em", "meteor", "win", "wins", "correlation", "spearman",
    "pearson", "acc1", "acc5", "auprc", "balanced", "correct", "bwt", "elo", "iqm",
)  # fmt: skip
_OTHER_SPLIT = re.compile(r"\b(train|training|valid|validation|val|dev)\b")
_TEST_SPLIT = re.compile(r"\b(test|eval|evaluation)\b")


class UnclearColumnError(StudyError):
    """More than one reading of the columns is possible, or none: one line that asks."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a person names of the columns; empty where they are to be found.

    ``method`` may be several columns, whose values together are a method.
    """

    method: tuple[str, ...] = ()
    seed: str = ""
    dataset: str = ""
    metric: str = ""
    lower_is_better: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Where everything stands. ``dataset``, ``epoch`` and ``metric_key`` may be empty: there is none."""

    method: tuple[str, ...]
    seed: str
    dataset: str
    metric: str
    epoch: str
    lower_is_better: bool
    metric_key: str = ""
    value: str = ""

    @property
    def sentence(self) -> str:
        """``method: column `algo`; seed: column `seed`; metric: `test_acc` (higher is better)``."""
        named = [("method", self.method), ("seed", (self.seed,))]
        named += [("data set", (self.dataset,))] if self.dataset else []
        parts = [f"{role}: {_columns(columns)}" for role, columns in named]
        where = f" in column `{self.value}`" if self.value else ""
        better = "lower" if self.lower_is_better else "higher"
        parts.append(f"metric: `{self.metric}`{where} ({better} is better)")
        if self.epoch:
            parts.append(f"last row of each run by column `{self.epoch}`")
        return "; ".join(parts)


def find(frame: pd.DataFrame, choice: Choice, *, where: str) -> Columns:
    """The columns of ``frame``; ``where`` names it in a question.

    Raises
    ------
    UnclearColumnError
        A named column is not there, or none or several fit.
    """
    for name in (*choice.method, choice.seed, choice.dataset):
        if name and name not in frame:
            raise UnclearColumnError(f"{where}: expected one of {_names(_names_of(frame))}, received {name}")
    seed = choice.seed or _seed(frame, where)
    epoch = _only(frame, EPOCH_NAMES)
    dataset = choice.dataset or _dataset(frame, choice, where)
    metric_key, value = _long_form(frame)
    taken = {*choice.method, seed, dataset, epoch, metric_key, value} - {""}
    method = choice.method or _method(frame, taken, where)
    taken |= set(method)
    if metric_key:
        metric = _long_metric(frame[metric_key], choice.metric, where)
    else:
        metric = choice.metric or _metric(frame, taken, where)
        if metric not in frame:
            raise UnclearColumnError(
                f"{where}: --metric: expected one of {_names(_names_of(frame))}, received {metric}"
            )
    return Columns(
        method=method,
        seed=seed,
        dataset=dataset,
        metric=metric,
        epoch=epoch,
        lower_is_better=_direction(metric, choice.lower_is_better, where),
        metric_key=metric_key,
        value=value,
    )


def plain(name: object) -> str:
    """A name in lower case, its words apart: ``Test/Acc`` and ``testAcc`` as ``test acc``."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(name))
    return " ".join(re.findall(r"[a-z]+[0-9]*|[0-9]+", apart.lower()))


def _matching(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Columns by one of ``names``, or whose last part is: ``config.seed``, ``params/seed``."""
    whole = [column for column in _names_of(frame) if plain(column) in names]
    return whole or [
        column for column in _names_of(frame) if plain(re.split(r"[./:]", str(column))[-1]) in names
    ]


def _only(frame: pd.DataFrame, names: Sequence[str]) -> str:
    found = _matching(frame, names)
    return found[0] if len(found) == 1 else ""


def _seed(frame: pd.DataFrame, where: str) -> str:
    found = _matching(frame, SEED_NAMES)
    by_rank = [column for column in found if plain(column) in ("seed", "seeds")]
    found = by_rank if len(by_rank) == 1 else found
    if not found:
        found = [column for column in _matching(frame, RUN_NAMES) if frame[column].duplicated().any()]
    if len(found) == 1:
        return found[0]
    parts = _matching(frame, PARTS)
    if not found and parts:
        raise UnclearColumnError(
            f"{where}: which column holds the seeds? `{parts[0]}` is no seed: folds and episodes of one run "
            "share it; name the column with --seed"
        )
    raise UnclearColumnError(
        f"{where}: which column holds the seeds? {_offer(found, frame)}; name it with --seed"
    )


def _dataset(frame: pd.DataFrame, choice: Choice, where: str) -> str:
    found = [one for one in _matching(frame, DATASET_NAMES) if one not in (*choice.method, choice.seed)]
    several = [column for column in found if _differs(frame[column])]
    if len(several) > 1:
        raise UnclearColumnError(
            f"{where}: which column holds the data sets? {_offer(several, frame)}; name it with --dataset"
        )
    return (several or [""])[0]


def _method(frame: pd.DataFrame, taken: set[str], where: str) -> tuple[str, ...]:
    free = [column for column in _names_of(frame) if column not in taken]
    found = [column for column in _matching(frame[free], METHOD_NAMES) if _differs(frame[column])]
    if not found:
        found = [column for column in free if _is_label(frame[column])]
    if len(found) == 1:
        return (found[0],)
    raise UnclearColumnError(
        f"{where}: which column holds the methods? {_offer(found, frame)}; name it with --method, or several "
        "whose values together are one"
    )


def _is_label(column: pd.Series) -> bool:
    """Whether it holds a few names, each of several rows."""
    if pd.api.types.is_numeric_dtype(column) or _numbers(column).notna().any():
        return False
    return 1 < column.nunique() <= len(column) // 2


def _long_form(frame: pd.DataFrame) -> tuple[str, str]:
    key, value = _only(frame, METRIC_KEYS), _only(frame, VALUE_KEYS)
    if key and value and _numbers(frame[key]).isna().all():
        return key, value
    return "", ""


def _long_metric(names: pd.Series, chosen: str, where: str) -> str:
    known = [str(name) for name in dict.fromkeys(names.dropna())]
    if chosen in known:
        return chosen
    if not chosen and len(known) == 1:
        return known[0]
    if chosen:
        raise UnclearColumnError(f"{where}: --metric: expected one of {_names(known)}, received {chosen}")
    raise UnclearColumnError(f"{where}: which metric? {_names(known)}; name it with --metric")


def _metric(frame: pd.DataFrame, taken: set[str], where: str) -> str:
    free = [
        column for column in _names_of(frame) if column not in taken and _differs(_numbers(frame[column]))
    ]
    names = {column: plain(column) for column in free}
    known = [column for column in free if set(names[column].split()) & {*LOWER, *HIGHER, "metric", "value"}]
    tested = [column for column in known if _TEST_SPLIT.search(names[column])]
    measured_twice = {
        re.sub(_OTHER_SPLIT, "", name).strip() for name in names.values() if _OTHER_SPLIT.search(name)
    }
    other = [
        column
        for column in known
        if not _OTHER_SPLIT.search(names[column]) and names[column] not in measured_twice
    ]
    for found in (tested, other, known, free):
        if len(found) == 1:
            return found[0]
        if found:
            raise UnclearColumnError(f"{where}: which metric? {_offer(found, frame)}; name it with --metric")
    constant = [
        column for column in _names_of(frame) if column not in taken and _numbers(frame[column]).notna().any()
    ]
    if constant:
        raise UnclearColumnError(
            f"{where}: expected a metric that varies, received {_columns(tuple(constant))} with one value "
            "in every row"
        )
    raise UnclearColumnError(f"{where}: which metric? no column of numbers is left; name it with --metric")


def _differs(column: pd.Series) -> bool:
    return len(column.dropna().unique()) > 1


def _direction(metric: str, chosen: bool | None, where: str) -> bool:
    if chosen is not None:
        return chosen
    words = set(plain(metric).split())
    lower, higher = bool(words & set(LOWER)), bool(words & set(HIGHER))
    if lower != higher:
        return lower
    raise UnclearColumnError(
        f"{where}: is a lower or a higher `{metric}` better? say --lower-is-better or --higher-is-better"
    )


def _numbers(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce")


def _offer(found: Sequence[str], frame: pd.DataFrame) -> str:
    if found:
        return f"{_columns(tuple(found))} fit"
    return f"none of {_names(_names_of(frame))} is known as such"


def _columns(names: tuple[str, ...]) -> str:
    word = "column" if len(names) == 1 else "columns"
    return f"{word} {', '.join(f'`{name}`' for name in names[:8])}"


def _names_of(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame.columns]


def _names(names: Sequence[object]) -> str:
    return cut(", ".join(str(name) for name in names), 150)
