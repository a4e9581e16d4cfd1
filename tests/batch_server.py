"""The batch APIs of OpenAI, Anthropic and Google over real HTTP, as a test scripts them; they count every question."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

GOOD = {"winner": "Essay B", "justification": "Its argument is carried through.", "confidence": 4}
KEY = "sk-test-0123456789abcdef"
GATES = ("upload", "create", "created", "list", "look", "results", "half the results", "cancel")


@dataclass
class Item:
    """A question of a batch. ``outcome``: a text that the model says, a status of an error, expired or cancelled."""

    custom_id: str
    request: dict[str, Any]
    outcome: str | int = json.dumps(GOOD)

    @property
    def text(self) -> str:
        """What the user says in it."""
        messages = self.request.get("messages", self.request.get("contents", []))
        [content] = [one.get("content", one.get("parts")) for one in messages if one["role"] == "user"]
        return content if isinstance(content, str) else "".join(part["text"] for part in content)


@dataclass
class Held:
    """A batch at the provider: shown ``looks`` times as in progress, then ended as ``end``."""

    number: int
    items: list[Item]
    identity: dict[str, str]
    looks: int
    end: str = "completed"
    created: float = field(default_factory=time.time)
    state: str = "in_progress"
    archived: bool = False
    further_lines: list[str] = field(default_factory=list)
    """Lines of the results that are no result of a question."""

    def look(self) -> None:
        if self.state == "cancelling":
            self.state = "cancelled"
        elif self.state == "in_progress":
            self.looks -= 1
            self.state = "in_progress" if self.looks >= 0 else self.end
        for item in self.items:
            if self.state in ("expired", "cancelled") and item.outcome == "unrun":
                item.outcome = self.state

    @property
    def ended(self) -> bool:
        return self.state not in ("in_progress", "cancelling")


class BatchServer(ThreadingHTTPServer):
    """``plan`` is called for each new batch and may change it; a shut gate holds every request that comes to it."""

    daemon_threads = True
    dialects: ClassVar[dict[str, str]] = {"openai": "/v1", "anthropic": "", "google": ""}

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.batches: list[Held] = []
        self.files: dict[str, bytes] = {}
        self.asked: Counter[str] = Counter()
        """How often each question was in a batch that was created."""
        self.plan: Callable[[Held], None] = lambda batch: None
        self.looks = 0
        self.refused: dict[str, tuple[int, str]] = {}
        """Gate → status and message in place of an answer."""
        self.refused_once: dict[str, list[tuple[int, str]]] = {}
        """The same, one answer after the other."""
        self.pages: dict[str, int] = {}
        """Gate → how many answers are a proxy's page, after the provider did what it was asked to."""
        self.breaks_off = 0
        """How many times results end half-way."""
        self.calls: Counter[str] = Counter()
        self._shut: dict[str, threading.Event] = {}
        self._reached = {name: threading.Event() for name in GATES}
        self._dropping = False
        self._lock = threading.Lock()

    def address(self, provider: str) -> str:
        return self.url + self.dialects[provider]

    def shut(self, gate: str) -> threading.Event:
        """Hold requests at this gate; the event is set once one has come."""
        self._reached[gate].clear()
        self._shut[gate] = threading.Event()
        return self._reached[gate]

    def open(self, *, drop: bool = False) -> None:
        """Let go of whatever is held, and hold nothing any more; ``drop``: it is answered by an error, unheard."""
        self._dropping = drop
        for gate in self._shut.values():
            gate.set()
        self._shut.clear()

    def pass_gate(self, gate: str) -> None:
        with self._lock:
            self.calls[gate] += 1
        shut = self._shut.get(gate)
        self._reached[gate].set()
        if shut is not None:
            shut.wait()
            if self._dropping:
                raise _GoneError(500, "dropped")

    def create(self, items: list[Item], **identity: str) -> Held:
        with self._lock:
            batch = Held(len(self.batches) + 1, items, identity, self.looks)
            self.plan(batch)
            self.batches.append(batch)
            self.asked.update(item.text for item in items)
            return batch

    def keep(self, content: bytes) -> str:
        with self._lock:
            name = f"file-{len(self.files) + 1}"
            self.files[name] = content
            return name

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no error of the server."""


class _GoneError(Exception):
    """An error status in place of an answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BatchServer
    passed = ""

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0]
        for method, pattern, answer in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and method == self.command:
                try:
                    content = answer(self, *found.groups())
                except _GoneError as error:
                    said = {"message": str(error), "type": "scripted", "code": None}
                    # A client library that tried again by itself would have to be waited for.
                    told = json.dumps({"type": "error", "error": said}).encode()
                    self._send(error.status, told, x_should_retry="false")
                else:
                    if content is not None and self._page():
                        self._send(200, b"<html><h1>Sign in</h1></html>", content_type="text/html")
                    elif content is not None:
                        self._send(200, json.dumps(content).encode())
                return
        self._send(404, json.dumps({"error": {"message": f"no route {self.command} {path}"}}).encode())

    def _page(self) -> bool:
        """Whether a proxy answers in the provider's place."""
        left = self.server.pages.get(self.passed, 0)
        self.server.pages[self.passed] = left - 1
        return left > 0

    def _send(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        headers = {"content_type": "application/json", **headers}
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def gate(self, name: str) -> None:
        self.server.pass_gate(name)
        self.passed = name
        if name in self.server.refused:
            raise _GoneError(*self.server.refused[name])
        if self.server.refused_once.get(name):
            raise _GoneError(*self.server.refused_once[name].pop(0))

    def send_results(self, content: bytes) -> None:
        """Half of the lines, the gate, the other half."""
        self.gate("results")
        half = content.find(b"\n", len(content) // 2) + 1 or len(content)
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:half])
        self.wfile.flush()
        self.server.pass_gate("half the results")
        if self.server.breaks_off:
            self.server.breaks_off -= 1
            self.close_connection = True
            return
        self.wfile.write(content[half:])

    def batch(self, number: str) -> Held:
        try:
            return self.server.batches[int(number) - 1]
        except IndexError:
            raise _GoneError(404, f"no batch {number}") from None

    # OpenAI

    def upload(self) -> object:
        self.gate("upload")
        head = f"content-type: {self.headers['content-type']}\r\n\r\n".encode()
        parts = BytesParser(policy=HTTP).parsebytes(head + self.body).iter_parts()
        [content] = [part.get_payload(decode=True) for part in parts if part.get_filename()]
        assert isinstance(content, bytes)
        name = self.server.keep(content)
        return {
            "id": name, "object": "file", "bytes": len(content), "created_at": 1,
            "filename": "x", "purpose": "batch", "status": "processed",
        }  # fmt: skip

    def openai_content(self, name: str) -> None:
        self.send_results(self.server.files[name])

    def openai_create(self) -> object:
        self.gate("create")
        asked = json.loads(self.body)
        assert asked["endpoint"] == "/v1/chat/completions"
        lines = [json.loads(line) for line in self.server.files[asked["input_file_id"]].splitlines()]
        assert {(line["method"], line["url"]) for line in lines} == {("POST", "/v1/chat/completions")}
        assert len({line["body"]["model"] for line in lines}) == 1
        items = [Item(line["custom_id"], line["body"]) for line in lines]
        batch = self.server.create(items, input_file_id=asked["input_file_id"], **asked.get("metadata") or {})
        self.gate("created")
        return self.openai_batch(batch)

    def openai_list(self) -> object:
        self.gate("list")
        data = [self.openai_batch(one) for one in reversed(self.server.batches)]
        return {"object": "list", "data": data, "has_more": False}

    def openai_look(self, number: str) -> object:
        self.gate("look")
        batch = self.batch(number)
        batch.look()
        return self.openai_batch(batch)

    def openai_cancel(self, number: str) -> object:
        self.gate("cancel")
        self.batch(number).state = "cancelling"
        return self.openai_batch(self.batch(number))

    def openai_batch(self, batch: Held) -> dict[str, Any]:
        good, bad = self._openai_results(batch)
        files = {}
        if batch.ended and batch.state != "failed":
            files = {
                name: self.server.keep("\n".join(lines).encode())
                for name, lines in (("output_file_id", good), ("error_file_id", bad))
                if lines
            }
        identity = dict(batch.identity)
        return {
            "id": f"batch_{batch.number}", "object": "batch", "endpoint": "/v1/chat/completions",
            "completion_window": "24h", "created_at": int(batch.created), "status": batch.state,
            "input_file_id": identity.pop("input_file_id"), "metadata": identity,
            "request_counts": {"total": len(batch.items), "completed": len(good) * batch.ended, "failed": 0},
            "errors": {"object": "list", "data": [{"code": "x", "message": "the file has no valid line"}]}
            if batch.state == "failed" else None,
            **files,
        }  # fmt: skip

    def _openai_results(self, batch: Held) -> tuple[list[str], list[str]]:
        good, bad = list(batch.further_lines), []
        for item in reversed(batch.items):
            line: dict[str, Any] = {"id": "r", "custom_id": item.custom_id, "response": None, "error": None}
            match item.outcome:
                case "missing":
                    continue
                case "expired" | "cancelled":
                    bad.append(
                        json.dumps({**line, "error": {"code": f"batch_{item.outcome}", "message": "-"}})
                    )
                case int(status):
                    body = {"error": {"message": "scripted", "type": "invalid_request_error", "code": None}}
                    bad.append(json.dumps({**line, "response": {"status_code": status, "body": body}}))
                case text:
                    body = openai_answer(text, item.request["model"])
                    good.append(json.dumps({**line, "response": {"status_code": 200, "body": body}}))
        return good, bad

    # Anthropic

    def anthropic_create(self) -> object:
        self.gate("create")
        items = [Item(one["custom_id"], one["params"]) for one in json.loads(self.body)["requests"]]
        assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", item.custom_id) for item in items)
        assert not any("stream" in item.request for item in items)
        batch = self.server.create(items)
        self.gate("created")
        return self.anthropic_batch(batch)

    def anthropic_list(self) -> object:
        self.gate("list")
        data = [self.anthropic_batch(one) for one in reversed(self.server.batches)]
        return {"data": data, "has_more": False, "first_id": None, "last_id": None}

    def anthropic_look(self, number: str) -> object:
        self.gate("look")
        batch = self.batch(number)
        batch.look()
        return self.anthropic_batch(batch)

    def anthropic_cancel(self, number: str) -> object:
        self.gate("cancel")
        self.batch(number).state = "cancelling"
        return self.anthropic_batch(self.batch(number))

    def anthropic_batch(self, batch: Held) -> dict[str, Any]:
        states = {"in_progress": "in_progress", "cancelling": "canceling"}
        kinds = Counter(
            {"expired": "expired", "cancelled": "canceled"}.get(str(item.outcome))
            or ("errored" if isinstance(item.outcome, int) else "succeeded")
            for item in batch.items
        )
        counts = dict.fromkeys(("processing", "succeeded", "errored", "canceled", "expired"), 0)
        counts |= kinds if batch.ended else {"processing": len(batch.items)}
        moment = datetime.fromtimestamp(batch.created, UTC).isoformat()
        name = f"msgbatch_{batch.number}"
        return {
            "id": name, "type": "message_batch", "processing_status": states.get(batch.state, "ended"),
            "request_counts": counts, "created_at": moment, "expires_at": moment,
            "ended_at": moment if batch.ended else None, "archived_at": None, "cancel_initiated_at": None,
            "results_url": f"{self.server.url}/v1/messages/batches/{name}/results"
            if batch.ended and not batch.archived else None,
        }  # fmt: skip

    def anthropic_results(self, number: str) -> None:
        batch = self.batch(number)
        lines = list(batch.further_lines)
        for item in reversed(batch.items):
            match item.outcome:
                case "missing":
                    continue
                case "expired" | "cancelled":
                    result: dict[str, Any] = {
                        "type": {"cancelled": "canceled"}.get(item.outcome, item.outcome)
                    }
                case int():
                    error = {"type": "invalid_request_error", "message": "scripted"}
                    result = {"type": "errored", "error": {"type": "error", "error": error}}
                case text:
                    result = {"type": "succeeded", "message": anthropic_answer(text, item.request["model"])}
            lines.append(json.dumps({"custom_id": item.custom_id, "result": result}))
        self.send_results("\n".join(lines).encode())

    # Google

    def google_upload(self) -> None:
        self.gate("upload")
        self._send(
            200, b"{}", x_goog_upload_url=f"{self.server.url}/upload/now", x_goog_upload_status="active"
        )

    def google_uploaded(self) -> None:
        name = self.server.keep(self.body)
        answer = json.dumps({"file": {"name": f"files/{name}"}}).encode()
        self._send(200, answer, x_goog_upload_status="final")

    def google_create(self, model: str) -> object:
        self.gate("create")
        asked = json.loads(self.body)["batch"]
        file = self.server.files[asked["inputConfig"]["fileName"].removeprefix("files/")]
        items = [Item(one["key"], one["request"]) for one in map(json.loads, file.splitlines())]
        batch = self.server.create(items, display_name=asked["displayName"], model=model)
        self.gate("created")
        return self.google_batch(batch)

    def google_list(self) -> object:
        self.gate("list")
        return {"operations": [self.google_batch(one) for one in reversed(self.server.batches)]}

    def google_look(self, number: str) -> object:
        self.gate("look")
        batch = self.batch(number)
        batch.look()
        return self.google_batch(batch)

    def google_cancel(self, number: str) -> object:
        self.gate("cancel")
        self.batch(number).state = "cancelling"
        return {}

    def google_batch(self, batch: Held) -> dict[str, Any]:
        states = {"in_progress": "RUNNING", "completed": "SUCCEEDED"}
        metadata: dict[str, Any] = {
            "displayName": batch.identity["display_name"], "model": f"models/{batch.identity['model']}",
            "state": "BATCH_STATE_" + states.get(batch.state, batch.state.upper()),
            "createTime": datetime.fromtimestamp(batch.created, UTC).isoformat(),
        }  # fmt: skip
        lines = list(batch.further_lines)
        for item in reversed(batch.items):
            match item.outcome:
                case "missing" | "expired" | "cancelled":
                    continue
                case int():
                    lines.append(
                        json.dumps({"key": item.custom_id, "error": {"code": 3, "message": "scripted"}})
                    )
                case text:
                    lines.append(json.dumps({"key": item.custom_id, "response": google_answer(text)}))
        if batch.ended and batch.state != "failed":
            name = self.server.keep("\n".join(lines).encode())
            metadata["output"] = {"responsesFile": f"files/{name}"}
        error = (
            {"error": {"code": 3, "message": "the file has no valid line"}} if batch.state == "failed" else {}
        )
        return {"name": f"batches/{batch.number}", "metadata": metadata, **error}

    def google_download(self, name: str) -> None:
        self.send_results(self.server.files[name])


