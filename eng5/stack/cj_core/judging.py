"""Asking the judge and sending the callbacks, many comparisons at a time."""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from eng5.contracts.wire.base import utc_now
from eng5.judges import Judge, JudgeStoppedError, Outcome, Verdict
from eng5.judges.ledger import Entry, Ledger
from eng5.judges.question import Essay, Question, Setting
from eng5.stack.cj_core.batch import BatchRequest
from eng5.stack.cj_core.budget import Budget
from eng5.stack.cj_core.callback import callback
from eng5.stack.cj_core.plan import Comparison
from eng5.stack.faults import BatchFaults
from eng5.stack.partition_memory import PartitionMemory

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Judged:
    """A comparison and how it came out."""

    comparison: Comparison
    outcome: Outcome
    provider: str
    model: str
    reused: bool = False


class Judging:
    """All comparisons of one batch. A verdict is in the ledger before its callback leaves."""

    def __init__(
        self,
        request: BatchRequest,
        setting: Setting,
        judge: Judge,
        essays: Mapping[str, Essay],
        ledger: Ledger,
        outlet: PartitionMemory,
        faults: BatchFaults,
    ) -> None:
        self._request = request
        self._setting = setting
        self._judge = judge
        self._essays = essays
        self._ledger = ledger
        self._outlet = outlet
        self._faults = faults
        self._held_back: list[tuple[Comparison, bytes]] = []
        self._budget = Budget(request.max_cost_usd)
        self._stopped: JudgeStoppedError | None = None
        self.judged: list[Judged] = []
        self._sent = 0

    @property
    def sent(self) -> int:
        """Callbacks handed to the broker so far."""
        return self._sent

    async def run(self, comparisons: Sequence[Comparison]) -> list[Judged]:
        """Ask in order, ``judge.concurrency`` at a time; the answer has the order of the comparisons.

        Raises JudgeStoppedError when the judge or the budget stops the batch, after the questions under way
        are answered. Raises what the ledger or the outlet raises; questions under way are then dropped.
        """
        judged: dict[int, Judged] = {}
        waiting = iter(comparisons)
        workers = [
            asyncio.create_task(self._work(waiting, judged))
            for _ in range(min(self._judge.concurrency, len(comparisons)))
        ]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            self.judged += [judged[one.position] for one in comparisons if one.position in judged]
        while self._held_back:
            await self._send(*self._held_back.pop(0))
        if self._stopped is not None:
            raise self._stopped
        return [judged[comparison.position] for comparison in comparisons]

    async def _work(self, waiting: Iterator[Comparison], judged: dict[int, Judged]) -> None:
        for comparison in waiting:
            if self._stopped is not None:
                return
            question = Question(
                self._setting,
                self._essays[comparison.essay_a_id],
                self._essays[comparison.essay_b_id],
                comparison.repetition,
            )
            try:
                answered = await self._answer(question)
            except JudgeStoppedError as stop:
                self._stopped = stop
                return
            entry = self._with_faults(comparison, answered)
            reused = entry.batch != self._request.batch_id
            judged[comparison.position] = Judged(
                comparison, entry.verdict.outcome, entry.provider, entry.model, reused
            )
            await self._emit(comparison, callback(self._request, comparison, question, entry))
            await asyncio.sleep(0)

    async def _answer(self, question: Question) -> Entry:
        a, b = question.essay_a.essay_id, question.essay_b.essay_id
        sha256 = question.sha256(self._judge.version, self._judge.deciding_parameters(a, b))

        asked: list[str] = []

        async def ask() -> Entry:
            await self._budget.admit()
            cost = None
            try:
                requested_at = utc_now()
                verdict = await self._verdict(question)
                cost = verdict.cost_usd
            finally:
                self._budget.settle(cost)
            asked.append(sha256)
            return Entry(
                question_sha256=sha256,
                repetition=question.repetition,
                batch=self._request.batch_id,
                essay_a_id=a,
                essay_b_id=b,
                provider=self._setting.provider,
                model=self._setting.model,
                requested_at=requested_at,
                completed_at=utc_now(),
                verdict=verdict,
            )

        entry = await self._ledger.answer(
            (sha256, question.repetition),
            self._request.batch_id,
            ask,
            fresh=self._request.wants_fresh_verdicts,
        )
        if not asked:
            self._budget.reuse(entry.verdict.cost_usd)
        return entry

    async def _verdict(self, question: Question) -> Verdict:
        try:
            return await self._judge.judge(question)
        except JudgeStoppedError:
            raise
        except Exception as error:
            log.warning("the judge failed: %s", error, exc_info=True)
            return Verdict(Outcome.ERROR, error_code="LLM_INTERNAL_ERROR", error_message=str(error))

    def _with_faults(self, comparison: Comparison, entry: Entry) -> Entry:
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

    async def _emit(self, comparison: Comparison, message: bytes) -> None:
        position, faults = comparison.position, self._faults
        if position in faults.malformed:
            await self._send(comparison, message[: len(message) // 2])
        if position in faults.late:
            self._held_back.append((comparison, message))
        elif position not in faults.missing:
            await self._send(comparison, message)
            if position in faults.duplicates:
                await self._send(comparison, message)

    async def _send(self, comparison: Comparison, message: bytes) -> None:
        partition = comparison.position % self._outlet.partitions
        await self._outlet.produce(self._request.batch_id, partition, message)
        self._sent += 1
