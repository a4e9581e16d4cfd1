"""The brokers that the suites are run over: the fake of the tests, and the client against a real log."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eng5.clients.kafka import KafkaClient
from eng5.protocols import HydratorProtocol
from eng5.stack.broker import Broker
from tests.fakes import FakeBroker


@pytest.fixture(params=["fake", "mock cluster"])
def broker(request: pytest.FixtureRequest) -> Iterator[HydratorProtocol]:
    if request.param == "fake":
        yield FakeBroker()
        return
    cluster = Broker()
    with KafkaClient(cluster.address) as client:
        yield client
    cluster.stop()
