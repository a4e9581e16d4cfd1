"""Two boundary tests on the pairs that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eng5.contracts.artefact import Artefact
from eng5.contracts.boundary_analysis import BoundaryAnalysis
from eng5.reports.boundary import analysis as boundary_analysis
from eng5.reports.boundary.dataset import BoundaryDataset, Pair, load
from eng5.stats.comparisons import Comparisons
from eng5.stats.matching import match
from eng5.stats.paired import PairedDifference, paired_difference
from eng5.stats.paired_metrics import corrected_win_rate

__all__ = ["Compared", "ComparedSide", "PairKey", "difference"]

RESAMPLES = 10_000
PairKey = tuple[str, str, str, str]
"""Anchor id and hash of the text of the higher grade, and of the lower: a changed text makes another pair."""


@dataclass(frozen=True)
class ComparedSide:
    """A boundary test, loaded."""

    name: str
    artefact: Artefact
    data: BoundaryDataset
    analysis: BoundaryAnalysis

    @classmethod
    def of(cls, name: str, artefact: Artefact) -> ComparedSide:
        """The test and its analysis; `name` is the run's."""
        return cls(name, artefact, load(artefact), boundary_analysis.build(artefact, name=name))

    def pairs(self) -> dict[PairKey, Pair]:
        """Its pairs, in the order of its data."""
        return {
            (pair.listed.higher, pair.higher.text_sha256, pair.listed.lower, pair.lower.text_sha256): pair
            for pair in self.data.pairs
        }

    def comparisons(self, keys: Sequence[PairKey]) -> Comparisons:
        """The verdicts on these pairs, in the order of the list; essays are numbered as in :func:`texts`."""
        essays = {sha: place for place, sha in enumerate(texts(keys))}
        wanted = set(keys)
        places = [place for place, key in enumerate(self.pairs()) if key in wanted]
        rows = []
        for place in sorted(self.data.places(places)):
            answer = self.data.answers.get(place)
            if answer is None or answer.status == "failed":
                continue
            turn = self.data.turns[place]
            pair = self.data.pairs[turn.pair]
            both = essays[pair.higher.text_sha256], essays[pair.lower.text_sha256]
            first, second = both if turn.higher_first else both[::-1]
            outcome = 0 if answer.winner_id is None else 1 if answer.winner_id == answer.essay_a_id else -1
            rows.append((first, second, outcome))
        table = np.array(rows, dtype=np.int64).reshape(-1, 3)
        return Comparisons(len(essays), table[:, 0], table[:, 1], table[:, 2])


@dataclass(frozen=True)
class Compared:
    """A run, the reference that it is compared with, and pairs that both have."""

    reference: ComparedSide
    run: ComparedSide
    shared: list[PairKey]
    boundary: tuple[str, str] | None = None

    def by_boundary(self) -> list[Compared]:
        """The same for each grade boundary of the shared pairs."""
        pairs = self.reference.pairs()
        grades = dict.fromkeys(pairs[key].boundary for key in self.shared)
        return [
            Compared(
                self.reference,
                self.run,
                [key for key in self.shared if pairs[key].boundary == boundary],
                boundary,
            )
            for boundary in grades
        ]


def texts(keys: Sequence[PairKey]) -> list[str]:
    """Hashes of the texts of these pairs, each once."""
    return list(dict.fromkeys(sha for key in keys for sha in (key[1], key[3])))


def difference(compared: Compared) -> PairedDifference:
    """Of the corrected win rates, in both readings."""
    outcomes = match(
        [compared.reference.comparisons(compared.shared)],
        [compared.run.comparisons(compared.shared)],
        exchange="comparison",
    )
    scale = compared.reference.artefact.metadata.grade_scale
    pairs = [compared.reference.pairs()[key] for key in compared.shared]
    grades = {essay.text_sha256: str(essay.grade) for pair in pairs for essay in (pair.higher, pair.lower)}
    level = np.array([scale.level(grades[sha]) for sha in texts(compared.shared)], dtype=np.int64)
    return paired_difference(outcomes, corrected_win_rate(level), resamples=RESAMPLES)
