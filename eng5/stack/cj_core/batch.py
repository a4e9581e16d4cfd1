"""A batch: what was asked for, and what the service keeps about it."""

import hashlib
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn, Protocol

from pydantic import BaseModel, ConfigDict

from eng5.contracts.judge_topics import LedgerUse, Places
from eng5.contracts.wire.base import WireTime, utc_now
from eng5.contracts.wire.cj_request import ELSCJAssessmentRequestV1
from eng5.contracts.wire.envelope import EventEnvelope, read_envelope
from eng5.files import model_bytes, read_model, sha256_bytes, write_bytes
from eng5.judges.group_commit import GroupCommitLog
from eng5.judges.ledger import LEDGER_USE_FILE

ANCHOR_PREFIX = "ANCHOR_"


class BatchRefusedError(Exception):
    """The request cannot be carried out; it is answered by a failed event with this code and reason."""

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.details = details


def refuse(message: str, **details: Any) -> NoReturn:
    """Refuse the request for what it says."""
    raise BatchRefusedError("VALIDATION_ERROR", message, **details)


@dataclass(frozen=True)
class BatchRequest:
    """A request event that parsed: the envelope, its data, and the bytes that both came in."""

    raw: bytes
    envelope: EventEnvelope
    data: ELSCJAssessmentRequestV1

    @classmethod
    def parse(cls, raw: bytes) -> "BatchRequest":
        """Both validation steps; pydantic.ValidationError when one fails."""
        envelope = read_envelope(raw)
        return cls(raw, envelope, envelope.data_as(ELSCJAssessmentRequestV1))

    @cached_property
    def sha256(self) -> str:
        """Hash of the bytes."""
        return sha256_bytes(self.raw)

    @property
    def batch_id(self) -> str:
        """The batch's id, a UUID as text in all requests of the runner."""
        return self.data.entity_id or self.data.system_metadata.entity_id

    @property
    def metadata(self) -> dict[str, Any]:
        """The envelope's metadata, empty when there is none."""
        return self.envelope.metadata or {}

    @property
    def max_comparisons(self) -> int | None:
        """The budget that the request sets; BatchRefusedError when it is no positive number."""
        return self._positive("max_comparisons")

    @property
    def replicate(self) -> int:
        """Which repetition of a whole run this is, from 1; replicates share no verdicts."""
        return self._positive("replicate") or 1

    @property
    def max_cost_usd(self) -> float | None:
        """What the verdicts may cost; BatchRefusedError when it is no positive number."""
        value = self.metadata.get("max_cost_usd")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            refuse("metadata.max_cost_usd must be a positive number", max_cost_usd=value)
        return float(value)

    @property
    def allows_ties(self) -> bool:
        """Whether the judge may call it a tie."""
        return self.metadata.get("allow_ties") is True

    @property
    def is_adaptive(self) -> bool:
        """Whether pairs are chosen by what the verdicts so far leave open."""
        return self.metadata.get("adaptive") is True

    @property
    def wants_fresh_verdicts(self) -> bool:
        """Whether verdicts of other batches must not be used."""
        return self.metadata.get("fresh_verdicts") is True

    @cached_property
    def namespace(self) -> uuid.UUID:
        """Where the ids of everything about this batch come from."""
        return uuid.uuid5(uuid.NAMESPACE_OID, self.batch_id)

    @property
    def job_id(self) -> int:
        """The service's own number for the batch; it follows from the batch's id."""
        return int(hashlib.sha256(self.batch_id.encode()).hexdigest()[:7], 16)

    def _positive(self, name: str) -> int | None:
        value = self.metadata.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            refuse(f"metadata.{name} must be a whole number from 1", **{name: value})
        return value


class EssaySource(BaseModel):
    """An essay of a batch, where its text is stored, and its grade when it is a registered anchor."""

    model_config = ConfigDict(frozen=True)

    essay_id: str
    text_storage_id: str
    anchor_grade: str | None = None

    @property
    def is_anchor(self) -> bool:
        """Whether the service itself added the essay."""
        return self.essay_id.startswith(ANCHOR_PREFIX)


class BatchContent(BaseModel):
    """What a batch is judged on, fixed when it is first seen, whatever happens to the assignment later."""

    model_config = ConfigDict(frozen=True)

    essays: list[EssaySource]
    student_prompt: str | None = None
    criteria: str | None = None
    rubric: str | None = None
    grade_scale: str | None = None


class BatchRecord(BaseModel):
    """What is kept about a batch. ``request`` is the hash of its bytes.

    Where many processes may take a batch up: ``place`` names the message that it came in, ``ends`` are the ends that
    the topics had when it was first taken up, so that what was sent since is found behind them, and ``answered`` is
    true once that message's final events are in the log.
    """

    model_config = ConfigDict(frozen=True)

    batch_id: str
    request: str
    started_at: WireTime
    completed_at: WireTime | None = None
    content: BatchContent | None = None
    place: str | None = None
    ends: Places = {}
    answered: bool = False
    use: LedgerUse | None = None

    def taken_up(self, request: BatchRequest, **update: Any) -> "BatchRecord":
        """The record to go on with: this one if it is of the same request, else a new one."""
        if self.request == request.sha256:
            return self.model_copy(update=update)
        return new_record(request).model_copy(update=update)


def new_record(request: BatchRequest) -> BatchRecord:
    """The record of a batch that was not seen before."""
    return BatchRecord(batch_id=request.batch_id, request=request.sha256, started_at=utc_now())


@dataclass(frozen=True)
class TakenUp:
    """A batch to carry out, and what an earlier process did for the same message: ids of events that it sent."""

    record: BatchRecord
    sent: Collection[uuid.UUID] = ()


class Records(Protocol):
    """Keeps the records: on the disk of one process (``BatchRecords``), or on a topic."""

    async def open(self, request: BatchRequest, place: str) -> TakenUp | None:
        """Take a batch up; None when this very message is answered already."""
        ...

    async def save(self, record: BatchRecord) -> None:
        """Return when the record is kept for good."""
        ...

    async def note_use(self, record: BatchRecord, use: LedgerUse) -> BatchRecord:
        """Keep where the batch's verdicts came from."""
        ...

    async def finish(self, record: BatchRecord) -> None:
        """The message is answered."""
        ...


class BatchRecords:
    """One JSON file a batch; a message is answered as often as it comes."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "batches"
        self._use = GroupCommitLog(state / LEDGER_USE_FILE)

    async def open(self, request: BatchRequest, place: str) -> TakenUp:
        """The record of a batch; a new one when it, or this form of its request, was not seen before."""
        path = self._path(request.batch_id)
        known = read_model(path, BatchRecord) if path.exists() else None
        record = new_record(request) if known is None else known.taken_up(request)
        await self.save(record)
        return TakenUp(record)

    async def save(self, record: BatchRecord) -> None:
        """Write the record, whole or not at all."""
        write_bytes(self._path(record.batch_id), model_bytes(record))

    async def note_use(self, record: BatchRecord, use: LedgerUse) -> BatchRecord:
        """Append to the file of uses."""
        await self._use.append(use.model_dump(mode="json"))
        return record

    async def finish(self, record: BatchRecord) -> None:
        """Nothing: the mock cluster's messages do not come again by themselves."""

    def close(self) -> None:
        """Finish writing."""
        self._use.close()

    def _path(self, batch_id: str) -> Path:
        return self._folder / f"{uuid.uuid5(uuid.NAMESPACE_OID, batch_id)}.json"
