"""What a request would ask and cost, from the request, the texts and the ledger; nothing is asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from eng5.contracts.estimate import RunEstimate, Spending
from eng5.contracts.judge_code import PLUGIN
from eng5.contracts.llm_config import LLM_PROVIDERS, LlmConfig, LlmProviderConfig
from eng5.contracts.provider_batch import BATCH_PROVIDERS, LONGEST_BATCH_SECONDS
from eng5.contracts.run import PanelDesign
from eng5.errors import PreflightError
from eng5.judges import Judge, JudgeFacts, JudgeUnavailableError, LlmService, Outcome, judge_for
from eng5.judges.expected import expected_tokens, seconds_between_answers, seconds_of_an_answer
from eng5.judges.human import HumanJudge
from eng5.judges.ledger import LEDGER_FILE, Entry, FileLedger
from eng5.judges.prices import Usage, cost_usd
from eng5.judges.question import Question, Setting, ShownEssay
from eng5.stack.assignments import Assignments
from eng5.stack.batching import goes_by_batch
from eng5.stack.cj_core.adaptive import next_wave
from eng5.stack.cj_core.batch import BatchRefusedError, BatchRequest
from eng5.stack.cj_core.batch_comparisons import PlannedComparison, plan
from eng5.stack.cj_core.comparing import is_adaptive
from eng5.stack.cj_core.hydration import TextSource, hydrate, read_essays, setting_of
from eng5.stack.cj_core.judging import Judged

ASSUMED_SECONDS = 4.0
"""How long a vendor's model is taken to think, when no answer of it is kept; of one's own server nothing is assumed."""


def estimate(
    request_event: bytes, texts: TextSource, state: Path, llm: LlmConfig, study: Path | None = None
) -> RunEstimate:
    """The estimate for a request as it would be published; ``state`` is the stand-in's folder, there or not.

    Raises:
        PreflightError: the request would be refused; the message says why.
    """
    try:
        request = BatchRequest.parse(request_event)
        content = hydrate(request, Assignments(state / "assignments.json"), texts)
        setting = setting_of(request, content)
        judge = judge_for(setting, request.metadata, LlmService(llm, study=study))
        essays = read_essays(content, texts)
        comparisons = plan(request, essays)
        by_batch = goes_by_batch(request, setting)
    except (BatchRefusedError, JudgeUnavailableError) as refusal:
        raise PreflightError(f"the run would be refused: {refusal}") from None
    if isinstance(judge, HumanJudge):
        return _of_people(request, setting, comparisons)
    ledger = FileLedger(state / LEDGER_FILE)
    ledger.load()
    estimating = _Estimating(request, setting, judge, essays, ledger, llm.of(setting.provider))
    return estimating.of(comparisons, by_batch=by_batch)


def _of_people(request: BatchRequest, setting: Setting, planned: list[PlannedComparison]) -> RunEstimate:
    """What a panel is asked: the listed comparisons, else as many as each of its judges makes."""
    listed = request.data.pre_specified_comparisons is not None
    each = PanelDesign.model_validate(request.metadata.get("panel") or {}).pairs
    pairs = [(one.essay_a_id, one.essay_b_id) for one in planned]
    note = "people answer, on the page of `eng5 judge`"
    return RunEstimate(
        provider=setting.provider,
        model=setting.model,
        comparisons=pairs if listed else pairs[:each],
        reusable=0,
        prompt_tokens=0,
        completion_tokens=0,
        basis="no model",
        cost_usd=0.0,
        seconds=None,
        notes=[note if listed else f"{note}; the comparisons are those of one judge"],
    )


@dataclass(frozen=True)
class _Estimating:
    request: BatchRequest
    setting: Setting
    judge: Judge
    essays: Mapping[str, ShownEssay]
    ledger: FileLedger
    config: LlmProviderConfig

    def of(self, comparisons: list[PlannedComparison], *, by_batch: bool) -> RunEstimate:
        notes = _about(self.judge.facts, comparisons)
        failed = 0
        if is_adaptive(self.request, comparisons, self.essays):
            notes.append("which pairs are asked follows from the verdicts")
            if by_batch:
                notes.append("every wave of pairs is a batch of its own")
            comparisons, missing = self._walk(len(comparisons))
        else:
            kept = [self._kept(one) for one in comparisons]
            missing = [
                self._question(one) for one, entry in zip(comparisons, kept, strict=True) if entry is None
            ]
            failed = sum(entry is not None and entry.verdict.outcome is Outcome.ERROR for entry in kept)
        if failed:
            notes.append(
                f"answers of this attempt that failed and stand so: {failed}; `eng5 retry` asks again"
            )
        provider, model = self.setting.provider, self.setting.model
        is_llm = provider in LLM_PROVIDERS
        known = self.ledger.of_model(provider, model) if is_llm or provider == PLUGIN else []
        usage, basis = expected_tokens(missing, known) if is_llm else (Usage(), "no model")
        if basis == "length of the texts" and missing:
            notes += self._not_known_yet()
        each, batch = self._one_by_one(missing, usage, known), self._batch(missing, usage)
        chosen, other = (batch, each) if by_batch else (each, batch)
        return RunEstimate(
            provider=provider,
            model=model,
            comparisons=[(one.essay_a_id, one.essay_b_id) for one in comparisons],
            reusable=len(comparisons) - len(missing) - failed,
            failed=failed,
            prompt_tokens=usage.prompt,
            completion_tokens=usage.completion,
            basis=basis,
            cost_usd=chosen.cost_usd,
            seconds=chosen.seconds,
            by_batch=by_batch,
            other_way=other if missing and provider in BATCH_PROVIDERS else None,
            notes=notes,
        )

    def _not_known_yet(self) -> Iterator[str]:
        if self.setting.reasoning_effort not in (None, "none"):
            yield "tokens of reasoning are not known yet and come on top"
        if self.config.reasks and not goes_by_batch(self.request, self.setting):
            yield (
                f"no answer of this model is known yet: answers that are not valid are asked again, up to "
                f"{self.config.reasks} times, and come on top"
            )

    def _one_by_one(self, missing: list[Question], usage: Usage, known: list[Entry]) -> Spending:
        provider, model = self.setting.provider, self.setting.model
        if not missing:
            return Spending(asked=0, cost_usd=0.0, seconds=0.0)
        if provider not in LLM_PROVIDERS:
            each = self.judge.facts.usd_per_question
            cost = None if each is None else len(missing) * each
            seconds = self._pace(len(missing), known) if provider == PLUGIN else 0.0
            return Spending(asked=len(missing), cost_usd=cost, seconds=seconds)
        return Spending(
            asked=len(missing),
            cost_usd=cost_usd(provider, model, usage, self.config),
            seconds=self._seconds(len(missing), usage, known),
        )

    def _pace(self, calls: int, known: list[Entry]) -> float | None:
        """As long as answers of such a judge took, however many were asked at a time; None before any is known."""
        pace = seconds_between_answers(known)
        return None if pace is None else calls * pace

    def _batch(self, missing: list[Question], usage: Usage) -> Spending:
        provider, model = self.setting.provider, self.setting.model
        cost = cost_usd(provider, model, usage, self.config, batch=True) if missing else 0.0
        seconds = float(LONGEST_BATCH_SECONDS) if missing else 0.0
        return Spending(asked=len(missing), cost_usd=cost, seconds=seconds, by_batch=True)

    def _walk(self, budget: int) -> tuple[list[PlannedComparison], list[Question]]:
        """The waves as far as verdicts are kept; beyond that the pairs of a plain run stand in for the choice."""
        judged: list[Judged] = []
        while wave := next_wave(self.essays, budget, judged):
            entries = [self._kept(one) for one in wave]
            if None in entries:
                break
            judged += [
                Judged(one, entry.verdict.outcome, entry.provider, entry.model)
                for one, entry in zip(wave, entries, strict=True)
                if entry is not None
            ]
        done = [one.comparison for one in judged]
        pairs = {frozenset((one.essay_a_id, one.essay_b_id)) for one in done}
        others = plan(self.request, self.essays)
        rest = [one for one in others if frozenset((one.essay_a_id, one.essay_b_id)) not in pairs]
        rest = rest[: budget - len(done)]
        return done + rest, [self._question(one) for one in rest]

    def _question(self, one: PlannedComparison) -> Question:
        a, b = self.essays[one.essay_a_id], self.essays[one.essay_b_id]
        return Question(self.setting, a, b, one.repetition)

    def _kept(self, one: PlannedComparison) -> Entry | None:
        parameters = self.judge.deciding_parameters(one.essay_a_id, one.essay_b_id)
        sha256 = self._question(one).sha256(self.judge.version, parameters)
        return self.ledger.find(
            (sha256, one.repetition), self.request.batch_id, fresh=self.request.wants_fresh_verdicts
        )

    def _seconds(self, calls: int, usage: Usage, known: list[Entry]) -> float | None:
        """The slowest of: the answers, the request limit, the token limit.

        A server of one's own answers at its pace, however many it is asked at a time; None before it is known.
        """
        config = self.config
        if config.base_url is not None:
            answers = self._pace(calls, known)
        else:
            answers = -(-calls // config.concurrency) * (seconds_of_an_answer(known) or ASSUMED_SECONDS)
        if answers is None:
            return None
        return max(
            answers,
            60 * calls / (config.requests_per_minute or float("inf")),
            60 * (usage.prompt + usage.completion) / (config.tokens_per_minute or float("inf")),
        )


def _about(facts: JudgeFacts, comparisons: list[PlannedComparison]) -> list[str]:
    """What follows from what the judge says of itself."""
    notes = []
    if facts.repeats_itself and any(one.repetition > 1 for one in comparisons):
        notes.append("the judge repeats itself, so asking a pair again adds nothing")
    if "prompt" not in facts.needs:
        notes.append("the judge reads no prompt")
    return notes
