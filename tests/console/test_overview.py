"""A run's state from whatever files it has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eng5.console.overview import overview
from eng5.contracts.journal import END_PREFIX
from eng5.contracts.wire.topics import CJ_FAILED
from eng5.errors import BatchFailedError
from eng5.files import JsonLines
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


def test_a_repeated_callback_counts_once(tmp_path: Path) -> None:
    """After an interruption the same requests are answered again; what is no callback is no answer."""
    chain = Chain(tmp_path)
    chain.whole()
    lines = [line for line in JsonLines(chain.paths.events) if not line.startswith(END_PREFIX)]
    JsonLines(chain.paths.events).append([*lines, lines[0].replace(b'"request_id"', b'"no_id"', 1)])
    assert state(chain)[1] == "6 of 6"


def test_more_answers_than_were_asked_for(tmp_path: Path) -> None:
    """The count never goes beyond the total."""
    chain = Chain(tmp_path)
    chain.whole()
    line = next(iter(JsonLines(chain.paths.events)))
    JsonLines(chain.paths.events).append([line.replace(b"request-00000", b"another")])
    assert state(chain)[1] == "6 of 6"


@pytest.mark.parametrize("content", [b"", b'{"event_id"', b'{"data": {}}'])
def test_a_damaged_request_is_named(tmp_path: Path, content: bytes) -> None:
    """File, problem and remedy in one line; the verdicts are counted all the same."""
    chain = Chain(tmp_path)
    chain.whole()
    chain.paths.envelope.write_bytes(content)
    seen = overview(chain.paths, chain.settings)
    assert (seen.state, seen.progress) == ("damaged", "6")
    assert seen.damage is not None and "\n" not in seen.damage
    assert seen.damage.startswith(f"{chain.paths.envelope}: damaged: ") and "→ delete the file" in seen.damage


def test_a_request_of_other_data_is_damaged(tmp_path: Path) -> None:
    """An envelope whose data are no request."""
    chain = Chain(tmp_path)
    chain.up_to_published()
    document = json.loads(chain.paths.envelope.read_bytes())
    chain.paths.envelope.write_text(json.dumps(document | {"data": {}}))
    assert state(chain) == ("damaged", "0")
