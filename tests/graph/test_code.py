"""The code behind a step: found by following imports, and held against what Python really loads."""

from __future__ import annotations

import ast
import errno
import json
import shutil
from pathlib import Path

import pytest

from eng5.graph.code import DATA, PACKAGE, _names, code_behind
from tests.project import Project

PURE = ("inventory", "envelope", "artefact", "analysis", "report")
SPENDS = ("identity", "uploads", "published", "events")

FILE_DEPS = """
import json, sys
from pathlib import Path
from eng5.graph import dodo
names = dodo("dodo.py")
package = Path(sys.argv[1])
found = {}
for step in sys.argv[2:]:
    for task in names["task_" + step]():
        code = [Path(one) for one in task["file_dep"] if Path(one).is_relative_to(package)]
        found[f"{step}:{task['name']}"] = sorted(one.relative_to(package).as_posix() for one in code)
print(json.dumps(found))
"""
"""What each task depends on, from the graph itself."""

LOADS = """
import json, os, sys
from pathlib import Path
from eng5.graph import perform
from eng5.graph.graph import Graph
from eng5.paths import ProjectPaths
from eng5.runs import beside  # which run stands beside another is a setting that the graph compares
package, run, steps = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
graph = Graph.of(ProjectPaths.at(Path.cwd()))
graph.runs[run], graph.experiments
before, opened = set(sys.modules), set()
sys.addaudithook(lambda event, arguments: opened.add(str(arguments[0])) if event == "open" else None)
for step in steps:
    if os.fork():
        os.wait()
        continue
    opened.clear()
    getattr(perform, step)(graph, graph.project.run(run), graph.runs[run])
    files = {Path(module.__file__) for name, module in sys.modules.items()
             if name not in before and name.split(".")[0] == "eng5"}
    files |= {Path(name) for name in opened if name.startswith(str(package)) and not name.endswith((".py", ".pyc"))}
    print(json.dumps([step, sorted(one.relative_to(package).as_posix() for one in files)]), flush=True)
    os._exit(0)
"""
"""The files of the package that Python loads and opens while a step runs, beyond those of the graph itself."""


