"""Why a Kafka broker cannot be used, in words and with a remedy. librdkafka knows, and says so only on the side."""

from __future__ import annotations

import logging
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eng5.errors import Eng5Error, InputError, PreflightError, ServiceError

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, KafkaException

SLICE_SECONDS = 0.5
KEPT = 200
LOGGER = "eng5.librdkafka"

ADDRESS = re.compile(r"(?:^|//)([^\s/]+:\d+)/(\w+): ")
AGAIN = "then run the same command again"


@dataclass(frozen=True)
class _Cause:
    """What a line of librdkafka means. `certain`: trying again does not help."""

    sign: str
    problem: str
    remedy: str
    kind: type[Eng5Error] = ServiceError
    certain: bool = False


CAUSES = (
    _Cause(
        r"Unsupported SASL mechanism.*mechanisms: (?P<known>[\w, -]*\w)",
        "the broker does not know this SASL mechanism; it knows {known}",
        "set ENG5_KAFKA_SASL_MECHANISM to one of these",
        PreflightError,
        certain=True,
    ),
    _Cause(
        r"not valid in current SASL state",
        "this listener asks for no password, and ENG5_KAFKA_SECURITY_PROTOCOL is set to send one",
        "set ENG5_KAFKA_SECURITY_PROTOCOL to PLAINTEXT or SSL, or give the address of the SASL listener",
        PreflightError,
        certain=True,
    ),
    _Cause(
        r"SASL authentication error|SASL [\w-]+ mechanism handshake failed",
        "the broker refuses this user or this password",
        "check ENG5_KAFKA_SASL_USERNAME and ENG5_KAFKA_SASL_PASSWORD",
        PreflightError,
        certain=True,
    ),
    _Cause(
        r"hostname mismatch|IP address mismatch|does not match",
        "the broker's certificate is for another name than this address",
        "give the address by a name that is in the certificate",
        PreflightError,
        certain=True,
    ),
    _Cause(
        r"certificate verify failed|self.signed certificate|unable to get local issuer",
        "the broker's certificate is not signed by an authority that is known here",
        "set ENG5_KAFKA_SSL_CA_LOCATION to the authority's certificate (a PEM file)",
        PreflightError,
        certain=True,
    ),
    _Cause(
        r"SSL connection closed by peer \(after \d+ms in state UP|might require SASL",
        "this listener hangs up after the TLS handshake: it wants a password",
        "set ENG5_KAFKA_SECURITY_PROTOCOL to SASL_SSL, and ENG5_KAFKA_SASL_MECHANISM, _USERNAME and _PASSWORD",
        PreflightError,
    ),
    _Cause(
        r"connecting to a PLAINTEXT broker|SSL connection closed by peer|wrong version number",
        "this listener does not speak TLS, and ENG5_KAFKA_SECURITY_PROTOCOL wants it",
        "set ENG5_KAFKA_SECURITY_PROTOCOL to PLAINTEXT or SASL_PLAINTEXT, or give the address of the TLS listener",
    ),
    _Cause(
        r"closed by peer.*in state APIVERSION|connecting to a SSL listener|verify that security.protocol",
        "this listener hangs up on clients that speak {protocol}: it wants TLS, or a password, or both",
        "set ENG5_KAFKA_SECURITY_PROTOCOL to SSL or SASL_SSL (and ENG5_KAFKA_SASL_*), or give the address of another "
        "listener",
    ),
    _Cause(
        r"Failed to resolve",
        "the Kafka broker cannot be reached: its name is not known here",
        f"check the address, {AGAIN}",
    ),
)


