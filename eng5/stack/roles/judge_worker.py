"""What a judge does with a comparison: look it up, ask, record the verdict, and only then acknowledge."""

import asyncio
import contextlib
import logging
import os
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from pydantic import ValidationError

from eng5.contracts.failures import FailureCause
from eng5.contracts.judge_topics import BatchSetting, ComparisonRequest, EssayRef, Stopped
from eng5.judges import Judge, JudgeStoppedError, JudgeUnavailableError, LlmService, Outcome, judge_for
from eng5.judges.asking import ask, question_sha256
from eng5.judges.ledger import Entry
from eng5.judges.question import Question, Setting, ShownEssay
from eng5.stack.cj_core.canary import Canary
from eng5.stack.cj_core.hydration import TextSource
from eng5.stack.roles.verdict_ledger import TopicLedger
from eng5.stack.roles.work import Task

log = logging.getLogger(__name__)

Key = TypeVar("Key")
Value = TypeVar("Value")

TEXTS = 2000
"""Essays that are kept, so that one of a large batch is not fetched for every comparison."""

BATCHES = 64
"""Batches whose judge is kept ready."""

OF_A_PROCESS: frozenset[FailureCause] = frozenset({"time-out", "rate limit", "unreachable", "server error"})
"""Failures against which settings help of the process that asks."""


