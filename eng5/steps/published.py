"""Step `published`: the request is in the broker's log, once."""

from __future__ import annotations

from eng5.contracts.published import Published
from eng5.contracts.wire.envelope import EventEnvelope
from eng5.contracts.wire.topics import CJ_REQUESTED, RESULT_TOPICS
from eng5.files import parse_model, read_bytes, read_model, sha256_bytes, write_model
from eng5.paths import RunnerPaths
from eng5.protocols import KafkaPublisherProtocol
from eng5.runs.registry import batch_end


def build(envelope: bytes, publisher: KafkaPublisherProtocol) -> Published:
    """The marker of a request that is about to be published.

    The ends of the result topics are taken before, so that no answer can lie in front of them.
    """
    ends = publisher.end_offsets(RESULT_TOPICS)
    return Published(
        cluster_id=publisher.cluster_id(),
        topic=CJ_REQUESTED,
        envelope_sha256=sha256_bytes(envelope),
        result_offsets={topic: dict(sorted(ends[topic].items())) for topic in sorted(ends)},
    )


def run(paths: RunnerPaths, publisher: KafkaPublisherProtocol) -> None:
    """Write 40_published.json, unless it names this envelope, and this cluster or a batch that is answered already.

    The marker is written before the request goes out and completed after. A stop in between publishes again and
    still reads from where the first request's answers can lie.
    """
    envelope = read_bytes(paths.envelope)
    batch = str(parse_model(envelope, EventEnvelope, paths.envelope).data["entity_id"])
    marker = read_model(paths.published, Published) if paths.published.exists() else None
    if marker and marker.envelope_sha256 == sha256_bytes(envelope):
        if batch_end(paths) is not None:
            return
        if marker.cluster_id != publisher.cluster_id():
            marker = None
    else:
        marker = None
    if marker is None:
        marker = build(envelope, publisher)
        write_model(paths.published, marker)
    if marker.offset is None:
        partition, offset = publisher.publish(marker.topic, batch, envelope)
        write_model(paths.published, marker.model_copy(update={"partition": partition, "offset": offset}))
