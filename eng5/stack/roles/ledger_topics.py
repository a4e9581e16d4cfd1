"""What `eng5 ledger` shows of a Kafka cluster: the verdicts and batches of all CJ services and judges around it."""

import asyncio
import contextlib
import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError

from eng5.contracts.wire.topics import BATCH, VERDICT
from eng5.judges.ledger import Entry
from eng5.judges.ledger_view import JudgeUse, LedgerView
from eng5.stack.broker import Cluster
from eng5.stack.cj_core.batch import BatchRecord
from eng5.stack.roles.compacted_table import Table
from eng5.stack.roles.verdict_ledger import read_state, shared_key


def ledger_of_cluster(address: str, config: Mapping[str, str]) -> list[JudgeUse]:
    """All judges, by provider and model; none where the cluster has no ledger. ServiceError when it cannot be read."""
    cluster = Cluster(address, config)
    try:
        if not {VERDICT, BATCH} <= cluster.topics():
            return []
        return asyncio.run(_view(cluster))
    finally:
        cluster.stop()


async def _view(cluster: Cluster) -> list[JudgeUse]:
    with tempfile.TemporaryDirectory(prefix="eng5-ledger-") as folder:
        async with contextlib.AsyncExitStack() as stack:
            tables = {}
            for topic in (VERDICT, BATCH):
                table = tables[topic] = Table(
                    cluster, topic, Path(folder) / topic, lambda rows: None, lambda error: None
                )
                stack.callback(table.close)
                table.follow(None)
            for table in tables.values():
                await table.caught_up()
            view = LedgerView()
            _count_verdicts(view, tables[VERDICT])
            _count_uses(view, (value for _, value in tables[BATCH].items()))
            return view.judges()


def _count_verdicts(view: LedgerView, table: Table) -> None:
    """A verdict that was wanted fresh may stand under two keys, and counts once."""
    for key, value in table.items():
        entry = read_state(value)
        if not isinstance(entry, Entry):
            continue
        shared = shared_key(entry.key)
        if key == shared or value != table.get(shared):
            view.count(entry, times_asked=int(json.loads(value).get("asked", 1)))


def _count_uses(view: LedgerView, values: Iterable[bytes]) -> None:
    for value in values:
        with contextlib.suppress(ValidationError):
            use = BatchRecord.model_validate_json(value).use
            if use is not None:
                view.reuse(use.provider, use.model, use.reused)
