"""Bodies of the Content Service's HTTP API."""

from uuid import UUID

from eng5.contracts.wire.base import WireModel
from eng5.contracts.wire.envelope import ErrorDetail

CONTENT_ROUTE = "/v1/content"
MAX_CONTENT_BYTES = 16 * 1024 * 1024
"""The largest body that the service stores; one byte more is answered with 500."""


class ContentStored(WireModel):
    """201 of an upload; ``storage_id`` is 32 lower-case hexadecimal digits."""

    storage_id: str
    correlation_id: UUID


class ContentRefused(WireModel):
    """400 and 404."""

    error: ErrorDetail


class UnexpectedErrorDetail(WireModel):
    """The short form that a 500 carries."""

    error_code: str
    message: str
    correlation_id: UUID
    content_id: str | None = None


class ContentFailed(WireModel):
    """500."""

    error: UnexpectedErrorDetail
