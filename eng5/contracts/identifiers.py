"""Identifiers: of anchors as in earlier runs, derived from their names; of others, derived from their texts.

Sanitising drops ``+`` and ``-``, so ``C+`` and ``C-`` become one: whoever derives several ids
checks them for collisions.
"""

import hashlib
import re

ESSAY_ID_LENGTH = 36
"""The longest essay id that CJ can store."""
ANCHOR_KEY_LENGTH = 27
STUDENT_PREFIX = "student::"


def sanitize_identifier(text: str) -> str:
    """Upper-case letters and digits joined by single underscores; ``ESSAY`` when nothing is left."""
    return re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").upper() or "ESSAY"


def generate_essay_id(stem: str, max_length: int = ESSAY_ID_LENGTH) -> str:
    """The sanitised stem, cut to ``max_length`` with eight digits of its SHA-256 when it is longer."""
    name = sanitize_identifier(stem)
    if len(name) <= max_length:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8].upper()
    return f"{name[: max_length - 9]}_{digest}"


def make_anchor_key(raw_id: str) -> str:
    """An anchor's key, short enough to follow ``student::``."""
    return generate_essay_id(raw_id, ANCHOR_KEY_LENGTH)


def anchor_essay_id(raw_id: str) -> str:
    """The id under which an anchor is sent as a student."""
    return STUDENT_PREFIX + make_anchor_key(raw_id)


def student_essay_id(text_sha256: str) -> str:
    """A student's id, which says nothing of who wrote the text."""
    return f"STUDENT_{text_sha256[:12].upper()}"


def nameless_anchor_id(text_sha256: str) -> str:
    """An anchor's id, which says nothing of its file's name and of its grade."""
    return f"{STUDENT_PREFIX}ANCHOR_{text_sha256[:8].upper()}"


def extract_grade_from_filename(stem: str) -> str:
    """The grade at the end of a file stem: the last part after ``_``, digits cut off, upper case.

    The answer is not checked against a grade scale. Raises ValueError when nothing is left.
    """
    grade = stem.rsplit("_", 1)[-1].rstrip("0123456789").upper()
    if not grade:
        raise ValueError(f"no grade at the end of {stem!r}")
    return grade
