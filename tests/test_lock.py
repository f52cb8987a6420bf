"""The locks pin what pyproject.toml asks for, by hash, and agree with each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCKS = ("report.lock", "dev.lock", "gpu.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = {
    "report.lock": ("train", "build", "completion"),
    "dev.lock": ("dev",),
    "gpu.lock": ("gpu", "tests"),
}
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
LINUX = {"sys_platform": "linux", "platform_machine": "x86_64", "python_version": "3.11"}


def entries(text: str) -> list[str]:
    """The requirements of a lock, each with its continued lines joined."""
    joined = re.sub(r"\\\n\s*", "", text)
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def faults(text: str) -> list[str]:
    """What is wrong with a lock by itself."""
    found = [f"address in {line.split()[0]}" for line in text.splitlines() if "://" in line]
    for entry in entries(text):
        requirement, *hashes = re.split(r"\s+(?=--hash)", entry.strip())
        if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+( ; .+)?", requirement.strip()):
            found.append(f"no pin: {requirement}")
        elif not hashes or not all(HASH.fullmatch(one.strip()) for one in hashes):
            found.append(f"no hash: {requirement}")
    return found


def pins(text: str) -> dict[str, str]:
    """Each package's pinned version by its canonical name, where the markers hold on 64-bit Linux."""
    result = {}
    for entry in entries(text):
        requirement = Requirement(re.split(r"\s+--hash", entry)[0])
        if requirement.marker is None or requirement.marker.evaluate(LINUX):
            (specifier,) = requirement.specifier
            result[canonicalize_name(requirement.name)] = specifier.version
    return result


def unmet(requirements: list[str], pinned: dict[str, str]) -> list[str]:
    """The requirements that the pins do not meet."""
    wanted = [Requirement(one) for one in requirements]
    return [
        str(one)
        for one in wanted
        if (one.marker is None or one.marker.evaluate(LINUX))
        and not one.specifier.contains(pinned.get(canonicalize_name(one.name), "0.dev0"), prereleases=False)
    ]


def read(lock: str) -> str:
    return (ROOT / "requirements" / lock).read_text(encoding="utf-8")


def requirements_of(extra: str) -> list[str]:
    """The requirements of an extra and of the extras that it names."""
    result = []
    for line in PROJECT["optional-dependencies"][extra]:
        one = Requirement(line)
        if one.name == PROJECT["name"]:
            result += [more for name in sorted(one.extras) for more in requirements_of(name)]
        else:
            result.append(line)
    return result


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash_and_no_address(lock: str) -> None:
    assert faults(read(lock)) == []
    assert len(pins(read(lock))) > 100


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_pinned_in_its_range(lock: str) -> None:
    wanted = [*PROJECT["dependencies"]]
    for extra in EXTRAS[lock]:
        wanted += requirements_of(extra)
    assert len(wanted) > 25
    assert unmet(wanted, pins(read(lock))) == []


@pytest.mark.parametrize("lock", ["report.lock", "gpu.lock"])
def test_the_locks_agree_on_the_versions_they_share(lock: str) -> None:
    dev, other = pins(read("dev.lock")), pins(read(lock))
    shared = dev.keys() & other.keys()
    assert {name: (dev[name], other[name]) for name in shared if dev[name] != other[name]} == {}
    assert len(shared) > 100


def test_the_lock_of_a_report_is_part_of_that_of_the_tests_without_their_tools() -> None:
    report, dev = set(entries(read("report.lock"))), set(entries(read("dev.lock")))
    assert report < dev
    names = {Requirement(re.split(r"\s+--hash", one)[0]).name for one in report}
    assert names.isdisjoint({"jax", "dask", "mypy", "pingouin", "pytest", "ruff", "scikit-posthocs"})


GOOD = f"a==1.0 \\\n    --hash=sha256:{'0' * 64} \\\n    --hash=sha256:{'1' * 64}\n"
GOOD += f"b==2 ; python_version < '4' \\\n    --hash=sha256:{'2' * 64}\n"


def test_a_sound_lock_has_no_fault() -> None:
    assert faults(GOOD) == []
    assert pins(GOOD) == {"a": "1.0", "b": "2"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (GOOD + "c==3\n", ["no hash: c==3"]),
        (GOOD + "c==3 --hash=md5:00\n", ["no hash: c==3"]),
        (GOOD + f"c>=3 --hash=sha256:{'0' * 64}\n", ["no pin: c>=3"]),
        (GOOD + f"c --hash=sha256:{'0' * 64}\n", ["no pin: c"]),
        ("--index-url https://example.org/simple\n" + GOOD,
         ["address in --index-url", "no pin: --index-url https://example.org/simple"]),
        (GOOD + f"c @ https://example.org/c.whl --hash=sha256:{'0' * 64}\n",
         ["address in c", "no pin: c @ https://example.org/c.whl"]),
    ],
)  # fmt: skip
def test_each_fault_of_a_lock_is_seen(text: str, found: list[str]) -> None:
    assert faults(text) == found


@pytest.mark.parametrize(
    ("wanted", "missing"),
    [
        (["a>=1,<2", "B==2"], []),
        (["a>=1.1"], ["a>=1.1"]),
        (["c"], ["c"]),
        (["c; sys_platform == 'win32'"], []),
    ],
)
def test_an_unmet_requirement_is_seen(wanted: list[str], missing: list[str]) -> None:
    assert unmet(wanted, pins(GOOD)) == missing
