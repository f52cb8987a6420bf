"""A finished study held to everything that it is made from, in the present folder.

In go its files: params.yaml, reports/, dvc.lock and, where they are at hand, data/ and a git clone. Out come
verdicts, one a line. Nothing is trained, and neither TensorFlow nor Keras nor DVC is needed.
"""

from __future__ import annotations

from functools import partial

from study.audit import commit, hashes, lock, models, records, report, runs, tables, training
from study.audit.report import Draw
from study.audit.tables import Frames
from study.audit.verdict import Verdict, Verdicts, guarded
from study.params import Params

__all__ = ["Verdict", "audit"]


def audit(chosen: Params, *, draw: Draw) -> Verdicts:
    """Every verdict, in the order in which a study is made.

    Parameters
    ----------
    chosen
        The study's parameters.
    draw
        Draws the report's pictures: ``report.build.draw``.
    """
    computed: Frames = {}
    for check, verdicts in (
        ("hashes", hashes.contents),
        ("hashes", hashes.sums),
        ("lock", partial(lock.check, chosen)),
        ("commit", commit.check),
        ("inputs", partial(records.check, chosen)),
        ("code", partial(records.code, chosen)),
        ("data", records.dataset),
        ("runs", partial(runs.check, chosen)),
        ("histories", partial(runs.histories, chosen)),
        ("selection", partial(tables.selection, chosen)),
        ("ensembles", partial(runs.ensembles, chosen)),
        ("ensembles", partial(tables.ensembles, chosen)),
        ("tables", partial(tables.check, chosen, computed)),
        ("report", partial(report.check, chosen, computed, draw=draw)),
        ("models", partial(models.check, chosen)),
        ("training", partial(training.check, chosen)),
    ):
        yield from guarded(check, verdicts)
