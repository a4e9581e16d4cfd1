"""The layout: one noun, five places; which part may know which; where files, sockets and clocks are."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eng5.contracts.run import RunnerMode
from eng5.graph.code import analysis_code, report_code
from eng5.paths import ProjectPaths

ROOT = Path(__file__).parents[1]
CODE = ROOT / "eng5"
MODULES = {
    path.relative_to(CODE).as_posix(): ast.parse(path.read_text("utf-8")) for path in CODE.rglob("*.py")
}

OF_THE_CHAIN = {
    "run",
    "inventory",
    "uploads",
    "envelope",
    "published",
    "events",
    "artefact",
    "analysis",
    "report",
}
CONTRACTS = {"events": "journal"}
"""A line of 45_events.jsonl is called after the journal that it stands in."""
TASKS = {"run": "identity"}
"""doit refuses a task called `run`: it is a command of doit's own."""

VALUES = {"contracts", "errors", "files", "paths", "settings", "protocols"}
"""What every part above the steps may use: shapes, refusals, files, and what the user asked for."""
ARROWS: dict[str, set[str]] = {
    "contracts": set(),
    "errors": set(),
    "paths": set(),
    "stats": set(),
    "files": {"errors"},
    "boundary_pairs": {"contracts", "errors"},
    "clients": {"contracts", "errors"},
    "stack": {"contracts", "errors", "files"},
    "extract": {"errors", "files"},
    "llm_settings": {"contracts", "errors", "files"},
    "settings": {"contracts", "errors", "files", "llm_settings", "paths"},
    "protocols": {"contracts", "paths", "settings"},
    "progress": {"protocols"},
    "plots": {"contracts", "stats"},
    "table": {"contracts", "files", "paths"},
    "attempts": {"contracts", "errors", "files", "paths"},
    "rendered": {"contracts", "errors", "files", "paths"},
    "runs": {"contracts", "errors", "files", "paths", "settings"},
    "steps": VALUES
    | {"stats", "plots", "extract", "runs", "rendered", "attempts", "boundary_pairs", "table", "injection"},
    "services": {"clients", "contracts", "errors", "paths", "settings", "stack"},
    "locks": {"errors", "files"},
    "action": {"errors", "locks", "paths"},
    "by_mode": {"contracts", "paths", "runs", "steps"},
    "over_runs": VALUES | {"action", "by_mode", "planning", "progress", "rendered", "runs", "steps"},
    "planning": VALUES | {"steps", "services", "tables"},
    "overview": VALUES | {"steps", "runs", "rendered"},
    "handlers": VALUES
    | {"clients", "steps", "action", "services", "runs", "rendered", "locks", "logs", "planning", "tables"}
    | {"boundary_pairs"},
}
"""Which part imports which. The command line is above all of it."""


def part(module: str) -> str:
    """`steps/run.py` belongs to `steps`, `files.py` is `files`."""
    return module.split("/")[0].removesuffix(".py")


