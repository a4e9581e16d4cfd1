"""How many questions a server is asked at a time, against servers of known capacity, in simulated time."""

import asyncio
import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest

from eng5.contracts.llm_config import LlmProviderConfig
from eng5.judges.clock import Clock
from eng5.judges.concurrency import Concurrency

OWN = "http://localhost:8080/v1"


@dataclass
class Server:
    """Works on `lanes` questions at a time, `seconds` each; the others wait."""

    lanes: int
    seconds: float
    now: float = 0.0
    most: int = 0
    open: int = 0
    history: list[tuple[float, int]] = field(default_factory=list)
    _free: list[float] = field(default_factory=list)
    _events: list[tuple[float, int, asyncio.Future[None]]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    async def answer(self, timeout: float) -> float | None:
        """Seconds until the answer; None when the time-out came first."""
        self.open += 1
        self.history.append((self.now, self.open))
        free = heapq.heappop(self._free) if len(self._free) == self.lanes else self.now
        done = max(free, self.now) + self.seconds
        heapq.heappush(self._free, done)
        began = self.now
        end = min(done, began + timeout)
        arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._events, (end, next(self._numbers), arrived))
        await arrived
        self.open -= 1
        return self.now - began if done <= began + timeout else None

    async def run(self, workers: list[asyncio.Task[None]]) -> None:
        """Let time pass from event to event until the workers are done."""
        while not all(worker.done() for worker in workers):
            for _ in range(200):
                await asyncio.sleep(0)
            if self._events:
                self.now, _, arrived = heapq.heappop(self._events)
                arrived.set_result(None)


def ask(server: Server, questions: int, **limits: object) -> Concurrency:
    """Ask so many questions, the first of them alone, each again after a time-out."""
    fits = Concurrency(LlmProviderConfig.model_validate(limits), Clock(now=lambda: server.now))
    left = iter(range(questions - 1))

    async def one() -> None:
        while True:
            async with fits.slots:
                epoch = fits.epoch
                seconds = await server.answer(fits.timeout)
                if seconds is None:
                    fits.overloaded(began_in=epoch, timed_out=True)
                    continue
                fits.answered(seconds, began_in=epoch)
                return

    async def work() -> None:
        for _ in left:
            await one()

    async def run() -> None:
        first = asyncio.create_task(one())
        await server.run([first])
        workers = [asyncio.create_task(work()) for _ in range(16)]
        await server.run(workers)

    asyncio.run(run())
    return fits


def test_a_slow_server_of_one_lane_is_soon_asked_one_at_a_time() -> None:
    """20 s an answer: hardly ever more than two at once, and in no more time than one after the other takes."""
    server = Server(lanes=1, seconds=20)
    fits = ask(server, 66, base_url=OWN)
    assert max(number for _, number in server.history) <= 2
    assert fits.limit <= 2
    assert server.now == pytest.approx(66 * 20)


@pytest.mark.parametrize("lanes", [4, 8, 16])
def test_a_slow_server_of_several_lanes_gets_as_many_as_it_serves(lanes: int) -> None:
    """The number doubles while more answers a second come, and does not go far beyond."""
    server = Server(lanes=lanes, seconds=10)
    ask(server, 200, base_url=OWN)
    ideal = 200 / lanes * 10
    assert server.now <= 1.6 * ideal
    late = [number for moment, number in server.history if moment > server.now / 2]
    assert sorted(late)[len(late) // 2] in range(lanes, 2 * lanes + 1)


def test_a_quick_server_gets_all() -> None:
    """Answers within a second are not measured."""
    server = Server(lanes=16, seconds=1)
    assert ask(server, 200, base_url=OWN).limit == 16
    assert server.now <= 1 + 200 / 16 + 2


def test_a_vendor_gets_all_until_it_is_too_much() -> None:
    """Slow answers of a vendor are no sign: reasoning takes its time."""
    server = Server(lanes=100, seconds=40)
    assert ask(server, 200).limit == 16


def test_time_outs_halve_the_number_and_answers_raise_it() -> None:
    """A vendor that cannot: 16 become fewer; nothing stays unanswered."""
    server = Server(lanes=3, seconds=30)
    fits = ask(server, 60, timeout=100)
    assert fits.limit < 16
    assert fits.timeout == 100


def test_one_slow_question_gets_more_time() -> None:
    """Alone and late: the time-out grows where nobody set it, and eightfold is the end."""
    assert ask(Server(lanes=1, seconds=300), 3, base_url=OWN).timeout == 960
    fits = Concurrency(LlmProviderConfig(concurrency=1), Clock())
    for _ in range(9):
        fits.overloaded(began_in=fits.epoch, timed_out=True)
    assert fits.timeout == 960
    set_by_user = Concurrency(LlmProviderConfig(concurrency=1, timeout=5), Clock())
    set_by_user.overloaded(began_in=set_by_user.epoch, timed_out=True)
    assert set_by_user.timeout == 5


def test_one_burst_halves_once() -> None:
    """Sixteen rate limits of requests that went together are one sign."""
    fits = Concurrency(LlmProviderConfig(), Clock())
    epoch = fits.epoch
    for _ in range(16):
        fits.overloaded(began_in=epoch, timed_out=False)
    assert fits.limit == 8
