import uuid
from typing import Any

import pytest

from eng5.stack.cj_core.batch import BatchRefusedError, BatchRequest
from eng5.stack.cj_core.batch_comparisons import plan

IDS = {"a": "0" * 32, "b": "1" * 32, "c": "2" * 32}


@pytest.fixture
def make_request(bench: Any) -> Any:
    def make(**options: Any) -> BatchRequest:
        return BatchRequest.parse(bench.request({}, storage_ids=IDS, batch=str(uuid.uuid4()), **options))

    return make


def test_listed_comparisons_are_taken_as_they_are(make_request: Any) -> None:
    """In order, positions kept, repeats counted."""
    listed = [("b", "a"), ("a", "b"), ("b", "a"), ("c", "a")]
    planned = plan(make_request(listed=listed), list(IDS))
    assert [(one.essay_a_id, one.essay_b_id) for one in planned] == listed
    assert [one.repetition for one in planned] == [1, 1, 2, 1]
    assert [one.position for one in planned] == [0, 1, 2, 3]
    assert all(one.listed for one in planned)


def test_without_a_list_the_budget_counts(make_request: Any) -> None:
    """All pairs by default; the request's budget otherwise, above all pairs with repetitions."""
    assert len(plan(make_request(), list(IDS))) == 3
    assert len(plan(make_request(metadata={"max_comparisons": 2}), list(IDS))) == 2
    planned = plan(make_request(metadata={"max_comparisons": 7}), list(IDS))
    assert [one.repetition for one in planned] == [1] * 6 + [2]


@pytest.mark.parametrize(
    ("listed", "metadata", "message"),
    [
        ([], None, "empty list"),
        ([("a", "x"), ("y", "a")], None, "not among essays_for_cj: x, y"),
        ([("a", "b"), ("c", "c")], None, "against themselves: c"),
        (
            [("a", "b"), ("b", "a")],
            {"max_comparisons": 1},
            "max_comparisons is 1, but 2 comparisons are listed",
        ),
    ],
)
def test_list_that_cannot_be_carried_out_is_refused(
    make_request: Any, listed: list[tuple[str, str]], metadata: dict[str, Any] | None, message: str
) -> None:
    """The refusal names the ids, or the numbers."""
    with pytest.raises(BatchRefusedError, match=message) as refused:
        plan(make_request(listed=listed, metadata=metadata), list(IDS))
    assert refused.value.code == "VALIDATION_ERROR"


def test_listed_essay_without_text_is_refused(make_request: Any) -> None:
    """A listed comparison is not dropped because a text is missing."""
    with pytest.raises(BatchRefusedError, match="cannot be fetched: c") as refused:
        plan(make_request(listed=[("a", "c")]), ["a", "b"])
    assert refused.value.code == "CONTENT_SERVICE_ERROR"


@pytest.mark.parametrize("budget", [0, -1, "12", True, 1.5])
def test_budget_that_is_no_number_is_refused(make_request: Any, budget: object) -> None:
    """A budget is a whole number from 1."""
    with pytest.raises(BatchRefusedError, match="max_comparisons"):
        plan(make_request(metadata={"max_comparisons": budget}), list(IDS))
