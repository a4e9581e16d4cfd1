"""Pairs chosen by what the verdicts so far leave open."""

from hypothesis import given, settings
from hypothesis import strategies as st

from eng5.judges import Outcome
from eng5.stack.cj_core.adaptive import next_wave
from eng5.stack.cj_core.batch_comparisons import PlannedComparison
from eng5.stack.cj_core.judging import Judged
from eng5.stack.cj_core.pairing import all_pairs


def essays(count: int) -> list[str]:
    return [f"e{number:03}" for number in range(count)]


def carried_out(count: int, budget: int, flips: int = 0) -> list[list[PlannedComparison]]:
    """The waves under a judge that follows the order of the ids, but for every ``flips``-th verdict."""
    judged: list[Judged] = []
    waves = []
    while wave := next_wave(essays(count), budget, judged):
        waves.append(wave)
        for one in wave:
            a_wins = (one.essay_a_id > one.essay_b_id) != (flips > 0 and one.position % flips == 0)
            judged.append(Judged(one, Outcome.A if a_wins else Outcome.B, "mock", "x"))
    return waves


@settings(max_examples=25)
@given(count=st.integers(4, 20), share=st.floats(0.2, 0.95), flips=st.integers(0, 5))
def test_the_budget_is_used_for_different_pairs(count: int, share: float, flips: int) -> None:
    """Exactly the budget, no pair twice, positions numbered through, no essay twice in a later wave."""
    budget = max(count, int(share * all_pairs(count)))
    waves = carried_out(count, budget, flips)
    run = [one for wave in waves for one in wave]
    assert [one.position for one in run] == list(range(min(budget, all_pairs(count))))
    assert len({frozenset((one.essay_a_id, one.essay_b_id)) for one in run}) == len(run)
    for wave in waves[1:]:
        playing = [name for one in wave for name in (one.essay_a_id, one.essay_b_id)]
        assert len(playing) == len(set(playing))


def test_the_first_wave_connects_all_essays() -> None:
    """Every essay can be reached from every other along its comparisons."""
    [first, *_] = carried_out(12, 30)
    reached = {"e000"}
    for _ in range(12):
        reached |= {n for one in first for n in (one.essay_a_id, one.essay_b_id)
                    if {one.essay_a_id, one.essay_b_id} & reached}  # fmt: skip
    assert reached == set(essays(12))


def test_later_waves_compare_neighbours_more_often() -> None:
    """Once the order is known to some extent, chosen pairs lie closer together than pairs in general (13/3)."""
    waves = carried_out(12, 50)[3:]
    distances = [abs(int(one.essay_a_id[1:]) - int(one.essay_b_id[1:])) for wave in waves for one in wave]
    assert sum(distances) / len(distances) < 13 / 3


def test_positions_stay_balanced() -> None:
    """Everybody is shown first about as often as second."""
    run = [one for wave in carried_out(16, 80) for one in wave]
    for name in essays(16):
        first = sum(one.essay_a_id == name for one in run)
        second = sum(one.essay_b_id == name for one in run)
        assert abs(first - second) <= 3
