"""Step `events`: every message of the batch is journalled as it came, once, and the end is known, not guessed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eng5.contracts.journal import END_PREFIX, JournalEnd, JournalLine, Message
from eng5.contracts.modes import RunnerMode
from eng5.contracts.run import BoundarySelection
from eng5.contracts.wire.topics import (
    ASSESSMENT_RESULT,
    CJ_COMPLETED,
    CJ_FAILED,
    COMPARISON_RESULT,
    RESULT_TOPICS,
)
from eng5.errors import BatchFailedError, DamagedFileError, PartialDataError
from eng5.files import JsonLines
from eng5.runs.registry import batch_end
from eng5.steps.folding import fold
from tests.chain import Chain
from tests.fakes import Clock, FakeBroker
from tests.messages import bytes_of, callback, completed, failed, raw, result

FOREIGN = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """A project whose request is published."""
    chain = Chain(tmp_path)
    chain.up_to_published()
    return chain


def lines(chain: Chain) -> list[JournalLine]:
    """The journalled messages, without the closing line."""
    return [
        JournalLine.model_validate_json(line)
        for line in JsonLines(chain.paths.events)
        if not line.startswith(END_PREFIX)
    ]


def values(chain: Chain) -> list[object]:
    return [line.value for line in lines(chain)]


def closing(chain: Chain) -> JournalEnd:
    end = batch_end(chain.paths)
    assert end
    return end


def late(deadline: float = 0.0) -> Iterator[float]:
    """A clock whose second reading is past the completion timeout."""
    yield deadline
    while True:
        yield deadline + 1801.0


def test_a_batch_whose_messages_are_indented(chain: Chain) -> None:
    """JSON on several lines is understood: the capture ends when all has come."""
    batch = chain.run_file.batch_uuid
    sent = {
        COMPARISON_RESULT: callback(batch),
        CJ_COMPLETED: completed(batch),
        ASSESSMENT_RESULT: result(batch),
    }
    for topic, document in sent.items():
        chain.broker.put(topic, json.dumps(document, indent=2).encode())
    chain.capture()
    assert closing(chain).end == "completed"
    assert {line.topic: line.value for line in lines(chain)} == sent


def test_a_whole_batch_is_journalled(chain: Chain) -> None:
    """Every message with its place, as received, and a closing line with the ends that were read to."""
    chain.answer()
    progress = chain.capture()
    assert len(values(chain)) == 8
    assert {(line.topic, line.partition, line.offset) for line in lines(chain)} == {
        *((COMPARISON_RESULT, partition, offset) for partition in range(3) for offset in range(2)),
        (CJ_COMPLETED, 0, 0),
        (ASSESSMENT_RESULT, 0, 0),
    }
    assert {line.cluster for line in lines(chain)} == {"cluster-1"}
    assert closing(chain) == JournalEnd(
        end="completed", cluster="cluster-1", read_to=chain.broker.end_offsets(RESULT_TOPICS)
    )
    assert (progress.total, progress.counts[-1]) == (6, 6)


def test_reading_begins_where_publishing_looked(chain: Chain) -> None:
    """Old history is not scanned, and no group is joined."""
    chain.answer()
    chain.capture()
    assert chain.broker.started == [{topic: {0: 0, 1: 0, 2: 0} for topic in RESULT_TOPICS}]
    group = f"eng5-capture-{chain.run_file.batch_uuid}"
    assert chain.broker.committed[group][COMPARISON_RESULT] == {0: 2, 1: 2, 2: 2}


@pytest.mark.parametrize("seed", range(8))
def test_any_order_of_delivery(chain: Chain, seed: int) -> None:
    """Completion and result may be read before callbacks of other partitions: nothing is missed."""
    chain.answer()
    source = random.Random(seed)
    chain.broker.most_of = lambda topic, partition: source.choice([0, 0, 0, 1])
    chain.capture()
    assert len(values(chain)) == 8
    assert closing(chain).end == "completed"


def test_the_end_comes_only_after_the_ends_of_the_topics(chain: Chain) -> None:
    """A callback in a partition that is read last is journalled before the closing line is written."""
    chain.answer()
    chain.broker.most_of = lambda topic, partition: (
        None if chain.broker.polls > 3 or topic != COMPARISON_RESULT else 0
    )
    chain.capture()
    assert chain.broker.polls == 4
    assert [line.topic for line in lines(chain)].count(COMPARISON_RESULT) == 6
    assert closing(chain).read_to[COMPARISON_RESULT] == {0: 2, 1: 2, 2: 2}


def test_duplicates_are_journalled_as_they_came(chain: Chain) -> None:
    """The journal says what was received; counting is the fold's. Progress counts requests."""
    value = chain.callbacks()[0]
    for _ in range(3):
        chain.broker.put(COMPARISON_RESULT, value)
    chain.answer()
    progress = chain.capture()
    assert len(values(chain)) == 11
    assert progress.counts[-1] == 6


