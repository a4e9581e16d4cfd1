"""Planned against real, as lines of a report."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from eng5.contracts.artefact import TokenCount
from eng5.contracts.estimate import Spending
from eng5.contracts.run_summary import JudgeSummary, RunSummary
from eng5.reports.spending import facts


def run(**fields: Any) -> RunSummary:
    """A run of a model that cost a quarter of a dollar."""
    judge = JudgeSummary(provider="openai", model="gpt-4o", name="openai / gpt-4o", is_model=True, note=None)
    tokens = TokenCount(
        provider="openai",
        model="gpt-4o",
        comparisons=66,
        prompt_tokens=66000,
        completion_tokens=3300,
        usd=0.25,
    )
    return RunSummary.model_validate(
        {
            "name": "run", "mode": "anchor-align-test", "batch_id": "run", "batch_uuid": UUID(int=1),
            "attempt": 1, "replicate": 1, "created_at": "2026-01-01T00:00:00Z", "timestamp": "20260101_000000",
            "grade_scale": "x", "course_code": "ENG5", "language": "en", "judge": judge, "system_prompt": None,
            "rubric": None, "total_usd": 0.25, "tokens": [tokens], **fields,
        }
    )  # fmt: skip


def test_people_use_no_tokens() -> None:
    """A panel of many is no list of zeros."""
    anna = TokenCount(
        provider="human", model="anna", comparisons=30, prompt_tokens=0, completion_tokens=0, usd=0.0
    )
    assert facts(run(total_usd=0.0, tokens=[anna])) == [("Cost", "0.0000 USD")]


def test_without_a_plan_there_is_the_cost_alone() -> None:
    """A judge that is no model, or an artefact of before."""
    assert facts(run()) == [
        ("Cost", "0.2500 USD"),
        ("Tokens of openai / gpt-4o", "66 000 prompt, 3 300 completion"),
    ]
    assert len(facts(run(spent=Spending(asked=66, cost_usd=0.25, seconds=1)))) == 2


@pytest.mark.parametrize(
    ("planned", "spent", "lines"),
    [
        (
            {"asked": 66, "cost_usd": 0.2, "seconds": 20},
            {"asked": 60, "cost_usd": 0.25, "seconds": 31.2},
            ["60; planned 66", "0.2500 USD; planned 0.2000 USD", "31.2 s; planned 20.0 s"],
        ),
        (
            {"asked": 66, "cost_usd": None, "seconds": None},
            {"asked": 66, "cost_usd": None, "seconds": 1200},
            ["66; planned 66", "n/a; planned n/a", "20.0 min; planned n/a"],
        ),
        (
            {"asked": 66, "cost_usd": 0.1, "seconds": 86400, "by_batch": True},
            {"asked": 66, "cost_usd": 0.1, "seconds": 7200, "by_batch": True},
            ["66; planned 66", "0.1000 USD; planned 0.1000 USD", "2.0 h; planned within 24 h, by batch"],
        ),
        (
            {"asked": 0, "cost_usd": 0, "seconds": 0},
            {"asked": 0, "cost_usd": 0, "seconds": 0},
            ["0; planned 0", "0.0000 USD; planned 0.0000 USD", "0.0 s; planned 0.0 s"],
        ),
    ],
)
def test_planned_stands_beside_real(planned: dict[str, Any], spent: dict[str, Any], lines: list[str]) -> None:
    """Questions, cost and time; what is not known is n/a on either side."""
    found = facts(run(planned=Spending(**planned), spent=Spending(**spent)))
    assert [text for _, text in found[2:]] == lines
