"""Registering anchors: at most four at a time, idempotent, stopped by the first refusal."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from eng5.contracts.inventory import Essay, Inventory
from eng5.errors import InputError, ServiceError
from eng5.services.registration import AT_ONCE, check_texts, register_anchors

LONG = "A role model is somebody that one looks up to. " * 5


def anchors(count: int) -> Inventory:
    essays = [
        Essay(
            path=f"inputs/anchors/essay_{number:02}.txt",
            bytes=1,
            sha256="0" * 64,
            file_name=f"essay_{number:02}.txt",
            essay_id=f"student::{number}",
            anchor_id=f"ANCHOR_{number}",
            text_sha256="0" * 64,
            words=50,
            grade="A",
        )
        for number in range(count)
    ]
    return Inventory(grade_scale="eng5_np_legacy_9_step", anchors=essays, students=[])


class Registrar:
    """Answers with running numbers; `refused` labels are refused, faster than others are served.

    Counts how many it serves at once.
    """

    def __init__(self, refused: frozenset[str] = frozenset()) -> None:
        self._refused = refused
        self._guard = threading.Lock()
        self._now = 0
        self._crowd = threading.Event()
        self._refusal = threading.Event()
        self._never = threading.Event()
        self.most = 0
        self.labels: list[str] = []

    def register(self, assignment_id: str, label: str, grade: str, text: str) -> int:
        with self._guard:
            self._now += 1
            self.most = max(self.most, self._now)
            self.labels.append(label)
            number = len(self.labels)
            if self._now == AT_ONCE:
                self._crowd.set()
        self._crowd.wait()
        if label in self._refused:
            self._refusal.set()
        elif self._refused:
            self._refusal.wait()
            self._never.wait(0.5)
        with self._guard:
            self._now -= 1
        if label in self._refused:
            raise ServiceError(f"refused {label}", where="http://cj", remedy="mend it")
        return number


def texts_of(found: Inventory) -> dict[str, str]:
    return check_texts(found, lambda anchor: LONG)


def ignore(label: str, grade: str, number: int) -> None:
    """Nobody listens."""


def test_every_anchor_is_registered_four_at_a_time() -> None:
    """All of them, with at most four requests under way."""
    found, registrar = anchors(11), Registrar()
    heard: list[tuple[str, str]] = []
    hear: Callable[[str, str, int], None] = lambda label, grade, number: heard.append((label, grade))  # noqa: E731
    assert register_anchors("assignment", found, texts_of(found), registrar, hear) == 11
    assert sorted(heard) == [(f"essay_{number:02}", "A") for number in range(11)]
    assert registrar.most == AT_ONCE


def test_the_first_refusal_stops_and_says_what_was_registered() -> None:
    """What is under way is finished, nothing new is sent, and both lists are in the message."""
    found, registrar = anchors(40), Registrar(frozenset({"essay_00"}))
    heard: list[str] = []
    with pytest.raises(ServiceError, match="refused essay_00") as refusal:
        register_anchors(
            "assignment", found, texts_of(found), registrar, lambda label, grade, number: heard.append(label)
        )
    assert len(registrar.labels) == AT_ONCE
    done = str(refusal.value).split("\n  registered: ")[1].split("\n  not registered: ")
    assert sorted(done[0].split(", ")) == sorted(heard)
    assert "essay_00" in done[1] and "essay_39" in done[1]
    assert refusal.value.remedy == "mend it"


def test_a_short_text_is_refused_before_anything_is_sent() -> None:
    """The service takes 100 characters or more; the file is named."""
    found = anchors(2)
    assert check_texts(found, lambda anchor: "x" * 100)

    def text_of(anchor: Essay) -> str:
        return "x" * (99 if anchor.file_name == "essay_01.txt" else 100)

    with pytest.raises(InputError, match=r"essay_01.txt: 99 characters"):
        check_texts(found, text_of)


def test_no_anchors() -> None:
    """An empty folder is no success."""
    with pytest.raises(InputError, match="no anchor essays"):
        check_texts(anchors(0), lambda anchor: LONG)


def test_anchors_without_a_grade_are_not_registered() -> None:
    """A grade is what the CJ service wants of an anchor; nothing is sent."""
    graded = anchors(2)
    ungraded = graded.model_copy(
        update={"anchors": [essay.model_copy(update={"grade": None}) for essay in graded.anchors]}
    )
    registrar = Registrar()
    with pytest.raises(InputError, match="no anchor has a grade"):
        register_anchors("assignment", ungraded, texts_of(ungraded), registrar, ignore)
    assert registrar.labels == []
