"""Mistakes in params.yaml and in what is given beside it, as ``plan`` tells them."""

from __future__ import annotations

from pathlib import Path

from changes import both, content, cut, gone, parameter, text
from rows import ANY, Row

PLAN = "study plan --no-time"


def _wrong(name: str, value: str, says: str) -> Row:
    """A parameter with a value that it may not have."""
    return Row(f"{name}: {value}", parameter(name, value), PLAN, f"params.yaml: {says}")


def _of_shipped_file() -> None:
    """The file as a Windows editor saves it, in UTF-16."""
    path = Path("params.yaml")
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))


def _folder() -> None:
    Path("params.yaml").unlink()
    Path("params.yaml").mkdir()


# fmt: off
PARAMETERS = (
    _wrong("dataset", "[digits]", "dataset: expected a name without blanks around it, received ['digits']"),
    _wrong("dataset", "' digits'", "dataset: expected a name without blanks around it, received ' digits'"),
    _wrong("dataset_md5", "6EE4D0C996905FE93221DE577967A372", "dataset_md5: expected 32 hexadecimal digits in lower case, or null, received '6EE4D0C996905FE93221DE577967A372'"),
    _wrong("dataset_md5", "12345", "dataset_md5: expected 32 hexadecimal digits in lower case, or null, received 12345"),
    _wrong("dataset_mirrors", "https://example.org/a.tar.gz", "dataset_mirrors: expected a list of addresses that differ, received 'https://example.org/a.tar.gz'"),
    _wrong("dataset_mirrors", "[ftp://example.org/a.tar.gz]", "dataset_mirrors[0]: expected an http or https address, received 'ftp://example.org/a.tar.gz'"),
    _wrong("drop_shared_images", "yes", "drop_shared_images: expected true or false, received 'yes'"),
    _wrong("drop_shared_images", "1", "drop_shared_images: expected true or false, received 1"),
    _wrong("backbones", "efficientnet-lite0", "backbones: expected a list of names that differ, at least one, received 'efficientnet-lite0'"),
    _wrong("backbones", "[]", "backbones: expected a list of names that differ, at least one, received []"),
    _wrong("backbones", "[efficientnet-lite0, efficientnet-lite0]", "backbones: expected a list of names that differ, at least one, received ['efficientnet-lite0', 'efficientnet-lite0']"),
    _wrong("backbones", "[efficientnet lite0]", "backbones[0]: expected a name of letters, digits, '.', '_' or '-', received 'efficientnet lite0'"),
    _wrong("weights", "false", "weights: expected a name without blanks around it, received false"),
    _wrong("weights", "''", "weights: expected a name without blanks around it, received ''"),
    _wrong("image_size", "'32'", "image_size: expected a whole number of at least 8, or native, received '32'"),
    _wrong("image_size", "7", "image_size: expected a whole number of at least 8, or native, received 7"),
    _wrong("seeds", "three", "seeds: expected a whole number of at least 1, received 'three'"),
    _wrong("seeds", "1e3", "seeds: expected a whole number of at least 1, received 1000.0"),
    _wrong("confirm_seeds", "[1, 2]", "confirm_seeds: expected a whole number of at least 1, received [1, 2]"),
    _wrong("confirm_seeds", "-1", "confirm_seeds: expected a whole number of at least 1, received -1"),
    _wrong("variance_seeds", "none", "variance_seeds: expected a whole number of at least 0, received 'none'"),
    _wrong("variance_seeds", "-1", "variance_seeds: expected a whole number of at least 0, received -1"),
    _wrong("study_seed", "2.5", "study_seed: expected a whole number of at least 0, received 2.5"),
    _wrong("study_seed", "-7", "study_seed: expected a whole number of at least 0, received -7"),
    _wrong("epochs", "10 epochs", "epochs: expected a whole number of at least 1, received '10 epochs'"),
    _wrong("epochs", "0", "epochs: expected a whole number of at least 1, received 0"),
    _wrong("train_eval_images", "all", "train_eval_images: expected a whole number of at least 1, received 'all'"),
    _wrong("train_eval_images", "0", "train_eval_images: expected a whole number of at least 1, received 0"),
    _wrong("lr", "5e-4.", "lr: expected a number greater than 0 and at most 10, received '5e-4.'"),
    _wrong("lr", "3 e-05", "lr: expected a number greater than 0 and at most 10, received '3 e-05'"),
    _wrong("lr", "1/2000", "lr: expected a number greater than 0 and at most 10, received '1/2000'"),
    _wrong("lr", "100", "lr: expected a number greater than 0 and at most 10, received 100"),
    _wrong("batch_size", "64.5", "batch_size: expected a whole number of at least 1, received 64.5"),
    _wrong("batch_size", "-64", "batch_size: expected a whole number of at least 1, received -64"),
    _wrong("dropout", "half", "dropout: expected a number of at least 0 and less than 1, received 'half'"),
    _wrong("dropout", "1.5", "dropout: expected a number of at least 0 and less than 1, received 1.5"),
    _wrong("l1", "~", "l1: expected a number from 0 to 10, received null"),
    _wrong("l1", "11", "l1: expected a number from 0 to 10, received 11"),
    _wrong("augmentation", "CutMix", "augmentation: expected none, rotation, contrast, brightness, zoom or cutmix, received 'CutMix'"),
    _wrong("augmentation", "[rotation, zoom]", "augmentation: expected none, rotation, contrast, brightness, zoom or cutmix, received ['rotation', 'zoom']"),
    _wrong("images_per_class", "ALL", "images_per_class: expected a whole number of at least 1, or all, received 'ALL'"),
    _wrong("images_per_class", "-5", "images_per_class: expected a whole number of at least 1, or all, received -5"),
    _wrong("sweep.lr", "0.001", "sweep.lr: expected a list of levels that differ, received 0.001"),
    _wrong("sweep.lr", "[0.001, 1e-3]", "sweep.lr: expected a list of levels that differ, received [0.001, 0.001]"),
    _wrong("sweep.batch_size", "[32; 64]", "sweep.batch_size[0]: expected a whole number of at least 1, received '32; 64'"),
    _wrong("sweep.batch_size", "[0]", "sweep.batch_size[0]: expected a whole number of at least 1, received 0"),
    _wrong("sweep.dropout", "[0.5, 0.5]", "sweep.dropout: expected a list of levels that differ, received [0.5, 0.5]"),
    _wrong("sweep.dropout", "[1.0]", "sweep.dropout[0]: expected a number of at least 0 and less than 1, received 1.0"),
    _wrong("sweep.l1", "[-1.0]", "sweep.l1[0]: expected a number from 0 to 10, received -1.0"),
    _wrong("sweep.l1", "[0, 0.0]", "sweep.l1: expected a list of levels that differ, received [0, 0.0]"),
    _wrong("sweep.augmentation", "none", "sweep.augmentation: expected a list of levels that differ, received 'none'"),
    _wrong("sweep.augmentation", "[none, mixup]", "sweep.augmentation[1]: expected none, rotation, contrast, brightness, zoom or cutmix, received 'mixup'"),
    _wrong("sweep.images_per_class", "[all, all]", "sweep.images_per_class: expected a list of levels that differ, received ['all', 'all']"),
    _wrong("sweep.images_per_class", "[1.5]", "sweep.images_per_class[0]: expected a whole number of at least 1, or all, received 1.5"),
    _wrong("augment.views", "many", "augment.views: expected a whole number of at least 1, or fresh, received 'many'"),
    _wrong("augment.views", "1001", "augment.views: expected a whole number of at most 1000, or fresh, received 1001"),
    _wrong("augment.rotation", "15 degrees", "augment.rotation: expected a number greater than 0 and at most 180, received '15 degrees'"),
    _wrong("augment.rotation", "181", "augment.rotation: expected a number greater than 0 and at most 180, received 181"),
    _wrong("augment.contrast", "30%", "augment.contrast: expected a number greater than 0 and less than 1, received '30%'"),
    _wrong("augment.contrast", "1", "augment.contrast: expected a number greater than 0 and less than 1, received 1"),
    _wrong("augment.brightness", "true", "augment.brightness: expected a number greater than 0 and less than 1, received true"),
    _wrong("augment.brightness", "0", "augment.brightness: expected a number greater than 0 and less than 1, received 0"),
    _wrong("augment.zoom", "[0.8, 1.2]", "augment.zoom: expected a number greater than 0 and less than 1, received [0.8, 1.2]"),
    _wrong("augment.zoom", "1.2", "augment.zoom: expected a number greater than 0 and less than 1, received 1.2"),
    _wrong("augment.cutmix_alpha", "one", "augment.cutmix_alpha: expected a number greater than 0 and at most 100, received 'one'"),
    _wrong("augment.cutmix_alpha", "101", "augment.cutmix_alpha: expected a number greater than 0 and at most 100, received 101"),
    _wrong("models", "some", "models: expected complete or none, received 'some'"),
    _wrong("analysis.alpha", "5%", "analysis.alpha: expected a number greater than 0 and at most 0.5, received '5%'"),
    _wrong("analysis.alpha", "0.6", "analysis.alpha: expected a number greater than 0 and at most 0.5, received 0.6"),
    _wrong("analysis.equivalence_margin", "half a point", "analysis.equivalence_margin: expected a number greater than 0 and less than 1, received 'half a point'"),
    _wrong("analysis.equivalence_margin", "0", "analysis.equivalence_margin: expected a number greater than 0 and less than 1, received 0"),
    _wrong("analysis.alternative", "greater", "analysis.alternative: expected two-sided, received 'greater'"),
    _wrong("analysis.correction", "bonferroni", "analysis.correction: expected holm, received 'bonferroni'"),
    _wrong("analysis.selection_metric", "test_accuracy", "analysis.selection_metric: expected valid_accuracy, received 'test_accuracy'"),
    _wrong("analysis.selection_rule", "median", "analysis.selection_rule: expected mean or lower_bound, received 'median'"),
    _wrong("analysis.ordered_factors", "[augmentation]", "analysis.ordered_factors[0]: expected lr, batch_size, dropout, l1 or images_per_class, received 'augmentation'"),
    _wrong("analysis.ordered_factors", "[lr, lr]", "analysis.ordered_factors: expected a list of factors that differ, received ['lr', 'lr']"),
    _wrong("analysis.power", "1", "analysis.power: expected a number greater than 0 and less than 1, received 1"),
    _wrong("analysis.power", "high", "analysis.power: expected a number greater than 0 and less than 1, received 'high'"),
    _wrong("analysis.headline_seeds", "0", "analysis.headline_seeds: expected a whole number of at least 1, received 0"),
    _wrong("analysis.headline_seeds", "10.5", "analysis.headline_seeds: expected a whole number of at least 1, received 10.5"),
    _wrong("analysis.calibration_bins", "0", "analysis.calibration_bins: expected a whole number of at least 1, received 0"),
    _wrong("analysis.calibration_bins", "[5, 15]", "analysis.calibration_bins: expected a whole number of at least 1, received [5, 15]"),
    _wrong("analysis.verify_runs", "all", "analysis.verify_runs: expected a whole number of at least 0, received 'all'"),
    _wrong("analysis.verify_runs", "-2", "analysis.verify_runs: expected a whole number of at least 0, received -2"),
    _wrong("execution.executor", "slurm", "execution.executor: expected local or dask, received 'slurm'"),
    _wrong("execution.memory_budget_gb", "-3", "execution.memory_budget_gb: expected a number greater than 0 and at most 1e+06, received -3"),
    _wrong("execution.memory_budget_gb", "3GB", "execution.memory_budget_gb: expected a number greater than 0 and at most 1e+06, received '3GB'"),
    Row("params.yaml: a reference of more images than there are", parameter("images_per_class", "9"), PLAN, "params.yaml: images_per_class: expected at most 8, the images of the smallest class, or all; received 9"),
    Row("params.yaml: a backbone that is not in the table", parameter("backbones", "[vgg17]"), PLAN, f"backbones: expected one of efficientnet-lite0, {ANY}, or the name of a model of keras.applications; received 'vgg17'"),
    Row("params.yaml: a data set that is not packed yet", parameter("dataset", "other.tar.gz"), PLAN, "data/dataset: expected the packed dataset other.tar.gz, whose size is not known before, received set; run dvc repro data first"),
    Row("params.yaml: missing", gone("params.yaml"), PLAN, "params.yaml: expected a file of parameters, received no such file or directory"),
    Row("params.yaml: a folder", _folder, PLAN, "params.yaml: expected a file of parameters, received is a directory"),
    Row("params.yaml: empty", content("params.yaml", ""), PLAN, "params.yaml: expected a mapping of parameters, received nothing"),
    Row("params.yaml: cut in the middle", cut("params.yaml"), PLAN, f"params.yaml: line {ANY}: expected valid YAML, received a mistake ({ANY}"),
    Row("params.yaml: UTF-16", _of_shipped_file, PLAN, "params.yaml: line 1: expected UTF-8 text, received byte 0xff"),
    Row("params.yaml: a tab", text("params.yaml", "  lr:", "\tlr:"), PLAN, "params.yaml: line 21: expected valid YAML, received a mistake (found character '\\t' that cannot start any token)"),
    Row("params.yaml: a parameter twice", text("params.yaml", "seeds:", "seeds: 3\nseeds:"), PLAN, "params.yaml: line 9: expected each parameter once, received 'seeds' again"),
    Row("params.yaml: a name misspelt", text("params.yaml", "\nepochs:", "\nepoch:"), PLAN, "params.yaml: epoch: expected a known parameter like epochs, received an unknown one"),
    Row("params.yaml: a bracket open", parameter("sweep.lr", "[0.001"), PLAN, "params.yaml: line 22: expected valid YAML, received a mistake (expected ',' or ']', but got ':')"),
    Row("params.yaml: no blank after the colon", text("params.yaml", "lr: 0.0005", "lr:0.0005"), PLAN, "params.yaml: line 15: expected valid YAML, received a mistake (could not find expected ':')"),
    Row("params.yaml: a section indented amiss", text("params.yaml", "  rotation", "    rotation"), PLAN, "params.yaml: line 29: expected valid YAML, received a mistake (mapping values are not allowed here)"),
    Row("params.yaml: an anchor", parameter("lr", "&lr 0.001"), PLAN, "params.yaml: line 14: expected plain values, received the anchor &lr"),
    Row("params.yaml: a tag that would run code", parameter("lr", "!!python/name:os.system"), PLAN, "params.yaml: line 14: expected plain values, received the tag tag:yaml.org,2002:python/name:os.system"),
    Row("params.yaml: merge marks of git", text("params.yaml", "seeds", "<<<<<<< HEAD\nseeds"), PLAN, "params.yaml: line 9: expected valid YAML, received a mistake (could not find expected ':')"),
    Row("params.yaml: three mistakes", both(parameter("lr", "0"), parameter("l1", "x"), parameter("seeds", "0")), PLAN, "params.yaml: seeds: expected a whole number of at least 1, received 0 (and 2 more)"),
    Row("--set: no value", lambda: None, f"{PLAN} --set lr", "--set: expected name=value, received 'lr'"),
    Row("--set: an unknown section", lambda: None, f"{PLAN} --set sweeps.lr=[1]", "--set: expected a parameter of params.yaml, received 'sweeps.lr'"),
    Row("--set: an unknown name", lambda: None, f"{PLAN} --set rate=0.1", "params.yaml: rate: expected a known parameter like dataset, received an unknown one"),
    Row("--set: a value out of range", lambda: None, f"{PLAN} --set seeds=0", "params.yaml: seeds: expected a whole number of at least 1, received 0"),
    Row("--set: no YAML", lambda: None, f"{PLAN} --set lr=[1", "--set lr: line 1: expected valid YAML, received a mistake (expected ',' or ']', but got '<stream end>')"),
)
# fmt: on
