"""From the names of a boundary test to the pairs of anchors that it asks about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from eng5.contracts.grade_scales import GradeScale
from eng5.contracts.inventory import Essay, Inventory
from eng5.contracts.run import BoundarySelection, ListedPair
from eng5.errors import InputError

Pair = tuple[Essay, Essay]


@dataclass(frozen=True, slots=True)
class Turn:
    """One listed comparison: the index of its pair, the iteration (from 0), and which essay is shown first."""

    pair: int
    iteration: int
    higher_first: bool


def turns(pairs: Sequence[ListedPair]) -> list[Turn]:
    """The order in which a boundary test asks: an iteration of every pair, in both orders, then the next."""
    return [
        Turn(index, iteration, higher_first)
        for iteration in range(max((pair.iterations for pair in pairs), default=0))
        for index, pair in enumerate(pairs)
        if iteration < pair.iterations
        for higher_first in (True, False)
    ]


def split_names(text: str | None) -> list[str]:
    """`A:B,C:D` as its parts; nothing for None or an empty text."""
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def listed_pairs(selection: BoundarySelection, inventory: Inventory) -> list[ListedPair]:
    """The pairs of a selection, each once: named pairs first, then by grades, then all adjacent ones.

    A name is an anchor id, a file name with or without its suffix, or an end of one that fits a single
    anchor; upper and lower case are the same. Adjacent grades are neighbours among the grades that
    anchors have.

    Raises:
        InputError: a name or a grade is unknown, a name fits several anchors, a pair is no HIGHER:LOWER
            or not in that order; the message lists the anchors.
    """
    scale, anchors = inventory.grade_scale, inventory.anchors
    pairs = [_named(text, anchors, scale) for text in selection.pairs]
    for text in selection.grades:
        pairs += _across(text, anchors, scale)
    if selection.all_adjacent:
        pairs += _adjacent(anchors, scale)
    ids = dict.fromkeys((str(higher.anchor_id), str(lower.anchor_id)) for higher, lower in pairs)
    return [ListedPair(higher=higher, lower=lower, iterations=selection.iterations) for higher, lower in ids]


def _named(text: str, anchors: list[Essay], scale: GradeScale) -> Pair:
    """The pair; where ids have colons themselves, the first split of the text that makes one."""
    colons = [place for place, sign in enumerate(text) if sign == ":"]
    splits = [(text[:place].strip(), text[place + 1 :].strip()) for place in colons]
    if not splits or not all(splits[0]):
        raise _refusal(f"'{text}' is no pair", anchors, "write it as HIGHER:LOWER")
    for split in splits:
        found = [_found(name, anchors) for name in split]
        if [len(each) for each in found] == [1, 1] and _level(found[0][0], scale) > _level(
            found[1][0], scale
        ):
            return found[0][0], found[1][0]
    higher, lower = (_anchor(name, text, anchors) for name in splits[0])
    if higher is lower:
        raise _refusal(f"'{text}' names the anchor {higher.anchor_id} twice", anchors)
    raise _refusal(
        f"'{text}': {higher.anchor_id} ({higher.grade}) has no higher grade than "
        f"{lower.anchor_id} ({lower.grade})",
        anchors,
        "name the anchor with the higher grade first",
    )


def _anchor(name: str, text: str, anchors: list[Essay]) -> Essay:
    found = _found(name, anchors)
    if len(found) == 1:
        return found[0]
    if not found:
        raise _refusal(f"'{text}': no anchor is called '{name}' or ends with it", anchors)
    several = ", ".join(str(anchor.anchor_id) for anchor in found)
    raise _refusal(
        f"'{text}': '{name}' fits {len(found)} anchors ({several})", anchors, "give more of the name"
    )


def _found(name: str, anchors: list[Essay]) -> list[Essay]:
    """The anchors that a name fits: by id, else by file name, else by an end of either."""
    wanted = name.casefold()
    known = [
        (one, str(one.anchor_id).casefold(), one.file_name.casefold(), _stem(one).casefold())
        for one in anchors
        if wanted
    ]
    return (
        [one for one, ident, _, _ in known if wanted == ident]
        or [one for one, _, file, stem in known if wanted in (file, stem)]
        or [one for one, ident, _, stem in known if ident.endswith(wanted) or stem.endswith(wanted)]
    )


def _across(text: str, anchors: list[Essay], scale: GradeScale) -> Iterator[Pair]:
    written, separator, below = (part.strip() for part in text.partition(":"))
    higher, lower = scale.find(written) or written, scale.find(below) or below
    if not (separator and higher and lower):
        raise _refusal(f"'{text}' is no pair of grades", anchors, "write it as HIGHER:LOWER")
    for grade in (higher, lower):
        if not any(anchor.grade == grade for anchor in anchors):
            known = (
                "" if scale.level(grade) is not None else f", and the scale {scale.name} has no such grade"
            )
            raise _refusal(f"'{text}': no anchor has the grade '{grade}'{known}", anchors)
    if (scale.level(higher) or 0) <= (scale.level(lower) or 0):
        raise _refusal(
            f"'{text}': {higher} is no higher grade than {lower}", anchors, "name the higher first"
        )
    return _of_grades(higher, lower, anchors)


def _adjacent(anchors: list[Essay], scale: GradeScale) -> Iterator[Pair]:
    present = [grade for grade in scale.all_grades if any(anchor.grade == grade for anchor in anchors)]
    if len(present) < 2:
        raise _refusal("all anchors have the same grade: there is no boundary between them", anchors)
    for lower, higher in pairwise(present):
        yield from _of_grades(higher, lower, anchors)


def _of_grades(higher: str, lower: str, anchors: list[Essay]) -> Iterator[Pair]:
    return product(
        [anchor for anchor in anchors if anchor.grade == higher],
        [anchor for anchor in anchors if anchor.grade == lower],
    )


def _level(anchor: Essay, scale: GradeScale) -> int:
    level = scale.level(anchor.grade or "")
    return -1 if level is None else level


def _stem(anchor: Essay) -> str:
    return anchor.file_name.rpartition(".")[0] or anchor.file_name


def _refusal(problem: str, anchors: list[Essay], remedy: str = "choose among them") -> InputError:
    rows = sorted((str(anchor.anchor_id), anchor.grade or "no grade", _stem(anchor)) for anchor in anchors)
    table = "\n".join(f"      {name}  {grade}  {stem}" for name, grade, stem in rows)
    return InputError(problem, remedy=f"{remedy}; the anchors are:\n{table}")
