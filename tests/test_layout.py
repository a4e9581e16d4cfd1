"""The layout: one noun, five places; which part may know which; where files, sockets and clocks are."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from eng5.paths import ProjectPaths

ROOT = Path(__file__).parents[1]
CODE = ROOT / "eng5"

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
CONTRACTS = {"events": "journal", "envelope": "wire/envelope"}
"""A line of 45_events.jsonl is called after the journal that it stands in; an envelope is the platform's."""
STEPS = {"analysis": "analyse", "report": "render"}
"""What they say is in `reports/`; a step chooses what is measured and rendered, by the run's mode."""
TASKS = {"run": "identity"}
"""doit refuses a task called `run`: it is a command of doit's own."""

GROUND = {"contracts", "environment", "errors", "files", "locks", "paths", "protocols", "settings"}
"""What every part above it may use: shapes, refusals, files, locks, and what the user and the environment said."""
ARROWS: dict[str, set[str]] = {
    "contracts": set(),
    "errors": set(),
    "paths": set(),
    "stats": set(),
    "files": {"errors"},
    "locks": {"errors", "files"},
    "environment": {"contracts", "errors", "files"},
    "settings": {"contracts", "environment", "errors", "files", "paths"},
    "protocols": {"contracts", "paths", "settings"},
    "clients": {"contracts", "errors"},
    "essays": {"contracts", "errors", "files"},
    "judges": {"contracts", "errors", "files", "stats"},
    "stack": {"clients", "contracts", "errors", "files", "judges", "locks"},
    "people": {"contracts", "errors", "files", "judges", "locks", "stack", "stats"},
    "plots": {"contracts", "stats"},
    "runs": GROUND,
    "pages": GROUND | {"plots"},
    "reports": GROUND | {"essays", "pages", "plots", "runs", "stats"},
    "study": {"contracts", "errors", "files", "paths"},
    "steps": GROUND | {"essays", "reports", "runs", "stats"},
    "services": GROUND | {"clients", "judges", "stack", "steps"},
    "console": GROUND | {"essays", "judges", "pages", "runs", "services", "stats", "steps"},
    "graph": GROUND | {"console", "pages", "reports", "runs", "services", "steps"},
    "watch": GROUND | {"console", "graph", "plots", "reports", "runs", "services", "stack"},
    "handlers": GROUND | {"clients", "console", "essays", "graph", "reports", "runs", "services", "steps"},
}
"""Which part imports which. The command line is above all of it, and nothing imports it."""


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package, parsed, by its path."""
    return {
        path.relative_to(CODE).as_posix(): ast.parse(path.read_text("utf-8")) for path in CODE.rglob("*.py")
    }


def part(module: str) -> str:
    """`steps/run.py` belongs to `steps`, `files.py` is `files`."""
    return module.split("/")[0].removesuffix(".py")


def imports(module: str) -> Iterator[str]:
    """The modules of eng5 that a module imports, at its top or later, by dotted name without `eng5.`."""
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "eng5":
            names = [f"eng5.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from (name.removeprefix("eng5.") for name in names if name.startswith("eng5."))


@cache
def foreign_imports(module: str) -> set[str]:
    """The top-level names of other packages that a module imports."""
    found = set()
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found - {"eng5"}


@pytest.mark.parametrize("step", sorted(OF_THE_CHAIN))
def test_one_noun_five_places(step: str) -> None:
    """Every step of the chain has a contract, a task, a file and a test of its name."""
    paths = ProjectPaths.at(ROOT).run("x")
    chain = ast.parse((CODE / "graph" / "tasks.py").read_text("utf-8"))
    tasks = {node.name for node in ast.walk(chain) if isinstance(node, ast.FunctionDef)}
    assert (CODE / "steps" / f"{STEPS.get(step, step)}.py").is_file()
    assert (CODE / "contracts" / f"{CONTRACTS.get(step, step)}.py").is_file()
    assert f"task_{TASKS.get(step, step)}" in tasks
    assert getattr(paths, step).name.split("_")[1].split(".")[0] == step
    assert (ROOT / "tests/steps" / f"test_{STEPS.get(step, step)}.py").is_file()


def test_every_file_of_the_chain_has_its_step() -> None:
    """No file is written that no step is named after."""
    names = {path.stem.split("_", 1)[1] for path in ProjectPaths.at(ROOT).run("x").chain()}
    assert names == OF_THE_CHAIN


def test_arrows() -> None:
    """A part imports only the parts below it; what is not in the table may not be imported from below."""
    wrong = {
        module: sorted(name for name in imports(module) if name.split(".")[0] not in {*allowed, part(module)})
        for module in modules()
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
    for module in modules():
        if part(module) == "stats":
            assert foreign_imports(module) <= {*sys.stdlib_module_names, "numpy", "scipy"}, module


@pytest.mark.parametrize(
    ("library", "parts"),
    [
        ("typer", {"cli"}),
        ("doit", {"graph"}),
        ("httpx", {"clients", "judges"}),
        ("confluent_kafka", {"clients", "stack"}),
        ("tenacity", {"clients", "judges"}),
        ("starlette", {"people", "stack", "watch"}),
        ("uvicorn", {"stack"}),
        ("watchfiles", {"watch"}),
        ("filelock", {"locks"}),
        ("docx", {"essays"}),
        ("lxml", {"essays"}),
        ("pdfminer", {"essays"}),
        ("py3langid", {"essays"}),
        ("jinja2", {"pages"}),
        ("matplotlib", {"plots"}),
        ("socket", {"clients", "stack"}),
    ],
)
def test_a_library_is_known_in_one_place(library: str, parts: set[str]) -> None:
    """What would have to change with a library lies together."""
    assert {part(module) for module in modules() if library in foreign_imports(module)} <= parts


def calls(module: str) -> Iterator[tuple[str, bool, int]]:
    """Name, whether it is called on an object, and line of every call."""
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, False, node.lineno
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr, True, node.lineno


OPENING = {"read_bytes", "read_text", "write_bytes", "write_text"}
READ_THE_PACKAGE = {"pages/rendering.py", "people/web_app.py", "plots/plot.py"}
"""They read a style sheet or a page that comes with the package."""


def test_only_files_opens_files() -> None:
    """Atomic writes and named errors for all; only the stand-in keeps its own storage."""
    free = {"files.py", *READ_THE_PACKAGE}
    opened = {
        f"{module}:{line}"
        for module in modules()
        if module not in free and part(module) not in {"judges", "stack"}
        for name, on_object, line in calls(module)
        if (name in OPENING if on_object else name == "open")
    }
    assert opened == set()


def test_only_settings_read_the_environment() -> None:
    """Settings are frozen once; the stand-in's judges are told what they need."""
    readers = {
        module
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    }
    assert readers <= {"environment.py", "settings.py"}


PURE = ("steps/inventory", "steps/envelope", "steps/artefact", "steps/folding", "reports/alignment/analysis")


@pytest.mark.parametrize("step", PURE)
def test_pure_steps_have_no_clock_and_no_chance(step: str) -> None:
    """The same files give the same bytes."""
    names = {name for name, _, _ in calls(f"{step}.py")}
    assert not names & {"now", "utcnow", "today", "uuid4", "uuid1", "time", "monotonic", "utc_now", "urandom"}


def test_no_module_is_long() -> None:
    """300 lines are enough for one thing."""
    lengths = {module: len((CODE / module).read_text("utf-8").splitlines()) for module in modules()}
    assert {module: length for module, length in lengths.items() if length > 300} == {}


def test_contracts_are_shapes_only() -> None:
    """No file, no socket, no maths."""
    foreign = {"numpy", "scipy", "pathlib", "os", "httpx", "confluent_kafka", "socket"}
    assert {m for m in modules() if part(m) == "contracts" and foreign_imports(m) & foreign} == set()
