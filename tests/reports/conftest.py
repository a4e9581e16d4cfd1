"""Artefacts of judges whose behaviour is known, for the tests of analysis and report."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pytest

from eng5.contracts.artefact import (
    Artefact,
    Comparison,
    Costs,
    Inputs,
    Metadata,
    PromptText,
    ServiceScore,
    TokenCount,
    Validation,
)
from eng5.contracts.grade_scales import GRADE_SCALES
from eng5.contracts.inventory import Essay
from eng5.contracts.modes import RunnerMode
from eng5.contracts.run import JudgeSettings
from eng5.files import sha256_text

ROLE_MODEL_GRADES = ("F+", "F+", "E-", "E+", "D-", "D+", "C-", "C+", "B", "B", "A", "A")
CREATED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def essays(grades: Sequence[str | None]) -> list[Essay]:
    """One anchor a grade, named anchor_01 … in the order given."""
    return [
        Essay(
            path=f"inputs/anchors/anchor_{number:02}.txt",
            bytes=1200,
            sha256=sha256_text(f"file {number}"),
            file_name=f"anchor_{number:02}.txt",
            essay_id=f"student::ANCHOR_{number:02}",
            anchor_id=f"anchor_{number:02}",
            text_sha256=sha256_text(f"text {number}"),
            words=240,
            encoding="utf_8",
            grade=grade,
            grade_source="grades.csv" if grade else None,
        )
        for number, grade in enumerate(grades, start=1)
    ]


def comparison(sequence: int, first: str, second: str, outcome: int, **changes: Any) -> Comparison:
    """A verdict; `outcome` is +1 when `first` won, -1 when `second` won, 0 for a tie."""
    winner = {1: first, -1: second}.get(outcome)
    values: dict[str, Any] = {
        "sequence": sequence,
        "request_id": f"request-{sequence:04}",
        "correlation_id": uuid5(NAMESPACE_OID, str(sequence)),
        "status": "succeeded" if outcome else "tie",
        "essay_a_id": first,
        "essay_b_id": second,
        "winner_id": winner,
        "loser_id": {first: second, second: first}.get(winner or ""),
        "confidence": 4.0,
        "justification": f"{winner} develops its ideas further and controls its sentences better.",
        "provider": "anthropic",
        "model": "judge-1",
        "tokens_prompt": 900,
        "tokens_completion": 60,
        "cost_usd": 0.0096,
        "started_at": CREATED + timedelta(seconds=sequence),
        "completed_at": CREATED + timedelta(seconds=sequence + 2),
    }
    return Comparison.model_validate(values | changes)


def failed(sequence: int, first: str, second: str) -> Comparison:
    """A comparison that the judge did not answer."""
    return comparison(
        sequence, first, second, 0, status="failed", winner_id=None, loser_id=None, confidence=None,
        justification=None, failure_reason="the provider timed out", error_code="TIMEOUT", model="unknown",
    )  # fmt: skip


def artefact(
    anchors: Sequence[Essay],
    comparisons: Sequence[Comparison],
    *,
    provider: str = "anthropic",
    model: str = "judge-1",
    complete: bool = True,
    missing: int = 0,
    prompt: str = "Compare two essays and name the better one.",
    **metadata: Any,
) -> Artefact:
    """An artefact of an anchor alignment run."""
    settings = JudgeSettings(provider=provider, model=model, temperature=0.0)
    count = len(comparisons)
    wins = {essay.essay_id: sum(c.winner_id == essay.essay_id for c in comparisons) for essay in anchors}
    ranked = sorted(anchors, key=lambda essay: -wins[essay.essay_id])
    values: dict[str, Any] = {
        "runner_mode": RunnerMode.ANCHOR_ALIGN_TEST,
        "batch_id": "role-models",
        "batch_uuid": uuid5(NAMESPACE_OID, "role-models"),
        "attempt": 1,
        "replicate": 1,
        "generated_at": CREATED,
        "timestamp": CREATED.strftime("%Y%m%d_%H%M%S"),
        "assignment_id": None,
        "course_id": None,
        "course_code": "ENG5",
        "language": "en",
        "grade_scale": "eng5_np_legacy_9_step",
        "runner_version": "0.1.0",
        "git_sha": None,
        "judge": settings,
        "system_prompt": PromptText(
            path="inputs/prompts/system/001_plain.txt", sha256=sha256_text(prompt), text=prompt
        ),
        "rubric": None,
        "max_comparisons": None,
        "boundary": None,
    }
    return Artefact(
        metadata=Metadata.model_validate(values | metadata),
        inputs=Inputs(instructions=None, prompt=None, anchors=list(anchors), students=[]),
        llm_comparisons=list(comparisons),
        bt_summary=[
            ServiceScore(
                essay_id=essay.essay_id,
                bt_score=float(wins[essay.essay_id] - count / max(1, len(anchors))),
                rank=rank,
                is_anchor=False,
                letter_grade="U",
                normalized_score=0.5,
                confidence_score=0.5,
                confidence_label="MID",
                comparison_count=count,
                anchor_grade=essay.grade,
            )
            for rank, essay in enumerate(ranked, start=1)
            if count
        ],
        costs=Costs(
            total_usd=0.0096 * count,
            token_counts=[
                TokenCount(
                    provider=provider, model=model, comparisons=count, prompt_tokens=900 * count,
                    completion_tokens=60 * count, usd=0.0096 * count,
                )
            ],
        ),
        validation=Validation(
            artefact_checksum="0" * 64,
            manifest=[],
            complete=complete,
            batch_status="completed" if complete else "partial",
            observed={"comparison_result": count},
            duplicates=0,
            missing=missing,
            quarantined=[],
            model_used=model,
            provider_used=provider,
        ),
    )  # fmt: skip


def judged(
    grades: Sequence[str | None] = ROLE_MODEL_GRADES,
    *,
    steepness: float = 1.5,
    position: float = 0.0,
    rounds: int = 1,
    tie_rate: float = 0.0,
    failure_rate: float = 0.0,
    seed: int = 1,
    **changes: Any,
) -> Artefact:
    """Every pair `rounds` times in balanced order, judged by a logistic judge.

    P(A wins) = 1 / (1 + exp(-(steepness · (level A - level B) + position))): steepness 0 is a coin.
    """
    scale = GRADE_SCALES["eng5_np_legacy_9_step"]
    anchors = essays(grades)
    draw = random.Random(seed)
    rows: list[Comparison] = []
    for turn in range(rounds):
        for number, (one, other) in enumerate(combinations(anchors, 2)):
            first, second = (one, other) if (number + turn) % 2 else (other, one)
            gap = (scale.level(first.grade or "") or 0) - (scale.level(second.grade or "") or 0)
            chance = 1 / (1 + math.exp(-(steepness * gap + position)))
            place = len(rows) + 1
            fate = draw.random()
            if fate < failure_rate:
                rows.append(failed(place, first.essay_id, second.essay_id))
            elif fate < failure_rate + tie_rate:
                rows.append(comparison(place, first.essay_id, second.essay_id, 0))
            else:
                outcome = 1 if draw.random() < chance else -1
                certainty = 1.0 + 4.0 * abs(chance - 0.5) * 2
                rows.append(
                    comparison(
                        place, first.essay_id, second.essay_id, outcome, confidence=round(certainty, 1)
                    )
                )
    return artefact(anchors, rows, **changes)


@pytest.fixture(scope="session")
def make_artefact() -> Callable[..., Artefact]:
    """`artefact(anchors, comparisons, **metadata)`."""
    return artefact


@pytest.fixture(scope="session")
def judge() -> Callable[..., Artefact]:
    """`judged(grades, steepness=…, position=…, rounds=…, …)`."""
    return judged


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """As few draws as with thousands of essays: for tests of pages, whatever the ends of the intervals."""
    monkeypatch.setattr("eng5.stats.posterior.DRAWN", 0)
    monkeypatch.setattr("eng5.stats.asked_again.CELLS", 0)
