"""Texts over HTTP, from a service that is away for a while."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from eng5.clients.content import ContentClient
from eng5.stack.roles import remote_texts
from eng5.stack.roles.remote_texts import RemoteTexts
from tests.scripted import Answer, scripted


def test_a_service_that_is_away_is_waited_for_by_one_thread_for_all(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Every thread gets its text, and the log is not filled by each of them."""
    monkeypatch.setattr(remote_texts, "RETRY_SECONDS", 0.0)
    with scripted() as server:
        server.script = lambda _: Answer(200, "A text.") if len(server.asked) > 80 else Answer(503)
        texts = RemoteTexts(ContentClient(server.url, sleep=lambda seconds: None))
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(texts.text, ["id"] * 8)) == ["A text."] * 8
        texts.close()
    told = [one for one in caplog.records if "waiting for the Content Service" in one.getMessage()]
    assert len({one.thread for one in told}) == 1
