"""Judges that cannot be are refused; new models can be."""

import pytest

from eng5.contracts.judge_names import judge_problem, model_of_another


@pytest.mark.parametrize(
    ("provider", "model", "judge", "says"),
    [
        ("opnai", "gpt-4o", None, "did you mean 'openai'"),
        ("Anthropic", "claude-x", None, "did you mean 'anthropic'"),
        ("openai", " ", None, "model is empty"),
        ("mock", "surfce", None, "did you mean 'surface'"),
        ("plugin", None, None, "needs model"),
        ("openai", None, "judges/a.py:A", "provider = 'plugin'"),
        (None, None, "judges/a.py", "FILE.py:NAME"),
        (None, None, None, None),
        ("openai", "a-model-of-tomorrow", None, None),
        (None, None, "judges/a.py:A", None),
    ],
)
def test_a_judge_that_cannot_be(
    provider: str | None, model: str | None, judge: str | None, says: str | None
) -> None:
    """Typos, empty names, half a judge; a model that nobody has heard of is none of them."""
    problem = judge_problem(provider, model, judge)
    assert (problem is None) if says is None else says in (problem or "")


@pytest.mark.parametrize(
    ("provider", "model", "says"),
    [
        ("openai", "claude-sonnet-5", "did you mean provider = 'anthropic'"),
        ("anthropic", "gpt-9", "did you mean provider = 'openai'"),
        ("google", "o5-mini", "did you mean provider = 'openai'"),
        ("openai", "openai/gpt-4o", "did you mean provider = 'openrouter'"),
        ("openrouter", "gpt-4o", "did you mean 'openai/gpt-4o'"),
        ("openrouter", "nemo", "VENDOR/MODEL"),
        ("openrouter", "mistralai/nemo", None),
        ("google", "models/gemini-9", None),
        ("openai", "ft:gpt-4o:school:1", None),
        ("openai", "orca", None),
        ("anthropic", "opus-9", None),
        ("mock", "claude", None),
    ],
)
def test_the_model_of_another(provider: str, model: str, says: str | None) -> None:
    """A vendor's family of names under another's provider; behind an address of one's own anything may be."""
    problem = model_of_another(provider, model, ())
    assert (problem is None) if says is None else says in (problem or "")
    assert model_of_another(provider, model, [provider]) is None
