"""Does the judge give longer essays more than their grade?"""

from __future__ import annotations

import numpy as np

from eng5.contracts.artefact import Artefact
from eng5.contracts.judge_quality import LengthBias, Ruler
from eng5.reports.alignment.dataset import Dataset, estimated
from eng5.stats.length_bias import length_bias


def build(artefact: Artefact, data: Dataset, anchors: Ruler | None) -> LengthBias | None:
    """Lengths are words of the texts; None where no comparison is between two texts of known, different length.

    How much higher the judge places an anchor than its grade is what the line through the other anchors says of it.
    """
    known = {essay.essay_id: essay.words for essay in (*artefact.inputs.anchors, *artefact.inputs.students)}
    words = np.array([known.get(subject.essay_id, -1) for subject in data.subjects], dtype=np.int64)
    higher = {} if anchors is None else {each.essay_id: each.difference for each in anchors.predictions}
    beyond = np.array([higher.get(subject.essay_id, np.nan) for subject in data.subjects])
    found = length_bias(data.comparisons, words, data.level, beyond)
    if not found.longer_won.decided:
        return None
    return LengthBias(
        compared=found.longer_won.decided,
        longer_won=estimated(found.longer_won.rate, found.longer_won.interval),
        longer_graded_higher=found.graded_higher,
        tendency=estimated(found.tendency, found.interval),
    )
