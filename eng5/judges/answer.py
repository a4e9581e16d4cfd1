"""The answer that an LLM must give, and how its text is read. Nothing in it is guessed or rescaled."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eng5.contracts.failures import FailureCause
from eng5.judges.protocol import Outcome

FORMAT_VERSION = "1"
"""Changes with the schema and with what `read_answer` accepts."""

OUTCOMES = {"Essay A": Outcome.A, "Essay B": Outcome.B, "tie": Outcome.TIE}


class InvalidAnswerError(ValueError):
    """The text is no valid answer; the message says why, in words that the model may be told."""

    def __init__(self, message: str, cause: FailureCause) -> None:
        super().__init__(message)
        self.cause: FailureCause = cause


class Answer(BaseModel):
    """What the model must say, with the types that JSON gives it: no text for a number, no case ignored."""

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)

    winner: Literal["Essay A", "Essay B"]
    justification: Annotated[str, Field(pattern=r"\S")]
    confidence: Annotated[float, Field(ge=1, le=5)]

    @property
    def outcome(self) -> Outcome:
        """The winner as an outcome."""
        return OUTCOMES[self.winner]


class AnswerOrTie(Answer):
    """The answer where the request allows ties."""

    winner: Literal["Essay A", "Essay B", "tie"]  # type: ignore[assignment]


def answer_type(*, allow_ties: bool) -> type[Answer]:
    """The model of a valid answer."""
    return AnswerOrTie if allow_ties else Answer


@cache
def answer_schema(*, allow_ties: bool) -> dict[str, Any]:
    """The JSON Schema that is sent to providers which enforce one.

    It asks for a whole number, because not every server enforces the bounds of a fraction, and leaves the pattern
    to `read_answer`.
    """
    schema = answer_type(allow_ties=allow_ties).model_json_schema()
    schema.pop("description", None)
    del schema["properties"]["justification"]["pattern"]
    schema["properties"]["confidence"]["type"] = "integer"
    return {**schema, "additionalProperties": False}


def read_answer(text: str, *, allow_ties: bool) -> Answer:
    """The one JSON object in the text; prose or a code fence around it does no harm.

    Raises InvalidAnswerError when there is no object, more than one, one that is cut off or names a field
    twice, or one that does not validate.
    """
    try:
        objects = list(_objects(text))
    except (ValueError, RecursionError) as error:
        problem = f"the answer holds a JSON object that does not parse: {error}"
        raise InvalidAnswerError(problem, "not JSON") from None
    if len(objects) != 1:
        found = "no JSON object" if not objects else f"{len(objects)} JSON objects"
        raise InvalidAnswerError(f"the answer holds {found}; one is wanted", "not JSON")
    try:
        return answer_type(allow_ties=allow_ties).model_validate(objects[0])
    except ValidationError as error:
        wrong = {".".join(map(str, one["loc"])): one["msg"] for one in error.errors()}
        winner = "winner" in objects[0] and "winner" in wrong
        problem = "; ".join(f"{place}: {message}" for place, message in wrong.items())
        raise InvalidAnswerError(problem, "wrong winner" if winner else "invalid answer") from None


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects at the top level of the text; ValueError at the first brace that opens none."""
    decoder = json.JSONDecoder(object_pairs_hook=_each_once, parse_constant=_refuse)
    start = text.find("{")
    while start >= 0:
        value, end = decoder.raw_decode(text, start)
        yield value
        start = text.find("{", end)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field is named twice")
    return fields


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no JSON")
