"""Step `events`: journal every message of the batch as it comes, until all has come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from eng5.contracts.failures import batch_failure, batch_remedy
from eng5.contracts.journal import END_PREFIX, JournalEnd, JournalLine, Message, end_line, message_line
from eng5.contracts.published import Published
from eng5.contracts.run import RunFile
from eng5.contracts.wire.cj_request import ELSCJAssessmentRequestV1
from eng5.contracts.wire.envelope import EventEnvelope, read_envelope
from eng5.contracts.wire.topics import ASSESSMENT_RESULT, CJ_COMPLETED, CJ_FAILED, COMPARISON_RESULT
from eng5.errors import BatchFailedError, PartialDataError, ServiceError
from eng5.files import JsonLines, parse_model, read_model
from eng5.paths import RunnerPaths
from eng5.protocols import HydratorProtocol, ProgressProtocol, ShowProgress
from eng5.runs.registry import batch_end

POLL_SECONDS = 0.5


@dataclass
class Capture:
    """How far the capture of a batch has come; fed with messages, never with a clock."""

    batch_uuid: UUID
    callbacks: set[str] = field(default_factory=set)
    completed: bool = False
    result: bool = False
    failure: str | None = None
    remedy: str | None = None

    def is_ours(self, message: Message) -> bool:
        """Names this batch, or cannot be read and may therefore be ours."""
        if str(self.batch_uuid).encode() in message.value:
            return True
        try:
            read_envelope(message.value)
        except ValidationError:
            return True
        return False

    def take(self, topic: str, value: Any) -> None:
        """Note what a journalled message means. What cannot be read is left to the fold."""
        data = value.get("data") if isinstance(value, dict) else None
        if not isinstance(data, dict):
            return
        if topic == COMPARISON_RESULT:
            if isinstance(data.get("request_id"), str):
                self.callbacks.add(data["request_id"])
        elif str(self.batch_uuid) not in (data.get("entity_id"), data.get("batch_id")):
            return
        elif topic == CJ_COMPLETED:
            self.completed = True
        elif topic == ASSESSMENT_RESULT:
            self.result = True
        elif topic == CJ_FAILED:
            info = error_info(data)
            self.failure, self.remedy = batch_failure(info), batch_remedy(info)

    @property
    def answered(self) -> bool:
        """Completion and result, or failure: every callback is in the log by now."""
        return self.failure is not None or (self.completed and self.result)


def error_info(data: dict[str, Any]) -> dict[str, Any]:
    """What a failed event says about its reason, from the only place that has it; empty where it says nothing."""
    metadata = data.get("system_metadata")
    info = metadata.get("error_info") if isinstance(metadata, dict) else None
    return info if isinstance(info, dict) else {}


def build(
    capture: Capture,
    published: Published,
    read_from: dict[str, dict[int, int]],
    broker: HydratorProtocol,
    write: Callable[[Iterable[bytes]], None],
    progress: ProgressProtocol,
    idle: Callable[[], None],
) -> None:
    """Read and journal until all has come; the closing line comes last.

    Completion is published after the last callback. So when completion and result (or a failure) are seen, the
    ends of the topics are taken, and what lies before them is read: nothing is missed and nothing is waited for.

    `idle` is called when nothing of the batch came for a moment; what it raises ends the capture, and what came is
    journalled.
    """
    group = f"eng5-capture-{capture.batch_uuid}"
    ends: dict[str, dict[int, int]] | None = None
    broker.start(read_from)
    while ends is None or _behind(broker.positions(), ends):
        messages = broker.poll(POLL_SECONDS)
        ours = [message for message in messages if capture.is_ours(message)]
        ids = published.topic_ids
        lines = [message_line(published.cluster_id, message, ids.get(message.topic)) for message in ours]
        write(lines)
        for line in lines:
            entry = JournalLine.model_validate_json(line)
            capture.take(entry.topic, entry.value)
        if messages:
            broker.commit(group, broker.positions())
            progress.advance(len(capture.callbacks))
        if capture.answered and ends is None:
            ends = _ends(broker, sorted(read_from))
        if not ours:
            idle()
    write(
        [
            end_line(
                JournalEnd(
                    end="failed" if capture.failure is not None else "completed",
                    cluster=published.cluster_id,
                    read_to=ends,
                )
            )
        ]
    )


def journalled(paths: RunnerPaths) -> Iterator[JournalLine]:
    """The messages that have been journalled."""
    for line in JsonLines(paths.events):
        if not line.startswith(END_PREFIX):
            yield parse_model(line, JournalLine, paths.events)


def read_behind(published: Published, paths: RunnerPaths) -> dict[str, dict[int, int]]:
    """Where capture goes on: behind what is journalled from these topics, else where the answers can begin."""
    offsets = {topic: dict(partitions) for topic, partitions in published.result_offsets.items()}
    for entry in journalled(paths):
        if entry.cluster == published.cluster_id and entry.topic_id == published.topic_ids.get(entry.topic):
            before = offsets[entry.topic].get(entry.partition, 0)
            offsets[entry.topic][entry.partition] = max(before, entry.offset + 1)
    return offsets


def run(
    paths: RunnerPaths,
    broker: HydratorProtocol,
    progress: ShowProgress,
    *,
    check: Callable[[], str | None] = lambda: None,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Write 45_events.jsonl, from where an earlier process stopped. Does nothing once the closing line is there.

    `check` is asked at first, and now and then while nothing comes: it says what is wrong with the services, or
    raises it.

    Raises:
        BatchFailedError: the platform gave the batch up; its reason is in the message.
        PartialDataError: the completion timeout passed.
    """
    run_file = read_model(paths.run, RunFile)
    published = read_model(paths.published, Published)
    journal = JsonLines(paths.events)
    capture = Capture(run_file.batch_uuid)
    for entry in journalled(paths):
        capture.take(entry.topic, entry.value)
    read_from = read_behind(published, paths)
    if batch_end(paths) is None:
        limit = clock() + run_file.completion_timeout

        check()
        expected = expected_callbacks(read_model(paths.envelope, EventEnvelope))
        with progress(expected) as shown:
            shown.advance(len(capture.callbacks))

            def idle() -> None:
                trouble = check()
                if clock() > limit:
                    raise _deadline_passed(capture)
                shown.wait(trouble or f"waiting for {_awaited(capture, expected)}")

            build(capture, published, read_from, broker, journal.append, shown, idle)
    if capture.failure is not None:
        remedy = capture.remedy or "mend the cause"
        raise BatchFailedError(
            f"the batch was given up: {capture.failure}",
            where=paths.events,
            remedy=f"{remedy}, and run the same command again: it becomes the next attempt, "
            "and verdicts that are kept are not asked for again",
        )


