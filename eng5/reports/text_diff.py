"""Two prompts against each other, by lines and words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from eng5.contracts.artefact import Metadata, PromptText
from eng5.contracts.text_diff import DiffLine, DiffPart, TextDiff

CONTEXT = 1
"""Lines that did not change, shown around those that did."""
ALIKE = 0.5
"""Share of words in common from which two lines are compared word by word; below it, a line was replaced."""
_WORDS = re.compile(r"\s+|[^\W_]+|[\W_]", re.UNICODE)


def of_prompts(before: Metadata, after: Metadata) -> list[TextDiff]:
    """System prompt and rubric of two runs."""
    return [
        _of_text("system prompt", before.system_prompt, after.system_prompt),
        _of_text("rubric", before.rubric, after.rubric),
    ]


def _of_text(what: str, before: PromptText | None, after: PromptText | None) -> TextDiff:
    same = before == after or (before is not None and after is not None and before.text == after.text)
    known = before is not None and after is not None and not same
    return TextDiff.model_validate(
        {
            "what": what,
            "before": None if before is None else before.path,
            "after": None if after is None else after.path,
            "same": same,
            "lines": lines_of(before.text, after.text) if known and before and after else [],
        }
    )


def lines_of(before: str, after: str) -> list[DiffLine]:
    """Every changed line with `CONTEXT` lines around it; in lines that are alike, the words that changed."""
    old, new = before.splitlines(), after.splitlines()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    found: list[DiffLine] = []
    shown = 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        if (left_out := group[0][1] - shown) > 0:
            found.append(_line("skipped", str(left_out)))
        for kind, i, i_end, j, j_end in group:
            if kind == "equal":
                found += [_line("same", line) for line in old[i:i_end]]
            else:
                found += _replaced(old[i:i_end], new[j:j_end])
        shown = group[-1][2]
    if found and len(old) > shown:
        found.append(_line("skipped", str(len(old) - shown)))
    return found


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    """Old lines before new ones; the k-th of each is compared by words."""
    couples = [_words(one, other) for one, other in zip_longest(old, new)]
    yield from (gone for gone, _ in couples if gone is not None)
    yield from (new for _, new in couples if new is not None)


def _words(one: str | None, other: str | None) -> tuple[DiffLine | None, DiffLine | None]:
    if one is None or other is None:
        return (
            None if one is None else _line("gone", one),
            None if other is None else _line("new", other),
        )
    if difflib.SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio() < ALIKE:
        return _line("gone", one), _line("new", other)
    old, new = _WORDS.findall(one), _WORDS.findall(other)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    gone, came = [], []
    for kind, i, i_end, j, j_end in matcher.get_opcodes():
        changed = kind != "equal"
        if i_end > i:
            gone.append(DiffPart(text="".join(old[i:i_end]), changed=changed))
        if j_end > j:
            came.append(DiffPart(text="".join(new[j:j_end]), changed=changed))
    return DiffLine(kind="gone", parts=gone), DiffLine(kind="new", parts=came)


def _line(kind: str, text: str) -> DiffLine:
    return DiffLine.model_validate({"kind": kind, "parts": [{"text": text, "changed": False}]})
