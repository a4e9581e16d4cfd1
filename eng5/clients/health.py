"""`GET /healthz` of an HTTP service."""

from __future__ import annotations

from eng5.clients.http import BODY_IN_MESSAGE, new_client, unreachable
from eng5.contracts.refusals import in_words
from eng5.errors import ServiceError

SECONDS = 5.0


def check_health(service: str, base_url: str) -> str:
    """What a healthy service says of itself.

    Raises:
        ServiceError: it cannot be reached, or does not feel well.
    """
    import httpx

    url = f"{base_url.rstrip('/')}/healthz"
    try:
        with new_client(url, SECONDS) as client:
            response = client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise unreachable(service, url, error) from None
    if response.status_code != 200:
        raise ServiceError(
            f"the {service} answered {response.status_code}: {in_words(response.text)[:BODY_IN_MESSAGE]}",
            where=url,
            remedy="see the service's log, and check that the address is right",
        )
    return f"healthy at {base_url}"
