"""Topics on a real broker: made in one place, and whatever is wrong with them is named with what mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from eng5.clients.topic_specs import PLATFORM_TOPICS, TopicSpec, work_topics
from eng5.clients.topics import check_topics, ensure_topics
from eng5.contracts.wire.topics import CJ_REQUESTED, COMPARISON_RESULT, VERDICT
from eng5.errors import PreflightError
from tests.kafka.cluster import Cluster

pytestmark = pytest.mark.kafka

ALL = (*PLATFORM_TOPICS, *work_topics())
LEDGER = [one for one in work_topics() if one.name == VERDICT]


@pytest.fixture(autouse=True, scope="module")
def nothing_left(kafka: Cluster) -> Iterator[None]:
    """What is wrong with a topic here is nobody else's trouble."""
    yield
    kafka.delete(*(one.name for one in ALL))


def test_missing_topics_are_named_then_made_and_can_be_used_at_once(kafka: Cluster) -> None:
    """Each missing one with the command that makes it; made once, they are as they have to be."""
    kafka.delete(*(one.name for one in ALL))
    faults = check_topics(kafka.bootstrap, ALL)
    remedies = {one.topic: one.remedy for one in faults}
    assert [(one.topic, one.problem) for one in faults] == [(one.name, "missing") for one in ALL]
    assert "--create --topic eng5.verdict.v1 --partitions 16 --replication-factor 1" in remedies[VERDICT]
    assert ensure_topics(kafka.bootstrap, ALL) == [one.name for one in ALL]
    assert check_topics(kafka.bootstrap, ALL) == []
    assert ensure_topics(kafka.bootstrap, ALL) == []


def test_nothing_makes_a_topic_by_asking_for_it(kafka: Cluster) -> None:
    """A check leaves no topic behind."""
    check_topics(kafka.bootstrap, [TopicSpec("eng5.nobody.made.this")])
    assert "eng5.nobody.made.this" not in kafka.admin.list_topics().topics


@pytest.mark.parametrize(
    ("settings", "problem", "command"),
    [
        ({"cleanup.policy": "compact"}, "answers without a key are refused", "cleanup.policy=delete"),
        ({"retention.ms": "60000"}, "vanish before a day has passed", "retention.ms=604800000"),
        ({"max.message.bytes": "1000"}, "large requests are refused", "max.message.bytes=8388608"),
        ({"min.insync.replicas": "2"}, "nothing can be written with 1", "min.insync.replicas=1"),
    ],
)
def test_a_setting_that_would_lose_a_batch(
    kafka: Cluster, settings: dict[str, str], problem: str, command: str
) -> None:
    """Topic, setting and value, why it matters, and the command that mends it; `ensure` refuses to begin."""
    kafka.fresh(TopicSpec(COMPARISON_RESULT))
    kafka.set(COMPARISON_RESULT, settings)
    (fault,) = check_topics(kafka.bootstrap, [TopicSpec(COMPARISON_RESULT)])
    ((name, value),) = settings.items()
    assert fault.fatal and fault.topic == COMPARISON_RESULT
    assert f"{name}={value}" in fault.problem and problem in fault.problem
    assert fault.remedy == (
        f"kafka-configs.sh --bootstrap-server {kafka.bootstrap} --alter --entity-type topics "
        f"--entity-name {COMPARISON_RESULT} --add-config {command}"
    )
    with pytest.raises(PreflightError, match=problem):
        ensure_topics(kafka.bootstrap, [TopicSpec(COMPARISON_RESULT)])


def test_a_ledger_that_forgets(kafka: Cluster) -> None:
    """Verdicts in a topic that is not compacted vanish, and are paid for again."""
    kafka.fresh(TopicSpec(VERDICT, 16))
    (fault,) = check_topics(kafka.bootstrap, LEDGER)
    assert fault.fatal and "paid for again" in fault.problem


def test_too_few_partitions_are_said_and_do_not_stop_anything(kafka: Cluster) -> None:
    """It is slower, not wrong."""
    kafka.fresh(TopicSpec(VERDICT, 2, "compact"))
    (fault,) = check_topics(kafka.bootstrap, LEDGER)
    assert not fault.fatal and fault.problem == "2 partitions, 16 are wanted"
    assert "--alter --topic eng5.verdict.v1 --partitions 16" in fault.remedy
    assert ensure_topics(kafka.bootstrap, LEDGER) == []


@pytest.mark.parametrize("call", [check_topics, ensure_topics])
def test_a_client_without_rights(kafka: Cluster, call: Callable[..., object]) -> None:
    """The topic is named, and the command that gives the right."""
    kafka.fresh(TopicSpec(CJ_REQUESTED))
    with pytest.raises(PreflightError, match=f"no right to use the topic {CJ_REQUESTED}") as caught:
        call(kafka.secure, [TopicSpec(CJ_REQUESTED)], kafka.credentials("guest"))
    assert caught.value.remedy is not None and "kafka-acls.sh" in caught.value.remedy
