"""A parameter file loads as it stands, or is refused in one line a student understands."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from study import params
from study.params import FACTORS, Params, ParamsError
from study.params.factors import OPTIONAL

SHIPPED = (Path(__file__).parent.parent / "params.yaml").read_text(encoding="utf-8")

LR = "expected a number greater than 0 and at most 10"
WHOLE = "expected a whole number of at least 1"
SHARE = "expected a number greater than 0 and less than 1"
RISING = "expected whole numbers of at least 3 that rise to seeds"
DROPOUT = "expected a number of at least 0 and less than 1"
L1 = "expected a number from 0 to 10"
NAME = "expected a name without blanks around it"
MD5 = "expected 32 hexadecimal digits in lower case, or null"
AUGMENTATIONS = "expected none, rotation, contrast, brightness, zoom or cutmix"
NAMES = "expected a list of names that differ, at least one"
MEMORY = "expected a number greater than 0 and at most 1e+06"
LEVELS = "expected a list of levels that differ"
ORDERED = "expected batch_size, dropout, l1, images_per_class, label_smoothing or weight_decay"
DIGEST = "6ee4d0c996905fe93221de577967a372"


def with_line(path: str, value: str) -> str:
    """The shipped file with the line of parameter ``path`` ("lr" or "sweep.lr") replaced."""
    section, _, name = path.rpartition(".")
    start = SHIPPED.index(f"\n{section}:") + 1 if section else 0
    line = re.compile(rf"^{'  ' if section else ''}{name}:.*\n(?:  - .*\n)*", re.MULTILINE)
    head, tail = SHIPPED[:start], SHIPPED[start:]
    assert line.search(tail), path
    return head + line.sub(lambda _: value, tail, count=1)


def refusal(content: str | bytes, folder: Path) -> str:
    path = folder / "params.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    with pytest.raises(ParamsError) as caught:
        params.load(path)
    message = str(caught.value)
    assert message.isprintable()
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{folder}/")


def load(content: str, folder: Path) -> Params:
    path = folder / "params.yaml"
    path.write_text(content, encoding="utf-8")
    return params.load(path)


WRONG = [
    ("lr", "-1", f"{LR}, received -1"),
    ("lr", "0", f"{LR}, received 0"),
    ("lr", "0.0", f"{LR}, received 0.0"),
    ("lr", "10.1", f"{LR}, received 10.1"),
    ("lr", "'0.0005'", f"{LR}, received '0.0005'"),
    ("lr", "0,0005", f"{LR}, received '0,0005'"),
    ("lr", "true", f"{LR}, received true"),
    ("lr", "null", f"{LR}, received null"),
    ("lr", "", f"{LR}, received null"),
    ("lr", ".nan", f"{LR}, received nan"),
    ("lr", ".inf", f"{LR}, received inf"),
    ("lr", "-.inf", f"{LR}, received -inf"),
    ("lr", "1e400", f"{LR}, received inf"),
    ("lr", "0x" + "f" * 5000, f"{LR}, received a very long whole number"),
    ("lr", "[0.001]", f"{LR}, received [0.001]"),
    ("lr", "{a: 1}", f"{LR}, received a mapping"),
    ("lr", "2001-12-14", f"{LR}, received 2001-12-14"),
    ("lr", '"a\\nb"', f"{LR}, received 'a\\nb'"),
    ("lr", "x" * 200, f"{LR}, received '{'x' * 59}..."),
    ("seeds", "ten", f"{WHOLE}, received 'ten'"),
    ("seeds", "0", f"{WHOLE}, received 0"),
    ("seeds", "-3", f"{WHOLE}, received -3"),
    ("seeds", "10.0", f"{WHOLE}, received 10.0"),
    ("seeds", "1e1", f"{WHOLE}, received 10.0"),
    ("seeds", "'10'", f"{WHOLE}, received '10'"),
    ("seeds", "true", f"{WHOLE}, received true"),
    ("seeds", "[0, 1, 2]", f"{WHOLE}, received [0, 1, 2]"),
    ("seeds", "1001", "expected a whole number of at most 1000, received 1001"),
    ("confirm_seeds", "0", f"{WHOLE}, received 0"),
    ("confirm_seeds", "100000", "expected a whole number of at most 1000, received 100000"),
    ("batch_size", "128.0", f"{WHOLE}, received 128.0"),
    ("batch_size", "0", f"{WHOLE}, received 0"),
    ("batch_size", "1000000001", "expected a whole number of at most 1000000000, received 1000000001"),
    ("epochs", "no", f"{WHOLE}, received 'no'"),
    ("epochs", "false", f"{WHOLE}, received false"),
    ("epochs", "10001", "expected a whole number of at most 10000, received 10001"),
    ("study_seed", "-1", "expected a whole number of at least 0, received -1"),
    ("study_seed", str(2**63), f"expected a whole number of at most {2**63 - 1}, received {2**63}"),
    ("image_size", "4", "expected a whole number of at least 8, or native, received 4"),
    ("image_size", "2000", "expected a whole number of at most 1024, or native, received 2000"),
    ("image_size", "32px", "expected a whole number of at least 8, or native, received '32px'"),
    ("models", "all", "expected complete or none, received 'all'"),
    ("models", "true", "expected complete or none, received true"),
    ("dropout", "1", f"{DROPOUT}, received 1"),
    ("dropout", "-0.1", f"{DROPOUT}, received -0.1"),
    ("dropout", "50%", f"{DROPOUT}, received '50%'"),
    ("l1", "-0.0001", f"{L1}, received -0.0001"),
    ("l1", "none", f"{L1}, received 'none'"),
    ("augmentation", "cutmx", f"{AUGMENTATIONS}, received 'cutmx'"),
    ("augmentation", "None", f"{AUGMENTATIONS}, received 'None'"),
    ("augmentation", "null", f"{AUGMENTATIONS}, received null"),
    ("augmentation", "[none]", f"{AUGMENTATIONS}, received ['none']"),
    ("images_per_class", "some", f"{WHOLE}, or all, received 'some'"),
    ("images_per_class", "0", f"{WHOLE}, or all, received 0"),
    ("images_per_class", "50.0", f"{WHOLE}, or all, received 50.0"),
    ("images_per_class", "'50'", f"{WHOLE}, or all, received '50'"),
    ("images_per_class", "true", f"{WHOLE}, or all, received true"),
    ("images_per_class", "2000000000",
     "expected a whole number of at most 1000000000, or all, received 2000000000"),
    ("label_smoothing", "1", f"{DROPOUT}, received 1"),
    ("weight_decay", "-0.004", f"{L1}, received -0.004"),
    ("dataset", "''", f"{NAME}, received ''"),
    ("dataset", "' digits'", f"{NAME}, received ' digits'"),
    ("dataset", "10", f"{NAME}, received 10"),
    ("dataset", "null", f"{NAME}, received null"),
    ("dataset", '"a\\tb"', f"{NAME}, received 'a\\tb'"),
    ("dataset_md5", DIGEST.upper(), f"{MD5}, received '{DIGEST.upper()}'"),
    ("dataset_md5", DIGEST[:-1], f"{MD5}, received '{DIGEST[:-1]}'"),
    ("dataset_md5", DIGEST + "0", f"{MD5}, received '{DIGEST}0'"),
    ("dataset_md5", f'"{DIGEST}\\n"', f"{MD5}, received '{DIGEST}\\n'"),
    ("dataset_md5", "1" * 32, f"{MD5}, received {'1' * 32}"),
    ("dataset_md5", "none", f"{MD5}, received 'none'"),
    ("weights", "''", f"{NAME}, received ''"),
    ("weights", "null", f"{NAME}, received null"),
    ("backbones", "resnet50", f"{NAMES}, received 'resnet50'"),
    ("backbones", "[]", f"{NAMES}, received []"),
    ("backbones", "[a, b, a]", f"{NAMES}, received ['a', 'b', 'a']"),
    ("sweep.lr", "0.001", f"{LEVELS}, received 0.001"),
    ("sweep.lr", "[0.001, 1e-3]", f"{LEVELS}, received [0.001, 0.001]"),
    ("sweep.lr", "[0.001, null, null]", f"{LEVELS}, received [0.001, null, null]"),
    ("sweep.batch_size", "all", f"{LEVELS}, received 'all'"),
    ("sweep.l1", "[0.0, -0.0]", f"{LEVELS}, received [0.0, -0.0]"),
    ("sweep.images_per_class", "[all, all]", f"{LEVELS}, received ['all', 'all']"),
    ("augment.views", "some", f"{WHOLE}, or fresh, received 'some'"),
    ("augment.views", "0", f"{WHOLE}, or fresh, received 0"),
    ("augment.views", "1001", "expected a whole number of at most 1000, or fresh, received 1001"),
    ("augment.rotation", "0", "expected a number greater than 0 and at most 180, received 0"),
    ("augment.rotation", "15deg", "expected a number greater than 0 and at most 180, received '15deg'"),
    ("augment.contrast", "1.0", f"{SHARE}, received 1.0"),
    ("augment.brightness", "0", f"{SHARE}, received 0"),
    ("augment.zoom", "true", f"{SHARE}, received true"),
    ("augment.cutmix_alpha", ".inf", "expected a number greater than 0 and at most 100, received inf"),
    ("analysis.alpha", "5", "expected a number greater than 0 and at most 0.5, received 5"),
    ("analysis.looks", "[2, 10]", f"{RISING}, received [2, 10]"),
    ("analysis.looks", "[5, 5, 10]", f"{RISING}, received [5, 5, 10]"),
    ("analysis.looks", "[3.5, 10]", f"{RISING}, received [3.5, 10]"),
    ("analysis.looks", "[3, 8]", f"{RISING}, 10, received [3, 8]"),
    ("analysis.looks", "often", f"{RISING}, received 'often'"),
    ("analysis.equivalence_margin", "0.5%", f"{SHARE}, received '0.5%'"),
    ("analysis.alternative", "less", "expected two-sided, received 'less'"),
    ("analysis.correction", "null", "expected holm, received null"),
    ("analysis.selection_metric", "test_accuracy", "expected valid_accuracy, received 'test_accuracy'"),
    ("analysis.selection_rule", "median", "expected mean or lower_bound, received 'median'"),
    ("analysis.ordered_factors", "lr", "expected a list of factors that differ, received 'lr'"),
    ("analysis.power", "80", f"{SHARE}, received 80"),
    ("analysis.calibration_bins", "15.5", f"{WHOLE}, received 15.5"),
    ("analysis.verify_runs", "-1", "expected a whole number of at least 0, received -1"),
    ("execution.executor", "slurm", "expected local or dask, received 'slurm'"),
    ("execution.workers", "0", f"{WHOLE}, received 0"),
    ("execution.memory_budget_gb", "0", f"{MEMORY}, received 0"),
    ("execution.memory_budget_gb", "3 GB", f"{MEMORY}, received '3 GB'"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "message"), WRONG)
def test_a_wrong_value_is_one_line(path: str, value: str, message: str, tmp_path: Path) -> None:
    line = f"{'  ' if '.' in path else ''}{path.rpartition('.')[2]}: {value}\n"
    assert refusal(with_line(path, line), tmp_path) == f"params.yaml: {path}: {message}"


@pytest.mark.parametrize(
    ("path", "value", "where", "message"),
    [
        ("sweep.lr", "[0.001, '0.01']", "sweep.lr[1]", f"{LR}, received '0.01'"),
        ("sweep.lr", "[0.001, 0.01, 11]", "sweep.lr[2]", f"{LR}, received 11"),
        ("sweep.lr", "[[0.001]]", "sweep.lr[0]", f"{LR}, received [0.001]"),
        ("sweep.batch_size", "[32, 64.0]", "sweep.batch_size[1]", f"{WHOLE}, received 64.0"),
        ("sweep.dropout", "[0.3, 1]", "sweep.dropout[1]", f"{DROPOUT}, received 1"),
        ("sweep.l1", "[null]", "sweep.l1[0]", f"{L1}, received null"),
        ("sweep.augmentation", "[none, flip]", "sweep.augmentation[1]", f"{AUGMENTATIONS}, received 'flip'"),
        ("sweep.images_per_class", "[10, most]", "sweep.images_per_class[1]",
         f"{WHOLE}, or all, received 'most'"),
        ("sweep.images_per_class", "[10, 0.5]", "sweep.images_per_class[1]",
         f"{WHOLE}, or all, received 0.5"),
        ("backbones", "[resnet50, 50]", "backbones[1]",
         "expected a name of letters, digits, '.', '_' or '-', received 50"),
        ("backbones", "[../x]", "backbones[0]",
         "expected a name of letters, digits, '.', '_' or '-', received '../x'"),
        ("analysis.ordered_factors", "[l1, augmentation]", "analysis.ordered_factors[1]",
         f"{ORDERED}, received 'augmentation'"),
        ("analysis.ordered_factors", "[lr]", "analysis.ordered_factors[0]",
         f"{ORDERED}, received 'lr'"),
        ("analysis.ordered_factors", "[l2]", "analysis.ordered_factors[0]",
         f"{ORDERED}, received 'l2'"),
    ],
)  # fmt: skip
def test_a_wrong_item_is_found_in_its_list(
    path: str, value: str, where: str, message: str, tmp_path: Path
) -> None:
    line = f"{'  ' if '.' in path else ''}{path.rpartition('.')[2]}: {value}\n"
    assert refusal(with_line(path, line), tmp_path) == f"params.yaml: {where}: {message}"


@pytest.mark.parametrize(
    ("path", "key", "nearest"),
    [
        ("seeds", "seedz", "seeds"),
        ("seeds", "Seeds", "seeds"),
        ("lr", "learning_rate", "lr"),
        ("batch_size", "batchsize", "batch_size"),
        ("images_per_class", "few_shot", "images_per_class"),
        ("epochs", "num_epochs", "epochs"),
        ("backbones", "backbone", "backbones"),
        ("l1", "l1_penalty", "l1"),
        ("augmentation", "aug", "augmentation"),
        ("batch_size", "bs", "batch_size"),
        ("seeds", "n_seeds", "seeds"),
    ],
)
def test_a_misspelt_name_is_told_the_nearest(path: str, key: str, nearest: str, tmp_path: Path) -> None:
    shown = "None" if key == "null" else f"[{key}]".strip("[]")
    such = f"a parameter of params.yaml such as {nearest}"
    expected = f"params.yaml: {shown}: expected {such}, received an unknown name"
    assert refusal(with_line(path, f"{key}: 1\n"), tmp_path) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (SHIPPED + "foo: 3\n", "foo: expected a parameter of params.yaml, received an unknown name"),
        (SHIPPED + "warmup: 3\n", "warmup: expected a parameter of params.yaml, received an unknown name"),
        (SHIPPED.replace("  equivalence_margin:", "  margin:"),
         "analysis.margin: expected a parameter of params.yaml such as equivalence_margin, "
         "received an unknown name"),
        (SHIPPED + "seedz: 3\n",
         "seedz: expected a parameter of params.yaml such as seeds, received an unknown name"),
        (SHIPPED.replace("  zoom:", "  zooom:"),
         "augment.zooom: expected a parameter of params.yaml such as zoom, received an unknown name"),
        (SHIPPED.replace("  contrast:", "  mixup: 1\n  contrast:"),
         "augment.mixup: expected a parameter of params.yaml such as cutmix_alpha, received an unknown name"),
        (SHIPPED + '"a\\nb": 1\n', "a b: expected a parameter of params.yaml, received an unknown name"),
        (SHIPPED + "? [a, b]\n: 1\n",
         "('a', 'b'): expected a parameter of params.yaml, received an unknown name"),
        (with_line("seeds", ""), f"seeds: {WHOLE}, received nothing"),
        (with_line("images_per_class", ""), f"images_per_class: {WHOLE}, or all, received nothing"),
        (with_line("analysis.power", ""), f"analysis.power: {SHARE}, received nothing"),
        (SHIPPED[: SHIPPED.index("execution:")],
         "execution: expected a mapping of parameters, received nothing"),
        (SHIPPED[: SHIPPED.index("execution:")] + "execution: local\n",
         "execution: expected a mapping of parameters, received 'local'"),
        (SHIPPED[: SHIPPED.index("execution:")] + "execution: [local, 3.0]\n",
         "execution: expected a mapping of parameters, received ['local', 3.0]"),
        (SHIPPED[: SHIPPED.index("execution:")] + "execution:\n",
         "execution: expected a mapping of parameters, received null"),
        ("", "expected a mapping of parameters, received nothing"),
        ("# nothing yet\n", "expected a mapping of parameters, received nothing"),
        ("- lr\n- seeds\n", "expected a mapping of parameters, received ['lr', 'seeds']"),
        ("lr 0.0005\n", "expected a mapping of parameters, received 'lr 0.0005'"),
        ("3", "expected a mapping of parameters, received 3"),
        (SHIPPED + "lr: 0.001\n",
         f"line {len(SHIPPED.splitlines()) + 1}: expected each parameter once, received 'lr' again"),
        (with_line("sweep.lr", "  lr: [1]\n  lr: [2]\n"),
         f"line {SHIPPED.splitlines().index('sweep:') + 3}: expected each parameter once, "
         "received 'lr' again"),
        ("lr: [1\n", "line 2: expected valid YAML, received a mistake (expected ',' or ']', but got "
         "'<stream end>')"),
        ("lr: 1: 2\n", "line 1: expected valid YAML, received a mistake (mapping values are not "
         "allowed here)"),
        ("lr: 1\n\tseeds: 2\n", "line 2: expected valid YAML, received a mistake (found character '\\t' that "
         "cannot start any token)"),
        ("lr: 1\n---\nlr: 2\n", "line 2: expected valid YAML, received a mistake (expected a single document "
         "in the stream but found another document)"),
        ("lr: \x07\n", "expected valid YAML, received a mistake (unacceptable character #x0007: special "
         "characters are not allowed)"),
        ("lr: =\n", "line 1: expected valid YAML, received a mistake (could not determine a constructor for "
         "the tag 'tag:yaml.org,2002:value')"),
        ("lr: &a 1\n", "line 1: expected plain values, received the anchor &a"),
        ("lr: 1\nseeds: *a\n", "line 2: expected plain values, received the alias *a"),
        ("lr: !!float 1\n", "line 1: expected plain values, received the tag tag:yaml.org,2002:float"),
        ("lr: !!python/object/apply:os.system [ls]\n",
         "line 1: expected plain values, received the tag tag:yaml.org,2002:python/object/apply:os.system"),
        ("%YAML 1.1\n---\nlr: 1\n", "line 2: expected plain values, received a % directive"),
        ("lr: " + "[" * 9 + "]" * 9, "line 1: expected plain values, received more than 8 levels of nesting"),
        ("lr: " + "[" * 5000, "line 1: expected plain values, received more than 8 levels of nesting"),
        ("lr: 2001-99-99\n", "expected values that can be read, received one that cannot (month must be in "
         "1..12)"),
        ("seeds: " + "9" * 5000, "expected values that can be read, received a very long whole number"),
        ("a" * 100_001, "expected at most 100000 bytes, received 100001"),
        (b"lr: 1\nseeds: \xff\n", "line 2: expected UTF-8 text, received byte 0xff"),
        (SHIPPED.encode("utf-16"), "line 1: expected UTF-8 text, received byte 0xff"),
    ],
    ids=lambda value: repr(value[-40:]),
)  # fmt: skip
def test_a_wrong_file_is_one_line(content: str | bytes, message: str, tmp_path: Path) -> None:
    assert refusal(content, tmp_path) == f"params.yaml: {message}"


def test_an_alias_bomb_is_refused_at_once(tmp_path: Path) -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert refusal(bomb, tmp_path) == "params.yaml: line 1: expected plain values, received the anchor &a"


def test_a_long_list_is_refused_without_comparing_all(tmp_path: Path) -> None:
    line = f"  lr: [{', '.join(f'0.{k:04d}1' for k in range(1001))}]\n"
    assert refusal(with_line("sweep.lr", line), tmp_path).startswith(
        f"params.yaml: sweep.lr: {LEVELS}, received ["
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([("seeds", "0"), ("lr", "-1")], f"seeds: {WHOLE}, received 0 (and 1 more)"),
        ([("lr", "x"), ("l1", "x"), ("batch_size", "x")], f"lr: {LR}, received 'x' (and 2 more)"),
        ([("images_per_class", "x"), ("augmentation", "x")],
         f"augmentation: {AUGMENTATIONS}, received 'x' (and 1 more)"),
    ],
)  # fmt: skip
def test_the_other_mistakes_are_counted(changes: list[tuple[str, str]], message: str, tmp_path: Path) -> None:
    content = SHIPPED
    for name, value in changes:
        content = re.sub(rf"^{name}:.*$", f"{name}: {value}", content, count=1, flags=re.MULTILINE)
    assert refusal(content, tmp_path) == f"params.yaml: {message}"


def test_unknown_names_come_first(tmp_path: Path) -> None:
    content = with_line("lr", "lr: x\nfoo: 1\nbar: 2\n")
    message = "foo: expected a parameter of params.yaml, received an unknown name (and 2 more)"
    assert refusal(content, tmp_path) == f"params.yaml: {message}"


def test_missing_files_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    with pytest.raises(ParamsError) as caught:
        params.load(path)
    assert str(caught.value) == f"{path}: expected a file of parameters, received no such file or directory"
    with pytest.raises(ParamsError) as caught:
        params.load(tmp_path)
    assert str(caught.value) == f"{tmp_path}: expected a file of parameters, received is a directory"


def test_the_shipped_parameters_load() -> None:
    loaded = params.load(Path(__file__).parent.parent / "params.yaml")
    assert loaded.reference.model_dump() == {factor: getattr(loaded, factor) for factor in FACTORS}
    assert loaded.reference.lr == 0.0005
    assert loaded.sweep.lr == [0.0001, 0.0003, 0.0005, 0.001, 0.003, 0.005]
    assert loaded.dataset_md5 is None


@pytest.mark.parametrize("text", ["3e-05", "3e-5", "3E-05", "0.00003", "3.0e-05"])
def test_a_number_as_dvc_writes_it_is_a_number(text: str, tmp_path: Path) -> None:
    loaded = load(with_line("lr", f"lr: {text}\n"), tmp_path)
    assert loaded.lr == 3e-05
    assert type(loaded.lr) is float


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("lr", "1", 1.0),
        ("dropout", "0", 0.0),
        ("images_per_class", "50", 50),
        ("images_per_class", "all", "all"),
        ("dataset_md5", DIGEST, DIGEST),
        ("dataset", "../my data/žluť.tar.gz", "../my data/žluť.tar.gz"),
        ("backbones", "[resnet50, efficientnetv2-b0]", ["resnet50", "efficientnetv2-b0"]),
        ("seeds", "1000", 1000),
        ("study_seed", str(2**63 - 1), 2**63 - 1),
        ("weights", "random", "random"),
        ("image_size", "native", "native"),
        ("image_size", "64", 64),
    ],
)
def test_what_is_allowed_loads(path: str, text: str, value: Any, tmp_path: Path) -> None:
    loaded = getattr(load(with_line(path, f"{path}: {text}\n"), tmp_path), path)
    assert loaded == value
    assert type(loaded) is type(value)


def test_native_pixels_are_the_images_own_and_a_number_stays() -> None:
    shipped = params.load(Path(__file__).parent.parent / "params.yaml")
    with pytest.raises(ValueError, match="call sized first"):
        _ = shipped.pixels
    assert shipped.sized((48, 40, 3)).pixels == 48
    assert shipped.sized((4, 4)).sized((32, 32)).pixels == 8


def test_a_factor_may_have_no_level_but_the_reference(tmp_path: Path) -> None:
    assert load(with_line("sweep.lr", "  lr: []\n"), tmp_path).sweep.lr == []


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_optional_factor_that_is_not_named_is_off(name: str, tmp_path: Path) -> None:
    loaded = load(with_line(name, ""), tmp_path)
    assert loaded == load(SHIPPED, tmp_path)
    assert getattr(loaded.reference, name) == OPTIONAL[name]
    assert loaded.levels(name) == [OPTIONAL[name]]


def test_a_factor_that_is_not_optional_must_be_named(tmp_path: Path) -> None:
    for name in FACTORS:
        if name not in OPTIONAL:
            assert refusal(with_line(name, ""), tmp_path).endswith("received nothing")
            assert refusal(with_line(f"sweep.{name}", ""), tmp_path).endswith("received nothing")


def test_views_may_be_fresh(tmp_path: Path) -> None:
    text = re.sub(r"(?m)^  views:.*$", "  views: fresh", SHIPPED)
    assert load(text, tmp_path).augment.views == "fresh"


def test_a_byte_order_mark_changes_nothing(tmp_path: Path) -> None:
    assert load("\ufeff" + SHIPPED, tmp_path) == load(SHIPPED, tmp_path)


def test_parameters_are_frozen() -> None:
    loaded = params.load(Path(__file__).parent.parent / "params.yaml")
    with pytest.raises(ValueError, match="frozen"):
        loaded.lr = 1.0  # type: ignore[misc]


fuzz = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.dates(), st.datetimes(),
    st.sampled_from(["all", "fresh", "none", "holm", 0.5, 1, 128, "digits"]),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=4)
    ),
    max_leaves=8,
)


def loads_or_says_why(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    try:
        params.load(path)
    except ParamsError as error:
        message = str(error)
    else:
        return
    assert message.startswith(f"{path}: ")
    message = message.removeprefix(f"{path}: ")
    assert message.isprintable()
    assert "expected " in message
    assert len(message) < 400


@fuzz
@given(
    content=st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_load_or_are_refused_in_one_line(content: bytes, tmp_path: Path) -> None:
    loads_or_says_why(content, tmp_path / "params.yaml")


@fuzz
@given(text=st.text(alphabet="lr:- \n\t'\"[]{}&*!%#|>?,._0123456789eEx~@`<=\\abn\u2028\x85", max_size=60))
def test_any_almost_yaml_loads_or_is_refused_in_one_line(text: str, tmp_path: Path) -> None:
    loads_or_says_why(text.encode("utf-8"), tmp_path / "params.yaml")


@fuzz
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file_loads_or_is_refused_in_one_line(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)  # noqa: S311
    content = bytearray(SHIPPED.encode())
    for _ in range(draw.randint(1, 4)):
        content[draw.randrange(len(content))] = draw.choice(b" \n:-0.e[]{}'\"#&*!%\xffa1")
    loads_or_says_why(bytes(content), tmp_path / "params.yaml")


@fuzz
@given(data=st.data())
def test_any_structure_loads_or_is_refused_in_one_line(data: st.DataObject, tmp_path: Path) -> None:
    tree: dict[Any, Any] = YAML(typ="safe", pure=True).load(SHIPPED)
    for _ in range(data.draw(st.integers(1, 3))):
        section = data.draw(st.sampled_from([tree, *(one for one in tree.values() if isinstance(one, dict))]))
        key = data.draw(st.sampled_from([*map(str, section), "extra"]) | st.text(max_size=5))
        if data.draw(st.booleans()):
            section[key] = data.draw(values)
        else:
            section.pop(key, None)
    path = tmp_path / "written.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(tree, file)
    loads_or_says_why(path.read_bytes(), tmp_path / "params.yaml")
