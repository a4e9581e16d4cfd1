"""Step `artefact`: a pure fold over the files before it, complete and verifiable."""

from __future__ import annotations

import hashlib
import json
import random
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eng5.contracts.artefact import Artefact
from eng5.contracts.modes import RunnerMode
from eng5.contracts.run import BoundarySelection, RegisteredAnchor
from eng5.contracts.wire.topics import ASSESSMENT_RESULT, CJ_COMPLETED, CJ_FAILED, COMPARISON_RESULT
from eng5.errors import BatchFailedError, DamagedFileError, PartialDataError
from eng5.files import JsonLines, read_model, sha256_bytes, sha256_text, write_model
from eng5.steps.artefact import build, with_checksum
from eng5.steps.folding import fold
from tests.chain import Chain
from tests.fakes import Clock
from tests.messages import callback, completed, failed, raw, result


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """A project whose request is published."""
    chain = Chain(tmp_path)
    chain.up_to_published()
    return chain


def written(chain: Chain) -> Artefact:
    chain.fold()
    return read_model(chain.paths.artefact, Artefact)


def captured(
    chain: Chain, *callbacks: dict[str, Any] | bytes, scores: dict[str, Any] | None = None
) -> Artefact:
    """The artefact of a finished batch with these callbacks."""
    batch = chain.run_file.batch_uuid
    for one in callbacks:
        chain.broker.put(COMPARISON_RESULT, one if isinstance(one, bytes) else raw(one))
    chain.broker.put(CJ_COMPLETED, raw(completed(batch)))
    chain.broker.put(ASSESSMENT_RESULT, raw(scores or result(batch)))
    chain.capture()
    return written(chain)


def test_a_finished_batch(chain: Chain) -> None:
    """Head, inputs, comparisons in order, costs and completeness of a batch of six verdicts."""
    chain.answer()
    chain.capture()
    artefact = written(chain)
    run = chain.run_file
    assert artefact.metadata.batch_uuid == run.batch_uuid
    assert (artefact.metadata.generated_at, artefact.metadata.timestamp) == (run.created_at, run.timestamp)
    assert artefact.metadata.system_prompt and artefact.metadata.rubric
    assert artefact.metadata.system_prompt.text == "Judge fairly."
    assert artefact.metadata.rubric.text == "Content counts."
    assert artefact.inputs.anchors == chain.found.anchors
    ids = [anchor.essay_id for anchor in chain.found.anchors]
    assert [(one.essay_a_id, one.essay_b_id) for one in artefact.llm_comparisons] == sorted(
        combinations(ids, 2)
    )
    assert [one.sequence for one in artefact.llm_comparisons] == [1, 2, 3, 4, 5, 6]
    validation = artefact.validation
    assert (validation.complete, validation.batch_status, validation.failure) == (True, "completed", None)
    assert validation.observed == {
        "llm_comparisons": 6,
        "completions": 1,
        "failures": 0,
        "assessment_results": 1,
    }
    assert (validation.model_used, validation.provider_used) == ("gpt-5.1", "openai")


def test_the_checksum_is_that_of_the_file_without_it(chain: Chain) -> None:
    """Blanking the field gives the bytes that were hashed, even when a text quotes the field."""
    field = '"artefact_checksum": "'
    chain.broker.put(
        COMPARISON_RESULT, raw(callback(chain.run_file.batch_uuid, number=9, justification=field))
    )
    chain.answer()
    chain.capture()
    content = chain.fold()
    checksum = json.loads(content)["validation"]["artefact_checksum"]
    assert len(checksum) == 64
    assert hashlib.sha256(content.replace(checksum.encode(), b"")).hexdigest() == checksum


def test_the_manifest_names_every_file_that_was_folded(chain: Chain) -> None:
    """Name, size and hash of 00 to 45."""
    chain.answer()
    chain.capture()
    manifest = {entry.path: (entry.bytes, entry.sha256) for entry in written(chain).validation.manifest}
    files = chain.paths.chain()[:6]
    assert manifest == {path.name: (path.stat().st_size, sha256_bytes(path.read_bytes())) for path in files}


def test_folding_again_gives_the_same_bytes(chain: Chain) -> None:
    """A deleted artefact is folded from the journal, and nothing is asked."""
    chain.answer()
    chain.capture()
    first, polls = chain.fold(), chain.broker.polls
    chain.paths.artefact.unlink()
    assert chain.fold() == first
    assert chain.broker.polls == polls


