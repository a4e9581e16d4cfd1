"""The LLM judge against the scripted server."""

import asyncio
import json
import logging
import ssl
import threading
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from eng5.contracts.llm_config import LlmConfig, LlmProviderConfig
from eng5.judges import JudgeStoppedError, Outcome, Verdict
from eng5.judges.limits import FAILURES_TO_OPEN
from eng5.judges.llm import LlmJudge
from eng5.judges.llm_service import LlmService
from eng5.judges.question import Question
from tests.judges.conftest import GOOD, KEY, Asked, Said, ScriptedServer, StoppedClock

MakeService = Callable[..., LlmService]
MakeQuestion = Callable[..., Question]
PROVIDERS = [
    ("openai", "small-model"),
    ("openrouter", "openai/gpt-5.1"),
    ("anthropic", "claude-sonnet-4-5"),
    ("google", "gemini-2.5-flash"),
]
pytestmark = pytest.mark.filterwarnings("ignore:The model .* is deprecated:DeprecationWarning")
every_provider = pytest.mark.parametrize(("provider", "model"), PROVIDERS)


def ask(service: LlmService, *questions: Question) -> list[Verdict]:
    """The verdicts, asked one after the other."""

    async def run() -> list[Verdict]:
        judge = LlmJudge(questions[0].setting, service)
        try:
            return [await judge.judge(question) for question in questions]
        finally:
            await service.close()

    return asyncio.run(run())


def said(**fields: Any) -> str:
    return json.dumps({**GOOD, **fields})


