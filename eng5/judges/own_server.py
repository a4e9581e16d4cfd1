"""The client library's model for a server of one's own, which may leave out what says nothing about an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_ai.models.openai import OpenAIChatModel

if TYPE_CHECKING:
    from openai.types import chat


class OwnServerModel(OpenAIChatModel):
    """Takes a completion without id, object, time or model, and a choice without index or role."""

    def _validate_completion(self, response: chat.ChatCompletion) -> Any:
        whole = response.model_dump(warnings=False)
        created = whole.get("created")
        whole |= {"object": "chat.completion", "created": int(created) if created else 0}
        whole["id"] = str(whole.get("id") or "")
        whole["model"] = whole.get("model") or self.model_name
        for index, choice in enumerate(whole.get("choices") or ()):
            choice["index"] = index
            choice["message"]["role"] = "assistant"
        return super()._validate_completion(type(response).model_construct(**whole))
