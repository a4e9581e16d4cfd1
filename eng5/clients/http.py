"""What the HTTP clients share: a bounded client, retries, and failures put into words."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from eng5.contracts.refusals import in_words
from eng5.errors import ServiceError

if TYPE_CHECKING:
    import httpx
    import tenacity

ATTEMPTS = 5
WITHIN_SECONDS = 120.0
SHORTEST_SECONDS = 0.05
RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})
BODY_IN_MESSAGE = 300
CONNECT_SECONDS = 10.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def new_client(url: str, seconds: float) -> httpx.Client:
    """A client for `url` that waits `seconds` for an answer; what runs on this machine is not asked by a proxy.

    A `url` that is none gives a client all the same; the request says so.
    """
    import httpx

    try:
        host = httpx.URL(url).host
    except httpx.InvalidURL:
        host = ""
    timeout = httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
    return httpx.Client(timeout=timeout, trust_env=host not in LOOPBACK)


def send(
    client: httpx.Client,
    method: str,
    url: str,
    *,
    service: str,
    content: bytes | None = None,
    headers: dict[str, str] | None = None,
    attempts: int = ATTEMPTS,
    within: float = WITHIN_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> httpx.Response:
    """One request, tried again on connection errors, time-outs, 429 and 5xx with exponential back-off and jitter.

    The last answer is returned whatever its status, for the caller to judge. No attempt begins, and none is waited
    for, when `within` seconds have passed. `sleep` waits between two attempts.

    Raises:
        ServiceError: the service could not be reached, or its answer could not be read.
    """
    import httpx
    import tenacity

    began = time.monotonic()

    def attempt() -> httpx.Response:
        left = max(began + within - time.monotonic(), SHORTEST_SECONDS)
        limits = {name: min(given or left, left) for name, given in client.timeout.as_dict().items()}
        return client.request(method, url, content=content, headers=headers, timeout=httpx.Timeout(**limits))

    retrying: tenacity.Retrying = tenacity.Retrying(
        sleep=sleep,
        stop=tenacity.stop_after_attempt(attempts) | tenacity.stop_before_delay(within),
        wait=_wait,
        retry=tenacity.retry_if_exception_type(httpx.TransportError)
        | tenacity.retry_if_result(lambda response: response.status_code in RETRIED_STATUSES),
        retry_error_callback=_last,
    )
    try:
        answer: httpx.Response = retrying(attempt)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        tried = retrying.statistics.get("attempt_number", 1)
        raise unreachable(service, url, error, f"{tried} × in {time.monotonic() - began:.0f} s") from None
    return answer


def _wait(state: tenacity.RetryCallState) -> float:
    """Retry-After when the answer has it (at most 30 s), else exponential with jitter."""
    import tenacity

    outcome = state.outcome
    if outcome is not None and not outcome.failed:
        after = outcome.result().headers.get("Retry-After", "")
        if after.isdigit():
            return min(float(after), 30.0)
    return tenacity.wait_exponential_jitter(initial=0.1, max=8.0, jitter=0.1)(state)


def _last(state: tenacity.RetryCallState) -> httpx.Response:
    """What the last attempt gave: its answer, or its exception raised again."""
    if state.outcome is None:
        raise RuntimeError("no attempt was made")
    answer: httpx.Response = state.outcome.result()
    return answer


def unreachable(service: str, url: str, error: Exception, tried: str = "") -> ServiceError:
    """A transport failure in words, with how often and how long it was `tried`."""
    import httpx

    what = "does not answer in time" if isinstance(error, httpx.TimeoutException) else "cannot be reached"
    return ServiceError(
        f"the {service} {what} ({error}{f', tried {tried}' if tried else ''})",
        where=url,
        remedy="check that it runs and that the address is right (`eng5 doctor`), then run the same command again",
    )


def refused(service: str, response: httpx.Response, *, with_body: bool = True) -> ServiceError:
    """An answer that cannot be used, in words, with the beginning of its body unless that may repeat an essay."""
    body = in_words(response.text)[:BODY_IN_MESSAGE].strip() or "an empty body"
    return ServiceError(
        f"the {service} answered {response.status_code}" + (f": {body}" if with_body else ""),
        where=f"{response.request.method} {response.request.url}",
        remedy="see the service's log; run the same command again when it is mended",
    )
