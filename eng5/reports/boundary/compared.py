"""Two boundary tests on the pairs that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eng5.contracts.artefact import Artefact
from eng5.contracts.boundary_analysis import BoundaryAnalysis
from eng5.reports.boundary import analysis as boundary_analysis
from eng5.reports.boundary.dataset import BoundaryDataset, Pair, load
from eng5.settings import variant_of
from eng5.stats.comparisons import Comparisons
from eng5.stats.matching import match
from eng5.stats.paired import PairedDifference, paired_difference
from eng5.stats.paired_metrics import corrected_win_rate

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
class ComparedTest:
    """The runs of one boundary test by one judge and prompt: several where it was replicated."""

    name: str
    runs: tuple[ComparedSide, ...]

    @cached_property
    def pairs(self) -> dict[PairKey, Pair]:
        """Those that every run has, in the order of the first."""
        first, *others = (run.pairs() for run in self.runs)
        return {key: pair for key, pair in first.items() if all(key in other for other in others)}

    @cached_property
    def never_varies(self) -> bool:
        """Every repeat of a comparison brought the same verdict, in each run and from run to run."""
        return all(run.data.deterministic for run in self.runs) and len(self.distinct) == 1

    @cached_property
    def distinct(self) -> tuple[ComparedSide, ...]:
        """Its runs, or one of them where all brought the same verdicts: the others say nothing new."""
        said = [{place: answer.winner_id for place, answer in run.data.answers.items()} for run in self.runs]
        return self.runs[:1] if all(each == said[0] for each in said) else self.runs


def together(runs: Sequence[ComparedSide]) -> list[ComparedTest]:
    """Replicates of one test as one; `NAME.r2` is the second of `NAME`, if judge and prompts are the same."""
    tests: dict[tuple[object, ...], list[ComparedSide]] = {}
    for run in runs:
        about = run.artefact.metadata
        name = variant_of(run.name, about.replicate)
        prompts = (each.sha256 if each else None for each in (about.system_prompt, about.rubric))
        tests.setdefault((name, about.judge.model_dump_json(), *prompts), []).append(run)
    taken: set[str] = set()
    found = []
    for (base, *_), replicates in tests.items():
        name = str(base) if base not in taken else replicates[0].name
        taken.add(name)
        found.append(ComparedTest(name, tuple(replicates)))
    return found


@dataclass(frozen=True)
class Compared:
    """A test, the reference that it is compared with, and pairs that both have."""

    reference: ComparedTest
    run: ComparedTest
    shared: list[PairKey]
    boundary: tuple[str, str] | None = None

    def by_boundary(self) -> list[Compared]:
        """The same for each grade boundary of the shared pairs."""
        pairs = self.reference.pairs
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
        [run.comparisons(compared.shared) for run in compared.reference.distinct],
        [run.comparisons(compared.shared) for run in compared.run.distinct],
        exchange="comparison",
    )
    scale = compared.reference.runs[0].artefact.metadata.grade_scale
    pairs = [compared.reference.pairs[key] for key in compared.shared]
    grades = {essay.text_sha256: str(essay.grade) for pair in pairs for essay in (pair.higher, pair.lower)}
    level = np.array([scale.level(grades[sha]) for sha in texts(compared.shared)], dtype=np.int64)
    return paired_difference(outcomes, corrected_win_rate(level), resamples=RESAMPLES)
