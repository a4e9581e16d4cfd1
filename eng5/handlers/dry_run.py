"""Dry run: a stub of the artefact with validation and manifest. No network, no broker."""

from __future__ import annotations

from datetime import UTC, datetime

from eng5.contracts.inventory import Inventory, InventoryFile
from eng5.contracts.own import with_fields_of
from eng5.files import write_chunks
from eng5.paths import RunnerPaths
from eng5.runs.log import log_validation_state, run_log
from eng5.services.judge_identity import own_judge
from eng5.settings import RunnerSettings


class DryRunHandler:
    """Writes `assessment_run.dry-run.json`, which the graph does not take for an artefact."""

    def execute(self, settings: RunnerSettings, inventory: Inventory, paths: RunnerPaths) -> int:
        """0, once the stub is written."""
        from eng5.reports.schema import ensure_schema_available
        from eng5.steps import artefact
        from eng5.steps.folding import Folded
        from eng5.steps.rows import Rows
        from eng5.steps.run import build, compose

        with run_log(paths, settings) as log:
            schema = ensure_schema_available()
            run = compose(
                settings.model_copy(update={"use_kafka": False}),
                paths.project,
                build(settings, paths.project, inventory, own_judge=own_judge(settings.judge, paths.project)),
                datetime.now(UTC),
            )
            stub = artefact.build(run, inventory, None, Folded(Rows(paths.stub.parent)), _manifest(inventory))
            write_chunks(paths.stub, artefact.with_checksum(stub))
            log_validation_state(log, settings, inventory, schema=str(schema), stub=paths.stub.name)
            log.say(f"Stub artefact: {paths.stub}")
        return 0


def _manifest(inventory: Inventory) -> list[InventoryFile]:
    texts = (inventory.instructions, inventory.prompt, inventory.grades)
    files = (*texts, *inventory.anchors, *inventory.students)
    return [with_fields_of(file, InventoryFile) for file in files if file is not None]