def test_other_batches_are_passed_over(chain: Chain) -> None:
    """Callbacks, completion, result and even a failure of another batch neither enter the journal nor end it."""
    for topic, document in (
        (COMPARISON_RESULT, callback(FOREIGN)),
        (CJ_FAILED, failed(FOREIGN)),
        (CJ_COMPLETED, completed(FOREIGN)),
        (ASSESSMENT_RESULT, result(FOREIGN)),
    ):
        chain.broker.put(topic, raw(document), partition=1)
    chain.broker.on_poll = lambda number: chain.answer() if number == 2 else None
    chain.capture()
    assert chain.broker.polls >= 2
    assert len(values(chain)) == 8
    assert closing(chain).end == "completed"


UNREADABLE = [b"", b"{", b"\xff\xfe\x00", b"[]", b"null", b'{"data": 1}', b"1e999", b'"\\ud800"', b"[" * 5000]


@pytest.mark.parametrize("value", UNREADABLE)
@pytest.mark.parametrize("topic", RESULT_TOPICS)
def test_what_cannot_be_read_is_kept(chain: Chain, topic: str, value: bytes) -> None:
    """It may be ours: it is journalled to the byte, ends nothing, and disturbs nothing."""
    chain.broker.put(topic, value, partition=2)
    chain.answer()
    chain.capture()
    journalled = [line for line in JsonLines(chain.paths.events) if not line.startswith(END_PREFIX)]
    assert len(journalled) == 9
    assert value in [bytes_of(line) for line in journalled]


@pytest.mark.parametrize(
    "moment",
    [
        "1000000000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "Mon, 01 Jan 99999999999 00:00:00 GMT",
        -1e17,
    ],
)
@pytest.mark.parametrize("ours", [True, False])
def test_a_date_that_no_clock_can_hold(chain: Chain, moment: object, ours: bool) -> None:
    """In the envelope or in the data, of this batch or of another: it is kept, and neither capture nor fold ends."""
    batch = chain.run_file.batch_uuid if ours else FOREIGN
    chain.broker.put(COMPARISON_RESULT, raw(callback(batch) | {"event_timestamp": moment}), partition=1)
    chain.broker.put(COMPARISON_RESULT, raw(callback(batch, requested_at=moment)), partition=2)
    chain.broker.put(CJ_COMPLETED, raw(completed(FOREIGN) | {"event_timestamp": moment}), partition=2)
    chain.answer()
    chain.capture()
    assert closing(chain).end == "completed"
    found = fold(JsonLines(chain.paths.events), chain.paths.events)
    assert len(found.rows) == 6
    assert len(found.quarantined) == (3 if ours else 2)
    chain.fold()


@pytest.mark.parametrize("topic", [CJ_COMPLETED, ASSESSMENT_RESULT, CJ_FAILED])
def test_an_unreadable_final_event_of_nobody_ends_nothing(chain: Chain, topic: str) -> None:
    """A final event that is no event and names no batch is neither our completion nor our failure."""
    chain.broker.put(topic, b'{"data": {"entity_id": "somebody"}}')
    with pytest.raises(PartialDataError):
        chain.capture(clock=Clock(late()))
    assert len(values(chain)) == 1
    assert batch_end(chain.paths) is None


@pytest.mark.parametrize("reason", ["initialization", "low_success_rate", "stuck_timeout"])
def test_a_failed_batch_ends_with_its_reason(chain: Chain, reason: str) -> None:
    """What came before the failure is kept, the journal is closed, and the reason is in the message."""
    chain.broker.put(COMPARISON_RESULT, chain.callbacks()[0], partition=1)
    chain.broker.put(CJ_FAILED, raw(failed(chain.run_file.batch_uuid, reason)))
    expected = {
        "initialization": "content fetch failed.*CONTENT_SERVICE_ERROR",
        "low_success_rate": r"only 40 of 66 comparisons were answered, and 80% are the least",
        "stuck_timeout": "31.25 % .*stuck_timeout_insufficient_progress",
    }
    with pytest.raises(BatchFailedError, match=expected[reason]) as caught:
        chain.capture()
    assert caught.value.exit_code == 5
    assert closing(chain).end == "failed"
    assert len(lines(chain)) == 2
    polls = chain.broker.polls
    with pytest.raises(BatchFailedError, match=expected[reason]):
        chain.capture()
    assert chain.broker.polls == polls


