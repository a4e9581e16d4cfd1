"""Waiting for a batch and reading its results, whatever happens in between."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, MutableMapping
from dataclasses import dataclass

from eng5.judges.batches.api import BatchApi, BatchCallFailedError, ItemResult, Look
from eng5.judges.clock import Clock

log = logging.getLogger(__name__)

FIRST_WAIT = 1.0
LONGEST_WAIT = 120.0
WAIT_GROWTH = 1.5


@dataclass(frozen=True)
class Follower:
    """Asks a provider again and again, less and less often; ``waiting`` has a sentence for each batch it waits for."""

    api: BatchApi
    provider: str
    clock: Clock
    waiting: MutableMapping[str, str]

    async def until_ended(
        self, provider_id: str, or_until: Callable[[], bool] = lambda: False
    ) -> tuple[Look, bool]:
        """The batch once it has ended or ``or_until`` says so, and whether it had not at the first look.

        Raises BatchCallRefusedError, such as for a batch that this key cannot see.
        """
        pause, waited = FIRST_WAIT, False
        try:
            while True:
                try:
                    look = await self.api.look(provider_id)
                except BatchCallFailedError as failure:
                    pause = max(pause, failure.retry_after or 0.0)
                    self.waiting[provider_id] = f"{provider_id}: {failure}"
                    log.warning(
                        "%s cannot be looked up, trying again in %.0f s: %s", provider_id, pause, failure
                    )
                else:
                    if look.state == "ended" or or_until():
                        return look, waited
                    waited = waited or look.state == "in progress"
                    self.waiting[provider_id] = progress_of(self.provider, look)
                    log.info("%s; next look in %.0f s", self.waiting[provider_id], pause)
                await self.clock.sleep(pause)
                pause = min(LONGEST_WAIT, pause * WAIT_GROWTH)
        finally:
            self.waiting.pop(provider_id, None)

    async def results(self, look: Look, is_ours: Callable[[str], bool]) -> AsyncIterator[ItemResult]:
        """Each question's first result. What cannot be read and what is not ours is counted and said, never taken.

        A connection that breaks is taken up again. NotThereError when the provider has them no longer.
        """
        seen: set[str] = set()
        odd: Counter[str] = Counter()
        pause = FIRST_WAIT
        while True:
            odd.clear()
            try:
                async for line in self.api.results(look):
                    if not line.strip():
                        continue
                    try:
                        result = self.api.read(json.loads(line))
                    except (KeyError, TypeError, ValueError, AttributeError):
                        odd["cannot be read"] += 1
                        continue
                    if not is_ours(result.custom_id):
                        odd["name no question of this batch"] += 1
                    elif result.custom_id not in seen:
                        seen.add(result.custom_id)
                        yield result
                break
            except BatchCallFailedError as failure:
                pause = max(pause, failure.retry_after or 0.0)
                log.warning(
                    "the results of %s break off, reading again in %.0f s: %s",
                    look.provider_id,
                    pause,
                    failure,
                )
                await self.clock.sleep(pause)
                pause = min(LONGEST_WAIT, pause * WAIT_GROWTH)
        for what, count in odd.items():
            log.warning("%d lines of the results of %s %s", count, look.provider_id, what)


def progress_of(provider: str, look: Look) -> str:
    """How far a batch is, for a person."""
    counts = "" if not look.total else f", {(look.done or 0) + (look.failed or 0)} of {look.total} answered"
    return f"{look.provider_id} at {provider}: {look.word}{counts}"
