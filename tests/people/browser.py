"""Headless Chromium, where there is one."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for the tests of a file; each takes a context of its own.

    As long as it is there, an event loop runs, and no other test can run one.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        )
        yield started
        started.close()


def until(page: Any, truth: str) -> None:
    """Wait until an expression is true in the page, whose policy lets no test poll from within."""
    end = time.monotonic() + 60
    while not page.evaluate(truth):
        assert time.monotonic() < end, f"never: {truth}"
        page.wait_for_timeout(20)


def ready(page: Any) -> None:
    """Wait until a pair can be answered: a key held down must not answer the next one, so a moment has to pass."""
    page.wait_for_selector("#work:not([hidden])")
    until(page, "!busy && performance.now() - shownAt > SETTLE_MS")


def answered(page: Any, number: int) -> None:
    """Wait until so many are said to be done."""
    until(page, f"document.getElementById('progress').textContent.startsWith('{number} of ')")
