"""What the ledger holds, by judge: how many verdicts, what they cost, how often they were used again."""

from dataclasses import dataclass, field
from pathlib import Path

from eng5.judges import Outcome
from eng5.judges.group_commit import GroupCommitLog
from eng5.judges.ledger import LEDGER_FILE, LEDGER_USE_FILE, Entry


@dataclass
class JudgeUse:
    """One judge. ``hits`` are verdicts that batches took from the ledger instead of asking."""

    provider: str
    model: str
    entries: int = 0
    ties: int = 0
    errors: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    unpriced: int = 0
    """Entries whose price is not known; their cost is not in ``cost_usd``."""
    hits: int = 0
    paid_again: int = 0
    """Times that a question was asked once more because a judge or its process ended before the answer was kept."""
    batches: set[str] = field(default_factory=set)


class LedgerView:
    """Counts entries and uses, by judge."""

    def __init__(self) -> None:
        self._judges: dict[tuple[str, str], JudgeUse] = {}

    def count(self, entry: Entry, *, times_asked: int = 1) -> None:
        """One entry, and how many times its question was asked for it."""
        use, verdict = self._judge(entry.provider, entry.model), entry.verdict
        use.entries += 1
        use.ties += verdict.outcome is Outcome.TIE
        use.errors += verdict.outcome is Outcome.ERROR
        use.prompt_tokens += verdict.prompt_tokens
        use.cached_tokens += int(verdict.metadata.get("cache_read_input_tokens", 0))
        use.completion_tokens += verdict.completion_tokens
        use.cost_usd += verdict.cost_usd or 0.0
        use.unpriced += verdict.cost_usd is None
        use.paid_again += times_asked - 1
        use.batches.add(entry.batch)

    def reuse(self, provider: str, model: str, verdicts: int) -> None:
        """A batch took so many verdicts instead of asking."""
        if verdicts:
            self._judge(provider, model).hits += verdicts

    def judges(self) -> list[JudgeUse]:
        """By provider and model."""
        return [self._judges[key] for key in sorted(self._judges)]

    def _judge(self, provider: str, model: str) -> JudgeUse:
        return self._judges.setdefault((provider, model), JudgeUse(provider, model))


def ledger_view(state: Path) -> list[JudgeUse]:
    """All judges of the ledger in the stand-in's folder, by provider and model; DamagedFileError as in FileLedger.

    A batch that was taken up again counts its hits once, as it ended.
    """
    view = LedgerView()
    for entry in GroupCommitLog(state / LEDGER_FILE).read(Entry.from_json):
        view.count(entry)
    uses = GroupCommitLog(state / LEDGER_USE_FILE).read(
        lambda use: (str(use["batch"]), (str(use["provider"]), str(use["model"]), int(use["reused"])))
    )
    for provider, model, reused in dict(uses).values():
        view.reuse(provider, model, reused)
    return view.judges()
