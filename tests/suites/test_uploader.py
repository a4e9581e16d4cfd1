"""What a store of texts does, shown for the fake of the tests and for the client against the stand-in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eng5.clients.content import ContentClient
from eng5.errors import ServiceError
from eng5.protocols import ContentUploaderProtocol
from eng5.stack.standin import StandIn
from tests.fakes import FakeContent


@pytest.fixture(scope="module", params=["fake", "stand-in"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ContentUploaderProtocol]:
    if request.param == "fake":
        yield FakeContent()
        return
    with (
        StandIn(tmp_path_factory.mktemp("state")) as standin,
        ContentClient(standin.addresses.content_service_url, sleep=lambda seconds: None) as client,
    ):
        yield client


def test_it_is_an_uploader(store: ContentUploaderProtocol) -> None:
    """It has the methods that the steps use, and an address."""
    assert isinstance(store, ContentUploaderProtocol)
    assert store.address.startswith("http://")


def test_what_was_uploaded_is_there(store: ContentUploaderProtocol) -> None:
    """An id of 32 hexadecimal digits, known from then on."""
    storage_id = store.upload("Skåne".encode())
    assert len(storage_id) == 32
    assert int(storage_id, 16) >= 0
    assert store.has(storage_id)


def test_the_same_text_gets_another_id(store: ContentUploaderProtocol) -> None:
    """The service does not compare texts; whoever wants each once has to remember the ids."""
    assert store.upload(b"same") != store.upload(b"same")


@pytest.mark.parametrize("storage_id", ["0" * 32, "unknown", "../../etc/passwd"])
def test_an_unknown_id_is_not_there(store: ContentUploaderProtocol, storage_id: str) -> None:
    """Neither a lost id nor a malformed one is an error."""
    assert not store.has(storage_id)


def test_nothing_cannot_be_uploaded(store: ContentUploaderProtocol) -> None:
    """An empty text is refused."""
    with pytest.raises(ServiceError):
        store.upload(b"")