def openai_answer(text: str, model: str) -> dict[str, Any]:
    """A chat completion."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050}
    return {
        "id": "c", "object": "chat.completion", "created": 1, "model": model, "choices": [choice], "usage": usage,
    }  # fmt: skip


def anthropic_answer(text: str, model: str) -> dict[str, Any]:
    """A message."""
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": model,
        "content": [{"type": "text", "text": text}], "stop_reason": "end_turn", "stop_sequence": None,
        "usage": {"input_tokens": 1000, "output_tokens": 50, "cache_read_input_tokens": 0,
                  "cache_creation_input_tokens": 0},
    }  # fmt: skip


def google_answer(text: str) -> dict[str, Any]:
    """A generated content."""
    content = {"role": "model", "parts": [{"text": text}]}
    return {
        "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 1000, "candidatesTokenCount": 50, "totalTokenCount": 1050},
        "modelVersion": "gemini",
    }


ROUTES: tuple[tuple[str, str, Callable[..., object]], ...] = (
    ("POST", "/v1/files", _Handler.upload),
    ("GET", "/v1/files/([^/]+)/content", _Handler.openai_content),
    ("POST", "/v1/batches", _Handler.openai_create),
    ("GET", "/v1/batches", _Handler.openai_list),
    ("GET", r"/v1/batches/batch_(\d+)", _Handler.openai_look),
    ("POST", r"/v1/batches/batch_(\d+)/cancel", _Handler.openai_cancel),
    ("POST", "/v1/messages/batches", _Handler.anthropic_create),
    ("GET", "/v1/messages/batches", _Handler.anthropic_list),
    ("GET", r"/v1/messages/batches/msgbatch_(\d+)", _Handler.anthropic_look),
    ("POST", r"/v1/messages/batches/msgbatch_(\d+)/cancel", _Handler.anthropic_cancel),
    ("GET", r"/v1/messages/batches/msgbatch_(\d+)/results", _Handler.anthropic_results),
    ("POST", "/upload/v1beta/files", _Handler.google_upload),
    ("POST", "/upload/now", _Handler.google_uploaded),
    ("POST", "/v1beta/models/([^/:]+):batchGenerateContent", _Handler.google_create),
    ("GET", "/v1beta/batches", _Handler.google_list),
    ("GET", r"/v1beta/batches/(\d+)", _Handler.google_look),
    ("POST", r"/v1beta/batches/(\d+):cancel", _Handler.google_cancel),
    ("GET", r"/v1beta/files/([^/:]+):download", _Handler.google_download),
)


@contextmanager
def batch_server() -> Iterator[BatchServer]:
    """Serve until the block ends."""
    with BatchServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.open()
            server.shutdown()
            thread.join()
