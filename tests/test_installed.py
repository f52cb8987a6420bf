"""What an install without extras gives: the command, its help, and the files that the report is made from."""

from __future__ import annotations

import shlex
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from study.__main__ import parser
from study.pipeline.console import EXTRAS

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LIGHT = ("analysis", "report", "tables", "params", "design", "commands", "results_file", "notebook")
ABSENT = f"""
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, fullname, *_):
        if fullname.partition(".")[0] in {set(EXTRAS)}:
            raise ModuleNotFoundError(f"No module named {{fullname!r}}", name=fullname)

sys.meta_path.insert(0, Absent())
"""


def python(code: str, *words: str, cwd: Path = ROOT, path: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run code as on a machine that has no extra."""
    command = [sys.executable, "-P", "-c", f"{ABSENT}\nsys.path.insert(0, {str(path)!r})\n{code}", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)


def study(*words: str) -> subprocess.CompletedProcess[str]:
    return python("from study.__main__ import main; main()", *words)


def extra(name: str) -> set[str]:
    """The packages of an extra and of the extras that it names."""
    result = set()
    for one in map(Requirement, PROJECT["optional-dependencies"][name]):
        result |= set().union(*map(extra, one.extras)) if one.name == PROJECT["name"] else {one.name}
    return result


def test_analysis_and_report_need_no_extra() -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / "study").rglob("*.py"))
        if path.relative_to(ROOT / "study").parts[0].removesuffix(".py") in LIGHT
    ]
    assert len(modules) > 50
    done = python("import importlib\nfor name in sys.argv[1:]: importlib.import_module(name)", *modules)
    assert done.returncode == 0, done.stderr


def test_help_needs_no_extra() -> None:
    done = study("--help")
    assert done.returncode == 0, done.stderr
    assert "the runs and what they cost" in done.stdout


@pytest.mark.parametrize(
    ("line", "extra"), [("plan", "train"), ("predict a.png", "train"), ("completion bash", "completion")]
)
def test_a_command_that_needs_an_extra_says_so_in_one_line(line: str, extra: str) -> None:
    done = study(*line.split())
    command = line.split()[0]
    said = f"study {command}: expected the extra {extra}, received none; pip install '.[{extra}]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)


@pytest.mark.parametrize(("package", "name"), EXTRAS.items())
def test_an_extra_brings_the_package_that_it_is_named_for(package: str, name: str) -> None:
    distribution = {"sklearn": "scikit-learn"}.get(package, package.replace("_", "-"))
    assert distribution in extra(name)
    assert distribution not in {Requirement(one).name for one in PROJECT["dependencies"]}


def commands() -> dict[str, str]:
    """Every command of ``study`` and its help."""
    (action,) = (one for one in parser()._actions if one.dest == "command")
    return {name: command.format_help() for name, command in dict(action.choices or {}).items()}


@pytest.mark.parametrize("command", commands())
def test_help_of_every_command_has_examples_that_it_takes(command: str) -> None:
    examples = commands()[command].partition("examples:\n")[2].splitlines()
    lines = [line.strip().removeprefix('eval "$(').partition("   ")[0].rstrip(')"') for line in examples]
    assert lines
    for line in lines:
        words = shlex.split(line.partition(" >> ")[0])
        assert words[:2] == ["study", command]
        assert parser().parse_args(words[1:]).command == command


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_completes_every_command(shell: str) -> None:
    command = [sys.executable, "-m", "study", "completion", shell]
    script = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [name for name in commands() if name not in script] == []
    if shell == "bash":
        assert "_shtab_compgen_files" in script
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the files that git would commit."""
    folder = tmp_path_factory.mktemp("wheel")
    code = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(folder)]
    name = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    return folder / name


def test_the_wheel_holds_the_package_and_the_files_that_it_reads(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "installed")
    assert {name.split("/")[0] for name in names} == {"study", "replicated_study-0.1.0.dist-info"}
    templates = [path.relative_to(ROOT) for path in (ROOT / "templates").rglob("*") if path.is_file()]
    others = [
        path.relative_to(ROOT)
        for path in (ROOT / "study").rglob("*.*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    ]
    assert {f"study/{path}" for path in templates} | {str(path) for path in others} <= names
    code = "from study.pipeline import paths; print(paths.templates())"
    found = python(code, cwd=tmp_path, path=tmp_path / "installed")
    assert found.stdout.strip() == str(tmp_path / "installed" / "study" / "templates"), found.stderr


def test_the_templates_of_the_project_come_first() -> None:
    assert python("from study.pipeline import paths; print(paths.templates())").stdout == "templates\n"
