"""The processor: what it is called, and which instructions it has that decide how numbers are rounded."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
ROUNDING = ("amx", "asimd", "avx", "bf16", "f16c", "fma", "fphp", "i8mm", "sve")
"""Beginnings of the names of instruction sets by which libraries choose among their kernels."""
_V3 = {"avx", "avx2", "f16c", "fma"}


@dataclass(frozen=True)
class Cpu:
    """A processor.

    Attributes
    ----------
    name
        As its maker calls it; two kinds may share it.
    identity
        Vendor, family, model and stepping, which no two kinds share; empty where the system does not tell.
    instructions
        Instruction sets that decide rounding, sorted; empty where the system does not tell.
    """

    name: str
    identity: str
    instructions: tuple[str, ...]

    @property
    def has_avx2(self) -> bool:
        """Whether it has what x86-64-v3 adds for numbers: AVX, AVX2, F16C and FMA."""
        return set(self.instructions) >= _V3


def cpu() -> Cpu:
    """The processor of this machine."""
    try:
        text = CPUINFO.read_text(encoding="utf-8")
    except OSError:
        return Cpu(platform.processor() or platform.machine(), "", ())
    return parsed(text)


def parsed(text: str) -> Cpu:
    """The first processor that a text like Linux' ``/proc/cpuinfo`` tells of."""
    first: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        first.setdefault(name.strip().lower(), value.strip())
    vendor = first.get("vendor_id", first.get("cpu implementer", ""))
    numbers = {
        "family": first.get("cpu family", first.get("cpu architecture", "")),
        "model": first.get("model", first.get("cpu part", "")),
        "stepping": first.get("stepping", first.get("cpu revision", "")),
    }
    identity = ", ".join([vendor, *(f"{name} {number}" for name, number in numbers.items() if number)])
    flags = first.get("flags", first.get("features", "")).split()
    found = sorted({flag for flag in flags if flag.startswith(ROUNDING)})
    return Cpu(first.get("model name") or platform.machine(), identity.strip(", "), tuple(found))
