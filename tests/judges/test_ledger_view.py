"""The ledger, summed up by judge."""

from collections.abc import Callable
from pathlib import Path

import pytest

from eng5.errors import DamagedFileError
from eng5.judges.ledger import LEDGER_FILE, LEDGER_USE_FILE
from eng5.judges.ledger_view import ledger_view
from tests.bench import Bench


def test_an_empty_folder_has_no_judges(tmp_path: Path) -> None:
    """No ledger is an empty ledger."""
    assert ledger_view(tmp_path) == []


def test_entries_and_hits_are_counted_by_judge(
    make_bench: Callable[..., Bench], twelve_essays: dict[str, str], tmp_path: Path
) -> None:
    """66 asked, 66 taken from the ledger by a second batch, once, although it was sent twice."""
    bench = make_bench()
    bench.run(bench.request(twelve_essays))
    again = bench.request(twelve_essays)
    bench.run(again)
    bench.run(again)
    faulty = {"simulated": {"tie_rate": 0.5, "error_rate": 0.1, "seed": 1}}
    bench.run(bench.request(twelve_essays, model="simulated", metadata=faulty))
    simulated, surface = ledger_view(tmp_path / "state")
    assert (surface.model, surface.entries, surface.hits, len(surface.batches)) == ("surface", 66, 66, 1)
    assert (simulated.entries, simulated.hits, simulated.unpriced) == (66, 0, 0)
    assert simulated.ties > 20
    assert 0 < simulated.errors < 14


@pytest.mark.parametrize("name", [LEDGER_FILE, LEDGER_USE_FILE])
@pytest.mark.parametrize("line", ['{"half": ', "{}", "3"])
def test_a_damaged_line_is_named(tmp_path: Path, name: str, line: str) -> None:
    """Of either file: its name, the number of the line, and what to do."""
    path = tmp_path / name
    path.write_text(f"{line}\n")
    with pytest.raises(DamagedFileError, match="line 1") as damage:
        ledger_view(tmp_path)
    assert (damage.value.where, bool(damage.value.remedy)) == (str(path), True)
