"""The CJ service as a process of its own: requests by consumer group, texts over HTTP, judges over topics."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from pathlib import Path

from eng5.contracts.judge_topics import BatchSetting
from eng5.contracts.wire.topics import CJ_REQUESTED, COMPARISON_RESULT
from eng5.judges import Judge, LlmService
from eng5.judges.question import Setting
from eng5.stack.assignments import Assignments
from eng5.stack.batching import goes_by_batch
from eng5.stack.broker import Cluster, Delivered
from eng5.stack.cj_core.assessing import Means
from eng5.stack.cj_core.batch import BatchContent, BatchRequest
from eng5.stack.cj_core.judging import Asking
from eng5.stack.cj_core.service import CJService
from eng5.stack.roles.consumer_group import GroupWork
from eng5.stack.roles.records import TopicRecords
from eng5.stack.roles.remote_judges import AskJudges, Desk
from eng5.stack.roles.remote_texts import RemoteTexts
from eng5.stack.roles.verdict_ledger import KnownVerdicts, VerdictTopic
from eng5.stack.roles.work import Pump, Task

log = logging.getLogger(__name__)

GROUP = "eng5-cj"

BATCHES = 16
"""Batches that one process works on at a time."""


@contextlib.asynccontextmanager
async def cj_service(
    cluster: Cluster,
    state: Path,
    assignments: Assignments,
    texts: RemoteTexts,
    llm: LlmService,
    give_up: Callable[[Exception], None],
    *,
    outbox_delay: float,
    default_budget: int | None,
) -> AsyncIterator[None]:
    """Answers requests from when it is entered until it is left. ``state`` holds copies of topics, and quarantine."""
    verdicts = VerdictTopic(cluster, state / "verdicts.sqlite", give_up)
    records = TopicRecords(cluster, state / "batches.sqlite", give_up)
    one_a_batch = cluster.with_settings({"batch.num.messages": "1"})
    try:
        verdicts.table.follow(None)
        await verdicts.table.caught_up()
        desk = Desk(one_a_batch, verdicts)

        async def asking(
            request: BatchRequest, setting: Setting, judge: Judge, content: BatchContent
        ) -> Asking:
            if goes_by_batch(request, setting):
                log.warning(
                    "batch %s asks for a provider's batch API; its judges ask one by one", request.batch_id
                )
            return AskJudges(
                desk,
                request.batch_id,
                await _setting_place(texts, request, setting),
                {one.essay_id: one.text_storage_id for one in content.essays},
                fresh=request.wants_fresh_verdicts,
                requested=records.requested(request.batch_id),
            )

        async def to_topic(batch: str, position: int, value: bytes, delivered: Delivered) -> None:
            """Nobody has to have read what a real Kafka keeps."""
            cluster.produce(COMPARISON_RESULT, value, delivered=delivered)

        means = Means(
            broker=cluster,
            records=records,
            ledger=KnownVerdicts(verdicts),
            asking=asking,
            outlet=to_topic,
            assignments=assignments,
            texts=texts,
            llm=llm,
            outbox_delay=outbox_delay,
            default_budget=default_budget,
            own_texts=False,
        )
        service = CJService(means, state / "quarantine.jsonl", give_up)
        try:
            async with _requests(cluster, service, give_up):
                yield
        finally:
            await service.close()
    finally:
        verdicts.table.close()
        records.close()
        one_a_batch.stop()


@contextlib.asynccontextmanager
async def _requests(
    cluster: Cluster, service: CJService, give_up: Callable[[Exception], None]
) -> AsyncIterator[None]:
    """Hands the requests of this member's partitions to the service; a batch whose partition goes stops here."""
    running: dict[asyncio.Task[None], Task] = {}

    def start(task: Task) -> None:
        done = False

        def answered() -> None:
            nonlocal done
            done = True

        def ended(batch: asyncio.Task[None]) -> None:
            pump.finished(running.pop(batch), done=done)

        place = f"{CJ_REQUESTED}/{task.partition}/{task.offset}/{task.timestamp}"
        batch = service.submit(task.value, place, answered)
        running[batch] = task
        batch.add_done_callback(ended)

    def release(partitions: frozenset[int]) -> None:
        for batch, task in running.items():
            if task.partition in partitions:
                batch.cancel()

    def group(pump: Pump) -> GroupWork:
        return GroupWork(
            cluster,
            CJ_REQUESTED,
            GROUP,
            assigned=lambda partitions: log.info(
                "this CJ service has %d partitions of requests", len(partitions)
            ),
            leaving=pump.hand_over,
            lost=pump.lose,
            prefetch=BATCHES,
        )

    pump = Pump(group, BATCHES, start, release, give_up)
    try:
        yield
    finally:
        for batch in running:
            batch.cancel()
        pump.stop()
        await pump.closed()


async def _setting_place(texts: RemoteTexts, request: BatchRequest, setting: Setting) -> str:
    """Where the text lies that says what all comparisons of the batch share."""
    document = BatchSetting(setting=asdict(setting), metadata=request.metadata)
    return await asyncio.to_thread(texts.put, document.model_dump_json().encode())
