"""Reading an answer: the valid ones, the invalid ones, and that nothing is guessed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.judges.answer import InvalidAnswerError, answer_schema, read_answer

ANSWER = {"winner": "Essay A", "justification": "Clearer.", "confidence": 3}


@given(
    winner=st.sampled_from(["Essay A", "Essay B"]),
    justification=st.text(min_size=1).filter(lambda text: bool(text.strip())),
    confidence=st.floats(1, 5),
    before=st.text().filter(lambda text: "{" not in text),
    after=st.text().filter(lambda text: "{" not in text),
)
def test_any_valid_object_is_read_whatever_is_around_it(
    winner: str, justification: str, confidence: float, before: str, after: str
) -> None:
    """Every field comes back as it was said."""
    said = {"winner": winner, "justification": justification, "confidence": confidence}
    answer = read_answer(before + json.dumps(said) + after, allow_ties=False)
    assert (answer.winner, answer.justification, answer.confidence) == (winner, justification, confidence)


@given(st.text())
def test_any_other_text_is_refused_and_never_guessed(text: str) -> None:
    """No text without a valid object gives a winner."""
    with pytest.raises(InvalidAnswerError):
        read_answer(text.replace("{", "("), allow_ties=True)


@given(st.floats(allow_nan=True).filter(lambda number: not 1 <= number <= 5))
def test_confidence_outside_the_scale_is_refused(confidence: float) -> None:
    """0.9 does not become 4.6, and 7 does not become 5."""
    with pytest.raises(InvalidAnswerError):
        read_answer(json.dumps({**ANSWER, "confidence": confidence}), allow_ties=False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (json.dumps({**ANSWER, "winner": "essay a"}), "winner"),
        (json.dumps({**ANSWER, "winner": None}), "winner"),
        (json.dumps({**ANSWER, "confidence": True}), "confidence"),
        (json.dumps({**ANSWER, "confidence": "4"}), "confidence"),
        (json.dumps({**ANSWER, "justification": "  "}), "justification"),
        (json.dumps([ANSWER, ANSWER]), "2 JSON objects"),
        ('{"winner": "Essay A", "winner": "Essay B", "justification": "x", "confidence": 3}', "twice"),
        ('{"first": {"winner": "Essay A", "justification": "x", "confidence": 3}, "final": {"wi', "parse"),
        ("I choose A", "no JSON object"),
    ],
)
def test_the_reason_says_what_is_wrong(text: str, reason: str) -> None:
    """The message names the field or the fault, so that the model can mend it."""
    with pytest.raises(InvalidAnswerError, match=reason):
        read_answer(text, allow_ties=False)


def test_a_tie_is_read_only_where_it_is_allowed() -> None:
    """The same text is a tie or no answer at all."""
    tie = json.dumps({**ANSWER, "winner": "tie"})
    assert read_answer(tie, allow_ties=True).outcome == "tie"
    with pytest.raises(InvalidAnswerError, match="winner"):
        read_answer(tie, allow_ties=False)


def test_the_schema_offers_what_is_accepted() -> None:
    """Winners of the schema are the winners that validate; nothing else may be in the object."""
    assert answer_schema(allow_ties=False)["properties"]["winner"]["enum"] == ["Essay A", "Essay B"]
    assert answer_schema(allow_ties=True)["properties"]["winner"]["enum"] == ["Essay A", "Essay B", "tie"]
    assert answer_schema(allow_ties=True)["additionalProperties"] is False
    confidence = answer_schema(allow_ties=False)["properties"]["confidence"]
    assert (confidence["type"], confidence["minimum"], confidence["maximum"]) == ("integer", 1, 5)
