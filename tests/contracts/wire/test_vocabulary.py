import json
from pathlib import Path
from typing import Any, get_args

import pytest

from eng5.contracts.wire import vocabulary

SCHEMAS = Path(__file__).parents[2] / "platform" / "schemas"
LISTED = {
    **vocabulary.ERROR_CODES,
    "BatchStatus": vocabulary.BATCH_STATUSES,
    "ConfidenceLabel": vocabulary.ConfidenceLabel,
    "ContentType": vocabulary.CONTENT_TYPES,
    "EssayComparisonWinner": vocabulary.Winner,
    "EssayStatus": vocabulary.ESSAY_STATUSES,
    "ProcessingEvent": vocabulary.EVENT_NAMES,
}


def platform_enums() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(SCHEMAS.glob("*.json")):
        definitions: dict[str, Any] = json.loads(path.read_bytes())["data"].get("$defs", {})
        found |= {name: one["enum"] for name, one in definitions.items() if "enum" in one}
    return found


@pytest.mark.parametrize("name", platform_enums())
def test_values_are_the_platforms(name: str) -> None:
    """Every enumeration of the schemas has the same values here, in the same order."""
    ours = LISTED.get(name) or get_args(getattr(vocabulary, name))
    assert [str(value) for value in ours] == platform_enums()[name]


def test_what_eng5_sends_is_an_event_of_the_platform() -> None:
    """Its own names are among all."""
    assert set(vocabulary.ProcessingEvent) <= set(vocabulary.EVENT_NAMES)
