"""What librdkafka says on the side, in words; tests/kafka shows it for a real broker."""

from __future__ import annotations

import logging

import pytest
from confluent_kafka import KafkaError, KafkaException

from eng5.clients.kafka_errors import LOGGER, Troubles, failure_of
from eng5.errors import PreflightError, ServiceError

TIMED_OUT = KafkaException(KafkaError(KafkaError._TIMED_OUT))


def troubles(*lines: str, bootstrap: str = "kafka:9092") -> Troubles:
    one = Troubles(bootstrap)
    one.lines.extend(lines)
    return one


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        (
            "sasl_ssl://kafka:9092/bootstrap: SASL authentication error: Authentication failed",
            PreflightError, "this user or this password",
        ),
        (
            "sasl_ssl://kafka:9092/bootstrap: SASL GSSAPI mechanism handshake failed: Broker: Unsupported SASL "
            "mechanism: broker's supported mechanisms: PLAIN,SCRAM-SHA-512 (after 3ms in state AUTH_HANDSHAKE)",
            PreflightError, "it knows PLAIN,SCRAM-SHA-512",
        ),
        ("ssl://kafka:9092/bootstrap: SSL handshake failed: certificate verify failed", PreflightError, "authority"),
        ("ssl://kafka:9092/bootstrap: SSL handshake failed: Hostname mismatch", PreflightError, "another name"),
        ("kafka:9092/1: Connect to ipv4#10.0.0.1:9092 failed: Connection refused", ServiceError, "cannot be reached"),
        (
            "other:9092/2: Connect to ipv4#10.0.0.2:9092 failed: Connection refused",
            ServiceError, "names a broker at other:9092",
        ),
        ("", ServiceError, "cannot be reached"),
    ],
)  # fmt: skip
def test_a_line_and_what_it_means(line: str, kind: type[Exception], words: str) -> None:
    """A line that is not known leaves the address to be checked, and is shown."""
    with pytest.raises(kind, match=words):
        raise failure_of(TIMED_OUT, troubles(line))


def test_a_certain_cause_is_not_waited_for() -> None:
    """A wrong password stays wrong: the first answer ends it."""
    one, asked = Troubles("kafka:9092"), 0

    def ask(seconds: float) -> None:
        nonlocal asked
        asked += 1
        one.lines.append("kafka:9092/bootstrap: SASL authentication error: Authentication failed")
        raise TIMED_OUT

    with pytest.raises(PreflightError):
        one.wait_for(ask, lambda: None, 60)
    assert asked == 1


def test_lines_go_to_the_log_of_the_run_and_not_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    """Whoever listens to the library's logger hears every client; without a listener nothing is printed."""
    one = Troubles("kafka:9092")
    one.settings["logger"].error("broker said %s", "no")
    one.settings["logger"].info("the connection was closed")
    heard: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    listener = Listener()
    logging.getLogger(LOGGER).addHandler(listener)
    one.settings["logger"].error("broker said %s", "yes")
    logging.getLogger(LOGGER).removeHandler(listener)
    assert heard == ["broker said yes"]
    assert list(one.lines) == ["broker said no", "the connection was closed", "broker said yes"]
    assert capfd.readouterr() == ("", "")
