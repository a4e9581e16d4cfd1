"""A judge's process: its share of the comparisons, and what others left on the same partitions."""

import asyncio
import contextlib
import logging
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from eng5.contracts.wire.topics import COMPARISON_REQUESTED, VERDICT
from eng5.judges import LlmService
from eng5.stack.broker import Cluster
from eng5.stack.cj_core.hydration import TextSource
from eng5.stack.roles.consumer_group import GroupWork
from eng5.stack.roles.judge_worker import JudgeWorker
from eng5.stack.roles.share_group import ShareWork
from eng5.stack.roles.verdict_ledger import TopicLedger, VerdictTopic
from eng5.stack.roles.work import Pump, Task, Work

log = logging.getLogger(__name__)

GROUP = "eng5-judges"
SHARE_GROUP = "eng5-judges-share"

TAKEN = 64
"""Comparisons that one judge has taken at a time, at least; a provider's own limit says how many are asked."""

TAKEN_FOR_EACH = 4
"""Comparisons taken for each that a provider is asked at a time, so that it never waits for the next."""

FEWEST_PARTITIONS = 4

FINISH_SECONDS = 120.0
STATUS_SECONDS = 10.0


@contextlib.asynccontextmanager
async def judge(
    cluster: Cluster,
    texts: TextSource,
    llm: LlmService,
    give_up: Callable[[Exception], None],
    *,
    by_share_group: bool = False,
) -> AsyncIterator[None]:
    """Judges from when it is entered until it is left; what is being asked then is finished first."""
    async with contextlib.AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="eng5-judge-"))
        verdicts = VerdictTopic(cluster, Path(folder) / "verdicts.sqlite", give_up)
        stack.callback(verdicts.table.close)
        stack.push_async_callback(llm.close)
        known = _Known(cluster, verdicts)
        ledger = TopicLedger(cluster, verdicts)
        taken = max([TAKEN, *(TAKEN_FOR_EACH * one.concurrency for one in llm.config.providers.values())])

        def finished(task: Task, done: bool) -> None:
            pump.finished(task, done=done)

        worker = JudgeWorker(ledger, texts, llm, known.of, finished, give_up)

        def group(pump: Pump) -> Work:
            return GroupWork(
                cluster,
                COMPARISON_REQUESTED,
                GROUP,
                assigned=known.follow_from_thread,
                leaving=pump.hand_over,
                lost=pump.lose,
                prefetch=taken,
            )

        def share(pump: Pump) -> Work:
            return ShareWork(cluster, COMPARISON_REQUESTED, SHARE_GROUP, at_a_time=taken)

        if by_share_group:
            known.follow(None)
        pump = Pump(share if by_share_group else group, taken, worker.start, worker.release, give_up)
        telling = asyncio.create_task(_tell(worker))
        try:
            yield
        finally:
            telling.cancel()
            worker.release()
            if worker.under_way:
                log.info("finishing %d answers that are paid for", worker.under_way)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(worker.idle(), FINISH_SECONDS)
            pump.stop()
            await pump.closed()


class _Known:
    """Which partitions' verdicts are known: those of the partitions that this judge's work comes from.

    A verdict lies on the partition of its request; where the two topics do not have as many, all are read.
    """

    def __init__(self, cluster: Cluster, verdicts: VerdictTopic) -> None:
        self._verdicts = verdicts
        self._loop = asyncio.get_running_loop()
        self._partitions = cluster.partitions(COMPARISON_REQUESTED)
        self._alike = cluster.partitions(VERDICT) == self._partitions
        self._followed: frozenset[int] = frozenset()
        self._restored: dict[int | None, asyncio.Task[None]] = {}

    def follow_from_thread(self, partitions: frozenset[int]) -> None:
        """`follow`, from the thread that takes work."""
        self._loop.call_soon_threadsafe(self.follow, partitions)

    def follow(self, partitions: frozenset[int] | None) -> None:
        """From now on these are the partitions that work comes from (None: any)."""
        if partitions is None or not self._alike:
            self._verdicts.table.follow(None)
            if None not in self._restored:
                self._restored[None] = asyncio.create_task(self._verdicts.table.caught_up())
            return
        log.info("this judge has %d of %d partitions of comparisons", len(partitions), self._partitions)
        if 0 < len(partitions) < FEWEST_PARTITIONS:
            log.warning(
                "fewer than %d partitions a judge: a slow answer holds others up. Add partitions to %s and %s alike "
                "(`eng5 doctor` has the commands)",
                FEWEST_PARTITIONS,
                COMPARISON_REQUESTED,
                VERDICT,
            )
        self._verdicts.table.follow(partitions)
        new = partitions - self._followed
        restoring = asyncio.create_task(self._verdicts.table.caught_up(new))
        self._restored |= dict.fromkeys(new, restoring)
        self._followed = partitions

    async def of(self, partition: int) -> None:
        """Return when everything is known that others left on the partition."""
        restoring = self._restored.get(partition) or self._restored.get(None)
        if restoring is not None:
            await asyncio.shield(restoring)


async def _tell(worker: JudgeWorker) -> None:
    """A line every few seconds in which something happened."""
    told = (0, 0)
    while True:
        await asyncio.sleep(STATUS_SECONDS)
        if told != (now := (worker.asked, worker.looked_up)):
            told = now
            log.info("asked %d, known already %d, under way %d", *now, worker.under_way)
