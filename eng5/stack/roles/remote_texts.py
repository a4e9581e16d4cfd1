"""Texts over HTTP: what the stand-in reads from its own disk, a process on another machine asks the Content Service."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from eng5.clients.content import ContentClient
from eng5.errors import ServiceError

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 30.0


class RemoteTexts:
    """A Content Service as ``TextSource`` and as the store of the admin routes. Safe to use from several threads.

    One that does not answer is waited for, until ``close``: no batch fails because a service is started again. One
    thread then asks for all, and says so.
    """

    def __init__(self, client: ContentClient) -> None:
        self._client = client
        self._closing = threading.Event()
        self._waiting = threading.Lock()

    def wait(self) -> None:
        """Return when the Content Service answers."""
        self._patiently(lambda: self._client.has("0" * 32))

    def text(self, storage_id: str) -> str | None:
        """The text under an id; None when there is none, or it is all white space."""
        return self._patiently(lambda: self._client.text(storage_id))

    def put(self, body: bytes) -> str:
        """Store bytes; the id that they get."""
        return self._patiently(lambda: self._client.upload(body))

    def close(self) -> None:
        """Wait no more."""
        self._closing.set()
        self._client.close()

    def _patiently(self, attempt: Callable[[], Answer]) -> Answer:
        with suppress(ServiceError):
            return attempt()
        pause = RETRY_SECONDS
        with self._waiting:
            while True:
                try:
                    return attempt()
                except ServiceError as error:
                    log.warning("waiting for the Content Service: %s", str(error).partition("\n")[0])
                    if self._closing.wait(pause):
                        raise
                pause = min(2 * pause, LONGEST_RETRY_SECONDS)
