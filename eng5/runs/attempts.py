"""Chains that a run had before: kept whole under `attempts/`, and brought back when the run is that one again."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from eng5.contracts.artefact import Metadata
from eng5.contracts.run import RunFile, RunIdentity
from eng5.errors import InputError
from eng5.files import read_bytes, read_model, write_bytes
from eng5.paths import RunnerPaths


class AttemptHead(BaseModel):
    """As much of an artefact as says what it is of."""

    metadata: Metadata


def archive(paths: RunnerPaths, current: RunFile | None) -> None:
    """Move the chain into `attempts/<timestamp>_<batch>/`, `00_run.json` last; into `stray_<n>/` without that one."""
    strays = len(list(paths.attempts.glob("stray_*/")))
    name = f"{current.timestamp}_{str(current.batch_uuid)[:8]}" if current else f"stray_{strays + 1}"
    folder = paths.attempts / name
    for path in reversed(paths.chain()):
        if path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            path.replace(folder / path.name)


def bring_back(paths: RunnerPaths, identity: RunIdentity) -> bool:
    """Copy the archived chain of `identity` back, `00_run.json` last; False when there is none."""
    for folder in sorted(paths.attempts.glob("*/"), reverse=True):
        if _identity(folder / paths.run.name) != identity:
            continue
        for path in reversed(paths.chain()):
            if (folder / path.name).exists():
                write_bytes(path, read_bytes(folder / path.name))
        return True
    return False


def last_attempt(paths: RunnerPaths) -> int:
    """The highest number among the archived attempts; 0 without any."""
    known = (_identity(folder / paths.run.name) for folder in paths.attempts.glob("*/"))
    return max((identity.attempt for identity in known if identity is not None), default=0)


def differences(before: RunIdentity, after: RunIdentity) -> str:
    """The fields that differ, with both values; texts and essays by their hashes."""
    old, new = (_flat(one.model_dump(mode="json")) for one in (before, after))
    keys = [key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)]
    return "; ".join(f"{key}: {_short(old.get(key))} → {_short(new.get(key))}" for key in keys)


def _flat(fields: dict[str, Any], above: str = "") -> dict[str, Any]:
    """`judge.model` in place of a table in a table; a file of a text stays one value."""
    found: dict[str, Any] = {}
    for key, value in fields.items():
        if isinstance(value, dict) and "path" not in value:
            found |= _flat(value, f"{above}{key}.")
        else:
            found[above + key] = value
    return found


def _short(value: object) -> str:
    if isinstance(value, dict):
        return f"{value['path']} {value['sha256']}"
    if isinstance(value, list):
        return f"{len(value)} entries"
    return "none" if value is None else str(value)


def every_attempt(paths: RunnerPaths) -> list[RunnerPaths]:
    """The folders of all attempts, each batch once, the earliest first; the present one as the run itself."""
    folders = [paths, *(paths.earlier(folder.name) for folder in paths.attempts.glob("*/"))]
    known: dict[str, tuple[str, RunnerPaths]] = {}
    for each in folders:
        when = _created(each)
        if when is not None:
            known.setdefault(when[1], (when[0], each))
    return [each for _, each in sorted(known.values(), key=lambda one: (one[0], one[1].name))]


def present_batch(paths: RunnerPaths) -> UUID | None:
    """The batch that the run is now; None before it is made."""
    created = _created(paths)
    return None if created is None else UUID(created[1])


def _created(paths: RunnerPaths) -> tuple[str, str] | None:
    """When an attempt was made, and its batch; None where neither file can be read."""
    try:
        if paths.run.is_file():
            run = read_model(paths.run, RunFile)
            return run.timestamp, str(run.batch_uuid)
        if paths.artefact.is_file():
            about = read_model(paths.artefact, AttemptHead).metadata
            return about.timestamp, str(about.batch_uuid)
    except InputError:
        pass
    return None


def _identity(run_file: Path) -> RunIdentity | None:
    """Whose chain it is; None where the file is missing or damaged."""
    try:
        return read_model(run_file, RunFile).identity
    except InputError:
        return None
