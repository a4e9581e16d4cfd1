"""A run's state from whatever files it has."""

from __future__ import annotations

from pathlib import Path

import pytest

from eng5.contracts.topics import CJ_FAILED
from eng5.errors import BatchFailedError
from eng5.overview import overview
from tests import messages
from tests.chain import Chain


def state(chain: Chain) -> tuple[str, str]:
    seen = overview(chain.paths, chain.settings)
    return seen.state, seen.progress


def test_every_step_moves_the_state(tmp_path: Path) -> None:
    """From nothing to answered; verdicts are counted against what was asked for."""
    chain = Chain(tmp_path)
    states = [state(chain)]
    chain.freeze()
    chain.take_stock()
    states.append(state(chain))
    chain.upload()
    states.append(state(chain))
    chain.ask()
    states.append(state(chain))
    chain.publish()
    states.append(state(chain))
    chain.answer()
    chain.capture()
    states.append(state(chain))
    assert states == [
        ("not started", "0"),
        ("made", "0"),
        ("uploaded", "0"),
        ("composed", "0 of 6"),
        ("waiting for answers", "0 of 6"),
        ("answered", "6 of 6"),
    ]


def test_a_failed_batch(tmp_path: Path) -> None:
    """The failed event is the last word."""
    chain = Chain(tmp_path)
    run_file = chain.up_to_published()
    chain.broker.put(CJ_FAILED, messages.raw(messages.failed(run_file.batch_uuid)))
    with pytest.raises(BatchFailedError):
        chain.capture()
    assert state(chain)[0] == "failed"


def test_a_damaged_run_file_does_not_hide_the_rest(tmp_path: Path) -> None:
    """The overview is for finding out; it shows what can be read."""
    chain = Chain(tmp_path)
    chain.up_to_published()
    chain.paths.run.write_text("{")
    seen = overview(chain.paths, chain.settings)
    assert (seen.state, seen.attempt) == ("waiting for answers", None)