CODE_ELSEWHERE = """
import sys
from pathlib import Path
from doit.doit_cmd import DoitMain
from eng5.graph import code
code.PACKAGE = Path(sys.argv[1])
sys.exit(DoitMain().run(sys.argv[2:]))
"""
"""doit, with the tasks depending on another copy of the code."""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with one variant and one boundary test that are done, on six anchors."""
    project = Project.small(tmp_path_factory.mktemp("code") / "p")
    project.doit("report:baseline", "report:e_minus_f_plus")
    return project


@pytest.fixture(scope="module")
def file_deps(done: Project) -> dict[str, list[str]]:
    printed = done.doit(str(PACKAGE), *PURE, *SPENDS, code=FILE_DEPS).stdout
    found: dict[str, list[str]] = json.loads(printed)
    return found


def imported_by(path: Path) -> set[Path]:
    """The files of the package that a module imports, by the syntax tree; those for type checking alone left out."""
    found = set()
    tree = ast.parse(path.read_text("utf-8"))
    for block in [node for node in ast.walk(tree) if isinstance(node, ast.If)]:
        if isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING":
            block.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "eng5":
            for name in (str(node.module), *(f"{node.module}.{one.name}" for one in node.names)):
                place = PACKAGE.joinpath(*name.split(".")[1:])
                found |= {one for one in (place.with_suffix(".py"), place / "__init__.py") if one.is_file()}
    return found


def modules_behind(module: str) -> set[str]:
    """The closure of `imported_by`, with the packages around each module."""
    found: set[Path] = set()
    waiting = {PACKAGE.joinpath(*module.split(".")).with_suffix(".py")}
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting |= imported_by(one)
            around = (folder / "__init__.py" for folder in one.parents if folder.is_relative_to(PACKAGE))
            waiting |= {init for init in around if init.is_file()}
    return {path.relative_to(PACKAGE).as_posix() for path in found}


@pytest.mark.parametrize(
    "module",
    ["steps.inventory", "steps.envelope", "steps.artefact", "reports.variants.compare", "reports.index"],
)
def test_the_syntax_tree_says_the_same(module: str) -> None:
    """Two readings of the imports, one by patterns and one by the syntax tree, find the same modules."""
    found = {path.relative_to(PACKAGE).as_posix() for path in code_behind(module)}
    assert {name for name in found if name.endswith(".py")} == modules_behind(module)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("run", "steps"),
    [
        ("baseline", PURE),
        pytest.param("e_minus_f_plus", ("envelope", "analysis", "report"), marks=pytest.mark.slow),
    ],
)
def test_all_that_python_loads_for_a_step_is_behind_it(
    done: Project, file_deps: dict[str, list[str]], run: str, steps: tuple[str, ...]
) -> None:
    """No module, template or style sheet has a part in a result without being a dependency of it.

    Inventory and artefact are made by the same code in every mode.
    """
    printed = done.doit(str(PACKAGE), run, *steps, code=LOADS, imports=True).stdout.splitlines()
    loaded = dict(json.loads(line) for line in printed if line.startswith("["))
    assert set(loaded) == set(steps)
    missing = {step: set(loaded[step]) - set(file_deps[f"{step}:{run}"]) for step in steps}
    assert {step: names for step, names in missing.items() if names} == {}


def test_steps_that_spend_have_no_code(file_deps: dict[str, list[str]]) -> None:
    """Editing a comment uploads, publishes and asks nothing."""
    assert {task: code for task, code in file_deps.items() if task.split(":")[0] in SPENDS and code} == {}


def test_only_files_of_the_package_that_can_change_a_result(file_deps: dict[str, list[str]]) -> None:
    """No folder, no compiled file, nothing of the command line or of the graph."""
    every = {name for code in file_deps.values() for name in code}
    assert all((PACKAGE / name).is_file() and Path(name).suffix in {".py", *DATA} for name in every)
    assert not {
        name for name in every if name.split("/")[0] in ("cli", "graph", "handlers", "clients", "stack")
    }


def test_a_changed_line_makes_exactly_the_steps_behind_it_run_again(done: Project, tmp_path: Path) -> None:
    """One line in the pairs of a boundary test makes its request and report anew, one of a style sheet the pages."""
    copy = tmp_path / "code"
    shutil.copytree(PACKAGE, copy / "eng5", ignore=shutil.ignore_patterns("__pycache__"))
    project = done.copy(tmp_path / "p")
    run = [str(copy / "eng5"), "report:baseline", "report:e_minus_f_plus"]
    project.doit(*run, code=CODE_ELSEWHERE)
    assert again(project.doit(*run, code=CODE_ELSEWHERE).stdout) == set()
    with (copy / "eng5" / "essays" / "pairs.py").open("a", encoding="utf-8") as module:
        module.write("# another line\n")
    ran = again(project.doit(*run, code=CODE_ELSEWHERE).stdout)
    assert "envelope:baseline" in ran and "artefact:baseline" not in ran
    assert {"envelope:e_minus_f_plus", "analysis:e_minus_f_plus", "report:e_minus_f_plus"} <= ran
    assert not {task for task in ran if task.split(":")[0] in SPENDS}
    with (copy / "eng5" / "templates" / "base.css").open("a", encoding="utf-8") as style:
        style.write("/* a remark */\n")
    assert again(project.doit(*run, code=CODE_ELSEWHERE).stdout) == set(run[1:]), (
        "layout is the reports' alone"
    )


def again(output: str) -> set[str]:
    """The tasks that doit ran."""
    return {line.split()[1] for line in output.splitlines() if line.startswith(".  ")}


def test_what_is_kept_is_what_is_found(tmp_path: Path) -> None:
    """With a file to keep the names in, the second look answers the same."""
    kept = tmp_path / "code.json"
    first = code_behind("steps.envelope", kept=kept)
    assert kept.is_file()
    assert code_behind("steps.envelope") == first
    _names.cache_clear()
    code_behind.cache_clear()
    assert code_behind("steps.envelope", kept=kept) == first


def test_a_full_disk_keeps_no_code_from_being_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept is kept for speed alone."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("eng5.graph.code.write_text", full)
    found = code_behind("steps.envelope")
    _names.cache_clear()
    code_behind.cache_clear()
    assert code_behind("steps.envelope", kept=tmp_path / "code.json") == found
