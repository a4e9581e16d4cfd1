import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from eng5.contracts.wire.assessment_result import AssessmentResultV1, EssayResultV1

EXAMPLES = Path(__file__).parents[2] / "platform" / "examples"
RESULT: dict[str, Any] = json.loads(
    (EXAMPLES / "assessment_result_published.assignment_bound.json").read_bytes()
)["data"]
ESSAY: dict[str, Any] = RESULT["essay_results"][1]


@pytest.mark.parametrize(
    "change",
    [
        {"letter_grade": "5"},
        {"letter_grade": "U+"},
        {"letter_grade": "B\n"},
        {"rank": 0},
        {"confidence_label": "low"},
        {"normalized_score": 1.01},
        {"bt_score": float("nan")},
    ],
    ids=str,
)
def test_essay_result_outside_the_contract_is_refused(change: dict[str, Any]) -> None:
    """Grades, ranks, labels and scores keep to their ranges."""
    with pytest.raises(ValidationError):
        EssayResultV1.model_validate(ESSAY | change)


@pytest.mark.parametrize("grade", ["A", "C-", "F+", "U"])
def test_letter_grades_are_accepted(grade: str) -> None:
    """Letters with a sign, and U, are grades."""
    assert EssayResultV1.model_validate(ESSAY | {"letter_grade": grade}).letter_grade == grade


def test_result_keeps_the_order_of_essays() -> None:
    """Essays come in the order in which the service listed them."""
    read = AssessmentResultV1.model_validate(RESULT)
    assert [essay.rank for essay in read.essay_results] == [1, 2, 3, 4]
