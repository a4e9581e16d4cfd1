"""A client of the stand-in that speaks plain HTTP and Kafka, and knows nothing of eng5's own clients."""

import json
import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from eng5.contracts.wire import topics
from eng5.contracts.wire.base import to_wire, utc_now
from eng5.contracts.wire.cj_request import (
    ELSCJAssessmentRequestV1,
    EssayProcessingInputRefV1,
    LLMConfigOverrides,
    PreSpecifiedComparison,
)
from eng5.contracts.wire.envelope import EventEnvelope, StorageReferenceMetadata, SystemProcessingMetadata
from eng5.stack.standin import Addresses
from tests.forked import ROOT, Forked

QUIET = {"log_level": 0}

Places = dict[tuple[str, int], int]
"""Topic and partition → offset."""


@dataclass
class Answers:
    """What came for a batch, in the order of arrival."""

    raw: dict[str, list[bytes]] = field(default_factory=lambda: {topic: [] for topic in topics.ALL_TOPICS})
    keys: dict[str, list[str | None]] = field(
        default_factory=lambda: {topic: [] for topic in topics.ALL_TOPICS}
    )

    def events(self, topic: str) -> list[dict[str, Any]]:
        return [json.loads(value) for value in self.raw[topic]]

    @property
    def callbacks(self) -> list[dict[str, Any]]:
        return [event["data"] for event in self.events(topics.COMPARISON_RESULT)]

    def shown(self) -> list[tuple[str, str]]:
        return [
            (one["request_metadata"]["essay_a_id"], one["request_metadata"]["essay_b_id"])
            for one in self.callbacks
        ]

    def only(self, topic: str) -> dict[str, Any]:
        [event] = self.events(topic)
        data: dict[str, Any] = event["data"]
        return data


