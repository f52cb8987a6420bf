"""dvc.yaml against the code: a stage depends on every module that it runs and on every file that it reads."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from study.backbones.kinds import registry
from study.params import FACTORS
from study.pipeline import provenance

ROOT = Path(__file__).parents[1]
STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
PLUMBING = (
    "study/__init__.py",
    "study/address.py",
    "study/download.py",
    "study/errors.py",
    "study/files.py",
    "study/params/",
    "study/tables/",
    "study/pipeline/",
    "study/executors/",
    "study/stages/__init__.py",
)
"""What carries values, or work to where it is done, and decides no number."""
THROUGH_THE_EXECUTOR = {
    "features": ("study/backbones/forward/extract.py",),
    **dict.fromkeys(("train", "confirm", "variance", "verify"), ("study/runs/phase.py",)),
}
"""What a stage has done for it, wherever that is."""


def module_path(name: str) -> str | None:
    base = ROOT / name.replace(".", "/")
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path.relative_to(ROOT).as_posix()
    return None


def imported(path: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    found = {module_path(name) for name in names if name.split(".")[0] == "study"}
    return {path for path in found if path}


def closure(path: str) -> set[str]:
    seen: set[str] = set()
    waiting = [path, *imported(path)]
    while waiting:
        one = waiting.pop()
        if one not in seen and not one.startswith(PLUMBING):
            seen.add(one)
            waiting += imported(one)
    return seen


def run_by(name: str) -> set[str]:
    """The code that a stage runs, through its executor as well."""
    return closure(f"study/stages/{name}.py").union(*map(closure, THROUGH_THE_EXECUTOR.get(name, ())))


def covered(path: str, deps: list[str]) -> bool:
    is_docstring_alone = len(ast.parse((ROOT / path).read_text(encoding="utf-8")).body) == 1
    return is_docstring_alone or any(path == dep or path.startswith(f"{dep}/") for dep in deps)


def test_the_stages_are_those_of_the_pipeline_in_order():
    assert list(STAGES) == [
        "inputs",
        "data",
        "weights",
        "limits",
        "features",
        "train",
        "select",
        "confirm",
        "variance",
        "ensemble",
        "analyse",
        "models",
        "verify",
        "report",
    ]


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_all_code_that_it_runs(name):
    assert STAGES[name]["cmd"] == f"python -m study.stages.{name}"
    if STAGES[name].get("always_changed"):
        return
    missing = {path for path in run_by(name) if not covered(path, STAGES[name]["deps"])}
    assert missing <= EXCUSED.get(name, set())


OF_ONE_KIND = {f"study/backbones/kinds/{name}" for names in registry.FILES.values() for name in names}
IN_THE_ROW = OF_ONE_KIND | {"study/backbones/kinds/registry.py"}
"""Code that makes one kind of backbone alone: its hash stands in data/weights/BACKBONE, on which the stages
that run it depend, so that it runs again that kind's backbones and no others."""

EXCUSED = {
    # It must run again when its inputs do, not when a way to read them is written in another way.
    **{
        name: closure("study/pipeline/results.py") | closure("study/runs/phase.py")
        for name in ("select", "ensemble", "analyse", "verify", "report")
    },
    **dict.fromkeys(("features", "train", "confirm", "variance", "models"), IN_THE_ROW),
}


def made_by(name: str) -> dict[str, bool]:
    """What a stage makes, and whether DVC leaves it in place until the stage has made it anew."""
    made = [one for key in ("outs", "metrics") for one in STAGES[name].get(key, [])]
    rows = [next(iter(one.items())) if isinstance(one, dict) else (one, {}) for one in made]
    return {path: bool(flags.get("persist")) for path, flags in rows}


