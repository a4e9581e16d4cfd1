"""A study of one's own: which files it begins with, and how they are laid down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from eng5.contracts.grade_scales import DEFAULT_GRADE_SCALE, GRADE_SCALES, GradeScale, scale_of
from eng5.errors import InputError
from eng5.files import read_bytes, read_text, write_bytes

FIRST = Path(__file__).parent / "first"
EXAMPLES = (Path(__file__).parent / "example", Path(__file__).parents[2] / "inputs")
"""The inputs that come with eng5: in the installed package, in a checkout."""
SPARE_LANGUAGE = "en"
DODO = '''\
"""The graph of this study; `doit list` shows its tasks. The graph itself is `eng5.graph.tasks`."""

from eng5.graph import dodo

globals().update(dodo(__file__))
'''
IGNORED = """\
/build/
/reports/
.doit.db*
__pycache__/
.venv/
"""
ANCHORS = """\
Essays with known grades go here: .txt, .md, .docx, .odt, .rtf and .pdf. Their grades are in
../grades.csv, or at the end of the file names (`…_C+.docx`) where the scale has letters.
"""
STUDENTS = "Essays that are to be placed among the anchors go here, for `eng5 --mode execute`.\n"
GRADES = "file_name,grade\n"


@dataclass(frozen=True)
class Choices:
    """What a study is about."""

    scale: GradeScale = GRADE_SCALES[DEFAULT_GRADE_SCALE]
    language: str = "en"
    course: str = "ENG5"


@dataclass(frozen=True)
class Made:
    """The folder, the files that were written there, and the language of its first prompt."""

    folder: Path
    written: tuple[str, ...]
    prompt_language: str


def make(folder: Path, choices: Choices | None) -> Made:
    """Lay a study down; with the example's inputs when nothing is chosen.

    A folder that has it already is left alone; one that was begun and stopped is completed.

    Raises:
        InputError: something else lies in the folder; nothing is written then.
    """
    files, language = _files(choices)
    folder = folder.resolve()
    _refuse_strangers(folder, files)
    written = [name for name in files if not (folder / name).exists()]
    for name in written:
        write_bytes(folder / name, files[name])
    return Made(folder, tuple(written), language)


def languages() -> list[str]:
    """The languages that have a first prompt."""
    return sorted(place.name for place in FIRST.iterdir() if place.is_dir() and len(place.name) < 4)


def scale_on_the_command_line(text: str) -> GradeScale:
    """The scale that is written in one word of a shell: as in experiments.toml, or `F,E,D,C,B,A`.

    Raises:
        ValueError: it is none.
    """
    if "," in text and "<" not in text and " to " not in text:
        return scale_of([grade.strip() for grade in text.split(",")])
    return scale_of(text)


def _files(choices: Choices | None) -> tuple[dict[str, bytes], str]:
    """Every file by its path in the study, and the language of the prompt."""
    files = {
        "dodo.py": DODO.encode(),
        ".gitignore": IGNORED.encode(),
        "README.md": read_bytes(FIRST / "README.md"),
    }
    if choices is None:
        return files | _example(), SPARE_LANGUAGE
    primary = choices.language.split("-")[0].lower()
    language = primary if primary in languages() else SPARE_LANGUAGE
    text = FIRST / language
    files |= {
        "inputs/experiments.toml": _experiments(choices).encode(),
        "inputs/grades.csv": GRADES.encode(),
        "inputs/anchors/README.md": ANCHORS.encode(),
        "inputs/students/README.md": STUDENTS.encode(),
        "inputs/instructions.md": read_bytes(text / "instructions.md"),
        "inputs/prompt.md": read_bytes(text / "prompt.md"),
        "inputs/prompts/system/001_default.txt": read_bytes(text / "system.txt"),
        "inputs/prompts/rubric/001_default.txt": read_bytes(text / "rubric.txt"),
    }
    return files, language


def _example() -> dict[str, bytes]:
    place = next(place for place in EXAMPLES if place.is_dir())
    found = sorted(path for path in place.rglob("*") if path.is_file())
    return {
        f"inputs/{path.relative_to(place).as_posix()}": read_bytes(path)
        for path in found
        if not path.name.startswith((".", "~$"))
    }


def _experiments(choices: Choices) -> str:
    """A valid experiments.toml. JSON's text in quotes is TOML's as well."""
    scale = choices.scale
    return Template(read_text(FIRST / "experiments.toml")).substitute(
        grade_scale=_declared(scale),
        language=json.dumps(choices.language),
        course=json.dumps(choices.course, ensure_ascii=False),
        boundary=json.dumps(f"{scale.grades[-1]}:{scale.grades[-2]}", ensure_ascii=False),
    )


def _declared(scale: GradeScale) -> str:
    """The scale as TOML; bands A and B a tenth of the grades each, at the top, where the grades have none."""
    listed = " < " in scale.name
    grades = json.dumps(list(scale.grades) if listed else scale.name, ensure_ascii=False)
    if scale.bands:
        return grades
    size = max(1, round(len(scale.grades) / 10))
    bands = {"A": scale.grades[-size:], "B": scale.grades[-2 * size : -size]}
    shown = ", ".join(f"{band} = {_band(of_band)}" for band, of_band in bands.items())
    return f"{{ grades = {grades}, bands = {{ {shown} }} }}"


def _band(grades: tuple[str, ...]) -> str:
    one = grades[0] if len(grades) == 1 else f"{grades[0]} to {grades[-1]}"
    return json.dumps(one, ensure_ascii=False)


def _refuse_strangers(folder: Path, files: Mapping[str, bytes]) -> None:
    """Hidden files and folders at the top, such as .git and .venv, are nobody's business."""
    if folder.exists() and not folder.is_dir():
        raise InputError("a file lies there", where=folder, remedy="choose another folder")
    theirs = [name for name in files if (folder / name).exists()]
    differs = [name for name in theirs if read_bytes(folder / name) != files[name]]
    differs += [name for name in ("inputs",) if (folder / name).is_file()]
    at_the_top = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    ours = {name.split("/")[0] for name in files}
    strangers = [name for name in at_the_top if name not in ours and not name.startswith(".")]
    if differs or (strangers and len(theirs) < len(files)):
        raise InputError(
            f"the folder is not empty: {', '.join([*differs, *strangers][:5])}",
            where=folder,
            remedy="choose a new folder; nothing was changed",
        )
