"""A panel at work, without its page: whatever judges do and whenever it starts anew, every verdict is there once."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.judges.human import UNDONE, HumanVerdicts, PanelRecord
from eng5.judges.protocol import Outcome
from eng5.people.panel import Panel
from eng5.stack.cj_core.people import wait_for_people
from tests.people.server import BATCH, Texts

ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["anna", "bo"]),
        st.sampled_from(["answer", "answer", "answer", "twice", "undo", "stale", "restart"]),
        st.sampled_from([Outcome.A, Outcome.B, Outcome.TIE]),
    ),
    max_size=40,
)


@given(ACTIONS, st.sampled_from(["adaptive", "fixed"]))
def test_what_stands_is_what_judges_said_last(actions: list[tuple[str, str, Outcome]], order: str) -> None:
    """Answers, repeated, stale and taken back, and restarts between them: a model of two lists has the same."""
    texts = Texts(essays=5, pairs=7, judges=["anna", "bo"], order=order)
    said: dict[str, list[tuple[frozenset[str], Outcome]]] = {"anna": [], "bo": []}
    may_undo = {"anna": False, "bo": False}
    taken_back = 0

    async def play(state: Path) -> Panel:
        nonlocal taken_back
        panel = Panel(texts.material(), state)
        panel.seat(texts.judges)
        stale = {"anna": "none", "bo": "none"}
        for judge, action, outcome in actions:
            if action == "restart":
                panel.close_down()
                panel = Panel(texts.material(), state)
                panel.seat(texts.judges)
                continue
            if action == "undo":
                last = panel.last_answer(judge)
                assert (last is not None) == may_undo[judge]
                if last is not None:
                    assert await panel.take_back(judge, last)
                    said[judge].pop()
                    may_undo[judge] = False
                    taken_back += 1
                continue
            if action == "stale":
                assert not await panel.answer(judge, stale[judge], outcome, comment=None, seconds=1)
                continue
            shown = panel.current(judge)
            assert (shown is None) == (len(said[judge]) == 7)
            if shown is not None:
                answers = [panel.answer(judge, shown.id, outcome, comment=None, seconds=1)]
                if action == "twice":
                    answers.append(panel.answer(judge, shown.id, Outcome.A, comment="again", seconds=1))
                assert (await asyncio.gather(*answers))[0]
                said[judge].append((frozenset((shown.essay_a_id, shown.essay_b_id)), outcome))
                may_undo[judge] = True
                stale[judge] = shown.id
        panel.close_down()
        return panel

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder)))
        record = PanelRecord(Path(folder), BATCH).read()
        for judge in texts.judges:
            stands = [
                (frozenset((shown.essay_a_id, shown.essay_b_id)), entry.verdict.outcome)
                for shown, entry in record.answered(judge)
            ]
            assert sorted(stands, key=str) == sorted(said[judge], key=str)
            assert len({pair for pair, _ in stands}) == len(stands)
        assert record.progress().done == sum(map(len, said.values()))
        lines = (Path(folder) / "ledger.jsonl").read_text("utf-8").splitlines() if any(said.values()) else []
        if lines:
            assert len(lines) == record.progress().done + 2 * taken_back


def test_an_answer_is_on_the_disk_before_it_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger is synced when `answer` returns; where it cannot be written nothing counts."""
    synced: list[str] = []
    monkeypatch.setattr(
        os, "fsync", lambda number: synced.append(str(Path(f"/proc/self/fd/{number}").readlink()))
    )
    panel = Panel(Texts().material(), tmp_path)
    panel.seat(["anna"])

    async def answer() -> bool:
        shown = panel.current("anna")
        assert shown is not None
        return await panel.answer("anna", shown.id, Outcome.A, comment=None, seconds=2)

    assert asyncio.run(answer())
    assert synced[-1].endswith("ledger.jsonl") and any("panels" in name for name in synced[:-1])

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        asyncio.run(answer())


def test_judges_may_join_and_leave(tmp_path: Path) -> None:
    """Who leaves is not waited for and what they said stands; who joins gets comparisons of their own."""
    panel = Panel(Texts(pairs=4).material(), tmp_path)
    panel.seat(["anna", "bo"])

    async def answer(judge: str) -> None:
        shown = panel.current(judge)
        assert shown is not None
        await panel.answer(judge, shown.id, Outcome.B, comment=None, seconds=2)

    asyncio.run(answer("bo"))
    assert (panel.record.progress().done, panel.record.progress().total) == (1, 8)
    panel.seat(["anna", "cy"])
    assert panel.current("bo") is None or len(panel.record.answered("bo")) == 1
    for judge in ["anna", "cy"] * 4:
        asyncio.run(answer(judge))
    progress = panel.record.read().progress()
    assert progress.complete and progress.answered == {"bo": 1, "anna": 4, "cy": 4}


