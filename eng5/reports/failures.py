"""Why comparisons failed: the causes of a run, counted, each with an example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from eng5.contracts.artefact import Comparison
from eng5.contracts.failures import CAUSES, NEXT, FailureCause, FailureGroup, cause_of
from eng5.contracts.run_summary import RunSummary

LONGEST_EXAMPLE = 600
"""Characters of an answer that a page shows; the artefact has more of it."""


def failure_groups(comparisons: Iterable[Comparison]) -> list[FailureGroup]:
    """The causes, the most frequent first; the example is the first comparison that has an answer, else the first."""
    count: Counter[FailureCause] = Counter()
    example: dict[FailureCause, Comparison] = {}
    for one in comparisons:
        if one.status != "failed":
            continue
        cause = one.failure_cause or cause_of(one.error_code)
        count[cause] += 1
        example[cause] = min(example.get(cause, one), one, key=_tells_less)
    return [
        FailureGroup(
            cause=cause,
            count=number,
            sequence=example[cause].sequence,
            message=_shortened(example[cause].failure_reason),
            raw_answer=_shortened(example[cause].raw_answer),
        )
        for cause, number in sorted(count.items(), key=lambda item: (-item[1], item[0]))
    ]


def _tells_less(one: Comparison) -> tuple[bool, int]:
    """Whatever order the comparisons arrive in, the same one is the example."""
    return not one.raw_answer, one.sequence


def failure_lines(groups: Iterable[FailureGroup]) -> list[dict[str, object]]:
    """What a page says of each cause: its name, how often, what to try, and the example."""
    return [
        {
            "name": CAUSES[group.cause],
            "count": group.count,
            "next": NEXT[group.cause],
            "sequence": group.sequence,
            "message": group.message,
            "raw_answer": group.raw_answer,
        }
        for group in groups
    ]


def answer_facts(run: RunSummary) -> list[tuple[str, str]]:
    """How answers were kept to their form, where the judge says so."""
    if not run.answer_formats:
        return []
    forms = " and ".join(
        "the prompt alone" if one == "none" else f"a JSON Schema ({one})" for one in run.answer_formats
    )
    return [("Answers constrained by", forms)]


def _shortened(text: str | None) -> str | None:
    if text is None or len(text) <= LONGEST_EXAMPLE:
        return text
    return f"{text[: LONGEST_EXAMPLE - 1]}…"
