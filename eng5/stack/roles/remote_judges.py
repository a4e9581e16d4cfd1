"""The CJ service's way to judges on other machines: requests on a topic, verdicts on another."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from eng5.contracts.judge_topics import ComparisonRequest, EssayRef, Stopped
from eng5.contracts.wire.topics import COMPARISON_REQUESTED
from eng5.judges import JudgeStoppedError
from eng5.judges.ledger import Entry
from eng5.judges.question import Question
from eng5.stack.broker import Cluster
from eng5.stack.deliveries import send
from eng5.stack.roles.verdict_ledger import VerdictTopic

log = logging.getLogger(__name__)

OPEN_PER_PARTITION = 16
"""Comparisons that may be open for each partition of the requests' topic: 64 for a judge that has four."""

PATIENCE_SECONDS = 600.0
"""After so long without a verdict a comparison is requested again; its judge, if it has one, takes no notice."""


class Desk:
    """Asks the judges, for all batches of the process; the number of open comparisons is bounded."""

    def __init__(self, cluster: Cluster, verdicts: VerdictTopic) -> None:
        self._cluster = cluster
        self._verdicts = verdicts
        self.at_a_time = OPEN_PER_PARTITION * cluster.partitions(COMPARISON_REQUESTED)
        self._open = asyncio.Semaphore(self.at_a_time)

    async def ask(self, request: ComparisonRequest, *, requested: bool = False) -> Entry:
        """The verdict. With ``requested`` the request lies in the topic already.

        Raises JudgeStoppedError when the judges say that it cannot be had.
        """
        key = (request.question_sha256, request.repetition)
        async with self._open:
            with self._verdicts.watching(request.key) as watch:
                if requested:
                    known = self._verdicts.state(request.key)
                    watch.stopped = known if isinstance(known, Stopped) else None
                else:
                    await self._send(request)
                while True:
                    if watch.stopped is not None and watch.stopped.batch == request.batch:
                        stop = watch.stopped
                        raise JudgeStoppedError(stop.stopped, stop.message, **stop.details)
                    if entry := self._verdicts.find(key, request.batch, fresh=request.fresh):
                        return entry
                    watch.came.clear()
                    try:
                        await asyncio.wait_for(watch.came.wait(), PATIENCE_SECONDS)
                    except TimeoutError:
                        log.warning(
                            "batch %s: no verdict for %.0f s; is a judge running? Requested again",
                            request.batch,
                            PATIENCE_SECONDS,
                        )
                        await self._send(request)

    async def _send(self, request: ComparisonRequest) -> None:
        await send(self._cluster, COMPARISON_REQUESTED, request.model_dump_json().encode(), key=request.key)


@dataclass(frozen=True)
class AskJudges:
    """One batch's questions, put to the desk.

    ``texts``: essay id → storage id. ``requested``: keys that an earlier process asked for.
    """

    desk: Desk
    batch: str
    setting_storage_id: str
    texts: Mapping[str, str]
    fresh: bool
    requested: Collection[str]

    @property
    def at_a_time(self) -> int:
        """As many as the desk has room for."""
        return self.desk.at_a_time

    async def ask(self, question: Question, sha256: str) -> Entry:
        """The judges' answer."""
        a, b = question.essay_a.essay_id, question.essay_b.essay_id
        request = ComparisonRequest(
            question_sha256=sha256,
            repetition=question.repetition,
            batch=self.batch,
            setting_storage_id=self.setting_storage_id,
            essay_a=EssayRef(essay_id=a, text_storage_id=self.texts[a]),
            essay_b=EssayRef(essay_id=b, text_storage_id=self.texts[b]),
            fresh=self.fresh,
        )
        return await self.desk.ask(request, requested=request.key in self.requested)