def waits_for(name: str) -> set[str]:
    """The stages that run before a stage."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        deps = STAGES[waiting.pop()].get("deps", [])
        found = {
            other
            for other in STAGES
            if any(f"{out}/".startswith(f"{dep}/") for out in made_by(other) for dep in deps)
        }
        waiting += found - seen
        seen |= found
    return seen


@pytest.mark.parametrize("name", STAGES)
def test_dvc_removes_nothing_before_the_parameters_are_checked(name):
    before = {"inputs": set(), "data": {"inputs"}, "weights": {"inputs"}, "limits": {"inputs", "data"}}
    assert waits_for(name) >= before.get(name, {"inputs", "limits"})
    if name in before:
        assert all(made_by(name).values())


@pytest.mark.parametrize("name", STAGES)
def test_no_value_of_a_parameter_reaches_a_shell(name):
    assert "$" not in STAGES[name]["cmd"]


@pytest.mark.parametrize("name", ["features", "train", "confirm", "variance"])
def test_what_is_excused_for_its_hash_in_the_weights_depends_on_the_weights(name):
    assert "data/weights/${item.backbone}" in STAGES[name]["deps"]


@pytest.mark.parametrize("kind", registry.FILES)
def test_the_hash_of_a_kind_covers_the_code_of_that_kind_alone(kind):
    numbers = [f"study/{name}" for name in provenance.NUMBERS_COME_FROM]
    own = {f"study/backbones/kinds/{name}" for name in registry.FILES[kind]}
    run = set().union(*(closure(path) for path in own))
    assert own <= run
    assert {path for path in run - own if not covered(path, numbers)} <= IN_THE_ROW
    others = {
        f"study/backbones/kinds/{name}"
        for other, names in registry.FILES.items()
        if other != kind
        for name in names
    }
    assert not {path for one in own for path in imported(one)} & others


def test_no_stage_that_makes_numbers_depends_on_the_table_of_backbones():
    for name in ("features", "train", "confirm", "variance"):
        run = run_by(name)
        assert "study/backbones/forward/extract.py" in run
        assert not {"study/backbones/catalogue/names.py", "study/backbones/catalogue/obtain.py"} & run
        assert not {
            dep for dep in STAGES[name]["deps"] if covered("study/backbones/catalogue/names.py", [dep])
        }


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_that_depends_on_one_factor_depends_on_all(name):
    named = [factor for factor in FACTORS if factor in STAGES[name].get("params", [])]
    assert named in ([], list(FACTORS))


def test_params_yaml_names_every_factor():
    """DVC cannot depend on a parameter that is not there."""
    assert set(FACTORS) <= set(YAML(typ="safe").load(ROOT / "params.yaml"))


@pytest.mark.parametrize("name", STAGES)
def test_every_dependency_in_the_repository_exists(name):
    for dep in STAGES[name].get("deps", []):
        if dep.startswith(("study", "templates")):
            assert (ROOT / dep).exists(), dep


def test_the_recorded_hash_covers_the_code_that_makes_numbers():
    names = provenance.NUMBERS_COME_FROM
    covering = [f"study/{name}" for name in names]
    for code in ("study/training/train.py", "study/backbones/forward/extract.py", "study/augment.py"):
        assert {path for path in closure(code) if not covered(path, covering)} <= IN_THE_ROW


@pytest.mark.parametrize(
    "name", ["training/heads.py", "backbones/forward/network.py", "augment.py", "runs/augmented_features.py"]
)
def test_a_changed_byte_of_training_code_changes_the_hash(tmp_path, name):
    copy = tmp_path / "study"
    shutil.copytree(ROOT / "study", copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = provenance.training_source_sha256(copy)
    path = copy / name
    path.write_text(path.read_text() + "\n")
    assert provenance.training_source_sha256(copy) != before


@pytest.mark.parametrize("name", ["report/format.py", "backbones/catalogue/names.py", *sorted(IN_THE_ROW)])
def test_a_change_elsewhere_does_not_change_the_hash(tmp_path, name):
    copy = tmp_path / "study"
    shutil.copytree(ROOT / "study", copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = provenance.training_source_sha256(copy)
    path = copy / name.removeprefix("study/")
    path.write_text(path.read_text() + "\n")
    assert provenance.training_source_sha256(copy) == before
