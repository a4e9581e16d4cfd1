"""Step `run`: who the run is, frozen; other inputs are another batch, and nothing of the earlier one is lost."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eng5.contracts.estimate import Spending
from eng5.contracts.journal import JournalEnd, end_line
from eng5.contracts.modes import RunnerMode
from eng5.contracts.platform import PlatformSettings
from eng5.contracts.run import BoundarySelection, JudgeSettings, ListedPair, RunFile
from eng5.errors import InputError
from eng5.files import JsonLines, read_model, write_bytes, write_model
from eng5.steps.run import attempt_of, batch_uuid, refuse_endless
from eng5.steps.run import run as freeze
from tests.chain import Chain


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """A project with four anchors, and no run yet."""
    return Chain(tmp_path)


def end(chain: Chain, how: str) -> None:
    """Close the journal of the run."""
    closing = JournalEnd.model_validate({"end": how, "cluster": "cluster-1", "read_to": {}})
    JsonLines(chain.paths.events).append([end_line(closing)])


def archived(chain: Chain) -> list[list[str]]:
    """The files of every chain under attempts/."""
    return sorted(
        sorted(path.name for path in folder.iterdir()) for folder in chain.paths.attempts.glob("*/")
    )


def test_the_same_inputs_are_the_same_run(chain: Chain) -> None:
    """A second run of the step changes no byte, and a copy elsewhere has the same batch."""
    first = chain.freeze()
    before = chain.paths.run.read_bytes()
    chain.freeze()
    assert chain.paths.run.read_bytes() == before
    assert (
        batch_uuid(first.identity)
        == first.batch_uuid
        == batch_uuid(RunFile.model_validate_json(before).identity)
    )


def test_a_copy_of_the_project_has_the_same_batch(
    chain: Chain, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The identity knows neither folder nor moment."""
    copy = Chain(tmp_path_factory.mktemp("copy"))
    assert copy.freeze().batch_uuid == chain.freeze().batch_uuid


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


GRADES = "anchor_id,file_name,grade\nX1,role_model_001_F+.txt,F+\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda chain: write(chain.system_prompt, "Judge sternly."),
        lambda chain: write(chain.rubric, "Language counts."),
        lambda chain: chain.changes.update(rubric=None),
        lambda chain: write(chain.project.anchors / "role_model_004_A.txt", "Another text."),
        lambda chain: write(chain.project.anchors / "role_model_005_B.txt", "One more."),
        lambda chain: (chain.project.anchors / "role_model_004_A.txt").unlink(),
        lambda chain: write(chain.project.grades, GRADES),
        lambda chain: chain.changes.update(judge=JudgeSettings(provider="mock", model="other")),
        lambda chain: chain.changes.update(max_comparisons=5),
        lambda chain: chain.changes.update(replicate=2),
        lambda chain: chain.changes.update(language="sv"),
        lambda chain: chain.changes.update(platform=PlatformSettings(stack="external")),
        lambda chain: chain.changes.update(batch_id="other"),
    ],
)
def test_what_decides_the_verdicts_makes_another_batch(chain: Chain, change: Any) -> None:
    """Prompt, rubric, essay, essay id, judge, budget, replicate, stack: each is part of the identity."""
    before = chain.identity()
    change(chain)
    after = chain.identity()
    assert batch_uuid(after) != batch_uuid(before)


@pytest.mark.parametrize(
    "change",
    [
        lambda chain: write(chain.project.prompt, "A role model"),
        lambda chain: write(chain.project.students / "elev_1.txt", "I admire my coach."),
        lambda chain: write(chain.project.anchors / "README.md", "Written for the project."),
        lambda chain: (chain.project.anchors / "role_model_004_A.txt").rename(
            chain.project.anchors / "role_model_044_A.txt"
        ),
        lambda chain: write(
            chain.project.grades, "anchor_id,file_name,grade\nrole_model_001_F+,role_model_001_F+.txt,F+\n"
        ),
        lambda chain: chain.changes.update(completion_timeout=5.0),
        lambda chain: chain.changes.update(verbose=True),
    ],
)
def test_what_does_not_decide_them_does_not(chain: Chain, change: Any) -> None:
    """What no judge sees leaves the batch as it is."""
    before = chain.identity()
    change(chain)
    assert chain.identity() == before


