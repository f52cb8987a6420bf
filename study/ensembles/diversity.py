"""How differently two models err."""

from __future__ import annotations

import numpy as np

from study.ensembles.members import Labels, Probabilities, known


def diversity(first: Probabilities, second: Probabilities, labels: Labels) -> dict[str, float]:
    """Disagreement, error correlation and gain of two members' probabilities (n, n_classes).

    ``disagreement`` is the share of examples that they class differently (Kuncheva and Whitaker 2003, section
    2.1.3), ``error_correlation`` the Pearson correlation of their errors (NaN where one has none or is
    always wrong), ``gain`` the accuracy of their soft vote less the mean of their accuracies.
    """
    both = known(np.stack([first, second]))
    classes = both.argmax(axis=2)
    wrong = classes != labels
    varies = bool(wrong.any(axis=1).all() and not wrong.all(axis=1).any())
    together = float(np.mean(both.mean(axis=0).argmax(axis=1) == labels))
    return {
        "disagreement": float(np.mean(classes[0] != classes[1])),
        "error_correlation": float(np.corrcoef(wrong)[0, 1]) if varies else float("nan"),
        "gain": together - float(1 - wrong.mean()),
    }
