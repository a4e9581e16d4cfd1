"""The health check of an HTTP service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eng5.clients.health import check_health
from eng5.errors import ServiceError
from tests.scripted import Answer, Scripted, scripted


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as running:
        yield running


def test_what_runs_here_is_not_asked_by_a_proxy(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment is for the world outside."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with scripted(lambda asked: Answer(502, "a proxy")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        assert check_health("CJ service", server.url) == f"healthy at {server.url}"
        assert proxy.asked == []
    assert [asked.path for asked in server.asked] == ["/healthz"]


@pytest.mark.parametrize("url", ["http://[::1", "127.0.0.1:1", "http://127.0.0.1:x"])
def test_an_address_that_is_none(url: str) -> None:
    """A finding, not a traceback."""
    with pytest.raises(ServiceError, match="the CJ service cannot be reached"):
        check_health("CJ service", url)
