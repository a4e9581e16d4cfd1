"""The judge that is an LLM: asks, reads the answer, asks again what is not valid, and counts the cost.

How a request is retried: a failure of the provider waits as long as `Retry-After` says, or with exponential
back-off and jitter, `attempts` times; many failures in a row open the circuit breaker of `limits`. An answer that
is not valid is asked again `reasks` times, with what was wrong with its form, then recorded as an error with its
text. A key that is refused, an exhausted account and an unknown model stop the batch.
"""

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eng5.contracts.llm_config import LlmConfig, LlmProviderConfig
from eng5.judges.answer import FORMAT_VERSION, Answer, InvalidAnswerError, answer_schema, read_answer
from eng5.judges.limits import Clock, Limiter, ProviderDownError
from eng5.judges.prices import Usage, cost_usd
from eng5.judges.protocol import JudgeStoppedError, Outcome, Verdict
from eng5.judges.providers import Connection, ModelTurn, ProviderFailedError, Reply, RequestRejectedError
from eng5.judges.question import Question, Setting

if TYPE_CHECKING:
    import httpx2
    from tenacity import RetryCallState

log = logging.getLogger(__name__)

LONGEST_WAIT = 600.0
"""Seconds that a provider may ask us to wait before we rather record the failure."""

LONGEST_BACKOFF = 60.0
CHARACTERS_PER_TOKEN = 4
ANSWER_TOKENS = 150
"""What an answer takes, for the token limit, before it is known."""

REASK = """\
That is not a valid answer: {problem}. Answer the same question again with one JSON object and nothing else, \
with the fields "winner", "justification" and "confidence" as described."""

OVERRIDES = ("temperature", "max_tokens", "reasoning_effort", "output_verbosity")


@dataclass
class LlmService:
    """What LLM judges share within a process: the limits of each provider, and open connections.

    ``transport`` carries their requests in place of the network.
    """

    config: LlmConfig = field(default_factory=LlmConfig)
    clock: Clock = field(default_factory=Clock)
    jitter: Callable[[float, float], float] = random.uniform
    transport: "httpx2.AsyncBaseTransport | None" = None
    _limiters: dict[str, Limiter] = field(default_factory=dict, init=False)
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

            def say(text: str) -> None:
                log.warning("%s/%s: %s", provider, model, text)

            config = self.config.of(provider)
            self._connections[key] = Connection(provider, model, config, say, self.transport)
        return self._connections[key]

    async def close(self) -> None:
        """Close all connections."""
        for connection in self._connections.values():
            await connection.close()
        self._connections.clear()


