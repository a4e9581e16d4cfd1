"""Content Service: `POST /v1/content`, `GET /v1/content/{id}`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from pydantic import ValidationError

from eng5.clients.http import new_client, refused, send
from eng5.contracts.wire.content_api import ContentStored
from eng5.errors import ServiceError

if TYPE_CHECKING:
    import httpx

SERVICE = "Content Service"
WITHIN_SECONDS = 60.0
ATTEMPTS_WITHIN = 3


class ContentClient:
    """Stores and checks texts. Safe to use from several threads at once."""

    def __init__(
        self,
        url: str,
        *,
        address: str | None = None,
        token: str | None = None,
        within: float = WITHIN_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`url` ends in /v1/content; `address` names the store where `url` changes and its content does not.

        A text is given up after `within` seconds, in which a service that hangs is asked three times. `token` is that
        of an `eng5 serve` on another machine.
        """
        self._url = url.rstrip("/")
        self._address = address or self._url
        self._client = new_client(url, within / ATTEMPTS_WITHIN)
        self._within = within
        if token is not None:
            self._client.headers["Authorization"] = f"Bearer {token}"
        self._sleep = sleep

    @property
    def address(self) -> str:
        return self._address

    def upload(self, text: bytes) -> str:
        """The id of the stored text, which is in no message even when the service sends it back."""
        response = send(
            self._client,
            "POST",
            self._url,
            service=SERVICE,
            content=text,
            headers={"Content-Type": "application/octet-stream"},
            within=self._within,
            sleep=self._sleep,
        )
        if response.status_code != 201:
            raise refused(SERVICE, response, with_body=False)
        try:
            return ContentStored.model_validate_json(response.content).storage_id
        except ValidationError:
            raise ServiceError(
                f"the {SERVICE} answered {response.status_code} to a text and named no storage_id",
                where=self._url,
            ) from None

    def text(self, storage_id: str) -> str | None:
        """The text under an id; None when there is none, it is no UTF-8, or it is all white space."""
        response = self._get(storage_id)
        if response.status_code in (400, 404):
            return None
        if response.status_code != 200:
            raise refused(SERVICE, response, with_body=False)
        try:
            text = response.content.decode()
        except UnicodeDecodeError:
            return None
        return text if text.strip() else None

    def has(self, storage_id: str) -> bool:
        response = self._get(storage_id)
        if response.status_code == 200:
            return True
        if response.status_code in (400, 404):
            return False
        raise refused(SERVICE, response)

    def _get(self, storage_id: str) -> httpx.Response:
        url = f"{self._url}/{storage_id}"
        return send(self._client, "GET", url, service=SERVICE, within=self._within, sleep=self._sleep)

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()
