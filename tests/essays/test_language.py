"""Which language a text is in, without any network."""

from __future__ import annotations

import pytest

from eng5.essays.language import language_of, other_language

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
