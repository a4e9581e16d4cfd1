"""Servers in the event loop, and the token that guards them where others can reach them."""

import asyncio
import contextlib
from pathlib import Path

import httpx
import pytest

from eng5.clients.content import ContentClient
from eng5.errors import ServiceError
from eng5.stack.content_service import ContentStore, content_app
from eng5.stack.http_servers import TokenGuard, serving


def test_without_the_token_only_health_is_answered(tmp_path: Path) -> None:
    """401 names the variable; with the token, eng5's own client stores and reads."""
    app = TokenGuard(content_app(ContentStore(tmp_path)), "a token")

    async def scenario() -> None:
        async with serving((app, 0)) as [url], httpx.AsyncClient(base_url=url, trust_env=False) as client:
            assert (await client.get("/healthz")).status_code == 200
            refused = await client.post("/v1/content", content=b"text")
            assert refused.status_code == 401
            assert "ENG5_SERVE_TOKEN" in refused.text
            wrong = await client.post("/v1/content", content=b"x", headers={"Authorization": "Bearer a"})
            assert wrong.status_code == 401
            with contextlib.closing(ContentClient(f"{url}/v1/content", token="a token")) as own:
                stored = await asyncio.to_thread(own.upload, "En text på svenska.".encode())
                assert await asyncio.to_thread(own.text, stored) == "En text på svenska."
                assert await asyncio.to_thread(own.text, "0" * 32) is None

    asyncio.run(scenario())


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    """The refusal has address, port and remedy."""

    async def scenario() -> None:
        app = content_app(ContentStore(tmp_path))
        async with serving((app, 0)) as [url]:
            port = int(url.rpartition(":")[2])
            with pytest.raises(ServiceError, match=f"127.0.0.1:{port}: the port cannot be used"):
                async with serving((app, port)):
                    pass

    asyncio.run(scenario())
