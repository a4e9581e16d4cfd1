"""The grades of several graders as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eng5.contracts.artefact import NamedEssay
from eng5.contracts.grade_scales import GradeScale
from eng5.contracts.inventory import Essay


def graded(essays: Sequence[Essay | NamedEssay], scale: GradeScale) -> tuple[list[str], NDArray[np.float64]]:
    """The graders, sorted, and their grades as places on the scale, shape (n, g); NaN where there is none."""
    names = sorted({name for essay in essays for name in essay.grades})
    rows = [
        [np.nan if (level := scale.level(essay.grades.get(name, ""))) is None else level for name in names]
        for essay in essays
    ]
    return names, np.array(rows, dtype=np.float64).reshape(len(essays), len(names))
