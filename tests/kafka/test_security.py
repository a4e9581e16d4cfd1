"""A real broker that will not have us: every reason has its own message, and says what to set."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)

from eng5.clients import kafka_cluster
from eng5.clients.kafka import KafkaClient
from eng5.contracts.wire.topics import CJ_REQUESTED, RESULT_TOPICS
from eng5.errors import Eng5Error, InputError, PreflightError, ServiceError
from tests.kafka.batch import Batch, Platform
from tests.kafka.cluster import Cluster

pytestmark = pytest.mark.kafka


@pytest.fixture(autouse=True, scope="module")
def fresh_topics(kafka: Cluster) -> None:
    """Whatever another test has left."""
    kafka.fresh()


WRONG: dict[str, tuple[Callable[[Cluster], str], Mapping[str, str | None], type[Eng5Error], str, str]] = {
    "password": (
        lambda kafka: kafka.secure, {"sasl.password": "secret-but-wrong"},
        PreflightError, "refuses this user or this password", "ENG5_KAFKA_SASL_PASSWORD",
    ),
    "no certificate of the authority": (
        lambda kafka: kafka.secure, {"ssl.ca.location": None},
        PreflightError, "not signed by an authority that is known", "ENG5_KAFKA_SSL_CA_LOCATION",
    ),
    "a certificate that is not there": (
        lambda kafka: kafka.secure, {"ssl.ca.location": "/no/such/ca.pem"},
        InputError, r"setting is refused.*ssl\.ca\.location", "ENG5_KAFKA_*",
    ),
    "mechanism": (
        lambda kafka: kafka.secure, {"sasl.mechanism": "SCRAM-SHA-256"},
        PreflightError, "does not know this SASL mechanism; it knows PLAIN", "ENG5_KAFKA_SASL_MECHANISM",
    ),
    "plaintext to a TLS port": (
        lambda kafka: kafka.secure, {"security.protocol": "PLAINTEXT"},
        ServiceError, "hangs up on clients that speak PLAINTEXT", "ENG5_KAFKA_SECURITY_PROTOCOL",
    ),
    "TLS without a password": (
        lambda kafka: kafka.secure, {"security.protocol": "SSL"},
        PreflightError, "it wants a password", "SASL_SSL",
    ),
    "TLS to a plain port": (
        lambda kafka: kafka.bootstrap, {},
        ServiceError, "does not speak TLS", "ENG5_KAFKA_SECURITY_PROTOCOL",
    ),
    "a password for a port that asks for none": (
        lambda kafka: kafka.bootstrap, {"security.protocol": "SASL_PLAINTEXT"},
        PreflightError, "asks for no password", "ENG5_KAFKA_SECURITY_PROTOCOL",
    ),
    "an advertised address where nobody is": (
        lambda kafka: kafka.lost, {"security.protocol": "PLAINTEXT"},
        ServiceError, r"names a broker at 127\.0\.0\.1:1, which cannot be reached", "advertised.listeners",
    ),
    "a name that is not known": (
        lambda kafka: "no-such-host.invalid:9092", {"security.protocol": "PLAINTEXT"},
        ServiceError, "its name is not known here", "check the address",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_setting_has_its_own_message(
    kafka: Cluster, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kind of error, what is wrong, and what to set; the password is in none of it.

    What tells nothing for certain is waited for a second, and for longer where the broker has not answered by then.
    """
    address, changes, kind, problem, remedy = WRONG[case]
    config = {name: value for name, value in {**kafka.credentials(), **changes}.items() if value is not None}
    for seconds in (1.0, 10.0, 100.0):
        monkeypatch.setattr(kafka_cluster, "METADATA_SECONDS", seconds)
        with KafkaClient(address(kafka), config=config) as client, pytest.raises(Eng5Error) as caught:
            client.end_offsets([CJ_REQUESTED])
        if re.search(problem, str(caught.value)):
            break
    assert isinstance(caught.value, kind) and re.search(problem, str(caught.value))
    assert caught.value.remedy is not None and remedy in caught.value.remedy
    assert "secret" not in str(caught.value)


def allow(kafka: Cluster, user: str, *operations: AclOperation) -> None:
    """Give a user these rights on every topic of the platform."""
    kafka.admin.create_acls(
        [
            AclBinding(
                ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, f"User:{user}", "*", operation,
                AclPermissionType.ALLOW,
            )
            for topic in (CJ_REQUESTED, *RESULT_TOPICS)
            for operation in operations
        ]
    )  # fmt: skip


@pytest.fixture
def rights(kafka: Cluster) -> Iterator[None]:
    """What a test allows is taken back, so that the next one finds a guest without rights."""
    yield
    anything: Any = None
    every = AclBindingFilter(
        ResourceType.ANY,
        anything,
        ResourcePatternType.ANY,
        anything,
        anything,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    for future in kafka.admin.delete_acls([every]).values():
        future.result()


@pytest.mark.usefixtures("rights")
def test_rights(kafka: Cluster, tmp_path: Path) -> None:
    """Without any, the topic is named; with Describe and Read one may not publish; with Write a batch goes through.

    No right to a consumer group is needed.
    """
    kafka.fresh()
    batch = Batch(tmp_path, kafka.secure, kafka.credentials("guest"))
    with pytest.raises(PreflightError, match="no right to use the topic huleedu") as caught:
        batch.publish()
    assert caught.value.remedy is not None and "kafka-acls.sh" in caught.value.remedy
    allow(kafka, "guest", AclOperation.DESCRIBE, AclOperation.READ)
    kafka.until(lambda: _publishing_is_refused(batch, f"no right to use the topic {CJ_REQUESTED}"))
    allow(kafka, "guest", AclOperation.WRITE)
    kafka.until(lambda: not _publishing_is_refused(batch, "no right"))
    Platform(kafka).answer(batch, batch.callbacks(50))
    batch.capture()
    assert len(batch.fold().rows) == 50


def _publishing_is_refused(batch: Batch, match: str) -> bool:
    """Whether it is, with these words. Rights take a moment to arrive at the broker."""
    try:
        batch.publish()
    except PreflightError as refusal:
        return match in str(refusal) and CJ_REQUESTED in str(refusal)
    return False


def test_a_batch_over_tls_with_a_password(kafka: Cluster, tmp_path: Path) -> None:
    """SASL over TLS, from the request to the last callback."""
    kafka.fresh()
    batch = Batch(tmp_path, kafka.secure, kafka.credentials())
    batch.publish()
    Platform(kafka).answer(batch, batch.callbacks(200))
    batch.capture()
    assert len(batch.fold().rows) == 200
