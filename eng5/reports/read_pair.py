"""What a page has within it to show any two of its essays side by side, with every verdict on them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from typing import Any

from eng5.contracts.artefact import Artefact, Comparison
from eng5.plots.printable import printable
from eng5.reports.essay_texts import EssayText, EssayTexts

MOST_VERDICTS = 20_000
MOST_WORDS, LEAST_WORDS, OF_A_VERDICT = 500_000, 200_000, 30
"""Characters of judges' words in a page, less what so many verdicts take without any, so that a page stays below a
megabyte. Verdicts beyond have their result here and their words in the artefact."""
LEFT_OUT = 0
"""Stands for words that are in the artefact only."""
TIE, FAILED = 2, 3


@dataclass(frozen=True)
class PageEssay:
    """An essay of a page; `level` is the place of its grade, `about` what stands below its name."""

    essay_id: str
    name: str
    grade: str | None
    level: int | None
    about: str = ""


def href_of(essays: Sequence[PageEssay]) -> Callable[..., str]:
    """The address within the page that opens two essays, or with one essay all pairs of it, given their ids."""
    place = {essay.essay_id: str(number) for number, essay in enumerate(essays)}

    def href(*ids: str) -> str:
        return f"#{'pair' if len(ids) > 1 else 'essay'}-{'-'.join(place[one] for one in ids)}"

    return href


def readable(
    artefact: Artefact, essays: Sequence[PageEssay], texts: EssayTexts, first: Collection[int] = ()
) -> dict[str, Any]:
    """The data of `reader.js`, ready to be written as JSON; each essay's text is in it once.

    Args:
        artefact: the run.
        essays: in the order of the page, which numbers them; a verdict on another one is left out.
        texts: by essay id; of one that is not there the page says so.
        first: numbers of the verdicts whose words are kept when there is no room for all.
    """
    place = {essay.essay_id: number for number, essay in enumerate(essays)}
    known = _kept(artefact.llm_comparisons, place.keys(), set(first))
    left = max(MOST_WORDS - OF_A_VERDICT * len(known), LEAST_WORDS)
    words, left = _with_room({one.sequence: one.justification or _failure(one) for one in known}, first, left)
    raw, _ = _with_room({one.sequence: one.raw_answer for one in known}, first, left)
    judges = sorted({f"{one.provider} / {one.model}" for one in known})
    unknown = EssayText(why="Its text is not among the inputs of this run.")
    return {
        "artefact": f"build/{artefact.metadata.batch_id}/50_artefact.json",
        "judges": judges if len(judges) > 1 else [],
        "essays": [
            {
                "name": printable(essay.name),
                "grade": essay.grade,
                "level": essay.level,
                "about": essay.about,
                **{name: printable(value) for name, value in asdict(text).items() if value},
            }
            for essay in essays
            for text in [texts.get(essay.essay_id, unknown)]
        ],
        "verdicts": [_row(one, place, judges, (words[one.sequence], raw[one.sequence])) for one in known],
    }


def _kept(comparisons: Iterable[Comparison], essays: Set[str], first: Set[int]) -> list[Comparison]:
    """As many as a page has, in one pass: there may be a million on disk."""
    wanted, others = list[Comparison](), list[Comparison]()
    for one in comparisons:
        if {one.essay_a_id, one.essay_b_id} <= essays:
            if one.sequence in first:
                wanted.append(one)
            elif len(others) < MOST_VERDICTS:
                others.append(one)
    return sorted([*wanted, *others][:MOST_VERDICTS], key=lambda one: one.sequence)


def _with_room(
    texts: Mapping[int, str | None], first: Collection[int], left: int
) -> tuple[dict[int, str | int | None], int]:
    """Each verdict's text, as long as there is room for it, those of `first` first; and the room that is left."""
    wanted, found = set(first), dict[int, str | int | None]()
    for number in sorted(texts, key=lambda number: (number not in wanted, number)):
        text = texts[number]
        size = 0 if text is None else len(text)
        found[number] = LEFT_OUT if size > left else None if text is None else printable(text)
        left -= size if size <= left else 0
    return found, left


def _failure(one: Comparison) -> str | None:
    return " · ".join(filter(None, (one.error_code, one.failure_reason))) or None


def _row(
    one: Comparison, place: dict[str, int], judges: list[str], words: Iterable[str | int | None]
) -> list[Any]:
    """Number, essays as shown, result, confidence, words, raw answer, judge, whether it was kept.

    Times are no part of it: a page is the same however long it took to be asked.
    """
    outcome = {"tie": TIE, "failed": FAILED}.get(one.status, int(one.winner_id == one.essay_b_id))
    row = [
        one.sequence,
        place[one.essay_a_id],
        place[one.essay_b_id],
        outcome,
        one.confidence,
        *words,
        judges.index(f"{one.provider} / {one.model}") or None,
        1 if one.reused else None,
    ]
    while row[-1] is None:
        row.pop()
    return row
