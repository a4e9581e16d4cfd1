"""Tests of `eng5.stack.cj_core.early_stop`."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.judges import Outcome
from eng5.stack.cj_core.batch import BatchRefusedError, BatchRequest
from eng5.stack.cj_core.batch_comparisons import PlannedComparison
from eng5.stack.cj_core.early_stop import StopRule, run_until_settled, stop_rule
from eng5.stack.cj_core.judging import Judged, Judging
from eng5.stats.sequential import decide, stopping_bounds

IDS = {"a": "0" * 32, "b": "1" * 32}
LETTERS = {"H": 1, "L": -1, "T": 0, "F": 2}
PAIRS = st.lists(
    st.lists(st.text("HHHLTF", min_size=2, max_size=2), min_size=1, max_size=14), min_size=1, max_size=3
)


class LetterJudging:
    """Answers iteration k of pair p in its two orders by two letters, and notes what it was asked."""

    def __init__(self, pairs: Sequence[Sequence[str]]) -> None:
        self.pairs = pairs
        self.waves: list[list[PlannedComparison]] = []

    async def run(self, comparisons: Sequence[PlannedComparison]) -> list[Judged]:
        self.waves.append(list(comparisons))
        return [Judged(one, self._outcome(one), "mock", "letters") for one in comparisons]

    def _outcome(self, one: PlannedComparison) -> Outcome:
        higher_first = one.essay_a_id.startswith("higher")
        pair = int(one.essay_a_id[-1])
        letter = self.pairs[pair][one.repetition - 1][0 if higher_first else 1]
        if letter in "HL":
            return Outcome.A if (letter == "H") == higher_first else Outcome.B
        return Outcome.TIE if letter == "T" else Outcome.ERROR


def listed(pairs: Sequence[Sequence[str]]) -> list[PlannedComparison]:
    """Every pair in both orders, iteration by iteration."""
    rows: list[PlannedComparison] = []
    for iteration in range(max(map(len, pairs))):
        for number, pair in enumerate(pairs):
            if iteration < len(pair):
                both = f"higher{number}", f"lower{number}"
                for a, b in (both, both[::-1]):
                    rows.append(PlannedComparison(len(rows), a, b, iteration + 1, listed=True))
    return rows


@given(PAIRS)
def test_a_pair_is_asked_until_the_statistics_settle_it(pairs: list[list[str]]) -> None:
    """What is asked is what `stats.sequential.decide` says, pair by pair, ties and failures included."""
    rule = StopRule(error_rate=0.05, stop_at_wins=list(stopping_bounds(14)))
    judging = LetterJudging(pairs)
    judged = asyncio.run(run_until_settled(cast("Judging", judging), listed(pairs), rule))
    for number, pair in enumerate(pairs):
        stopped = decide([LETTERS[one[0]] for one in pair], [LETTERS[one[1]] for one in pair]).stopped_at
        asked = [one for one in judged if one.comparison.essay_a_id in (f"higher{number}", f"lower{number}")]
        assert len(asked) == 2 * (stopped or len(pair))
    assert [one.comparison.position for one in judged] == sorted(one.comparison.position for one in judged)
    assert all(len({one.repetition for one in wave}) <= 1 for wave in judging.waves)


@pytest.fixture
def make_request(bench: Any) -> Any:
    def make(**options: Any) -> BatchRequest:
        return BatchRequest.parse(bench.request({}, storage_ids=IDS, batch=str(uuid.uuid4()), **options))

    return make


def test_only_listed_comparisons_stop_early(make_request: Any) -> None:
    """Without the wish, or without a list, there is no rule."""
    wish = {"sequential": {"error_rate": 0.05, "stop_at_wins": [None, 4]}}
    assert stop_rule(make_request(listed=[("a", "b")])) is None
    assert stop_rule(make_request(metadata=wish)) is None
    rule = stop_rule(make_request(listed=[("a", "b"), ("b", "a")], metadata=wish))
    assert rule is not None and rule.stop_at_wins == [None, 4]


@pytest.mark.parametrize("wish", ["yes", {"error_rate": 2, "stop_at_wins": []}, {"error_rate": 0.05}])
def test_a_wish_that_makes_no_sense_is_refused(make_request: Any, wish: Any) -> None:
    """The refusal names the field."""
    with pytest.raises(BatchRefusedError, match=r"metadata\.sequential"):
        stop_rule(make_request(listed=[("a", "b")], metadata={"sequential": wish}))
