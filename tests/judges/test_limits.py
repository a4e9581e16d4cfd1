"""Rate limits, pauses and the circuit breaker, on a clock that only sleep moves."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.contracts.failures import FailureCause
from eng5.contracts.llm_config import LlmProviderConfig
from eng5.judges.clock import Clock
from eng5.judges.limits import (
    COOLDOWN_SECONDS,
    FAILURES_TO_OPEN,
    PROBES,
    CircuitBreaker,
    Limiter,
    ProviderDownError,
    TokenBucket,
)
from tests.judges.conftest import StoppedClock


@given(per_minute=st.integers(1, 600), wanted=st.lists(st.integers(1, 50), max_size=40))
def test_a_bucket_lets_no_more_through_than_its_rate(per_minute: int, wanted: list[int]) -> None:
    """After any requests the time that passed covers what went beyond the first minute's allowance."""
    time = StoppedClock()

    async def run() -> None:
        bucket = TokenBucket(per_minute, time.clock)
        for units in wanted:
            await bucket.take(units)

    asyncio.run(run())
    taken = sum(min(units, per_minute) for units in wanted)
    assert taken <= per_minute + time.time * per_minute / 60 + 1e-6


def test_tokens_that_were_not_used_are_given_back() -> None:
    """An estimate of 60 of 60 that turns out to be 10 leaves room for 50 at once."""
    time = StoppedClock()

    async def run() -> None:
        limiter = Limiter(LlmProviderConfig(tokens_per_minute=60), time.clock)
        await limiter.admit(60)
        limiter.used(60, 10)
        await limiter.admit(50)
        assert time.slept == []
        await limiter.admit(1)
        assert time.slept == [pytest.approx(1.0)]

    asyncio.run(run())


def test_a_pause_holds_everybody() -> None:
    """After `Retry-After: 20` no request of the provider leaves for 20 s."""
    time = StoppedClock()

    async def run() -> None:
        limiter = Limiter(LlmProviderConfig(), time.clock)
        limiter.pause(20)
        await limiter.admit(1)
        assert time.time == 20

    asyncio.run(run())


def test_one_success_closes_the_circuit() -> None:
    """After the cool-down a single probe goes; when it succeeds all go at once."""
    time = StoppedClock()

    async def run() -> None:
        breaker = CircuitBreaker(time.clock)
        for _ in range(FAILURES_TO_OPEN):
            assert await breaker.admit() is False
            breaker.report("503", probe=False)
        assert await breaker.admit() is True
        assert time.slept == [COOLDOWN_SECONDS]
        others = [asyncio.create_task(breaker.admit()) for _ in range(5)]
        await asyncio.sleep(0)
        assert not any(other.done() for other in others)
        breaker.report(None, probe=True)
        assert await asyncio.gather(*others) == [False] * 5

    asyncio.run(run())


def test_probes_that_fail_give_the_provider_up() -> None:
    """Each pause is twice the one before; after the last probe everybody is told."""
    time = StoppedClock()

    async def run() -> None:
        breaker = CircuitBreaker(time.clock)
        breaker.report(None, probe=False)
        for _ in range(FAILURES_TO_OPEN):
            breaker.report("503", probe=False)
        for _ in range(PROBES):
            assert await breaker.admit() is True
            breaker.report("503", probe=True)
        for _ in range(2):
            with pytest.raises(ProviderDownError, match="503"):
                await breaker.admit()
        assert time.slept == [COOLDOWN_SECONDS * factor for factor in (1, 2, 4, 8)]

    asyncio.run(run())


def test_a_provider_that_never_answered_is_given_up_sooner() -> None:
    """A wrong address costs one cool-down, not four."""
    time = StoppedClock()

    async def run() -> None:
        breaker = CircuitBreaker(time.clock)
        for _ in range(FAILURES_TO_OPEN):
            breaker.report("refused", probe=False)
        assert await breaker.admit() is True
        breaker.report("refused", probe=True)
        with pytest.raises(ProviderDownError, match="refused"):
            await breaker.admit()
        assert time.time == COOLDOWN_SECONDS

    asyncio.run(run())


async def opened(clock: Clock) -> CircuitBreaker:
    """A breaker whose circuit is open."""
    breaker = CircuitBreaker(clock)
    for _ in range(FAILURES_TO_OPEN):
        await breaker.admit()
        breaker.report("503", probe=False)
    return breaker


def test_a_probe_that_is_cancelled_leaves_its_turn_to_the_next() -> None:
    """Both while it waits for the cool-down and while it is asked."""

    async def run() -> None:
        asleep, awake = asyncio.Event(), asyncio.Event()

        async def sleep(seconds: float) -> None:
            asleep.set()
            await awake.wait()

        breaker = await opened(Clock(now=lambda: 0.0, sleep=sleep))
        first = asyncio.create_task(breaker.admit())
        await asleep.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        awake.set()
        assert await asyncio.wait_for(breaker.admit(), 60) is True
        breaker.drop(probe=True)
        assert await asyncio.wait_for(breaker.admit(), 60) is True

    asyncio.run(run())


def test_failures_between_successes_do_not_open_it() -> None:
    """Only failures in a row count."""
    time = StoppedClock()

    async def run() -> None:
        breaker = CircuitBreaker(time.clock)
        for number in range(10 * FAILURES_TO_OPEN):
            breaker.report(None if number % FAILURES_TO_OPEN == 0 else "503", probe=False)
        assert await breaker.admit() is False

    asyncio.run(run())


def test_the_advice_names_the_setting_to_change() -> None:
    """Too many at a time, too little time for one, or none of it: the server is away."""

    async def run(cause: FailureCause, at_once: int) -> str:
        limiter = Limiter(LlmProviderConfig(base_url="http://localhost:1/v1"), StoppedClock().clock)
        said: list[str] = []
        everybody = asyncio.Event()

        async def one() -> None:
            async with limiter.concurrency.slots:
                said.append("in")
                if len(said) == at_once:
                    said.append(limiter.advice(cause, 500))
                    everybody.set()
                await everybody.wait()

        await asyncio.gather(*(one() for _ in range(at_once)))
        return said[-1]

    assert "lower ENG5_LLM_CONCURRENCY below 4" in asyncio.run(run("time-out", 4))
    alone = asyncio.run(run("time-out", 1))
    assert "lower max_tokens below 500, or raise ENG5_LLM_TIMEOUT above 120" in alone
    assert "see that the server is up at http://localhost:1/v1" in asyncio.run(run("unreachable", 1))
