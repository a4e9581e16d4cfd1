"""What steps and handlers need from the outside. Each is implemented by a client and by a fake."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

from eng5.contracts.inventory import Inventory
from eng5.contracts.journal import Message
from eng5.paths import RunnerPaths
from eng5.settings import RunnerSettings

Offsets = Mapping[str, Mapping[int, int]]


@runtime_checkable
class ModeHandlerProtocol(Protocol):
    """One mode of the runner."""

    def execute(self, settings: RunnerSettings, inventory: Inventory, paths: RunnerPaths) -> int:
        """Do what the mode is for; returns a process exit code."""


@runtime_checkable
class ContentUploaderProtocol(Protocol):
    """The Content Service, as a store of texts."""

    @property
    def address(self) -> str:
        """What identifies the store: storage ids are good at one address only."""

    def upload(self, text: bytes) -> str:
        """The storage id of the stored text; ServiceError when it cannot be stored."""

    def has(self, storage_id: str) -> bool:
        """Whether the store still has this id."""


@runtime_checkable
class KafkaPublisherProtocol(Protocol):
    """A broker to publish to."""

    def cluster_id(self) -> str:
        """The id of the cluster; another id means that its log is another."""

    def topic_ids(self, topics: Sequence[str]) -> dict[str, str]:
        """What tells a topic from a later one of its name; without those that the broker does not say."""

    def first_offsets(self, topics: Sequence[str]) -> dict[str, dict[int, int]]:
        """Topic, partition, offset of the oldest message that is kept."""

    def end_offsets(self, topics: Sequence[str]) -> dict[str, dict[int, int]]:
        """Topic, partition, offset of the next message."""

    def publish(self, topic: str, key: str, value: bytes) -> tuple[int, int]:
        """Partition and offset, once the broker has acknowledged it."""


@runtime_checkable
class HydratorProtocol(KafkaPublisherProtocol, Protocol):
    """A broker to capture a batch from."""

    def start(self, offsets: Offsets) -> None:
        """Read from these offsets on."""

    def poll(self, seconds: float) -> Sequence[Message]:
        """Messages that have come, at the latest after `seconds`."""

    def positions(self) -> dict[str, dict[int, int]]:
        """Topic, partition, offset up to which everything has come, or is no message; partitions may be added."""

    def commit(self, group: str, offsets: Offsets) -> None:
        """Tell a broker that keeps little how far a group has read; no group is joined."""


class ReportGeneratorProtocol(Protocol):
    """What makes the pages of a run: `run` of a module under `reports/`."""

    def __call__(self, paths: RunnerPaths) -> None:
        """Render 60_analysis.json into reports/ and write 70_report.json."""


@runtime_checkable
class AnchorRegistrarProtocol(Protocol):
    """The CJ service, as the owner of an assignment's anchors."""

    def register(self, assignment_id: str, label: str, grade: str, text: str) -> int:
        """The anchor's id; registering the same label again replaces it."""


class ProgressProtocol(Protocol):
    """Shows how far a step has come."""

    def advance(self, done: int) -> None:
        """`done` of the total, so far."""

    def wait(self, awaited: str) -> None:
        """Nothing has come for a moment; `awaited` says what is to come. Called often, shown seldom."""


ShowProgress = Callable[[int | None], AbstractContextManager[ProgressProtocol]]
"""Shows progress towards a total, None when it is not known, while its block runs."""
