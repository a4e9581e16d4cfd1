"""Where the services are: the platform at given addresses, and the one stand-in of this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from eng5.contracts.credentials import Credentials
from eng5.contracts.platform import PlatformSettings
from eng5.errors import PreflightError, ServiceError
from eng5.paths import ProjectPaths
from eng5.services.connect import (
    OUTAGE_SECONDS,
    SECONDS_BETWEEN_CHECKS,
    EmbeddedServices,
    PlatformServices,
    services_of,
)
from tests.fakes import Clock, FakeBroker
from tests.scripted import scripted

PLATFORM = PlatformSettings(stack="external", kafka_bootstrap="broker:9092")


class Broker(FakeBroker):
    """A broker that can be left, as a client is."""

    def __enter__(self) -> Broker:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""


def test_one_stand_in_a_project(tmp_path: Path) -> None:
    """Steps and handlers of a process share it; another project has its own; the platform has none."""
    one, other = ProjectPaths.at(tmp_path / "one"), ProjectPaths.at(tmp_path / "other")
    embedded = services_of(one, PlatformSettings())
    assert isinstance(embedded, EmbeddedServices)
    assert services_of(one, PlatformSettings()) is embedded
    assert services_of(other, PlatformSettings()) is not embedded
    assert isinstance(services_of(one, PLATFORM), PlatformServices)


def test_the_platform_without_a_cj_service() -> None:
    """Its address is asked for by whoever needs it, with the flag that gives it."""
    with pytest.raises(PreflightError, match="--cj-service-url"):
        PlatformServices(PLATFORM).cj_admin(Credentials())


def test_the_broker_is_asked_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the first check and every half minute, however often the wait goes round."""
    clock = Clock()
    asked: list[float] = []
    services = PlatformServices(PLATFORM, clock=clock)

    def broker() -> Broker:
        asked.append(clock.now)
        return Broker()

    monkeypatch.setattr(services, "broker", broker)
    for second in range(100):
        clock.now = float(second)
        services.check()
    assert asked == [0.0, SECONDS_BETWEEN_CHECKS, 2 * SECONDS_BETWEEN_CHECKS, 3 * SECONDS_BETWEEN_CHECKS]


def test_another_cluster_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that was started anew has forgotten the batch; waiting on would be in vain."""
    clock = Clock()
    services = PlatformServices(PLATFORM, clock=clock)
    clusters = iter(["cluster-1", "cluster-2"])
    monkeypatch.setattr(services, "broker", lambda: Broker(next(clusters)))
    services.check()
    clock.now = SECONDS_BETWEEN_CHECKS
    with pytest.raises(ServiceError, match=r"another cluster now \(cluster-2 in place of cluster-1\)"):
        services.check()


def test_a_broker_that_was_there_may_be_away_for_some_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its trouble is said while it lasts; it ends the wait after five minutes."""
    clock, away = Clock(), [False]
    services = PlatformServices(PLATFORM, clock=clock)

    class Away(Broker):
        def cluster_id(self) -> str:
            if away[0]:
                raise ServiceError("the Kafka broker cannot be reached")
            return super().cluster_id()

    monkeypatch.setattr(services, "broker", lambda: Away("cluster-1"))
    assert services.check() is None
    away[0], clock.now = True, SECONDS_BETWEEN_CHECKS
    assert services.check() == "the Kafka broker cannot be reached"
    clock.now += 1
    assert services.check() == "the Kafka broker cannot be reached"
    away[0], clock.now = False, 3 * SECONDS_BETWEEN_CHECKS
    assert services.check() is None
    away[0], clock.now = True, 4 * SECONDS_BETWEEN_CHECKS
    assert services.check() is not None
    clock.now += OUTAGE_SECONDS
    with pytest.raises(ServiceError, match="cannot be reached"):
        services.check()


def test_a_broker_that_is_gone_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the time that metadata may take, instead of the whole completion timeout."""
    monkeypatch.setattr("eng5.clients.kafka_cluster.METADATA_SECONDS", 0.2)
    with scripted() as closed:
        nowhere = closed.url.removeprefix("http://")
    with pytest.raises(ServiceError, match="broker cannot be reached"):
        PlatformServices(PlatformSettings(stack="external", kafka_bootstrap=nowhere)).check()
