"""One question goes first: what fails all questions costs one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eng5.contracts.wire.topics import CJ_FAILED
from tests.bench import Bench
from tests.judges.conftest import GOOD, Asked, Said, ScriptedServer
from tests.judges.test_batches import config, request, run
from tests.project import Project

MakeBench = Callable[..., Bench]

QUOTA = {
    "message": "You exceeded your current quota.",
    "type": "insufficient_quota",
    "code": "insufficient_quota",
}
SIX = {name: f"The text {name}." for name in "abcdef"}


def info_of(answers: Any) -> dict[str, Any]:
    info: dict[str, Any] = answers.only(CJ_FAILED)["system_metadata"]["error_info"]
    return info


@pytest.mark.parametrize(
    ("said", "callbacks", "says", "remedy"),
    [
        pytest.param(
            Said("who?", status=401), 0, "refused the key: HTTP 401: who?", "ENG5_LLM_API_KEY", id="key"
        ),
        pytest.param(Said("no such", status=404), 0, "knows no model 'small-model'", "model", id="model"),
        pytest.param(
            Said(status=429, body=json.dumps({"error": QUOTA}).encode()), 0, "exhausted", "credit", id="quota"
        ),
        pytest.param(
            Said("Unsupported value: 'temperature' does not support 0.5", status=400),
            1,
            "'temperature' does not support",
            "take temperature = 0.5 out of the variant",
            id="parameter",
        ),
        pytest.param(Said("Essay A, I think."), 1, "no JSON object", "JSON Schema", id="prose"),
        pytest.param(Said('{"winner": "Ess', finish="length"), 1, "cut off", "max_tokens", id="cut off"),
        pytest.param(Said(json.dumps({**GOOD, "winner": "A"})), 1, "winner", "allow_ties", id="winner"),
        pytest.param(Said("down", status=503), 1, "HTTP 503", "doctor", id="server"),
        pytest.param(
            Said(body=b"<html>", content_type="text/html"), 1, "no answer of a model", "address", id="page"
        ),
    ],
)
def test_what_fails_every_question_is_found_by_one(
    said: Said, callbacks: int, says: str, remedy: str, server: ScriptedServer, make_bench: MakeBench
) -> None:
    """Of fifteen questions one is asked; the failed event says why and what to do; what was said is kept."""
    server.default = said
    answers = run(make_bench(llm=config(server, attempts=1)), SIX, temperature_override=0.5)
    assert len({asked.user_texts[0] for asked in server.asked}) == 1
    assert len(answers.callbacks) == callbacks
    assert says in info_of(answers)["error_message"]
    assert remedy in info_of(answers)["details"]["remedy"]


def test_the_first_question_is_kept(server: ScriptedServer, make_bench: MakeBench, tmp_path: Path) -> None:
    """It is asked alone, is in the ledger with the others, and the same request again asks nothing."""
    alone: list[int] = []

    def answer(asked: Asked) -> Said:
        alone.append(len(server.asked))
        return Said()

    server.default = answer
    bench = make_bench(llm=config(server))
    raw = request(bench, SIX)
    assert len(bench.run(raw).callbacks) == len(bench.run(raw).callbacks) == 15
    assert alone[0] == 1
    assert len(server.asked) == 15


def test_a_failed_first_question_does_not_go_first_for_ever(
    server: ScriptedServer, make_bench: MakeBench
) -> None:
    """Which question goes first follows from the batch, so that attempts begin with different ones."""
    server.default = Said("Essay A.")
    bench = make_bench(llm=config(server, reasks=0))
    for _ in range(8):
        run(bench, SIX)
    assert len(server.asked) == 8
    assert len({asked.user_texts[0] for asked in server.asked}) > 1


def test_a_judge_that_has_answered_before_is_trusted(server: ScriptedServer, make_bench: MakeBench) -> None:
    """With verdicts of it kept, an answer that cannot be read ends nothing; a key that is refused still does."""
    bench = make_bench(llm=config(server, reasks=0))
    five = dict(list(SIX.items())[:5])
    run(bench, five)
    server.default = Said("Essay A.")
    assert len(run(bench, SIX).callbacks) == 15
    server.default = Said("who?", status=401)
    before = len(server.asked)
    answers = run(bench, SIX)
    assert info_of(answers)["error_code"] == "AUTHENTICATION_ERROR"
    assert len(server.asked) == before + 1


def test_a_question_of_its_own_difficulty_ends_nothing(server: ScriptedServer, make_bench: MakeBench) -> None:
    """Essays that are too long for the model, or that it declines to judge: the next one goes first."""
    server.script = [Said("I would rather not.", finish="refusal")] * 3
    answers = run(make_bench(llm=config(server)), SIX)
    assert len(answers.callbacks) == 15
    [failed] = [one for one in answers.callbacks if one["error_detail"]]
    assert failed["error_detail"]["details"]["cause"] == "refused"
    assert failed["error_detail"]["details"]["raw_text"] == "I would rather not."


def test_a_model_that_declines_everything_is_found_by_three(
    server: ScriptedServer, make_bench: MakeBench
) -> None:
    """Three questions, no more."""
    server.default = Said("I would rather not.", finish="refusal")
    answers = run(make_bench(llm=config(server, reasks=0)), SIX)
    assert len(server.asked) == len(answers.callbacks) == 3
    assert "the first 3 questions" in info_of(answers)["error_message"]


@pytest.mark.slow
def test_a_study_whose_answers_are_cut_off_says_so(server: ScriptedServer, tmp_path: Path) -> None:
    """Those that were answered with more tokens are counted too, and the form of answers is stated."""

    server.script = [Said('{"winner": "Ess', finish="length")]
    project = Project.small(tmp_path / "study")
    project.paths.experiments.write_text(
        'baseline = "llm"\n[variant.llm]\nprovider = "openai"\nmodel = "small"\nmax_tokens = 100\n',
        encoding="utf-8",
    )
    project.doit(env={"ENG5_LLM_BASE_URL": f"{server.url}/v1"})
    [page] = project.paths.reports.glob("anchor_align_*.md")
    text = page.read_text(encoding="utf-8")
    assert "Answers constrained by | a JSON Schema (response\\_format)" in text
    assert "cut off at the limit of tokens in 1 of 15 comparisons; 0 of them stayed without a verdict" in text
    assert [asked.body["max_tokens"] for asked in server.asked[:2]] == [100, 400]
