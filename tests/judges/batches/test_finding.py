"""No question is sent twice: whenever a process is killed, from wherever a run goes on, whatever is not known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eng5.judges.batches.post import Letter, Post
from eng5.judges.question import Question
from tests.batch_server import KEY, BatchServer
from tests.bench import StandinProcess, standin_process
from tests.judges.batches.conftest import (
    MODELS,
    MakeBench,
    by_default_openai,
    config,
    every_provider,
    failure,
    request,
    winners,
)

pytestmark = pytest.mark.filterwarnings("ignore:The model .* is deprecated:DeprecationWarning")

STATES = {
    "create": "before the provider hears of it",
    "created": "created, before its id could be kept",
    "look": "in progress",
    "results": "ended, before its results were read",
    "half the results": "half-way through its results",
}


@pytest.mark.slow
@every_provider
def test_killed_at_every_state_no_question_is_sent_twice(
    provider: str, server: BatchServer, tmp_path: Path, six: dict[str, str]
) -> None:
    """SIGKILL in each of five states, one after the other: the sixth process has all verdicts of the one batch."""
    ledger = tmp_path / "ledger.jsonl"
    streams = provider != "google"  # whose client hands results over as a whole
    raw: bytes | None = None
    for place in STATES:
        reached = server.shut(place)
        with standin(server, tmp_path) as (process, bench):
            raw = raw or request(bench, six, provider)
            bench.publish(raw)
            assert reached.wait(60), place
            while place == "half the results" and streams and not lines_of(ledger):
                assert process.poll() is None
            process.kill()
            process.wait()
        server.open(drop=place == "create")
        assert len(server.batches) == (0 if place == "create" else 1), STATES[place]
    assert not streams or 0 < lines_of(ledger) < 15
    with standin(server, tmp_path) as (_, bench):
        assert raw is not None
        answers = bench.run(raw)
    assert winners(answers) == ["Essay B"] * 15
    assert set(server.asked.values()) == {1}
    assert len(server.batches) == 1
    assert lines_of(ledger) == 15
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(KEY.encode() in content for content in written)


def lines_of(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def standin(server: BatchServer, state: Path) -> StandinProcess:
    """The stand-in in a process of its own, with every provider at the server."""
    environment = {}
    for name in MODELS:
        environment[f"ENG5_LLM_{name.upper()}_BASE_URL"] = server.address(name)
        environment[f"ENG5_LLM_{name.upper()}_API_KEY"] = KEY
    return standin_process(state, environment)


@pytest.mark.slow
@by_default_openai
def test_another_machine_finds_the_batch(
    provider: str, server: BatchServer, make_bench: MakeBench, six: dict[str, str], tmp_path: Path
) -> None:
    """Without any state of the first one: the same request finds the batch in the provider's list, ended or not."""
    server.looks = 2
    reached = server.shut("look")
    first = make_bench(llm=config(server), state=tmp_path / "first")
    raw = request(first, six, provider)
    first.publish(raw)
    assert reached.wait(60)
    second = make_bench(llm=config(server), state=tmp_path / "second")
    again = request(second, six, provider, like=raw)
    server.open()
    assert winners(second.run(again)) == ["Essay B"] * 15
    assert set(server.asked.values()) == {1}
    third = make_bench(llm=config(server), state=tmp_path / "third")
    assert winners(third.run(request(third, six, provider, like=raw))) == ["Essay B"] * 15
    assert len(server.batches) == 1


def test_what_another_machine_sends_meanwhile_is_not_sent_again(
    server: BatchServer,
    make_bench: MakeBench,
    six: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It looked in an empty list; while it writes its questions down, the batch of the other one appears there."""
    first = make_bench(llm=config(server), state=tmp_path / "first")
    raw = request(first, six, "openai")
    first.run(raw)
    sent = [server.batches.pop()]
    write = Post.write

    async def write_down(post: Post, question: Question) -> Letter:
        if sent:
            server.batches.append(sent.pop())
        return await write(post, question)

    monkeypatch.setattr(Post, "write", write_down)
    second = make_bench(llm=config(server), state=tmp_path / "second")
    assert winners(second.run(request(second, six, "openai", like=raw))) == ["Essay B"] * 15
    assert set(server.asked.values()) == {1}
    assert (sent, len(server.batches)) == ([], 1)


@by_default_openai
@pytest.mark.parametrize("gate", ["create", "created"])
def test_an_answer_that_is_lost_costs_nothing(
    gate: str, provider: str, server: BatchServer, make_bench: MakeBench, six: dict[str, str]
) -> None:
    """An error of the server on creation: one that came after it is found in the list, one before it ends the run."""
    bench = make_bench(llm=config(server))
    server.refused[gate] = (502, "bad gateway")
    answers = bench.run(request(bench, six, provider))
    if gate == "create":
        assert "not in the provider's list" in failure(answers)
        server.refused.clear()
        answers = bench.run(request(bench, six, provider))
    assert winners(answers) == ["Essay B"] * 15
    assert len(server.batches) == 1


@pytest.mark.parametrize(
    ("gate", "status", "says"),
    [
        ("list", 500, "it is not known whether these questions were sent before"),
        ("list", 401, "openai's batch API: HTTP 401: scripted refusal"),
        ("list", 404, "may have no batch API"),
        ("upload", 404, "may have no batch API"),
        ("create", 400, "scripted refusal"),
    ],
)
def test_without_knowing_nothing_is_sent(
    gate: str, status: int, says: str, server: BatchServer, make_bench: MakeBench, six: dict[str, str]
) -> None:
    """A list that cannot be had, a wrong key, a server without batches, a refusal: the reason, and no batch is kept."""
    server.refused[gate] = (status, "scripted refusal")
    bench = make_bench(llm=config(server))
    assert says in failure(bench.run(request(bench, six, "openai")))
    assert server.batches == []
    server.refused.clear()
    assert winners(bench.run(request(bench, six, "openai"))) == ["Essay B"] * 15


def test_a_batch_of_another_model_is_not_waited_for(
    server: BatchServer, make_bench: MakeBench, six: dict[str, str]
) -> None:
    """Anthropic does not say whose a batch is; one that this study sent, as large and in progress, is known."""
    server.plan = lambda batch: setattr(batch, "looks", 1000 if batch.number == 1 else 0)
    bench = make_bench(llm=config(server))
    reached = server.shut("look")
    bench.publish(request(bench, six, "anthropic"))
    assert reached.wait(60)
    server.open()
    other = json.loads(request(bench, six, "anthropic"))
    other["data"]["llm_config_overrides"]["model_override"] = "claude-opus-5"
    assert winners(bench.run(json.dumps(other).encode())) == ["Essay B"] * 15
    assert [one.ended for one in server.batches] == [False, True]


@pytest.mark.slow
@by_default_openai
def test_runs_side_by_side_send_each_question_once(
    provider: str, server: BatchServer, make_bench: MakeBench, six: dict[str, str]
) -> None:
    """Four runs at once, two of the same questions and two of others, as many: each waits for what is its own."""
    server.looks = 1
    bench = make_bench(llm=config(server))
    others = {name: f"Another text. {text}" for name, text in six.items()}
    raws = [request(bench, texts, provider) for texts in (six, others, six, others)]
    for raw in raws[:3]:
        bench.publish(raw)
    assert winners(bench.run(raws[3])) == ["Essay B"] * 15
    for raw in raws[:3]:
        assert winners(bench.run(raw)) == ["Essay B"] * 15
    assert set(server.asked.values()) == {1}
    assert sorted(len(one.items) for one in server.batches) == [15, 15]
