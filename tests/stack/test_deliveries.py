"""What became of a batch's messages."""

import asyncio
import threading

import pytest

from eng5.stack import deliveries
from eng5.stack.broker import UndeliveredError
from eng5.stack.deliveries import Deliveries


def test_settled_when_all_are_acknowledged_in_any_thread() -> None:
    """Acknowledgements come from the broker's thread."""

    async def scenario() -> None:
        sent = Deliveries()
        told = [sent.expect() for _ in range(3)]
        waiting = asyncio.create_task(sent.settled())
        for one in told:
            threading.Thread(target=one, args=(None, 7)).start()
        await asyncio.wait_for(waiting, 60)

    asyncio.run(scenario())


def test_one_refusal_is_enough() -> None:
    """The batch has a hole, and the reason is kept."""

    async def scenario() -> None:
        sent = Deliveries()
        sent.expect()(None, 1)
        sent.expect()(UndeliveredError("message too large"), None)
        with pytest.raises(UndeliveredError, match="message too large"):
            await sent.settled()

    asyncio.run(scenario())


def test_there_is_room_for_so_many_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage of the broker does not fill the memory."""
    monkeypatch.setattr(deliveries, "ON_THEIR_WAY", 2)

    async def scenario() -> None:
        sent = Deliveries()
        first = sent.expect()
        await asyncio.wait_for(sent.room(), 60)
        sent.expect()
        waiting = asyncio.create_task(sent.room())
        done, _ = await asyncio.wait([waiting], timeout=0.01)
        assert not done
        first(None, 0)
        await asyncio.wait_for(waiting, 60)

    asyncio.run(scenario())
