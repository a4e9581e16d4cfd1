"""Comparisons of another tool → 50_artefact.json, in place of the chain before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import normalize
from uuid import NAMESPACE_URL, uuid5

from eng5.contracts.artefact import (
    Artefact,
    Comparison,
    Costs,
    Imported,
    Inputs,
    Metadata,
    NamedEssay,
    Validation,
)
from eng5.contracts.experiments import Experiments
from eng5.contracts.identifiers import generate_essay_id
from eng5.contracts.inventory import Essay, InventoryFile
from eng5.contracts.modes import RunnerMode
from eng5.contracts.run import JudgeSettings
from eng5.errors import InputError
from eng5.essays.grades import Grades, read_grades
from eng5.essays.imported_comparisons import Decision, Decisions, read_decisions
from eng5.files import read_bytes, read_model, sha256_bytes, write_chunks
from eng5.paths import ProjectPaths, RunnerPaths, essay_files
from eng5.settings import boundary_names, run_names
from eng5.steps import inventory
from eng5.steps.artefact import with_checksum

PROVIDER = "imported"


def build(
    name: str,
    found: Decisions,
    source: InventoryFile,
    anchors: Sequence[Essay],
    grades: Grades,
    experiments: Experiments,
    *,
    changed_at: datetime,
    version: str,
    people: bool = False,
    pseudonyms: Mapping[str, str] | None = None,
) -> Artefact:
    """The artefact of a file's comparisons.

    Args:
        name: of the run.
        found: the comparisons.
        source: the file.
        anchors: essays whose texts are here; a name of the file that is an anchor's id or file name is that anchor.
        grades: of grades.csv, for essays whose texts are not here.
        experiments: grade scale, course and language.
        changed_at: of the file, for comparisons without times.
        version: of eng5.
        people: the judges are people.
        pseudonyms: what judges are called in place of their names, by name; None keeps the names.
    """
    by_name = {
        _same(each): anchor
        for anchor in anchors
        for each in (anchor.file_name, Path(anchor.file_name).stem, str(anchor.anchor_id))
    }
    names = dict.fromkeys(side for row in found.rows for side in (row.left, row.right))
    here = {each: by_name[_same(each)] for each in names if _same(each) in by_name}
    named = _named([each for each in names if each not in here], grades)
    ids = {each: anchor.essay_id for each, anchor in here.items()}
    ids |= {written: essay.essay_id for written, essay in named.items()}
    called = pseudonyms or {}
    comparisons = [
        _comparison(number, row, ids, name, called.get(row.judge or "", row.judge or name))
        for number, row in enumerate(found.rows, start=1)
    ]
    known = [row.ended_at for row in found.rows if row.ended_at is not None]
    made_at = max(known, default=changed_at).astimezone(UTC)
    judges = Counter(row.model for row in comparisons)
    return Artefact(
        metadata=_metadata(name, found, source, experiments, made_at, version=version, people=people),
        inputs=Inputs(
            instructions=None,
            prompt=None,
            anchors=[anchor for anchor in anchors if anchor in here.values()],
            students=[],
            named=list(named.values()),
        ),
        llm_comparisons=comparisons,
        bt_summary=[],
        costs=Costs(total_usd=None, token_counts=[]),
        validation=Validation(
            artefact_checksum="",
            manifest=[source],
            complete=True,
            batch_status="completed",
            observed={},
            duplicates=0,
            quarantined=[],
            model_used=next(iter(judges)) if len(judges) == 1 else f"{len(judges)} judges",
            provider_used=PROVIDER,
        ),
    )


def _metadata(
    name: str,
    found: Decisions,
    source: InventoryFile,
    experiments: Experiments,
    made_at: datetime,
    *,
    version: str,
    people: bool,
) -> Metadata:
    """Of a run that was never asked for: what a request would say is None."""
    return Metadata(
        runner_mode=RunnerMode.ANCHOR_ALIGN_TEST,
        batch_id=name,
        batch_uuid=uuid5(NAMESPACE_URL, f"eng5:imported:{source.sha256}"),
        attempt=1,
        replicate=1,
        generated_at=made_at,
        timestamp=made_at.strftime("%Y%m%d_%H%M%S"),
        assignment_id=None,
        course_id=None,
        course_code=experiments.course_code,
        language=experiments.language,
        grade_scale=experiments.grade_scale,
        runner_version=version,
        git_sha=None,
        judge=JudgeSettings(provider=PROVIDER),
        system_prompt=None,
        rubric=None,
        max_comparisons=None,
        boundary=None,
        imported=Imported(
            file=Path(source.path).name,
            sha256=source.sha256,
            columns=dict(found.columns),
            positions=found.positions,
            people=people,
        ),
    )


def _named(names: Sequence[str], grades: Grades) -> dict[str, NamedEssay]:
    """Essays without a text, by the name that the file has for them."""
    files = {_same(entry.anchor_id): entry.name for entry in grades.entries.values() if entry.anchor_id}
    files |= {_same(Path(entry.name).stem): entry.name for entry in grades.entries.values()}
    files |= {_same(entry.name): entry.name for entry in grades.entries.values()}
    found = {}
    for name in names:
        known = files.get(_same(name))
        row = None if known is None else grades.of(Path(known))
        found[name] = NamedEssay(
            essay_id=generate_essay_id(name),
            name=name,
            grade=None if row is None else row.grade,
            grades={} if row is None else dict(row.by_grader),
        )
    twins = Counter(essay.essay_id for essay in found.values())
    return {
        name: essay.model_copy(
            update={"essay_id": f"{essay.essay_id[:27]}_{sha256_bytes(name.encode())[:8]}"}
        )
        if twins[essay.essay_id] > 1
        else essay
        for name, essay in found.items()
    }


def _same(name: str) -> str:
    """A name in the spelling in which two are compared: any case, accents in one part."""
    return normalize("NFC", name).casefold()


def pseudonyms_of(names: Iterable[str | None]) -> dict[str, str]:
    """judge-1, judge-2 … in the order of the names, which the same file therefore gives again."""
    known = sorted({name for name in names if name is not None}, key=lambda name: (name.casefold(), name))
    return {name: f"judge-{number:0{len(str(len(known)))}}" for number, name in enumerate(known, start=1)}


def _comparison(number: int, row: Decision, ids: Mapping[str, str], name: str, judge: str) -> Comparison:
    left, right = ids[row.left], ids[row.right]
    winner = None if row.winner is None else ids[row.winner]
    return Comparison(
        sequence=number,
        request_id=f"line-{row.line}",
        correlation_id=uuid5(NAMESPACE_URL, f"eng5:imported:{name}:{row.line}"),
        status="failed" if not row.decided else "succeeded" if winner else "tie",
        essay_a_id=left,
        essay_b_id=right,
        winner_id=winner,
        loser_id=None if winner is None else right if winner == left else left,
        justification=row.comment,
        failure_reason=None if row.decided else "nothing was chosen",
        provider=PROVIDER,
        model=judge,
        started_at=row.started_at,
        completed_at=row.ended_at,
    )


def run(
    project: ProjectPaths,
    experiments: Experiments,
    file: Path,
    mapping: Mapping[str, str],
    *,
    name: str,
    grades: Path | None,
    anchors_folder: Path,
    version: str,
    people: bool = False,
    keep_names: bool = False,
) -> tuple[RunnerPaths, Artefact, dict[str, str]]:
    """Read the file, write build/<name>/50_artefact.json.

    Returns:
        Where, what, and the pseudonym of each judge by name: people get one unless `keep_names`. Which judge is
        which is kept nowhere.

    Raises:
        InputError: what the file has is not understood, or the name is that of a run of eng5's own.
    """
    paths = project.run(name)
    if name in {*run_names(experiments), *boundary_names(experiments)} or _is_own(paths):
        raise InputError(
            f"'{name}' is a run of this project's own",
            where=paths.folder,
            remedy="give the imported comparisons another name: --as NAME",
        )
    found = read_decisions(file, mapping)
    content = read_bytes(file)
    source = InventoryFile(path=file.name, bytes=len(content), sha256=sha256_bytes(content))
    anchors: list[Essay] = []
    if any(True for _ in essay_files(anchors_folder)):
        anchors = inventory.build(
            project,
            anchors_folder,
            grade_scale=experiments.grade_scale,
            language=experiments.language,
            privacy=experiments.privacy,
        ).anchors
    rows = read_grades(grades or project.grades, experiments.grade_scale)
    changed_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    called = pseudonyms_of(row.judge for row in found.rows) if people and not keep_names else {}
    artefact = build(
        name, found, source, anchors, rows, experiments,
        changed_at=changed_at, version=version, people=people, pseudonyms=called,
    )  # fmt: skip
    write_chunks(paths.artefact, with_checksum(artefact))
    return paths, artefact, called


def _is_own(paths: RunnerPaths) -> bool:
    """The folder holds a run that was not imported."""
    if not paths.artefact.is_file():
        return paths.run.exists()
    return read_model(paths.artefact, Artefact).metadata.imported is None
