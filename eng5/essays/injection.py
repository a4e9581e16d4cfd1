"""Essays that speak to the judge: a detector that is simple on purpose, and says what it found.

It looks for sentences that address a judge or name its answer, in English and Swedish, and for the marks of the
prompt itself. A finding is a reason to read the essay, not a verdict on it: pupils do write "ignore" and "choose".
What it misses is still held by the prompt's fences; what it finds is shown in the report, and changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ABOVE = (
    r"(?:all|any|the|every|alla|allt|de)?\s*(?:of\s+the\s+)?(?:above|previous|prior|earlier|ovan|tidigare)"
)
_ORDERS = r"(?:instructions?|rules?|prompts?|criteria|rubrics?|text|instruktion\w*|regler\w*|kriteri\w*)"
_ESSAY = r"(?:essay|text|uppsats)\s+(?:a|b)\b"
_JUDGE = r"(?:judge|grader|examiner|assistant|ai|llm|language\s+model|domare|bedömare|språkmodell)"

PATTERNS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for name, pattern in {
        "disregard": rf"\b(?:ignore|disregard|forget|ignorera|bortse\s+från|glöm)\s+{_ABOVE}(?:\s+{_ORDERS})?",
        "disregard instructions": rf"\b(?:ignore|disregard|ignorera)\s+(?:your|these|those|dina|de\s+här)\s+{_ORDERS}",
        "choose": rf"\b(?:choose|pick|select|prefer|vote\s+for|answer|respond\s+with|välj|svara)\s+\W?{_ESSAY}",
        "winner": rf"\b(?:winner|vinnare)\W{{1,5}}(?:is|är|:)?\s*\W?{_ESSAY}"
        rf"|{_ESSAY}\W{{1,3}}(?:is\s+the\s+)?(?:winner|best)",
        "role": rf"\b(?:dear|attention|note\s+to(?:\s+the)?|you\s+are\s+(?:now\s+)?(?:an?|the)|as\s+an?)\s+{_JUDGE}\b",
        "rating": r"\b(?:give|award|rate|ge)\s+(?:this|me|it|den\s+här|mig)\b[^.!?\n]{0,30}"
        r"\b(?:highest|top|best|maximum|5|five|högsta|bästa)\b",
        "answer in JSON": r"\{\s*\"?(?:winner|confidence|justification)\"?\s*:",
        "mark of the prompt": r"</?essay\b|\*\*(?:Essay\s+[AB]|Judge\s+Instructions|Student\s+Assignment|"
        r"Assessment\s+Criteria)\b|^\s*(?:system|assistant|user)\s*:|<\|[a-z_]+\|>|\[/?INST\]",
        "hidden characters": "[\u200b\u200c\u2060\u2066-\u2069\u202a-\u202e\U000e0020-\U000e007f]",
    }.items()
}  # fmt: skip
"""Name of what is found → its pattern; case does not matter."""

CONTEXT = 40
"""Characters shown on either side of what was found."""


@dataclass(frozen=True, slots=True)
class Injection:
    """One place: what kind, where it begins in the text, and the words around it on one line."""

    kind: str
    start: int
    excerpt: str


def find_injections(text: str) -> list[Injection]:
    """Every place where the text seems to address its judge, in the order of the text; one a kind and place."""
    found = [
        Injection(kind, match.start(), _excerpt(text, match.start(), match.end()))
        for kind, pattern in PATTERNS.items()
        for match in pattern.finditer(text)
    ]
    return sorted(found, key=lambda one: (one.start, one.kind))


def _excerpt(text: str, start: int, end: int) -> str:
    """The words around a place, as visible characters."""
    around = text[max(0, start - CONTEXT) : end + CONTEXT]
    return " ".join(
        "".join(c if c.isprintable() or c.isspace() else f"\\u{ord(c):04x}" for c in around).split()
    )
