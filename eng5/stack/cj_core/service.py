"""The CJ service behind Kafka: takes requests, carries them out, answers every one of them."""

import asyncio
import base64
import logging
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from eng5.contracts.wire.base import utc_now
from eng5.contracts.wire.outcome import INITIALIZATION_FAILED_JOB
from eng5.contracts.wire.topics import CJ_SERVICE, COMPARISON_RESULT
from eng5.errors import DamagedFileError, InputError, ServiceError
from eng5.judges import JudgeStoppedError, JudgeUnavailableError
from eng5.judges.group_commit import GroupCommitLog
from eng5.stack.broker import UndeliveredError
from eng5.stack.cj_core.assessing import Assessing, AssessmentFailedError, Means
from eng5.stack.cj_core.batch import (
    BatchRecord,
    BatchRefusedError,
    BatchRequest,
    TakenUp,
)
from eng5.stack.cj_core.callback import correlation_id
from eng5.stack.cj_core.final_events import Outgoing, failed_event
from eng5.stack.deliveries import send
from eng5.stack.faults import FaultsUnreadableError, batch_faults

log = logging.getLogger(__name__)


class CJService:
    """Carries out requests, each batch once at a time, different batches side by side.

    A request that was seen before has its events sent again, with the same ids and, as the ledger has
    the verdicts, without asking a judge. A request that does not parse goes to ``quarantine.jsonl``.
    ``give_up`` is told when the state cannot be written or a final event cannot be delivered: such a batch has not
    failed, it goes on when its request comes again.
    """

    def __init__(self, means: Means, quarantine: Path, give_up: Callable[[Exception], None]) -> None:
        self._means = means
        self._give_up = give_up
        self._quarantine = GroupCommitLog(quarantine)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(
        self, raw: bytes, place: str, answered: Callable[[], None] = lambda: None
    ) -> asyncio.Task[None]:
        """Take a request in; ``place`` says where it came from, ``answered`` is called when it need not come again."""
        task = asyncio.create_task(self.handle(raw, place, answered))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Stop everything under way; what is in the ledger is not lost."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._means.llm.close()
        self._quarantine.close()

    async def handle(self, raw: bytes, place: str, answered: Callable[[], None] = lambda: None) -> None:
        """Carry a request out, to its final event."""
        try:
            try:
                request = BatchRequest.parse(raw)
            except ValidationError as error:
                log.warning("a request at %s does not parse and is kept in quarantine", place)
                encoded = base64.b64encode(raw).decode()
                await self._quarantine.append({"place": place, "problem": str(error), "base64": encoded})
            else:
                async with self._turns[request.batch_id]:
                    await self._answer(request, place)
        except (OSError, InputError, UndeliveredError) as error:
            self._give_up(error)
        else:
            answered()

    async def _answer(self, request: BatchRequest, place: str) -> None:
        try:
            taken = await self._means.records.open(request, place)
        except DamagedFileError as error:
            message = _refused(request, "PROCESSING_ERROR", str(error), {})
            await send(self._means.broker, message.topic, message.value, key=message.key)
            return
        if taken is None:
            return
        record, messages, delay = await self._outcome(request, taken)
        await asyncio.sleep(self._means.outbox_delay if delay is None else delay)
        for message in messages:
            if message.event_id not in taken.sent:
                await send(self._means.broker, message.topic, message.value, key=message.key)
        log.info("batch %s: answered with %s", request.batch_id, [message.topic for message in messages])
        await self._means.records.finish(record)

    async def _outcome(
        self, request: BatchRequest, taken: TakenUp
    ) -> tuple[BatchRecord, list[Outgoing], float | None]:
        """The record as it is now, the final events, and by how much they are late."""
        batch = Assessing(self._means, request, taken)
        delay = None
        try:
            faults = batch_faults(request.metadata)
            delay = faults.outbox_delay
            messages = await batch.assess(faults)
            return batch.record, [] if faults.silent else messages, delay
        except AssessmentFailedError as failure:
            last = failure.last
            message = failed_event(
                request,
                failure.error_info,
                job_id=str(request.job_id),
                started_at=batch.record.started_at,
                correlation=correlation_id(request, last.comparison) if last else None,
            )
        except BatchRefusedError as refusal:
            message = _refused(request, refusal.code, str(refusal), refusal.details)
        except JudgeStoppedError as stop:
            message = _refused(request, stop.code, str(stop), stop.details)
        except (FaultsUnreadableError, JudgeUnavailableError) as error:
            message = _refused(request, "INVALID_CONFIGURATION", str(error), {})
        except UndeliveredError as error:
            reason = f"a callback cannot be delivered, so the batch would have a hole: {error}"
            log.error("batch %s: %s", request.batch_id, reason)
            message = _refused(request, "KAFKA_PUBLISH_ERROR", reason, {"topic": COMPARISON_RESULT})
        except ServiceError as error:
            message = _refused(request, "EXTERNAL_SERVICE_ERROR", str(error), {})
        except (OSError, InputError):
            raise
        except Exception as error:
            log.exception("batch %s failed", request.batch_id)
            details = {"exception": type(error).__name__}
            message = _refused(request, "PROCESSING_ERROR", str(error), details)
        await batch.settle()
        return batch.record, [message], delay


def _refused(request: BatchRequest, code: str, message: str, details: dict[str, Any]) -> Outgoing:
    error_info = {
        "error_code": code,
        "error_message": message,
        "correlation_id": str(request.envelope.correlation_id),
        "timestamp": utc_now().isoformat(),
        "service": CJ_SERVICE,
        "details": details,
    }
    return failed_event(request, error_info, job_id=INITIALIZATION_FAILED_JOB)
