import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from eng5.contracts.wire.base import WireModel, WireTime, to_wire, utc_now

TIMES = TypeAdapter[datetime](WireTime)


class Message(WireModel):
    text: str = ""
    number: float = 0.0
    at: WireTime = datetime(2025, 12, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2025-12-02T09:00:00Z",
        "2025-12-02T09:00:00.000000+00:00",
        "2025-12-02T10:00:00+01:00",
        "2025-12-02T09:00:00",
        "Tue, 02 Dec 2025 09:00:00 GMT",
    ],
)
def test_dates_are_read_in_both_formats(text: str) -> None:
    """ISO-8601 with or without an offset, and RFC-1123, name the same moment."""
    assert TIMES.validate_python(text) == datetime(2025, 12, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("value", ["yesterday", "", None, "Tue, 99 Dec 2025 09:00:00 GMT", []])
def test_what_is_no_date_is_refused(value: object) -> None:
    """Anything else is a ValidationError."""
    with pytest.raises(ValidationError):
        TIMES.validate_python(value)


NO_CLOCK_HOLDS = [
    "1000000000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "Fri, 31 Dec 9999 23:59:59 -1400",
    "Mon, 01 Jan 99999999999 00:00:00 GMT",
    -99_999_999_999_999,
    1e300,
]


@pytest.mark.parametrize("value", NO_CLOCK_HOLDS)
def test_a_date_that_no_clock_can_hold_is_refused(value: object) -> None:
    """As anything that is no date, and not with an OverflowError."""
    with pytest.raises(ValidationError):
        TIMES.validate_python(value)
    with pytest.raises(ValidationError):
        TIMES.validate_json(json.dumps(value))


@given(
    st.text()
    | st.integers()
    | st.floats()
    | st.from_regex(r"(Mon, )?\d{1,12} Jan -?\d{1,12} \d\d?:\d\d:\d\d [+-]?\d{1,6}")
)
def test_whatever_is_read_can_be_written(value: object) -> None:
    """A moment in UTC, or a ValidationError: nothing in between."""
    try:
        moment = TIMES.validate_python(value)
    except ValidationError:
        return
    assert TIMES.dump_json(moment).endswith(b'Z"')


@given(st.datetimes(timezones=st.timezones() | st.just(UTC) | st.just(timezone(timedelta(hours=-5)))))
def test_dates_are_written_in_utc_and_read_back(moment: datetime) -> None:
    """A date is written with Z and reads back as the same moment."""
    try:
        moment.astimezone(UTC)
    except OverflowError:
        return
    written = json.loads(to_wire(Message(at=moment)))["at"]
    assert written.endswith("Z")
    assert TIMES.validate_python(written) == moment.astimezone(UTC)


def test_non_ascii_text_is_escaped() -> None:
    """The bytes are pure ASCII, as the platform's own."""
    assert to_wire(Message(text="å")).startswith(b'{"text": "\\u00e5"')


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_json_lacks_are_refused(number: float) -> None:
    """NaN and infinity never reach the wire."""
    with pytest.raises(ValueError, match="JSON"):
        to_wire(Message(number=number))


def test_messages_are_immutable() -> None:
    """A message cannot be changed after it was made."""
    with pytest.raises(ValidationError):
        Message().text = "other"  # type: ignore[misc]


def test_utc_now_is_aware() -> None:
    """The clock has an offset of zero."""
    assert utc_now().utcoffset() == timedelta(0)
