"""How a server is asked to keep an answer to its JSON Schema, and whether it does.

A vendor's models are known by the client library. A server of one's own is found out with the first question:
`response_format` (OpenAI, llama.cpp, vLLM, Ollama) comes first; a server that refuses it, or answers in prose all
the same, is asked by `guided_json` (vLLM before 0.12) and `format` (Ollama), then by a `grammar` (llama.cpp), then
without.
"""

from __future__ import annotations

import json
from typing import Any

OWN_SERVER = ("response_format", "guided_json or format", "grammar", "none")
BLAMED = ("response_format", "json_schema", "schema", "guided", "grammar", "format", "extra", "unknown field")
"""Words by which a refusal of the form is known; others are about something else."""


BOUND_BLAMED = ("maxlength", "schema", "not supported", "unsupported")
"""Words of a refusal that may be due to the longest text in the schema, which not every server knows."""

LONGEST_TEXT = 400
"""Characters of a justification, where a server of one's own keeps to the schema; small models go on for ever."""


class AnswerFormat:
    """The form for one model; `current` is a name of `OWN_SERVER`.

    Args:
        native: the client library knows that the model takes a schema.
        own_server: the model is behind an address of one's own, so the form may have to be found out.
    """

    def __init__(self, *, native: bool, own_server: bool) -> None:
        self.current = "response_format" if native else "none"
        self.kept: bool | None = None
        """The last answer was the JSON object alone; None before any came."""
        self._open = own_server and native
        self._bounded = own_server

    @property
    def in_words(self) -> str:
        """What can be said of answers by now."""
        if self.current == "none":
            return "not constrained: the prompt alone asks for JSON"
        kept = {None: "not tried yet", True: "answers keep to it", False: "answers do not keep to it"}
        return f"JSON Schema by {self.current}; {kept[self.kept]}"

    @property
    def stated(self) -> str:
        """The form, for the record of an answer."""
        broken = self.kept is False and self.current != "none"
        return f"{self.current}, not kept to" if broken else self.current

    def schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema as it is sent: a server of one's own is told where a text ends that has no end of its own."""
        if not self._bounded:
            return schema
        properties = schema["properties"]
        text = {**properties["justification"], "maxLength": LONGEST_TEXT}
        return {**schema, "properties": {**properties, "justification": text}}

    def extra_body(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Fields of the request beside those that the client library knows."""
        if self.current == "guided_json or format":
            return {"guided_json": self.schema(schema), "format": self.schema(schema)}
        return {"grammar": grammar(schema)} if self.current == "grammar" else {}

    def rejected(self, message: str) -> bool:
        """Whether a refusal was about the form and another one is left, which is `current` now."""
        words = message.lower()
        if self._bounded and self._open and any(word in words for word in BOUND_BLAMED):
            self._bounded = False
            return True
        return any(word in words for word in BLAMED) and self._next()

    def answered(self, text: str) -> None:
        """Note an answer that was neither cut off nor refused."""
        self.kept = _is_object(text)
        if self.kept:
            self._open = False
        else:
            self._next()

    def _next(self) -> bool:
        if not self._open:
            return False
        self.current = OWN_SERVER[OWN_SERVER.index(self.current) + 1]
        self._open = self.current != "none"
        return True


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def grammar(schema: dict[str, Any]) -> str:
    """The answer's schema as a grammar of llama.cpp (GBNF)."""
    winners = " | ".join(json.dumps(json.dumps(one)) for one in schema["properties"]["winner"]["enum"])
    fields = ("winner", "justification", "confidence")
    names = [json.dumps(f"{json.dumps(name)}: ") for name in fields]
    return "\n".join(
        (
            f'root ::= "{{" {names[0]} winner ", " {names[1]} text ", " {names[2]} [1-5] "}}"',
            f"winner ::= {winners}",
            f'text ::= "\\"" char{{1,{LONGEST_TEXT}}} "\\""',
            r'char ::= [^"\\\x00-\x1F] | "\\" ["\\/bfnrt]',
        )
    )