def imports(module: str) -> Iterator[str]:
    """The modules of eng5 that a module imports, at its top or later, by dotted name without `eng5.`."""
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "eng5":
            names = [f"eng5.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from (name.removeprefix("eng5.") for name in names if name.startswith("eng5."))


def foreign_imports(module: str) -> set[str]:
    """The top-level names of other packages that a module imports."""
    found = set()
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found - {"eng5"}


@pytest.mark.parametrize("step", sorted(OF_THE_CHAIN))
def test_one_noun_five_places(step: str) -> None:
    """Every step of the chain has a contract, a task, a file and a test of its name."""
    paths = ProjectPaths.at(ROOT).run("x")
    dodo = ast.parse((ROOT / "dodo.py").read_text("utf-8"))
    tasks = {node.name for node in dodo.body if isinstance(node, ast.FunctionDef)}
    assert (CODE / "steps" / f"{step}.py").is_file()
    assert (CODE / "contracts" / f"{CONTRACTS.get(step, step)}.py").is_file()
    assert f"task_{TASKS.get(step, step)}" in tasks
    assert getattr(paths, step).name.split("_")[1].split(".")[0] == step
    assert (ROOT / "tests/steps" / f"test_{step}.py").is_file()


def test_every_file_of_the_chain_has_its_step() -> None:
    """No file is written that no step is named after."""
    names = {path.stem.split("_", 1)[1] for path in ProjectPaths.at(ROOT).run("x").chain()}
    assert names == OF_THE_CHAIN


def test_arrows() -> None:
    """A part imports only the parts below it; what is not in the table may not be imported from below."""
    wrong = {
        module: sorted(name for name in imports(module) if name.split(".")[0] not in {*allowed, part(module)})
        for module in MODULES
        if (allowed := ARROWS.get(part(module))) is not None
    }
    assert {module: names for module, names in wrong.items() if names} == {}


def test_the_arrows_have_no_circle() -> None:
    """From any part one comes to an end."""

    def below(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " → ".join((*above, name))
        for one in ARROWS.get(name, set()):
            below(one, (*above, name))

    for name in ARROWS:
        below(name, ())


def test_statistics_know_numbers_only() -> None:
    """Pure maths: the standard library, numpy and scipy."""
    for module in MODULES:
        if part(module) == "stats":
            assert foreign_imports(module) <= {*sys.stdlib_module_names, "numpy", "scipy"}, module


@pytest.mark.parametrize(
    ("library", "parts"),
    [
        ("typer", {"cli"}),
        ("doit", {"action", "handlers", "over_runs"}),
        ("httpx", {"clients", "stack"}),
        ("confluent_kafka", {"clients", "stack"}),
        ("tenacity", {"clients", "stack"}),
        ("starlette", {"stack"}),
        ("uvicorn", {"stack"}),
        ("filelock", {"locks", "stack"}),
        ("docx", {"extract"}),
        ("pdfminer", {"extract"}),
        ("jinja2", {"steps"}),
        ("matplotlib", {"plots"}),
        ("socket", {"clients", "stack"}),
    ],
)
def test_a_library_is_known_in_one_place(library: str, parts: set[str]) -> None:
    """What would have to change with a library lies together."""
    assert {part(module) for module in MODULES if library in foreign_imports(module)} <= parts


def calls(module: str) -> Iterator[tuple[str, bool, int]]:
    """Name, whether it is called on an object, and line of every call."""
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, False, node.lineno
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr, True, node.lineno


OPENING = {"read_bytes", "read_text", "write_bytes", "write_text"}
READ_THE_PACKAGE = {"steps/rendering.py", "plots/plot.py"}
"""They read a style sheet that comes with the package."""


def test_only_files_opens_files() -> None:
    """Atomic writes and named errors for all; only the stand-in keeps its own storage."""
    free = {"files.py", *READ_THE_PACKAGE}
    opened = {
        f"{module}:{line}"
        for module in MODULES
        if module not in free and part(module) != "stack"
        for name, on_object, line in calls(module)
        if (name in OPENING if on_object else name == "open")
    }
    assert opened == set()


def test_only_settings_read_the_environment() -> None:
    """Settings are frozen once; the stand-in's judges are told what they need."""
    readers = {
        module
        for module, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    }
    assert readers <= {"settings.py", "llm_settings.py"}


PURE = {"inventory", "envelope", "artefact", "folding", "analysis", "report"}


@pytest.mark.parametrize("step", sorted(PURE))
def test_pure_steps_have_no_clock_and_no_chance(step: str) -> None:
    """The same files give the same bytes."""
    names = {name for name, _, _ in calls(f"steps/{step}.py")}
    assert not names & {"now", "utcnow", "today", "uuid4", "uuid1", "time", "monotonic", "utc_now", "urandom"}


def test_no_module_is_long() -> None:
    """300 lines are enough for one thing."""
    lengths = {module: len((CODE / module).read_text("utf-8").splitlines()) for module in MODULES}
    assert {module: length for module, length in lengths.items() if length > 300} == {}


def test_contracts_are_shapes_only() -> None:
    """No file, no socket, no maths."""
    foreign = {"numpy", "scipy", "pathlib", "os", "httpx", "confluent_kafka", "socket"}
    assert {m for m in MODULES if part(m) == "contracts" and foreign_imports(m) & foreign} == set()


def behind(module: str, parts: set[str]) -> set[str]:
    """The modules of these parts that a module imports, they import in turn, and itself."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        one = waiting.pop()
        if one in found or one not in MODULES or part(one) not in parts:
            continue
        found.add(one)
        for node in ast.walk(MODULES[one]):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("eng5."):
                names = [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
                waiting += [name.removeprefix("eng5.").replace(".", "/") + ".py" for name in names]
    return found


@pytest.mark.parametrize(
    ("mode", "analysis", "report"),
    [
        (RunnerMode.ANCHOR_ALIGN_TEST, "steps/analysis.py", "steps/report.py"),
        (RunnerMode.BOUNDARY_TEST, "steps/boundary_analysis.py", "steps/boundary_report.py"),
        (RunnerMode.EXECUTE, "steps/analysis.py", "steps/execute_report.py"),
    ],
)
def test_pure_steps_depend_on_all_code_behind_them(mode: RunnerMode, analysis: str, report: str) -> None:
    """An edit of any module that decides a number or a page makes it stale; plots decide no number."""
    numbers = {path.relative_to(CODE).as_posix() for path in analysis_code(mode)}
    pages = {path.relative_to(CODE).as_posix() for path in report_code(mode)}
    assert behind(analysis, {"contracts", "stats", "steps"}) - numbers == set()
    assert behind(report, {"contracts", "plots", "stats", "steps"}) - pages == set()
