"""An HTTP server on loopback that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """Status, body and further headers; a dict goes out as JSON.

    `hold` is waited for before the answer; `reset` ends the connection without one.
    """

    status: int = 200
    body: object = field(default_factory=dict)
    hold: threading.Event | None = None
    headers: dict[str, str] = field(default_factory=dict)
    reset: bool = False

    @property
    def raw(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


def says(text: str, hold: threading.Event | None = None) -> Answer:
    """What a model answers over an API like OpenAI's."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return Answer(body=body, hold=hold)


def chooses(winner: str, hold: threading.Event | None = None) -> Answer:
    """A model's verdict."""
    return says(json.dumps({"winner": winner, "justification": "It is fuller.", "confidence": 4}), hold)


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> object:
        return json.loads(self.body)


@dataclass
class Scripted:
    """The server's address, its script, and the requests so far."""

    url: str
    script: Callable[[Asked], Answer]
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def scripted(script: Callable[[Asked], Answer] = lambda asked: Answer()) -> Iterator[Scripted]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            asked = Asked(
                self.command,
                self.path,
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
            )
            served.asked.append(asked)
            answer = served.script(asked)
            if answer.hold is not None:
                answer.hold.wait()
            if answer.reset:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.raw)))
            self.end_headers()
            self.wfile.write(answer.raw)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that has gone away is no failure of the test."""

    server = Server(("127.0.0.1", 0), Handler)
    served = Scripted(f"http://127.0.0.1:{server.server_port}", script)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
