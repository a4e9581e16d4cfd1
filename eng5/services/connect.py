"""Where the services of this process are: the stand-in, started when first needed, or given addresses."""

from __future__ import annotations

import atexit
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from eng5.contracts.credentials import Credentials
from eng5.contracts.estimate import RunEstimate
from eng5.contracts.platform import PlatformSettings
from eng5.environment import (
    DEFAULT_CONTENT_SERVICE_URL,
    DEFAULT_KAFKA_BOOTSTRAP,
    content_seconds,
    llm_settings,
)
from eng5.errors import PreflightError, ServiceError
from eng5.paths import ProjectPaths

if TYPE_CHECKING:
    from eng5.clients.cj_admin import CJAdminClient
    from eng5.clients.content import ContentClient
    from eng5.clients.kafka import KafkaClient
    from eng5.stack.standin import StandIn

EMBEDDED = "embedded"
SECONDS_BETWEEN_CHECKS = 30.0
OUTAGE_SECONDS = 300.0


class TextsById:
    """Texts by storage id, as the stand-in reads them."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def text(self, storage_id: str) -> str | None:
        return self._texts.get(storage_id)


class PlatformServices:
    """Clients of the platform at given addresses."""

    def __init__(self, platform: PlatformSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._platform = platform
        self._clock = clock
        self._cluster: str | None = None
        self._asked = self._seen = 0.0
        self._trouble: str | None = None

    def content(self) -> ContentClient:
        from eng5.clients.content import ContentClient

        return ContentClient(
            self._platform.content_service_url or DEFAULT_CONTENT_SERVICE_URL,
            token=self._serve_token(),
            within=content_seconds(),
        )

    def broker(self) -> KafkaClient:
        from eng5.clients.kafka import KafkaClient

        return KafkaClient(
            self._platform.kafka_bootstrap or DEFAULT_KAFKA_BOOTSTRAP,
            client_id=self._platform.kafka_client_id,
            config=self._platform.kafka_config,
        )

    def cj_admin(self, credentials: Credentials, *, org_id: str | None = None) -> CJAdminClient:
        from eng5.clients.auth import bearer
        from eng5.clients.cj_admin import CJAdminClient

        if not self._platform.cj_service_url:
            raise PreflightError(
                "no address of the CJ service", remedy="set CJ_SERVICE_URL or give --cj-service-url"
            )
        return CJAdminClient(
            self._platform.cj_service_url,
            lambda: bearer(credentials, org_id=org_id),
            serve_token=self._serve_token(),
        )

    def _serve_token(self) -> str | None:
        token = self._platform.serve_token
        return None if token is None else token.get_secret_value()

    def check(self) -> str | None:
        """Ask the broker, every half minute of waiting, whether it is there and still the same; what is wrong with it.

        One that was there before may be away for some minutes: it keeps what it has, and comes back.

        Raises:
            ServiceError: it cannot be reached, or another one answers, which has none of the batch's messages.
        """
        if self._cluster is not None and self._clock() - self._asked < SECONDS_BETWEEN_CHECKS:
            return self._trouble
        began = self._clock()
        self._asked, self._trouble = began, None
        try:
            with self.broker() as broker:
                cluster = broker.cluster_id()
        except ServiceError as error:
            if self._cluster is None or began - self._seen > OUTAGE_SECONDS:
                raise
            self._trouble = error.problem
            return self._trouble
        if self._cluster not in (None, cluster):
            raise ServiceError(
                f"the broker is another cluster now ({cluster} in place of {self._cluster})",
                where=self._platform.kafka_bootstrap,
                remedy="run the same command again: the request is published there",
            )
        self._cluster, self._seen = cluster, began
        return None

    def waiting_for(self) -> str | None:
        """The platform does not say whether it asks by batch."""
        return None

    def stop(self) -> None:
        """Nothing: the platform goes on without us."""


class EmbeddedServices:
    """Clients of the stand-in, which starts on loopback with the first of them and stops with the process."""

    def __init__(self, project: ProjectPaths) -> None:
        self._project = project
        self._standin: StandIn | None = None
        self._secret = secrets.token_hex(32)
        self._starting = threading.Lock()

    def content(self) -> ContentClient:
        from eng5.clients.content import ContentClient

        return ContentClient(self._started().addresses.content_service_url, address=EMBEDDED)

    def broker(self) -> KafkaClient:
        from eng5.clients.kafka import KafkaClient

        return KafkaClient(self._started().addresses.bootstrap_servers)

    def cj_admin(self, credentials: Credentials, *, org_id: str | None = None) -> CJAdminClient:
        """The stand-in gets a token of its own; `credentials` are the platform's and stay here."""
        from pydantic import SecretStr

        from eng5.clients.auth import bearer
        from eng5.clients.cj_admin import CJAdminClient

        own = Credentials(jwt_secret=SecretStr(self._secret))
        return CJAdminClient(self._started().addresses.cj_service_url, lambda: bearer(own, org_id=org_id))

    def check(self) -> str | None:
        """What is waited for at a provider; raises what keeps the stand-in from going on, such as a full disk."""
        if self._standin is not None:
            self._standin.check()
        return self.waiting_for()

    def waiting_for(self) -> str | None:
        """The batches at providers that are waited for, in words; None when there is none."""
        return None if self._standin is None else self._standin.waiting_for()

    def stop(self) -> None:
        """Stop the stand-in; the next client starts it again."""
        with self._starting:
            if self._standin is not None:
                self._standin.stop()
                self._standin = None

    def _started(self) -> StandIn:
        from eng5.stack.standin import StandIn

        with self._starting:
            if self._standin is None:
                standin = StandIn(
                    self._project.stack, jwt_secret=self._secret, llm=llm_settings(), study=self._project.root
                )
                standin.start()
                self._standin = standin
                atexit.register(self.stop)
            return self._standin


def estimator(
    project: ProjectPaths, platform: PlatformSettings
) -> Callable[[bytes, Mapping[str, str]], RunEstimate]:
    """What says how much a request would ask and cost, given its texts by storage id. Nothing is started for it.

    For the platform it is reckoned as the stand-in would ask, with no verdict kept.
    """
    from eng5.stack.estimate import estimate

    state = project.stack if platform.stack == EMBEDDED else project.stack / "none"
    return lambda event, texts: estimate(event, TextsById(texts), state, llm_settings(), project.root)


_embedded: dict[ProjectPaths, EmbeddedServices] = {}


def services_of(project: ProjectPaths, platform: PlatformSettings) -> EmbeddedServices | PlatformServices:
    """The platform for `external`; for `embedded` the one stand-in that this process has for the project."""
    if platform.stack != EMBEDDED:
        return PlatformServices(platform)
    return _embedded.setdefault(project, EmbeddedServices(project))


def batches_under_way() -> str | None:
    """The batches at providers that this process waits for, in words; None when there is none."""
    return "; ".join(filter(None, (one.waiting_for() for one in _embedded.values()))) or None
