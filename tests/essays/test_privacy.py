"""Names of pupils are replaced before anything is sent."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.contracts.privacy import Privacy
from eng5.errors import InputError
from eng5.essays.privacy import replace_names

NAMES = Privacy(names=("Anna Svensson", "Anna", "Åsa", "Will", "kim"), patterns=(r"\b\d{6}-\d{4}\b",))


@pytest.mark.parametrize(
    ("text", "shown", "names", "left"),
    [
        ("Anna  Svensson\nand Anna", "[name]\nand [name]", 2, 0),
        ("Anna\nSvensson", "[name]", 1, 0),
        ("Anna's and Annas and ANNAS", "[name]'s and [name]s and [name]S", 3, 0),
        ("Annabel and Susanna", "Annabel and Susanna", 0, 0),
        (unicodedata.normalize("NFD", "Åsa") + " ÅSA", "[name] [name]", 2, 0),
        ("I will, said Will.", "I will, said [name].", 1, 1),
        ("Kim, KIM and kim", "[name], [name] and [name]", 3, 0),
        ("born 010203-1234.", "born [name].", 1, 0),
    ],
)
def test_what_is_replaced(text: str, shown: str, names: int, left: int) -> None:
    """Whole words with genitives, over line ends, in both spellings of an accent; "will" stays and is counted."""
    assert replace_names(text, NAMES) == (shown, names, left)


@given(
    st.lists(
        st.from_regex(r"[A-ZÅÄÖ][a-zåäöé]{1,8}( [A-Z][a-z]{2,6})?", fullmatch=True), min_size=1, max_size=5
    ),
    st.lists(st.text(alphabet="abc ,.\n", max_size=9), min_size=6, max_size=6),
)
def test_no_listed_name_is_left(names: list[str], between: list[str]) -> None:
    """Wherever a name stands as a word of its own, it is gone afterwards."""
    text = "".join(f"{gap} {name}, " for gap, name in zip(between, names, strict=False))
    found = replace_names(text, Privacy(names=tuple(names)))
    assert not any(name in found.text for name in names)
    assert found.names >= 1


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(a+)+$", "takes more than 0.1 s"),
        ("a*", "fits where there is nothing"),
        ("(", "is no regular expression"),
        ("(?P<x>a)(?P<x", "is no regular expression"),
    ],
)
def test_patterns_that_cannot_be_used(pattern: str, problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern that would run for ever, or that is none, is refused by name with what to do."""
    monkeypatch.setattr("eng5.essays.privacy.SECONDS", 0.1)
    with pytest.raises(InputError, match=problem) as caught:
        replace_names("a" * 5000 + "c", Privacy(patterns=(pattern,)))
    assert caught.value.remedy and "experiments.toml" in str(caught.value)


def test_the_mark_is_no_template() -> None:
    """A mark is put as it is, whatever signs it has."""
    assert replace_names("Anna", Privacy(names=("Anna",), mark=r"\1<\g<0>>")).text == r"\1<\g<0>>"