@every_provider
def test_a_verdict_is_what_the_model_said(
    provider: str, model: str, server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """Winner, confidence, justification, tokens and the model that really answered come from the response."""
    [verdict] = ask(service_at(), question_for(provider, model))
    assert verdict.outcome is Outcome.B
    assert (verdict.confidence, verdict.justification) == (4.0, GOOD["justification"])
    assert (verdict.prompt_tokens, verdict.completion_tokens) == (1000, 50)
    assert verdict.metadata["cache_read_input_tokens"] == 400
    assert verdict.metadata["resolved_model"] in server_models(model)
    assert verdict.extra["raw_text"] == json.dumps(GOOD)
    assert verdict.cost_usd is None


def server_models(model: str) -> set[str]:
    return {f"{model}-2026-01-01", f"{model}-20260101", "gemini-2.5-flash-001"}


@every_provider
def test_the_model_reads_exactly_the_text_that_is_hashed(
    provider: str, model: str, server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """The user's message is `user_text`, byte for byte, and the system prompt is on its own."""
    question = question_for(provider, model)
    ask(service_at(), question)
    [request] = server.asked
    assert request.user_texts == [question.user_text]
    assert "Be just." in json.dumps({k: v for k, v in request.body.items() if k != "contents"})


@every_provider
def test_a_schema_is_enforced_by_the_provider(
    provider: str, model: str, server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """The request carries the JSON Schema of the answer, with both winners."""
    ask(service_at(), question_for(provider, model))
    assert '"Essay A", "Essay B"' in json.dumps(server.asked[0].body)


@every_provider
def test_overrides_reach_the_model_as_they_are(
    provider: str, model: str, server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """A temperature of 0.0 is sent as 0.0, and the number of tokens as given."""
    ask(service_at(), question_for(provider, model, temperature=0.0, max_tokens=777))
    body = server.asked[0].body
    sent = body.get("generationConfig", body)
    assert sent["temperature"] == 0.0
    assert 777 in (sent.get("max_tokens"), sent.get("max_completion_tokens"), sent.get("maxOutputTokens"))


def test_an_own_server_gets_effort_and_verbosity_as_given(
    server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """An OpenAI-compatible server knows its models better than we do."""
    ask(service_at(), question_for(reasoning_effort="low", output_verbosity="high"))
    assert server.asked[0].body["reasoning_effort"] == "low"
    assert server.asked[0].body["verbosity"] == "high"


def test_what_a_model_cannot_take_is_said_once(
    server: ScriptedServer,
    service_at: MakeService,
    question_for: MakeQuestion,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One line in the log for any number of questions, and the callback names the override."""
    question = question_for("anthropic", "claude-sonnet-4-5", temperature=0.0, output_verbosity="low")
    with caplog.at_level(logging.WARNING, "eng5"):
        verdicts = ask(service_at(), question, question)
    assert [record.getMessage() for record in caplog.records] == [
        "anthropic/claude-sonnet-4-5: output_verbosity 'low' is not sent: the model does not take it"
    ]
    assert verdicts[1].metadata["overrides_not_sent"] == ["output_verbosity"]


def test_the_constant_part_is_marked_for_the_cache(
    server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """Anthropic gets the rubric as a block of its own with a cache mark; the essays are not in it."""
    ask(service_at(), question_for("anthropic", "claude-sonnet-4-5"))
    first, second = server.asked[0].body["messages"][0]["content"]
    assert first["cache_control"]["type"] == "ephemeral"
    assert first["text"] == "**Judge Instructions:**\nJudge the language.\n\n"
    assert "cache_control" not in second


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"My verdict:\n```json\n{said()}\n```\nI hope this helps.", id="prose around"),
        pytest.param(said(extra="ignored"), id="a field too many"),
        pytest.param(f"A draft: {said(winner='Essay A')} {{}}\n</think>\n{said()}", id="after its reasoning"),
    ],
)
def test_harmless_wrapping_is_accepted(
    text: str, server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """One valid object in prose is an answer; it is asked once."""
    server.script = [Said(text)]
    [verdict] = ask(service_at(), question_for())
    assert verdict.outcome is Outcome.B
    assert len(server.asked) == 1


def test_a_server_of_ones_own_may_leave_out_what_is_no_answer(
    server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """A completion of one choice with a text, and nothing else."""
    server.script = [Said(body=json.dumps({"choices": [{"message": {"content": said()}}]}).encode())]
    [verdict] = ask(service_at(), question_for())
    assert verdict.outcome is Outcome.B
    assert verdict.metadata["resolved_model"] == "small-model"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<html>Sign in</html>", "expected JSON data"),
        (b'{"choices": []}', "it has no choices"),
        (b'{"answer": 1}', "choices: Input should be a valid list"),
    ],
)
def test_a_response_that_is_no_answer_is_named_in_one_line(
    body: bytes, says: str, server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """A proxy's page, a filter that leaves nothing, another kind of server: its address, and what is missing."""
    kind = "text/html" if body.startswith(b"<") else "application/json"
    server.default = Said(body=body, content_type=kind)
    [verdict] = ask(service_at(attempts=1), question_for())
    message = verdict.error_message or ""
    assert message.startswith(
        f"{server.url}/v1 answers with what is no answer of a model (is it the address of its API?): "
    )
    assert message.endswith(says)
    assert verdict.extra["cause"] == "server error"


def test_a_failure_with_status_200_is_that_failure(
    server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """Gateways that pass a failure on so are understood by the status in its body."""
    server.default = Said(body=b'{"error": {"message": "Insufficient credits", "code": 402}}')
    with pytest.raises(JudgeStoppedError, match="HTTP 402: Insufficient credits") as stop:
        ask(service_at(), question_for())
    assert stop.value.code == "QUOTA_EXCEEDED"


def test_a_server_that_knows_the_newer_limit_gets_it(
    server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """The limit is ours, so nobody could take it out of the variant; the second question is asked once."""

    def answer(asked: Asked) -> Said:
        if "max_tokens" in asked.body:
            return Said("'max_tokens' is not supported, use 'max_completion_tokens' instead.", status=400)
        return Said()

    server.default = answer
    verdicts = ask(service_at(), *[question_for()] * 2)
    assert [one.outcome for one in verdicts] == [Outcome.B] * 2
    assert ["max_completion_tokens" in one.body for one in server.asked] == [False, True, True]


INVALID = [
    pytest.param(Said('{"winner": "Essay A", "justific', finish="length"), id="truncated JSON"),
    pytest.param(Said(said(winner="A")), id="another winner"),
    pytest.param(Said(said(winner="tie")), id="a tie where none is allowed"),
    pytest.param(Said(said(confidence=0.8)), id="confidence on another scale"),
    pytest.param(Said(said(confidence="4")), id="confidence as text"),
    pytest.param(Said(json.dumps({"winner": "Essay A"})), id="fields missing"),
    pytest.param(Said(said() + said(winner="Essay A")), id="two answers"),
    pytest.param(Said("I cannot choose between pupils.", finish="refusal"), id="refusal"),
    pytest.param(Said("Essay A, clearly."), id="no JSON"),
    pytest.param(Said(""), id="nothing"),
]


@pytest.mark.parametrize("invalid", INVALID)
def test_an_invalid_answer_is_asked_again(
    invalid: Said, server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """The second answer counts; the tokens of both were paid for."""
    server.script = [invalid]
    [verdict] = ask(service_at(), question_for())
    assert verdict.outcome is Outcome.B
    assert verdict.prompt_tokens == 2000
    assert verdict.metadata["answers_asked"] == 2
    assert server.asked[1].user_texts[0] == server.asked[0].user_texts[0]


@pytest.mark.parametrize("invalid", INVALID)
def test_what_never_validates_is_a_failed_comparison(
    invalid: Said, server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """After two more tries it is an error with the raw text; no winner is made up."""
    server.default = invalid
    [verdict] = ask(service_at(reasks=2), question_for())
    assert verdict.outcome is Outcome.ERROR
    assert verdict.error_code == "LLM_INVALID_RESPONSE"
    assert verdict.extra["raw_text"] == invalid.text
    assert verdict.confidence is None
    assert len(server.asked) == (2 if invalid.finish == "length" else 3)


def test_a_tie_counts_where_it_is_allowed(
    server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """With `allow_ties` the prompt and the schema offer it, and the verdict is a tie."""
    server.default = Said(said(winner="tie"))
    [verdict] = ask(service_at(), question_for(allow_ties=True))
    assert verdict.outcome is Outcome.TIE
    assert '"tie"' in server.asked[0].user_texts[0]
    assert "tie" in json.dumps(server.asked[0].body["response_format"])


def test_a_long_justification_is_kept_whole(
    server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """The verdict carries all of it; the wire's limit is the callback's business."""
    server.default = Said(said(justification="x" * 900))
    [verdict] = ask(service_at(), question_for())
    assert verdict.justification == "x" * 900


FAILURES = [
    pytest.param(Said(status=429), id="429"),
    pytest.param(Said(status=500), id="500"),
    pytest.param(Said(status=503), id="503"),
    pytest.param(Said(status=529), id="529"),
    pytest.param(Said(reset=True), id="reset"),
    pytest.param(Said(body=b'{"id": "x", "choi'), id="truncated body"),
    pytest.param(Said(body=b'{"id"', cut_body=True), id="cut off"),
    pytest.param(Said(body=b"<html>busy</html>", content_type="text/html"), id="wrong content type"),
]


@every_provider
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failing_provider_is_asked_again(
    provider: str,
    model: str,
    failure: Said,
    server: ScriptedServer,
    time: StoppedClock,
    service_at: MakeService,
    question_for: MakeQuestion,
) -> None:
    """Two failures, waits of 1 and 2 seconds, then the verdict; each failure cost one request and no more."""
    server.script = [failure, failure]
    [verdict] = ask(service_at(), question_for(provider, model))
    assert verdict.outcome is Outcome.B
    assert time.slept == [1.0, 2.0]
    assert len(server.asked) == 3


@every_provider
def test_retry_after_is_honoured(
    provider: str,
    model: str,
    server: ScriptedServer,
    time: StoppedClock,
    service_at: MakeService,
    question_for: MakeQuestion,
) -> None:
    """The next request leaves no earlier than the provider asked for."""
    server.script = [Said(status=429, headers={"retry-after": "37"})]
    [verdict] = ask(service_at(), question_for(provider, model))
    assert verdict.outcome is Outcome.B
    assert 37 <= time.time < 40


def test_a_slow_provider_runs_into_the_time_out(
    server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """A request without an answer is given up after the time-out and asked again."""
    server.script = [Said(never=True)]
    [verdict] = ask(service_at(timeout=0.3), question_for())
    assert verdict.outcome is Outcome.B
    assert len(server.asked) >= 2


def test_a_provider_that_keeps_failing_is_a_failed_comparison(
    server: ScriptedServer, time: StoppedClock, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """After the last attempt the comparison is an error with the provider's code, and costs nothing."""
    server.default = Said(status=500)
    [verdict] = ask(service_at(attempts=3), question_for())
    assert (verdict.outcome, verdict.error_code) == (Outcome.ERROR, "LLM_PROVIDER_API_ERROR")
    assert verdict.cost_usd == 0.0
    assert len(server.asked) == 3


def test_a_certificate_of_ones_own_is_named(question_for: MakeQuestion) -> None:
    """HTTPS behind a certificate that nobody here knows: said at once, with the variable that makes it known."""

    class Untrusted(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            unknown = ssl.SSLCertVerificationError("self-signed")
            unknown.verify_message = "self-signed certificate"
            raise httpx2.ConnectError("failed", request=request) from unknown

    own = LlmProviderConfig(base_url="https://127.0.0.1/v1")
    service = LlmService(LlmConfig(providers={"openai": own}), transport=Untrusted())
    with pytest.raises(JudgeStoppedError, match="signed by nobody known here: self-signed") as stop:
        ask(service, question_for())
    assert "SSL_CERT_FILE" in stop.value.details["remedy"]


def test_a_wait_that_is_too_long_is_not_waited_for(
    server: ScriptedServer, time: StoppedClock, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """A provider that asks for an hour gets no second request from this question."""
    server.default = Said(status=429, headers={"retry-after": "3600"})
    [verdict] = ask(service_at(), question_for())
    assert verdict.error_code == "LLM_PROVIDER_RATE_LIMIT"
    assert "it asks to wait 3600 s" in str(verdict.error_message)
    assert (len(server.asked), time.slept) == (1, [])


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "AUTHENTICATION_ERROR"), (403, "AUTHENTICATION_ERROR"), (404, "LLM_INVALID_CONFIG")],
)
def test_what_no_question_can_pass_stops_the_batch(
    status: int, code: str, server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """A refused key and an unknown model are not tried sixty-six times."""
    server.default = Said(f"you sent {KEY}", status=status)
    with pytest.raises(JudgeStoppedError) as stopped:
        ask(service_at(), question_for())
    assert stopped.value.code == code
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("said", "cause", "message"),
    [
        (Said("not this one", status=400), "rejected", "HTTP 400: not this one"),
        (
            Said(status=413, body=b"<h1>Too large</h1>", content_type="text/html"),
            "too long",
            "HTTP 413: Too large",
        ),
        (Said(status=418, body=b"teapot", content_type="text/plain"), "rejected", "HTTP 418: teapot"),
        (Said(status=422, body=b'{"detail": [{"msg": "no such field"}]}'), "rejected", "no such field"),
        (Said("filtered (content_filter)", status=400), "refused", "filtered"),
    ],
)
def test_a_rejected_question_fails_alone(
    said: Said,
    cause: str,
    message: str,
    server: ScriptedServer,
    service_at: MakeService,
    question_for: MakeQuestion,
) -> None:
    """A refusal of this request is not retried; its own words are kept, and the next question is asked as usual."""
    server.script = [said]
    first, second = ask(service_at(), question_for(), question_for())
    assert (first.outcome, second.outcome) == (Outcome.ERROR, Outcome.B)
    assert first.extra["cause"] == cause
    assert message in str(first.error_message)
    assert len(server.asked) == 2


def test_half_a_character_is_no_failure(
    server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """JSON can name half of a character that UTF-16 writes in two: no file takes it, so it is replaced."""
    server.script = [Said(json.dumps({**GOOD, "justification": "Good \ud83d"}, ensure_ascii=False))]
    [verdict] = ask(service_at(), question_for())
    assert (verdict.outcome, verdict.justification) == (Outcome.B, "Good ?")


def test_a_dead_provider_opens_the_circuit_and_stops_the_batch(
    server: ScriptedServer, time: StoppedClock, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """Those under way fail, a probe after a pause too, and the batch stops: not 66 times 6 requests."""
    server.default = Said(status=503)

    async def run() -> None:
        service = service_at()
        judge = LlmJudge(question_for().setting, service)
        try:
            await asyncio.gather(*(judge.judge(question_for()) for _ in range(66)))
        finally:
            await service.close()

    with pytest.raises(JudgeStoppedError) as stopped:
        asyncio.run(run())
    assert stopped.value.code == "CIRCUIT_BREAKER_OPEN"
    assert 16 < len(server.asked) <= 16 + 8 + 1


def test_cancelled_questions_do_not_open_the_circuit(
    server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion, time: StoppedClock
) -> None:
    """A batch that is given up says nothing about the provider: the next one is asked at once."""
    question, arrived = question_for(), threading.Semaphore(0)

    def silent(asked: Asked) -> Said:
        arrived.release()
        return Said(never=True)

    async def run() -> Verdict:
        service = service_at(concurrency=FAILURES_TO_OPEN)
        judge = LlmJudge(question.setting, service)
        server.default = silent
        given_up = [asyncio.create_task(judge.judge(question)) for _ in range(FAILURES_TO_OPEN)]
        for _ in given_up:
            assert await asyncio.to_thread(arrived.acquire)
        for one in given_up:
            one.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        server.default = Said()
        try:
            return await judge.judge(question)
        finally:
            await service.close()

    assert asyncio.run(run()).outcome is Outcome.B
    assert time.slept == []


def test_no_more_questions_are_under_way_than_allowed(
    server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """With three slots, a fourth request waits although ten judges ask."""
    arrived, most, under_way = threading.Barrier(3), 0, 0
    lock = threading.Lock()

    def answer(asked: object) -> Said:
        nonlocal most, under_way
        with lock:
            under_way += 1
            most = max(most, under_way)
        arrived.wait(60)
        with lock:
            under_way -= 1
        return Said()

    server.default = answer

    async def run() -> None:
        service = service_at(concurrency=3)
        judge = LlmJudge(question_for().setting, service)
        await asyncio.gather(*(judge.judge(question_for()) for _ in range(9)))
        await service.close()

    asyncio.run(run())
    assert most == 3


@every_provider
def test_the_key_is_nowhere_but_in_the_request(
    provider: str,
    model: str,
    server: ScriptedServer,
    service_at: MakeService,
    question_for: MakeQuestion,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A provider that repeats the key in its error and in its answer does not get it into verdict or log."""
    server.script = [Said(f"bad key {KEY}", status=400), Said(f"your key is {KEY}")]
    server.default = Said(f"your key is {KEY}")
    with caplog.at_level(logging.DEBUG):
        verdicts = ask(service_at(), question_for(provider, model), question_for(provider, model))
    assert any(KEY in value for value in server.asked[0].headers.values())
    assert KEY not in repr(verdicts)
    assert KEY not in caplog.text
    assert "***" in repr(verdicts)


def test_without_a_key_the_batch_stops_with_the_variable_s_name(question_for: MakeQuestion) -> None:
    """The vendor's own address needs a key; nothing is sent."""
    with pytest.raises(JudgeStoppedError, match="set ANTHROPIC_API_KEY"):
        ask(LlmService(), question_for("anthropic", "claude-sonnet-4-5"))


def test_an_own_server_needs_no_key(server: ScriptedServer, question_for: MakeQuestion) -> None:
    """`ENG5_LLM_BASE_URL` alone is enough."""
    config = LlmConfig(providers={"openai": LlmProviderConfig(base_url=server.url + "/v1")})
    [verdict] = ask(LlmService(config), question_for())
    assert verdict.outcome is Outcome.B


def test_the_server_decides_the_question_s_hash(question_for: MakeQuestion) -> None:
    """The same model name on two servers shares no verdict."""
    setting = question_for().setting
    there, here = (
        LlmJudge(setting, LlmService(LlmConfig(providers={"openai": LlmProviderConfig(base_url=url)})))
        for url in ("http://there/v1", "http://here/v1")
    )
    assert there.deciding_parameters("a", "b") != here.deciding_parameters("a", "b")


def test_a_missing_client_library_says_how_to_get_it(
    server: ScriptedServer,
    service_at: MakeService,
    question_for: MakeQuestion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The batch stops with the pip command; nothing is sent."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(JudgeStoppedError, match=r"pip install 'eng5\[llm\]'"):
        ask(service_at(), question_for())
    assert server.asked == []
