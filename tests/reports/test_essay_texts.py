"""Tests of `eng5.reports.essay_texts`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from eng5.contracts.artefact import Artefact
from eng5.contracts.inventory import Essay
from eng5.files import sha256_text
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.reports import around, essay_texts
from eng5.reports.essay_texts import EssayText

Make = Callable[..., Artefact]
EXPERIMENTS = """
baseline = "a"
essays_in_reports = {shown}
[privacy]
names = ["Anna"]
[variant.a]
provider = "mock"
"""


@pytest.fixture
def paths(tmp_path: Path) -> RunnerPaths:
    project = ProjectPaths.at(tmp_path)
    project.anchors.mkdir(parents=True)
    project.experiments.write_text(EXPERIMENTS.format(shown="true"), encoding="utf-8")
    return project.run("a")


def an_essay(name: str, sent: str, folder: str = "anchors") -> Essay:
    return Essay(
        path=f"inputs/{folder}/{name}.txt",
        bytes=1,
        sha256="0" * 64,
        file_name=f"{name}.txt",
        essay_id=name,
        text_sha256=sha256_text(sent),
        words=3,
    )


def read(
    paths: RunnerPaths, make: Make, *essays: Essay, students: tuple[Essay, ...] = ()
) -> Mapping[str, EssayText]:
    source = make(list(essays), [])
    inputs = source.inputs.model_copy(update={"students": list(students)})
    return around.read(paths, source.model_copy(update={"inputs": inputs})).texts


def test_a_page_has_the_text_that_the_judge_saw(paths: RunnerPaths, make_artefact: Make) -> None:
    """Names that [privacy] takes out are out of the page as well."""
    (paths.project.anchors / "one.txt").write_text("I am Anna, a pupil.", encoding="utf-8")
    found = read(paths, make_artefact, an_essay("one", "I am [name], a pupil."))
    assert found == {"one": EssayText("I am [name], a pupil.")}


def test_what_changed_or_is_gone_is_said_and_not_shown(paths: RunnerPaths, make_artefact: Make) -> None:
    """An essay that is another one now, or a name that is kept back no more, never stands for what was judged."""
    (paths.project.anchors / "one.txt").write_text("Another text.", encoding="utf-8")
    found = read(paths, make_artefact, an_essay("one", "The text."), an_essay("two", "Gone."))
    assert found["one"].text is None and "has changed since it was judged" in found["one"].why
    assert found["two"].text is None and "no longer where it was" in found["two"].why


@pytest.mark.parametrize("said", [EXPERIMENTS.format(shown="false"), "no toml at all ["])
def test_essays_are_shown_only_where_it_is_allowed(
    paths: RunnerPaths, make_artefact: Make, said: str
) -> None:
    """Without the key, and without a readable experiments.toml, the page says where the text is."""
    paths.project.experiments.write_text(said, encoding="utf-8")
    (paths.project.anchors / "one.txt").write_text("The text.", encoding="utf-8")
    (found,) = read(paths, make_artefact, an_essay("one", "The text.")).values()
    assert found.text is None and found.why.startswith("inputs/anchors/one.txt")
    assert "essays_in_reports = true" in found.why


def test_the_name_of_a_students_file_is_not_in_the_page(paths: RunnerPaths, make_artefact: Make) -> None:
    """It may be a pupil's; the run's table of ids says which file it is."""
    found = read(paths, make_artefact, students=(an_essay("anna_svensson", "Gone.", "students"),))
    assert "ids.csv" in found["anna_svensson"].why and ".txt" not in found["anna_svensson"].why


def test_a_page_has_a_bound(paths: RunnerPaths, make_artefact: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has no room is named, and a shorter essay after it may still have."""
    monkeypatch.setattr(essay_texts, "MOST", 12)
    for name, text in (("a", "1234567890"), ("b", "12345"), ("c", "12")):
        (paths.project.anchors / f"{name}.txt").write_text(text, encoding="utf-8")
    essays = [an_essay("a", "1234567890"), an_essay("b", "12345"), an_essay("c", "12")]
    found = read(paths, make_artefact, *essays)
    assert [found[name].text for name in "abc"] == ["1234567890", None, "12"] and "b.txt" in found["b"].why
