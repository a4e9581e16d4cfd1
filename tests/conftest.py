"""What all tests share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.panel.browser import browser

__all__ = ["browser"]

# Before numpy is imported: matrices of a dozen essays are slower on several threads, all the more so beside others.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# As on a user's machine, and the many short processes of the tests need not compile the code again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# No deadline: the machine may be busy with other things. `.ci/run thorough` takes the other profile.
settings.register_profile("quick", deadline=None, max_examples=25)
settings.register_profile("thorough", deadline=None, max_examples=200)
settings.load_profile("quick")


@pytest.fixture(autouse=True, scope="session")
def no_power_cuts() -> Iterator[None]:
    """Tests do not wait for the disk; `test_files.py` shows what is synced when."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield
