"""The common frame of the reports of a run."""

from __future__ import annotations

from eng5.reports import frame
from tests.reports.conftest import artefact, comparison, essays


def test_a_verdict_in_one_line() -> None:
    """Order, names, winner or tie, and how sure; what was not stated is n/a."""
    anchors = essays(["A", "B"])
    names = {essay.essay_id: f"Essay <{number}>" for number, essay in enumerate(anchors)}
    ids = [essay.essay_id for essay in anchors]
    won = comparison(3, ids[1], ids[0], -1, confidence=4.0)
    assert (
        frame.verdict_line(won, names)
        == "#3 · Essay <1> shown first, Essay <0> second · Essay <0> won · confidence 4.0"
    )
    tie = comparison(4, ids[0], ids[1], 0, confidence=None)
    assert frame.verdict_line(tie, names).endswith("· tie · confidence n/a")


def test_prompts_have_titles() -> None:
    """The system prompt first, then the rubric; None where the service used its own."""
    made = artefact(essays(["A", "B"]), [])
    titles = [title for title, _ in frame.prompts(made)]
    assert titles == ["System prompt", "Judge rubric"]
