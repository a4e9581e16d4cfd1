"""How much the verdicts of a batch may cost."""

import asyncio

from eng5.judges import JudgeStoppedError


class Budget:
    """Lets questions through while the verdicts of the batch, reused ones too, cost at most ``limit`` USD.

    A question under way counts with the highest cost seen so far, so that the limit is kept although many are
    asked at a time; until one has cost something, one is asked alone.
    """

    def __init__(self, limit: float | None) -> None:
        self._limit = limit
        self._spent = 0.0
        self._dearest: float | None = None
        self._under_way = 0
        self._settled = asyncio.Event()

    async def admit(self) -> None:
        """Wait until a question may be asked; JudgeStoppedError when none may any more."""
        while self._limit is not None and not self._has_room(self._limit):
            if not self._under_way:
                raise JudgeStoppedError(
                    "LLM_COST_LIMIT_EXCEEDED",
                    f"the verdicts so far cost {self._spent:.4f} USD, and another would pass max_cost_usd "
                    f"({self._limit} USD); they are kept: raise it and run again to go on",
                    spent_usd=round(self._spent, 9),
                    max_cost_usd=self._limit,
                )
            self._settled.clear()
            await self._settled.wait()
        self._under_way += 1

    def settle(self, cost_usd: float | None) -> None:
        """What an admitted question cost; None when it was not answered or its price is not known."""
        self._under_way -= 1
        if cost_usd is not None:
            self._spent += cost_usd
            if cost_usd > 0:
                self._dearest = max(cost_usd, self._dearest or 0.0)
        self._settled.set()

    def reuse(self, cost_usd: float | None) -> None:
        """What a verdict from the ledger cost when it was asked for."""
        self._spent += cost_usd or 0.0

    def _has_room(self, limit: float) -> bool:
        if self._dearest is None:
            return not self._under_way and self._spent < limit
        return self._spent + (self._under_way + 1) * self._dearest <= limit
