"""What became of the messages of one batch: a batch is complete when the broker has acknowledged them all."""

import asyncio
from collections.abc import Awaitable, Callable

from eng5.stack.broker import Cluster, Delivered

Outlet = Callable[[str, int, bytes, Delivered], Awaitable[None]]
"""Takes a batch's callback on its comparison at a position; waits as long as there is no room."""

ON_THEIR_WAY = 2000
"""Messages that may wait for their acknowledgement at a time."""


class Deliveries:
    """Counts messages out and acknowledgements in; used from one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._open = 0
        self._failure: Exception | None = None
        self._moved = asyncio.Event()

    async def room(self) -> None:
        """Wait until not too many messages are on their way."""
        while self._open >= ON_THEIR_WAY:
            await self._next()

    def expect(self) -> Delivered:
        """Another message: what to call, from any thread, with its error and its offset."""
        self._open += 1
        return self._told

    async def settled(self) -> None:
        """Return when every message is in the log.

        Raises UndeliveredError when one was refused, BrokerLostError when the producer cannot go on.
        """
        while self._open:
            await self._next()
        if self._failure is not None:
            raise self._failure

    async def _next(self) -> None:
        self._moved.clear()
        await self._moved.wait()

    def _told(self, error: Exception | None, offset: int | None) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._count, error)

    def _count(self, error: Exception | None) -> None:
        self._open -= 1
        self._failure = self._failure or error
        self._moved.set()


async def send(
    broker: Cluster, topic: str, value: bytes | None, *, key: str | None = None, partition: int | None = None
) -> None:
    """Produce a message and wait until it is in the log; raises as `Deliveries.settled`."""
    deliveries = Deliveries()
    broker.produce(topic, value, key=key, partition=partition, delivered=deliveries.expect())
    await deliveries.settled()
