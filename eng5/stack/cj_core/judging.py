"""Having the comparisons of a batch judged and sending the callbacks, many at a time."""

import asyncio
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, overload, runtime_checkable

from eng5.judges import Judge, JudgeStoppedError, Outcome, Verdict
from eng5.judges.asking import ask, question_sha256
from eng5.judges.ledger import Entry, Ledger
from eng5.judges.question import Question, Setting, ShownEssay
from eng5.stack.cj_core.batch import BatchRequest
from eng5.stack.cj_core.batch_comparisons import PlannedComparison
from eng5.stack.cj_core.budget import Budget
from eng5.stack.cj_core.callback import callback, event_id
from eng5.stack.cj_core.canary import Canary
from eng5.stack.deliveries import Deliveries, Outlet
from eng5.stack.faults import BatchFaults


@dataclass(frozen=True, slots=True)
class Judged:
    """A comparison and how it came out."""

    comparison: PlannedComparison
    outcome: Outcome
    provider: str
    model: str
    reused: bool = False


OUTCOMES = tuple(Outcome)
REUSED = 128
LOOKED_AT = 200
"""Comparisons among which a kept verdict is looked for, to see whether the judge answers at all."""


class BatchVerdicts(Sequence[Judged]):
    """How the comparisons came out, in their order; a byte each, however many there are."""

    def __init__(self, comparisons: Sequence[PlannedComparison], setting: Setting) -> None:
        self._comparisons = comparisons
        self._setting = setting
        self._outcomes = bytearray(len(comparisons))

    def note(self, number: int, outcome: Outcome, *, reused: bool) -> None:
        """The comparison at place ``number`` of the sequence has come out."""
        self._outcomes[number] = OUTCOMES.index(outcome) | (REUSED if reused else 0)

    def __len__(self) -> int:
        return len(self._comparisons)

    @overload
    def __getitem__(self, number: int) -> Judged: ...
    @overload
    def __getitem__(self, number: slice) -> list[Judged]: ...
    def __getitem__(self, number: int | slice) -> Judged | list[Judged]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        found = self._outcomes[number]
        return Judged(
            self._comparisons[number],
            OUTCOMES[found & ~REUSED],
            self._setting.provider,
            self._setting.model,
            bool(found & REUSED),
        )


@dataclass
class Tally:
    """Where the verdicts of a batch came from so far."""

    asked: int = 0
    reused: int = 0
    failed: int = 0


class Asking(Protocol):
    """How a question gets to a judge."""

    @property
    def at_a_time(self) -> int:
        """How many questions may be open."""
        ...

    async def ask(self, question: Question, sha256: str) -> Entry:
        """The answer; JudgeStoppedError when none can be had any more."""
        ...


@runtime_checkable
class AskingAtOnce(Protocol):
    """A way to a judge that has to know all questions before one is asked, and what they may cost."""

    async def expect(self, questions: Sequence[tuple[str, Question]], max_cost_usd: float | None) -> None:
        """All questions that are about to be asked, with their hashes; JudgeStoppedError when they cost too much."""
        ...

    async def close(self) -> None:
        """No question will be asked any more."""
        ...


class AskHere:
    """The judge is in this process."""

    def __init__(self, judge: Judge, batch: str) -> None:
        self._judge = judge
        self._batch = batch
        self.at_a_time = judge.concurrency

    async def ask(self, question: Question, sha256: str) -> Entry:
        """Ask it."""
        return await ask(self._judge, question, sha256, self._batch)