def test_what_is_awaited_is_said(chain: Chain) -> None:
    """The first verdict, more verdicts, the final events: or what is wrong with the services."""
    batch = chain.run_file.batch_uuid
    steps: list[Callable[[], object]] = [
        lambda: None,
        lambda: chain.broker.put(COMPARISON_RESULT, chain.callbacks()[0]),
        lambda: None,
        lambda: [chain.broker.put(COMPARISON_RESULT, one) for one in chain.callbacks()[1:]],
        lambda: chain.broker.put(CJ_COMPLETED, raw(completed(FOREIGN))),
        lambda: chain.broker.put(CJ_COMPLETED, raw(completed(batch))),
        lambda: None,
        lambda: chain.broker.put(ASSESSMENT_RESULT, raw(result(batch))),
    ]

    def arrive(number: int) -> None:
        if number <= len(steps):
            steps[number - 1]()

    chain.broker.on_poll = arrive
    troubles = iter([None, None, None, None, "the broker is away"])
    progress = chain.capture(check=lambda: next(troubles, None))
    assert progress.awaited == [
        "waiting for the first verdict, completion, result",
        "waiting for verdicts, completion, result",
        "waiting for completion, result",
        "the broker is away",
    ]


def test_a_passed_deadline_keeps_what_came(chain: Chain) -> None:
    """Exit code 6, a partial journal without a closing line; the next run goes on behind it and finishes."""
    for value in chain.callbacks()[:2]:
        chain.broker.put(COMPARISON_RESULT, value)
    with pytest.raises(PartialDataError, match=r"2 callbacks \(completion: no, result: no\)") as caught:
        chain.capture(clock=Clock(late()))
    assert caught.value.exit_code == 6
    assert len(lines(chain)) == 2
    assert batch_end(chain.paths) is None
    chain.answer()
    progress = chain.capture()
    assert chain.broker.started[-1][COMPARISON_RESULT] == {0: 2, 1: 0, 2: 0}
    assert progress.counts[0] == 2
    assert closing(chain).end == "completed"


def test_a_busy_topic_does_not_hold_the_deadline_up(chain: Chain) -> None:
    """Others' messages without end are no reason to wait for ever."""
    others: list[Message] = []
    chain.broker.on_poll = lambda number: others.append(
        chain.broker.put(COMPARISON_RESULT, raw(callback(FOREIGN)))
    )
    with pytest.raises(PartialDataError):
        chain.capture(clock=Clock(late()))


def test_a_check_ends_the_wait(chain: Chain) -> None:
    """What keeps the services from going on is raised where the user waits."""

    def broken() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        chain.capture(check=broken)


@pytest.mark.parametrize("stop", range(1, 8))
def test_killed_after_any_message_it_goes_on_behind_it(chain: Chain, stop: int) -> None:
    """The process dies after any journalled message: the next one reads on, and nothing is there twice."""
    batch = chain.run_file.batch_uuid
    messages = [(COMPARISON_RESULT, value) for value in chain.callbacks()]
    messages += [(CJ_COMPLETED, raw(completed(batch))), (ASSESSMENT_RESULT, raw(result(batch)))]

    def arrive(number: int) -> None:
        if number > stop:
            raise KeyboardInterrupt
        topic, value = messages[number - 1]
        chain.broker.put(topic, value, partition=number % 3)

    chain.broker.on_poll = arrive
    with pytest.raises(KeyboardInterrupt):
        chain.capture()
    chain.broker.on_poll = lambda number: None
    for number, (topic, value) in enumerate(messages[stop:], start=stop + 1):
        chain.broker.put(topic, value, partition=number % 3)
    chain.capture()
    assert sorted(json.dumps(value) for value in values(chain)) == sorted(
        json.dumps(json.loads(value)) for _, value in messages
    )
    assert closing(chain).end == "completed"


