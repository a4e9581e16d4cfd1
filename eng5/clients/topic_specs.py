"""What every topic of eng5 has to be like, and what is wrong with one whose settings are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from eng5.contracts.wire.topics import ALL_TOPICS, BATCH, COMPARISON_REQUESTED, VERDICT

DAY_MS = 86_400_000
PLATFORM_PARTITIONS = 3
WORK_PARTITIONS = 16
REPLICATION = 3
MESSAGE_BYTES = 8_388_608


@dataclass(frozen=True)
class TopicSpec:
    """What a topic has to be like; `partitions` is the least number."""

    name: str
    partitions: int = PLATFORM_PARTITIONS
    cleanup: Literal["delete", "compact"] = "delete"

    def settings(self, replication: int) -> dict[str, str]:
        """The settings that a new topic gets, with so many replicas."""
        wanted = {
            "cleanup.policy": self.cleanup,
            "max.message.bytes": str(MESSAGE_BYTES),
            "min.insync.replicas": "2" if replication >= 3 else "1",
        }
        return wanted if self.cleanup == "compact" else wanted | {"retention.ms": str(7 * DAY_MS)}


@dataclass(frozen=True)
class TopicFault:
    """What is missing or wrong about a topic, and the command that mends it.

    `fatal`: a batch would be lost or stuck.
    """

    topic: str
    problem: str
    remedy: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{self.topic}: {self.problem}\n  → {self.remedy}"


PLATFORM_TOPICS = tuple(TopicSpec(name) for name in ALL_TOPICS)
"""What the platform and its clients speak over."""


def work_topics(partitions: int = WORK_PARTITIONS) -> tuple[TopicSpec, ...]:
    """The topics of `cj` and its judges: compacted, so that each question, verdict and batch stays once.

    A judge needs at least four partitions to itself, so that a slow answer never costs it all of its work.
    """
    shared_out = (TopicSpec(name, partitions, "compact") for name in (COMPARISON_REQUESTED, VERDICT))
    return *shared_out, TopicSpec(BATCH, cleanup="compact")


def wrong_settings(
    spec: TopicSpec, settings: Mapping[str, str], copies: int, tool: str
) -> Iterator[TopicFault]:
    """What is wrong with the settings of a topic that has `copies` replicas; `tool` begins the mending commands."""

    def fault(name: str, wanted: str, why: str, *, fatal: bool = True) -> TopicFault:
        change = f"--alter --entity-type topics --entity-name {spec.name} --add-config {name}={wanted}"
        return TopicFault(spec.name, f"{name}={settings.get(name)}: {why}", f"{tool} {change}", fatal)

    if settings.get("cleanup.policy") != spec.cleanup:
        why = (
            "answers without a key are refused, and others vanish"
            if spec.cleanup == "delete"
            else "old verdicts vanish, and are paid for again"
        )
        yield fault("cleanup.policy", spec.cleanup, why)
    if spec.cleanup == "delete" and 0 <= _number(settings, "retention.ms") < DAY_MS:
        yield fault("retention.ms", str(7 * DAY_MS), "answers vanish before a day has passed")
    if _number(settings, "max.message.bytes") < 1_000_000:
        yield fault("max.message.bytes", str(MESSAGE_BYTES), "large requests are refused")
    in_sync = _number(settings, "min.insync.replicas")
    if in_sync > copies:
        yield fault("min.insync.replicas", str(max(1, copies - 1)), f"nothing can be written with {copies}")
    elif copies >= 3 and in_sync < 2:
        yield fault("min.insync.replicas", "2", "what one broker acknowledged is lost with it", fatal=False)


def _number(settings: Mapping[str, str], name: str) -> int:
    return int(settings.get(name) or -1)
