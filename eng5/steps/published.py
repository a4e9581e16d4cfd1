"""Step `published`: the request is in the broker's log, once."""

from __future__ import annotations

from eng5.contracts.published import Published
from eng5.contracts.wire.envelope import EventEnvelope
from eng5.contracts.wire.topics import CJ_REQUESTED, RESULT_TOPICS
from eng5.files import parse_model, read_bytes, read_model, sha256_bytes, write_model
from eng5.paths import RunnerPaths
from eng5.protocols import KafkaPublisherProtocol
from eng5.runs.registry import batch_end
from eng5.steps.events import read_behind


def build(envelope: bytes, publisher: KafkaPublisherProtocol) -> Published:
    """The marker of a request that is about to be published.

    The ends of the result topics are taken before, so that no answer can lie in front of them.
    """
    ids = publisher.topic_ids((CJ_REQUESTED, *RESULT_TOPICS))
    ends = publisher.end_offsets(RESULT_TOPICS)
    return Published(
        cluster_id=publisher.cluster_id(),
        topic=CJ_REQUESTED,
        envelope_sha256=sha256_bytes(envelope),
        topic_ids=dict(sorted(ids.items())),
        result_offsets={topic: dict(sorted(ends[topic].items())) for topic in sorted(ends)},
    )


def is_lost(marker: Published, paths: RunnerPaths, publisher: KafkaPublisherProtocol) -> bool:
    """The request, or answers to it that have not been read, are no longer in the broker's log.

    The cluster is another, a topic was deleted and made again, or retention took what would be read next.
    """
    if marker.cluster_id != publisher.cluster_id():
        return True
    ids = publisher.topic_ids(sorted(marker.topic_ids))
    if any(ids.get(topic, before) != before for topic, before in marker.topic_ids.items()):
        return True
    kept = publisher.first_offsets(RESULT_TOPICS)
    return any(
        offset < kept[topic].get(partition, 0)
        for topic, partitions in read_behind(marker, paths).items()
        for partition, offset in partitions.items()
    )


def run(paths: RunnerPaths, publisher: KafkaPublisherProtocol) -> None:
    """Write 40_published.json, unless it names this envelope and its answers can still be read, or have been.

    The marker is written before the request goes out and completed after. A stop in between publishes again and
    still reads from where the first request's answers can lie. Publishing again is the same event: who has answered
    it answers again from what is known.
    """
    envelope = read_bytes(paths.envelope)
    batch = str(parse_model(envelope, EventEnvelope, paths.envelope).data["entity_id"])
    marker = read_model(paths.published, Published) if paths.published.exists() else None
    if marker and marker.envelope_sha256 == sha256_bytes(envelope):
        if batch_end(paths) is not None:
            return
        if is_lost(marker, paths, publisher):
            marker = None
    else:
        marker = None
    if marker is None:
        marker = build(envelope, publisher)
        write_model(paths.published, marker)
    if marker.offset is None:
        partition, offset = publisher.publish(marker.topic, batch, envelope)
        write_model(paths.published, marker.model_copy(update={"partition": partition, "offset": offset}))
