"""The whole stand-in in one process: broker, Content Service and CJ service, on loopback."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from eng5.errors import ServiceError
from eng5.files import write_bytes
from eng5.locks import Lock
from eng5.stack.bearer import TokenRules

if TYPE_CHECKING:
    from eng5.contracts.llm_config import LlmConfig
    from eng5.stack.batching import Batching
    from eng5.stack.faults import HttpFaults

log = logging.getLogger(__name__)

START_SECONDS = 30.0
LOCK_SECONDS = 30.0
STOP_SECONDS = 10.0
KEPT_CLUSTER_IDS = 1000


@dataclass(frozen=True)
class Addresses:
    """Where the stand-in can be reached."""

    bootstrap_servers: str
    content_service_url: str
    cj_service_url: str
    cluster_id: str


class StandIn:
    """Starts in the background when it is entered, stops when it is left.

    ``state_dir`` keeps everything but the broker's messages; one process at a time may use it, and
    another waits ``lock_timeout`` seconds for it. A port of 0 is a free one. ``jwt_secret`` signs the
    tokens of the admin routes, which refuse everybody without it. ``llm`` is how LLM judges reach
    their providers, ``study`` the folder from which files with judges are loaded. ``outbox_delay`` and
    ``default_budget`` are as in ``cj_core.assessing.Means``.
    ``announce`` makes the settings with which another process can use this stand-in, for those who find it in use.

    Raises RunLockedError when the state is in use, ServiceError when a port is.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        content_port: int = 0,
        cj_port: int = 0,
        kafka_port: int = 0,
        jwt_secret: str | None = None,
        content_faults: "HttpFaults | None" = None,
        cj_faults: "HttpFaults | None" = None,
        llm: "LlmConfig | None" = None,
        study: Path | None = None,
        lock_timeout: float = LOCK_SECONDS,
        outbox_delay: float = 0.0,
        default_budget: int | None = None,
        announce: Callable[[Addresses], str] | None = None,
    ) -> None:
        self._state = state_dir
        self._ports = {"content": content_port, "cj": cj_port, "kafka": kafka_port}
        self._rules = TokenRules(secret=jwt_secret)
        self._faults: Mapping[str, HttpFaults | None] = {"content": content_faults, "cj": cj_faults}
        self._llm = llm
        self._study = study
        self._lock = Lock(
            state_dir / "lock",
            "the stand-in's state",
            "wait until that command has ended, or stop it; `eng5 serve` can be used by several",
        )
        self._lock_timeout = lock_timeout
        self._outbox_delay = outbox_delay
        self._default_budget = default_budget
        self._announce = announce
        self._addresses: Addresses | None = None
        self._failure: BaseException | None = None
        self._batching: Batching | None = None
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    @property
    def addresses(self) -> Addresses:
        """Where it can be reached; RuntimeError before it has started."""
        if self._addresses is None:
            raise RuntimeError("the stand-in has not been started")
        return self._addresses

    def start(self) -> Addresses:
        """Start everything and return when it can be used."""
        self._lock.acquire(self._lock_timeout)
        self._thread = threading.Thread(target=self._run, name="eng5-standin", daemon=True)
        self._thread.start()
        self._ready.wait(START_SECONDS)
        if self._addresses is None:
            self.stop()
            raise self._failure or ServiceError("the stand-in did not start in time", where=self._state)
        if self._announce is not None:
            self._lock.announce(self._announce(self._addresses))
        return self._addresses

    def stop(self) -> None:
        """Stop everything; a second call does nothing."""
        if self._thread is None:
            return
        if self._loop is not None and self._stop is not None and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(STOP_SECONDS)
        self._thread = None
        self._addresses = None
        self._lock.release()

    def check(self) -> None:
        """Raise what keeps the stand-in from going on, if anything does."""
        if self._failure is not None:
            raise self._failure

    def waiting_for(self) -> str | None:
        """The batches at providers that are waited for, in words; None when there is none."""
        return None if self._batching is None else self._batching.waiting_for()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()

    def _give_up(self, error: Exception) -> None:
        self._failure = error
        log.error("the stand-in with its state under %s cannot go on: %s", self._state, error)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            if self._ready.is_set():
                log.exception("the stand-in stopped")
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        from eng5.contracts.llm_config import LlmConfig
        from eng5.judges import LlmService
        from eng5.judges.human import PanelRecord
        from eng5.judges.ledger import LEDGER_FILE, FileLedger
        from eng5.stack.assignments import Assignments
        from eng5.stack.batching import Batching, goes_by_batch
        from eng5.stack.broker import Broker
        from eng5.stack.cj_core.assessing import Means
        from eng5.stack.cj_core.batch import BatchRecords
        from eng5.stack.cj_core.judging import AskHere
        from eng5.stack.cj_core.service import CJService
        from eng5.stack.cj_service import cj_app
        from eng5.stack.content_service import ContentStore, content_app
        from eng5.stack.forwarder import forward
        from eng5.stack.http_servers import LOOPBACK, port_errors, serving
        from eng5.stack.partition_memory import PartitionMemory
        from eng5.stack.request_reader import RequestReader

        async def asking(request: Any, setting: Any, judge: Any, content: Any) -> Any:
            await asyncio.to_thread(ledger.load)
            if goes_by_batch(request, setting):
                return batching.asking(request, setting)
            return AskHere(judge, request.batch_id)

        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with contextlib.AsyncExitStack() as stack:
            content = ContentStore(self._state / "content")
            assignments = Assignments(self._state / "assignments.json")
            apps = {"content": content_app(content), "cj": cj_app(assignments, content, self._rules)}
            content_url, cj_url = await stack.enter_async_context(
                serving(*((self._with_faults(name, app), self._ports[name]) for name, app in apps.items()))
            )
            broker = Broker(self._used_cluster_ids())
            stack.callback(broker.stop)
            self._note_cluster_id(broker.cluster_id)
            memory = PartitionMemory(broker)
            stack.callback(memory.close)
            records = BatchRecords(self._state)
            stack.callback(records.close)
            ledger = FileLedger(self._state / LEDGER_FILE)
            stack.callback(ledger.close)
            llm = LlmService(self._llm or LlmConfig(), study=self._study)
            batching = Batching(llm, self._state, ledger)
            stack.push_async_callback(batching.close)
            self._batching = batching
            means = Means(
                broker=broker,
                records=records,
                ledger=ledger,
                asking=asking,
                outlet=memory.produce,
                assignments=assignments,
                texts=content,
                llm=llm,
                outbox_delay=self._outbox_delay,
                default_budget=self._default_budget,
                panel=lambda batch: PanelRecord(self._state, batch),
            )
            service = CJService(means, self._state / "quarantine.jsonl", self._give_up)
            stack.push_async_callback(service.close)
            reader = RequestReader(broker, service.submit, self._loop)
            stack.callback(reader.stop)
            bootstrap = broker.address
            if port := self._ports["kafka"]:
                with port_errors(LOOPBACK, port):
                    forwarder = await forward(LOOPBACK, port, broker.port)
                stack.callback(forwarder.close)
                bootstrap = f"{LOOPBACK}:{port}"
            self._addresses = Addresses(bootstrap, f"{content_url}/v1/content", cj_url, broker.cluster_id)
            self._ready.set()
            await self._stop.wait()

    def _with_faults(self, name: str, app: Any) -> Any:
        from eng5.stack.faults import FaultyApp

        faults = self._faults[name]
        return app if faults is None else FaultyApp(app, faults)

    def _used_cluster_ids(self) -> frozenset[str]:
        path = self._state / "cluster_ids"
        return frozenset(path.read_text(encoding="utf-8").split()) if path.exists() else frozenset()

    def _note_cluster_id(self, cluster_id: str) -> None:
        path = self._state / "cluster_ids"
        known = path.read_text(encoding="utf-8").split() if path.exists() else []
        lines = [*known, cluster_id][-KEPT_CLUSTER_IDS:]
        write_bytes(path, "\n".join(lines).encode())
