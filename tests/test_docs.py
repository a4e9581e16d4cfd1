"""The docs say what the program does: commands exist, keys exist, links lead somewhere, references are current."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from docs.validate_docs_structure import Page, links, mentioned_files
from eng5.cli.app import app
from eng5.cli.reference import reference
from eng5.contracts.experiments import Boundary, Experiments, MetricName, Target, Variant
from eng5.contracts.grade_scales import GRADE_SCALES
from eng5.contracts.panel import Human
from eng5.contracts.privacy import Privacy
from eng5.errors import Eng5Error
from tests.project import ROOT, Project

DOCS = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(path: Path, kind: str) -> list[str]:
    return [text for language, text in FENCE.findall(path.read_text(encoding="utf-8")) if language == kind]


def commands(name: str) -> Iterator[tuple[str, list[str]]]:
    """Every call of a program in a shell block or in backticks, headings apart, with the page that it stands on."""
    for path in DOCS:
        text = re.sub(r"^#.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        inline = re.findall(rf"`({name} [^`…]+)`", FENCE.sub("", text))
        shell = "\n".join(blocks(path, "sh")).replace("\\\n", " ")
        lines = [line.partition(f"{name} ") for line in shell.splitlines()]
        for line in [
            *inline,
            *(f"{name} {rest}" for before, found, rest in lines if found and not before.strip("nohup ")),
        ]:
            words = shlex.split(line.split(" > ")[0].replace("<batch id>", "x"))
            yield path.relative_to(ROOT).as_posix(), words[1:]


@cache
def eng5() -> Any:
    """The command with all its own."""
    return typer.main.get_command(app)


@pytest.mark.parametrize(
    ("page", "words"),
    [pytest.param(page, words, id=f"{page}: {shlex.join(words)}") for page, words in commands("eng5")],
)
def test_commands_of_eng5_can_be_parsed(page: str, words: list[str]) -> None:
    """Every command and flag in the docs exists and takes such a value; placeholders stand for texts."""
    if any(word in ("MODE", "COMMAND") for word in words):
        return
    command = eng5()
    context = command.make_context("eng5", list(words), resilient_parsing="--help" in words)
    while hasattr(command, "commands"):
        rest = [*getattr(context, "_protected_args", []), *context.args]
        if not rest:
            break
        command = command.commands[rest[0]]
        short = len(rest) == 1 and any(one.param_type_name == "argument" for one in command.params)
        context = command.make_context(rest[0], rest[1:], parent=context, resilient_parsing=short)


def test_tasks_of_doit_exist(tmp_path: Path) -> None:
    """Every task in the docs is one that `doit list --all` knows; names of runs in the docs are examples."""
    listed = Project.fresh(tmp_path).doit("list", "--all", "-q").stdout.split()
    own = {"list", "info", "clean", "forget"}
    for page, words in commands("doit"):
        for word in words:
            group = word.partition(":")[0]
            assert word.startswith("-") or group in own or group in listed, f"{page}: doit {' '.join(words)}"


def test_the_command_lines_page_is_current() -> None:
    """docs/cli.md is what `python -m eng5.cli.reference` prints."""
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == reference()


def test_exit_codes_are_those_of_the_errors() -> None:
    """Each class's code has a row on both pages."""

    def classes(kind: type[Eng5Error]) -> Iterator[type[Eng5Error]]:
        yield kind
        for below in kind.__subclasses__():
            yield from classes(below)

    for name in ("cli.md", "operations/eng5-np-runbook.md"):
        text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        rows = set(re.findall(r"^\| (\d+) \|", text, re.MULTILINE))
        assert rows == {"0", *(str(kind.exit_code) for kind in classes(Eng5Error))}


def test_every_key_of_experiments_is_explained() -> None:
    """Each key of each table stands in docs/experiments.md, and so does every metric and scale."""
    text = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
    keys = {key for model in (Target, Variant, Boundary, Privacy, Human) for key in model.model_fields}
    keys |= set(Experiments.model_fields) - {"targets", "variant", "boundary", "privacy", "human"}
    keys |= {*MetricName.__args__, *GRADE_SCALES}  # type: ignore[attr-defined]
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []


@pytest.mark.parametrize("page", ["experiments.md", "how-to/prompt-tuning-campaign.md"])
def test_examples_of_experiments_are_valid(page: str) -> None:
    """What the docs show can be pasted into the file."""
    for text in blocks(ROOT / "docs" / page, "toml"):
        document = tomllib.loads(text)
        document.setdefault("baseline", next(iter(document["variant"])))
        Experiments.model_validate(document)


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """On the pages beside the docs, too, every relative link names a file, and its anchor a heading there."""
    page = Page(ROOT / "docs", path)
    assert [*links(page), *mentioned_files(page)] == []


def test_the_map_names_every_folder() -> None:
    """CONTRIBUTING.md has a row for each folder of eng5/ and names every module beside them, and nothing else;
    the map of the code has a row for each as well."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    code = ROOT / "eng5"
    rows = set(re.findall(r"^\| `eng5/(\w+)/` \|", text, re.MULTILINE))
    assert rows == {path.parent.name for path in code.glob("*/*.*")} - {"__pycache__"}
    inner = {path.parent for path in code.glob("*/*/*.py")}
    assert [path for path in inner if f"`{path.name}/`" not in text] == []
    code_map = (ROOT / "docs" / "architecture" / "code-map.md").read_text(encoding="utf-8")
    assert {
        row for row in rows if f"| `eng5/{row}/`" not in code_map and f", `eng5/{row}/`" not in code_map
    } == set()
    loose = re.search(r"^Loose beside them .*$", text, re.MULTILINE)
    assert loose is not None
    entrances = {"__init__", "__main__"}
    assert set(re.findall(r"`(\w+)`", loose[0])) == {path.stem for path in code.glob("*.py")} - entrances
