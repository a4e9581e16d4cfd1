"""Which language a text is in: py3langid, which brings its model along and gives the same answer every time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

LEAST_WORDS = 20
"""A shorter text may be a quotation or a list of names."""
CERTAIN = 0.95
SAME = {"nb": "no", "nn": "no"}
"""Tags of languages that the model knows under another."""


@lru_cache(maxsize=4096)
def language_of(text: str) -> str | None:
    """The code (ISO 639-1, such as `en`) of the text's language; None where it is too short or too mixed to say."""
    if len(text.split()) < LEAST_WORDS:
        return None
    code, certainty = _identifier().classify(text)
    code = SAME.get(code, code)
    return str(code) if certainty >= CERTAIN and len(code) == 2 else None


def code_of(tag: str) -> str:
    """The code that `language_of` gives for a tag such as `en-GB` or `nb`."""
    code = tag.partition("-")[0].lower()
    return SAME.get(code, code)


def other_language(text: str, expected: str) -> str | None:
    """A sentence when the text, or some of its paragraphs, are in another language than the expected one."""
    wanted = code_of(expected)
    whole = language_of(text)
    if whole is not None and whole != wanted:
        return f"it seems to be in another language ({whole}, not {wanted})"
    paragraphs = text.split("\n\n")
    others = [found for part in paragraphs if (found := language_of(part)) is not None and found != wanted]
    if not others:
        return None
    return (
        f"{len(others)} of its {len(paragraphs)} paragraphs seem to be in another language "
        f"({', '.join(sorted(set(others)))}, not {wanted})"
    )


def prompts_in_another(prompts: Mapping[str, str | None], expected: str) -> list[str]:
    """A sentence for each prompt, by what it is called, whose text is in another language than the expected one."""
    found = {name: language_of(text) for name, text in prompts.items() if text is not None}
    return [
        f"The {name} seems to be in another language ({code}) than the essays ({expected})."
        for name, code in found.items()
        if code is not None and code != code_of(expected)
    ]


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
