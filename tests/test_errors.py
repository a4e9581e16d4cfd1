"""Refusals: facts in, a message with place and remedy and an exit code out."""

from __future__ import annotations

import re

from eng5 import errors
from eng5.errors import DamagedFileError, Eng5Error, InputError

CLASSES = {name: kind for name, kind in vars(errors).items() if name.endswith("Error")}


def test_the_message_has_place_problem_and_remedy() -> None:
    """In this order, the remedy on a line of its own; what is not given is left out."""
    assert str(Eng5Error("it is empty", where="a.txt", remedy="write into it")) == (
        "a.txt: it is empty\n  → write into it"
    )
    assert str(Eng5Error("it is empty")) == "it is empty"


def test_the_tree_is_the_drawn_one() -> None:
    """Every class stands in the docstring with its exit code, and no other does."""
    drawn = dict(re.findall(r"(\w+Error)\s+\((\d+)\)", errors.__doc__ or ""))
    assert {name: str(kind.exit_code) for name, kind in CLASSES.items()} == drawn
    assert all(issubclass(kind, Eng5Error) for kind in CLASSES.values())


def test_exit_codes_tell_who_must_act() -> None:
    """Each branch has its own code; a damaged file is an input like any other."""
    codes = [kind.exit_code for name, kind in CLASSES.items() if name != "DamagedFileError"]
    assert len(set(codes)) == len(codes)
    assert DamagedFileError.exit_code == InputError.exit_code
