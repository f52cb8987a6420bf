"""The study against what people would pick instead: heads in other libraries, backbones in other runtimes.

Every rival does the same work on the same features or images, in a process of its own with the person's
environment, in turn with the study's in one run. A library that is not installed has a row that says so;
``pip install '.[rivals]'`` installs them.
"""

from benchmarks.rivals.compared import measure

__all__ = ["measure"]
