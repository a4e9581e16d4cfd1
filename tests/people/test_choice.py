"""Who compares what."""

from __future__ import annotations

from collections import Counter
from itertools import cycle

from hypothesis import given
from hypothesis import strategies as st

from eng5.contracts.panel import Shown
from eng5.contracts.run import PanelDesign
from eng5.people.choice import Chosen, Result, dealt, next_listed, next_pair, quota, shared_pairs
from tests.people.graphs import connected, unordered


def shown(chosen: Chosen, judge: str, slot: int) -> Shown:
    return Shown(
        slot=slot if chosen.slot is None else chosen.slot,
        judge=judge,
        essay_a_id=chosen.left,
        essay_b_id=chosen.right,
        question_sha256="0" * 64,
        repetition=1,
        kind=chosen.kind,
        id=str(slot),
    )


def whole(essays: int, judges: int, design: PanelDesign, turns: st.DataObject | None = None) -> list[Shown]:
    """All questions of a panel whose judges say that the essay with the lower name is better, in any turn."""
    ids = [f"e{number:02}" for number in range(essays)]
    names = [f"j{number}" for number in range(judges)]
    left = dict.fromkeys(names, quota(design, essays))
    order = cycle(names)
    questions: list[Shown] = []
    while waiting := [name for name in names if left[name]]:
        name = turns.draw(st.sampled_from(waiting)) if turns else next(n for n in order if n in waiting)

        def outcomes() -> list[Result]:
            return [
                (one.essay_a_id, one.essay_b_id, float(one.essay_a_id < one.essay_b_id)) for one in questions
            ]

        chosen = next_pair(ids, design, name, names.index(name), questions, outcomes)
        questions.append(shown(chosen, name, len(questions)))
        left[name] -= 1
    return questions


designs = st.builds(
    PanelDesign,
    pairs=st.none() | st.integers(1, 25),
    overlap=st.floats(0, 1),
    order=st.sampled_from(["adaptive", "fixed"]),
    random_share=st.floats(0, 1),
)


@given(st.integers(2, 8), st.integers(1, 4), designs, st.data())
def test_every_panel_keeps_its_promises(
    essays: int, judges: int, design: PanelDesign, data: st.DataObject
) -> None:
    """In whatever turn judges come: quotas, no pair twice, the same shared pairs for all, connected graphs, sides."""
    questions = whole(essays, judges, design, data)
    ids = [f"e{number:02}" for number in range(essays)]
    shared = {unordered(pair) for pair in shared_pairs(ids, design)}
    for judge in {one.judge for one in questions}:
        mine = [one for one in questions if one.judge == judge]
        pairs = [unordered((one.essay_a_id, one.essay_b_id)) for one in mine]
        assert len(mine) == len(set(pairs)) == quota(design, essays)
        assert {unordered((one.essay_a_id, one.essay_b_id)) for one in mine if one.kind == "shared"} == shared
        if len(mine) >= essays - 1:
            assert connected(ids, pairs)
    if len(shared) + judges * (quota(design, essays) - len(shared)) >= essays - 1:
        assert connected(ids, [unordered((one.essay_a_id, one.essay_b_id)) for one in questions])
    sides = Counter((one.essay_a_id, one.essay_b_id) for one in questions)
    assert all(abs(count - sides[b, a]) <= 1 for (a, b), count in sides.items())


def test_left_and_right_are_balanced_for_each_judge() -> None:
    """Each essay of each judge stands on the left as often as on the right, but for two or three.

    Three where 90 comparisons have to be of 66 pairs, since a pair that comes back is turned round before all else.
    """
    for order, pairs, most in (("adaptive", 22, 2), ("fixed", 22, 2), ("adaptive", 30, 3), ("fixed", 30, 3)):
        design = PanelDesign.model_validate({"pairs": pairs, "overlap": 0.2, "order": order})
        questions = whole(12, 3, design)
        for judge in ("j0", "j1", "j2"):
            surplus = Counter(one.essay_a_id for one in questions if one.judge == judge)
            surplus.subtract(one.essay_b_id for one in questions if one.judge == judge)
            assert max(map(abs, surplus.values())) <= most


def test_own_pairs_are_of_different_judges_before_one_comes_twice() -> None:
    """Three judges with twenty own pairs each cover sixty of the sixty-six pairs of twelve essays."""
    questions = whole(12, 3, PanelDesign(pairs=20, overlap=0.0))
    assert len({unordered((one.essay_a_id, one.essay_b_id)) for one in questions}) == 60


def test_adaptive_questions_are_closer_than_fixed_ones() -> None:
    """Once the order shows, neighbours are asked about."""

    def distance(order: str) -> float:
        design = PanelDesign.model_validate({"pairs": 40, "overlap": 0, "order": order, "random_share": 0})
        late = whole(20, 2, design)[40:]
        return sum(abs(int(one.essay_a_id[1:]) - int(one.essay_b_id[1:])) for one in late) / len(late)

    assert distance("adaptive") < 0.8 * distance("fixed")


@given(st.integers(1, 5), st.integers(1, 6), st.integers(1, 4), st.data())
def test_listed_comparisons_are_dealt_out_once(
    pairs: int, times: int, judges: int, data: st.DataObject
) -> None:
    """Each listed comparison goes to one judge; a pair comes to all judges before it comes to one again."""
    listed = [
        (f"a{p}", f"b{p}") if turn % 2 == 0 else (f"b{p}", f"a{p}")
        for turn in range(times)
        for p in range(pairs)
    ]
    names = [f"j{number}" for number in range(judges)]
    left = dealt(len(listed), dict.fromkeys(names, 0))
    assert max(left.values()) - min(left.values()) <= 1
    questions: list[Shown] = []
    while waiting := [name for name in names if left[name]]:
        name = data.draw(st.sampled_from(waiting))
        questions.append(shown(next_listed(listed, name, questions), name, 0))
        left[name] -= 1
    assert sorted(one.slot for one in questions) == list(range(len(listed)))
    if times == judges:
        seen = Counter((one.judge, unordered((one.essay_a_id, one.essay_b_id))) for one in questions)
        assert set(seen.values()) == {1}
