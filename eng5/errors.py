"""Everything that eng5 refuses, sorted by who must act. Each class knows its exit code.

Eng5Error                       (1) anything that is ours to report
├── InputError                  (2) the researcher: a file, an option, a table of experiments.toml
│   └── DamagedFileError        (2) a file of the chain that does not parse: delete it, run again
├── PreflightError              (3) the operator: assignment, anchors, prompt or token are not as needed
├── ServiceError                (4) the operator: a service cannot be reached or answers nonsense
├── BatchFailedError            (5) the platform gave the batch up
├── PartialDataError            (6) the deadline passed before all verdicts came; run again to go on
├── RunLockedError              (7) another process works on the same run
├── GateFailedError             (8) a prompt misses its targets
├── PeopleAwaitedError          (9) people have not answered all comparisons yet; run again when they have
├── BatchAwaitedError          (10) a provider has a batch of questions, which it answers within a day; run again later
└── InterruptedRunError       (130) Ctrl-C or SIGTERM
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar


class Eng5Error(Exception):
    """A refusal with its facts: what is wrong, where, and what to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, problem: str, *, where: object = None, remedy: str | None = None) -> None:
        self.problem = problem
        self.where = None if where is None else str(where)
        self.remedy = remedy
        place = f"{self.where}: " if self.where else ""
        hint = f"\n  → {remedy}" if remedy else ""
        super().__init__(f"{place}{problem}{hint}")


class InputError(Eng5Error):
    """A file or an option that the researcher has to mend."""

    exit_code = 2


class DamagedFileError(InputError):
    """A generated file that cannot be read back."""


class PreflightError(Eng5Error):
    """The platform is there, but not in the state that the mode needs."""

    exit_code = 3


class ServiceError(Eng5Error):
    """A service cannot be reached, or its answer cannot be used."""

    exit_code = 4


class BatchFailedError(Eng5Error):
    """The CJ service published the failed event for this batch."""

    exit_code = 5


class PartialDataError(Eng5Error):
    """The deadline passed; what came is journalled."""

    exit_code = 6


class RunLockedError(Eng5Error):
    """Another process holds the run or the stand-in."""

    exit_code = 7


class GateFailedError(Eng5Error):
    """At least one target of experiments.toml was missed."""

    exit_code = 8


class PeopleAwaitedError(Eng5Error):
    """The run's judges are people, and more answers of theirs are to come."""

    exit_code = 9


class BatchAwaitedError(Eng5Error):
    """The questions are with a provider, as a batch; nothing is wrong."""

    exit_code = 10


class InterruptedRunError(Eng5Error):
    """The user stopped the run; the same command goes on."""

    exit_code = 130


IN_THE_WAY = (IsADirectoryError, NotADirectoryError, FileExistsError)
NO_ROOM_OR_RIGHT = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO),
    *(errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT),
)
"""ENOENT: where no folder can be made, as below /proc."""


def in_the_way(error: OSError, where: object = None) -> InputError:
    """A folder where a file should be, or the other way round; `error` is one of `IN_THE_WAY`."""
    here, wanted = ("folder", "file") if isinstance(error, IsADirectoryError) else ("file", "folder")
    return InputError(
        f"a {here} is where a {wanted} should be",
        where=error.filename2 or error.filename or where,
        remedy="move it away, then run the same command again",
    )


def unwritable(error: OSError, *, where: object = None) -> Eng5Error:
    """No room, no right or something in the way as a message with a remedy; other errors are raised again."""
    if isinstance(error, IN_THE_WAY):
        return in_the_way(error, where)
    if error.errno == errno.ENAMETOOLONG:
        shown = f"{str(error.filename or where)[:80]}…"
        return InputError("the path is too long", where=shown, remedy="give a shorter one")
    if error.errno not in NO_ROOM_OR_RIGHT:
        raise error
    return Eng5Error(
        f"cannot be written ({error.strerror})",
        where=error.filename or where,
        remedy="make room or mend the rights, then run the same command again: it goes on from here",
    )


def as_refusal(raised: Eng5Error | OSError) -> Eng5Error:
    """A refusal as it is, an error of the system as `unwritable` says it."""
    return unwritable(raised) if isinstance(raised, OSError) else raised


@contextmanager
def nothing_in_the_way() -> Iterator[None]:
    """Turn the errors of `IN_THE_WAY` into InputError; for a block or a function."""
    try:
        yield
    except IN_THE_WAY as error:
        raise in_the_way(error) from None
