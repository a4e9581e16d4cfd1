import math

import pytest

from eng5.judges.features import measure


def test_counts_of_a_small_text() -> None:
    """Two sentences of four and two words, four distinct words: each feature by hand.

    Guiraud: 4 / sqrt(6) / 2. Letters: 4+5+3+4+4+4 = 24 over 6 words. Sentence mean 3, deviation 1: (3 + 1) / 10.
    """
    found = measure("Both girls can read. Both read.")
    assert found.length == pytest.approx(math.log(6))
    assert found.vocabulary == pytest.approx(4 / math.sqrt(6) / 2)
    assert found.word_length == pytest.approx(24 / 6)
    assert found.sentences == pytest.approx(0.4)
    assert (found.linking, found.errors) == (0.0, 0.0)


@pytest.mark.parametrize(
    "slip",
    ["i am here", "We dont know", "It is becouse", "He have one", "They was there", "It is more better",
     "She didn't went", "It was the the one", "Yes , no", "One,two", "Yes. no", "Yes!!"],
)  # fmt: skip
def test_each_slip_is_found(slip: str) -> None:
    """A text with one slip has one error more than none: log(1 + 100 / words)."""
    words = len(slip.replace(",", " ").replace("!", " ").replace(".", " ").split())
    assert measure(slip).errors == pytest.approx(math.log1p(100 / words))


def test_empty_text_can_be_measured() -> None:
    """A text without words is not an error."""
    assert measure("...").length == 0.0
