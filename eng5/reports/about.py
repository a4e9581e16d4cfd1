"""What was run and how much came of it, from the artefact alone."""

from __future__ import annotations

from eng5.contracts.analysis import Counts, Notice
from eng5.contracts.artefact import Artefact, PromptText
from eng5.contracts.judge_quality import Position, Reliability
from eng5.contracts.own import with_fields_of
from eng5.contracts.panel import HUMAN
from eng5.contracts.run import TextFile
from eng5.contracts.run_summary import JudgeSummary, PromptRef, RunSummary
from eng5.contracts.variant_panel import PANEL
from eng5.essays.language import prompts_in_another
from eng5.reports import notices
from eng5.reports.alignment.dataset import Dataset
from eng5.stats.bradley_terry.fit import BradleyTerryFit
from eng5.stats.posterior import Draws

COARSE = "Few simulated judges fit these verdicts, so the ends of the intervals are rough."
FEWEST_DRAWS = 100
"""Effective draws below which the ends of an interval are coarse."""
NO_MODEL = {
    "surface": "no model: baseline",
    "simulated": "no model: simulated",
    "replay": "replayed verdicts",
    "imported": "comparisons of another tool",
    "human": "no model: people",
    "people": "no model: people, imported",
    PANEL: "a panel of variants",
}


def summary(artefact: Artefact, name: str) -> RunSummary:
    """The run's identity as a reader needs it."""
    about = artefact.metadata
    return with_fields_of(
        about,
        RunSummary,
        name=name,
        mode=about.runner_mode,
        created_at=about.generated_at,
        grade_scale=about.grade_scale.name,
        judge=_judge(artefact),
        system_prompt=prompt_ref(about.system_prompt),
        rubric=prompt_ref(about.rubric),
        total_usd=artefact.costs.total_usd,
        tokens=artefact.costs.token_counts,
        answer_formats=artefact.validation.answer_formats,
        planned=artefact.costs.planned,
        spent=artefact.costs.spent,
    )


def by_people(artefact: Artefact) -> bool:
    """The run's verdicts are people's."""
    imported = artefact.metadata.imported
    return imported.people if imported else artefact.metadata.judge.provider == HUMAN


def _judge(artefact: Artefact) -> JudgeSummary:
    """Who answered; when nobody did, who was asked for."""
    asked, seen = artefact.metadata.judge, artefact.validation
    provider, model = seen.provider_used or asked.provider, seen.model_used or asked.model
    kind = next((word for word in NO_MODEL if word in (asked.provider, asked.model, provider, model)), None)
    if kind == "imported" and by_people(artefact):
        kind = "people"
    note = NO_MODEL[kind] if kind else NO_MODEL["surface"] if provider == "mock" else None
    if artefact.metadata.own_judge is not None:
        note = f"a judge of one's own: {artefact.metadata.own_judge.in_words()}"
    parts = [part for part in (provider, model) if part]
    return JudgeSummary(
        provider=provider,
        model=model,
        name=" / ".join(parts) or "the service's default",
        is_model=note is None,
        note=note,
        **({"no_prompt": "none"} if kind in ("imported", "people", "human", PANEL) else {}),
    )


def prompt_ref(prompt: PromptText | TextFile | None) -> PromptRef | None:
    """Which prompt it is; None where the service used its own."""
    return None if prompt is None else with_fields_of(prompt, PromptRef)


def counts(artefact: Artefact, data: Dataset) -> Counts:
    """How much there was to go on."""
    n, rows = len(data.subjects), artefact.llm_comparisons
    decided = int(data.comparisons.decided.sum())
    won = data.comparisons.win_matrix
    return Counts(
        essays=n,
        graded=sum(subject.level is not None for subject in data.subjects),
        possible_pairs=n * (n - 1) // 2,
        judged_pairs=int((won + won.T > 0).sum()) // 2,
        comparisons=len(rows),
        decided=decided,
        ties=len(data.answered) - decided,
        failed=len(rows) - len(data.answered),
        missing=artefact.validation.missing,
        reused=sum(row.reused for row in rows),
    )


def run_notices(
    artefact: Artefact, data: Dataset, count: Counts, fit: BradleyTerryFit | None, draws: Draws | None
) -> list[Notice]:
    """What a reader must know before trusting the figures, gravest first.

    How often a message came is no part of it: a report is the same whatever was delivered twice.
    """
    answered = notices.of_judges(artefact, data.answered)
    return notices.as_notices(
        notices.of_batch(artefact),
        _of_counts(count),
        notices.of_messages(artefact),
        notices.of_answers(artefact),
        _of_grades(artefact, data, count),
        _of_fit(data, fit),
        _of_draws(draws),
        answered,
    )


def _of_counts(count: Counts) -> notices.Found:
    if not count.decided:
        yield "no verdicts", "No comparison was decided, so nothing can be measured."
    yield from notices.of_verdicts(count.comparisons + count.missing, count.missing, count.failed)
    if count.decided and count.judged_pairs < count.possible_pairs:
        yield "pairs unjudged", f"{count.judged_pairs} of {count.possible_pairs} pairs have a winner."


def _of_grades(artefact: Artefact, data: Dataset, count: Counts) -> notices.Found:
    unknown = [s for s in data.subjects if s.level is None]
    if unknown and artefact.metadata.runner_mode.value != "execute":
        named = ", ".join(f"{s.name} ({s.grade or 'no grade'})" for s in unknown)
        yield "unknown grades", f"Left out of everything that needs a grade: {named}."
    about = artefact.metadata
    prompts = {"system prompt": about.system_prompt, "rubric": about.rubric}
    texts = {name: prompt.text if prompt else None for name, prompt in prompts.items()}
    for text in prompts_in_another(texts, about.language):
        yield "prompt language", text
    for text in artefact.inputs.grade_notices:
        yield "grades", f"{text}."
    levels = {s.level for s in data.subjects if s.level is not None}
    if count.graded > 1 and len(levels) == 1:
        yield "one grade", "All essays have the same grade: there is no order to agree with."
    elif 0 < count.graded < 6:
        yield "few anchors", f"Only {count.graded} graded essays: every figure is rough."


def _of_fit(data: Dataset, fit: BradleyTerryFit | None) -> notices.Found:
    if fit is None:
        return
    played = [part for part in fit.components if len(part) > 1]
    if len(played) > 1:
        parts = "; ".join(", ".join(data.subjects[i].name for i in part) for part in played)
        yield "disconnected", f"No comparison connects these groups, so their scores do not compare: {parts}."
    alone = [data.subjects[part[0]].name for part in fit.components if len(part) == 1]
    if alone and played:
        yield "not compared", f"Never in a decided comparison: {', '.join(alone)}."


def _of_draws(draws: Draws | None) -> notices.Found:
    if draws is not None and draws.effective < FEWEST_DRAWS:
        yield "coarse intervals", COARSE


def judge_notices(position: Position | None, reliability: Reliability | None) -> list[Notice]:
    """What the figures say against the judge itself, whatever its targets."""
    found = []
    if reliability is not None and reliability.reliable is False:
        text = "The scores are not more reliable than those of a coin on the same pairs."
        found.append(notices.notice("unreliable", text))
    eta = None if position is None else position.eta.interval
    if eta is not None and not eta.low <= 0 <= eta.high:
        text = f"Position bias: the judge prefers the essay shown {'first' if eta.low > 0 else 'second'}."
        found.append(notices.notice("position bias", text))
    return found
