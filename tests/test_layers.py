"""The layers hold: imports point down, TensorFlow stays where it belongs, nothing is drawn from global state.

The checker reads every file under study/ and imports none, so it also sees imports that a run would miss.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = (
    ("errors",),
    ("address", "files"),
    ("download", "params"),
    ("tables",),
    ("design", "data", "backbones", "augment", "training", "ensembles", "analysis", "results_file"),
    ("report", "export"),
    ("pipeline",),
    ("runs",),
    ("executors",),
    ("notebook", "stages"),
    ("audit", "crate"),
    ("commands",),
    ("__main__",),
)
RANK = {unit: rank for rank, layer in enumerate(LAYERS) for unit in layer}
DEEP_LEARNING = {"tensorflow", "keras", "tf_keras", "torch", "jax"}
DEEP_LEARNING_UNITS = {"backbones", "augment", "training", "export"}
DOOR = ("__init__", "notebook")
"""What ``study.judge`` is loaded from when it is asked for."""
PARAMS_UNITS = {"stages", "commands"}
NUMPY_GENERATORS = {
    "BitGenerator", "Generator", "MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64", "SeedSequence",
    "default_rng",
}  # fmt: skip
GLOBAL_SEEDING = {"tensorflow.random.set_seed", "keras.utils.set_random_seed"}


class Names(ast.NodeVisitor):
    """What the names of one module stand for, and every dotted name it imports or uses.

    ``imported`` and ``used`` hold (line, dotted name), where a used name is followed through the imports:
    after ``import numpy as np``, ``np.random.rand`` is used as ``numpy.random.rand``.
    """

    def __init__(self, package: tuple[str, ...], stands_for: dict[str, str]) -> None:
        self.package = package
        self.stands_for = dict(stands_for)
        self.imported: list[tuple[int, str]] = []
        self.used: list[tuple[int, str]] = []
        self.called_bare: list[tuple[int, str]] = []

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.imported.append((node.lineno, alias.name))
            first = alias.name.partition(".")[0]
            self.stands_for[alias.asname or first] = alias.name if alias.asname else first

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        above = self.package[: len(self.package) - node.level + 1] if node.level else ()
        base = ".".join((*above, *([node.module] if node.module else [])))
        for alias in node.names:
            name = f"{base}.{alias.name}"
            self.imported.append((node.lineno, name))
            self.stands_for[alias.asname or alias.name] = name

    def visit_Attribute(self, node: ast.Attribute) -> None:
        name = self.dotted(node)
        if name:
            self.used.append((node.lineno, name))
        else:
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = self.dotted(node.func)
        if name in ("importlib.import_module", "__import__") and node.args:
            first = node.args[0]
            text = first.value if isinstance(first, ast.Constant) else "anything"
            self.imported.append((node.lineno, str(text)))
        if name and not node.args and not node.keywords:
            self.called_bare.append((node.lineno, name))
        self.generic_visit(node)

    def dotted(self, node: ast.AST) -> str | None:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        return ".".join([self.stands_for.get(node.id, node.id), *reversed(parts)])


def violations(root: Path) -> list[str]:
    """Each place under ``root``/study that breaks a layer, as "file:line: what is wrong"."""
    return [
        f"{path.relative_to(root).as_posix()}:{line}: {what}"
        for path in sorted((root / "study").rglob("*.py"))
        for line, what in sorted(set(broken(path.relative_to(root), path.read_text(encoding="utf-8"))))
    ]


def broken(path: Path, source: str) -> Iterator[tuple[int, str]]:
    tree = ast.parse(source)
    package = path.parts[:-1]
    first = Names(package, {})
    first.visit(tree)
    names = Names(package, first.stands_for)  # so that a name used above its import is known too
    names.visit(tree)
    unit = path.parts[1].removesuffix(".py")
    if unit not in RANK and unit != "__init__":
        yield 1, f"{unit} has no layer"
        return
    for line, name in names.imported:
        yield from broken_import(unit, line, name)
    for line, name in names.imported + names.used:
        yield from broken_randomness(line, name)
        if f"{name}.".startswith("study.params.load.") and unit not in {*PARAMS_UNITS, "params"}:
            yield line, "only stages and commands load params"
    for line, name in names.called_bare:
        if name in ("numpy.random.default_rng", "numpy.random.SeedSequence"):
            yield line, f"{name}() without a seed"


def broken_import(unit: str, line: int, name: str) -> Iterator[tuple[int, str]]:
    top, _, below = name.partition(".")
    if top in DEEP_LEARNING and unit not in DEEP_LEARNING_UNITS:
        yield line, f"{unit} imports {top}"
    if name == "anything" and unit not in PARAMS_UNITS:
        yield line, f"{unit} imports by a name made at run time"
    if top != "study":
        return
    other = below.partition(".")[0]
    if not other or other == "*":
        yield line, f"{unit} imports study as a whole"
    elif (unit, other) == DOOR:
        return
    elif other in RANK and other != unit and RANK[other] >= RANK.get(unit, -1):
        yield line, f"{unit} imports {other}, which is not in a lower layer"


def broken_randomness(line: int, name: str) -> Iterator[tuple[int, str]]:
    if name.startswith("numpy.random.") and name.split(".")[2] not in NUMPY_GENERATORS:
        yield line, f"{name} draws from numpy's global generator"
    if name == "random" or (name.startswith("random.") and name != "random.Random"):
        yield line, "Python's global random generator"
    if name in GLOBAL_SEEDING or name.endswith(".set_random_seed"):
        yield line, f"{name} seeds globally"


def tree_with(root: Path, **files: str) -> Path:
    for name, source in files.items():
        path = root / "study" / f"{name.replace('__slash__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return root


def test_the_study_keeps_its_layers() -> None:
    assert violations(ROOT) == []


def test_the_study_is_read() -> None:
    read = {
        path.relative_to(ROOT / "study").parts[0].removesuffix(".py")
        for path in (ROOT / "study").rglob("*.py")
    }
    assert {"params", "tables", "design"} <= read
    assert read <= {*RANK, "__init__", "__pycache__"}


def test_a_tree_in_order_has_no_violation(tmp_path: Path) -> None:
    tree_with(
        tmp_path,
        __init__='"""Study."""',
        params="def load(path): ...",
        tables="import pandas as pd\nimport numpy as np\nfrom study.files import replace_file",
        files="from study.errors import one_line",
        errors="",
        design="import numpy as np\nfrom study.params import Params\nfrom study import tables\n"
        "def f(*, rng: np.random.Generator): return np.random.default_rng(3), np.random.SeedSequence(1)",
        training__slash____init__="import keras",
        training__slash__head="import tensorflow as tf\nfrom study.training import store\n"
        "from . import store\nfrom .store import x\nfrom ..tables import RUNS\nkeras.random.SeedGenerator(1)",
        training__slash__store="from study.tables import RUNS",
        report__slash__tables="from study.analysis import best\nfrom study.design import Design",
        stages__slash__train="from study import params\nfrom study.training import head\nparams.load(1)\n"
        "from study.params import load",
        commands__slash__plan="import importlib\nimportlib.import_module(name)\n"
        "from study.stages import train",
        __main__="from study.commands import plan",
    )
    assert violations(tmp_path) == []


@pytest.mark.parametrize(
    ("file", "source", "line", "what"),
    [
        ("util", "", 1, "util has no layer"),
        ("helpers/x", "", 1, "helpers has no layer"),
        ("params", "from study.tables import Table", 1,
         "params imports tables, which is not in a lower layer"),
        ("params", "\nimport study.tables", 2, "params imports tables, which is not in a lower layer"),
        ("params", "import study.design as d", 1, "params imports design, which is not in a lower layer"),
        ("params", "from study import design", 1, "params imports design, which is not in a lower layer"),
        ("errors", "from . import params", 1, "errors imports params, which is not in a lower layer"),
        ("errors", "from .params import load_all", 1,
         "errors imports params, which is not in a lower layer"),
        ("data/cinic", "from study.backbones import table", 1,
         "data imports backbones, which is not in a lower layer"),
        ("data/cinic", "from ..training import head", 1,
         "data imports training, which is not in a lower layer"),
        ("data/cinic", "from .. import augment", 1, "data imports augment, which is not in a lower layer"),
        ("data/deep/x", "from ... import augment", 1, "data imports augment, which is not in a lower layer"),
        ("data/deep/x", "from ...augment import f", 1, "data imports augment, which is not in a lower layer"),
        ("analysis/x", "def f():\n    from study.ensembles import soft", 2,
         "analysis imports ensembles, which is not in a lower layer"),
        ("analysis/x", "if TYPE_CHECKING:\n    from study.report import html", 2,
         "analysis imports report, which is not in a lower layer"),
        ("analysis/x", "import importlib\nimportlib.import_module('study.report')", 2,
         "analysis imports report, which is not in a lower layer"),
        ("analysis/x", "from importlib import import_module\nimport_module('study.report.html')", 2,
         "analysis imports report, which is not in a lower layer"),
        ("analysis/x", "__import__('study.stages')", 1,
         "analysis imports stages, which is not in a lower layer"),
        ("analysis/x", "import importlib\nimportlib.import_module(f'study.{name}')", 2,
         "analysis imports by a name made at run time"),
        ("report/html", "from study.stages import plan", 1,
         "report imports stages, which is not in a lower layer"),
        ("pipeline/x", "from study.runs import phase", 1,
         "pipeline imports runs, which is not in a lower layer"),
        ("runs/x", "from study.executors import local", 1,
         "runs imports executors, which is not in a lower layer"),
        ("stages/plan", "from study.__main__ import main", 1,
         "stages imports __main__, which is not in a lower layer"),
        ("__init__", "from study.design import settings", 1,
         "__init__ imports design, which is not in a lower layer"),
        ("design", "import study", 1, "design imports study as a whole"),
        ("design", "from study import *", 1, "design imports study as a whole"),
        ("design", "import tensorflow as tf", 1, "design imports tensorflow"),
        ("data/x", "from keras.utils import image_dataset_from_directory", 1, "data imports keras"),
        ("report/x", "def f():\n    import keras", 2, "report imports keras"),
        ("stages/train", "import tensorflow", 1, "stages imports tensorflow"),
        ("stages/train", "import importlib\nimportlib.import_module('keras')", 2, "stages imports keras"),
        ("__main__", "import keras.random", 1, "__main__ imports keras"),
        ("analysis/x", "import torch", 1, "analysis imports torch"),
        ("design", "import numpy as np\nnp.random.rand(3)", 2,
         "numpy.random.rand draws from numpy's global generator"),
        ("design", "import numpy\nnumpy.random.seed(3)", 2,
         "numpy.random.seed draws from numpy's global generator"),
        ("design", "from numpy import random as r\nr.shuffle(x)", 2,
         "numpy.random.shuffle draws from numpy's global generator"),
        ("design", "from numpy.random import permutation", 1,
         "numpy.random.permutation draws from numpy's global generator"),
        ("design", "import numpy.random as r\nr.RandomState(1)", 2,
         "numpy.random.RandomState draws from numpy's global generator"),
        ("design", "def f():\n    return np.random.normal()\nimport numpy as np", 2,
         "numpy.random.normal draws from numpy's global generator"),
        ("design", "import numpy as np\nf = np.random.choice", 2,
         "numpy.random.choice draws from numpy's global generator"),
        ("design", "import numpy as np\nnp.random.default_rng()", 2,
         "numpy.random.default_rng() without a seed"),
        ("design", "from numpy.random import default_rng\ndefault_rng()", 2,
         "numpy.random.default_rng() without a seed"),
        ("design", "import numpy as np\nnp.random.default_rng().normal(3)", 2,
         "numpy.random.default_rng() without a seed"),
        ("design", "import random", 1, "Python's global random generator"),
        ("design", "from random import shuffle", 1, "Python's global random generator"),
        ("training/x", "import keras\nkeras.utils.set_random_seed(1)", 2,
         "keras.utils.set_random_seed seeds globally"),
        ("training/x", "import tensorflow as tf\ntf.random.set_seed(1)", 2,
         "tensorflow.random.set_seed seeds globally"),
        ("training/x", "from study.params import load", 1, "only stages and commands load params"),
        ("training/x", "from study import params\nparams.load(1)", 2, "only stages and commands load params"),
        ("report/x", "from study import params as p\np.load(1)", 2, "only stages and commands load params"),
        ("report/x", "import study.params\nstudy.params.load(1)", 2, "only stages and commands load params"),
        ("design", "from .params import load as read", 1, "only stages and commands load params"),
    ],
)  # fmt: skip
def test_each_violation_is_seen(file: str, source: str, line: int, what: str, tmp_path: Path) -> None:
    tree_with(tmp_path, **{file.replace("/", "__slash__"): source})
    assert violations(tmp_path) == [f"study/{file}.py:{line}: {what}"]


def test_every_file_is_read_and_named_in_order(tmp_path: Path) -> None:
    tree_with(
        tmp_path, data__slash__b="import keras", data__slash__a="import keras", analysis="\n\nimport keras"
    )
    assert violations(tmp_path) == [
        "study/analysis.py:3: analysis imports keras",
        "study/data/a.py:1: data imports keras",
        "study/data/b.py:1: data imports keras",
    ]