def test_an_earlier_batch_on_the_same_texts_counts(tmp_path: Path) -> None:
    """With the same instructions its verdicts are taken over; with others they are not."""
    from dataclasses import replace

    first = Panel(Texts(pairs=3).material(), tmp_path)
    first.seat(["anna"])

    async def answer_all() -> None:
        while (shown := first.current("anna")) is not None:
            await first.answer("anna", shown.id, Outcome.A, comment=None, seconds=2)

    asyncio.run(answer_all())
    material = Texts(pairs=5).material()
    again = Panel(replace(material, batch="another"), tmp_path)
    again.seat(["anna", "bo"])
    assert again.record.progress().answered == {"anna": 3}
    other = replace(material, batch="third", setting=replace(material.setting, rubric="Other."))
    changed = Panel(other, tmp_path)
    changed.seat(["anna", "bo"])
    assert changed.record.progress().done == 0
    assert changed.under_other_instructions(["anna"]) == 3
    assert again.under_other_instructions(["anna", "bo"]) == 0


def test_what_was_taken_back_is_kept(tmp_path: Path) -> None:
    """The ledger has the answer, the taking back, and the new answer; one stands."""
    panel = Panel(Texts().material(), tmp_path)
    panel.seat(["anna"])

    async def play() -> None:
        for outcome in (Outcome.A, Outcome.B):
            shown = panel.current("anna")
            assert shown is not None
            await panel.answer("anna", shown.id, outcome, comment="why", seconds=2)
            if outcome is Outcome.A:
                assert await panel.take_back("anna", shown.id)

    asyncio.run(play())
    verdicts = HumanVerdicts(tmp_path).read()
    assert [entry.verdict.outcome for entry in verdicts.standing.values()] == [Outcome.B]
    assert [entry.verdict.outcome for entry in verdicts.undone.values()] == [Outcome.A]
    assert (tmp_path / "ledger.jsonl").read_text("utf-8").count(UNDONE) == 1


def test_only_the_last_answers_of_an_open_panel_can_change(tmp_path: Path) -> None:
    """All others are final; all are once the panel is closed, and none can be taken back then."""
    panel = Panel(Texts(pairs=5).material(), tmp_path)
    panel.seat(["anna", "bo"])

    async def answer(judge: str, times: int) -> None:
        for _ in range(times):
            shown = panel.current(judge)
            assert shown is not None
            await panel.answer(judge, shown.id, Outcome.A, comment=None, seconds=2)

    asyncio.run(answer("anna", 3))
    asyncio.run(answer("bo", 1))
    assert [shown.judge for shown, _ in panel.record.final()] == ["anna", "anna"]
    last = panel.last_answer("anna")
    panel.record.file.append(closed=True)
    assert len(panel.record.final()) == 4
    assert panel.last_answer("anna") is None and panel.current("anna") is None
    assert last is not None and not asyncio.run(panel.take_back("anna", last))


def test_nothing_is_taken_back_while_the_verdicts_leave(tmp_path: Path) -> None:
    """The panel is closed before the first callback of its last answers."""
    panel = Panel(Texts(pairs=1, judges=["anna"]).material(), tmp_path)
    panel.seat(["anna"])
    taken_back: list[bool] = []

    class Leaving:
        """A judge's second thought, at the worst moment."""

        def question(self, comparison: object) -> object:
            return comparison

        async def answered(self, *_: object) -> None:
            shown = next(iter(PanelRecord(tmp_path, BATCH).read().file.shown.values()))
            taken_back.append(await panel.take_back("anna", shown.id))

    async def lived() -> int:
        shown = panel.current("anna")
        assert shown is not None
        await panel.answer("anna", shown.id, Outcome.A, comment=None, seconds=2)
        request: Any = SimpleNamespace(batch_id=BATCH, data=SimpleNamespace(pre_specified_comparisons=None))
        leaving: Any = Leaving()
        return len(await wait_for_people(request, leaving, PanelRecord(tmp_path, BATCH)))

    assert asyncio.run(lived()) == 1
    assert taken_back == [False]
    assert len(panel.record.read().answered()) == 1
