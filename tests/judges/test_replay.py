"""Replaying the verdicts of a ledger, a journal and an artefact."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from eng5.contracts.journal import Message, message_line
from eng5.contracts.wire.topics import COMPARISON_RESULT
from eng5.judges.protocol import KnowsItsPairs, Outcome, Verdict
from eng5.judges.question import Question, Setting, ShownEssay
from eng5.judges.registry import JudgeUnavailableError
from eng5.judges.replay import ReplayJudge
from tests.bench import Answers, Bench
from tests.reports.conftest import artefact, comparison, essays

SETTING = Setting("mock", "replay")
METADATA = {"simulated": {"seed": 3, "tie_rate": 0.3, "error_rate": 0.05}}


def verdict(judge: ReplayJudge, a: str, b: str, repetition: int = 1) -> Verdict:
    return asyncio.run(judge.judge(Question(SETTING, ShownEssay(a, "x"), ShownEssay(b, "y"), repetition)))


def outcomes(answers: Answers) -> dict[tuple[str, str], tuple[object, ...]]:
    return {
        (one["request_metadata"]["essay_a_id"], one["request_metadata"]["essay_b_id"]): (
            one["winner"],
            one["confidence"],
            (one["error_detail"] or {}).get("error_code"),
            (one["error_detail"] or {}).get("details", {}).get("outcome"),
        )
        for one in answers.callbacks
    }


@pytest.fixture
def recorded(make_bench: Callable[..., Bench], twelve_essays: dict[str, str]) -> tuple[Bench, Answers]:
    """A batch with winners, ties and errors."""
    bench = make_bench()
    return bench, bench.run(bench.request(twelve_essays, model="simulated", metadata=METADATA))


def test_a_ledger_is_replayed_to_the_same_outcomes(
    recorded: tuple[Bench, Answers], twelve_essays: dict[str, str], tmp_path: Path
) -> None:
    """Winners, ties and errors come out as they did; the judge is named mock/replay and who judged then beside it."""
    bench, before = recorded
    source = str(tmp_path / "state" / "ledger.jsonl")
    after = bench.run(bench.request(twelve_essays, model="replay", metadata={"replay": source}))
    assert outcomes(after) == outcomes(before)
    assert {one["model"] for one in after.callbacks} == {"replay"}
    assert {one["request_metadata"]["replayed_model"] for one in after.callbacks} == {"simulated"}


def test_a_journal_is_replayed_to_the_same_outcomes(
    recorded: tuple[Bench, Answers], twelve_essays: dict[str, str], tmp_path: Path
) -> None:
    """As the runner captured it, with a repeated callback in it."""
    bench, before = recorded
    values = before.raw[COMPARISON_RESULT]
    lines = [
        message_line("c", Message(COMPARISON_RESULT, 0, offset, None, value))
        for offset, value in enumerate([*values, values[0]])
    ]
    journal = tmp_path / "45_events.jsonl"
    journal.write_bytes(b"\n".join(lines) + b"\n")
    after = bench.run(bench.request(twelve_essays, model="replay", metadata={"replay": str(journal)}))
    assert outcomes(after) == outcomes(before)


def test_the_missing_pairs_are_named(
    recorded: tuple[Bench, Answers], twelve_essays: dict[str, str], tmp_path: Path
) -> None:
    """A thirteenth essay that the source does not know: the batch is refused, naming its twelve pairs."""
    bench, _ = recorded
    source = str(tmp_path / "state" / "ledger.jsonl")
    texts = {**twelve_essays, "essay-13": "One more."}
    answers = bench.run(bench.request(texts, model="replay", metadata={"replay": source}))
    error = answers.only("huleedu.cj_assessment.failed.v1")["system_metadata"]["error_info"]
    assert "no verdict for" in error["error_message"]
    assert error["error_message"].count("essay-13") == 12


def test_an_artefact_is_replayed_in_its_order(tmp_path: Path) -> None:
    """Repeats of a pair are told apart by their order; ties and failures keep what they said."""
    rows = [
        comparison(1, "a", "b", 1),
        comparison(2, "a", "b", -1),
        comparison(3, "b", "a", 0),
    ]
    path = tmp_path / "50_artefact.json"
    path.write_bytes(artefact(essays(["A", "B"]), rows).model_dump_json().encode())
    judge = ReplayJudge(str(path))
    assert isinstance(judge, KnowsItsPairs)
    assert verdict(judge, "a", "b").outcome is Outcome.A
    assert verdict(judge, "a", "b", 2).outcome is Outcome.B
    assert verdict(judge, "b", "a").outcome is Outcome.TIE
    assert judge.lacking([("a", "b", 1), ("a", "b", 3), ("a", "c", 1)]) == ["a × b (repetition 3)", "a × c"]


def test_two_questions_about_a_pair_need_a_batch(
    make_bench: Callable[..., Bench], tmp_path: Path, twelve_essays: dict[str, str]
) -> None:
    """A ledger with two judges' verdicts is ambiguous; one of its batches is not."""
    bench = make_bench()
    for model in ("surface", "simulated"):
        bench.run(bench.request(twelve_essays, model=model))
    path = tmp_path / "state" / "ledger.jsonl"
    with pytest.raises(JudgeUnavailableError, match="name one batch"):
        ReplayJudge(str(path))
    batch = json.loads(path.read_text(encoding="utf-8").splitlines()[0])["batch"]
    assert len(ReplayJudge(f"{path}#{batch}").lacking([("essay-01", "essay-02", 99)])) == 1


@pytest.mark.parametrize("content", [None, "{}", "not json"])
def test_a_source_that_is_none_is_refused(content: str | None, tmp_path: Path) -> None:
    """Missing, another kind of file, or damaged: the message names it."""
    path = tmp_path / "source.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(JudgeUnavailableError, match=r"source\.json"):
        ReplayJudge(str(path))
