"""A look into JSON without its contract, where loading the contract takes longer than the look."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")


def glance(content: bytes, take: Callable[[Any], Result]) -> Result | None:
    """What `take` finds in JSON; None where it is not as `take` expects, so that its contract says what is wrong."""
    try:
        return take(json.loads(content))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return None
