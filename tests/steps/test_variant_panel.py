"""A panel of variants: one run of verdicts from several."""

from __future__ import annotations

from typing import Any

import pytest

from eng5.contracts.artefact import Artefact, Comparison
from eng5.contracts.variant_panel import PanelVerdict
from eng5.errors import InputError
from eng5.files import model_bytes
from eng5.steps.variant_panel import build
from tests.reports.conftest import artefact, comparison, essays

A, B = "student::ANCHOR_01", "student::ANCHOR_02"


def member(*rows: Comparison, **changes: Any) -> Artefact:
    """A run of two anchors with these comparisons."""
    found = artefact(essays(["A", "B"]), rows or [comparison(1, A, B, 1)])
    return found.model_copy(update=changes)


def said(*members: Artefact, verdict: PanelVerdict = "majority") -> list[Comparison]:
    """The panel's comparisons."""
    names = [(name, one) for name, one in zip("abcd", members, strict=False)]
    return list(build("panel", names, verdict, []).llm_comparisons)


def test_the_majority_wins_and_a_split_is_a_tie() -> None:
    """2 of 3 for A; 1 to 1 with a tie is a tie; nobody is a failure; who voted for it stands in the words."""
    failed = {"status": "failed", "failure_reason": "no answer", "justification": None}
    runs = [
        member(comparison(1, A, B, outcome), comparison(2, A, B, second), comparison(3, A, B, 0, **failed))
        for outcome, second in ((1, 1), (-1, -1), (1, 0))
    ]
    first, second, third = said(*runs)
    assert (first.status, first.winner_id) == ("succeeded", A)
    assert first.justification is not None and first.justification.startswith("2 of 3: a, c. ")
    assert (second.status, second.winner_id) == ("tie", None)
    assert (third.status, third.failure_reason) == ("failed", "no variant of the panel answered")
    assert first.cost_usd == pytest.approx(3 * 0.0096)


def test_comparisons_are_matched_by_order_and_then_across_orders() -> None:
    """A before B twice meets its like; who asked only B before A is set beside what is left."""
    one = member(comparison(1, A, B, 1), comparison(2, A, B, 1))
    other = member(comparison(1, B, A, 1), comparison(2, A, B, 1))
    votes = build("panel", [("one", one), ("other", other)], "majority", []).panel
    assert votes is not None
    assert sorted(map(str, votes.votes)) == sorted(map(str, [[1, 1], [1, -1]]))


def test_costs_are_summed_and_unknown_where_one_is() -> None:
    """What the panel cost is what its members' runs cost."""
    one, other = member(), member()
    found = build("panel", [("one", one), ("other", other)], "majority", [])
    assert one.costs.total_usd is not None
    assert found.costs.total_usd == pytest.approx(2 * one.costs.total_usd)
    free = other.model_copy(update={"costs": other.costs.model_copy(update={"total_usd": None})})
    assert build("panel", [("one", one), ("other", free)], "majority", []).costs.total_usd is None


def test_the_same_members_give_the_same_bytes() -> None:
    """Pure: no clock and no fresh id; another rule is another batch."""
    members = [("one", member()), ("other", member(comparison(1, A, B, -1)))]
    once, again = (build("panel", members, "majority", []) for _ in range(2))
    assert model_bytes(once) == model_bytes(again)
    assert build("panel", members, "weights", []).metadata.batch_uuid != once.metadata.batch_uuid


def test_members_that_judged_other_texts_are_refused() -> None:
    """Names the essay, both variants and the remedy."""
    one, other = member(), member()
    essay = other.inputs.anchors[0].model_copy(update={"text_sha256": "0" * 64})
    inputs = other.inputs.model_copy(update={"anchors": [essay, *other.inputs.anchors[1:]]})
    changed = other.model_copy(update={"inputs": inputs})
    with pytest.raises(InputError, match=rf"different texts of {essay.essay_id}: one and other"):
        build("panel", [("one", one), ("other", changed)], "majority", [])
