"""Messages by share group: any judge gets any comparison. For brokers of version 4.2 and later.

A poll locks what it returns for the broker's ``group.share.record.lock.duration.ms`` (half a minute, unless it was
changed), and the next poll comes when all of it is acknowledged. A judge that answers later than that has its
comparison given to another one, whose answer is paid for as well. What a poll returns are whole batches of the
producer, so requests are produced one a batch.
"""

import logging
import time

from eng5.stack.broker import Cluster
from eng5.stack.roles.consumer_group import task_of
from eng5.stack.roles.work import TAKE_SECONDS, Task

log = logging.getLogger(__name__)


class ShareWork:
    """``Work`` as a member of a share group."""

    def __init__(self, cluster: Cluster, topic: str, group: str, *, at_a_time: int) -> None:
        self._consumer = cluster.share_consumer(group, most_records=at_a_time)
        self._consumer.subscribe([topic])
        self._open: set[tuple[int, int]] = set()
        self._topic = topic

    def take(self, room: int) -> list[Task]:
        """The next messages, when all that came before are acknowledged."""
        if self._open:
            time.sleep(TAKE_SECONDS / 10)
            return []
        tasks = []
        for message in self._consumer.poll(TAKE_SECONDS):
            error = message.error()
            if error is not None:
                log.debug("reading %s: %s", self._topic, error)
                continue
            tasks.append(task_of(message))
        self._open = {(one.partition, one.offset) for one in tasks}
        return tasks

    def done(self, task: Task) -> None:
        """Accept it."""
        self._settle(task, accept=True)

    def give_back(self, task: Task) -> None:
        """Release it for another member."""
        self._settle(task, accept=False)

    def close(self) -> None:
        """Send what is acknowledged, and leave."""
        self._consumer.close()

    def _settle(self, task: Task, *, accept: bool) -> None:
        from confluent_kafka import AcknowledgeType

        kind = AcknowledgeType.ACCEPT if accept else AcknowledgeType.RELEASE
        self._consumer.acknowledge_offset(self._topic, task.partition, task.offset, kind)
        self._open.discard((task.partition, task.offset))
        if not self._open:
            self._consumer.commit_async()
