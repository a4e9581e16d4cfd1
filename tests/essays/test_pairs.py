"""Tests of `eng5.boundary_pairs`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.contracts.grade_scales import GRADE_SCALES
from eng5.contracts.inventory import Essay, Inventory
from eng5.contracts.run import BoundarySelection, ListedPair
from eng5.errors import InputError
from eng5.essays.pairs import listed_pairs, split_names, turns

GRADES = {
    "007_C-": "C-", "011_A": "A", "004_E+": "E+", "002_F+": "F+", "009_B": "B", "003_E-": "E-", "001_F+": "F+",
}  # fmt: skip
SCALE = GRADE_SCALES["eng5_np_legacy_9_step"]


def inventory() -> Inventory:
    """Anchors ANCHOR_1 … ANCHOR_7 in files anchor_essay_007_C-.txt and so on."""
    anchors = [
        Essay(
            path=f"inputs/anchors/anchor_essay_{end}.txt",
            bytes=1,
            sha256="0",
            file_name=f"anchor_essay_{end}.txt",
            essay_id=f"student::{number}",
            anchor_id=f"ANCHOR_{number}",
            text_sha256=str(number),
            words=1,
            grade=grade,
        )
        for number, (end, grade) in enumerate(GRADES.items(), start=1)
    ]
    return Inventory(grade_scale=SCALE.name, anchors=anchors, students=[])


def pairs(*names: str, **selection: object) -> list[tuple[str, str]]:
    """The listed pairs by anchor id."""
    chosen = BoundarySelection.model_validate({"pairs": list(names), **selection})
    return [(pair.higher, pair.lower) for pair in listed_pairs(chosen, inventory())]


@pytest.mark.parametrize(
    "name",
    [
        "ANCHOR_6:ANCHOR_7",
        "anchor_6:anchor_7",
        "anchor_essay_003_E-:anchor_essay_001_F+",
        "anchor_essay_003_E-.txt:anchor_essay_001_F+.txt",
        "003_E-:001_F+",
        " 003_E- : 001_f+ ",
        "_E-:1_F+",
        "6:7",
    ],
)
def test_an_anchor_is_named_by_id_file_or_end(name: str) -> None:
    """Ids, file names with and without suffix, and unambiguous ends find the same pair, in any case."""
    assert pairs(name) == [("ANCHOR_6", "ANCHOR_7")]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("001_F+:003_E-", "no higher grade"),
        ("001_F+:002_F+", "no higher grade"),
        ("003_E-:003_E-", "names the anchor ANCHOR_6 twice"),
        ("ANCHOR_6:003_E-", "names the anchor ANCHOR_6 twice"),
        ("003_E-:nobody", "no anchor is called 'nobody'"),
        ("003_E-:F+", "'F+' fits 2 anchors (ANCHOR_4, ANCHOR_7)"),
        ("003_E-", "is no pair"),
        ("003_E-:", "is no pair"),
        (":", "is no pair"),
    ],
)
def test_a_wrong_name_is_refused_with_the_list_of_anchors(name: str, problem: str) -> None:
    """What is wrong is said with the name as given, and every anchor is listed with id, grade and file."""
    with pytest.raises(InputError) as refusal:
        pairs(name)
    message = str(refusal.value)
    assert problem in message and f"'{name}'" in message
    for number, (end, grade) in enumerate(GRADES.items(), start=1):
        assert f"ANCHOR_{number}  {grade}  anchor_essay_{end}" in message


@pytest.mark.parametrize(
    ("grades", "problem"),
    [
        ("F+:E-", "no higher grade"),
        ("E-:E-", "no higher grade"),
        ("C+:F+", "no anchor has the grade 'C+'"),
        ("Z:F+", "has no such grade"),
        ("E-", "is no pair of grades"),
        ("E-:", "is no pair of grades"),
    ],
)
def test_a_wrong_boundary_is_refused_with_the_list_of_anchors(grades: str, problem: str) -> None:
    """Grades that no anchor has, or in the wrong order, are named; the anchors are listed."""
    with pytest.raises(InputError) as refusal:
        pairs(grades=[grades])
    assert problem in str(refusal.value) and "ANCHOR_7  F+" in str(refusal.value)


def test_a_boundary_is_every_pair_across_it() -> None:
    """One E- and two F+ make two pairs."""
    assert pairs(grades=["E-:F+"]) == [("ANCHOR_6", "ANCHOR_4"), ("ANCHOR_6", "ANCHOR_7")]


def test_a_pair_named_twice_is_asked_once() -> None:
    """Names, grades and all-adjacent may overlap."""
    assert pairs("003_E-:001_F+", "6:7", grades=["e-:f+"]) == [
        ("ANCHOR_6", "ANCHOR_7"),
        ("ANCHOR_6", "ANCHOR_4"),
    ]


def test_all_adjacent_skips_grades_without_anchors() -> None:
    """Between E+ and C- no anchor has a D: the two are neighbours."""
    found = pairs(all_adjacent=True)
    assert found == [
        ("ANCHOR_6", "ANCHOR_4"), ("ANCHOR_6", "ANCHOR_7"),
        ("ANCHOR_3", "ANCHOR_6"), ("ANCHOR_1", "ANCHOR_3"), ("ANCHOR_5", "ANCHOR_1"), ("ANCHOR_2", "ANCHOR_5"),
    ]  # fmt: skip


def test_one_grade_has_no_boundary() -> None:
    """All-adjacent of anchors of one grade is refused."""
    one = inventory()
    same = one.model_copy(update={"anchors": [a for a in one.anchors if a.grade == "F+"]})
    with pytest.raises(InputError, match="no boundary"):
        listed_pairs(BoundarySelection(all_adjacent=True), same)


def test_a_frozen_pair_is_found_again_whatever_its_ids() -> None:
    """Ids with colons, and ids that are ends of others, find themselves."""
    one = inventory()
    ids = ["a:b", "b", "c", "a", "b:c", "x:a", "x"]
    renamed = [a.model_copy(update={"anchor_id": name}) for a, name in zip(one.anchors, ids, strict=True)]
    odd = one.model_copy(update={"anchors": renamed})
    for frozen in listed_pairs(BoundarySelection(all_adjacent=True), odd):
        selection = BoundarySelection(pairs=[f"{frozen.higher}:{frozen.lower}"])
        assert [(p.higher, p.lower) for p in listed_pairs(selection, odd)] == [(frozen.higher, frozen.lower)]


def test_a_selection_names_something() -> None:
    """A boundary test without pairs is no boundary test."""
    with pytest.raises(ValueError, match="no pairs"):
        BoundarySelection()


def test_names_are_split_at_commas() -> None:
    """Spaces and empty parts do not count."""
    assert split_names(" a:b, c:d ,,") == ["a:b", "c:d"]
    assert split_names(None) == split_names("") == []


@given(st.lists(st.integers(1, 6), min_size=1, max_size=5))
def test_turns_are_interleaved_and_balanced(iterations: list[int]) -> None:
    """Every pair is asked its number of times in each order, and no iteration begins before the last ended."""
    asked = turns([ListedPair(higher="h", lower="l", iterations=number) for number in iterations])
    expected = {(p, i, o) for p, n in enumerate(iterations) for i in range(n) for o in (True, False)}
    assert {(t.pair, t.iteration, t.higher_first) for t in asked} == expected
    assert len(asked) == 2 * sum(iterations)
    assert [turn.iteration for turn in asked] == sorted(turn.iteration for turn in asked)
