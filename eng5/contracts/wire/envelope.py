"""The envelope around every event, and the fields that all event data share.

Reading takes two steps: ``read_envelope`` checks the envelope and leaves ``data`` alone,
``EventEnvelope.data_as`` checks the data against the model that the topic calls for.
"""

from typing import Any, TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel, Field

from eng5.contracts.wire.base import WireModel, WireTime, utc_now
from eng5.contracts.wire.vocabulary import ContentType, ErrorCode, EventName, ProcessingStage, Status

Data = TypeVar("Data", bound=BaseModel)


class EventEnvelope(WireModel):
    """Envelope of every event; ``data`` is unchecked (a dict as read, a model as made)."""

    event_id: UUID = Field(default_factory=uuid4)
    event_type: str
    event_timestamp: WireTime = Field(default_factory=utc_now)
    source_service: str
    schema_version: int = 1
    correlation_id: UUID = Field(default_factory=uuid4)
    data_schema_uri: str | None = None
    data: Any
    metadata: dict[str, Any] | None = None

    def data_as(self, model: type[Data]) -> Data:
        """The data as ``model``; raises pydantic.ValidationError when it does not fit."""
        return model.model_validate(self.data)


def read_envelope(raw: bytes | str) -> EventEnvelope:
    """An envelope from the bytes of a message; raises pydantic.ValidationError for anything else."""
    return EventEnvelope.model_validate_json(raw)


class BaseEventData(WireModel):
    """Fields of every event's data."""

    event_name: EventName
    entity_id: str | None = None
    entity_type: str | None = None
    parent_id: str | None = None
    timestamp: WireTime = Field(default_factory=utc_now)


class SystemProcessingMetadata(WireModel):
    """Who is being processed, how far it has come, and why it failed."""

    entity_id: str
    entity_type: str
    parent_id: str | None = None
    timestamp: WireTime = Field(default_factory=utc_now)
    processing_stage: ProcessingStage | None = None
    started_at: WireTime | None = None
    completed_at: WireTime | None = None
    event: str | None = None
    error_info: dict[str, Any] = Field(default_factory=dict)


class ProcessingUpdate(BaseEventData):
    """Data of an event that reports a change of state."""

    status: Status
    system_metadata: SystemProcessingMetadata


class StorageReferenceMetadata(WireModel):
    """Stored content by kind: ``{kind: {"storage_id": ..., "path": ...}}``."""

    references: dict[ContentType, dict[str, str]] = Field(default_factory=dict)


class ErrorDetail(WireModel):
    """An error as services report it, on Kafka and in HTTP bodies."""

    error_code: ErrorCode
    message: str
    correlation_id: UUID
    timestamp: WireTime
    service: str
    operation: str
    details: dict[str, Any] = Field(default_factory=dict)
    stack_trace: str | None = None
    trace_id: str | None = None
    span_id: str | None = None
