"""What a batch used, reported after its result."""

from pydantic import Field

from eng5.contracts.processing_events import ProcessingEvent
from eng5.contracts.wire.base import WireTime, utc_now
from eng5.contracts.wire.envelope import BaseEventData


class ResourceConsumptionV1(BaseEventData):
    """Data of the consumption event: ``quantity`` units of ``resource_type`` for a user."""

    event_name: ProcessingEvent = ProcessingEvent.RESOURCE_CONSUMPTION_REPORTED
    user_id: str
    org_id: str | None = None
    resource_type: str
    quantity: int = Field(ge=0)
    service_name: str
    processing_id: str
    consumed_at: WireTime = Field(default_factory=utc_now)
