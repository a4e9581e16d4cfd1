"""What the tasks are made from is kept, and is never another than what a fresh look at the study makes."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.contracts.modes import RunnerMode
from eng5.errors import Eng5Error, InputError
from eng5.graph import outline
from eng5.graph.graph import Graph
from eng5.graph.outline import Outline, RunOutline, outline_of, read_kept, read_outlined, read_settings
from eng5.graph.tasks import Tasks
from eng5.paths import ProjectPaths
from tests.chain import Chain

EXPERIMENTS = """\
baseline = "baseline"
essays_in_reports = false

[privacy]
names = ["Ann-Sofi"]

[targets]
kendall_tau = { min = 0.9 }

[variant.baseline]
provider = "mock"
model = "surface"
rubric = "prompts/rubric.txt"

[variant.other]
provider = "mock"
model = "simulated"
replicates = 2

[variant.jury]
panel = ["baseline", "other"]

[boundary.low]
variant = "baseline"
all_adjacent = true
"""


def study(root: Path) -> Chain:
    """A study with an experiments.toml, a run of the command line and a folder for what is kept."""
    chain = Chain(root, name="own", changes={"origin": "command-line"})
    chain.freeze()
    chain.project.experiments.write_text(EXPERIMENTS, encoding="utf-8")
    return chain


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    return study(tmp_path)


def fresh(project: ProjectPaths) -> Outline | str:
    """What there is to know now, or the refusal."""
    try:
        return outline_of(*read_settings(project))
    except Eng5Error as error:
        return str(error)


def known(project: ProjectPaths) -> Outline | str:
    """The same with what is kept."""
    try:
        return read_kept(project)[0]
    except Eng5Error as error:
        return str(error)


def test_a_second_look_reads_no_settings(chain: Chain) -> None:
    """It takes what is kept, which makes the same tasks."""
    first, told = read_kept(chain.project)
    assert told is not None
    second, told = read_kept(chain.project)
    assert told is None
    assert second == first == fresh(chain.project)
    assert tasks_of(Graph(chain.project, second, lambda: pytest.fail("read"))) == tasks_of(
        Graph.of(chain.project)
    )


def tasks_of(graph: Graph) -> dict[str, object]:
    """What doit compares of every task."""
    made = {name: task() for name, task in Tasks(graph).namespace().items() if name.startswith("task_")}
    lists = {name: [found] if isinstance(found, dict) else list(found) for name, found in made.items()}
    return {
        name: [
            (one.get("name"), one.get("file_dep"), one.get("targets"), settings_in(one.get("uptodate", ())))
            for one in found
            if isinstance(one, dict)
        ]
        for name, found in lists.items()
    }


def settings_in(conditions: list[object]) -> list[object]:
    return [getattr(one, "config", type(one).__name__) for one in conditions]


def in_experiments(old: str, new: str) -> Callable[[Chain], None]:
    def edit(chain: Chain) -> None:
        text = chain.project.experiments.read_text("utf-8")
        chain.project.experiments.write_text(text.replace(old, new), encoding="utf-8")

    return edit


def set_to(name: str, value: str) -> Callable[[Chain], None]:
    def edit(_: Chain) -> None:
        os.environ[name] = value

    return edit


def in_the_run(old: bytes, new: bytes) -> Callable[[Chain], None]:
    def edit(chain: Chain) -> None:
        if chain.paths.run.exists():
            chain.paths.run.write_bytes(chain.paths.run.read_bytes().replace(old, new))

    return edit


def another_run(chain: Chain) -> None:
    other = chain.project.run("later")
    other.folder.mkdir(exist_ok=True)
    if chain.paths.run.exists():
        other.run.write_bytes(chain.paths.run.read_bytes().replace(b'"own"', b'"later"'))


EDITS: dict[str, Callable[[Chain], None]] = {
    "nothing": lambda chain: None,
    "a remark": in_experiments("[targets]", "# remark\n[targets]"),
    "pages with essays": in_experiments("essays_in_reports = false", "essays_in_reports = true"),
    "a name to be replaced": in_experiments("Ann-Sofi", "Britt"),
    "a target": in_experiments("0.9", "0.8"),
    "no targets": in_experiments("kendall_tau = { min = 0.9 }", ""),
    "a judge": in_experiments('"surface"', '"simulated"'),
    "a judge of people": in_experiments('provider = "mock"\nmodel = "surface"', 'provider = "human"'),
    "a judge of one's own": in_experiments('provider = "mock"\nmodel = "surface"', 'judge = "mine.py:Mine"'),
    "a prompt": in_experiments('rubric = "prompts/rubric.txt"', 'system_prompt = "prompts/system.txt"'),
    "fewer replicates": in_experiments("replicates = 2", "replicates = 1"),
    "another panel": in_experiments('panel = ["baseline", "other"]', 'panel = ["other", "baseline"]'),
    "a vendor's model": in_experiments('"mock"\nmodel = "surface"', '"openai"\nmodel = "claude-x"'),
    "another baseline": in_experiments('baseline = "baseline"', 'baseline = "other"'),
    "another name of a test": in_experiments("[boundary.low]", "[boundary.high]"),
    "no experiments": lambda chain: chain.project.experiments.unlink(missing_ok=True),
    "no TOML": in_experiments("[privacy]", "[privacy"),
    "experiments as they were": lambda chain: put_back(chain),
    "the stand-in": set_to("ENG5_STACK", "embedded"),
    "the platform": set_to("ENG5_STACK", "external"),
    "an unknown stack": set_to("ENG5_STACK", "elsewhere"),
    "no address": set_to("CJ_SERVICE_URL", "nonsense"),
    "other anchors": set_to("ENG5_ANCHOR_DIR_OVERRIDE", "/elsewhere"),
    "a server of one's own": set_to("ENG5_LLM_BASE_URL", "http://localhost:1/v1"),
    "a run's language": in_the_run(b'"language": "en"', b'"language": "sv"'),
    "a run of the platform": in_the_run(b'"stack": "embedded"', b'"stack": "external"'),
    "a damaged run": in_the_run(b'"mode"', b'"node"'),
    "a run removed": lambda chain: chain.paths.run.unlink(missing_ok=True),
    "another run": another_run,
    "what is kept, torn": lambda chain: cut(chain.project.outline),
}  # fmt: skip


def put_back(chain: Chain) -> None:
    chain.project.experiments.write_text(EXPERIMENTS, encoding="utf-8")


def cut(path: Path) -> None:
    if path.exists():
        path.write_bytes(path.read_bytes()[:-40])


@given(st.lists(st.sampled_from(sorted(EDITS)), max_size=4))
def test_whatever_is_edited_is_seen(edits: list[str]) -> None:
    """After any edits of files and variables, what is kept is what a fresh look makes, or the same refusal."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for name in ("ENG5_STACK", "CJ_SERVICE_URL", "ENG5_ANCHOR_DIR_OVERRIDE", "ENG5_LLM_BASE_URL"):
            patch.setenv(name, "")
        chain = study(Path(folder))
        assert known(chain.project) == fresh(chain.project)
        for edit in edits:
            EDITS[edit](chain)
            assert known(chain.project) == fresh(chain.project), edit
            assert known(chain.project) == fresh(chain.project), edit


