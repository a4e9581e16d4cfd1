"""Which runs there are, and what a frozen one was made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from eng5.contracts.journal import JournalEnd, end_line
from eng5.contracts.modes import RunnerMode
from eng5.contracts.platform import PlatformSettings
from eng5.contracts.privacy import Privacy
from eng5.contracts.run import BoundarySelection, JudgeSettings
from eng5.errors import DamagedFileError, InputError
from eng5.files import JsonLines
from eng5.runs.registry import batch_end, check_current, frozen_settings, imported_runs, load_runs
from eng5.runs.state import artefact_alone
from eng5.settings import load_experiments
from eng5.steps.run import build
from tests.chain import Chain

EXPERIMENTS = """
baseline = "base"
[variant.base]
replicates = 2
[boundary.edge]
variant = "base"
all_adjacent = true
"""


def test_runs_of_the_file_come_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Variants and boundary tests in the order of the file, then runs of the command line; a damaged one is named."""
    chain = Chain(tmp_path, name="mine", changes={"origin": "command-line"})
    chain.project.experiments.write_text(EXPERIMENTS, encoding="utf-8")
    chain.freeze()
    Chain(tmp_path, name="base").freeze()
    broken = chain.project.run("broken").run
    broken.parent.mkdir()
    broken.write_text("{", encoding="utf-8")
    (chain.project.build / ".stack").mkdir()
    runs = load_runs(chain.project, load_experiments(chain.project))
    assert list(runs) == ["base", "base.r2", "edge", "mine"]
    assert runs["mine"].origin == "command-line"
    assert str(broken) in capsys.readouterr().err


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"origin": "command-line", "max_comparisons": 7, "language": "sv", "rubric": None},
        {"mode": RunnerMode.BOUNDARY_TEST, "boundary": BoundarySelection(grades=["A:C+"], iterations=2)},
        {"mode": RunnerMode.EXECUTE, "assignment_id": "0f6c2b1e-6f0b-4b7a-9d64-7b7d8f0e8a11"},
        {"platform": PlatformSettings(stack="external", kafka_bootstrap="kafka:1")},
    ],
)
def test_a_frozen_run_gives_its_settings_back(tmp_path: Path, changes: dict[str, object]) -> None:
    """The settings that are read from 00_run.json make the same identity: the run goes on, and is not a new one."""
    chain = Chain(tmp_path, changes=changes)
    run = chain.freeze()
    settings = frozen_settings(chain.project, run, PlatformSettings(), Privacy())
    assert build(settings, chain.project, chain.look()) == run.identity
    assert (settings.completion_timeout, settings.use_kafka) == (run.completion_timeout, run.use_kafka)
    assert settings.platform.kafka_bootstrap == run.kafka_bootstrap


def test_the_end_of_a_batch(tmp_path: Path) -> None:
    """None without a journal or a closing line, however it begins; the closing line when it is there."""
    chain = Chain(tmp_path)
    assert batch_end(chain.paths) is None
    journal = JsonLines(chain.paths.events)
    journal.append([b'{"cluster": "c", "value": {"end":"completed"}}'])
    assert batch_end(chain.paths) is None
    end = JournalEnd(end="completed", cluster="c", read_to={"t": {0: 1}})
    journal.append([end_line(end)])
    assert batch_end(chain.paths) == end


def test_a_damaged_end_is_named(tmp_path: Path) -> None:
    """A closing line that does not parse is an error with file and remedy."""
    chain = Chain(tmp_path)
    JsonLines(chain.paths.events).append([b'{"end":"maybe"}'])
    with pytest.raises(DamagedFileError) as caught:
        batch_end(chain.paths)
    assert caught.value.where == str(chain.paths.events)


def test_an_artefact_alone_is_one_without_its_answers(tmp_path: Path) -> None:
    """Neither a run that is not folded yet, nor one with its journal."""
    chain = Chain(tmp_path)
    assert not artefact_alone(chain.paths)
    chain.whole()
    assert not artefact_alone(chain.paths)
    chain.paths.events.unlink()
    assert artefact_alone(chain.paths)


def test_a_damaged_artefact_is_no_imported_run(tmp_path: Path) -> None:
    """It keeps no other run from being listed or made; what works on it names it."""
    chain = Chain(tmp_path)
    chain.paths.folder.mkdir(parents=True)
    chain.paths.artefact.write_text("{", encoding="utf-8")
    assert artefact_alone(chain.paths)
    assert imported_runs(chain.project) == {}


def test_an_artefact_of_another_prompt_or_judge_is_refused(tmp_path: Path) -> None:
    """What differs is named; the same prompt in another file is the same."""
    chain = Chain(tmp_path)
    chain.whole()
    check_current(chain.paths, chain.settings)
    moved = tmp_path / "moved.txt"
    moved.write_bytes(chain.rubric.read_bytes())
    check_current(chain.paths, chain.settings.model_copy(update={"rubric": moved}))
    with pytest.raises(InputError, match="another rubric than"):
        check_current(chain.paths, chain.settings.model_copy(update={"rubric": None}))
    chain.system_prompt.write_text("Judge harshly.", encoding="utf-8")
    sharper = JudgeSettings(provider="mock", model="surface", temperature=0.5)
    with pytest.raises(InputError, match="another judge and system prompt than"):
        check_current(chain.paths, chain.settings.model_copy(update={"judge": sharper}))
