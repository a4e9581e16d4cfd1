"""The judge that repeats the verdicts of an earlier run, so that everything after the judge can be tested again.

Verdicts are found by the two essay ids in the order shown, and the how-manieth time they are compared; what the
essays say and how the prompt reads plays no part.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from eng5.contracts.artefact import Artefact
from eng5.contracts.artefact import Comparison as ArtefactComparison
from eng5.contracts.journal import END_PREFIX
from eng5.contracts.wire.comparison_result import LLMComparisonResultV1
from eng5.contracts.wire.topics import COMPARISON_RESULT
from eng5.contracts.wire.vocabulary import Winner
from eng5.errors import Eng5Error
from eng5.files import JsonLines, read_model, sha256_bytes
from eng5.judges.protocol import JudgeFacts, Outcome, Verdict
from eng5.judges.question import Question
from eng5.judges.registry import JudgeCall, JudgeUnavailableError

Place = tuple[str, str, int]
Found = tuple[str, str, Verdict]


class ReplayJudge:
    """``source`` is a 50_artefact.json, a 45_events.jsonl, or a ledger; ``ledger.jsonl#BATCH`` is one batch of it.

    Raises JudgeUnavailableError where the source cannot be read, or says two things about one comparison.
    """

    version = "replay-1"
    concurrency = 64
    facts = JudgeFacts(needs=frozenset({"ids"}), repeats_itself=False)

    def __init__(self, source: str) -> None:
        name, _, batch = source.partition("#")
        path = Path(name)
        self._source = source
        try:
            self._sha256 = sha256_bytes(path.read_bytes())
            self._verdicts = dict(_numbered(_read(path, batch)))
        except OSError as error:
            raise JudgeUnavailableError(f"replay source {name}: {error.strerror}") from None
        except (Eng5Error, ValidationError, ValueError, KeyError) as error:
            raise JudgeUnavailableError(f"replay source {name} cannot be read: {error}") from None

    def deciding_parameters(self, essay_a_id: str, essay_b_id: str) -> Mapping[str, Any]:
        """The source, byte for byte, and the ids by which it is searched."""
        _, _, batch = self._source.partition("#")
        return {"source": self._sha256, "batch": batch, "a": essay_a_id, "b": essay_b_id}

    async def judge(self, question: Question) -> Verdict:
        """The verdict of then; tokens and cost are those of then and are not spent again."""
        place = (question.essay_a.essay_id, question.essay_b.essay_id, question.repetition)
        return self._verdicts[place]

    def lacking(self, wanted: Collection[Place]) -> list[str]:
        """The wanted comparisons that the source does not have."""
        missing = (place for place in wanted if place not in self._verdicts)
        return [f"{a} × {b}" + (f" (repetition {n})" if n > 1 else "") for a, b, n in missing]


def _read(path: Path, batch: str) -> Iterable[Found]:
    if path.suffix == ".json":
        return [
            (one.essay_a_id, one.essay_b_id, _of_artefact(one))
            for one in read_model(path, Artefact).llm_comparisons
        ]
    first = next(iter(JsonLines(path)), b"{}")
    if "question_sha256" in json.loads(first):
        return list(_of_ledger(path, batch))
    return list(_of_journal(path))


def _numbered(found: Iterable[Found]) -> Iterator[tuple[Place, Verdict]]:
    times: Counter[tuple[str, str]] = Counter()
    for a, b, verdict in found:
        times[a, b] += 1
        yield (a, b, times[a, b]), verdict


def _of_artefact(one: ArtefactComparison) -> Verdict:
    outcome = {"tie": Outcome.TIE, "failed": Outcome.ERROR}.get(one.status)
    if outcome is None:
        outcome = Outcome.A if one.winner_id == one.essay_a_id else Outcome.B
    return Verdict(
        outcome,
        confidence=one.confidence,
        justification=one.justification,
        error_code=one.error_code,
        error_message=one.failure_reason,
        metadata={"replayed_provider": one.provider, "replayed_model": one.model},
    )


def _of_journal(path: Path) -> Iterator[Found]:
    """Callbacks in the order of the list they were asked in, or as they came; the first of a request id counts."""
    callbacks: dict[str, LLMComparisonResultV1] = {}
    for line in JsonLines(path):
        entry = {} if line.startswith(END_PREFIX) else json.loads(line)
        if entry.get("topic") != COMPARISON_RESULT or not isinstance(entry.get("value"), dict):
            continue
        try:
            callback = LLMComparisonResultV1.model_validate(entry["value"].get("data"))
        except ValidationError:
            continue
        callbacks.setdefault(callback.request_id, callback)
    for one in sorted(callbacks.values(), key=lambda one: one.request_metadata.get("comparison_index") or 0):
        metadata, error = one.request_metadata, one.error_detail
        outcome = Outcome.A if one.winner is Winner.ESSAY_A else Outcome.B
        confidence, justification = one.confidence, one.justification
        if error is not None:
            outcome = Outcome(error.details.get("outcome", Outcome.ERROR))
            confidence, justification = error.details.get("confidence"), error.details.get("justification")
        yield (
            str(metadata["essay_a_id"]),
            str(metadata["essay_b_id"]),
            Verdict(
                outcome,
                confidence=confidence,
                justification=justification,
                error_code=error.error_code if error else None,
                error_message=error.message if error else None,
                metadata={"replayed_provider": one.provider, "replayed_model": one.model},
            ),
        )


def _of_ledger(path: Path, batch: str) -> Iterator[Found]:
    """Entries by repetition; those of several questions about one pair are ambiguous without a batch."""
    from eng5.judges.ledger import Entry

    entries = [Entry.from_json(json.loads(line)) for line in JsonLines(path)]
    entries = [entry for entry in entries if batch in ("", entry.batch)]
    latest: dict[Place, Entry] = {}
    for entry in entries:
        place = (entry.essay_a_id, entry.essay_b_id, entry.repetition)
        if place in latest and latest[place].question_sha256 != entry.question_sha256:
            batches = sorted({one.batch for one in entries})
            raise JudgeUnavailableError(
                f"{path} has several verdicts on {place[0]} × {place[1]}; name one batch of it: "
                + " or ".join(f"{path.name}#{one}" for one in batches[:5])
            )
        latest[place] = entry
    for (a, b, _), entry in sorted(latest.items()):
        metadata = {"replayed_provider": entry.provider, "replayed_model": entry.model}
        yield (
            a,
            b,
            replace(
                entry.verdict, prompt_tokens=0, completion_tokens=0, cost_usd=0.0, metadata=metadata, extra={}
            ),
        )


def make(call: JudgeCall) -> ReplayJudge:
    """The judge with the verdicts of the request's source; JudgeUnavailableError as when that is read."""
    source = call.metadata.get("replay")
    if not isinstance(source, str) or not source:
        raise JudgeUnavailableError("metadata.replay must name an artefact, a journal or a ledger")
    return ReplayJudge(source)
