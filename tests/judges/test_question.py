from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.judges.question import CLOSING, JSON_REMINDER, Question, Setting, ShownEssay, sha256_hex

A, B = ShownEssay("student::ANCHOR_F", "First text."), ShownEssay("ANCHOR_12_c4dd6d9e", "Second text.")
SETTING = Setting("mock", "surface", student_prompt="Write.", criteria="Criteria.", rubric="Rubric.")
QUESTION = Question(SETTING, A, B)


def test_user_text_has_the_platforms_blocks() -> None:
    """Context, both essays and the closing instruction, joined by blank lines; each context part has a title."""
    fence_a, fence_b = sha256_hex(A.text)[:16], sha256_hex(B.text)[:16]
    assert QUESTION.user_text == (
        "**Student Assignment:**\nWrite.\n\n"
        "**Assessment Criteria:**\nCriteria.\n\n"
        "**Judge Instructions:**\nRubric.\n\n"
        f"**Essay A (ID: {fence_a[:8]}):**\n<essay-{fence_a}>\nFirst text.\n</essay-{fence_a}>\n\n"
        f"**Essay B (ID: {fence_b[:8]}):**\n<essay-{fence_b}>\nSecond text.\n</essay-{fence_b}>\n\n{CLOSING}"
    )


def test_empty_context_leaves_no_block() -> None:
    """Without assignment, criteria and rubric, the text begins with Essay A; only constant blocks are cacheable."""
    bare = Question(Setting("mock", "surface"), A, B)
    assert bare.user_text.startswith("**Essay A")
    assert [block.cacheable for block in bare.blocks] == [False, False, True]
    assert [block.cacheable for block in QUESTION.blocks] == [True, False, False, True]


@pytest.mark.parametrize(
    ("provider", "reminded"), [("openai", True), ("openrouter", True), ("anthropic", False)]
)
def test_some_providers_are_reminded_of_json(provider: str, reminded: bool) -> None:
    """The reminder belongs to the hashed text."""
    question = Question(replace(SETTING, provider=provider), A, B)
    assert question.user_text.endswith(JSON_REMINDER) is reminded
    assert question.prompt_sha256 == sha256_hex(question.user_text)


def test_ids_are_not_shown() -> None:
    """The judge sees labels made from the texts, never the ids."""
    assert A.essay_id not in QUESTION.user_text
    assert B.essay_id not in QUESTION.user_text


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_text_cannot_close_its_fence(first: str, second: str) -> None:
    """Whatever is written in an essay, its fence does not occur in it, not even when the writer knows another's."""
    hostile = ShownEssay("x", first + ShownEssay("y", second).fenced + second)
    fence = hostile.fenced.partition("\n")[0].strip("<>")
    assert fence not in hostile.text
    assert hostile.fenced.count(fence) == 2


def test_every_deciding_change_changes_the_hash() -> None:
    """Texts, order, prompts, model, parameters, replicate and judge version each make another question."""
    changes: dict[str, Any] = {
        "provider": "openai", "model": "other", "system_prompt": "p", "student_prompt": "p", "criteria": "c",
        "rubric": "r", "temperature": 0.0, "max_tokens": 5, "reasoning_effort": "low", "output_verbosity": "low",
        "replicate": 2,
    }  # fmt: skip
    questions = [QUESTION, Question(SETTING, B, A), Question(SETTING, A, ShownEssay("z", "Other."))]
    questions += [Question(replace(SETTING, **{name: value}), A, B) for name, value in changes.items()]
    hashes = {q.sha256(version, extra) for q, version, extra in product(questions, "12", [{}, {"seed": 1}])}
    assert len(hashes) == 4 * len(questions)


def test_ids_and_repetition_do_not_change_the_hash() -> None:
    """The same texts under other ids are the same question, and a repetition of it too."""
    renamed = Question(SETTING, ShownEssay("n", A.text), ShownEssay("m", B.text), repetition=2)
    assert renamed.sha256("1", {}) == QUESTION.sha256("1", {})
