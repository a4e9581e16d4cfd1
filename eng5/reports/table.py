"""The comparisons of all runs as a table, for pandas, polars and everything else that reads columns.

import pandas
from eng5.reports.table import comparisons

table = pandas.DataFrame(comparisons("path/to/project"))
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path

from eng5.contracts.artefact import Artefact, Comparison
from eng5.files import CHUNK, read_model, write_chunks
from eng5.paths import ProjectPaths
from eng5.settings import variant_of

Value = str | int | float | bool | None
Columns = dict[str, list[Value]]

COLUMNS = (
    "run",
    "variant",
    "replicate",
    "mode",
    "batch_uuid",
    "attempt",
    "system_prompt",
    "rubric",
    "sequence",
    "essay_a",
    "essay_b",
    "essay_a_id",
    "essay_b_id",
    "grade_a",
    "grade_b",
    "level_a",
    "level_b",
    "status",
    "winner",
    "winner_position",
    "higher_grade_won",
    "confidence",
    "provider",
    "model",
    "tokens_prompt",
    "tokens_completion",
    "cost_usd",
    "reused",
    "error_code",
    "started_at",
    "completed_at",
)

OF_THE_COMPARISON = tuple(name for name in COLUMNS if name in Comparison.model_fields)


def comparisons(project_root: str | Path = ".") -> Columns:
    """Every comparison of every run under `build/` that has an artefact, one row each, as columns.

    Rows are ordered by run and by `sequence`. Texts of essays, and what a judge says of them, are left out;
    both are in `build/RUN/50_artefact.json`.

    Columns:
        run, variant, replicate: `v.r2` is the second replicate of the variant `v`.
        mode, batch_uuid, attempt: of the run.
        system_prompt, rubric: SHA-256 of the text; None when the service used its own.
        sequence: 1-based number within the run.
        essay_a, essay_b: names; A was shown first.
        essay_a_id, essay_b_id: ids on the wire.
        grade_a, grade_b: expert grades; None when unknown.
        level_a, level_b: their places on the grade scale, 0 the lowest.
        status: succeeded, tie or failed.
        winner: name of the essay that won; None for a tie or a failure.
        winner_position: A or B.
        higher_grade_won: None unless it was decided between known, different grades.
        confidence: as stated by the judge, 1 to 5.
        provider, model, tokens_prompt, tokens_completion, cost_usd: of the judge.
        reused: the verdict was first asked for by an earlier batch.
        error_code: of a failed comparison.
        started_at, completed_at: ISO 8601, UTC; None where an imported file does not say.

    Raises:
        InputError: an artefact cannot be read.
    """
    project = ProjectPaths.at(Path(project_root))
    columns: Columns = {column: [] for column in COLUMNS}
    for name in project.runs():
        path = project.run(name).artefact
        if path.is_file():
            for row in _rows(name, read_model(path, Artefact)):
                for column, values in columns.items():
                    values.append(row[column])
    return columns


def _rows(run: str, artefact: Artefact) -> Iterator[dict[str, Value]]:
    about = artefact.metadata
    essays = {essay.essay_id: essay for essay in (*artefact.inputs.anchors, *artefact.inputs.students)}
    of_service = {score.essay_id: score.anchor_grade for score in artefact.bt_summary}
    named = {essay.essay_id: essay for essay in artefact.inputs.named}

    def described(essay_id: str) -> tuple[str, str | None, int | None]:
        if (only := named.get(essay_id)) is not None:
            return only.name, only.grade, about.grade_scale.level(only.grade) if only.grade else None
        essay = essays.get(essay_id)
        name = essay_id if essay is None else essay.anchor_id or essay.essay_id
        grade = of_service.get(essay_id) if essay is None else essay.grade
        return name, grade, about.grade_scale.level(grade) if grade else None

    shared: dict[str, Value] = {
        "run": run,
        "variant": variant_of(run, about.replicate),
        "replicate": about.replicate,
        "mode": about.runner_mode.value,
        "batch_uuid": str(about.batch_uuid),
        "attempt": about.attempt,
        "system_prompt": about.system_prompt.sha256 if about.system_prompt else None,
        "rubric": about.rubric.sha256 if about.rubric else None,
    }
    for row in _in_sequence(artefact.llm_comparisons):
        yield shared | _row(row, described(row.essay_a_id), described(row.essay_b_id))


def _in_sequence(rows: Sequence[Comparison]) -> Iterable[Comparison]:
    """As an artefact of ours lists them anyway; only another one is taken into memory to be sorted."""
    in_order = all(one.sequence < other.sequence for one, other in pairwise(rows))
    return rows if in_order else sorted(rows, key=lambda row: row.sequence)


def _row(
    row: Comparison, first: tuple[str, str | None, int | None], second: tuple[str, str | None, int | None]
) -> dict[str, Value]:
    (name_a, grade_a, level_a), (name_b, grade_b, level_b) = first, second
    a_won = None if row.winner_id is None else row.winner_id == row.essay_a_id
    ordered = level_a is not None and level_b is not None and level_a != level_b
    higher_won = None
    if ordered and a_won is not None:
        higher_won = a_won == ((level_a or 0) > (level_b or 0))
    return {name: getattr(row, name) for name in OF_THE_COMPARISON} | {
        "essay_a": name_a,
        "essay_b": name_b,
        "grade_a": grade_a,
        "grade_b": grade_b,
        "level_a": level_a,
        "level_b": level_b,
        "winner": None if a_won is None else name_a if a_won else name_b,
        "winner_position": None if a_won is None else "A" if a_won else "B",
        "higher_grade_won": higher_won,
        "started_at": row.started_at.isoformat() if row.started_at else None,
        "completed_at": row.completed_at.isoformat() if row.completed_at else None,
    }


def build(columns: Columns) -> Iterator[bytes]:
    """CSV with a header, lines ending in a newline; true and false in lower case, nothing for None."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in chain([columns], zip(*columns.values(), strict=True)):
        writer.writerow(map(_plain, row))
        if text.tell() > CHUNK:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _plain(value: Value) -> Value:
    return str(value).lower() if isinstance(value, bool) else value


def run(project: ProjectPaths) -> None:
    """Write every comparison of every run that has an artefact."""
    write_chunks(project.export, build(comparisons(project.root)))
