"""What every process of the study starts with, fixed before a library of numbers or pictures is loaded.

``SETTINGS`` and ``PORTABLE`` are set, whatever the person's own environment says; all else by which those
libraries could give other numbers or pictures (``FOREIGN``) is removed. ``CHOICES`` are left to the person.

An operation has one thread, and there are as many operations at once as cores, so that no number depends on
how many cores there are. oneDNN is set rather than left to TensorFlow, which decides by the processor. XLA,
which compiles for JAX, likewise works on one thread a product, cuts other work for a number of threads that
does not follow the cores (NPROC), and on a GPU takes operations that give the same each time. There it is
also kept from splitting the sums of products, for which it would copy all weights at every step. Keras reads
no keras.json.

Unless params.yaml says ``execution.portable: false``, the libraries use nothing beyond AVX2 on x86-64, so
that a processor with AVX-512 gives the bytes of one without it.
"""

from __future__ import annotations

import os
import platform
import re
import resource
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from study.params import yaml
from study.pipeline import paths, quiet
from study.pipeline.cpu import cpu

ADDRESS_SPACE = 2e9
"""Bytes: what the libraries of a stage that trains take when they are loaded, and a little."""
CHOICES = ("KERAS_BACKEND", "CUDA_VISIBLE_DEVICES", "DASK_SCHEDULER_ADDRESS", "STUDY_THREADS")
"""The backend (tensorflow or jax), the GPUs that are seen, where a Dask scheduler runs, and how many
operations run at once (the cores at hand unless said), which changes no number."""
XLA_FLAGS = (
    "--xla_cpu_multi_thread_eigen=false --xla_gpu_deterministic_ops=true "
    "--xla_gpu_experimental_force_split_k=1"
)
XLA_PORTABLE = " --xla_cpu_max_isa=AVX2"
SETTINGS = {
    "KERAS_HOME": os.devnull,
    "LC_ALL": "C.UTF-8",
    "MPLBACKEND": "agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_DETERMINISTIC_OPS": "1",
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
}
PORTABLE = {
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
}
"""The names are those of numpy 2.4; ``console.run`` refuses a numpy that knows others."""
FOREIGN = re.compile(
    r"(TF|XLA|JAX|KERAS|ONEDNN|DNNL|MKL|MKLDNN|OMP|GOMP|KMP|OPENBLAS|GOTO|BLIS|NPY|NPROC|CUBLAS|CUDNN|NVIDIA_TF32"
    r"|EIGEN|SCIPY|SKLEARN|PANDAS|ARROW|MATPLOTLIBRC|MPLBACKEND|SOURCE_DATE_EPOCH|LC|LANGUAGE)(_.*)?"
)
_MEMORY = re.compile(r"XLA_PYTHON_CLIENT_.*|TF_FORCE_GPU_ALLOW_GROWTH|TF_GPU_ALLOCATOR")
"""Decide how the memory of a GPU is used, and no number."""
_NO_FMA = re.compile(r"-(AVX2|FMA)(_Usable)?(?![A-Za-z0-9_])")
_READS_AT_LOADING = ("numpy", "tensorflow", "jax", "matplotlib")


def fixed(found: Mapping[str, str], *, portable: bool) -> dict[str, str]:
    """The environment of a process of the study, made from the one that was found.

    Parameters
    ----------
    portable
        Whether libraries use nothing beyond AVX2, where the processor is an x86-64.
    """
    kept = {
        name: value
        for name, value in found.items()
        if name in CHOICES or not FOREIGN.fullmatch(name) or _MEMORY.fullmatch(name)
    }
    portable = portable and platform.machine() in ("x86_64", "AMD64")
    made = kept | SETTINGS | (PORTABLE if portable else {})
    made.setdefault("KERAS_BACKEND", "tensorflow")
    threads = found.get("STUDY_THREADS", "")
    made["TF_NUM_INTEROP_THREADS"] = threads if re.fullmatch(r"[1-9]\d{0,3}", threads) else str(n_cores())
    if made["KERAS_BACKEND"] == "jax":
        made |= {"NPROC": "8", "XLA_FLAGS": XLA_FLAGS + (XLA_PORTABLE if portable else "")}
    return made


def n_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def is_portable(params: Path) -> bool:
    """What a file of parameters says of ``execution.portable``; true where it does not say false."""
    try:
        return bool(yaml.read(params)["execution"]["portable"] is not False)
    except (yaml.PlainYamlError, KeyError, TypeError):
        return True


def instructions() -> str:
    """The instruction sets that libraries may use here: ``x86-64-v3``, or all that this kind of CPU has."""
    here = cpu()
    capped = all(os.environ.get(name) == value for name, value in PORTABLE.items())
    if capped and not TOO_LATE and here.has_avx2:
        return "x86-64-v3"
    return " ".join([f"{here.identity or here.name}:", *here.instructions])


def replace(environment: MutableMapping[str, str], by: Mapping[str, str]) -> None:
    """Make an environment say what another says and nothing else; what is the same is not touched."""
    for name in set(environment) - set(by):
        del environment[name]
    for name, value in by.items():
        if environment.get(name) != value:
            environment[name] = value


FOUND = dict(os.environ)
"""The environment as the person has it."""
_fixed = fixed(FOUND, portable=is_portable(paths.PARAMS))
TOO_LATE = any(name in sys.modules for name in _READS_AT_LOADING) and any(
    FOUND.get(name) != value for name, value in _fixed.items() if name in PORTABLE
)
"""Whether a library has read another environment before this module was imported."""
replace(os.environ, _fixed)
quiet.install()

if _NO_FMA.search(FOUND.get("GLIBC_TUNABLES", "")):
    sys.exit("GLIBC_TUNABLES: expected none that switches off AVX2 or FMA, received one that does; unset it")
_allowed = resource.getrlimit(resource.RLIMIT_AS)[0]
if resource.RLIM_INFINITY != _allowed < ADDRESS_SPACE:
    sys.exit(  # before a library is loaded: with less, OpenBLAS asks for memory again and again, for ever
        f"memory: expected at least {ADDRESS_SPACE / 1e9:.0f} GB of address space (ulimit -v), "
        f"received {_allowed / 1e9:.1f} GB"
    )

if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit("environment: expected a command to run in the study's environment, received none")
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - the person's own command
