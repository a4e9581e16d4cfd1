"""The batches that were sent, one file each under the stand-in's state: what a later process goes on from."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from eng5.contracts.provider_batch import SentBatch
from eng5.files import read_model, write_bytes, write_model

SENT_FOLDER = "provider_batches"


class SentBatches:
    """Reads and writes the files; DamagedFileError names one that does not parse."""

    def __init__(self, state: Path) -> None:
        self._folder = state / SENT_FOLDER

    def all(self) -> list[SentBatch]:
        """Oldest first."""
        found = [read_model(path, SentBatch) for path in self._folder.glob("*.json")]
        return sorted(found, key=lambda one: (one.intended_at, one.ident))

    def save(self, batch: SentBatch) -> SentBatch:
        """Return when it is on the disk."""
        write_model(self.place(batch), batch)
        return batch

    def forget(self, batch: SentBatch) -> None:
        """It was never created."""
        self.place(batch).unlink(missing_ok=True)

    def place(self, batch: SentBatch) -> Path:
        """The file of a batch."""
        return self._folder / f"{batch.ident}.json"

    def note_cancel(self, batch: SentBatch) -> None:
        """The user asks for its end; a file of its own, because a run that waits writes the other."""
        write_bytes(self._note(batch), datetime.now(UTC).isoformat().encode())

    def cancel_was_asked(self, batch: SentBatch) -> bool:
        """Whether the user asked for its end."""
        return self._note(batch).exists()

    def _note(self, batch: SentBatch) -> Path:
        return self._folder / f"{batch.ident}.cancelled"
