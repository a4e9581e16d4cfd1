"""What keeps a provider from being asked too much: rate limits, pauses, and a circuit breaker."""

import asyncio
import logging

from eng5.contracts.failures import FailureCause
from eng5.contracts.llm_config import LlmProviderConfig
from eng5.judges.clock import Clock
from eng5.judges.concurrency import Concurrency

log = logging.getLogger(__name__)

FAILURES_TO_OPEN = 8
"""Failures in a row, over all questions, after which the circuit opens."""

COOLDOWN_SECONDS = 15.0
"""How long it stays open before one question is let through as a probe; doubles with each probe that fails."""

PROBES = 4
"""Probes that may fail in a row before the provider is given up; one, as long as it has never answered."""


class ProviderDownError(Exception):
    """The circuit stayed open through all probes; `cause` is that of the last failure."""

    def __init__(self, message: str, cause: FailureCause | None) -> None:
        super().__init__(message)
        self.cause = cause


class TokenBucket:
    """Lets `per_minute` units through in a minute, and at most that many at once."""

    def __init__(self, per_minute: float, clock: Clock) -> None:
        self._rate = per_minute / 60
        self._capacity = per_minute
        self._level = per_minute
        self._clock = clock
        self._then = clock.now()
        self._turn = asyncio.Lock()

    async def take(self, units: float) -> None:
        """Wait until there are so many units, first come, first served; more than a minute's worth count as that."""
        wanted = min(units, self._capacity)
        async with self._turn:
            self._refill()
            if self._level < wanted:
                await self._clock.sleep((wanted - self._level) / self._rate)
                self._refill()
            self._level -= wanted

    def correct(self, units: float) -> None:
        """Take more, or give back what was not used, without waiting."""
        self._level = min(self._capacity, self._level - units)

    def _refill(self) -> None:
        now = self._clock.now()
        self._level = min(self._capacity, self._level + (now - self._then) * self._rate)
        self._then = now


class CircuitBreaker:
    """Opens after failures in a row; then one question at a time probes whether the provider is back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0
        self._failed_probes = 0
        self._last_failure = ""
        self._last_cause: FailureCause | None = None
        self._probes = 1
        self._open_until: float | None = None
        self._probe = asyncio.Lock()

    async def admit(self) -> bool:
        """Wait while the circuit is open. True: this question is the probe, and must be reported or dropped.

        Raises ProviderDownError when the provider was given up.
        """
        if self._open_until is None:
            return False
        await self._probe.acquire()
        if self._open_until is None:
            self._probe.release()
            return False
        if self._failed_probes >= self._probes:
            self._probe.release()
            raise ProviderDownError(self._last_failure, self._last_cause)
        try:
            await self._clock.sleep(max(0.0, self._open_until - self._clock.now()))
        except BaseException:
            self._probe.release()
            raise
        return True

    def report(self, failure: str | None, *, probe: bool, cause: FailureCause | None = None) -> None:
        """How a question went that was admitted: what failed, or None when the provider answered."""
        if failure is None:
            self._failures = self._failed_probes = 0
            self._probes = PROBES
            self._open_until = None
        else:
            self._last_failure, self._last_cause = failure, cause
            self._failures += 1
            self._failed_probes += probe
            if probe or (self._open_until is None and self._failures >= FAILURES_TO_OPEN):
                pause = COOLDOWN_SECONDS * 2**self._failed_probes
                self._open_until = self._clock.now() + pause
                if self._failed_probes < self._probes:
                    log.warning("the provider does not answer; trying again in %.0f s: %s", pause, failure)
        self.drop(probe=probe)

    def drop(self, *, probe: bool) -> None:
        """End an admitted question that says nothing about the provider, such as a cancelled one."""
        if probe:
            self._probe.release()


class Limiter:
    """All limits of one provider; shared by every batch of the process."""

    def __init__(self, config: LlmProviderConfig, clock: Clock) -> None:
        self.concurrency = Concurrency(config, clock)
        self.breaker = CircuitBreaker(clock)
        self._address = config.base_url
        self._clock = clock
        self._requests = _bucket(config.requests_per_minute, clock)
        self._tokens = _bucket(config.tokens_per_minute, clock)
        self._resume_at = 0.0

    async def admit(self, tokens: float) -> None:
        """Wait until a request that will take about so many tokens may be sent."""
        while (pause := self._resume_at - self._clock.now()) > 0:
            await self._clock.sleep(pause)
        if self._requests is not None:
            await self._requests.take(1)
        if self._tokens is not None:
            await self._tokens.take(tokens)

    def used(self, estimated: float, tokens: float) -> None:
        """What a request took in the end."""
        if self._tokens is not None:
            self._tokens.correct(tokens - estimated)

    def pause(self, seconds: float) -> None:
        """Send nothing for so long: the provider asked for it."""
        self._resume_at = max(self._resume_at, self._clock.now() + seconds)

    def advice(self, cause: FailureCause, max_tokens: int | None) -> str:
        """Which of concurrency, time-out and max_tokens to change where requests keep failing for a cause."""
        limit, timeout = min(self.concurrency.limit, self.concurrency.under_way), self.concurrency.timeout
        if limit > 1 and cause in ("time-out", "unreachable", "server error"):
            return f"lower ENG5_LLM_CONCURRENCY below {limit}: the server cannot answer so many at a time"
        if cause == "time-out":
            shorter = f"lower max_tokens below {max_tokens}, or " if max_tokens else "set max_tokens, or "
            return f"{shorter}raise ENG5_LLM_TIMEOUT above {timeout:.0f}: not even one question is answered in time"
        where = f" at {self._address}" if self._address else ""
        return (
            f"see that the server is up{where} (`eng5 doctor --judge`): it was asked one question at a time, so "
            "neither concurrency nor time-out nor max_tokens is the cause"
        )


def _bucket(per_minute: float | None, clock: Clock) -> TokenBucket | None:
    return None if per_minute is None else TokenBucket(per_minute, clock)
