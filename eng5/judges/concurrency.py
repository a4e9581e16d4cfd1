"""How many questions a provider is asked at a time, and how long it is waited for: what fits the answers that come.

Additive increase, multiplicative decrease holds for every provider: a time-out or a rate limit halves the number, and
each round of answers raises it by one. A server of one's own whose answers are slow is measured, too. By Little's law
n questions that take t seconds each are n / t answers a second; the number doubles as long as that grows, and goes
back where it does not: a server that works on one question at a time is soon asked one at a time.
"""

from __future__ import annotations

import logging
from statistics import fmean

import anyio

from eng5.contracts.llm_config import LlmProviderConfig
from eng5.judges.clock import Clock

log = logging.getLogger(__name__)

SLOW = 3.0
"""Seconds of an answer from which a server of one's own is measured."""
GAIN = 1.15
"""By how much more answers a second are worth a higher number."""
HOLD = 20
"""Answers before a higher number is tried again."""
PATIENCE = 4
"""Times the slowest answer so far that the next one may take, where no time-out is set."""
LONGEST = 8
"""Times the usual time-out that is the most."""


class Concurrency:
    """The limit of one provider; used from one event loop.

    Attributes:
        slots: a place for each of them; `async with` waits for one.
        epoch: changes with the limit: what began before says nothing about the limit now.
        limit: questions at a time, now.
        timeout: seconds that a request may take, now.
    """

    def __init__(self, config: LlmProviderConfig, clock: Clock) -> None:
        self._most = config.concurrency
        self._measures = config.base_url is not None
        self._clock = clock
        self.slots = anyio.CapacityLimiter(config.concurrency)
        self._usual, self._set = config.timeout, "timeout" in config.model_fields_set
        self.limit = config.concurrency
        self.timeout = config.timeout
        self._ceiling = config.concurrency
        self._target = config.concurrency
        self._best: tuple[int, float] | None = None
        self.epoch = 0
        self._seconds: list[float] = []
        self._answers = 0

    @property
    def under_way(self) -> int:
        """Questions that have a place."""
        return int(self.slots.borrowed_tokens)

    def answered(self, seconds: float, *, began_in: int) -> None:
        """A question was answered after so many seconds."""
        if not self._set:
            self.timeout = max(self.timeout, min(PATIENCE * seconds, LONGEST * self._usual))
        self._answers += 1
        if self._ceiling < self._most and self._answers >= max(HOLD, self._ceiling):
            self._answers = 0
            self._ceiling += 1
            self._apply()
        if (self._measures and seconds > SLOW) or self._best is not None:
            self._measure(seconds, began_in)

    def overloaded(self, *, began_in: int, timed_out: bool) -> None:
        """A time-out, or a rate limit."""
        if timed_out and self.under_way <= 1:
            if not self._set:
                self.timeout = min(2 * self.timeout, LONGEST * self._usual)
            if self._measures:
                self._best = None
                self._aim(1)
            return
        if began_in == self.epoch and self.limit > 1:
            self._ceiling = max(1, self.limit // 2)
            self._answers = 0
            self._best = None
            self._apply()

    def _measure(self, seconds: float, began_in: int) -> None:
        busy = self.under_way
        if self._best is None:
            self._best = (1, 1 / seconds if busy <= 1 else 0.0)
            self._aim(2 if busy <= 1 else 1)
            return
        if began_in != self.epoch or busy < self.limit:
            return
        self._seconds.append(seconds)
        # The first round meets an emptier queue than those after it.
        steady = self._seconds[self.limit :]
        if len(steady) < max(2, self.limit):
            return
        rate = self.limit / max(fmean(steady), 1e-9)
        at, best = self._best
        if self.limit > at and rate < GAIN * best:
            self._aim(at)
        elif self.limit > at or best == 0.0:
            self._best = (self.limit, rate)
            self._aim(2 * self.limit)
        elif len(steady) >= HOLD:
            self._best = (self.limit, rate)
            self._aim(self.limit + max(1, self.limit // 4))

    def _aim(self, limit: int) -> None:
        self._target = max(1, min(limit, self._most))
        self._apply()

    def _apply(self) -> None:
        limit = min(self._target, self._ceiling)
        self._seconds = []
        if limit == self.limit:
            return
        log.info("asked %d at a time from now on, %d before", limit, self.limit)
        self.epoch += 1
        self.limit = limit
        self.slots.total_tokens = limit
