"""50 of several variants → 50 of their panel: what they say together. Pure; nobody is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum
from uuid import NAMESPACE_URL, UUID, uuid5

import numpy as np

from eng5.contracts.artefact import (
    Artefact,
    Comparison,
    Costs,
    Inputs,
    Metadata,
    TokenCount,
    Validation,
)
from eng5.contracts.inventory import InventoryFile
from eng5.contracts.modes import RunnerMode
from eng5.contracts.run import JudgeSettings
from eng5.contracts.variant_panel import PANEL, PanelMember, PanelVerdict, PanelVotes
from eng5.errors import InputError
from eng5.files import file_size, read_model, sha256_file, write_chunks
from eng5.paths import ProjectPaths
from eng5.stats.comparisons import FloatArray
from eng5.stats.votes import reliability, verdicts
from eng5.steps.artefact import with_checksum

Members = Sequence[tuple[str, Artefact]]


@dataclass
class PanelQuestion:
    """A comparison that members have in common: `first` was shown first, and by member the row that answers it."""

    first: str
    second: str
    rows: dict[int, Comparison] = field(default_factory=dict)

    def vote(self, member: int) -> int | None:
        """1 for the first essay, -1 for the second, 0 a tie; None without an answer."""
        row = self.rows.get(member)
        if row is None or row.status == "failed":
            return None
        return 0 if row.winner_id is None else 1 if row.winner_id == self.first else -1


def questions(members: Members) -> list[PanelQuestion]:
    """Every comparison of any member, matched with those of the others.

    The k-th comparison of a pair in one order is that of the others in the same order; what one asked in the other
    order only is matched across orders.
    """
    by_pair: dict[tuple[str, str], dict[tuple[str, int], PanelQuestion]] = defaultdict(dict)
    for member, (_, artefact) in enumerate(members):
        seen: dict[tuple[str, str], int] = defaultdict(int)
        for row in artefact.llm_comparisons:
            a, b = row.essay_a_id, row.essay_b_id
            key = (a, seen[a, b])
            seen[a, b] += 1
            found = by_pair[min(a, b), max(a, b)].setdefault(key, PanelQuestion(a, b))
            found.rows[member] = row
    return [question for pair in sorted(by_pair) for question in _across_orders(by_pair[pair].values())]


def _across_orders(pair: Iterable[PanelQuestion]) -> list[PanelQuestion]:
    """The questions of a pair, those put together that no member has both of."""
    kept: list[PanelQuestion] = []
    for question in sorted(pair, key=lambda one: -len(one.rows)):
        other = next(
            (one for one in kept if one.first != question.first and not one.rows.keys() & question.rows.keys()),
            None,
        )  # fmt: skip
        if other is None:
            kept.append(question)
        else:
            other.rows.update(question.rows)
    return kept


def build(name: str, members: Members, verdict: PanelVerdict, manifest: list[InventoryFile]) -> Artefact:
    """The artefact of a panel, without its checksum.

    Args:
        name: of the panel.
        members: name and artefact of each variant, in the order of experiments.toml.
        verdict: by majority, or by weights that are estimated from the votes.
        manifest: the members' files.

    Raises:
        InputError: the members judged different texts, or by different grade scales.
    """
    _check_alike(name, members)
    asked = questions(members)
    votes = [[question.vote(member) for member in range(len(members))] for question in asked]
    table = np.array(
        [[np.nan if vote is None else vote for vote in row] for row in votes], dtype=np.float64
    ).reshape(-1, len(members))
    found = reliability(table)
    said = verdicts(table, found.weight if verdict == "weights" else None)
    names = [member for member, _ in members]
    model = f"{'majority' if verdict == 'majority' else 'weighted votes'} of {', '.join(names)}"
    batch = uuid5(
        NAMESPACE_URL, " ".join([name, verdict, *(str(one.metadata.batch_uuid) for _, one in members)])
    )
    first, last = members[0][1], max((one for _, one in members), key=lambda one: one.metadata.generated_at)
    complete = all(one.validation.complete for _, one in members)
    return Artefact(
        metadata=Metadata(
            runner_mode=RunnerMode.ANCHOR_ALIGN_TEST,
            batch_id=name,
            batch_uuid=batch,
            attempt=1,
            replicate=1,
            generated_at=last.metadata.generated_at,
            timestamp=last.metadata.timestamp,
            assignment_id=None,
            course_id=None,
            course_code=first.metadata.course_code,
            language=first.metadata.language,
            grade_scale=first.metadata.grade_scale,
            runner_version=first.metadata.runner_version,
            git_sha=None,
            judge=JudgeSettings(provider=PANEL),
            system_prompt=None,
            rubric=None,
            max_comparisons=None,
            boundary=None,
        ),
        inputs=_inputs(members),
        llm_comparisons=[
            _comparison(number, question, float(winner), names, model, batch)
            for number, (question, winner) in enumerate(zip(asked, said.tolist(), strict=True), start=1)
        ],
        bt_summary=[],
        costs=_costs([artefact.costs for _, artefact in members]),
        validation=Validation(
            artefact_checksum="",
            manifest=manifest,
            complete=complete,
            batch_status="completed" if complete else "partial",
            failure=None if complete else "a run of its variants is not complete",
            observed={},
            duplicates=0,
            missing=max(one.validation.missing for _, one in members),
            quarantined=[],
            model_used=model,
            provider_used=PANEL,
        ),
        panel=PanelVotes(
            verdict=verdict,
            members=_members(members, table, found.accuracy, found.weight),
            votes=votes,
        ),
    )


def _members(
    members: Members, votes: FloatArray, accuracy: FloatArray, weight: FloatArray
) -> list[PanelMember]:
    return [
        PanelMember(
            name=name,
            judge=_judge(artefact),
            batch_uuid=artefact.metadata.batch_uuid,
            votes=int((~np.isnan(votes[:, place])).sum()),
            usd=artefact.costs.total_usd,
            accuracy=None if np.isnan(accuracy[place]) else float(accuracy[place]),
            weight=float(weight[place]),
        )
        for place, (name, artefact) in enumerate(members)
    ]


def _judge(artefact: Artefact) -> str:
    seen, asked = artefact.validation, artefact.metadata.judge
    parts = (seen.provider_used or asked.provider, seen.model_used or asked.model)
    return " / ".join(part for part in parts if part) or "the service's default"


def _check_alike(name: str, members: Members) -> None:
    texts: dict[str, tuple[str, str]] = {}
    for member, artefact in members:
        if artefact.metadata.grade_scale != members[0][1].metadata.grade_scale:
            raise InputError(
                f"the variants of panel '{name}' have different grade scales: {members[0][0]} and {member}",
                remedy=f"run doit anchor_align:{member}",
            )
        for essay in artefact.inputs.anchors:
            other, text = texts.setdefault(essay.essay_id, (member, essay.text_sha256))
            if text != essay.text_sha256:
                raise InputError(
                    f"the variants of panel '{name}' judged different texts of {essay.essay_id}: {other} and {member}",
                    remedy=f"run doit anchor_align:{other} anchor_align:{member}",
                )


def _inputs(members: Members) -> Inputs:
    first = members[0][1].inputs
    anchors = {essay.essay_id: essay for _, one in reversed(members) for essay in one.inputs.anchors}
    named = {essay.essay_id: essay for _, one in reversed(members) for essay in one.inputs.named}
    return first.model_copy(
        update={
            "anchors": sorted(anchors.values(), key=lambda essay: essay.file_name),
            "named": sorted(named.values(), key=lambda essay: essay.name),
            "students": [],
        }
    )


def _comparison(
    number: int, question: PanelQuestion, winner: float, names: Sequence[str], model: str, batch: UUID
) -> Comparison:
    rows = [question.rows[member] for member in sorted(question.rows)]
    answered = [row for row in rows if row.status != "failed"]
    first, second = question.first, question.second
    won = None if winner == 0 or winner != winner else first if winner > 0 else second
    ends = [row.completed_at for row in rows if row.completed_at is not None]
    prices = [row.cost_usd for row in rows]
    return Comparison(
        sequence=number,
        request_id=f"panel-{number}",
        correlation_id=uuid5(batch, str(number)),
        status="failed" if not answered else "succeeded" if won else "tie",
        essay_a_id=first,
        essay_b_id=second,
        winner_id=won,
        loser_id=None if won is None else second if won == first else first,
        justification=_words(question, won, names) if answered else None,
        failure_reason=None if answered else "no variant of the panel answered",
        provider=PANEL,
        model=model,
        tokens_prompt=sum(row.tokens_prompt for row in rows),
        tokens_completion=sum(row.tokens_completion for row in rows),
        cost_usd=None if None in prices else fsum(price for price in prices if price is not None),
        completed_at=max(ends, default=None),
    )


def _words(question: PanelQuestion, won: str | None, names: Sequence[str]) -> str:
    """Who voted for the winner, and the words of the first of them."""
    for_it = {
        member: row for member, row in sorted(question.rows.items()) if row.status != "failed" and row.winner_id == won
    }  # fmt: skip
    answered = sum(row.status != "failed" for row in question.rows.values())
    if won is None and not for_it:
        return f"Split: {answered} votes, as much for the one as for the other."
    text = f"{len(for_it)} of {answered}: {', '.join(names[member] for member in for_it)}."
    words = next((row.justification for row in for_it.values() if row.justification), None)
    return f"{text} {words}" if words else text


def _costs(costs: Sequence[Costs]) -> Costs:
    by_judge: dict[tuple[str, str], list[TokenCount]] = defaultdict(list)
    for used in (used for one in costs for used in one.token_counts):
        by_judge[used.provider, used.model].append(used)
    return Costs(
        total_usd=_sum(one.total_usd for one in costs),
        token_counts=[
            TokenCount(
                provider=provider,
                model=model,
                comparisons=sum(one.comparisons for one in each),
                prompt_tokens=sum(one.prompt_tokens for one in each),
                completion_tokens=sum(one.completion_tokens for one in each),
                usd=_sum(one.usd for one in each),
            )
            for (provider, model), each in sorted(by_judge.items())
        ],
    )


def _sum(values: Iterable[float | None]) -> float | None:
    """None where one of them is not known."""
    known = list(values)
    return None if None in known else round(fsum(value for value in known if value is not None), 9)


def run(project: ProjectPaths, name: str, members: Sequence[str], verdict: PanelVerdict) -> None:
    """Read 50 of the members, write that of the panel."""
    files: Mapping[str, InventoryFile] = {
        member: InventoryFile(path=f"{member}/{path.name}", bytes=file_size(path), sha256=sha256_file(path))
        for member in members
        for path in [project.run(member).artefact]
    }
    artefacts = [(member, read_model(project.run(member).artefact, Artefact)) for member in members]
    write_chunks(
        project.run(name).artefact, with_checksum(build(name, artefacts, verdict, list(files.values())))
    )
