"""Names of pupils, replaced by a mark before a text goes anywhere."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any, NamedTuple

from eng5.contracts.privacy import Privacy
from eng5.errors import InputError

SECONDS = 2.0
"""A pattern that needs longer for one essay is refused: some patterns need for ever."""
WHERE = "experiments.toml"


class Replaced(NamedTuple):
    """A text whose names were replaced, how many `names` were, and how many that look alike were `left`."""

    text: str
    names: int
    left: int


def replace_names(text: str, privacy: Privacy) -> Replaced:
    """The text with every name and every match of a pattern replaced by the mark.

    A name is found as a whole word, with or without a genitive's s, over a line's end, and in both spellings that
    Unicode has for a letter with an accent. One that the list has with a capital is left where it is written small,
    since "will" and "per" are words too; those are counted in `left`.

    Raises:
        InputError: a pattern is none, fits nothing at all, or takes too long.
    """
    count = 0
    names, small = _names(privacy.names)
    if names is not None:
        text, found = names.subn(lambda _: privacy.mark, text, timeout=SECONDS)
        count += found
    for pattern in privacy.patterns:
        try:
            text, found = _compiled(pattern).subn(lambda _: privacy.mark, text, timeout=SECONDS)
        except TimeoutError:
            raise _refusal(
                pattern, f"takes more than {SECONDS:g} s for one essay",
                "repeat nothing that is repeated itself, such as (a+)+",
            ) from None  # fmt: skip
        count += found
    left = 0 if small is None else sum(1 for _ in small.finditer(text, timeout=SECONDS))
    return Replaced(text, count, left)


@lru_cache(maxsize=8)
def _names(names: tuple[str, ...]) -> tuple[Any, Any]:
    """What fits the names as they are to be replaced, and what fits them in small letters only; None for nothing."""
    import regex

    if not names:
        return None, None
    longest_first = sorted({name.strip() for name in names}, key=lambda name: (-len(name), name))
    exact: list[str] = []
    small: list[str] = []
    for name in longest_first:
        any_case = name == name.lower()
        written = _spelled(name)
        exact.append(f"(?i:{written})" if any_case else f"{written}|{_spelled(name.upper())}")
        small += [] if any_case else [_spelled(name.lower())]
    whole = r"(?<!\w)(?:{})(?=s?(?!\w)|S?(?!\w))"
    return (
        regex.compile(whole.format("|".join(exact))),
        regex.compile(whole.format("|".join(small))) if small else None,
    )


def _spelled(name: str) -> str:
    """A pattern for the name in composed and in decomposed letters, with any white space between its parts."""
    import regex

    forms = dict.fromkeys(unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    return "|".join(r"\s+".join(map(regex.escape, form.split())) for form in forms)


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> Any:
    import regex

    try:
        compiled = regex.compile(pattern)
        fits_nothing = compiled.search("", timeout=SECONDS) is not None
    except (regex.error, OverflowError, RecursionError, MemoryError, ValueError) as error:
        raise _refusal(
            pattern, f"is no regular expression ({error})", "mend it; \\b is a word's end"
        ) from None
    except TimeoutError:
        raise _refusal(pattern, "takes too long", "make it simpler") from None
    if fits_nothing:
        raise _refusal(pattern, "fits where there is nothing", "write + for *")
    return compiled


def _refusal(pattern: str, problem: str, remedy: str) -> InputError:
    shown = pattern if len(pattern) <= 60 else f"{pattern[:60]}…"
    return InputError(f"[privacy]: the pattern '{shown}' {problem}", where=WHERE, remedy=remedy)
