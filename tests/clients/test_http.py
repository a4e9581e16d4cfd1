"""What the HTTP clients share: what is tried again, how long is waited, and failures in words. No test sleeps."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest

from eng5.clients.http import ATTEMPTS, new_client, refused, send, unreachable
from eng5.errors import ServiceError
from tests.scripted import Answer, Asked, Scripted, scripted

Script = Callable[[Asked], Answer]


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as running:
        yield running


def one_after_another(*answers: Answer) -> Script:
    """Each answer once, the last one for ever."""
    left = list(answers)
    guard = threading.Lock()

    def script(asked: Asked) -> Answer:
        with guard:
            return left.pop(0) if len(left) > 1 else left[0]

    return script


def sent(server: Scripted, script: Script, *, seconds: float = 5.0) -> tuple[httpx.Response, list[float]]:
    """The last answer, and how long was waited before each further attempt."""
    waits: list[float] = []
    server.script = script
    with new_client(server.url, seconds) as client:
        answer = send(client, "POST", server.url, service="a service", content=b"x", sleep=waits.append)
    return answer, waits


OK = Answer(200, "done")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_service_is_asked_again(server: Scripted, status: int) -> None:
    """Too many requests and failures of the service pass; the same request is sent again."""
    answer, waits = sent(server, one_after_another(Answer(status), Answer(status), OK))
    assert (answer.status_code, answer.text) == (200, "done")
    assert [asked.body for asked in server.asked] == [b"x"] * 3
    assert len(waits) == 2


@pytest.mark.parametrize("status", [200, 201, 204, 301, 400, 401, 403, 404, 409, 413, 422, 501])
def test_an_answer_is_an_answer(server: Scripted, status: int) -> None:
    """What the service has decided is not asked twice."""
    answer, waits = sent(server, one_after_another(Answer(status, "")))
    assert answer.status_code == status
    assert (len(server.asked), waits) == (1, [])


def test_a_lost_connection_is_made_again(server: Scripted) -> None:
    """The service closes the connection without an answer, twice."""
    answer, waits = sent(server, one_after_another(Answer(reset=True), Answer(reset=True), OK))
    assert answer.status_code == 200
    assert len(waits) == 2


def test_a_late_answer_is_asked_for_again(server: Scripted) -> None:
    """A time-out is no answer; the next attempt may be quicker."""
    held = threading.Event()
    waits: list[float] = []
    server.script = lambda asked: OK if waits else Answer(503, hold=held)
    with new_client(server.url, 0.05) as client:

        def wait(seconds: float) -> None:
            """The service is quick enough from now on, however busy this machine is."""
            waits.append(seconds)
            client.timeout = httpx.Timeout(60)

        answer = send(client, "POST", server.url, service="a service", content=b"x", sleep=wait)
    held.set()
    assert answer.status_code == 200
    assert len(waits) == 1


def test_the_last_answer_is_returned(server: Scripted) -> None:
    """After five attempts the caller gets what there is, and puts it into words."""
    answer, waits = sent(server, one_after_another(Answer(503, "down for repair")))
    assert answer.status_code == 503
    assert (len(server.asked), len(waits)) == (ATTEMPTS, ATTEMPTS - 1)
    error = refused("Content Service", answer)
    assert "the Content Service answered 503: down for repair" in str(error)
    assert error.where == f"POST {server.url}"


def test_the_waits_grow_and_differ(server: Scripted) -> None:
    """0.1 s, doubled each time, with up to 0.1 s of chance on top so that ten clients do not come at once."""
    _, waits = sent(server, one_after_another(Answer(503)))
    for number, wait in enumerate(waits):
        assert 0.1 * 2**number <= wait <= 0.1 * 2**number + 0.1


@pytest.mark.parametrize(("header", "expected"), [("0", 0.0), ("7", 7.0), ("3600", 30.0)])
def test_the_service_says_how_long_to_wait(server: Scripted, header: str, expected: float) -> None:
    """Retry-After in seconds is obeyed, up to half a minute."""
    _, waits = sent(server, one_after_another(Answer(429, headers={"Retry-After": header}), OK))
    assert waits == [expected]


@pytest.mark.parametrize("header", ["Wed, 21 Oct 2015 07:28:00 GMT", "-1", "soon", ""])
def test_another_retry_after_is_passed_over(server: Scripted, header: str) -> None:
    """What is not a number of seconds leaves the usual wait."""
    _, waits = sent(server, one_after_another(Answer(429, headers={"Retry-After": header}), OK))
    assert 0.1 <= waits[0] <= 0.2


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/x", "127.0.0.1:{port}", "http://[::1", "http://x:y", "ftp://127.0.0.1/x"]
)
def test_nobody_there(url: str) -> None:
    """A wrong address is an error that names it, after all attempts."""
    address = url.format(port=closed_port())
    with new_client(address, 1.0) as client, pytest.raises(ServiceError) as caught:
        send(client, "GET", address, service="CJ service", sleep=lambda seconds: None)
    assert "the CJ service cannot be reached" in caught.value.problem
    assert caught.value.where == address
    assert caught.value.exit_code == 4


def test_a_time_out_in_words() -> None:
    """Slow is not the same as absent."""
    assert "does not answer in time" in str(unreachable("x", "http://x", httpx.ReadTimeout("timed out")))


def test_an_answer_that_cannot_be_decoded(server: Scripted) -> None:
    """A body that is not what its header says is an error in words."""
    server.script = lambda asked: Answer(200, "not gzip", headers={"Content-Encoding": "gzip"})
    with new_client(server.url, 1.0) as client, pytest.raises(ServiceError, match="cannot be reached"):
        send(client, "GET", server.url, service="x", sleep=lambda seconds: None)


def test_a_refusal_shows_the_beginning_of_the_body(server: Scripted) -> None:
    """300 characters are enough; an empty body is called so."""
    answer, _ = sent(server, one_after_another(Answer(400, "x" * 5000)))
    assert str(refused("x", answer)).count("x" * 300) == 1
    assert len(str(refused("x", answer))) < 500
    answer, _ = sent(server, one_after_another(Answer(400, " ")))
    assert "an empty body" in str(refused("x", answer))


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_what_runs_here_is_not_asked_by_a_proxy(
    server: Scripted, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A proxy in the environment is for the world outside."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    answer, waits = sent(server, one_after_another(OK))
    assert (answer.status_code, waits) == (200, [])
