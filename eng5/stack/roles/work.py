"""Where work comes from: one interface, whatever way the broker shares work out, and the thread that works it."""

import asyncio
import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from eng5.errors import ServiceError

log = logging.getLogger(__name__)

TAKE_SECONDS = 0.05
"""How long a source is asked for tasks at a time."""

LONGEST_POLL_GAP_SECONDS = 600
"""So long may a member of a group be held up before it loses its place."""

HAND_OVER_SECONDS = LONGEST_POLL_GAP_SECONDS - 60


@dataclass(frozen=True)
class Task:
    """A message that is to be worked on. ``timestamp`` is in milliseconds since 1970."""

    value: bytes
    partition: int
    offset: int
    timestamp: int


class Work(Protocol):
    """A source of tasks; used from one thread.

    Two forms: a consumer group (``group.GroupWork``) and a share group (``share.ShareWork``).
    """

    def take(self, room: int) -> list[Task]:
        """Wait a moment for at most so many tasks. Called all the time, even without room, which keeps the place."""
        ...

    def done(self, task: Task) -> None:
        """Acknowledge: it need not be given to anybody again."""
        ...

    def give_back(self, task: Task) -> None:
        """Somebody else may have it."""
        ...

    def close(self) -> None:
        """Send the acknowledgements, and leave."""
        ...


class Pump:
    """Takes tasks in a thread of its own and hands them to the event loop, at most ``limit`` at a time.

    In the loop are called: ``start`` with each task, after which somebody says ``finished``; ``release`` with
    partitions that go to somebody else, whose tasks are to be finished soon; ``give_up`` with what ended the thread.
    """

    def __init__(
        self,
        work: "Callable[[Pump], Work]",
        limit: int,
        start: Callable[[Task], None],
        release: Callable[[frozenset[int]], None],
        give_up: Callable[[Exception], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._limit = limit
        self._start = start
        self._release = release
        self._give_up = give_up
        self._tasks: set[Task] = set()
        self._finished: queue.SimpleQueue[tuple[Task, bool]] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._work: Work | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), name="eng5-work", daemon=True)
        self._thread.start()

    def finished(self, task: Task, *, done: bool = True) -> None:
        """Nobody works on the task any more; when it is not ``done``, somebody will get it again."""
        self._finished.put((task, done))

    def hand_over(self, partitions: frozenset[int]) -> None:
        """Wait until no task of these partitions is worked on. Called in the thread, by the work."""
        self._tell(self._release, partitions)
        until = time.monotonic() + HAND_OVER_SECONDS
        while (
            any(one.partition in partitions for one in self._tasks)
            and time.monotonic() < until
            and not self._stopping.is_set()
        ):
            with contextlib.suppress(queue.Empty):
                self._acknowledge(*self._finished.get(timeout=TAKE_SECONDS))

    def lose(self, partitions: frozenset[int]) -> None:
        """These partitions are somebody else's already. Called in the thread, by the work."""
        self._tell(self._release, partitions)

    def stop(self) -> None:
        """Take no more, and acknowledge what is finished."""
        self._stopping.set()

    async def closed(self) -> None:
        """Return when the thread has ended."""
        await asyncio.to_thread(self._thread.join)

    def _run(self, make: "Callable[[Pump], Work]") -> None:
        try:
            work = self._work = make(self)
            try:
                while not self._stopping.is_set():
                    self._acknowledge_all()
                    for task in work.take(self._room()):
                        self._tasks.add(task)
                        self._tell(self._start, task)
            finally:
                self._acknowledge_all()
                work.close()
        except Exception as error:
            log.exception("no work is taken any more")
            self._tell(self._give_up, ServiceError(f"no work is taken any more ({error})"))

    def _tell(self, what: Callable[[Any], None], about: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what, about)

    def _acknowledge_all(self) -> None:
        while not self._finished.empty():
            self._acknowledge(*self._finished.get())

    def _acknowledge(self, task: Task, done: bool) -> None:
        self._tasks.discard(task)
        if self._work is not None:
            (self._work.done if done else self._work.give_back)(task)

    def _room(self) -> int:
        return self._limit - len(self._tasks)
