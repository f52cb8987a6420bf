"""What the documentation names is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from study.__main__ import parser

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").iterdir())))


@pytest.mark.parametrize("page", PAGES)
def test_every_link_and_every_path_of_the_project_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []
    paths = re.findall(r"`((?:study|tests|templates|benchmarks|requirements|docs|\.ci)/[\w./-]*)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_statistic_is_where_the_methods_say() -> None:
    text = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:analysis|ensembles)/[\w/]+\.py)`: `(\w+)`", text)
    assert len(named) > 25
    missing = [
        (path, name)
        for path, name in named
        if not re.search(
            rf"^(def|class) {name}\(", (ROOT / "study" / path).read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_study_is_one_that_it_takes(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    for line in re.findall(r"^(study [a-z].*)$", blocks, re.MULTILINE):
        parser().parse_args(shlex.split(line.partition("#")[0])[1:])
