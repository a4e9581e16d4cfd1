"""`eng5 serve`: one role, or all of them, in the foreground until a signal."""

import asyncio
import contextlib
import json
import logging
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from eng5.contracts.llm_config import LlmConfig
from eng5.contracts.wire.content_api import CONTENT_ROUTE
from eng5.errors import Eng5Error, ServiceError
from eng5.locks import Lock
from eng5.stack.bearer import TokenRules
from eng5.stack.http_servers import LOOPBACK, TokenGuard, serving
from eng5.stack.standin import Addresses, StandIn

log = logging.getLogger(__name__)

CHECK_SECONDS = 0.5
RETRY_SECONDS = 2.0
START_SECONDS = 60.0
"""How long a broker that does not answer is waited for at the start."""


class Role(StrEnum):
    """What a process is."""

    ALL = "all"
    CONTENT = "content"
    CJ = "cj"
    JUDGE = "judge"


@dataclass(frozen=True)
class ServeSettings:
    """How a process serves.

    ``kafka`` is a cluster's address; None is the mock cluster, for ``all`` only. ``token`` guards the HTTP routes
    where ``host`` is not loopback. ``content_service_url`` is where roles without a Content Service of their own find
    one. ``outbox_delay`` and ``default_budget`` are as in ``cj_core.assessing.Means``.
    """

    role: Role
    state: Path
    kafka: str | None = None
    kafka_config: Mapping[str, str] = field(default_factory=dict, repr=False)
    content_service_url: str | None = None
    host: str = LOOPBACK
    content_port: int = 0
    cj_port: int = 0
    kafka_port: int = 0
    token: str | None = field(default=None, repr=False)
    jwt_secret: str | None = field(default=None, repr=False)
    llm: LlmConfig = field(default_factory=LlmConfig)
    outbox_delay: float = 0.0
    default_budget: int | None = None
    by_share_group: bool = False


def serve(settings: ServeSettings) -> int:
    """Run until SIGINT or SIGTERM; the exit code is 0.

    When the role can be used, one line of JSON with its addresses goes to standard output. Raises what keeps it from
    going on: OSError for a full disk, ServiceError for a broker or a port, PreflightError for topics.
    """
    if settings.kafka is None and settings.role is Role.ALL:
        return _serve_standin(settings)
    asyncio.run(_Process(settings).run())
    return 0


def _serve_standin(settings: ServeSettings) -> int:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    with StandIn(
        settings.state,
        content_port=settings.content_port,
        cj_port=settings.cj_port,
        kafka_port=settings.kafka_port,
        jwt_secret=settings.jwt_secret,
        llm=settings.llm,
        outbox_delay=settings.outbox_delay,
        default_budget=settings.default_budget,
        announce=client_settings,
    ) as standin:
        _say(asdict(standin.addresses))
        while not stopping.wait(CHECK_SECONDS):
            standin.check()
    return 0


def client_settings(addresses: Addresses) -> str:
    """How a process that finds this one's state in use can use these addresses."""
    return (
        "use what it serves: set "
        f"ENG5_STACK=external KAFKA_BOOTSTRAP_SERVERS={addresses.bootstrap_servers} "
        f"CONTENT_SERVICE_URL={addresses.content_service_url} CJ_SERVICE_URL={addresses.cj_service_url}"
    )


def _say(addresses: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(addresses) + "\n")
    sys.stdout.flush()


