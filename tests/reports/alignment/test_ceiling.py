"""The human ceiling in an analysis and its report."""

from __future__ import annotations

import numpy as np

from eng5.contracts.grade_scales import GRADE_SCALES
from eng5.reports.alignment import analysis
from eng5.reports.alignment import report as alignment_report
from eng5.stats.alternative_annotator import power_of_panel
from tests.reports.conftest import judged

SCALE = GRADE_SCALES["eng5_np_legacy_9_step"]


def graded(errors: int, graders: int = 3, steepness: float = 1.0):  # type: ignore[no-untyped-def]
    """An artefact whose anchors were graded by several, each up to `errors` steps off."""
    source, rng = judged(steepness=steepness), np.random.default_rng(3)
    anchors = []
    for anchor in source.inputs.anchors:
        level = SCALE.level(anchor.grade or "") or 0
        grades = {
            f"Grader {number}": SCALE.all_grades[
                int(np.clip(level + rng.integers(-errors, errors + 1), 0, len(SCALE.all_grades) - 1))
            ]
            for number in range(1, graders + 1)
        }
        anchors.append(anchor.model_copy(update={"grades": grades}))
    return source.model_copy(update={"inputs": source.inputs.model_copy(update={"anchors": anchors})})


def test_graders_who_always_agree_leave_no_error() -> None:
    """Alpha, kappa and reliability are 1, and a perfect judge could reach tau 1."""
    found = analysis.build(graded(0), {}, name="run").ceiling
    assert found is not None
    assert (found.alpha.value, found.kappa.value, found.reliability, found.perfect_tau) == (1, 1, 1, 1)
    assert all(one.tau_others.value == 1 for one in found.graders)


def test_graders_with_error_bound_the_judge() -> None:
    """A perfect judge could not reach 1; the judge's tau without their error is no less than with it."""
    found = analysis.build(graded(2), {}, name="run").ceiling
    assert found is not None and found.perfect_tau is not None and found.power is not None
    assert found.perfect_tau < 1 and found.alpha.interval is not None
    assert (found.tau_without_error.value or 0.0) >= (found.tau.value or 1.0)
    assert found.as_good == (sum(one.stands_in for one in found.graders) >= 2)
    assert "alpha" in found.sentence and 0 <= found.power <= 1


def test_one_grader_has_no_ceiling() -> None:
    """Without a second opinion nothing is known of the experts' error."""
    assert analysis.build(judged(), {}, name="run").ceiling is None
    assert analysis.build(graded(1, graders=1), {}, name="run").ceiling is None
    assert power_of_panel(np.full((12, 1), 3.0), 9) is None


def test_the_report_shows_the_graders() -> None:
    """Both pages have the table of graders and the sentence on top of it."""
    source = graded(1)
    found = analysis.build(source, {}, name="run")
    assert found.ceiling is not None
    files = alignment_report.build(source, found, {})
    for text in files.values():
        assert "How good can a judge be?" in text and "Grader 3" in text
        assert not any(word in text for word in (">nan<", "None |", "Undefined"))