@pytest.mark.parametrize("edit", sorted({*EDITS} - {"nothing", "a remark", "the stand-in"}))
def test_each_edit_is_one(chain: Chain, edit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The edits of the property above do something: another outline, a refusal, or another file that is kept."""
    for name in ("ENG5_STACK", "CJ_SERVICE_URL", "ENG5_ANCHOR_DIR_OVERRIDE", "ENG5_LLM_BASE_URL"):
        monkeypatch.setenv(name, "")
    if edit in ("no address", "a server of one's own", "experiments as they were"):
        EDITS[{"no address": "the platform"}.get(edit, "a vendor's model")](chain)
    before, kept = known(chain.project), kept_in(chain)
    EDITS[edit](chain)
    assert known(chain.project) != before or (edit == "what is kept, torn" and kept_in(chain) == kept)


def kept_in(chain: Chain) -> bytes:
    return chain.project.outline.read_bytes() if chain.project.outline.exists() else b""


@pytest.mark.parametrize("of", ["code", "pydantic", "python", "place"])
def test_what_reads_it_is_part_of_it(chain: Chain, of: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of the code, of what checks it, or another place of the study, and it is read anew."""
    read_kept(chain.project)
    if of == "code":
        monkeypatch.setattr(outline, "stamps", lambda: {"settings.py": [1, 2]})
    elif of == "pydantic":
        monkeypatch.setattr(outline, "_stamp_of", lambda library: [library, 99])
    elif of == "python":
        monkeypatch.setattr("sys.version", "4.0")
    project = chain.project
    if of == "place":
        project = ProjectPaths.at(chain.root.rename(chain.root.with_name("moved")))
    assert read_kept(project)[1] is not None
    assert read_kept(project)[1] is None


def test_nothing_else_is_read(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file of the study and every variable of ours that settings are read from is in the hash of what is kept."""
    opened, asked = set(), set()
    get, read = type(os.environ).__getitem__, Path.read_bytes

    def asks(self: object, name: str) -> str:
        asked.add(name)
        return get(os.environ, name)

    def opens(path: Path) -> bytes:
        opened.add(path)
        return read(path)

    monkeypatch.setattr(type(os.environ), "__getitem__", asks)
    monkeypatch.setattr(Path, "read_bytes", opens)
    read_settings(chain.project)
    read_files, read_variables = set(opened), {name for name in asked if name.startswith("ENG5_")}
    assert {path for path in read_files if path.is_relative_to(chain.root)} == {
        chain.project.experiments,
        chain.paths.run,
    }
    kept, _ = read_kept(chain.project)
    for name in read_variables:
        with pytest.MonkeyPatch.context() as patch:
            before = outline._follows_from(chain.project, kept)
            patch.setenv(name, "external" if name == "ENG5_STACK" else "http://localhost:1/v1")
            assert outline._follows_from(chain.project, kept) != before, name


def test_files_that_decide(tmp_path: Path) -> None:
    """Each mode depends on what it sends; the run step also reads the grades, the inventory all inputs of its mode."""
    chain = Chain(tmp_path)
    (chain.project.students / "elev.txt").write_text("x", encoding="utf-8")

    def names(mode: RunnerMode) -> set[str]:
        run = RunOutline.of(chain.settings.model_copy(update={"mode": mode}))
        return {path.name for path in run.input_files(chain.project)}

    anchors, prompts = (
        {f"role_model_{end}.txt" for end in ("001_F+", "002_E-", "003_C+", "004_A")},
        {"system.txt", "rubric.txt"},
    )
    given = {"instructions.md", "prompt.md"}
    for name in given:
        (chain.project.inputs / name).write_text("x", encoding="utf-8")
    assert names(RunnerMode.ANCHOR_ALIGN_TEST) == anchors | prompts | given
    assert names(RunnerMode.EXECUTE) == {"elev.txt"} | prompts | given
    chain.project.grades.write_text("anchor_id,file_name,grade\n", encoding="utf-8")
    assert "grades.csv" in names(RunnerMode.ANCHOR_ALIGN_TEST)


def test_no_step_is_done_by_an_outline_of_another_study(chain: Chain) -> None:
    """Whoever needs the settings reads them, and refuses what does not fit; the next command reads all anew."""
    kept, _ = read_kept(chain.project)
    in_experiments('"surface"', '"simulated"')(chain)
    with pytest.raises(InputError, match="run the same command again"):
        read_outlined(chain.project, kept)
    assert not chain.project.outline.exists()


def test_a_run_that_comes_in_between_is_no_harm(chain: Chain) -> None:
    """Another process may make a run while the tasks are being made."""
    kept, _ = read_kept(chain.project)
    another_run(chain)
    assert "later" in read_outlined(chain.project, kept)[1]


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"null", b'{"outline": {"runs": {"a": {"mode": "b"}}}}']
)
def test_what_is_kept_may_be_damaged(chain: Chain, content: bytes) -> None:
    """It is for speed alone."""
    chain.project.outline.write_bytes(content)
    assert known(chain.project) == fresh(chain.project)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [(("baseline",), "another"), (("runs", "baseline", "members"), 5), (("variants",), None)],
)
def test_what_is_kept_may_say_something_else(chain: Chain, path: tuple[str, ...], wrong: object) -> None:
    """What it says is part of the hash."""
    read_kept(chain.project)
    kept = json.loads(chain.project.outline.read_bytes())
    place = kept["outline"]
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = wrong
    chain.project.outline.write_text(json.dumps(kept), encoding="utf-8")
    assert known(chain.project) == fresh(chain.project)


def test_a_damaged_run_is_said_each_time(chain: Chain, capsys: pytest.CaptureFixture[str]) -> None:
    """A warning does not go with what is kept."""
    chain.paths.run.write_text("{}", encoding="utf-8")
    for _ in range(2):
        read_kept(chain.project)
        assert "left out" in capsys.readouterr().err


def test_no_pupil_is_named_in_what_is_kept(chain: Chain) -> None:
    """Of `[privacy]` there is a hash."""
    read_kept(chain.project)
    assert "Ann-Sofi" not in chain.project.outline.read_text("utf-8")
