"""The thread that takes work, with a source that is a list."""

import asyncio
from collections.abc import Callable

from eng5.errors import ServiceError
from eng5.stack.roles.work import Pump, Task


class Source:
    """Hands out numbered tasks as asked, and notes what becomes of them."""

    def __init__(self, count: int, fail: bool = False) -> None:
        self.waiting = [Task(b"", number % 2, number, 0) for number in range(count)]
        self.acknowledged: list[int] = []
        self.returned: list[int] = []
        self.asked: list[int] = []
        self.fail = fail
        self.closed = False

    def take(self, room: int) -> list[Task]:
        if self.fail:
            raise RuntimeError("the broker is gone")
        self.asked.append(room)
        taken, self.waiting = self.waiting[: max(0, room)], self.waiting[max(0, room) :]
        return taken

    def done(self, task: Task) -> None:
        self.acknowledged.append(task.offset)

    def give_back(self, task: Task) -> None:
        self.returned.append(task.offset)

    def close(self) -> None:
        self.closed = True


async def until(condition: Callable[[], bool]) -> None:
    """Let others go on until something holds."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)


def test_no_more_than_the_limit_is_under_way_and_all_is_acknowledged() -> None:
    """Nine tasks, three at a time; what is acknowledged makes room."""
    source = Source(9)

    async def scenario() -> int:
        under_way: list[Task] = []
        pump = Pump(lambda _: source, 3, under_way.append, lambda _: None, lambda _: None)
        most = 0
        for _ in range(9):
            await until(lambda: bool(under_way))
            most = max(most, len(under_way))
            pump.finished(under_way.pop())
        await until(lambda: len(source.acknowledged) == 9)
        pump.stop()
        await pump.closed()
        return most

    assert asyncio.run(scenario()) <= 3
    assert sorted(source.acknowledged) == list(range(9))
    assert source.closed


def test_what_is_not_done_is_given_back() -> None:
    """A task that was dropped is nobody's success."""
    source = Source(1)

    async def scenario() -> None:
        under_way: list[Task] = []
        pump = Pump(lambda _: source, 1, under_way.append, lambda _: None, lambda _: None)
        await until(lambda: bool(under_way))
        pump.finished(under_way.pop(), done=False)
        await until(lambda: source.returned == [0])
        pump.stop()
        await pump.closed()

    asyncio.run(scenario())
    assert source.acknowledged == []


def test_partitions_are_handed_over_when_nothing_of_them_is_under_way() -> None:
    """Tasks of the partition are released, and acknowledged before the partition goes."""
    source = Source(2)

    async def scenario() -> list[int]:
        under_way: list[Task] = []
        released: list[frozenset[int]] = []
        pump = Pump(lambda _: source, 2, under_way.append, released.append, lambda _: None)
        await until(lambda: len(under_way) == 2)
        handing = asyncio.create_task(asyncio.to_thread(pump.hand_over, frozenset({1})))
        await until(lambda: released == [frozenset({1})])
        assert not handing.done()
        for task in under_way:
            pump.finished(task)
        await handing
        seen = list(source.acknowledged)
        pump.stop()
        await pump.closed()
        return seen

    assert 1 in asyncio.run(scenario())


def test_a_source_that_fails_ends_the_process() -> None:
    """The loop is told why."""

    async def scenario() -> list[Exception]:
        failures: list[Exception] = []
        pump = Pump(lambda _: Source(0, fail=True), 1, lambda _: None, lambda _: None, failures.append)
        await until(lambda: bool(failures))
        await pump.closed()
        return failures

    [failure] = asyncio.run(scenario())
    assert isinstance(failure, ServiceError)
    assert "the broker is gone" in str(failure)