def test_a_torn_line_is_read_again(chain: Chain) -> None:
    """A line that was cut in the middle of writing was never journalled: its message comes again."""
    chain.broker.put(COMPARISON_RESULT, chain.callbacks()[0])
    with pytest.raises(PartialDataError):
        chain.capture(clock=Clock(late()))
    content = chain.paths.events.read_bytes()
    chain.paths.events.write_bytes(content[: len(content) // 2])
    chain.answer()
    chain.capture()
    assert len(values(chain)) == 9


def test_another_cluster_is_read_from_its_own_offsets(chain: Chain) -> None:
    """After the broker forgot everything, journalled offsets of the old cluster mean nothing."""
    chain.broker.put(COMPARISON_RESULT, chain.callbacks()[0])
    with pytest.raises(PartialDataError):
        chain.capture(clock=Clock(late()))
    chain.broker = FakeBroker("cluster-2")
    chain.publish()
    chain.answer()
    chain.capture()
    assert chain.broker.started == [{topic: {0: 0, 1: 0, 2: 0} for topic in RESULT_TOPICS}]
    assert [line.cluster for line in lines(chain)] == ["cluster-1"] + ["cluster-2"] * 8
    assert closing(chain).cluster == "cluster-2"


def test_a_closed_journal_asks_nobody(chain: Chain) -> None:
    """Repeating the step needs no broker."""
    chain.answer()
    chain.capture()
    before, polls = chain.paths.events.read_bytes(), chain.broker.polls
    chain.capture()
    assert (chain.paths.events.read_bytes(), chain.broker.polls) == (before, polls)


def test_a_damaged_journal_is_named(chain: Chain) -> None:
    """A whole line that is no journal line is an error with file and remedy."""
    JsonLines(chain.paths.events).append([b"not a line"])
    with pytest.raises(DamagedFileError) as caught:
        chain.capture()
    assert caught.value.where == str(chain.paths.events)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 6),
        ({"max_comparisons": 4}, 4),
        ({"max_comparisons": 400}, 400),
        ({"mode": RunnerMode.BOUNDARY_TEST, "boundary": BoundarySelection(grades=["A:F+"], iterations=4)}, 8),
        ({"mode": RunnerMode.EXECUTE, "assignment_id": "0f6c2b1e-6f0b-4b7a-9d64-7b7d8f0e8a11"}, None),
    ],
)
def test_how_many_callbacks_to_expect(
    tmp_path: Path, changes: dict[str, object], expected: int | None
) -> None:
    """Each pair once, or the budget, whatever it is; the listed ones; unknown where the platform adds anchors."""
    chain = Chain(tmp_path, changes=changes)
    (chain.project.students / "elev_1.txt").write_text("I admire my coach.", encoding="utf-8")
    chain.up_to_published()
    chain.broker.put(CJ_FAILED, raw(failed(chain.run_file.batch_uuid)))
    with pytest.raises(BatchFailedError):
        chain.capture()
    assert chain.progress.total == expected


VALUES = st.binary() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode())


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(RESULT_TOPICS), st.integers(0, 2), VALUES), max_size=6))
def test_no_message_stops_the_capture(
    chain_of_module: Chain, tmp_path_factory: pytest.TempPathFactory, noise: list[tuple[str, int, bytes]]
) -> None:
    """Whatever bytes lie on the topics, the batch is captured, and every unreadable message with it."""
    chain = chain_of_module
    chain.broker = FakeBroker(f"cluster-{tmp_path_factory.mktemp('run').name}")
    chain.paths.events.unlink(missing_ok=True)
    chain.publish()
    for topic, partition, value in noise:
        chain.broker.put(topic, value, partition=partition)
    chain.answer()
    chain.capture()
    assert len(lines(chain)) == 8 + len(noise)
    assert closing(chain).end == "completed"


@pytest.fixture(scope="module")
def chain_of_module(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """One published project for many captures."""
    chain = Chain(tmp_path_factory.mktemp("project"))
    chain.up_to_published()
    return chain


def test_keys_are_kept(chain: Chain) -> None:
    """A key is text in the journal, whatever bytes it was; without a key there is none."""
    chain.broker.put(CJ_COMPLETED, raw(completed(chain.run_file.batch_uuid)), key=b"\xffkey")
    chain.answer()
    chain.capture()
    assert [line.key for line in lines(chain) if line.topic == CJ_COMPLETED] == ["\\xffkey", None]
