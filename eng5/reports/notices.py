"""What a reader must know before trusting the figures of a run, whatever the run measures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eng5.contracts.analysis import Notice
from eng5.contracts.artefact import Artefact, Comparison
from eng5.contracts.panel import HUMAN
from eng5.errors import BatchFailedError, Eng5Error, PartialDataError

ALARMS = {
    "addresses the judge",
    "batch failed",
    "disconnected",
    "failed",
    "missing verdicts",
    "no verdicts",
    "one grade",
    "other texts",
    "partial data",
    "position bias",
    "unreliable",
}
"""Codes of what keeps figures from being trusted as they stand; everything else is good to know."""
MANY = 0.05
"""Share of comparisons from which their lack is an alarm: a single one that failed is none."""

Found = Iterator[tuple[str, str]]
"""A short code and the sentence."""


def as_notices(*parts: Iterable[tuple[str, str]]) -> list[Notice]:
    """All of them, in this order."""
    return [notice(code, text) for part in parts for code, text in part]


def notice(code: str, text: str) -> Notice:
    """A notice, as grave as its code is."""
    return Notice(code=code, text=text, severity="alarm" if code in ALARMS else "remark")


def of_batch(artefact: Artefact) -> Found:
    """The batch failed, or is not whole."""
    seen = artefact.validation
    if seen.batch_status == "failed":
        why = f"the batch was given up: {seen.failure or 'no reason given'}"
        remedy = f" Try next: {seen.remedy}." if seen.remedy else ""
        if not remedy and any(one.status == "failed" for one in artefact.llm_comparisons):
            remedy = " What to try next stands below, by cause."
        yield "batch failed", f"The data are partial: {why}.{remedy} {_ended_with(BatchFailedError)}"
    elif seen.batch_status == "partial":
        text = "The data are partial: answers were still to come when the time to wait was over."
        yield "partial data", f"{text} {_ended_with(PartialDataError)}"
    elif not seen.complete:
        yield "partial data", f"The data are partial: the batch is {seen.batch_status}."


def so_far(artefact: Artefact, verdict: str) -> str:
    """The verdict, called partial where the batch did not come to its end."""
    seen, rows = artefact.validation, artefact.llm_comparisons
    if seen.batch_status not in ("failed", "partial"):
        return verdict
    answered = sum(one.status != "failed" for one in rows)
    return (
        f"Partial, {answered} of {seen.expected or len(rows) + seen.missing} comparisons answered. {verdict}"
    )


def _ended_with(error: type[Eng5Error]) -> str:
    return f"The command ended with exit code {error.exit_code}; given again, it goes on from here."


def of_verdicts(asked: int, missing: int, failed: int) -> Found:
    """Comparisons without an answer, and those that failed."""
    if missing:
        yield "missing verdicts", f"{missing} of {asked} comparisons that were asked for were never answered."
    if failed:
        few = "few " if failed < MANY * asked else ""
        yield f"{few}failed", f"{failed} of {asked} comparisons failed and count for neither essay."


def of_messages(artefact: Artefact) -> Found:
    """Messages that could not be used. How often one came is no part of it."""
    if artefact.validation.unlisted:
        yield (
            "unlisted",
            "Some callbacks answered comparisons that were not asked for; they are left out.",
        )
    if artefact.validation.quarantined:
        yield "unreadable messages", "Some messages could not be read; the artefact lists them."


def of_answers(artefact: Artefact) -> Found:
    """Answers that ended at the limit of tokens, whether or not another one was had."""
    cut_off = artefact.validation.cut_off
    lost = sum(one.failure_cause == "cut off" for one in artefact.llm_comparisons)
    if cut_off:
        yield (
            "cut off",
            f"The judge's answer was cut off at the limit of tokens in {cut_off} of "
            f"{len(artefact.llm_comparisons)} comparisons; {lost} of them stayed without a verdict.",
        )


def of_judges(artefact: Artefact, answered: Iterable[Comparison]) -> Found:
    """Comparisons that came from elsewhere, and several judges in one run."""
    imported = artefact.metadata.imported
    if imported is not None:
        whose = "Comparisons by people" if imported.people else "Comparisons of another tool"
        text = f"{whose}, read from {imported.file}."
        if not imported.positions:
            text += " It does not say which text was shown first, so nothing is said of that."
        yield "imported", text
        return
    used = {f"{one.provider} / {one.model}" for one in answered if one.provider != HUMAN}
    if len(used) > 1:
        yield "several judges", f"More than one judge answered: {', '.join(sorted(used))}."
