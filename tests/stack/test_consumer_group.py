"""How far a partition is done."""

from itertools import takewhile
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from eng5.stack.roles.consumer_group import PartitionProgress


@given(st.sets(st.integers(0, 1000), min_size=1), st.randoms(use_true_random=False))
def test_what_is_committed_has_nothing_open_before_it(offsets: set[int], random: Random) -> None:
    """Whatever the order in which messages end, the committed offset follows the first run of done ones."""
    taken = sorted(offsets)
    progress, done, committed = PartitionProgress(), set[int](), 0
    for offset in taken:
        progress.take(offset)
    for offset in random.sample(taken, len(taken)):
        done.add(offset)
        moved = progress.done(offset)
        committed = committed if moved is None else moved
        first_run = list(takewhile(lambda one: one in done, taken))
        assert committed == (first_run[-1] + 1 if first_run else 0)
    assert committed == taken[-1] + 1
