"""Results that other programs wrote: a file or a folder in, the numbers of the runs out.

``read`` takes a path, ``measure`` a frame. Both give ``Measured``, or a question where the columns are not
clear.
"""

from study.results_file.columns import Choice, Columns, UnclearColumnError
from study.results_file.measured import Measured, ResultsError, measure
from study.results_file.reading import read

__all__ = ["Choice", "Columns", "Measured", "ResultsError", "UnclearColumnError", "measure", "read"]