class Bench:
    """A stand-in's user; closed with its block. It waits for as long as the test may take."""

    def __init__(self, addresses: Addresses) -> None:
        self.addresses = addresses
        self.http = httpx.Client(timeout=60)
        self._producer: Producer | None = None
        self._reader: Consumer | None = None
        self._asking: Consumer | None = None
        self._position: Places = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.http.close()
        for consumer in (self._reader, self._asking):
            if consumer is not None:
                consumer.close()

    def upload(self, text: str) -> str:
        answer = self.http.post(self.addresses.content_service_url, content=text.encode())
        assert answer.status_code == 201, answer.text
        storage_id: str = answer.json()["storage_id"]
        return storage_id

    def request(
        self,
        texts: Mapping[str, str],
        *,
        batch: str | None = None,
        model: str | None = "surface",
        metadata: dict[str, Any] | None = None,
        listed: Sequence[tuple[str, str]] | None = None,
        assignment_id: str | None = None,
        rubric: str | None = None,
        prompt: StorageReferenceMetadata | None = None,
        storage_ids: Mapping[str, str] | None = None,
    ) -> bytes:
        """The bytes of a request for these essays, uploaded first unless their storage ids are given."""
        batch = batch or str(uuid.uuid4())
        stored = storage_ids or {name: self.upload(text) for name, text in texts.items()}
        pairs = (
            None
            if listed is None
            else [PreSpecifiedComparison(essay_a_id=a, essay_b_id=b) for a, b in listed]
        )
        data = ELSCJAssessmentRequestV1(
            entity_id=batch,
            entity_type="batch",
            system_metadata=SystemProcessingMetadata(entity_id=batch, entity_type="batch"),
            essays_for_cj=[
                EssayProcessingInputRefV1(essay_id=name, text_storage_id=storage_id)
                for name, storage_id in stored.items()
            ],
            language="en",
            course_code="ENG5",
            student_prompt_ref=prompt,
            llm_config_overrides=LLMConfigOverrides(
                provider_override=None if model is None else "mock",
                model_override=model,
                judge_rubric_override=rubric,
            ),
            assignment_id=assignment_id,
            user_id="tester",
            pre_specified_comparisons=pairs,
        )
        return to_wire(
            EventEnvelope(
                data=data,
                event_type=topics.CJ_REQUESTED,
                source_service=topics.RUNNER_SERVICE,
                event_id=uuid.uuid4(),
                correlation_id=uuid.uuid4(),
                event_timestamp=utc_now(),
                metadata=metadata,
            )
        )

    def publish(self, raw: bytes) -> None:
        if self._producer is None:
            self._producer = Producer({"bootstrap.servers": self.addresses.bootstrap_servers, **QUIET})
        self._producer.produce(topics.CJ_REQUESTED, raw)
        self._producer.flush()

    def run(self, raw: bytes, *, until: str | None = None, commit: bool = False) -> Answers:
        """Publish a request and collect what comes, to consumption or failure (or the first of ``until``).

        Reads on to the ends that the topics have when the final event is seen; with ``commit``, tells the
        batch's group of every callback that was read.
        """
        batch = json.loads(raw)["data"]["entity_id"]
        answers = Answers()
        consumer = self._reading()
        group = self._consumer(f"eng5-capture-{batch}") if commit else None
        self.publish(raw)
        last_topics = (topics.RESOURCE_CONSUMPTION, topics.CJ_FAILED) if until is None else (until,)
        goal: Places | None = None
        while goal is None or any(self._position[place] < end for place, end in goal.items()):
            message = consumer.poll(0.2)
            if message is None:
                continue
            assert message.error() is None, message.error()
            topic, partition, offset = message.topic(), message.partition(), message.offset()
            value, key = message.value(), message.key()
            assert topic is not None and partition is not None and offset is not None
            assert isinstance(value, bytes)
            self._position[topic, partition] = offset + 1
            ours = batch.encode() in value
            if ours or not value.endswith(b"}"):
                answers.raw[topic].append(value)
                answers.keys[topic].append(key.decode() if isinstance(key, bytes) else key)
            if group is not None and topic == topics.COMPARISON_RESULT:
                group.commit(offsets=[TopicPartition(topic, partition, offset + 1)], asynchronous=True)
            if goal is None and ours and topic in last_topics:
                goal = self._ends(list(self._position))
        if group is not None:
            group.close()
        return answers

    def wait_until(self, holds: Callable[[], object]) -> None:
        """Return when it holds; what it raises is raised."""
        while not holds():
            self._reading().poll(0.05)

    def count(self, topic: str) -> int:
        """How many messages are in the topic."""
        self._reading()
        return sum(self._ends([place for place in self._position if place[0] == topic]).values())

    def _reading(self) -> Consumer:
        """One reader for all batches, from the ends that the topics have when it is first needed."""
        if self._reader is None:
            self._reader, self._asking = self._consumer("tests"), self._consumer("tests")
            places = [
                (topic, partition)
                for topic in topics.ALL_TOPICS[1:]
                for partition in self._reader.list_topics(topic).topics[topic].partitions
            ]
            self._position = self._ends(places)
            self._reader.assign([TopicPartition(*place, end) for place, end in self._position.items()])
        return self._reader

    def _ends(self, places: list[tuple[str, int]]) -> Places:
        """Asked over a connection of its own, which no waiting fetch holds up; a broker that is away is waited for."""
        assert self._asking is not None
        ends: Places = {}
        for place in places:
            while place not in ends:
                try:
                    _, ends[place] = self._asking.get_watermark_offsets(
                        TopicPartition(*place), 5, cached=False
                    )
                except KafkaException:
                    # What a client knows of a broker that was away for a moment can be wrong for ever.
                    self._asking.close()
                    self._asking = self._consumer("tests")
        return ends

    def _consumer(self, group: str) -> Consumer:
        return Consumer(
            {
                "bootstrap.servers": self.addresses.bootstrap_servers,
                "group.id": group,
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "fetch.wait.max.ms": 5,
                **QUIET,
            }
        )


SERVE = """
import sys
from pathlib import Path
from eng5.environment import llm_settings
from eng5.stack.roles.serve import Role, ServeSettings, serve
serve(ServeSettings(Role.ALL, Path(sys.argv[1]), llm=llm_settings()))
"""
StandinProcess = AbstractContextManager[tuple[Forked, Bench]]


@contextmanager
def standin_process(state: Path, environment: dict[str, str]) -> Iterator[tuple[Forked, Bench]]:
    """The stand-in in a process of its own, configured by the environment alone, and its user; killed at the end."""
    with Forked(SERVE, [str(state)], cwd=ROOT, env=os.environ | environment) as process:
        try:
            with Bench(Addresses(**json.loads(process.stdout.readline()))) as bench:
                yield process, bench
        finally:
            process.kill()
