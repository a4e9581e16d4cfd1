"""Several runs among the same anchors: their comparisons by the indices of the baseline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eng5.contracts.artefact import Artefact
from eng5.reports.alignment.dataset import Dataset, Subject, load
from eng5.stats.comparisons import BoolArray, Comparisons


@dataclass(frozen=True, eq=False)
class JudgedRun:
    """A run with its comparisons among the anchors of the baseline; `foreign` of its answers are of other texts."""

    name: str
    artefact: Artefact
    data: Dataset
    foreign: int


@dataclass(frozen=True, eq=False)
class JudgedVariant:
    """A variant, its runs, and all their comparisons together."""

    name: str
    runs: tuple[JudgedRun, ...]
    data: Dataset

    @property
    def each(self) -> list[Dataset]:
        """The comparisons of each run."""
        return [run.data for run in self.runs]

    @property
    def never_varies(self) -> bool:
        """Its runs repeat each other: further ones would say nothing new."""
        return repeat_each_other(self.each)

    def restricted(self, subjects: Sequence[Subject]) -> JudgedVariant:
        """The same among `subjects` only."""
        runs = tuple(replace(run, data=among(run.data, subjects)) for run in self.runs)
        return JudgedVariant(self.name, runs, among(self.data, subjects))


def load_variants(variants: Mapping[str, Sequence[tuple[str, Artefact]]]) -> list[JudgedVariant]:
    """Read the runs of each variant, the baseline first; grades and order of the anchors are the baseline's.

    An anchor counts as the same when id and text are those of the baseline's first run.
    """
    _, reference = next(iter(variants.values()))[0]
    subjects, texts = load(reference).subjects, _texts(reference)
    found = []
    for name, runs in variants.items():
        judged = []
        for run, artefact in runs:
            other, data = _texts(artefact), load(artefact)
            same = [
                subject for subject in subjects if other.get(subject.essay_id) == texts.get(subject.essay_id)
            ]
            shared = among(among(data, same), subjects)
            foreign = len(data.answered) - len(shared.answered)
            judged.append(JudgedRun(run, artefact, shared, foreign))
        found.append(JudgedVariant(name, tuple(judged), pool([run.data for run in judged])))
    return found


def repeat_each_other(runs: Sequence[Dataset]) -> bool:
    """Several runs brought the same verdicts, in whatever words: further ones would say nothing new."""
    said = [sorted((c.essay_a_id, c.essay_b_id, c.winner_id or "") for c in run.answered) for run in runs]
    return len(runs) > 1 and bool(said[0]) and all(each == said[0] for each in said)


def same_essays(subjects: Sequence[Subject], one: Artefact, other: Artefact) -> list[Subject]:
    """Those of `subjects` that both runs have, by id and text."""
    texts, others = _texts(one), _texts(other)
    known = texts.keys() & others.keys()
    return [
        each for each in subjects if each.essay_id in known and texts[each.essay_id] == others[each.essay_id]
    ]


def _texts(artefact: Artefact) -> dict[str, str]:
    """Hash of the text of each essay; where only the name is here, the name."""
    texts = {essay.essay_id: essay.text_sha256 for essay in artefact.inputs.anchors}
    return texts | {essay.essay_id: essay.name for essay in artefact.inputs.named}


def among(data: Dataset, subjects: Sequence[Subject]) -> Dataset:
    """The comparisons between two of `subjects`, which become the essays, in their order."""
    place = {subject.essay_id: number for number, subject in enumerate(subjects)}
    kept = [number for number, c in enumerate(data.answered) if {c.essay_a_id, c.essay_b_id} <= place.keys()]
    answered = tuple(data.answered[number] for number in kept)
    return Dataset(
        subjects=tuple(subjects),
        answered=answered,
        comparisons=Comparisons(
            len(subjects),
            np.array([place[c.essay_a_id] for c in answered], dtype=np.int64),
            np.array([place[c.essay_b_id] for c in answered], dtype=np.int64),
            data.comparisons.outcome[kept],
        ),
        failed={essay: count for essay, count in data.failed.items() if essay in place},
        scale=data.scale,
        positions=data.positions,
    )


def select(data: Dataset, rows: BoolArray) -> Dataset:
    """The comparisons at `rows`, shape (m,), among the same essays."""
    answered = tuple(data.answered[number] for number in np.flatnonzero(rows).tolist())
    return replace(data, answered=answered, comparisons=data.comparisons.select(rows))


def on_pairs(data: Dataset, pairs: Collection[tuple[int, int]]) -> Dataset:
    """The comparisons of these pairs (i < j)."""
    rows = np.zeros(len(data.answered), dtype=np.bool_)
    rows[[place for pair in data.by_pair.keys() & set(pairs) for place in data.by_pair[pair]]] = True
    return select(data, rows)


def pool(parts: Sequence[Dataset]) -> Dataset:
    """All comparisons of several datasets of the same essays, one after the other."""
    of_all = [part.comparisons for part in parts]
    first, second, outcome = (
        np.concatenate([getattr(each, name) for each in of_all]) for name in ("first", "second", "outcome")
    )
    return replace(
        parts[0],
        failed=sum((Counter(part.failed) for part in parts), Counter()),
        answered=tuple(verdict for part in parts for verdict in part.answered),
        comparisons=Comparisons(parts[0].comparisons.n, first, second, outcome),
    )