class LlmJudge:
    """The judge of one batch."""

    version = f"llm-1.{FORMAT_VERSION}"

    def __init__(self, setting: Setting, service: LlmService) -> None:
        self._setting = setting
        self._service = service
        self._config: LlmProviderConfig = service.config.of(setting.provider)
        self._overrides = {name: value for name in OVERRIDES if (value := getattr(setting, name)) is not None}
        self._schema = answer_schema(allow_ties=setting.allow_ties)
        self.concurrency = self._config.concurrency

    def deciding_parameters(self, essay_a_id: str, essay_b_id: str) -> Mapping[str, Any]:
        """The server, when it is not the vendor's own: models of one name on two servers are not the same."""
        return {"base_url": self._config.base_url, "allow_ties": self._setting.allow_ties}

    async def judge(self, question: Question) -> Verdict:
        """The verdict; an error outcome when the provider or the answers failed for good.

        Raises JudgeStoppedError when no further question can be answered.
        """
        first = ModelTurn("user", question.user_text, _constant_part(question))
        turns = [first]
        replies: list[Reply] = []
        problem = ""
        for _ in range(self._config.reasks + 1):
            try:
                reply = await self._reply(turns)
            except (ProviderFailedError, RequestRejectedError) as error:
                return self._failed(replies, error.code, str(error))
            replies.append(reply)
            try:
                answer = read_answer(reply.text, allow_ties=self._setting.allow_ties)
            except InvalidAnswerError as error:
                problem = str(error)
            else:
                return self._answered(replies, answer)
            if reply.text.strip():
                again = ModelTurn("user", REASK.format(problem=problem))
                turns = [first, ModelTurn("assistant", reply.text), again]
        last = replies[-1]
        reason = f" (the model stopped for: {last.finish_reason})" if last.finish_reason != "stop" else ""
        return self._failed(replies, "LLM_INVALID_RESPONSE", f"no valid answer: {problem}{reason}")

    async def _reply(self, turns: Sequence[ModelTurn]) -> Reply:
        """A reply, however often the provider has to be asked for it."""
        from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

        attempts = AsyncRetrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_attempt(self._config.attempts),
            wait=self._wait,
            sleep=self._service.clock.sleep,
            reraise=True,
        )
        return await attempts(self._ask_once, turns)

    async def _ask_once(self, turns: Sequence[ModelTurn]) -> Reply:
        limiter = self._service.limiter(self._setting.provider)
        connection = self._connection()
        async with limiter.slots:
            try:
                probe = await limiter.breaker.admit()
            except ProviderDownError as error:
                raise JudgeStoppedError(
                    "CIRCUIT_BREAKER_OPEN", f"{self._setting.provider} does not answer: {error}"
                ) from None
            try:
                estimate = sum(len(turn.text) for turn in turns) / CHARACTERS_PER_TOKEN + ANSWER_TOKENS
                await limiter.admit(estimate)
                reply = await connection.ask(
                    self._setting.system_prompt, turns, self._overrides, self._schema
                )
            except (RequestRejectedError, JudgeStoppedError):
                limiter.breaker.report(None, probe=probe)
                raise
            except ProviderFailedError as failure:
                answered = failure.code == "LLM_PROVIDER_RATE_LIMIT"
                limiter.breaker.report(None if answered else str(failure), probe=probe)
                if failure.retry_after is not None and failure.retry_after <= LONGEST_WAIT:
                    limiter.pause(failure.retry_after)
                raise
            except BaseException:
                limiter.breaker.drop(probe=probe)
                raise
            limiter.breaker.report(None, probe=probe)
            limiter.used(estimate, reply.usage.prompt + reply.usage.completion)
            return reply

    def _wait(self, state: "RetryCallState") -> float:
        """Seconds before the next attempt: at least what the provider asked for."""
        failure = state.outcome.exception() if state.outcome else None
        backoff = min(LONGEST_BACKOFF, 2.0 ** (state.attempt_number - 1))
        jittered = self._service.jitter(backoff / 2, backoff)
        asked = getattr(failure, "retry_after", None)
        return jittered if asked is None else asked + jittered / 10

    def _answered(self, replies: list[Reply], answer: Answer) -> Verdict:
        return Verdict(
            answer.outcome,
            confidence=answer.confidence,
            justification=answer.justification,
            extra={"raw_text": replies[-1].text},
            **self._paid(replies),
        )

    def _failed(self, replies: list[Reply], code: str, message: str) -> Verdict:
        """An error; with the last text, if any came. Its tokens were paid for all the same."""
        extra = {"raw_text": replies[-1].text} if replies else {}
        return Verdict(
            Outcome.ERROR, error_code=code, error_message=message, extra=extra, **self._paid(replies)
        )

    def _paid(self, replies: list[Reply]) -> dict[str, Any]:
        """Tokens and cost of all replies, and what else the callback says about them."""
        usage = sum((reply.usage for reply in replies), Usage())
        metadata: dict[str, Any] = {
            "cache_read_input_tokens": usage.cache_read,
            "cache_creation_input_tokens": usage.cache_write,
            "answers_asked": len(replies),
        }
        if replies and replies[-1].model:
            metadata["resolved_model"] = replies[-1].model
        if not_sent := self._connection().not_sent:
            metadata["overrides_not_sent"] = not_sent
        return {
            "prompt_tokens": usage.prompt,
            "completion_tokens": usage.completion,
            "cost_usd": self._cost(usage, replies[-1].model if replies else None),
            "metadata": metadata,
        }

    def _cost(self, usage: Usage, resolved_model: str | None) -> float | None:
        if usage == Usage():
            return 0.0
        provider, config = self._setting.provider, self._config
        cost = cost_usd(provider, self._setting.model, usage, config)
        if cost is None and resolved_model:
            cost = cost_usd(provider, resolved_model, usage, config)
        return cost

    def _connection(self) -> Connection:
        return self._service.connection(self._setting.provider, self._setting.model, self._overrides)


def _constant_part(question: Question) -> int:
    """How many characters at the beginning of the text are the same in every question of the batch."""
    first, second = question.blocks[:2]
    return question.user_text.index(second.content, len(first.content)) if first.cacheable else 0


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, ProviderFailedError) and (error.retry_after or 0.0) <= LONGEST_WAIT
