"""The causes of a run's failures."""

from eng5.reports.alignment import analysis, report
from eng5.reports.failures import LONGEST_EXAMPLE, failure_groups, failure_lines
from tests.reports.conftest import comparison, judged

FAILED = {"status": "failed", "winner_id": None, "loser_id": None}


def test_causes_are_counted_and_shown_by_one_that_answered() -> None:
    """The most frequent first; the example is the first with an answer, shortened; old artefacts have codes only."""
    rows = [
        comparison(1, "a", "b", 1),
        comparison(2, "a", "c", 0).model_copy(update=FAILED | {"failure_cause": "not JSON"}),
        comparison(3, "a", "d", 0).model_copy(
            update=FAILED | {"failure_cause": "not JSON", "raw_answer": "x" * 5000, "failure_reason": "no"}
        ),
        comparison(4, "b", "c", 0).model_copy(update=FAILED | {"error_code": "TIMEOUT"}),
    ]
    groups = failure_groups(rows)
    assert [(one.cause, one.count, one.sequence) for one in groups] == [
        ("not JSON", 2, 3),
        ("time-out", 1, 4),
    ]
    assert groups[0].raw_answer == "x" * (LONGEST_EXAMPLE - 1) + "…"
    assert groups[1].raw_answer is None
    assert [line["count"] for line in failure_lines(groups)] == [2, 1]


def test_without_failures_there_is_nothing_to_say() -> None:
    """No group."""
    assert failure_groups([comparison(1, "a", "b", 1)]) == []


def test_a_run_that_stands_says_how_its_failures_are_asked_again() -> None:
    """A few failures are no alarm and no step of the first screen; the way to ask them stands beside them."""
    for complete in (True, False):
        made = judged(failure_rate=0.03, batch_id="mine", complete=complete)
        files = report.build(made, analysis.build(made, {}, name="mine"), {})
        page = next(text for path, text in files.items() if path.endswith(".md"))
        assert "## Why comparisons failed" in page
        assert ("`eng5 retry mine` asks for them again" in page) is complete
