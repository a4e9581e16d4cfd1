import asyncio

from hypothesis import given
from hypothesis import strategies as st

from eng5.judges.protocol import Judge, Outcome, Verdict
from eng5.judges.question import Question, Setting, ShownEssay
from eng5.judges.surface import REASONS, WEIGHTS, SurfaceJudge

texts = st.text(alphabet="abcdeiAI .,!?'\n", max_size=200)
SETTING = Setting("mock", "surface")
GOOD = (
    "My grandmother, whom I have always admired, taught me patience. Although she left school early, she read "
    "widely; whenever we disagreed, she listened before she spoke. I hope to become as generous as she was."
)
POOR = "my grandmother she are good. i like she becouse she help me alot.i dont know wich is more better ,she is."


def verdict(first: str, second: str) -> Verdict:
    question = Question(SETTING, ShownEssay("1", first), ShownEssay("2", second))
    return asyncio.run(SurfaceJudge().judge(question))


def test_it_is_a_judge() -> None:
    """It fits the protocol, and every feature has a weight and a reason."""
    assert isinstance(SurfaceJudge(), Judge)
    assert set(WEIGHTS) == set(REASONS)


@given(texts, texts)
def test_order_does_not_matter(first: str, second: str) -> None:
    """The same essay wins whichever is shown first, as confidently, for the same reason."""
    forward, backward = verdict(first, second), verdict(second, first)
    mirrored = {Outcome.A: Outcome.B, Outcome.B: Outcome.A, Outcome.TIE: Outcome.TIE}
    assert backward.outcome is mirrored[forward.outcome]
    assert forward.confidence == backward.confidence
    assert forward.confidence is not None and 1 <= forward.confidence <= 5
    assert verdict(first, second) == forward


def test_same_text_is_a_tie() -> None:
    """Nothing tells a text from itself."""
    assert verdict(GOOD, GOOD).outcome is Outcome.TIE


def test_better_text_wins_for_a_named_reason() -> None:
    """A varied text without slips beats one full of them, and the justification names what decided."""
    found = verdict(POOR, GOOD)
    assert found.outcome is Outcome.B
    assert found.justification == "Essay B is preferred because it has fewer errors of form."
    assert found.confidence is not None and found.confidence > 4
