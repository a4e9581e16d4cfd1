import asyncio
from collections.abc import Iterator

import pytest
from confluent_kafka import TopicPartition

from eng5.contracts.wire.topics import COMPARISON_RESULT
from eng5.stack.broker import Broker
from eng5.stack.partition_memory import MESSAGE_OVERHEAD, PartitionMemory, ReaderGoneError

MESSAGE = b"x" * (1000 - MESSAGE_OVERHEAD)


@pytest.fixture
def broker() -> Iterator[Broker]:
    one = Broker()
    yield one
    one.stop()


def ignore(error: Exception | None, offset: int | None) -> None:
    """What became of a message does not matter here."""


async def fill(memory: PartitionMemory, batch: str, messages: int) -> None:
    for _ in range(messages):
        await memory.produce(batch, 0, MESSAGE, ignore)


def commit(broker: Broker, batch: str, offset: int) -> None:
    consumer = broker.consumer(f"eng5-capture-{batch}")
    consumer.commit(offsets=[TopicPartition(COMPARISON_RESULT, 0, offset)], asynchronous=False)
    consumer.close()


def test_batch_waits_for_its_reader(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    """A full partition holds the batch up until its reader says that it has read, and the log says so."""

    async def scenario() -> list[bool]:
        memory = PartitionMemory(broker, limit=5000)
        await fill(memory, "one", 5)
        await broker.flush()
        sixth = asyncio.create_task(memory.produce("one", 0, MESSAGE, ignore))
        done, _ = await asyncio.wait([sixth], timeout=0.1)
        states = [bool(done)]
        commit(broker, "one", 3)
        await asyncio.wait_for(sixth, 60)
        await asyncio.wait_for(fill(memory, "one", 2), 60)
        memory.close()
        return states

    with caplog.at_level("INFO"):
        assert asyncio.run(scenario()) == [False]
    assert "batch one waits: partition 0 holds 5000 bytes" in caplog.text


def test_other_partitions_are_not_held_up(broker: Broker) -> None:
    """A full partition says nothing about the next."""

    async def scenario() -> None:
        memory = PartitionMemory(broker, limit=2000)
        await fill(memory, "one", 2)
        await asyncio.wait_for(memory.produce("one", 1, MESSAGE, ignore), 60)
        memory.close()

    asyncio.run(scenario())


def test_batch_without_a_reader_is_given_up(broker: Broker) -> None:
    """A batch whose own reader never comes ends with an error."""

    async def scenario() -> None:
        memory = PartitionMemory(broker, limit=2000, patience=0.05)
        with pytest.raises(ReaderGoneError):
            await fill(memory, "one", 3)
        memory.close()

    asyncio.run(scenario())


def test_old_batch_without_a_reader_holds_nobody_up_for_ever(broker: Broker) -> None:
    """What nobody reads is protected for a while, then the next batch goes on."""

    async def scenario() -> None:
        memory = PartitionMemory(broker, limit=2000, patience=0.05)
        await fill(memory, "gone", 2)
        await asyncio.wait_for(fill(memory, "next", 2), 60)
        memory.close()

    asyncio.run(scenario())
