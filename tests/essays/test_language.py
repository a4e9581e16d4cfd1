"""Which language a text is in, without any network."""

from __future__ import annotations

import pytest

from eng5.essays.language import language_of, other_language, prompts_in_another
from eng5.study.make import FIRST, languages

SWEDISH = (
    "Min förebild är min mormor. Hon växte upp på en gård utanför Skellefteå och fick börja arbeta när hon var tolv år "
    "gammal. Hon har lärt mig att man aldrig ska ge upp, hur svårt det än är."
)
BAD_ENGLISH = (
    "I has a role modle it are my mum she works in hospital and every day she go up clock five and making breakfast "
    "for all us and then she goes to the job and i think it is very strong of her becaus she never sit down and rest"
)


@pytest.mark.parametrize(
    ("text", "code"), [(SWEDISH, "sv"), (BAD_ENGLISH, "en"), ("My mum is kind.", None), ("", None)]
)
def test_languages(text: str, code: str | None) -> None:
    """A beginner's English is English; of a few words nothing is said."""
    assert language_of(text) == code


def test_another_language_is_named() -> None:
    """The whole text, or some of its paragraphs; a tag with a region is its language."""
    assert other_language(SWEDISH, "en-GB") == "it seems to be in another language (sv, not en)"
    assert other_language(SWEDISH, "sv-SE") is None
    mixed = f"{BAD_ENGLISH}\n\n{SWEDISH}\n\n{BAD_ENGLISH}\n\n{BAD_ENGLISH}"
    assert other_language(mixed, "en") == "1 of its 4 paragraphs seem to be in another language (sv, not en)"


def test_prompts_in_another_language() -> None:
    """Each is named with both languages; one that is missing, short or in the language of the essays is not."""
    swedish = (
        "Du är en opartisk bedömare av elevtexter. Avgör vilken av de två uppsatserna som är det bättre svaret. "
        * 2
    )
    said = prompts_in_another({"system prompt": swedish, "rubric": None, "other": "Short."}, "en-GB")
    assert said == ["The system prompt seems to be in another language (sv) than the essays (en-GB)."]
    assert prompts_in_another({"system prompt": swedish}, "sv-FI") == []


@pytest.mark.parametrize("language", languages())
def test_the_first_prompts_are_in_their_language(language: str) -> None:
    """What `eng5 init` lays down is never said to be in another language."""
    folder = FIRST / language
    texts = {name: (folder / f"{name}.txt").read_text(encoding="utf-8") for name in ("system", "rubric")}
    assert prompts_in_another(texts, language) == []
