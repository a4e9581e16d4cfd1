"""Three nodes: each is killed in turn while a batch is answered, and nothing is missing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from eng5.clients.topic_specs import PLATFORM_TOPICS, work_topics
from eng5.clients.topics import check_topics, ensure_topics
from eng5.contracts.wire.topics import COMPARISON_RESULT, VERDICT
from tests.kafka.batch import Batch, Platform
from tests.kafka.cluster import Cluster

pytestmark = pytest.mark.kafka


def test_topics_of_three_nodes(three_nodes: Cluster) -> None:
    """Three replicas, two of them in sync; what falls short of that is said, and stops nothing."""
    every = (*PLATFORM_TOPICS, *work_topics())
    ensure_topics(three_nodes.bootstrap, every)
    assert check_topics(three_nodes.bootstrap, every) == []
    three_nodes.set(VERDICT, {"min.insync.replicas": "1"})
    (fault,) = check_topics(three_nodes.bootstrap, every)
    assert not fault.fatal and "what one broker acknowledged is lost with it" in fault.problem


def test_each_node_is_killed_in_turn(three_nodes: Cluster, tmp_path: Path) -> None:
    """Every callback is captured, though at each moment one node of three may be gone."""
    ensure_topics(three_nodes.bootstrap, PLATFORM_TOPICS)
    batch = Batch(tmp_path, three_nodes.bootstrap)
    batch.publish()

    def answer() -> None:
        for node in (1, 2, 3):
            with three_nodes.away(node):
                Platform(three_nodes).put(COMPARISON_RESULT, *batch.callbacks(50, first=50 * (node - 1)))
        Platform(three_nodes).answer(batch, [])

    with ThreadPoolExecutor() as pool:
        platform = pool.submit(answer)
        batch.capture()
        platform.result()
    assert len(batch.fold().rows) == 150
