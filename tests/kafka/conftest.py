"""Real brokers. `pytest -m kafka -n 0` runs what needs them; the default run leaves it out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kafka.cluster import Cluster, missing_tools

PATIENCE_SECONDS = 900


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests wait until something holds, on a busy machine too; only this ends what would wait for ever."""
    for item in items:
        if item.get_closest_marker("kafka"):
            item.add_marker(pytest.mark.timeout(PATIENCE_SECONDS))


def _running(factory: pytest.TempPathFactory, nodes: int) -> Iterator[Cluster]:
    missing = missing_tools()
    if missing:
        pytest.skip(f"no real Kafka: {', '.join(missing)} not on this machine")
    cluster = Cluster(factory.mktemp("kafka") / "data", nodes)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One node, for all tests."""
    yield from _running(tmp_path_factory, 1)


@pytest.fixture(scope="module")
def three_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three nodes, replication 3, of which two have to be in sync."""
    yield from _running(tmp_path_factory, 3)
