"""Where callbacks go. The mock cluster forgets what is not read in time (``PartitionMemory``); Kafka keeps it."""

from typing import Protocol

from eng5.contracts.wire.topics import COMPARISON_RESULT
from eng5.stack.broker import Cluster, Delivered


class Outlet(Protocol):
    """Takes the callbacks of all batches."""

    async def produce(self, batch: str, position: int, value: bytes, delivered: Delivered) -> None:
        """Hand over a batch's callback on its comparison at ``position``; waits as long as there is no room."""
        ...


class CallbackTopic:
    """The callback topic of a cluster that keeps its messages: nobody has to have read them."""

    def __init__(self, broker: Cluster) -> None:
        self._broker = broker

    async def produce(self, batch: str, position: int, value: bytes, delivered: Delivered) -> None:
        """Produce the callback."""
        self._broker.produce(COMPARISON_RESULT, value, delivered=delivered)
