"""What a new study begins with, and what `make` refuses to touch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eng5.contracts.grade_scales import GRADE_SCALES, scale_of
from eng5.errors import InputError
from eng5.essays.extract import SUFFIXES
from eng5.paths import ProjectPaths
from eng5.settings import load_experiments
from eng5.study.make import DODO, Choices, languages, make, scale_on_the_command_line
from tests.project import ROOT


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize(
    ("declared", "bands"),
    [
        ("1 to 6", {"A": ["6"], "B": ["5"]}),
        ("6 to 1", {"A": ["1"], "B": ["2"]}),
        ("4.0 to 9.0 by 0.5", {"A": ["9.0"], "B": ["8.5"]}),
        ("0 to 100", {"A": [str(n) for n in range(91, 101)], "B": [str(n) for n in range(81, 91)]}),
        ("Fail < Pass < Merit", {"A": ["Merit"], "B": ["Pass"]}),
        ("F < E < D < C < B < A", {"A": ["A"], "B": ["B"]}),
        ("eng5_np_national_9_step", {"A": ["9"], "B": ["8"]}),
        ("swedish_8_anchor", {"A": ["A"], "B": ["B"]}),
    ],
)
@pytest.mark.parametrize("language", ["en", "sv", "de-AT", "pl"])
def test_the_experiments_are_valid(
    tmp_path: Path, declared: str, bands: dict[str, list[str]], language: str
) -> None:
    """Whatever is chosen, the commented file reads as that, and names prompts that are there."""
    scale = scale_of(declared)
    made = make(tmp_path / "study", Choices(scale, language, 'a "course"'))
    experiments = load_experiments(ProjectPaths.at(made.folder))
    assert experiments.grade_scale.grades == scale.grades
    assert {band: list(grades) for band, grades in experiments.grade_scale.bands.items()} == bands
    assert (experiments.language, experiments.course_code) == (language, 'a "course"')
    for variant in experiments.variant.values():
        for path in (variant.system_prompt, variant.rubric):
            assert path and (made.folder / "inputs" / path).read_text(encoding="utf-8").strip()
    assert made.prompt_language == {"de-AT": "de", "pl": "en"}.get(language, language)


@pytest.mark.parametrize("language", languages())
def test_every_language_names_the_answer_alike(tmp_path: Path, language: str) -> None:
    """The judge's answer has the same fields and the same names of the essays in every language."""
    folder = make(tmp_path / "study", Choices(language=language)).folder
    text = (folder / "inputs/prompts/system/001_default.txt").read_text(encoding="utf-8")
    assert all(word in text for word in ('"Essay A"', '"Essay B"', "winner", "justification", "confidence"))


def test_every_format_is_named(tmp_path: Path) -> None:
    """The folder of the anchors says what may be put there."""
    text = (make(tmp_path, Choices()).folder / "inputs/anchors/README.md").read_text(encoding="utf-8")
    assert all(suffix in text for suffix in SUFFIXES)


def test_the_dodo_is_the_checkouts() -> None:
    """A study and the checkout import the graph in the same words."""
    assert (ROOT / "dodo.py").read_text(encoding="utf-8") == DODO


def test_the_example_is_the_checkouts_inputs(tmp_path: Path) -> None:
    """Every file of inputs/, byte for byte."""
    folder = make(tmp_path / "study", None).folder
    assert tree(folder / "inputs") == {
        name: content for name, content in tree(ROOT / "inputs").items() if not name.startswith(".")
    }


def test_the_same_study_again(tmp_path: Path) -> None:
    """Nothing is written; what a stop left out is completed; build/ and .git are nobody's business then."""
    folder = make(tmp_path, Choices()).folder
    (folder / ".git").mkdir()
    (folder / "inputs/prompt.md").unlink()
    assert make(tmp_path, Choices()).written == ("inputs/prompt.md",)
    (folder / "build").mkdir()
    before = tree(folder)
    assert make(tmp_path, Choices()).written == ()
    assert tree(folder) == before


@pytest.mark.parametrize("name", ["essay.docx", "README.md", "inputs"])
def test_a_folder_with_something_else(tmp_path: Path, name: str) -> None:
    """It is refused, the stranger is named, and nothing is written."""
    (tmp_path / name).write_text("mine", encoding="utf-8")
    before = tree(tmp_path)
    with pytest.raises(InputError, match=f"not empty: {name}|file lies there"):
        make(tmp_path, Choices())
    assert tree(tmp_path) == before


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    """It is refused by name."""
    (tmp_path / "study").touch()
    with pytest.raises(InputError, match="a file lies there"):
        make(tmp_path / "study", None)


def test_scales_of_a_shell() -> None:
    """Commas are easier to type than quotes within quotes."""
    assert scale_on_the_command_line("F, E,D").grades == ("F", "E", "D")
    assert scale_on_the_command_line("4.0 to 9.0 by 0.5").name == "4.0 to 9.0 by 0.5"
    assert scale_on_the_command_line("swedish_8_anchor") == GRADE_SCALES["swedish_8_anchor"]
    assert json.dumps(scale_on_the_command_line("F < E").name) == '"F < E"'