@settings(max_examples=25)
@given(st.randoms(use_true_random=False))
def test_shuffled_journals_give_the_same_artefact(finished: Chain, source: random.Random) -> None:
    """Any order, with any lines repeated: the same artefact but for the count of duplicates."""
    lines = list(JsonLines(finished.paths.events))
    again = lines + source.choices(lines[:-1], k=3)
    source.shuffle(again)

    def artefact(journal: list[bytes]) -> Artefact:
        made = build(
            finished.run_file, finished.found, None, fold(journal, finished.paths.events), manifest=[]
        )
        return Artefact.model_validate_json(b"".join(with_checksum(made)))

    counts = {"validation": {"duplicates", "artefact_checksum"}}
    changed = artefact(again)
    assert changed.validation.duplicates == 3
    assert changed.model_dump(exclude=counts) == artefact(lines).model_dump(exclude=counts)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """A captured batch with a tie and an error."""
    chain = Chain(tmp_path_factory.mktemp("project"))
    batch = chain.up_to_published().batch_uuid
    chain.broker.put(COMPARISON_RESULT, raw(callback(batch, number=77, kind="error")))
    chain.answer()
    chain.capture()
    return chain


def test_indexed_comparisons_stand_in_the_order_of_the_request(chain: Chain) -> None:
    """Where the service counts comparisons, its order is the artefact's."""
    batch = chain.run_file.batch_uuid
    artefact = captured(
        chain,
        *(callback(batch, number=number, metadata={"comparison_index": 9 - number}) for number in range(5)),
    )
    assert [one.comparison_index for one in artefact.llm_comparisons] == [5, 6, 7, 8, 9]


def test_ties_and_errors_win_nothing(chain: Chain) -> None:
    """They stand among the comparisons with their own status, and count for no essay."""
    batch = chain.run_file.batch_uuid
    a, b = "student::ANCHOR_ESSAY_ENG_5_78DB411E", "student::ANCHOR_ESSAY_ENG_5_8DE763C1"
    tie = callback(batch, a, b, number=1, kind="error")
    tie["data"]["error_detail"]["details"] = {"outcome": "tie", "confidence": 2.0, "justification": "Equal."}
    artefact = captured(
        chain, tie, callback(batch, a, b, number=2, kind="error"), callback(batch, a, b, number=3)
    )
    statuses = {one.request_id: (one.status, one.winner_id) for one in artefact.llm_comparisons}
    assert statuses == {
        "request-00001": ("tie", None),
        "request-00002": ("failed", None),
        "request-00003": ("succeeded", a),
    }
    counts = {score.essay_id: score.comparison_count for score in artefact.bt_summary}
    assert (counts[a], counts[b], sum(counts.values())) == (1, 1, 2)


def test_the_service_s_scores_are_kept(chain: Chain) -> None:
    """Score and rank as they came, best first, with our count of decided comparisons and the expert grade."""
    batch, anchors = chain.run_file.batch_uuid, chain.found.anchors
    scores = result(batch)
    scores["data"]["essay_results"] = [
        scores["data"]["essay_results"][0]
        | {"essay_id": anchor.essay_id, "bt_score": 0.5 * rank, "rank": 5 - rank}
        for rank, anchor in enumerate(anchors, start=1)
    ]
    artefact = captured(chain, *chain.callbacks(), scores=scores)
    assert [
        (one.rank, one.bt_score, one.anchor_grade, one.comparison_count) for one in artefact.bt_summary
    ] == [
        (1, 2.0, "A", 3),
        (2, 1.5, "C+", 3),
        (3, 1.0, "E-", 3),
        (4, 0.5, "F+", 3),
    ]


def test_grades_of_registered_anchors(chain: Chain) -> None:
    """The wire has no anchor grades; those noted when the run was made are put to the service's ids."""
    anchors = [RegisteredAnchor(id=12, label="x", grade="B"), RegisteredAnchor(id=1, label="y", grade="A")]
    write_model(chain.paths.run, chain.run_file.model_copy(update={"registered_anchors": anchors}))
    scores = result(chain.run_file.batch_uuid)
    names = [("ANCHOR_1_0123abcd", True), ("ANCHOR_12_0123abcd", True), ("ANCHOR_12_student", False)]
    scores["data"]["essay_results"] = [
        scores["data"]["essay_results"][0] | {"essay_id": name, "is_anchor": is_anchor, "rank": rank}
        for rank, (name, is_anchor) in enumerate(names, start=1)
    ]
    artefact = captured(chain, scores=scores)
    assert [one.anchor_grade for one in artefact.bt_summary] == ["A", "B", None]


