"""Statistics: arrays in, numbers out, no table and no file.

Axes are named in every docstring: n replicates (runs of one setting), m images, k levels or models.
Accuracies are fractions. A formula's level is ``alpha``, so that an interval has confidence 1 - alpha. A
value that is not finite gives NaN: no value is dropped.
"""
