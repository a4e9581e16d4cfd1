"""The CJ service behind Kafka: takes requests, carries them out, answers every one of them."""

import asyncio
import base64
import logging
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from eng5.contracts.grade_scales import scale_of
from eng5.contracts.wire.base import utc_now
from eng5.contracts.wire.outcome import INITIALIZATION_FAILED_JOB
from eng5.contracts.wire.topics import CJ_SERVICE
from eng5.judges import JudgeStoppedError, JudgeUnavailableError, LlmService, Outcome, judge_for
from eng5.judges.group_commit import GroupCommitLog
from eng5.judges.ledger import LEDGER_FILE, LEDGER_USE_FILE, Ledger
from eng5.stack import bt
from eng5.stack.assignments import Assignments
from eng5.stack.broker import Broker
from eng5.stack.cj_core.batch import (
    BatchContent,
    BatchRecord,
    BatchRecords,
    BatchRefusedError,
    BatchRequest,
)
from eng5.stack.cj_core.callback import correlation_id
from eng5.stack.cj_core.comparing import compare, refuse_lacking, use_of_ledger
from eng5.stack.cj_core.final_events import Assessment, Message, failed_event, success_events
from eng5.stack.cj_core.hydration import TextSource, hydrate, read_essays, setting_of
from eng5.stack.cj_core.judging import Judged, Judging
from eng5.stack.cj_core.plan import plan
from eng5.stack.cj_core.projection import project
from eng5.stack.faults import BatchFailure, BatchFaults, FaultsUnreadableError, batch_faults
from eng5.stack.partition_memory import PartitionMemory, ReaderGoneError

log = logging.getLogger(__name__)

SUCCESS_RATE_THRESHOLD = 0.8
FEWEST_STUDENTS = 2


class _BatchFailedError(Exception):
    """The batch began and cannot be finished; ``error_info`` says why, as the platform words it."""

    def __init__(self, error_info: dict[str, Any], last: Judged | None = None) -> None:
        super().__init__(error_info["reason"])
        self.error_info = error_info
        self.last = last


