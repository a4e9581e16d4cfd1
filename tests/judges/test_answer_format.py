"""The form in which a server keeps answers to the schema: found out with the first question, and stated."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from eng5.judges.answer import answer_schema
from eng5.judges.answer_format import AnswerFormat, grammar
from eng5.judges.llm import LlmJudge
from eng5.judges.llm_service import LlmService
from eng5.judges.protocol import Outcome, Verdict
from eng5.judges.question import Question
from tests.judges.conftest import GOOD, Asked, Said, ScriptedServer

MakeService = Callable[..., LlmService]
MakeQuestion = Callable[..., Question]
pytestmark = pytest.mark.filterwarnings("ignore:The model .* is deprecated:DeprecationWarning")

PROSE = Said("Essay B, I would say.")


def ask(service: LlmService, question: Question, times: int = 1) -> list[Verdict]:
    async def run() -> list[Verdict]:
        judge = LlmJudge(question.setting, service)
        try:
            return [await judge.judge(question) for _ in range(times)]
        finally:
            await service.close()

    return asyncio.run(run())


def honours(field: str, *, refuses: tuple[str, ...] = (), status: int = 400) -> Callable[[Asked], Said]:
    """A server that constrains answers by one field, and refuses or overlooks the others."""

    def answer(asked: Asked) -> Said:
        for one in refuses:
            if one in asked.body:
                return Said(f"unknown field {one}", status=status)
        return Said() if field in asked.body else PROSE

    return answer


@pytest.mark.parametrize(
    ("field", "refuses", "stated", "requests"),
    [
        ("response_format", (), "response_format", 1),
        ("guided_json", (), "guided_json or format", 2),
        ("guided_json", ("response_format",), "guided_json or format", 2),
        ("format", (), "guided_json or format", 2),
        ("grammar", (), "grammar", 3),
        ("grammar", ("response_format", "guided_json"), "grammar", 3),
        ("messages", ("response_format", "guided_json", "grammar"), "none", 4),
    ],
)
def test_a_server_of_ones_own_is_found_out(
    field: str,
    refuses: tuple[str, ...],
    stated: str,
    requests: int,
    server: ScriptedServer,
    service_at: MakeService,
    question_for: MakeQuestion,
) -> None:
    """What it does not know or overlooks is not sent again; the second question is asked once."""
    server.default = honours(field, refuses=refuses)
    first, second = ask(service_at(), question_for(), 2)
    assert (first.outcome, second.outcome) == (Outcome.B, Outcome.B)
    assert len(server.asked) == requests + 1
    assert second.metadata["answer_format"] == stated


def test_a_server_that_fails_at_the_form_is_asked_in_another(
    server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """Some answer a schema that they cannot take by status 500."""
    server.default = honours("guided_json", refuses=("response_format",), status=500)
    [verdict] = ask(service_at(), question_for())
    assert (verdict.outcome, verdict.metadata["answer_format"]) == (Outcome.B, "guided_json or format")
    assert len(server.asked) == 2


def test_a_refusal_for_another_reason_changes_no_form(
    server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """A temperature that is not taken is no sign that schemas are not."""
    server.default = Said("temperature must be 1", status=400)
    [verdict] = ask(service_at(), question_for(temperature=0.5))
    assert verdict.outcome is Outcome.ERROR
    assert verdict.extra["remedy"] == "take temperature = 0.5 out of the variant"
    assert len(server.asked) == 1


@pytest.mark.parametrize(("provider", "model"), [("anthropic", "claude-sonnet-4-5"), ("openrouter", "a/b")])
def test_others_are_asked_as_their_client_knows(
    provider: str, model: str, server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """No field that their address does not know, whatever they answer."""
    server.default = PROSE
    ask(service_at(), question_for(provider, model))
    assert not any({"guided_json", "format", "grammar"} & set(asked.body) for asked in server.asked)


def test_answers_that_are_cut_off_say_nothing_about_the_form(
    server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """Half an object is no prose."""
    server.script = [Said('{"winner": "Ess', finish="length")]
    [verdict] = ask(service_at(), question_for())
    assert verdict.metadata["answer_format"] == "response_format"
    assert all("response_format" in asked.body for asked in server.asked)


def test_a_bound_that_is_not_known_is_left_out(
    server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """A server of one's own is told how long a justification may be; one that refuses it gets the schema without."""

    def answer(asked: Asked) -> Said:
        bounded = "maxLength" in json.dumps(asked.body["response_format"])
        return Said("schema: maxLength is not supported", status=400) if bounded else Said()

    server.default = answer
    verdicts = ask(service_at(), question_for(), 2)
    assert [one.outcome for one in verdicts] == [Outcome.B, Outcome.B]
    assert verdicts[1].metadata["answer_format"] == "response_format"
    assert len(server.asked) == 3


def test_the_grammar_names_the_winners() -> None:
    """As literals of JSON texts; a tie where it is allowed."""
    text = grammar(answer_schema(allow_ties=True))
    assert r'winner ::= "\"Essay A\"" | "\"Essay B\"" | "\"tie\""' in text
    assert r'root ::= "{" "\"winner\": " winner ", " "\"justification\": " text' in text


def test_what_can_be_said_of_it() -> None:
    """Before and after an answer."""
    form = AnswerFormat(native=True, own_server=False)
    assert form.in_words == "JSON Schema by response_format; not tried yet"
    form.answered(json.dumps(GOOD))
    assert form.in_words == "JSON Schema by response_format; answers keep to it"
    form.answered("Essay A")
    assert form.stated == "response_format, not kept to"
    assert AnswerFormat(native=False, own_server=True).in_words.startswith("not constrained")


def longest(asked: Asked) -> Any:
    return asked.body.get("max_tokens", asked.body.get("max_completion_tokens"))


def test_an_answer_that_was_cut_off_gets_more_tokens_once(
    server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """Four times as many, and the next question has them from the beginning."""
    cut = Said('{"winner": "Ess', finish="length")
    server.default = lambda asked: cut if longest(asked) < 40 else Said()
    first, second = ask(service_at(), question_for(max_tokens=30), 2)
    assert (first.outcome, second.outcome) == (Outcome.B, Outcome.B)
    assert [longest(asked) for asked in server.asked] == [30, 200, 200]


@pytest.mark.parametrize(("limits", "requests"), [({}, 2), ({"longest_answer": 50}, 1), ({"reasks": 0}, 1)])
def test_one_that_stays_cut_off_is_its_own_cause(
    limits: dict[str, int],
    requests: int,
    server: ScriptedServer,
    service_at: MakeService,
    question_for: MakeQuestion,
) -> None:
    """Where the settings allow no more it is not asked again."""
    server.default = Said('{"winner": "Ess', finish="length")
    [verdict] = ask(service_at(**limits), question_for(max_tokens=50))
    assert verdict.extra["cause"] == "cut off"
    assert verdict.extra["raw_text"] == '{"winner": "Ess'
    assert len(server.asked) == requests


@pytest.mark.parametrize(
    ("provider", "model"),
    [("anthropic", "claude-sonnet-4-5"), ("google", "gemini-2.5-flash"), ("openrouter", "a/b")],
)
def test_every_provider_s_length_limit_is_known(
    provider: str, model: str, server: ScriptedServer, service_at: MakeService, question_for: MakeQuestion
) -> None:
    """`max_tokens`, `MAX_TOKENS`, `length`."""
    server.default = Said('{"winner": "Ess', finish="length")
    [verdict] = ask(service_at(reasks=0), question_for(provider, model, max_tokens=50))
    assert verdict.extra["cause"] == "cut off"
