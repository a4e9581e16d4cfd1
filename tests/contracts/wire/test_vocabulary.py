import json
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import pytest

from eng5.contracts.wire import vocabulary as enums
from eng5.contracts.wire.vocabulary import AnyErrorCode, ProcessingEvent

SCHEMAS = Path(__file__).parents[2] / "platform" / "schemas"
OTHER_NAMES = {"EssayComparisonWinner": enums.Winner, "ProcessingEvent": ProcessingEvent}


def platform_enums() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(SCHEMAS.glob("*.json")):
        definitions: dict[str, Any] = json.loads(path.read_bytes())["data"].get("$defs", {})
        found |= {name: one["enum"] for name, one in definitions.items() if "enum" in one}
    return found


@pytest.mark.parametrize("name", platform_enums())
def test_values_are_the_platforms(name: str) -> None:
    """Every enumeration of the schemas has the same values here, in the same order."""
    ours: dict[str, type[StrEnum]] = {code.__name__: code for code in get_args(AnyErrorCode)} | OTHER_NAMES
    enumeration = ours.get(name) or getattr(enums, name)
    assert [member.value for member in enumeration] == platform_enums()[name]
