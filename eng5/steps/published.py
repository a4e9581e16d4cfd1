"""Step `published`: the request is in the broker's log, once."""

from __future__ import annotations

from eng5.contracts.envelope import read_envelope
from eng5.contracts.published import Published
from eng5.contracts.topics import CJ_REQUESTED, RESULT_TOPICS
from eng5.files import read_bytes, read_model, sha256_bytes, write_model
from eng5.paths import RunnerPaths
from eng5.protocols import KafkaPublisherProtocol
from eng5.runs import batch_end


def build(envelope: bytes, publisher: KafkaPublisherProtocol) -> Published:
    """Publish. The ends of the result topics are taken before, so that no answer can lie in front of them."""
    ends = publisher.end_offsets(RESULT_TOPICS)
    batch = str(read_envelope(envelope).data["entity_id"])
    partition, offset = publisher.publish(CJ_REQUESTED, batch, envelope)
    return Published(
        cluster_id=publisher.cluster_id(),
        topic=CJ_REQUESTED,
        partition=partition,
        offset=offset,
        envelope_sha256=sha256_bytes(envelope),
        result_offsets={topic: dict(sorted(ends[topic].items())) for topic in sorted(ends)},
    )


def run(paths: RunnerPaths, publisher: KafkaPublisherProtocol) -> None:
    """Write 40_published.json, unless it names this envelope, and this cluster or a batch that is answered already."""
    envelope = read_bytes(paths.envelope)
    if paths.published.exists():
        marker = read_model(paths.published, Published)
        if marker.envelope_sha256 == sha256_bytes(envelope) and (
            batch_end(paths) is not None or marker.cluster_id == publisher.cluster_id()
        ):
            return
    write_model(paths.published, build(envelope, publisher))
