"""Which column of another tool's table is what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from eng5.errors import InputError

FIELDS: Mapping[str, tuple[str, ...]] = {
    "judge": (
        "judge", "judgeid", "judgename", "assessor", "assessorid", "assessorname", "rater", "raterid", "user",
        "userid", "username", "reviewer", "annotator", "beoordelaar",
    ),
    "left": (
        "left", "leftid", "leftitem", "lefttext", "leftrepresentation", "representationleft", "leftscript", "a",
        "itema", "itemaid", "essaya", "texta", "optiona", "item1", "essay1", "text1", "object1", "script1",
        "representation1", "representationa", "first", "candidate1", "candidatea",
    ),
    "right": (
        "right", "rightid", "rightitem", "righttext", "rightrepresentation", "representationright", "rightscript",
        "b", "itemb", "itembid", "essayb", "textb", "optionb", "item2", "essay2", "text2", "object2", "script2",
        "representation2", "representationb", "second", "candidate2", "candidateb",
    ),
    "chosen": (
        "chosen", "winner", "winnerid", "selected", "selectedrepresentation", "preferred", "choice", "won", "better",
        "result", "outcome", "decision", "verdict", "candidatechosen", "chosenid", "preference",
    ),
    "not_chosen": (
        "notchosen", "loser", "loserid", "lost", "rejected", "notselected", "candidatenotchosen", "notchosenid",
    ),
    "time": (
        "time", "createdat", "completedat", "comparedat", "decidedat", "timestamp", "date", "datetime", "judgedat",
        "finishedat", "end", "endtime",
    ),
    "seconds": ("seconds", "duration", "durationseconds", "timeinseconds", "decisiontime", "timespent"),
    "milliseconds": ("timetaken", "milliseconds", "durationms", "timetakenms"),
    "comment": ("comment", "comments", "justification", "feedback", "reason", "remark"),
}  # fmt: skip
"""What is read, and the column names of No More Marking, Comproved and others for it, without case and signs."""


def find_columns(heading: Sequence[str], mapping: Mapping[str, str], path: Path) -> dict[str, str]:
    """Field → column: as the mapping says, else by the column's name.

    Raises:
        InputError: the mapping names what is not there, or nothing says which texts were compared and which chosen.
    """
    there = f"the columns are: {', '.join(filter(None, heading)) or 'none'}"
    for field, column in mapping.items():
        if field not in FIELDS:
            raise InputError(
                f"--map {field}={column}: '{field}' is nothing that is read",
                remedy=f"use {', '.join(FIELDS)}",
            )
        if column not in heading:
            raise InputError(f"--map {field}={column}: no such column", where=path, remedy=there)
    found = dict(mapping)
    for field, names in FIELDS.items():
        if field in found:
            continue
        fits = [c for c in heading if _plain(c) in names and c not in found.values()]
        best = min(fits, key=lambda column: names.index(_plain(column)), default=None)
        if best is not None:
            found[field] = best
    if "left" not in found or "right" not in found:
        found.pop("left", None)
        found.pop("right", None)
        if not {"chosen", "not_chosen"} <= found.keys():
            raise InputError(
                "no columns that say which two texts were compared",
                where=path,
                remedy=f"name them: --map left=COLUMN --map right=COLUMN --map chosen=COLUMN; {there}",
            )
    elif "chosen" not in found:
        raise InputError(
            "no column that says which text was chosen",
            where=path,
            remedy=f"name it: --map chosen=COLUMN; {there}",
        )
    return found


def _plain(column: str) -> str:
    return re.sub(r"[^a-z0-9]", "", column.casefold())
