"""What a request would ask and cost, from the request, the texts and the ledger; nothing is asked."""

from collections.abc import Mapping
from pathlib import Path
from statistics import fmean

from eng5.contracts.estimate import RunEstimate
from eng5.contracts.llm_config import LLM_PROVIDERS, LlmConfig
from eng5.errors import PreflightError
from eng5.judges import Judge, JudgeUnavailableError, LlmService, judge_for
from eng5.judges.expected import expected_tokens
from eng5.judges.ledger import LEDGER_FILE, Entry, FileLedger
from eng5.judges.prices import Usage, cost_usd
from eng5.judges.question import Question, Setting, ShownEssay
from eng5.stack.assignments import Assignments
from eng5.stack.cj_core.adaptive import next_wave
from eng5.stack.cj_core.batch import BatchRefusedError, BatchRequest
from eng5.stack.cj_core.comparing import is_adaptive
from eng5.stack.cj_core.hydration import TextSource, hydrate, read_essays, setting_of
from eng5.stack.cj_core.judging import Judged
from eng5.stack.cj_core.plan import PlannedComparison, plan

ASSUMED_SECONDS = 4.0
"""How long a model is taken to think, when no verdict of it is kept."""


def estimate(request_event: bytes, texts: TextSource, state: Path, llm: LlmConfig) -> RunEstimate:
    """The estimate for a request as it would be published; ``state`` is the stand-in's folder, there or not.

    Raises:
        PreflightError: the request would be refused; the message says why.
    """
    try:
        request = BatchRequest.parse(request_event)
        content = hydrate(request, Assignments(state / "assignments.json"), texts)
        setting = setting_of(request, content)
        judge = judge_for(setting, request.metadata, LlmService(llm))
        essays = read_essays(content, texts)
        comparisons = plan(request, essays)
    except (BatchRefusedError, JudgeUnavailableError) as refusal:
        raise PreflightError(f"the run would be refused: {refusal}") from None
    ledger = FileLedger(state / LEDGER_FILE)
    ledger.load()
    return _Estimating(request, setting, judge, essays, ledger, llm).of(comparisons)


class _Estimating:
    def __init__(
        self,
        request: BatchRequest,
        setting: Setting,
        judge: Judge,
        essays: Mapping[str, ShownEssay],
        ledger: FileLedger,
        llm: LlmConfig,
    ) -> None:
        self._request = request
        self._setting = setting
        self._judge = judge
        self._essays = essays
        self._ledger = ledger
        self._config = llm.of(setting.provider)

    def of(self, comparisons: list[PlannedComparison]) -> RunEstimate:
        notes = []
        if is_adaptive(self._request, comparisons, self._essays):
            notes.append("which pairs are asked follows from the verdicts")
            comparisons, missing = self._walk(len(comparisons))
        else:
            missing = [self._question(one) for one in comparisons if self._kept(one) is None]
        provider, model = self._setting.provider, self._setting.model
        is_llm = provider in LLM_PROVIDERS
        known = self._ledger.of_model(provider, model) if is_llm else []
        if is_llm and not known and self._setting.reasoning_effort not in (None, "none"):
            notes.append("tokens of reasoning are not known yet and come on top")
        usage, basis = expected_tokens(missing, known) if is_llm else (Usage(), "no model")
        return RunEstimate(
            provider=provider,
            model=model,
            comparisons=[(one.essay_a_id, one.essay_b_id) for one in comparisons],
            reusable=len(comparisons) - len(missing),
            prompt_tokens=usage.prompt,
            completion_tokens=usage.completion,
            basis=basis,
            cost_usd=cost_usd(provider, model, usage, self._config) if is_llm and missing else 0.0,
            seconds=self._seconds(len(missing), usage, known) if is_llm else 0.0,
            notes=notes,
        )

    def _walk(self, budget: int) -> tuple[list[PlannedComparison], list[Question]]:
        """The waves as far as verdicts are kept; beyond that the pairs of a plain run stand in for the choice."""
        judged: list[Judged] = []
        while wave := next_wave(self._essays, budget, judged):
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
        others = plan(self._request, self._essays)
        rest = [one for one in others if frozenset((one.essay_a_id, one.essay_b_id)) not in pairs]
        rest = rest[: budget - len(done)]
        return done + rest, [self._question(one) for one in rest]

    def _question(self, one: PlannedComparison) -> Question:
        a, b = self._essays[one.essay_a_id], self._essays[one.essay_b_id]
        return Question(self._setting, a, b, one.repetition)

    def _kept(self, one: PlannedComparison) -> Entry | None:
        parameters = self._judge.deciding_parameters(one.essay_a_id, one.essay_b_id)
        sha256 = self._question(one).sha256(self._judge.version, parameters)
        return self._ledger.find(
            (sha256, one.repetition), self._request.batch_id, fresh=self._request.wants_fresh_verdicts
        )

    def _seconds(self, calls: int, usage: Usage, known: list[Entry]) -> float:
        """The slowest of: answers at full concurrency, the request limit, the token limit."""
        each = ASSUMED_SECONDS
        if known:
            each = fmean((one.completed_at - one.requested_at).total_seconds() for one in known)
        config = self._config
        return max(
            -(-calls // config.concurrency) * each,
            60 * calls / (config.requests_per_minute or float("inf")),
            60 * (usage.prompt + usage.completion) / (config.tokens_per_minute or float("inf")),
        )