def _deadline_passed(capture: Capture) -> PartialDataError:
    return PartialDataError(
        f"the deadline passed with {len(capture.callbacks)} callbacks "
        f"(completion: {_yes(capture.completed)}, result: {_yes(capture.result)}); they are kept",
        remedy="run the same command again to wait for the rest, or raise the completion timeout",
    )


def _awaited(capture: Capture, expected: int | None) -> str:
    """What has to come before the capture ends."""
    if capture.answered:
        return "the end of what the broker has"
    names = []
    if expected is None or len(capture.callbacks) < expected:
        names.append("verdicts" if capture.callbacks else "the first verdict")
    names += [
        name for name, came in (("completion", capture.completed), ("result", capture.result)) if not came
    ]
    return ", ".join(names)


def expected_callbacks(envelope: EventEnvelope) -> int | None:
    """How many callbacks the request asks for: the listed ones, the budget, or each pair once.

    None where the service has anchors of its own, and where people judge: a request does not say how many they are.
    """
    request = envelope.data_as(ELSCJAssessmentRequestV1)
    if request.pre_specified_comparisons is not None:
        return len(request.pre_specified_comparisons)
    if request.assignment_id is not None or "panel" in (envelope.metadata or {}):
        return None
    essays = len(request.essays_for_cj)
    budget = (envelope.metadata or {}).get("max_comparisons")
    return essays * (essays - 1) // 2 if budget is None else int(budget)


def _ends(broker: HydratorProtocol, topics: list[str]) -> dict[str, dict[int, int]] | None:
    """Where the topics end now; None when no broker can say, as while a leader is elected: the next look may."""
    try:
        return broker.end_offsets(topics)
    except ServiceError:
        return None


def _behind(positions: dict[str, dict[int, int]], ends: dict[str, dict[int, int]]) -> bool:
    return any(
        positions[t].get(p, 0) < end for t, partitions in ends.items() for p, end in partitions.items()
    )


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"