class Judging:
    """All comparisons of one batch. A verdict is in the ledger before its callback leaves.

    ``deliveries`` counts the callbacks that left. ``sent`` are ids of callback events that an earlier process sent,
    and which are not sent again.
    """

    def __init__(
        self,
        request: BatchRequest,
        setting: Setting,
        judge: Judge,
        essays: Mapping[str, ShownEssay],
        ledger: Ledger,
        asking: Asking,
        outlet: Outlet,
        faults: BatchFaults,
        deliveries: Deliveries,
        sent: Collection[uuid.UUID] = (),
    ) -> None:
        self._request = request
        self._setting = setting
        self._judge = judge
        self._essays = essays
        self._ledger = ledger
        self._asking = asking
        self._outlet = outlet
        self._faults = faults
        self._deliveries = deliveries
        self._already = sent
        self._held_back: list[tuple[PlannedComparison, bytes]] = []
        self._all_at_once = asking if isinstance(asking, AskingAtOnce) else None
        self._budget = Budget(None if self._all_at_once else request.max_cost_usd)
        self._canary = Canary(wanted=judge.facts.costs and self._all_at_once is None)
        self._stopped: JudgeStoppedError | None = None
        self.tally = Tally()
        self.sent = 0
        """Callbacks handed to the broker so far."""

    async def run(self, comparisons: Sequence[PlannedComparison]) -> BatchVerdicts:
        """Ask in order, as many at a time as may be; the answer has the order of the comparisons.

        Where one question goes first to see whether the judge answers at all, which one follows from the batch's id,
        so that another attempt does not begin with the one that failed.

        Raises JudgeStoppedError when the judge or the budget stops the batch, after the questions under way
        are answered. Raises what the ledger or the outlet raises; questions under way are then dropped.
        """
        verdicts = BatchVerdicts(comparisons, self._setting)
        if self._all_at_once is not None:
            questions = [self.question(one) for one in comparisons]
            hashed = [(question_sha256(self._judge, one), one) for one in questions]
            await self._all_at_once.expect(hashed, self._request.max_cost_usd)
        if not self._canary.passed and self._has_answered(comparisons):
            self._canary.trust()
        waiting = self._in_turn(comparisons)
        workers = [
            asyncio.create_task(self._work(waiting, verdicts))
            for _ in range(min(self._asking.at_a_time, len(comparisons)))
        ]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        while self._held_back:
            await self._send(*self._held_back.pop(0))
        if self._stopped is not None:
            raise self._stopped
        return verdicts

    def _has_answered(self, comparisons: Sequence[PlannedComparison]) -> bool:
        """Whether a verdict of this judge is kept for one of the first comparisons."""
        for one in comparisons[:LOOKED_AT]:
            sha256 = question_sha256(self._judge, self.question(one))
            batch, fresh = self._request.batch_id, self._request.wants_fresh_verdicts
            kept = self._ledger.find((sha256, one.repetition), batch, fresh=fresh)
            if kept is not None and kept.verdict.outcome is not Outcome.ERROR:
                return True
        return False

    def _in_turn(self, comparisons: Sequence[PlannedComparison]) -> Iterator[tuple[int, PlannedComparison]]:
        first = self._request.job_id % len(comparisons) if comparisons and not self._canary.passed else 0
        if first:
            yield first, comparisons[first]
        yield from (one for one in enumerate(comparisons) if one[0] != first or not first)

    async def _work(self, waiting: Iterator[tuple[int, PlannedComparison]], verdicts: BatchVerdicts) -> None:
        for number, comparison in waiting:
            if self._stopped is not None:
                return
            question = self.question(comparison)
            try:
                async with self._canary.turn():
                    answered, asked = await self._answer(question)
                    stop = self._canary.see(answered) if asked else None
            except JudgeStoppedError as stopped:
                self._stopped = self._stopped or stopped
                return
            entry = self._with_faults(comparison, answered)
            verdicts.note(number, entry.verdict.outcome, reused=entry.batch != self._request.batch_id)
            await self.answered(comparison, question, entry)
            self._stopped = self._stopped or stop
            await asyncio.sleep(0)

    async def answered(self, comparison: PlannedComparison, question: Question, entry: Entry) -> None:
        """Count a verdict of the ledger and send its callback, unless an earlier process did."""
        reused = entry.batch != self._request.batch_id
        self.tally.asked += not reused
        self.tally.reused += reused
        self.tally.failed += entry.verdict.outcome is Outcome.ERROR
        if event_id(self._request, comparison) not in self._already:
            await self._emit(comparison, callback(self._request, comparison, question, entry))

    def question(self, comparison: PlannedComparison) -> Question:
        """What the judge is asked."""
        a, b = self._essays[comparison.essay_a_id], self._essays[comparison.essay_b_id]
        return Question(self._setting, a, b, comparison.repetition)

    async def _answer(self, question: Question) -> tuple[Entry, bool]:
        """The entry, and whether it was asked for now."""
        sha256 = question_sha256(self._judge, question)
        asked: list[str] = []

        async def ask_within_budget() -> Entry:
            await self._budget.admit()
            cost = None
            try:
                entry = await self._asking.ask(question, sha256)
                cost = entry.verdict.cost_usd
            finally:
                self._budget.settle(cost)
            asked.append(sha256)
            return entry

        entry = await self._ledger.answer(
            (sha256, question.repetition),
            self._request.batch_id,
            ask_within_budget,
            fresh=self._request.wants_fresh_verdicts,
        )
        if not asked:
            self._budget.reuse(entry.verdict.cost_usd)
        return entry, bool(asked)

    def _with_faults(self, comparison: PlannedComparison, entry: Entry) -> Entry:
        position, faults = comparison.position, self._faults
        if position in faults.errors:
            verdict = Verdict(
                Outcome.ERROR, error_code="EXTERNAL_SERVICE_ERROR", error_message="an error on demand"
            )
        elif position in faults.ties:
            verdict = Verdict(Outcome.TIE, confidence=1.0, justification="A tie on demand.")
        else:
            return entry
        return replace(entry, verdict=verdict)

    async def _emit(self, comparison: PlannedComparison, message: bytes) -> None:
        position, faults = comparison.position, self._faults
        if position in faults.malformed:
            await self._send(comparison, message[: len(message) // 2])
        if position in faults.late:
            self._held_back.append((comparison, message))
        elif position not in faults.missing:
            await self._send(comparison, message)
            if position in faults.duplicates:
                await self._send(comparison, message)

    async def _send(self, comparison: PlannedComparison, message: bytes) -> None:
        await self._deliveries.room()
        batch, position = self._request.batch_id, comparison.position
        await self._outlet(batch, position, message, self._deliveries.expect())
        self.sent += 1
