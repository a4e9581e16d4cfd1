"""What every message on the wire shares: lenient models, two date formats, one way to bytes.

Wire models ignore fields they do not know, because the platform adds fields without a new version.
"""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field, PlainSerializer


def utc_now() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    return datetime.now(UTC)


def _parse_other_dates(value: object) -> object:
    """RFC-1123 text, and ISO-8601 text or datetimes without an offset (read as UTC)."""
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            try:
                moment = parsedate_to_datetime(value)
            except (ArithmeticError, IndexError, TypeError) as error:
                raise ValueError(f"no date ({error})") from None
    else:
        return value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _zulu(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


# With an offset, a date can lie outside of what a clock in UTC can say.
_IN_UTC = Annotated[
    AwareDatetime, Field(ge=datetime.min.replace(tzinfo=UTC), le=datetime.max.replace(tzinfo=UTC))
]
# The first branch stays inside pydantic's own parser, which the fold's speed depends on.
WireTime = Annotated[
    _IN_UTC | Annotated[_IN_UTC, BeforeValidator(_parse_other_dates)],
    Field(union_mode="left_to_right"),
    PlainSerializer(_zulu, return_type=str, when_used="json"),
]
"""A timezone-aware datetime, read from ISO-8601 or RFC-1123, written as ISO-8601 with ``Z``."""


class WireModel(BaseModel, extra="ignore", frozen=True, protected_namespaces=()):
    """Base of all messages: unknown fields ignored, instances immutable."""


def to_wire(model: BaseModel) -> bytes:
    """The bytes that travel: JSON of ``model_dump(mode="json")``, non-ASCII escaped, UTF-8.

    Raises ValueError when a number is NaN or infinite.
    """
    document: dict[str, Any] = model.model_dump(mode="json")
    return json.dumps(document, allow_nan=False).encode("utf-8")
