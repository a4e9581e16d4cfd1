"""Rows: what is summed in memory and what is read back from disk are the same comparisons."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.contracts.artefact import Comparison
from eng5.contracts.estimate import Spending
from eng5.steps import rows as rows_module
from eng5.steps.rows import BLANK, Row, Rows

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_row(number: int, **changes: Any) -> Row:
    return (
        BLANK
        | {
            "sequence": 1,
            "request_id": f"request-{number}",
            "correlation_id": uuid5(NAMESPACE_OID, str(number)),
            "comparison_index": number % 3,
            "status": "succeeded",
            "essay_a_id": "a",
            "essay_b_id": "b",
            "winner_id": "a",
            "loser_id": "b",
            "confidence": 4.0,
            "justification": '\n    },\n    {\n \u2028 "',
            "provider": "openai",
            "model": "m",
            "tokens_prompt": 10,
            "tokens_completion": 1,
            "cost_usd": 0.1,
            "started_at": NOON,
            "completed_at": NOON + timedelta(seconds=1, microseconds=number),
        }
        | changes
    )


ROWS = st.builds(
    a_row,
    st.integers(0, 40),
    status=st.sampled_from(["succeeded", "tie"]),
    essay_a_id=st.sampled_from("ab"),
    cost_usd=st.sampled_from([0.1, 0.25, None]),
    model=st.sampled_from(["m", "n"]),
    confidence=st.floats(1, 5),
    justification=st.text(max_size=20) | st.none(),
)


@given(st.lists(ROWS, max_size=30, unique_by=lambda row: row["request_id"]))
def test_what_is_read_back_is_what_was_added(given_rows: list[Row]) -> None:
    """Every field of every row, in the order of index, essays and request id; sums are those of the rows."""
    found = Rows(Path())
    assert all(found.add(row) for row in given_rows)
    key = ("comparison_index", "essay_a_id", "essay_b_id", "request_id")
    ordered = sorted(given_rows, key=lambda row: tuple(row[name] for name in key))
    expected = [Comparison(**row | {"sequence": place}) for place, row in enumerate(ordered, start=1)]
    assert list(found.ordered()) == expected
    assert [found.ordered()[place] for place in range(len(expected))] == expected
    assert found.met() == Counter((one.essay_a_id, one.essay_b_id) for one in expected)
    decided = [one for one in expected if one.status == "succeeded"]
    assert found.decided() == Counter(essay for one in decided for essay in (one.essay_a_id, one.essay_b_id))
    costs = found.costs(None)
    prices = [one.cost_usd for one in expected]
    known = [price for price in prices if price is not None]
    assert costs.total_usd == (pytest.approx(sum(known)) if len(known) == len(prices) else None)
    assert sum(each.comparisons for each in costs.token_counts) == len(expected)
    assert sum(each.prompt_tokens for each in costs.token_counts) == 10 * len(expected)


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_that_differ_the_earliest_stands(monkeypatch: pytest.MonkeyPatch, turned: bool) -> None:
    """In text and in sums, whether it came first or second, and whether or not the first was on disk already."""
    early = a_row(1, tokens_prompt=7, completed_at=NOON)
    late = a_row(1, tokens_prompt=9, completed_at=NOON + timedelta(hours=1))
    for at_once in (1, 100):
        monkeypatch.setattr(rows_module, "AT_ONCE", at_once)
        found = Rows(Path())
        for row in (late, early) if turned else (early, late):
            found.add(row)
        found.add(a_row(2))
        assert not found.add(early)
        assert [one.tokens_prompt for one in found.ordered()] == [7, 10]
        assert found.costs(None).token_counts[0].prompt_tokens == 17
        spent = found.costs(Spending(asked=2, cost_usd=0.2, seconds=9)).spent
        assert spent is not None and spent.seconds == 1.0  # from noon to the answer of the second


def test_what_was_asked_is_counted_without_what_was_kept() -> None:
    """Three rows, one reused: two asked, their cost, and the time from the first question to the last answer."""
    found = Rows(Path())
    for number, (reused, usd) in enumerate([(False, 0.1), (True, 5.0), (False, 0.2)]):
        asked_at = NOON + timedelta(seconds=10 * number)
        answered_at = asked_at + timedelta(seconds=4)
        found.add(a_row(number, reused=reused, cost_usd=usd, started_at=asked_at, completed_at=answered_at))
    spent = found.costs(Spending(asked=2, cost_usd=0.3, seconds=9, by_batch=True)).spent
    assert spent == Spending(asked=2, cost_usd=0.3, seconds=24.0, by_batch=True)
    nothing = Rows(Path()).costs(Spending(asked=0, cost_usd=0.0, seconds=0.0))
    assert nothing.spent == nothing.planned
    assert found.costs(None).spent is None
