"""The table of batches at providers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from eng5.console.tables import show_table

if TYPE_CHECKING:
    from eng5.judges.batches.overview import BatchNow

COLUMNS = ("Run", "Model", "Batch", "State", "Answered", "Kept", "Failed", "Age", "Cost")
NUMBERS = COLUMNS[4:]


def show_batches(batches: Sequence[BatchNow]) -> None:
    """One line a batch, and a line below for what could not be looked up."""
    if not batches:
        print('No batch was sent. `batching_mode = "provider_batch_api"` in a variant asks for them.')  # noqa: T201
        return
    now = datetime.now(UTC)
    show_table(COLUMNS, [_row(one, now) for one in batches], right=NUMBERS)
    for one in batches:
        if one.problem:
            print(f"{one.batch.provider_id}: shown as it was last seen: {one.problem}")  # noqa: T201


def _row(one: BatchNow, now: datetime) -> tuple[object, ...]:
    batch, look, has = one.batch, one.look, one.collected
    total = batch.total or "?"
    seen = look or batch
    answered = None if seen.done is None else seen.done + (seen.failed or 0)
    word = (look.word if look else batch.word) or batch.state
    return (
        batch.label,
        f"{batch.provider}/{batch.model}",
        batch.provider_id,
        "about to be sent" if batch.provider_id is None else word,
        f"of {total}" if answered is None else f"{answered} of {total}",
        has.verdicts,
        has.failed,
        _age(now - batch.intended_at),
        "n/a" if has.cost_usd is None else f"{has.cost_usd:.4f} USD",
    )


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes < 48 * 60 else f"{minutes // 1440} days"
