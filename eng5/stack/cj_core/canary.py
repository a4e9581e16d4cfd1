"""One question goes first: what would fail every question ends the batch after one, before the others are paid for."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from eng5.contracts.failures import FailureCause
from eng5.judges import JudgeStoppedError, Outcome
from eng5.judges.ledger import Entry

OF_ONE_QUESTION: frozenset[FailureCause] = frozenset({"too long", "refused"})
"""Failures that may be due to the essays of that question: the next one goes first in its place."""

OF_ONE_ANSWER: frozenset[FailureCause] = frozenset({"cut off", "not JSON", "wrong winner", "invalid answer"})
"""Failures of an answer, which say nothing about a judge that is known to answer."""

MOST = 3
"""Questions that may fail so before it is taken for what fails all of them."""


class Canary:
    """Lets one question at a time through until one is answered.

    A question whose verdict is kept already is none: nothing is asked for it.
    """

    def __init__(self, *, wanted: bool) -> None:
        self.passed = not wanted
        """No question has to go alone any more."""
        self._failed = 0
        self._trusted = False
        self._turn = asyncio.Lock()
        self._stop: JudgeStoppedError | None = None

    def trust(self) -> None:
        """The judge has answered before: only what fails every question ends the batch."""
        self._trusted = True

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until a question may be looked up and asked; JudgeStoppedError after one that ended the batch."""
        async with contextlib.AsyncExitStack() as alone:
            if not self.passed:
                await alone.enter_async_context(self._turn)
                if self.passed:
                    await alone.aclose()
            if self._stop is not None:
                raise self._stop
            try:
                yield
            except JudgeStoppedError as stop:
                self._stop = self._stop or stop
                raise

    def see(self, entry: Entry) -> JudgeStoppedError | None:
        """How a question went that was asked: what ends the batch, if it says that all will go like it."""
        if self.passed or self._stop is not None:
            return None
        if entry.verdict.outcome is not Outcome.ERROR:
            self.passed = True
            return None
        self._failed += 1
        cause = entry.verdict.cause
        if self._trusted and cause in OF_ONE_QUESTION | OF_ONE_ANSWER:
            self.passed = True
            return None
        if cause in OF_ONE_QUESTION and self._failed < MOST:
            return None
        first = "the first question" if self._failed == 1 else f"the first {self._failed} questions"
        self._stop = JudgeStoppedError(
            entry.verdict.error_code or "EXTERNAL_SERVICE_ERROR",
            f"{first} to {entry.provider}/{entry.model} failed, and the others were not asked: "
            f"{entry.verdict.error_message or 'no reason given'}",
            remedy=entry.verdict.remedy,
            cause=cause,
        )
        return self._stop
