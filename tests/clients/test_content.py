"""The Content Service's client: what the service may say, and what is made of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from eng5.clients.content import ContentClient
from eng5.errors import ServiceError
from eng5.files import sha256_bytes
from eng5.stack.faults import HttpFaults
from eng5.stack.standin import StandIn
from eng5.steps.uploads import CONCURRENCY, build
from tests.fakes import Progress
from tests.scripted import Answer, Asked, Scripted, scripted

STORED = {"storage_id": "0" * 32, "correlation_id": "11111111-2222-4333-8444-555555555555"}

ESSAY = "A role model is a person that one looks up to."


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(lambda asked: Answer(201, STORED)) as running:
        yield running


def client_of(server: Scripted) -> ContentClient:
    return ContentClient(f"{server.url}/v1/content/", sleep=lambda seconds: None)


def test_an_upload(server: Scripted) -> None:
    """The bytes go out as they are, and the id comes back."""
    with client_of(server) as client:
        assert client.upload("Skåne".encode()) == "0" * 32
        assert client.address == f"{server.url}/v1/content"
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/v1/content", "Skåne".encode())
    assert asked.headers["content-type"] == "application/octet-stream"


def test_an_address_of_its_own() -> None:
    """A store whose port changes and whose content does not has a name that stays."""
    with ContentClient("http://127.0.0.1:1/v1/content", address="embedded") as client:
        assert client.address == "embedded"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(413, ESSAY), "answered 413"),
        (Answer(422, {"detail": [{"input": ESSAY}]}), "answered 422"),
        (Answer(200, STORED), "answered 200"),
        (Answer(503, f"down: {ESSAY}"), "answered 503"),
        (Answer(201, {"id": ESSAY}), "answered 201 to a text and named no storage_id"),
        (Answer(201, ESSAY), "answered 201 to a text and named no storage_id"),
    ],
)
def test_an_upload_that_is_refused(server: Scripted, answer: Answer, words: str) -> None:
    """The status is in the message; the answer, which may repeat the text, is not."""
    server.script = lambda asked: answer
    with client_of(server) as client, pytest.raises(ServiceError) as caught:
        client.upload(ESSAY.encode())
    assert words in caught.value.problem
    assert "looks up to" not in str(caught.value)
    assert server.url in str(caught.value.where)


@pytest.mark.parametrize(("status", "expected"), [(200, True), (404, False), (400, False)])
def test_whether_an_id_is_still_there(server: Scripted, status: int, expected: bool) -> None:
    """200 is yes; an unknown or malformed id is no."""
    server.script = lambda asked: Answer(status)
    with client_of(server) as client:
        assert client.has("a" * 32) is expected
    assert (server.asked[0].method, server.asked[0].path) == ("GET", f"/v1/content/{'a' * 32}")


def test_a_check_that_gets_no_answer(server: Scripted) -> None:
    """A failing service has not lost the text: nothing is uploaded again on its word."""
    server.script = lambda asked: Answer(500, "oops")
    with client_of(server) as client, pytest.raises(ServiceError, match="answered 500: oops"):
        client.has("a" * 32)


def test_ten_connections_are_enough_for_all(server: Scripted) -> None:
    """Uploads over one client run side by side, ten at most."""
    ten = threading.Barrier(CONCURRENCY)
    guard, running, highest = threading.Lock(), 0, 0

    def script(asked: Asked) -> Answer:
        nonlocal running, highest
        with guard:
            running += 1
            highest = max(highest, running)
        ten.wait(60)
        with guard:
            running -= 1
        return Answer(201, STORED)

    server.script = script
    texts = {sha256_bytes(text): text for text in (f"text {number}".encode() for number in range(30))}
    with client_of(server) as client:
        assert len(build(texts, client, {}, lambda sha, storage_id: None, Progress())) == 30
    assert highest == CONCURRENCY


@pytest.mark.parametrize(
    "faults",
    [
        HttpFaults(requests=2, status=429, retry_after="3"),
        HttpFaults(requests=2, status=503),
        HttpFaults(requests=2, cut_off=True),
    ],
)
def test_faults_of_a_real_service_pass(tmp_path_factory: pytest.TempPathFactory, faults: HttpFaults) -> None:
    """The stand-in's Content Service refuses or breaks off two requests; the upload arrives, and waited as told."""
    waits: list[float] = []
    with (
        StandIn(tmp_path_factory.mktemp("state"), content_faults=faults) as standin,
        ContentClient(standin.addresses.content_service_url, sleep=waits.append) as client,
    ):
        assert client.has(client.upload(b"text"))
    assert len(waits) == 2
    if faults.retry_after:
        assert waits == [3.0, 3.0]


def test_a_service_that_hangs_is_given_up() -> None:
    """When the time given to a text is over; how often it was asked, and for how long, is said."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with (
            ContentClient(f"http://127.0.0.1:{silent.getsockname()[1]}/v1/content", within=0.6) as client,
            pytest.raises(
                ServiceError, match=r"Content Service does not answer in time.*tried \d × in \d+ s"
            ),
        ):
            client.upload(b"text")
