"""A scripted LLM server over real HTTP, in the dialects of OpenAI, Anthropic and Google, and time that stands still."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from eng5.contracts.llm_config import LlmConfig, LlmProviderConfig
from eng5.judges.clock import Clock
from eng5.judges.llm_service import LlmService
from eng5.judges.question import Question, Setting, ShownEssay
from tests.stack.conftest import bench, make_bench, twelve_essays

__all__ = ["bench", "make_bench", "twelve_essays"]

KEY = "sk-test-0123456789abcdef"
GOOD = {"winner": "Essay B", "justification": "Its argument is carried through.", "confidence": 4}


@dataclass
class Said:
    """What the server says to one request: a text of the model, or something worse."""

    text: str = json.dumps(GOOD)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = "application/json"
    finish: str = "stop"
    cut_body: bool = False
    reset: bool = False
    never: bool = False


@dataclass
class Asked:
    """A request as the server got it."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def user_texts(self) -> list[str]:
        """The user's messages, parts joined."""
        messages: list[dict[str, Any]] = self.body["messages" if "messages" in self.body else "contents"]
        return [_text(one) for one in messages if one["role"] == "user"]


def _text(message: dict[str, Any]) -> str:
    content: Any = message.get("content", message.get("parts"))
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


class ScriptedServer(ThreadingHTTPServer):
    """Answers requests in order from ``script``; when it is used up, with ``default``."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: list[Said] = []
        self.default: Said | Callable[[Asked], Said] = Said()
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self.closing = threading.Event()
        self._now = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def next(self, asked: Asked) -> Said:
        with self._lock:
            self.asked.append(asked)
            if self.script:
                return self.script.pop(0)
        return self.default(asked) if callable(self.default) else self.default

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error of the server."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ScriptedServer

    def log_message(self, *args: Any) -> None:
        """Nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        said = self.server.next(Asked(self.path, headers, body))
        if said.never:
            self.server.closing.wait()
        if said.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        payload, content_type = said.body, said.content_type
        if payload is None:
            dialect = _error if said.status >= 400 else _dialect(self.path)
            payload = json.dumps(dialect(said, body)).encode()
            if body.get("stream") and said.status == 200:
                payload, content_type = _anthropic_stream(_anthropic(said, body)), "text/event-stream"
        self.send_response(said.status)
        length = len(payload) + (100 if said.cut_body else 0)
        for name, value in {"content-type": content_type, **said.headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(length))
        self.end_headers()
        self.wfile.write(payload)
        self.close_connection = said.cut_body


def _dialect(path: str) -> Callable[[Said, dict[str, Any]], dict[str, Any]]:
    if "generateContent" in path:
        return _google
    if path.endswith("/messages"):
        return _anthropic
    return _openrouter if "openrouter" in path else _openai


def _error(said: Said, body: dict[str, Any]) -> dict[str, Any]:
    return {"error": {"message": said.text, "type": "scripted", "code": None}}


def _openai(said: Said, body: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": said.text}
    if said.finish == "refusal":
        message = {"role": "assistant", "content": None, "refusal": said.text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": f"{body['model']}-2026-01-01",
        "choices": [
            {
                "index": 0,
                "message": message,
                "finish_reason": said.finish if said.finish != "refusal" else "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 1000,
            "completion_tokens": 50,
            "total_tokens": 1050,
            "prompt_tokens_details": {"cached_tokens": 400},
        },
    }


def _openrouter(said: Said, body: dict[str, Any]) -> dict[str, Any]:
    answer = _openai(said, body)
    answer["choices"][0]["native_finish_reason"] = "stop"
    return {**answer, "provider": "Somebody"}


def _anthropic(said: Said, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": f"{body['model']}-20260101",
        "content": [{"type": "text", "text": said.text}],
        "stop_reason": {"length": "max_tokens", "refusal": "refusal"}.get(said.finish, "end_turn"),
        "stop_sequence": None,
        "usage": {
            "input_tokens": 500,
            "output_tokens": 50,
            "cache_read_input_tokens": 400,
            "cache_creation_input_tokens": 100,
        },
    }


def _anthropic_stream(message: dict[str, Any]) -> bytes:
    """The message as the events in which it is streamed when the answer may become long."""
    [block] = message["content"]
    end = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": block["text"]}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": end, "usage": {"output_tokens": 50}},
        {"type": "message_stop"},
    ]
    return "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events).encode()


def _google(said: Said, body: dict[str, Any]) -> dict[str, Any]:
    finish = {"length": "MAX_TOKENS", "refusal": "SAFETY"}.get(said.finish, "STOP")
    parts = [{"text": said.text}] if said.text else []
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": finish, "index": 0}],
        "usageMetadata": {
            "promptTokenCount": 1000,
            "candidatesTokenCount": 50,
            "totalTokenCount": 1050,
            "cachedContentTokenCount": 400,
        },
        "modelVersion": "gemini-2.5-flash-001",
    }


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server that has just started."""
    with ScriptedServer() as started:
        thread = threading.Thread(target=started.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield started
        started.closing.set()
        started.shutdown()
        thread.join()


class StoppedClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 0.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.time, sleep=self.sleep)


@pytest.fixture
def time() -> StoppedClock:
    """Time at zero."""
    return StoppedClock()


@pytest.fixture
def service_at(server: ScriptedServer, time: StoppedClock) -> Callable[..., LlmService]:
    """An LLM service whose providers are all at the scripted server; jitter is the full back-off."""

    def make(**limits: Any) -> LlmService:
        config = LlmConfig(
            providers={
                name: LlmProviderConfig(key=SecretStr(KEY), base_url=server.url + path, **limits)
                for name, path in (
                    ("openai", "/v1"),
                    ("openrouter", "/openrouter/v1"),
                    ("anthropic", ""),
                    ("google", ""),
                )
            }
        )
        return LlmService(config, time.clock, jitter=lambda low, high: high)

    return make


@pytest.fixture
def question_for() -> Callable[..., Question]:
    """The question about two essays, with a rubric, for a provider's model."""

    def make(provider: str = "openai", model: str = "small-model", **fields: Any) -> Question:
        setting = Setting(provider, model, system_prompt="Be just.", rubric="Judge the language.", **fields)
        return Question(setting, ShownEssay("a", "I likes dogs."), ShownEssay("b", "Dogs are good company."))

    return make
