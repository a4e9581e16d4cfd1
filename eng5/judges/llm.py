"""The judge that is an LLM: asks, reads the answer, asks again what is not valid, and counts the cost.

How a request is retried: a failure of the provider waits as long as `Retry-After` says, or with exponential
back-off and jitter, `attempts` times; many failures in a row open the circuit breaker of `limits`. An answer that
is not valid is asked again `reasks` times, with what was wrong with its form, then recorded as an error with its
text; one that was cut off is asked again once, with more tokens (`answer_length`). A key that is refused, an
exhausted account and an unknown model stop the batch.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eng5.contracts.failures import FailureCause, cause_of
from eng5.contracts.llm_config import LlmProviderConfig
from eng5.judges.answer import FORMAT_VERSION, Answer, InvalidAnswerError, answer_schema, read_answer
from eng5.judges.limits import ProviderDownError
from eng5.judges.llm_service import LlmService
from eng5.judges.prices import Usage, cost_usd
from eng5.judges.protocol import JudgeFacts, JudgeStoppedError, Outcome, Verdict
from eng5.judges.provider_errors import ProviderFailedError, RequestRejectedError
from eng5.judges.providers import SENT_AS, Connection, ModelTurn, Reply
from eng5.judges.question import Question, Setting
from eng5.judges.registry import JudgeCall, JudgeUnavailableError

if TYPE_CHECKING:
    from tenacity import RetryCallState

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


class LlmJudge:
    """The judge of one batch."""

    version = f"llm-1.{FORMAT_VERSION}"
    facts = JudgeFacts(usd_per_question=None)

    def __init__(self, setting: Setting, service: LlmService) -> None:
        self._setting = setting
        self._service = service
        self._config: LlmProviderConfig = service.config.of(setting.provider)
        self._overrides = {name: value for name in OVERRIDES if (value := getattr(setting, name)) is not None}
        self._schema = answer_schema(allow_ties=setting.allow_ties)
        self._tokens = service.token_limit(setting.provider, setting.model, setting.max_tokens)
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
        limit = self._tokens.first()
        longer = False
        problem = InvalidAnswerError("", "other")
        for _ in range(self._config.reasks + 1):
            try:
                reply = await self._reply(turns, limit)
            except (ProviderFailedError, RequestRejectedError) as error:
                remedy = self._remedy(str(error)) if error.cause == "rejected" else None
                return self._failed(replies, error.code, error.cause, str(error), remedy)
            replies.append(reply)
            try:
                answer = read_answer(reply.text, allow_ties=self._setting.allow_ties)
            except InvalidAnswerError as error:
                problem = error
            else:
                self._tokens.answered(reply.usage.completion, limit)
                return self._answered(replies, answer)
            if reply.cut_off:
                more = self._tokens.more(reply.usage.completion, limit)
                if more is None or longer:
                    break
                turns, limit, longer = [first], more, True
            elif reply.text.strip():
                again = ModelTurn("user", REASK.format(problem=problem))
                turns = [first, ModelTurn("assistant", reply.text), again]
        return self._unusable(replies, problem, limit)

    def _unusable(self, replies: list[Reply], problem: InvalidAnswerError, limit: int | None) -> Verdict:
        """The error for answers that never were valid, by what was wrong with the last."""
        last, code = replies[-1], "LLM_INVALID_RESPONSE"
        if last.cut_off:
            tokens = f" of {limit} tokens" if limit else ""
            message = f"the answer was cut off at the limit{tokens}, after {last.usage.completion}"
            return self._failed(replies, code, "cut off", message)
        if last.refused:
            message = f"the model declined to answer (it stopped for: {last.finish_reason})"
            return self._failed(replies, code, "refused", message)
        stopped_for = last.finish_reason or "no reason given"
        reason = f" (the model stopped for: {stopped_for})" if stopped_for != "stop" else ""
        return self._failed(replies, code, problem.cause, f"no valid answer: {problem}{reason}")

    async def _reply(self, turns: Sequence[ModelTurn], max_tokens: int | None) -> Reply:
        """A reply, however often the provider has to be asked for it."""
        from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

        attempts = AsyncRetrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_attempt(self._config.attempts),
            wait=self._wait,
            sleep=self._service.clock.sleep,
            reraise=True,
        )
        return await attempts(self._ask_once, turns, max_tokens)

    async def _ask_once(self, turns: Sequence[ModelTurn], max_tokens: int | None) -> Reply:
        limiter = self._service.limiter(self._setting.provider)
        connection = self._connection()
        fits = limiter.concurrency
        async with fits.slots:
            try:
                probe = await limiter.breaker.admit()
            except ProviderDownError as error:
                cause = cause_of(None, error.cause)
                raise JudgeStoppedError(
                    "CIRCUIT_BREAKER_OPEN",
                    f"{self._setting.provider} does not answer: {error}",
                    remedy=limiter.advice(cause, max_tokens or self._setting.max_tokens),
                    cause=cause,
                ) from None
            try:
                estimate = sum(len(turn.text) for turn in turns) / CHARACTERS_PER_TOKEN + ANSWER_TOKENS
                await limiter.admit(estimate)
                began, began_in = self._service.clock.now(), fits.epoch
                reply = await connection.ask(
                    self._setting.system_prompt,
                    turns,
                    self._overrides,
                    self._schema,
                    max_tokens,
                    fits.timeout,
                )
                fits.answered(self._service.clock.now() - began, began_in=began_in)
            except (RequestRejectedError, JudgeStoppedError):
                limiter.breaker.report(None, probe=probe)
                raise
            except ProviderFailedError as failure:
                answered = failure.cause == "rate limit"
                limiter.breaker.report(None if answered else str(failure), probe=probe, cause=failure.cause)
                if failure.cause in ("rate limit", "time-out"):
                    fits.overloaded(began_in=began_in, timed_out=not answered)
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

    def _remedy(self, message: str) -> str | None:
        """Which settings to take away, where the provider names any that the variant has."""
        named = [
            f"{name} = {value!r}"
            for name, value in self._overrides.items()
            if any(field in message for field in SENT_AS[name])
        ]
        return f"take {' and '.join(named)} out of the variant" if named else None

    def _failed(
        self,
        replies: list[Reply],
        code: str,
        cause: FailureCause,
        message: str,
        remedy: str | None = None,
    ) -> Verdict:
        """An error; with the last text, if any came. Its tokens were paid for all the same."""
        extra: dict[str, Any] = {"cause": cause} | ({"remedy": remedy} if remedy else {})
        if replies:
            extra["raw_text"] = replies[-1].refusal or replies[-1].text
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
        if any(reply.cut_off for reply in replies):
            metadata["answers_cut_off"] = sum(reply.cut_off for reply in replies)
        if replies:
            metadata["answer_format"] = self._connection().format.stated
        if replies and replies[-1].model:
            metadata["resolved_model"] = replies[-1].model
        if not_sent := self._connection().not_sent:
            metadata["overrides_not_sent"] = not_sent
        return {
            "prompt_tokens": usage.prompt,
            "completion_tokens": usage.completion,
            "cost_usd": self._cost(replies, usage),
            "metadata": metadata,
        }

    def _cost(self, replies: Sequence[Reply], usage: Usage) -> float | None:
        if not replies:
            return 0.0
        if usage == Usage():
            return None
        provider, batch = self._setting.provider, self._service.by_batch
        costs = (
            cost_usd(provider, model, usage, self._config, batch=batch)
            for model in (self._setting.model, replies[-1].model)
            if model
        )
        return next((cost for cost in costs if cost is not None), None)

    def _connection(self) -> Connection:
        return self._service.connection(self._setting.provider, self._setting.model, self._overrides)


def _constant_part(question: Question) -> int:
    """How many characters at the beginning of the text are the same in every question of the batch."""
    first, second = question.blocks[:2]
    return question.user_text.index(second.content, len(first.content)) if first.cacheable else 0


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, ProviderFailedError) and (error.retry_after or 0.0) <= LONGEST_WAIT


def make(call: JudgeCall) -> LlmJudge:
    """The judge of the batch; JudgeUnavailableError where a limit of its cost could not be kept."""
    setting, config = call.setting, call.llm.config.of(call.setting.provider)
    price = cost_usd(setting.provider, setting.model, Usage(prompt=1), config)
    if call.metadata.get("max_cost_usd") is not None and price is None:
        raise JudgeUnavailableError(
            f"max_cost_usd cannot be kept: the price of {setting.provider}/{setting.model} is not known"
        )
    return LlmJudge(setting, call.llm)
