"""Chains that a run had before: kept whole under `attempts/`, and brought back when the run is that one again."""

from __future__ import annotations

from pathlib import Path

from eng5.contracts.run import RunFile, RunIdentity
from eng5.errors import InputError
from eng5.files import read_bytes, read_model, write_bytes
from eng5.paths import RunnerPaths


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


def _identity(run_file: Path) -> RunIdentity | None:
    """Whose chain it is; None where the file is missing or damaged."""
    try:
        return read_model(run_file, RunFile).identity
    except InputError:
        return None
