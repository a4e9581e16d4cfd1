import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.contracts.identifiers import (
    anchor_essay_id,
    extract_grade_from_filename,
    generate_essay_id,
    make_anchor_key,
    sanitize_identifier,
)

# Keys of the platform's own twelve anchors, from the contracts.
PLATFORM_KEYS = {
    "001_F+": "D298E687",
    "002_F+": "363940D5",
    "003_E-": "73127661",
    "004_E+": "50C4F68E",
    "005_D-": "EF692795",
    "006_D+": "77B700CC",
    "007_C-": "C579C625",
    "008_C+": "B8904D4E",
    "009_B": "71E159F0",
    "010_B": "426FE254",
    "011_A": "8DE763C1",
    "012_A": "78DB411E",
}


@pytest.mark.parametrize(("end", "digest"), PLATFORM_KEYS.items())
def test_anchor_keys_match_earlier_runs(end: str, digest: str) -> None:
    """The platform's anchors get the keys that they always had."""
    key = make_anchor_key(f"anchor_essay_eng_5_17_vt_{end}")
    assert key == f"ANCHOR_ESSAY_ENG_5_{digest}"
    assert len(anchor_essay_id(f"anchor_essay_eng_5_17_vt_{end}")) == 36


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a b", "A_B"), ("__x--y__", "X_Y"), ("C+", "C"), ("C-", "C"), ("åäö", "ESSAY"), ("", "ESSAY")],
)
def test_sanitizing(text: str, expected: str) -> None:
    """Other characters become one underscore, none at the ends, and nothing becomes ESSAY."""
    assert sanitize_identifier(text) == expected


@given(st.text(), st.integers(min_value=10, max_value=60))
def test_ids_fit_and_are_stable(stem: str, max_length: int) -> None:
    """An id keeps to its length and alphabet, and is its own id."""
    essay_id = generate_essay_id(stem, max_length)
    assert len(essay_id) <= max_length
    assert re.fullmatch(r"[A-Z0-9_]+", essay_id)
    assert generate_essay_id(essay_id, max_length) == re.sub("_+", "_", essay_id)


@pytest.mark.parametrize(
    ("stem", "grade"),
    [("anchor_001_F+", "F+"), ("x_e-12", "E-"), ("A", "A"), ("notes", "NOTES"), ("essay_b2", "B")],
)
def test_grade_from_file_name(stem: str, grade: str) -> None:
    """The last part of the stem is the grade, without trailing digits."""
    assert extract_grade_from_filename(stem) == grade


@pytest.mark.parametrize("stem", ["essay_12", "", "essay_"])
def test_file_name_without_a_grade(stem: str) -> None:
    """A stem that ends in digits only, or in nothing, has no grade."""
    with pytest.raises(ValueError, match="no grade"):
        extract_grade_from_filename(stem)
