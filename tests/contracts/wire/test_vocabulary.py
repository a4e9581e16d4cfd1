import json
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from eng5.contracts.wire import vocabulary

SCHEMAS = Path(__file__).parents[2] / "platform" / "schemas"
OTHER_NAMES: dict[str, type[StrEnum]] = {
    "EssayComparisonWinner": vocabulary.Winner,
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
    listed = {
        **vocabulary.ERROR_CODES,
        "EssayStatus": vocabulary.ESSAY_STATUSES,
        "ProcessingEvent": vocabulary.EVENT_NAMES,
    }
    ours = listed.get(name) or OTHER_NAMES.get(name) or getattr(vocabulary, name)
    assert [str(value) for value in ours] == platform_enums()[name]


def test_what_eng5_sends_is_an_event_of_the_platform() -> None:
    """Its own names are among all."""
    assert set(vocabulary.ProcessingEvent) <= set(vocabulary.EVENT_NAMES)
