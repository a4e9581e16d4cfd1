"""What the judges of a process share: the limits of each provider, and open connections."""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eng5.contracts.llm_config import LlmConfig
from eng5.judges.answer_length import TokenLimit
from eng5.judges.clock import Clock
from eng5.judges.limits import Limiter
from eng5.judges.providers import Connection

if TYPE_CHECKING:
    import httpx2

log = logging.getLogger(__name__)


@dataclass
class LlmService:
    """What judges share within a process: the limits of each provider, and open connections.

    ``transport`` carries their requests in place of the network. ``study`` is where files with judges are looked
    for; without it none is loaded, as others may be asking. ``by_batch``: answers cost what they cost in a batch.
    """

    config: LlmConfig = field(default_factory=LlmConfig)
    clock: Clock = field(default_factory=Clock)
    jitter: Callable[[float, float], float] = random.uniform
    transport: "httpx2.AsyncBaseTransport | None" = None
    study: Path | None = None
    by_batch: bool = False
    _limiters: dict[str, Limiter] = field(default_factory=dict, init=False)
    _token_limits: dict[tuple[str, str, int | None], TokenLimit] = field(default_factory=dict, init=False)
    _connections: dict[tuple[Any, ...], Connection] = field(default_factory=dict, init=False)

    def limiter(self, provider: str) -> Limiter:
        """The provider's limits."""
        if provider not in self._limiters:
            self._limiters[provider] = Limiter(self.config.of(provider), self.clock)
        return self._limiters[provider]

    def connection(self, provider: str, model: str, overrides: Mapping[str, Any]) -> Connection:
        """The connection for a model and its overrides; JudgeStoppedError without key or client library."""
        key = (provider, model, *sorted(overrides.items()))
        if key not in self._connections:
            say = partial(log.warning, "%s/%s: %s", provider, model)
            self._connections[key] = Connection(
                provider, model, self.config.of(provider), say, self.transport
            )
        return self._connections[key]

    def token_limit(self, provider: str, model: str, given: int | None) -> TokenLimit:
        """How long the model's answers may be, from what its answers so far took."""
        key = (provider, model, given)
        if key not in self._token_limits:
            config = self.config.of(provider)
            self._token_limits[key] = TokenLimit(
                given, own_server=config.base_url is not None, most=config.longest_answer
            )
        return self._token_limits[key]

    async def close(self) -> None:
        """Close all connections."""
        for connection in self._connections.values():
            await connection.close()
        self._connections.clear()