def test_a_judge_that_knows_the_grades_depends_on_them(chain: Chain) -> None:
    """The simulated judge's abilities follow the grades: other grades, other verdicts."""
    chain.changes["judge"] = JudgeSettings(provider="mock", model="simulated")
    row = "anchor_id,file_name,grade\nX1,role_model_001_F+.txt,F+\n"
    write(chain.project.grades, row)
    before = chain.identity()
    write(chain.project.grades, row + "X9,not_there.txt,A\n")
    assert chain.identity() != before


def test_a_boundary_test_depends_on_its_pairs_alone(chain: Chain) -> None:
    """An anchor that is in no pair may change; one that is in a pair may not."""
    chain.changes |= {"mode": RunnerMode.BOUNDARY_TEST, "boundary": BoundarySelection(grades=["C+:E-"])}
    before = chain.identity()
    write(chain.project.anchors / "role_model_004_A.txt", "Another text.")
    assert chain.identity() == before
    write(chain.project.anchors / "role_model_003_C+.txt", "Another text of a C+.")
    assert chain.identity() != before


@settings(max_examples=25)
@given(st.lists(st.integers(min_value=1, max_value=5), unique=True, min_size=2))
def test_every_attempt_is_another_batch(
    tmp_path_factory: pytest.TempPathFactory, attempts: list[int]
) -> None:
    """The attempt number alone tells two batches apart."""
    chain = Chain(tmp_path_factory.mktemp("project"))
    batches = {batch_uuid(chain.identity(attempt=number)) for number in attempts}
    assert len(batches) == len(attempts)


def test_a_changed_run_is_archived_whole(chain: Chain) -> None:
    """An edited prompt of an experiment: the chain moves under attempts/, a new batch begins with attempt 1."""
    chain.whole()
    first = chain.run_file
    chain_files = {path.name: path.read_bytes() for path in chain.paths.chain() if path.exists()}
    write(chain.system_prompt, "Judge sternly.")
    second = chain.freeze()
    assert second.batch_uuid != first.batch_uuid
    assert second.identity.attempt == 1
    assert [path.name for path in chain.paths.chain() if path.exists()] == ["00_run.json"]
    (folder,) = chain.paths.attempts.iterdir()
    assert folder.name == f"{first.timestamp}_{str(first.batch_uuid)[:8]}"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == chain_files


def test_a_run_that_is_again_what_it_was_comes_back(chain: Chain) -> None:
    """Putting a prompt back brings its chain back, so nothing is judged again."""
    artefact = chain.whole()
    first = chain.run_file
    write(chain.system_prompt, "Judge sternly.")
    chain.freeze()
    write(chain.system_prompt, "Judge fairly.")
    assert chain.freeze() == first
    assert chain.paths.artefact.read_bytes() == artefact


