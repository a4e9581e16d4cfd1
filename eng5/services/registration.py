"""Registering the anchors of an assignment at the CJ service."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from eng5.contracts.identifiers import STUDENT_PREFIX
from eng5.contracts.inventory import Essay, Inventory
from eng5.errors import Eng5Error, InputError
from eng5.protocols import AnchorRegistrarProtocol

AT_ONCE = 4
SHORTEST_TEXT = 100


def check_texts(inventory: Inventory, text_of: Callable[[Essay], str]) -> dict[str, str]:
    """Anchor label → text.

    Raises:
        InputError: there are no anchors, or a text is too short for the service.
    """
    if not inventory.anchors:
        raise InputError("no anchor essays to register", remedy="put graded essays into the anchors' folder")
    texts = {_label(anchor): text_of(anchor) for anchor in inventory.anchors}
    for anchor in inventory.anchors:
        length = len(texts[_label(anchor)])
        if length < SHORTEST_TEXT:
            raise InputError(
                f"{length} characters; the CJ service takes {SHORTEST_TEXT} or more",
                where=anchor.path,
                remedy="move the essay away, or register a longer one",
            )
    return texts


def register_anchors(
    assignment_id: str,
    inventory: Inventory,
    texts: Mapping[str, str],
    registrar: AnchorRegistrarProtocol,
    registered: Callable[[str, str, int], None],
) -> int:
    """Register every anchor, four at a time; `registered` hears of each with label, grade and id. Their count.

    Registering the same anchors again replaces them.

    Raises:
        InputError: the anchors have no grade.
        Eng5Error: the first refusal, after which nothing new is sent; it says what was registered before.
    """
    grades = {_label(anchor): anchor.grade for anchor in inventory.anchors if anchor.grade is not None}
    if not grades:
        raise InputError("no anchor has a grade", remedy="write grades into inputs/grades.csv")
    refused = threading.Event()

    def send(label: str) -> int | None:
        """The anchor's id; None when another anchor was refused before this one was sent."""
        if refused.is_set():
            return None
        try:
            return registrar.register(assignment_id, label, grades[label], texts[label])
        except BaseException:
            refused.set()
            raise

    done: set[str] = set()
    refusal: Eng5Error | None = None
    with ThreadPoolExecutor(AT_ONCE) as pool:
        pending = {pool.submit(send, label): label for label in grades}
        for future in as_completed(pending):
            label = pending[future]
            try:
                anchor_id = future.result()
            except Eng5Error as error:
                refusal = refusal or error
                continue
            if anchor_id is not None:
                done.add(label)
                registered(label, grades[label], anchor_id)
    if refusal is not None:
        raise type(refusal)(
            f"{refusal.problem}\n  registered: {', '.join(sorted(done)) or 'none'}"
            f"\n  not registered: {', '.join(sorted(set(grades) - done))}",
            where=refusal.where,
            remedy=refusal.remedy,
        )
    return len(done)


def _label(anchor: Essay) -> str:
    """The file's stem; the id where that is no file name, since a pupil's name may be in the stem."""
    if anchor.id_source == "text":
        return anchor.essay_id.removeprefix(STUDENT_PREFIX)
    return Path(anchor.file_name).stem
