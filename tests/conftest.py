"""What all tests share."""

from __future__ import annotations

import gc
import os
import shlex
import shutil
import ssl
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests import forked
from tests.people.browser import browser

__all__ = ["browser"]

# Before numpy is imported: matrices of a dozen essays are slower on several threads, all the more so beside others.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# As on a user's machine, and the many short processes of the tests need not compile the code again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Thousands of small files are written and removed: in memory, where there is enough of it.
MEMORY = Path("/dev/shm")
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2_000_000_000:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# No deadline: the machine may be busy with other things. The examples of the first two are the same in every run,
# so that a red run accuses what was changed; `search` looks for new ones.
settings.register_profile("quick", deadline=None, max_examples=25, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=200, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("quick")


@pytest.fixture(autouse=True, scope="session")
def no_power_cuts() -> Iterator[None]:
    """Tests do not wait for the disk; `test_files.py` shows what is synced when."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(autouse=True, scope="session")
def certificates() -> Iterator[None]:
    """The trusted certificates are read once; each HTTP client would do so, which takes longer than most requests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


def pytest_xdist_auto_num_workers() -> int:
    """Three for two cores: tests wait for sockets and processes, and each worker imports everything first."""
    return 3 * len(os.sched_getaffinity(0)) // 2 or 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(specs: list[Any]) -> None:
    """Workers that have imported everything before they begin: each is forked from the same process."""
    if sys.platform == "linux":
        os.environ[forked.SESSION] = str(os.getpid())
        for spec in specs:
            spec.python = shlex.join([sys.executable, "-P", forked.__file__])


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: the collector of garbage need not look at it again."""
    gc.collect()
    gc.freeze()
