"""From tables of runs to the tables of the report.

In go ``inputs.Inputs``, what the stages recorded, and ``params.Rules``. A topic is a module or package with
one function ``tables``, whose frames by name come out: ``factors``, ``best``, ``variability``, ``selection``,
``calibration``, ``ensembles`` and ``claims``. ``statistics`` knows arrays alone.
"""