class CJService:
    """Carries out requests, each batch once at a time, different batches side by side.

    A request that was seen before has its events sent again, with the same ids and, as the ledger has
    the verdicts, without asking a judge. A request that does not parse goes to ``quarantine.jsonl``.
    ``give_up`` is told when the state cannot be written: such a batch has not failed, it goes on when its
    request comes again.
    """

    def __init__(
        self,
        state: Path,
        broker: Broker,
        outlet: PartitionMemory,
        assignments: Assignments,
        texts: TextSource,
        llm: LlmService,
        give_up: Callable[[OSError], None],
    ) -> None:
        self._broker = broker
        self._give_up = give_up
        self._llm = llm
        self._outlet = outlet
        self._assignments = assignments
        self._texts = texts
        self._records = BatchRecords(state / "batches")
        self._quarantine = GroupCommitLog(state / "quarantine.jsonl")
        self._ledger = Ledger(state / LEDGER_FILE)
        self._use = GroupCommitLog(state / LEDGER_USE_FILE)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, raw: bytes, place: str) -> None:
        """Take a request in; ``place`` says where it came from."""
        task = asyncio.create_task(self.handle(raw, place))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Stop everything under way; what is in the ledger is not lost."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._llm.close()
        self._ledger.close()
        self._use.close()
        self._quarantine.close()

    async def handle(self, raw: bytes, place: str) -> None:
        """Carry a request out, to its final event."""
        try:
            request = BatchRequest.parse(raw)
        except ValidationError as error:
            log.warning("a request at %s does not parse and is kept in quarantine", place)
            encoded = base64.b64encode(raw).decode()
            await self._quarantine.append({"place": place, "problem": str(error), "base64": encoded})
            return
        async with self._turns[request.batch_id]:
            try:
                messages = await self._outcome(request)
            except OSError as error:
                self._give_up(error)
                return
            for message in messages:
                self._broker.produce(message.topic, message.value, key=message.key)
            await self._broker.flush()

    async def _outcome(self, request: BatchRequest) -> list[Message]:
        """The final events; every callback is in the broker's log when this returns."""
        try:
            try:
                faults = batch_faults(request.metadata)
                record = self._records.open(request)
                messages = await self._assess(request, record, faults)
            finally:
                await self._broker.flush()
        except _BatchFailedError as failure:
            last = failure.last
            return [
                failed_event(
                    request,
                    failure.error_info,
                    job_id=str(request.job_id),
                    started_at=record.started_at,
                    correlation=correlation_id(request, last.comparison) if last else None,
                )
            ]
        except BatchRefusedError as refusal:
            return [_refused(request, refusal.code, str(refusal), refusal.details)]
        except JudgeStoppedError as stop:
            return [_refused(request, stop.code, str(stop), stop.details)]
        except (FaultsUnreadableError, JudgeUnavailableError) as error:
            return [_refused(request, "INVALID_CONFIGURATION", str(error), {})]
        except OSError:
            raise
        except Exception as error:
            log.exception("batch %s failed", request.batch_id)
            return [_refused(request, "PROCESSING_ERROR", str(error), {"exception": type(error).__name__})]
        return [] if faults.silent else messages

    async def _assess(self, request: BatchRequest, record: BatchRecord, faults: BatchFaults) -> list[Message]:
        if faults.fail is BatchFailure.INITIALIZATION:
            raise BatchRefusedError("CONTENT_SERVICE_ERROR", "a failure on demand")
        if record.content is None:
            content = hydrate(request, self._assignments, self._texts)
            record = record.model_copy(update={"content": content})
            self._records.save(record)
        else:
            content = record.content
        setting = setting_of(request, content)
        judge = judge_for(setting, request.metadata, self._llm)
        essays = await asyncio.to_thread(read_essays, content, self._texts)
        students = [one.essay_id for one in content.essays if not one.is_anchor and one.essay_id in essays]
        judged: list[Judged] = []
        if len(students) >= FEWEST_STUDENTS or request.data.pre_specified_comparisons is not None:
            comparisons = plan(request, essays)
            if faults.fail is BatchFailure.STUCK:
                comparisons = comparisons[: len(comparisons) // 2]
            refuse_lacking(judge, comparisons)
            await asyncio.to_thread(self._ledger.load)
            judging = Judging(request, setting, judge, essays, self._ledger, self._outlet, faults)
            try:
                judged = await compare(request, judging, comparisons, essays)
            except ReaderGoneError:
                raise _BatchFailedError(_stuck(100 * judging.sent / len(comparisons))) from None
            finally:
                await self._use.append(use_of_ledger(request, setting, judging.judged))
            if faults.fail is BatchFailure.STUCK:
                raise _BatchFailedError(_stuck(50.0))
            _check_success_rate(judged, forced=faults.fail is BatchFailure.LOW_SUCCESS_RATE)
            ranked = list(essays)
        else:
            ranked = students
        assessment = await asyncio.to_thread(_score, ranked, judged, content)
        if record.completed_at is None:
            record = record.model_copy(update={"completed_at": utc_now()})
            self._records.save(record)
        return success_events(request, record, content, assessment)


def _score(ranked: list[str], judged: list[Judged], content: BatchContent) -> Assessment:
    """Bradley-Terry scores of the essays, best first, and grades where anchors allow it."""
    wins = []
    for one in judged:
        if one.outcome is Outcome.A:
            wins.append((one.comparison.essay_a_id, one.comparison.essay_b_id))
        elif one.outcome is Outcome.B:
            wins.append((one.comparison.essay_b_id, one.comparison.essay_a_id))
    theta = bt.scores(ranked, wins)
    best_first = dict(sorted(theta.items(), key=lambda item: (-item[1], item[0])))
    anchors = {one.essay_id: one.anchor_grade for one in content.essays if one.anchor_grade is not None}
    anchors = {essay_id: grade for essay_id, grade in anchors.items() if essay_id in theta}
    if not anchors or content.grade_scale is None:
        return Assessment(best_first, {}, judged)
    errors = bt.standard_errors(theta, wins, reference=list(anchors)[-1])
    scale = scale_of(content.grade_scale)
    return Assessment(best_first, project(theta, errors, anchors, scale), judged)


def _check_success_rate(judged: list[Judged], *, forced: bool) -> None:
    """A tie is a success: the judge answered."""
    failed = sum(one.outcome is Outcome.ERROR for one in judged)
    rate = 1 - failed / len(judged) if judged else 1.0
    if rate >= SUCCESS_RATE_THRESHOLD and not forced:
        return
    details = {
        "callbacks_received": len(judged),
        "completed_comparisons": len(judged) - failed,
        "failed_comparisons": failed,
        "success_rate": round(rate, 3),
        "success_rate_threshold": SUCCESS_RATE_THRESHOLD,
        "callbacks_reached_cap": True,
        "budget_exhausted": True,
    }
    raise _BatchFailedError(
        {"reason": "low_success_rate", "details": details}, judged[-1] if judged else None
    )


def _stuck(progress: float) -> dict[str, Any]:
    return {
        "reason": "stuck_timeout_insufficient_progress",
        "progress_pct": progress,
        "batch_state": "FAILED",
    }


def _refused(request: BatchRequest, code: str, message: str, details: dict[str, Any]) -> Message:
    error_info = {
        "error_code": code,
        "error_message": message,
        "correlation_id": str(request.envelope.correlation_id),
        "timestamp": utc_now().isoformat(),
        "service": CJ_SERVICE,
        "details": details,
    }
    return failed_event(request, error_info, job_id=INITIALIZATION_FAILED_JOB)
