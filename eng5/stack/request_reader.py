"""Reads requests from the broker, from the very first one, and hands them to the event loop."""

import asyncio
import threading
from collections.abc import Callable

from eng5.contracts.wire.topics import CJ_REQUESTED
from eng5.stack.broker import Broker

POLL_SECONDS = 0.05
GROUP = "cj-assessment-service"


class RequestReader:
    """A thread that reads all partitions of the request topic; it joins no group.

    ``take`` is called in the event loop with the bytes of a message and the place it came from.
    """

    def __init__(
        self, broker: Broker, take: Callable[[bytes, str], object], loop: asyncio.AbstractEventLoop
    ) -> None:
        self._broker = broker
        self._take = take
        self._loop = loop
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._read, name="eng5-requests", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Read no more."""
        self._stopping.set()
        self._thread.join()

    def _read(self) -> None:
        from confluent_kafka import TopicPartition

        consumer = self._broker.consumer(GROUP)
        partitions = range(self._broker.partitions(CJ_REQUESTED))
        consumer.assign([TopicPartition(CJ_REQUESTED, one, 0) for one in partitions])
        while not self._stopping.is_set():
            message = consumer.poll(POLL_SECONDS)
            if message is not None and message.error() is None:
                value = message.value() or b""
                raw = value if isinstance(value, bytes) else value.encode()
                place = f"{CJ_REQUESTED}/{message.partition()}/{message.offset()}"
                self._loop.call_soon_threadsafe(self._take, raw, place)
        consumer.close()