class Troubles:
    """What librdkafka said on the side since the client began. `settings` belong into the client's configuration."""

    def __init__(self, bootstrap: str, protocol: str = "PLAINTEXT") -> None:
        self.bootstrap = bootstrap
        self.protocol = protocol
        self.lines: deque[str] = deque(maxlen=KEPT)
        # A logger of this client's own: it keeps every line, whatever the log of the run is told to keep.
        logger = logging.Logger(LOGGER)
        logger.addHandler(_Keeper(self.lines))
        self.settings: Mapping[str, Any] = {
            "bootstrap.servers": bootstrap,
            "logger": logger,
            "error_cb": lambda error: self.lines.append(error.str()),
        }

    def cause(self) -> tuple[_Cause, dict[str, str]] | None:
        """The first cause that explains what was said, with the words that it needs."""
        for cause in CAUSES:
            for line in reversed(self.lines):
                found = re.search(cause.sign, line, re.IGNORECASE)
                if found:
                    return cause, {"protocol": self.protocol, **found.groupdict()}
        return None

    def named_elsewhere(self) -> str | None:
        """The address of a broker that the cluster names, that is not ours, and at which nobody answers."""
        ours = {one.strip() for one in self.bootstrap.split(",")}
        for line in reversed(self.lines):
            found = ADDRESS.search(line)
            if found and "onnect" in line and found[2] != "bootstrap" and found[1] not in ours:
                return found[1]
        return None

    def wait_for(self, ask: Callable[[float], Any], serve: Callable[[], object], seconds: float) -> Any:
        """`ask(timeout)`, again until it is answered or `seconds` have passed; at once when the cause is certain.

        `serve` lets librdkafka say what it has to say.
        """
        from confluent_kafka import KafkaException

        serve()
        self.lines.clear()
        until = time.monotonic() + seconds
        while True:
            try:
                return ask(min(SLICE_SECONDS, seconds))
            except KafkaException as error:
                serve()
                cause = self.cause()
                if time.monotonic() >= until or (cause and cause[0].certain):
                    raise failure_of(error, self) from None


class _Keeper(logging.Handler):
    """Keeps the messages of log records, and hands them on to whoever listens to the library; never to the terminal."""

    def __init__(self, lines: deque[str]) -> None:
        super().__init__()
        self._lines = lines
        self._library = logging.getLogger(LOGGER)
        if not self._library.handlers:
            self._library.addHandler(logging.NullHandler())
            self._library.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())
        if self._library.isEnabledFor(record.levelno):
            self._library.handle(record)


def failure_of(error: KafkaException, troubles: Troubles, *, topic: str | None = None) -> Eng5Error:
    """What a failed call means: who must act, and how."""
    from confluent_kafka import KafkaError

    reason: KafkaError = error.args[0]
    if reason.code() in (KafkaError._INVALID_ARG, KafkaError._CONFLICT):
        return bad_setting(error)
    if refusal := refused(reason, troubles.bootstrap, topic):
        return refusal
    known = troubles.cause()
    if known:
        cause, words = known
        return cause.kind(cause.problem.format(**words), where=troubles.bootstrap, remedy=cause.remedy)
    if elsewhere := troubles.named_elsewhere():
        return ServiceError(
            f"the cluster answers, and names a broker at {elsewhere}, which cannot be reached from here",
            where=troubles.bootstrap,
            remedy="check that this broker runs; if it does, its advertised.listeners has to name an address that "
            f"can be reached from here; {AGAIN}",
        )
    telling = [line for line in troubles.lines if "brokers are down" not in line]
    said = f"; {telling[-1]}" if telling else ""
    return ServiceError(
        f"the Kafka broker cannot be reached ({reason.str()}{said})",
        where=troubles.bootstrap,
        remedy=f"check that it runs and that the address is right (`eng5 doctor`), {AGAIN}",
    )


def refused(reason: KafkaError, bootstrap: str, topic: str | None) -> Eng5Error | None:
    """An access control list that refuses this client; None for every other reason."""
    from confluent_kafka import KafkaError

    if reason.code() not in (
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        # Of a producer: it may write to no topic at all.
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    ):
        return None
    resource = f"--topic {topic}" if topic else "--cluster"
    return PreflightError(
        f"this client has no right to use {f'the topic {topic}' if topic else 'the cluster'} ({reason.str()})",
        where=bootstrap,
        remedy=f"kafka-acls.sh --bootstrap-server {bootstrap} --add --allow-principal User:NAME "
        f"--operation Read --operation Write --operation Describe --operation DescribeConfigs {resource}",
    )


def bad_setting(error: Exception) -> InputError:
    """librdkafka refuses its configuration."""
    return InputError(
        f"a Kafka setting is refused ({error.args[0].str()})",
        remedy="correct ENG5_KAFKA_* or the file of ENG5_KAFKA_PROPERTIES",
    )
