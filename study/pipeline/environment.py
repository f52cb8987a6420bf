"""The steps of the pipeline, one module a DVC stage: read, call, write.

TensorFlow reads its threads from the environment when it is first imported: one thread an operation, and
as many operations at once as there are cores, so that no number depends on how many cores there are.
oneDNN is set rather than left to TensorFlow, which decides by the processor. XLA, which compiles for JAX,
likewise works on one thread a product, cuts other work for a number of threads that does not follow the cores
(NPROC), and on a GPU takes operations that give the same each time. There it is also kept from splitting the
sums of products, for which it would copy all weights at every step.
"""

import os
import resource
import sys

ADDRESS_SPACE = 2e9
"""Bytes: what the libraries of a stage that trains take when they are loaded, and a little."""
XLA_FLAGS = (
    "--xla_cpu_multi_thread_eigen=false --xla_gpu_deterministic_ops=true "
    "--xla_gpu_experimental_force_split_k=1"
)

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", str(os.cpu_count() or 1))
os.environ.setdefault("TF_DETERMINISTIC_OPS", "1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
if os.environ["KERAS_BACKEND"] == "jax":
    os.environ.setdefault("NPROC", "8")
    os.environ.setdefault("XLA_FLAGS", XLA_FLAGS)

_allowed = resource.getrlimit(resource.RLIMIT_AS)[0]
if resource.RLIM_INFINITY != _allowed < ADDRESS_SPACE:
    sys.exit(  # before a library is loaded: with less, OpenBLAS asks for memory again and again, for ever
        f"memory: expected at least {ADDRESS_SPACE / 1e9:.0f} GB of address space (ulimit -v), "
        f"received {_allowed / 1e9:.1f} GB"
    )
