"""How many tokens an answer may take."""

from hypothesis import given
from hypothesis import strategies as st

from eng5.judges.answer_length import AT_FIRST, TokenLimit


def test_a_server_of_ones_own_has_a_limit_that_fits_its_answers() -> None:
    """2048 at first, then four times the longest; a vendor gets what the variant says."""
    own = TokenLimit(None, own_server=True, most=8192)
    assert own.first() == AT_FIRST
    own.answered(80, AT_FIRST)
    assert own.first() == 320
    assert own.more(320, 320) == 1280
    own.answered(1000, 1280)
    assert own.first() == 4000
    assert TokenLimit(None, own_server=False, most=8192).first() is None
    assert TokenLimit(70, own_server=True, most=8192).first() == 70


@given(
    given=st.none() | st.integers(1, 10_000),
    own=st.booleans(),
    most=st.integers(1, 10_000),
    answers=st.lists(st.tuples(st.integers(0, 10_000), st.none() | st.integers(1, 10_000)), max_size=8),
)
def test_no_more_is_asked_for_than_may_be(
    given: int | None, own: bool, most: int, answers: list[tuple[int, int | None]]
) -> None:
    """Whatever answers come, asking again asks for more than before, and within the limit."""
    limit = TokenLimit(given, own_server=own, most=most)
    for used, sent in answers:
        limit.answered(used, sent)
        more = limit.more(used, sent)
        assert more is None or max(used, sent or 0) < more <= most