def test_an_interrupted_archive_is_finished(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in the middle of archiving, the same command moves the rest; both chains are whole."""
    chain.whole()
    files = sorted(path.name for path in chain.paths.chain() if path.exists())
    write(chain.system_prompt, "Judge sternly.")
    moves: list[str] = []
    replace = Path.replace

    def killed(self: Path, target: Path) -> Path:
        if len(moves) == 3:
            raise KeyboardInterrupt
        moves.append(self.name)
        return replace(self, target)

    with monkeypatch.context() as interrupted:
        interrupted.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            chain.freeze()
    chain.freeze()
    assert archived(chain) == [files]
    assert [path.name for path in chain.paths.chain() if path.exists()] == ["00_run.json"]


def test_a_changed_run_of_the_command_line_is_refused(chain: Chain) -> None:
    """The same --batch-id with another prompt: both hashes are named, and nothing is changed."""
    chain.changes["origin"] = "command-line"
    first = chain.freeze()
    before = chain.paths.run.read_bytes()
    write(chain.system_prompt, "Judge sternly.")
    with pytest.raises(InputError, match="is taken") as caught:
        chain.freeze()
    after = chain.identity().system_prompt
    assert first.identity.system_prompt and after
    assert first.identity.system_prompt.sha256 in str(caught.value)
    assert after.sha256 in str(caught.value)
    assert "--fresh" in str(caught.value)
    assert chain.paths.run.read_bytes() == before


def test_a_fresh_run_is_the_next_attempt(chain: Chain) -> None:
    """--fresh repeats on purpose: another batch with the next attempt number, whatever the origin."""
    chain.changes["origin"] = "command-line"
    first = chain.freeze()
    write(chain.system_prompt, "Judge sternly.")
    chain.changes["fresh"] = True
    second = chain.freeze()
    assert (first.identity.attempt, second.identity.attempt) == (1, 2)
    assert archived(chain) == [["00_run.json"]]


def test_a_fresh_run_counts_the_attempts_of_a_lost_file(chain: Chain) -> None:
    """Without 00_run.json the number goes on from the archived attempts, and no earlier one comes back as fresh."""
    chain.freeze()
    chain.changes["fresh"] = True
    assert chain.freeze().identity.attempt == 2
    chain.paths.run.unlink()
    assert chain.freeze().identity.attempt == 2
    chain.changes["fresh"] = False
    chain.paths.run.unlink()
    assert chain.freeze().identity.attempt == 1, "the last number that is known"


def test_a_chain_without_its_first_file_is_kept_each_time(chain: Chain) -> None:
    """What stood there before is never overwritten: every byte received is kept."""
    for number in (1, 2):
        chain.freeze()
        end(chain, "completed")
        content = chain.paths.events.read_bytes() + b"\n" * number
        write_bytes(chain.paths.events, content)
        chain.paths.run.unlink()
        chain.freeze()
        assert (chain.paths.attempts / f"stray_{number}" / "45_events.jsonl").read_bytes() == content


def test_a_failed_batch_gets_the_next_attempt(chain: Chain) -> None:
    """Asking the platform again with the ids of a batch that it gave up would get the same failure again."""
    first = chain.freeze()
    end(chain, "failed")
    second = chain.freeze()
    assert (first.identity.attempt, second.identity.attempt) == (1, 2)
    assert second.batch_uuid != first.batch_uuid
    assert archived(chain) == [["00_run.json", "45_events.jsonl"]]
    assert chain.freeze() == second


def test_a_finished_batch_is_left_alone(chain: Chain) -> None:
    """Completion is no reason for another attempt, and its file is not touched any more."""
    first = chain.freeze()
    end(chain, "completed")
    chain.changes["completion_timeout"] = 5.0
    assert chain.freeze() == first


def test_the_time_to_wait_may_be_raised(chain: Chain) -> None:
    """What the remedy of a passed deadline advises has an effect on the same batch."""
    first = chain.freeze()
    chain.changes["completion_timeout"] = 9000.0
    second = chain.freeze()
    assert second.completion_timeout == 9000.0
    assert (second.batch_uuid, second.created_at) == (first.batch_uuid, first.created_at)


def test_attempts_never_share_a_timestamp(chain: Chain) -> None:
    """Reports are named by the second: five attempts within one have five names."""
    stamps = []
    for number in range(5):
        write(chain.system_prompt, f"Judge {number}.")
        stamps.append(chain.freeze().timestamp)
    assert len(set(stamps)) == 5


def test_a_clock_that_went_back_is_no_obstacle(chain: Chain) -> None:
    """A run that was made on a machine whose clock is ahead can be changed here at once."""
    first = chain.freeze()
    write_model(
        chain.paths.run, first.model_copy(update={"created_at": datetime.now(UTC) + timedelta(days=3)})
    )
    write(chain.system_prompt, "Judge sternly.")
    assert chain.freeze().created_at < datetime.now(UTC) + timedelta(days=1)


@pytest.mark.parametrize("content", ["", " \n\t\n", "\ufeff\n"])
def test_an_empty_prompt_is_refused(chain: Chain, content: str) -> None:
    """An empty prompt file would quietly measure another prompt."""
    write(chain.rubric, content)
    with pytest.raises(InputError, match="the rubric is empty") as caught:
        chain.freeze()
    assert caught.value.where == str(chain.rubric)
    assert not chain.paths.run.exists()


def test_a_prompt_that_is_not_there_is_refused(chain: Chain) -> None:
    """The path is named."""
    chain.system_prompt.unlink()
    with pytest.raises(InputError, match="does not exist") as caught:
        chain.freeze()
    assert caught.value.where == str(chain.system_prompt)


@pytest.mark.parametrize(
    ("what", "name", "known"), [("course_code", "TY7", "ENG5, ENG6"), ("language", "de", "en, sv")]
)
def test_courses_and_languages_are_the_platforms_only_there(
    chain: Chain, what: str, name: str, known: str
) -> None:
    """The stand-in takes any; before anything is sent to the platform, a stranger is refused with its list."""
    chain.changes[what] = name
    chain.freeze()
    chain.changes["platform"] = PlatformSettings(stack="external")
    with pytest.raises(InputError, match=rf"the platform knows no .* '{name}'\n.*{known}"):
        chain.freeze()


def test_refused_inputs_change_nothing(chain: Chain) -> None:
    """A broken essay leaves the earlier run and its chain as they are."""
    chain.whole()
    before = {path: path.read_bytes() for path in chain.paths.chain() if path.exists()}
    write(chain.project.anchors / "role_model_004_A.txt", "")
    with pytest.raises(InputError, match="empty"):
        chain.freeze()
    assert {path: path.read_bytes() for path in chain.paths.chain() if path.exists()} == before


def test_paths_are_relative_to_the_project(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A project may move; a prompt outside of it keeps its whole path."""
    outside = tmp_path_factory.mktemp("elsewhere") / "rubric.txt"
    write(outside, "Content counts.")
    chain.changes["rubric"] = outside
    identity = chain.freeze().identity
    assert identity.system_prompt and identity.system_prompt.path == "prompts/system.txt"
    assert identity.rubric and identity.rubric.path == outside.as_posix()


def test_only_the_run_file_has_a_clock(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Another project, later, with the same 00_run.json and the same store: every file has the same bytes."""
    chain.whole()
    later = Chain(tmp_path_factory.mktemp("later"), content=chain.content)
    for path in (chain.paths.run, chain.project.upload_journal):
        write_bytes(later.root / path.relative_to(chain.root), path.read_bytes())
    later.whole()
    files = {path.name: path.read_bytes() for path in chain.paths.chain() if path.exists()}
    assert len(files) == 7
    assert {path.name: path.read_bytes() for path in later.paths.chain() if path.exists()} == files


def test_the_identity_reads_back(chain: Chain) -> None:
    """00_run.json says whole and exactly who the run is."""
    chain.freeze()
    assert read_model(chain.paths.run, RunFile).identity == chain.identity()


def test_a_boundary_test_without_end() -> None:
    """A slip in the number of iterations is refused with the number of questions that it would mean."""
    many = [ListedPair(higher=f"H{n}", lower="L", iterations=1000) for n in range(501)]
    with pytest.raises(InputError, match="501 pairs would be asked 1,002,000 times"):
        refuse_endless(many)


def test_what_was_planned_is_frozen_with_the_run(chain: Chain) -> None:
    """The plan is made once a batch, for the file as it will be; the same run keeps it."""
    plans = [Spending(asked=6, cost_usd=0.5, seconds=9), Spending(asked=0, cost_usd=0.0, seconds=0.0)]
    asked_for: list[RunFile] = []

    def plan(run_file: RunFile) -> Spending:
        asked_for.append(run_file)
        return plans[len(asked_for) - 1]

    for _ in range(2):
        freeze(chain.paths, chain.settings, chain.look(), plan=plan)
        assert chain.run_file.planned == plans[0]
    assert [one.batch_uuid for one in asked_for] == [chain.run_file.batch_uuid]


def test_the_next_attempt_is_known_beforehand(chain: Chain) -> None:
    """The first, the same again while it stands, the next one where it was given up or is asked for afresh."""
    assert attempt_of(chain.paths, chain.settings) == 1
    chain.freeze()
    assert attempt_of(chain.paths, chain.settings) == 1
    assert attempt_of(chain.paths, chain.settings.model_copy(update={"fresh": True})) == 2
    end(chain, "failed")
    assert attempt_of(chain.paths, chain.settings) == 2
    assert chain.freeze().identity.attempt == 2


def test_the_commit_and_what_was_not_committed_are_frozen(chain: Chain) -> None:
    """Nothing outside of git; in it the commit, and whether a file of the study differs from it."""
    without = chain.freeze()
    assert (without.git_sha, without.git_dirty) == (None, None)

    def git(*arguments: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        done = subprocess.run(
            ["git", *who, *arguments], cwd=chain.root, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    git("init", "-q")
    (chain.root / ".gitignore").write_text("build/\n", encoding="utf-8")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    for text, dirty in (("first prompt", True), ("second prompt", True)):
        chain.system_prompt.write_text(text, encoding="utf-8")
        found = chain.freeze()
        assert (found.git_sha, found.git_dirty) == (git("rev-parse", "HEAD"), dirty)
    chain.system_prompt.write_text("third prompt", encoding="utf-8")
    git("commit", "-q", "-a", "-m", "second")
    assert chain.freeze().git_dirty is False
