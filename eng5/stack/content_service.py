"""The Content Service: raw bytes in, an id out, and back again. Section 2 of the wire contracts."""

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from eng5.contracts.wire.content_api import CONTENT_ROUTE, MAX_CONTENT_BYTES
from eng5.contracts.wire.topics import CONTENT_SERVICE
from eng5.files import write_bytes

if TYPE_CHECKING:
    from starlette.applications import Starlette

STORAGE_ID = re.compile(r"[0-9a-fA-F]{32}")
CONTENT_TYPE_LENGTH = 100


class Content(NamedTuple):
    """Stored bytes and the Content-Type that they came with."""

    body: bytes
    content_type: str


class ContentStore:
    """One file an id: a line with the Content-Type, then the bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, body: bytes, content_type: str = "text/plain") -> str:
        """Store under a fresh id of 32 lower-case hexadecimal digits; the same bytes get a new one."""
        storage_id = uuid4().hex
        write_bytes(self._path(storage_id), content_type.encode() + b"\n" + body)
        return storage_id

    def get(self, storage_id: str) -> Content | None:
        """What is stored under an id; None when nothing is."""
        if not STORAGE_ID.fullmatch(storage_id):
            return None
        try:
            content_type, _, body = self._path(storage_id.lower()).read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        return Content(body, content_type.decode())

    def text(self, storage_id: str) -> str | None:
        """The text under an id; None when there is none, it is no UTF-8, or it is all white space."""
        content = self.get(storage_id)
        if content is None:
            return None
        try:
            text = content.body.decode()
        except UnicodeDecodeError:
            return None
        return text if text.strip() else None

    def _path(self, storage_id: str) -> Path:
        return self._folder / storage_id[:2] / storage_id


def content_app(store: ContentStore) -> "Starlette":
    """The service as an ASGI application."""
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    async def upload(request: Request) -> Response:
        body, size = bytearray(), 0
        try:
            async for chunk in request.stream():
                size += len(chunk)
                if size <= MAX_CONTENT_BYTES:
                    body += chunk
        except ClientDisconnect:
            return Response(status_code=400)
        if size > MAX_CONTENT_BYTES:
            return JSONResponse(_unexpected("413 Request Entity Too Large"), 500)
        if not body:
            problem = _error(
                "VALIDATION_ERROR",
                "No data provided in request body",
                "upload_content",
                {"field": "request_body"},
            )
            return JSONResponse(problem, 400)
        content_type = request.headers.get("content-type", "text/plain")[:CONTENT_TYPE_LENGTH]
        try:
            storage_id = await run_in_threadpool(store.put, bytes(body), content_type)
        except OSError as error:
            return JSONResponse(_unexpected(str(error)), 500)
        return JSONResponse({"storage_id": storage_id, "correlation_id": str(uuid4())}, 201)

    async def download(request: Request) -> Response:
        content_id = request.path_params["content_id"]
        if not STORAGE_ID.fullmatch(content_id):
            problem = _error(
                "VALIDATION_ERROR", "Invalid content ID format", "get_content", {"field": "content_id"}
            )
            return JSONResponse(problem, 400)
        try:
            content = await run_in_threadpool(store.get, content_id)
        except OSError as error:
            return JSONResponse(_unexpected(str(error), content_id), 500)
        if content is None:
            details = {"resource_type": "content", "resource_id": content_id}
            message = f"content with ID '{content_id}' not found"
            return JSONResponse(_error("RESOURCE_NOT_FOUND", message, "get_content", details), 404)
        return Response(content.body, headers={"content-type": content.content_type})

    async def health(request: Request) -> Response:
        return JSONResponse(
            {
                "service": CONTENT_SERVICE,
                "status": "healthy",
                "message": "Content Service is healthy",
                "version": "1.0.0",
                "checks": {"service_responsive": True, "storage_available": True},
                "environment": "stand-in",
                "correlation_id": str(uuid4()),
            }
        )

    return Starlette(
        routes=[
            Route(CONTENT_ROUTE, upload, methods=["POST"]),
            Route(f"{CONTENT_ROUTE}/{{content_id}}", download, methods=["GET"]),
            Route("/healthz", health, methods=["GET"]),
        ]
    )


def _error(code: str, message: str, operation: str, details: dict[str, str]) -> dict[str, Any]:
    return {
        "error": {
            "error_code": code,
            "message": message,
            "correlation_id": str(uuid4()),
            "timestamp": format_datetime(datetime.now(UTC), usegmt=True),
            "service": CONTENT_SERVICE,
            "operation": operation,
            "details": details,
            "stack_trace": None,
            "trace_id": None,
            "span_id": None,
        }
    }


def _unexpected(message: str, content_id: str | None = None) -> dict[str, Any]:
    error = {"error_code": "UNKNOWN_ERROR", "message": message, "correlation_id": str(uuid4())}
    return {"error": error if content_id is None else {**error, "content_id": content_id}}