class _Process:
    """The roles of one process around a real Kafka."""

    def __init__(self, settings: ServeSettings) -> None:
        self._settings = settings
        self._failure: Exception | None = None

    async def run(self) -> None:
        """Serve until a signal, or until something keeps it from going on, which is raised."""
        self._stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop.set)
        async with contextlib.AsyncExitStack() as stack:
            starting = asyncio.create_task(self._start(stack))
            stopping = asyncio.create_task(self._stop.wait())
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                _say({"role": self._settings.role.value, **starting.result()})
                await stopping
            else:
                starting.cancel()
                await asyncio.wait({starting})
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
        if self._failure is not None:
            raise self._failure

    async def _start(self, stack: contextlib.AsyncExitStack) -> dict[str, str]:
        settings, role = self._settings, self._settings.role
        addresses: dict[str, str] = {}
        content_url = settings.content_service_url
        if role in (Role.ALL, Role.CONTENT):
            content_url = await self._content(stack)
        if content_url is not None:
            addresses["content_service_url"] = content_url
        if role is Role.CONTENT or content_url is None:
            return addresses
        cluster = await self._cluster(stack)
        addresses |= {"bootstrap_servers": cluster.address, "cluster_id": cluster.cluster_id}
        if role in (Role.ALL, Role.CJ):
            addresses["cj_service_url"] = await self._cj(stack, cluster, content_url)
        if role in (Role.ALL, Role.JUDGE):
            await self._judge(stack, cluster, content_url)
        return addresses

    async def _content(self, stack: contextlib.AsyncExitStack) -> str:
        from eng5.stack.content_service import ContentStore, content_app

        app = content_app(ContentStore(self._settings.state / "content"))
        url = await self._http(stack, app, self._settings.content_port)
        return url + CONTENT_ROUTE

    async def _cluster(self, stack: contextlib.AsyncExitStack) -> Any:
        """The cluster, with its topics; one that is just losing or electing somebody is waited for."""
        until, told = asyncio.get_running_loop().time() + START_SECONDS, ""
        while True:
            try:
                cluster = await asyncio.to_thread(self._connect)
            except ServiceError as error:
                if asyncio.get_running_loop().time() > until:
                    raise
                if error.problem != told:
                    told = error.problem
                    log.warning("trying %s again for %.0f s: %s", error.where, START_SECONDS, told)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                stack.callback(cluster.stop)
                return cluster

    def _connect(self) -> Any:
        from eng5.clients.topic_specs import PLATFORM_TOPICS, work_topics
        from eng5.clients.topics import ensure_topics
        from eng5.stack.broker import Cluster

        kafka, config = self._settings.kafka or "", self._settings.kafka_config
        if made := ensure_topics(kafka, (*PLATFORM_TOPICS, *work_topics()), config):
            log.info("made the topics %s", ", ".join(made))
        return Cluster(kafka, config)

    async def _cj(self, stack: contextlib.AsyncExitStack, cluster: Any, content_url: str) -> str:
        from eng5.judges import LlmService
        from eng5.stack.assignments import Assignments
        from eng5.stack.cj_service import cj_app
        from eng5.stack.roles.cj import cj_service

        settings, state = self._settings, self._settings.state / "cj"
        lock = Lock(
            state / "lock",
            "the CJ service's state",
            "stop that process, or give this one a folder of its own with --state",
        )
        lock.acquire(0)
        stack.callback(lock.release)
        assignments = Assignments(state / "assignments.json")
        texts = await self._texts(stack, content_url)
        rules = TokenRules(secret=settings.jwt_secret)
        app = cj_app(assignments, texts, rules)
        url = await self._http(stack, app, settings.cj_port, "/healthz", "/admin/")
        await stack.enter_async_context(
            cj_service(
                cluster,
                state,
                assignments,
                texts,
                LlmService(settings.llm),
                self._give_up,
                outbox_delay=settings.outbox_delay,
                default_budget=settings.default_budget,
            )
        )
        return url

    async def _judge(self, stack: contextlib.AsyncExitStack, cluster: Any, content_url: str) -> None:
        from eng5.judges import LlmService
        from eng5.stack.roles.judge import judge

        texts, llm = await self._texts(stack, content_url), LlmService(self._settings.llm)
        by_share = self._settings.by_share_group
        await stack.enter_async_context(judge(cluster, texts, llm, self._give_up, by_share_group=by_share))

    async def _texts(self, stack: contextlib.AsyncExitStack, content_url: str) -> Any:
        """The texts of a Content Service, when it answers."""
        from eng5.clients.content import ContentClient
        from eng5.stack.roles.remote_texts import RemoteTexts

        texts = RemoteTexts(ContentClient(content_url, token=self._settings.token))
        stack.callback(texts.close)
        await asyncio.to_thread(texts.wait)
        return texts

    async def _http(self, stack: contextlib.AsyncExitStack, app: Any, port: int, *open_paths: str) -> str:
        settings = self._settings
        if settings.token is not None:
            app = TokenGuard(app, settings.token, open_paths or ("/healthz",))
        [url] = await stack.enter_async_context(serving((app, port), host=settings.host))
        return url

    def _give_up(self, error: Exception) -> None:
        if isinstance(error, ConnectionError) or not isinstance(error, Eng5Error | OSError):
            again = "start it again: it goes on where it stopped"
            error = ServiceError(str(error), where=self._settings.kafka, remedy=again)
        self._failure = self._failure or error
        self._stop.set()