def test_costs(chain: Chain) -> None:
    """Tokens and prices by provider and model; one unknown price makes a sum unknown."""
    batch = chain.run_file.batch_uuid
    known = [callback(batch, number=number) for number in range(3)]
    artefact = captured(
        chain,
        *known,
        callback(batch, number=8, provider="mock", model="surface", metadata={"cost_known": False}),
    )
    counts = [
        (one.provider, one.model, one.comparisons, one.prompt_tokens, one.completion_tokens, one.usd)
        for one in artefact.costs.token_counts
    ]
    assert counts == [
        ("mock", "surface", 1, 1445, 54, None),
        ("openai", "gpt-5.1", 3, 3 * 1445, 3 * 54, 0.067455),
    ]
    assert artefact.costs.total_usd is None


def test_what_cannot_be_read_is_counted(chain: Chain) -> None:
    """The artefact says how many messages it could not use and why; their bytes are in the journal."""
    artefact = captured(chain, b"garbage", callback(chain.run_file.batch_uuid), b"\xff")
    assert [(one.offset, one.reason) for one in artefact.validation.quarantined] == [
        (0, "not one line of JSON"),
        (2, "not one line of JSON"),
    ]
    assert artefact.validation.complete


def test_a_failed_batch_has_its_reason(chain: Chain) -> None:
    """An artefact of a failed batch says so."""
    chain.broker.put(CJ_FAILED, raw(failed(chain.run_file.batch_uuid)))
    with pytest.raises(BatchFailedError):
        chain.capture()
    validation = written(chain).validation
    assert (validation.complete, validation.batch_status) == (False, "failed")
    assert "(low_success_rate)" in (validation.failure or "")


def test_a_partial_batch_is_no_complete_one(chain: Chain) -> None:
    """What came before the deadline can be folded, and is called partial."""
    chain.broker.put(COMPARISON_RESULT, chain.callbacks()[0])
    with pytest.raises(PartialDataError):
        chain.capture(clock=Clock([0.0, 1801.0]))
    artefact = written(chain)
    assert (artefact.validation.complete, artefact.validation.batch_status) == (False, "partial")
    assert len(artefact.llm_comparisons) == 1
    assert artefact.bt_summary == []


def test_listed_comparisons_are_compared_with_the_callbacks(tmp_path: Path) -> None:
    """A platform that does not know the list runs other pairs: the artefact counts those, and what is missing."""
    selection = BoundarySelection(grades=["A:F+"], iterations=2)
    chain = Chain(tmp_path, changes={"mode": RunnerMode.BOUNDARY_TEST, "boundary": selection})
    batch = chain.up_to_published().batch_uuid
    ids = {str(anchor.grade): anchor.essay_id for anchor in chain.found.anchors}
    artefact = captured(
        chain,
        callback(batch, ids["A"], ids["F+"], number=1),
        callback(batch, ids["F+"], ids["A"], number=2),
        callback(batch, ids["F+"], ids["A"], number=3),
        callback(batch, ids["F+"], ids["A"], number=4),
        callback(batch, ids["A"], ids["C+"], number=5),
    )
    assert (artefact.validation.unlisted, artefact.validation.missing) == (2, 1)
    assert artefact.metadata.boundary == chain.run_file.identity.boundary


@pytest.mark.parametrize("name", ["run", "inventory", "envelope", "events"])
def test_damaged_files_are_named(chain: Chain, name: str) -> None:
    """A damaged file before the fold is an error with file and remedy, not a traceback."""
    chain.answer()
    chain.capture()
    path: Path = getattr(chain.paths, name)
    path.write_bytes(b"{}\n" + path.read_bytes()[:100])
    with pytest.raises(DamagedFileError) as caught:
        chain.fold()
    assert caught.value.where == str(path)


def test_prompts_are_the_ones_that_were_sent(chain: Chain) -> None:
    """A prompt that was edited after asking does not change what the artefact says."""
    chain.answer()
    chain.capture()
    chain.rubric.write_text("Something else.", encoding="utf-8")
    rubric = written(chain).metadata.rubric
    assert rubric and rubric.text == "Content counts."
    assert rubric.sha256 == sha256_text(rubric.text)
