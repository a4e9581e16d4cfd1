"""What a reader must know, whatever a run measures."""

from __future__ import annotations

from eng5.reports import notices
from tests.reports.conftest import artefact, comparison, essays


def test_a_whole_run_of_one_judge_needs_no_notice() -> None:
    """Nothing missing, nothing failed, one judge: nothing is said."""
    anchors = essays(["A", "B"])
    made = artefact(anchors, [comparison(1, anchors[0].essay_id, anchors[1].essay_id, 1)])
    parts = (
        notices.of_batch(made),
        notices.of_verdicts(1, 0, 0),
        notices.of_messages(made),
        notices.of_judges(made, made.llm_comparisons),
    )
    assert notices.as_notices(*parts) == []


def test_a_panel_of_people_is_no_surprise() -> None:
    """Its report has a table of them; that there are several needs no notice."""
    anchors = essays(["A", "B"])
    ids = [essay.essay_id for essay in anchors]
    rows = [
        comparison(n, ids[0], ids[1], 1, provider="human", model=name)
        for n, name in enumerate(("anna", "bo"), 1)
    ]
    assert list(notices.of_judges(artefact(anchors, rows), rows)) == []


def test_what_is_wrong_is_named_in_order() -> None:
    """A failed batch with its reason, missing and failed comparisons with how many of how many, two judges."""
    anchors = essays(["A", "B"])
    ids = [essay.essay_id for essay in anchors]
    made = artefact(
        anchors, [comparison(1, ids[0], ids[1], 1), comparison(2, ids[0], ids[1], 1, model="judge-2")]
    )
    seen = made.validation.model_copy(
        update={"batch_status": "failed", "failure": "no budget", "unlisted": 2}
    )
    made = made.model_copy(update={"validation": seen})
    found = notices.as_notices(
        notices.of_batch(made),
        notices.of_verdicts(9, 2, 1),
        notices.of_messages(made),
        notices.of_judges(made, made.llm_comparisons),
    )
    assert [one.code for one in found] == [
        "batch failed",
        "missing verdicts",
        "failed",
        "unlisted",
        "several judges",
    ]
    assert "no budget" in found[0].text and "2 of 9" in found[1].text and "1 of 9" in found[2].text
    assert "anthropic / judge-1, anthropic / judge-2" in found[4].text
