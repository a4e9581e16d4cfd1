"""The reports on loopback, reloaded when they change. The files themselves stay as they are."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING

from eng5.errors import Eng5Error
from eng5.files import read_bytes, read_text

if TYPE_CHECKING:
    from starlette.applications import Starlette

SCRIPT = Path(__file__).with_name("reload.js")
TIMESTAMP = re.compile(r"_\d{8}_\d{6}(?=\.html$)")
FIRST = "index.html"
NOTHING = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>{0}</title><body><p>{0} is not there yet; "
    "this page shows it when it is.</body></html>"
)


def application(reports: Path) -> Starlette:
    """Serves the files under `reports`; HTML pages get the script that reloads them."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.requests import Request
    from starlette.responses import JSONResponse, RedirectResponse, Response
    from starlette.routing import Route

    script = f"<script>\n{read_text(SCRIPT)}</script>"
    fresh = {"Cache-Control": "no-store"}

    def file(request: Request) -> Response:
        name = request.path_params["name"]
        path = _inside(reports, name)
        if path is None:
            return Response("not found", 404, media_type="text/plain")
        if path.suffix != ".html":
            if not path.is_file():
                return Response("not found", 404, media_type="text/plain")
            return Response(read_bytes(path), media_type=guess_type(path.name)[0], headers=fresh)
        text = read_text(path) if path.is_file() else NOTHING.format(escape(name))
        before, end, after = text.rpartition("</body>")
        return Response(f"{before}{script}{end}{after}", media_type="text/html", headers=fresh)

    def version(request: Request) -> Response:
        name = request.query_params.get("page", "").lstrip("/")
        path = _inside(reports, name)
        stamp = path.stat().st_mtime_ns if path is not None and path.is_file() else 0
        found = {"version": str(stamp), "newest": f"/{newest(reports, name)}"}
        return JSONResponse(found, headers=fresh)

    return Starlette(
        routes=[
            Route("/", lambda request: RedirectResponse(f"/{FIRST}")),
            Route("/.version", version),
            Route("/{name:path}", file),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )


def newest(reports: Path, name: str) -> str:
    """The report of the latest attempt of the run that `name` is a report of; other pages are their own."""
    if not TIMESTAMP.search(name):
        return name
    run = TIMESTAMP.sub("", name)
    same = [path.name for path in reports.glob("*.html") if TIMESTAMP.sub("", path.name) == run]
    return max(same, default=name)


def _inside(reports: Path, name: str) -> Path | None:
    """The path of a file under reports/; None for one anywhere else."""
    try:
        path = (reports / name).resolve()
    except (OSError, ValueError):
        return None
    return path if path.is_relative_to(reports.resolve()) else None


@contextmanager
def served(reports: Path, port: int) -> Iterator[str]:
    """Serve the reports in a thread of its own while the block runs; the address.

    Raises:
        ServiceError: the port is taken.
    """
    ready, stop = threading.Event(), threading.Event()
    found: list[str | Eng5Error] = []

    async def serve() -> None:
        from eng5.stack.http_servers import serving

        try:
            async with serving((application(reports), port)) as [address]:
                found.append(address)
                ready.set()
                await asyncio.to_thread(stop.wait)
        except Eng5Error as error:
            found.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="reports", daemon=True)
    thread.start()
    ready.wait()
    first = found[0] if found else None
    if not isinstance(first, str):
        raise first or Eng5Error("the page could not be served")
    try:
        yield first
    finally:
        stop.set()
        thread.join(timeout=5)