class JudgeWorker:
    """Judges tasks; used from one event loop.

    ``known`` waits until every verdict that others left on a partition is known. ``finished`` is told of a task that
    nobody works on any more, and whether it is done; ``give_up`` of what keeps this process from going on.
    """

    def __init__(
        self,
        ledger: TopicLedger,
        texts: TextSource,
        llm: LlmService,
        known: Callable[[int], Awaitable[None]],
        finished: Callable[[Task, bool], None],
        give_up: Callable[[Exception], None],
    ) -> None:
        self._ledger = ledger
        self._texts = texts
        self._llm = llm
        self._known = known
        self._finished = finished
        self._give_up = give_up
        self._running: dict[asyncio.Task[None], Task] = {}
        self._asking: set[Task] = set()
        self._slots: dict[tuple[str, str], asyncio.Semaphore] = {}
        self._essays: OrderedDict[EssayRef, ShownEssay] = OrderedDict()
        self._judges: OrderedDict[str, tuple[Setting, Judge]] = OrderedDict()
        self._canaries: OrderedDict[str, Canary] = OrderedDict()
        self.asked = 0
        self.looked_up = 0

    def start(self, task: Task) -> None:
        """Work on a task, beside the others; one that was lost may come again while its judge is still being asked."""
        running = asyncio.create_task(self._work(task))
        self._running[running] = task
        running.add_done_callback(self._running.pop)

    def release(self, partitions: frozenset[int] | None = None) -> None:
        """Drop the tasks of these partitions (None: all), except for those whose judge is being asked already."""
        for running, task in self._running.items():
            if (partitions is None or task.partition in partitions) and task not in self._asking:
                running.cancel()

    async def idle(self) -> None:
        """Return when nothing is under way."""
        while self._running:
            await asyncio.wait(self._running)

    @property
    def under_way(self) -> int:
        """Questions that a judge is being asked."""
        return len(self._asking)

    async def _work(self, task: Task) -> None:
        done = False
        try:
            await self._judge(task)
            done = True
        except Exception as error:
            log.exception("a comparison cannot be judged")
            self._give_up(error)
        finally:
            self._asking.discard(task)
            self._finished(task, done)

    async def _judge(self, task: Task) -> None:
        try:
            request = ComparisonRequest.model_validate_json(task.value)
        except ValidationError:
            log.warning("a request at %d/%d does not parse and is left out", task.partition, task.offset)
            return
        await self._known(task.partition)
        key = (request.question_sha256, request.repetition)
        try:
            judge, question = await self._question(request)
        except (JudgeUnavailableError, ValidationError, TypeError) as error:
            reason = Stopped(stopped="INVALID_CONFIGURATION", batch=request.batch, message=str(error))
            await self._ledger.stop(key, reason, fresh=request.fresh)
            return

        async def ask_judge() -> Entry:
            canary = self._canary(request.batch, judge)
            async with self._slot(question.setting, judge), canary.turn():
                self._asking.add(task)
                self._ledger.mark(key, request.batch, fresh=request.fresh)
                self.asked += 1
                try:
                    entry = await ask(judge, question, request.question_sha256, request.batch)
                except JudgeStoppedError as stop:
                    log.warning("batch %s stops here: %s", request.batch, stop)
                    details = stop.details
                    if remedy := details.get("remedy"):
                        details = details | {"remedy": _of_this_process(remedy)}
                    raise JudgeStoppedError(stop.code, str(stop), **details) from stop
                # Whether an answer that failed ends the batch is the CJ service's to say.
                canary.passed = True
                verdict = entry.verdict
                if verdict.outcome is not Outcome.ERROR or verdict.cause not in OF_A_PROCESS:
                    return entry
                remedy = _of_this_process(verdict.remedy)
                return replace(entry, verdict=replace(verdict, extra={**verdict.extra, "remedy": remedy}))

        before = self.asked
        with contextlib.suppress(JudgeStoppedError):
            await self._ledger.answer(key, request.batch, ask_judge, fresh=request.fresh)
            self.looked_up += self.asked == before

    async def _question(self, request: ComparisonRequest) -> tuple[Judge, Question]:
        setting, judge = await self._setting(request.setting_storage_id)
        a, b = await self._essay(request.essay_a), await self._essay(request.essay_b)
        question = Question(setting, a, b, request.repetition)
        if question_sha256(judge, question) != request.question_sha256:
            raise JudgeUnavailableError(
                f"this judge would ask another question than the CJ service means ({setting.provider}/"
                f"{setting.model}): start both with the same version of eng5 and the same ENG5_LLM_*_BASE_URL"
            )
        return judge, question

    async def _setting(self, storage_id: str) -> tuple[Setting, Judge]:
        if storage_id not in self._judges:
            text = await self._text(storage_id)
            given = BatchSetting.model_validate_json(text)
            setting = Setting(**given.setting)
            if storage_id not in self._judges:
                judge = judge_for(setting, given.metadata, self._llm)
                _keep(self._judges, storage_id, (setting, judge), BATCHES)
        return self._judges[storage_id]

    async def _essay(self, ref: EssayRef) -> ShownEssay:
        if ref not in self._essays:
            text = await self._text(ref.text_storage_id)
            _keep(self._essays, ref, ShownEssay(ref.essay_id, text), TEXTS)
        return self._essays[ref]

    async def _text(self, storage_id: str) -> str:
        text = await asyncio.to_thread(self._texts.text, storage_id)
        if text is None:
            raise JudgeUnavailableError(
                f"the judge's Content Service has no text {storage_id}: is it the CJ service's own?"
            )
        return text

    def _canary(self, batch: str, judge: Judge) -> Canary:
        """Lets the batch's first question here go alone (other processes have other keys), and none after a stop."""
        if batch not in self._canaries:
            _keep(self._canaries, batch, Canary(wanted=judge.facts.costs), BATCHES)
        return self._canaries[batch]

    def _slot(self, setting: Setting, judge: Judge) -> asyncio.Semaphore:
        """Bounds the questions under way at a provider's model."""
        return self._slots.setdefault((setting.provider, setting.model), asyncio.Semaphore(judge.concurrency))


def _of_this_process(remedy: str) -> str:
    """Keys and limits are each process's own."""
    place = f"process {os.getpid()} on {socket.gethostname()}"
    return f"{remedy} (keys and settings are those of the judge's {place}, which reads them when it starts)"


def _keep(kept: OrderedDict[Key, Value], key: Key, value: Value, most: int) -> None:
    """Add to what is kept; the oldest goes."""
    kept[key] = value
    while len(kept) > most:
        kept.popitem(last=False)
