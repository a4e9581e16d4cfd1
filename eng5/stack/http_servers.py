"""HTTP servers in this process's event loop, on loopback unless told otherwise."""

import asyncio
import contextlib
import hmac
import socket
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from eng5.errors import ServiceError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = "127.0.0.1"


class TokenGuard:
    """Lets requests through that carry the token; ``open_paths`` are beginnings of paths that need none here."""

    def __init__(self, app: "ASGIApp", token: str, open_paths: tuple[str, ...] = ("/healthz",)) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()
        self._open = open_paths

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer 401 to a request without it."""
        from starlette.responses import JSONResponse

        given = dict(scope["headers"]).get(b"authorization", b"")
        if scope["path"].startswith(self._open) or hmac.compare_digest(given, self._expected):
            await self._app(scope, receive, send)
        else:
            error = {
                "error_code": "AUTHENTICATION_ERROR",
                "message": "the token of ENG5_SERVE_TOKEN is needed",
            }
            await JSONResponse({"error": error}, 401)(scope, receive, send)


@contextlib.asynccontextmanager
async def serving(*apps: "tuple[ASGIApp, int]", host: str = LOOPBACK) -> AsyncIterator[list[str]]:
    """Serve applications, each on a port (0: a free one), and close all at once; their addresses without a path.

    ServiceError for a taken port.
    """
    import uvicorn

    servers: list[uvicorn.Server] = []
    running: list[asyncio.Task[None]] = []
    addresses = []
    try:
        for app, port in apps:
            listener = _listen(host, port)
            config = uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            )
            servers.append(uvicorn.Server(config))
            running.append(asyncio.create_task(servers[-1].serve(sockets=[listener])))
            shown = f"[{host}]" if ":" in host else host
            addresses.append(f"http://{shown}:{listener.getsockname()[1]}")
        yield addresses
    finally:
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*running, return_exceptions=True)


def _listen(host: str, port: int) -> socket.socket:
    with port_errors(host, port):
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError:
            listener.close()
            raise
        listener.listen(128)
        return listener


@contextlib.contextmanager
def port_errors(host: str, port: int) -> Iterator[None]:
    """An OSError about a port as a refusal that names it."""
    try:
        yield
    except OSError as error:
        raise ServiceError(
            f"the port cannot be used ({error.strerror})",
            where=f"{host}:{port}",
            remedy="choose another port, or stop what listens there; the host has to be an address of this machine",
        ) from None
