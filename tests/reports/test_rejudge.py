"""Two judges on the same comparisons."""

import pytest

from eng5.reports.rejudge import Disagreement, build
from tests.reports.conftest import artefact, comparison, essays, failed

ANCHORS = essays(["A", "B", "C"])


def test_agreement_and_kappa() -> None:
    """Three of four agree; the judges say A 3:1 and 2:2, so 0.5 is chance and kappa is (0.75 - 0.5) / 0.5 = 0.5."""
    pairs = [("a", "b"), ("b", "c"), ("c", "a"), ("b", "a")]
    first = artefact(ANCHORS, [comparison(n + 1, *pairs[n], (1, 1, 1, -1)[n]) for n in range(4)])
    second = artefact(ANCHORS, [comparison(n + 1, *pairs[n], (1, 1, -1, -1)[n]) for n in range(4)])
    found = build(first, second)
    assert (found.compared, found.agreeing, found.rate) == (4, 3, 0.75)
    assert found.kappa == pytest.approx(0.5)
    assert found.low is not None and found.high is not None
    assert found.low < 0.75 < found.high
    assert found.disagreements == (Disagreement("c", "a", 1, "c", "a"),)


def test_repeats_are_matched_by_their_order_and_positions_matter() -> None:
    """The second time of a pair is set beside the second time; the reversed pair is another comparison."""
    first = artefact(ANCHORS, [comparison(1, "a", "b", 1), comparison(2, "a", "b", -1)])
    second = artefact(
        ANCHORS, [comparison(1, "a", "b", 1), comparison(2, "a", "b", 1), comparison(3, "b", "a", 1)]
    )
    found = build(first, second)
    assert found.disagreements == (Disagreement("a", "b", 2, "b", "a"),)
    assert found.unmatched == 1


def test_ties_are_answers_and_failures_are_not() -> None:
    """Two ties agree; what one judge did not answer is counted apart."""
    first = artefact(ANCHORS, [comparison(1, "a", "b", 0), failed(2, "b", "c"), comparison(3, "a", "c", 0)])
    second = artefact(
        ANCHORS, [comparison(1, "a", "b", 0), comparison(2, "b", "c", 1), comparison(3, "a", "c", 1)]
    )
    found = build(first, second)
    assert (found.compared, found.agreeing, found.failed) == (2, 1, 1)
    assert found.disagreements == (Disagreement("a", "c", 1, "tie", "a"),)


def test_nothing_in_common_has_no_rate() -> None:
    """None, and no stand-in number."""
    found = build(artefact(ANCHORS, []), artefact(ANCHORS, [comparison(1, "a", "b", 1)]))
    assert (found.rate, found.low, found.kappa, found.unmatched) == (None, None, None, 1)
