"""The budget of a batch."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.judges import JudgeStoppedError
from eng5.stack.cj_core.budget import Budget


@given(
    limit=st.integers(1, 100),
    cost=st.integers(1, 30),
    reused=st.lists(st.integers(0, 30), max_size=3),
    workers=st.integers(1, 8),
)
def test_questions_of_one_price_never_pass_the_limit(
    limit: int, cost: int, reused: list[int], workers: int
) -> None:
    """However many ask at a time, the sum stays within the limit, and as many are asked as fit in.

    Until the first price is known one question is let through as long as anything is left.
    """
    spent = sum(reused)
    asked = 0

    async def worker(budget: Budget) -> None:
        nonlocal asked
        while True:
            await budget.admit()
            asked += 1
            await asyncio.sleep(0)
            budget.settle(float(cost))

    async def run() -> None:
        budget = Budget(float(limit))
        for one in reused:
            budget.reuse(float(one))
        ended = await asyncio.gather(*(worker(budget) for _ in range(workers)), return_exceptions=True)
        assert all(isinstance(one, JudgeStoppedError) for one in ended)

    asyncio.run(run())
    fits = max(0, (limit - spent) // cost)
    assert asked == (max(1, fits) if spent < limit else 0)


def test_a_question_that_cost_nothing_says_nothing_of_the_next() -> None:
    """After an answer for nothing the next question still goes alone, so that it alone can pass the limit."""

    async def run() -> None:
        budget = Budget(0.5)
        await budget.admit()
        budget.settle(0.0)
        others = [asyncio.create_task(budget.admit()) for _ in range(4)]
        await asyncio.sleep(0)
        assert [other.done() for other in others] == [True, False, False, False]
        budget.settle(0.4)
        ended = await asyncio.gather(*others[1:], return_exceptions=True)
        assert all(isinstance(one, JudgeStoppedError) for one in ended)

    asyncio.run(run())


def test_without_a_limit_everything_goes() -> None:
    """Nobody waits and nothing is refused."""

    async def run() -> None:
        budget = Budget(None)
        for _ in range(1000):
            await budget.admit()

    asyncio.run(run())


def test_the_refusal_says_what_was_spent_and_what_to_do() -> None:
    """Facts for people and for programs."""

    async def run() -> None:
        budget = Budget(0.5)
        budget.reuse(0.7)
        await budget.admit()

    with pytest.raises(JudgeStoppedError, match="raise it and run again") as stopped:
        asyncio.run(run())
    assert stopped.value.details == {"spent_usd": 0.7, "max_cost_usd": 0.5}
