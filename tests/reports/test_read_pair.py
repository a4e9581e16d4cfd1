"""Tests of `eng5.reports.read_pair`."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from eng5.contracts.artefact import Artefact
from eng5.pages.rendering import environment
from eng5.reports import read_pair
from eng5.reports.essay_texts import EssayText
from eng5.reports.read_pair import PageEssay, href_of, readable
from tests.reports.conftest import comparison, failed

Make = Callable[..., Artefact]
ESSAYS = [PageEssay("a", "one", "A", 9), PageEssay("b", "two", None, None)]
HOSTILE = "</script><script>alert(1)</script> <!-- \u2028 \u202e & ' \" å"


def test_each_verdict_is_there_once_as_it_was_shown(make_artefact: Make) -> None:
    """Number, places, result, confidence, words; what is missing at the end of a row is left out."""
    rows = [
        comparison(1, "a", "b", 1, justification="Better.", raw_answer='{"winner": "Essay A"}'),
        comparison(2, "b", "a", 1, confidence=None, justification=None, reused=True),
        comparison(3, "b", "a", 0, justification=None, confidence=2.5),
        failed(4, "a", "b"),
        comparison(5, "a", "elsewhere", 1),
    ]
    data = readable(make_artefact([], rows), ESSAYS, {})
    assert data["verdicts"][:3] == [
        [1, 0, 1, 0, 4.0, "Better.", '{"winner": "Essay A"}'],
        [2, 1, 0, 0, None, None, None, None, 1],
        [3, 1, 0, 2, 2.5],
    ]
    assert data["verdicts"][3][:6] == [4, 0, 1, 3, None, "TIMEOUT · the provider timed out"]
    assert len(data["verdicts"]) == 4


def test_an_essay_is_there_once_and_foreign_text_stays_text(make_artefact: Make) -> None:
    """Nothing that a pupil or a judge writes ends the script or is invisible; it comes back whole."""
    artefact = make_artefact([], [comparison(n, "a", "b", 1, justification=HOSTILE) for n in range(1, 9)])
    data = readable(artefact, ESSAYS, {"a": EssayText(HOSTILE)})
    text = environment().from_string("{{ data|tojson }}").render(data=data)
    assert not set("<>&\u2028\u202e") & set(text) and text.count('"text":') == 1
    back = json.loads(text)
    shown = HOSTILE.replace("\u2028", "⟨U+2028⟩").replace("\u202e", "⟨U+202E⟩")
    assert back["essays"][0]["text"] == shown and back["verdicts"][0][5] == shown
    assert "not among the inputs" in back["essays"][1]["why"]


def test_a_page_of_many_verdicts_keeps_the_words_that_are_asked_for(
    make_artefact: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the bound every verdict has its result; words of the listed ones come first."""
    monkeypatch.setattr(read_pair, "MOST_WORDS", 0)
    monkeypatch.setattr(read_pair, "LEAST_WORDS", 24)
    rows = [comparison(n, "a", "b", 1, justification="0123456789", raw_answer="raw") for n in range(1, 6)]
    found = readable(make_artefact([], rows), ESSAYS, {}, first=[4])["verdicts"]
    assert [row[5] for row in found] == ["0123456789", 0, 0, "0123456789", 0]
    assert [row[6] for row in found] == [0, 0, 0, "raw", 0]
    monkeypatch.setattr(read_pair, "MOST_VERDICTS", 2)
    found = readable(make_artefact([], rows), ESSAYS, {}, first=[4])["verdicts"]
    assert [row[0] for row in found] == [1, 4]


def test_addresses_go_by_the_places_on_the_page() -> None:
    """Two ids open a pair, one opens all pairs of an essay."""
    href = href_of(ESSAYS)
    assert href("b", "a") == "#pair-1-0" and href("b") == "#essay-1"
