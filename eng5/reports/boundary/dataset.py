"""The artefact of a boundary test as pairs and what was answered about them, in the order of the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eng5.contracts.artefact import Artefact, Comparison
from eng5.contracts.inventory import Essay
from eng5.contracts.run import ListedPair
from eng5.errors import DamagedFileError, ServiceError
from eng5.essays.pairs import Turn, turns
from eng5.stats.comparisons import IntArray
from eng5.stats.repeats import PairOutcome, Repeats
from eng5.stats.sequential import SequentialDecision, decide

LETTERS = {PairOutcome.HIGHER: "H", PairOutcome.LOWER: "L", PairOutcome.TIE: "T", PairOutcome.FAILED: "F"}


@dataclass(frozen=True)
class Pair:
    """A listed pair with its essays."""

    listed: ListedPair
    higher: Essay
    lower: Essay

    @property
    def boundary(self) -> tuple[str, str]:
        """The higher and the lower grade."""
        return str(self.higher.grade), str(self.lower.grade)


@dataclass(frozen=True, eq=False)
class BoundaryDataset:
    """Pairs, the comparisons that were listed, and the answers by place in that list.

    Pairs stand in the order of their boundaries, highest first, then in that of the list; `turns` refer
    to them. `error_rate` is that of early stopping for the whole run, None without it.
    """

    pairs: tuple[Pair, ...]
    turns: tuple[Turn, ...]
    answers: Mapping[int, Comparison]
    error_rate: float | None

    @cached_property
    def repeats(self) -> Repeats:
        """The answers as arrays."""
        places = sorted(self.answers)
        return Repeats(
            np.array([self.turns[place].pair for place in places], dtype=np.int64),
            np.array([self.turns[place].higher_first for place in places], dtype=np.bool_),
            np.array([self._outcome(place) for place in places], dtype=np.int64),
            np.array([_confidence(self.answers[place]) for place in places], dtype=np.float64),
        )

    @cached_property
    def decisions(self) -> tuple[SequentialDecision, ...] | None:
        """Whether and when each pair was settled; None without early stopping.

        The error rate is shared among the pairs, so that it holds for the run.
        """
        if self.error_rate is None:
            return None
        outcomes = [
            {side: [PairOutcome.FAILED] * pair.listed.iterations for side in (True, False)}
            for pair in self.pairs
        ]
        for place in self.answers:
            turn = self.turns[place]
            outcomes[turn.pair][turn.higher_first][turn.iteration] = self._outcome(place)
        rate = self.error_rate / len(self.pairs)
        return tuple(decide(each[True], each[False], error_rate=rate) for each in outcomes)

    @cached_property
    def skipped(self) -> frozenset[int]:
        """Places in the list that early stopping made needless, and that were not answered."""
        ends = [decision.stopped_at for decision in self.decisions or ()]
        return frozenset(
            place
            for place, turn in enumerate(self.turns)
            if ends and (end := ends[turn.pair]) is not None
            if turn.iteration >= end and place not in self.answers
        )

    @property
    def missing(self) -> frozenset[int]:
        """Places in the list without an answer that should have one."""
        return frozenset(range(len(self.turns))) - self.skipped - self.answers.keys()

    @cached_property
    def essays(self) -> tuple[IntArray, IntArray]:
        """Shape (p,) each: the essay of higher grade and the other of each pair, as numbers."""
        ids = list(dict.fromkeys(one.essay_id for pair in self.pairs for one in (pair.higher, pair.lower)))
        place = {essay_id: number for number, essay_id in enumerate(ids)}
        return (
            np.array([place[pair.higher.essay_id] for pair in self.pairs], dtype=np.int64),
            np.array([place[pair.lower.essay_id] for pair in self.pairs], dtype=np.int64),
        )

    @cached_property
    def deterministic(self) -> bool:
        """Some comparison was repeated, and every repeat brought the same verdict, in whatever words."""
        seen: dict[tuple[int, bool], list[str | None]] = {}
        for place, answer in self.answers.items():
            if answer.status != "failed":
                turn = self.turns[place]
                seen.setdefault((turn.pair, turn.higher_first), []).append(answer.winner_id)
        repeated = [verdicts for verdicts in seen.values() if len(verdicts) > 1]
        return bool(repeated) and all(len(set(verdicts)) == 1 for verdicts in repeated)

    def letters(self, pair: int, *, higher_first: bool) -> str:
        """A letter for each iteration of a pair in one order, `-` where there is no answer."""
        listed = [
            place
            for place, turn in enumerate(self.turns)
            if (turn.pair, turn.higher_first) == (pair, higher_first)
        ]
        return "".join(LETTERS[self._outcome(place)] if place in self.answers else "-" for place in listed)

    def places(self, pairs: Sequence[int]) -> list[int]:
        """Places in the list of the comparisons of these pairs."""
        return [place for place, turn in enumerate(self.turns) if turn.pair in pairs]

    def _outcome(self, place: int) -> PairOutcome:
        answer = self.answers[place]
        if answer.status == "failed":
            return PairOutcome.FAILED
        if answer.winner_id is None:
            return PairOutcome.TIE
        pair = self.pairs[self.turns[place].pair]
        return PairOutcome.HIGHER if answer.winner_id == pair.higher.essay_id else PairOutcome.LOWER


def load(artefact: Artefact) -> BoundaryDataset:
    """Set the answers beside the list.

    Raises:
        ServiceError: there are answers to comparisons that were not listed.
        DamagedFileError: the artefact lists no pairs, or pairs of anchors that it does not have.
    """
    listed = artefact.metadata.boundary or []
    anchors = {anchor.anchor_id: anchor for anchor in artefact.inputs.anchors}
    if not listed or not {name for pair in listed for name in (pair.higher, pair.lower)} <= anchors.keys():
        raise DamagedFileError(
            f"run '{artefact.metadata.batch_id}' lists no pairs of its anchors: it is no boundary test",
            remedy="delete 50_artefact.json and run the same command again",
        )
    scale = artefact.metadata.grade_scale
    pairs = [Pair(pair, anchors[pair.higher], anchors[pair.lower]) for pair in listed]
    order = sorted(
        range(len(pairs)), key=lambda at: [-(scale.level(grade) or 0) for grade in pairs[at].boundary]
    )
    rank = {old: new for new, old in enumerate(order)}
    asked = [Turn(rank[turn.pair], turn.iteration, turn.higher_first) for turn in turns(listed)]
    in_order = tuple(pairs[at] for at in order)
    return BoundaryDataset(
        pairs=in_order,
        turns=tuple(asked),
        answers=_answers(artefact, in_order, asked),
        error_rate=artefact.metadata.sequential,
    )


def _answers(artefact: Artefact, pairs: Sequence[Pair], asked: Sequence[Turn]) -> dict[int, Comparison]:
    """Each answer at the place that it names; where it names none, at the first free one that fits it."""
    free: dict[tuple[str, str], list[int]] = {}
    for place, turn in enumerate(asked):
        ids = pairs[turn.pair].higher.essay_id, pairs[turn.pair].lower.essay_id
        free.setdefault(ids if turn.higher_first else ids[::-1], []).append(place)
    answers: dict[int, Comparison] = {}
    strangers = 0
    for answer in sorted(artefact.llm_comparisons, key=lambda one: one.comparison_index is None):
        places = free.get((answer.essay_a_id, answer.essay_b_id), [])
        named = answer.comparison_index
        if not places or (named is not None and named not in places):
            strangers += 1
            continue
        place = places[0] if named is None else named
        places.remove(place)
        answers[place] = answer
    if strangers:
        raise ServiceError(
            "the CJ service ran pairs of its own in place of the listed ones: answers to comparisons that were "
            f"not listed: {strangers}; listed comparisons without an answer: {len(asked) - len(answers)} "
            f"of {len(asked)}",
            where=f"batch {artefact.metadata.batch_id}",
            remedy="this service does not know pre_specified_comparisons; run the boundary test against one "
            "that does, such as the embedded stand-in (ENG5_STACK=embedded)",
        )
    return answers


def _confidence(answer: Comparison) -> float:
    return float("nan") if answer.confidence is None else answer.confidence
