"""Refusals as sentences, whatever stands in the file."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from eng5.contracts.experiments import Experiments
from eng5.contracts.refusals import in_words, nearest, sentence

KEYS = st.sampled_from(
    [
        "variant",
        "boundary",
        "targets",
        "base",
        "simulated",
        "step",
        "outage",
        "grade_scale",
        "bands",
        "x",
        "1",
    ]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(Experiments.model_fields)) | KEYS, VALUES, max_size=5))
def test_any_refusal_is_one_line(document: dict[str, Any]) -> None:
    """Whatever is wrong, there is a sentence for it, without a document or a class of ours in it."""
    try:
        Experiments.model_validate(document)
    except ValidationError as error:
        said = sentence(error, Experiments)
        assert said
        assert not any(word in said for word in ("Input should", "Extra inputs", "validat", "{'", "instance"))


def test_the_nearest_name() -> None:
    """A slip is answered with one name, a stranger with all of them."""
    assert nearest("rubrik", ["rubric", "model"]) == "; did you mean 'rubric'?"
    assert nearest("tau", ["kendall_tau", "gamma"]) == "; did you mean 'kendall_tau'?"
    assert nearest("colour", ["rubric", "model"]) == "; there are: model, rubric"
    assert nearest("colour", []) == ""


def test_a_document_in_words() -> None:
    """No bracket and no quote of JSON is left; a text that is none stays as it is."""
    document = '{"error": {"code": 7, "fatal": true, "about": ["a", null]}, "empty": {}}'
    assert in_words(document) == "error.code: 7; error.fatal: yes; error.about: a; error.about: none"
    assert in_words("<html>no</html>") == "<html>no</html>"
    assert in_words("7") == "7"
    assert in_words("[" * 100_000) == "[" * 100_000
