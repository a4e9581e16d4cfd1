"""Step `uploads`: every essay's text at the Content Service, each text once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TypeVar

from eng5.contracts.inventory import Essay, Inventory
from eng5.contracts.privacy import Privacy
from eng5.contracts.run import RunFile
from eng5.contracts.uploads import UploadRecord, Uploads
from eng5.errors import InputError
from eng5.essays.reading import text_to_send
from eng5.files import JsonLines, parse_model, read_model, read_text, sha256_text, write_model
from eng5.paths import RunnerPaths
from eng5.protocols import ContentUploaderProtocol, ProgressProtocol, ShowProgress
from eng5.runs.registry import batch_end

CONCURRENCY = 10
POLL_SECONDS = 0.5
Answer = TypeVar("Answer")


def essays_to_send(run: RunFile, inventory: Inventory) -> list[Essay]:
    """The anchors; of a boundary test those that it asks about; the students in execute mode.

    In execute mode the CJ service owns the anchors.
    """
    if run.identity.mode.about.sends == "students":
        return inventory.students
    if run.identity.boundary is None:
        return inventory.anchors
    asked = {name for pair in run.identity.boundary for name in (pair.higher, pair.lower)}
    return [anchor for anchor in inventory.anchors if anchor.anchor_id in asked]


def build(
    texts: Mapping[str, bytes],
    uploader: ContentUploaderProtocol,
    known: Mapping[str, str],
    stored: Callable[[str, str], None],
    progress: ProgressProtocol,
) -> dict[str, str]:
    """Storage ids of `texts` (SHA-256 → UTF-8 text); those of `known` that the store has are kept.

    `stored` is called after each upload with hash and id, from this thread. When one fails or the user stops, no
    further one begins, and those under way are waited for and noted: a stop loses nothing.
    """
    ids: dict[str, str] = {}

    def keep(sha: str, is_there: bool) -> None:
        if is_there:
            ids[sha] = known[sha]
            progress.advance(len(ids))

    def note(sha: str, storage_id: str) -> None:
        ids[sha] = storage_id
        stored(sha, storage_id)
        progress.advance(len(ids))

    with ThreadPoolExecutor(CONCURRENCY) as pool:
        checks = {pool.submit(uploader.has, known[sha]): sha for sha in texts if sha in known}
        _take_all(checks, keep, progress)
        sent = {pool.submit(uploader.upload, texts[sha]): sha for sha in texts if sha not in ids}
        _take_all(sent, note, progress)
    return ids


def _take_all(
    pending: Mapping[Future[Answer], str], take: Callable[[str, Answer], None], progress: ProgressProtocol
) -> None:
    """`take` each answer as it comes; after a failure or a stop only those of requests that are under way."""
    left = set(pending)
    try:
        while left:
            finished, _ = wait(left, POLL_SECONDS, FIRST_COMPLETED)
            if not finished:
                progress.wait("waiting for the Content Service")
            for future in finished:
                left.remove(future)
                take(pending[future], future.result())
    except BaseException:
        under_way = [future for future in left if not future.cancel()]
        for future in under_way:
            if future.exception() is None:
                take(pending[future], future.result())
        raise


def run(
    paths: RunnerPaths,
    uploader: ContentUploaderProtocol,
    progress: ShowProgress,
    *,
    privacy: Privacy = Privacy(),  # noqa: B008 - frozen
    force: bool = False,
) -> None:
    """Upload what is missing and write 20_uploads.json; each id is journalled as soon as it is known."""
    run_file = read_model(paths.run, RunFile)
    inventory = read_model(paths.inventory, Inventory)
    texts = {
        essay.text_sha256: _text(paths, essay, privacy).encode()
        for essay in essays_to_send(run_file, inventory)
    }
    prompt = None
    if run_file.identity.mode.about.sends == "students" and run_file.identity.assignment_id is None:
        text = read_text(paths.project.prompt)
        prompt = sha256_text(text)
        texts[prompt] = text.encode()
    if not force and _answered_with(paths, set(texts)):
        return
    journal = JsonLines(paths.project.upload_journal)
    known = {} if force else _known(journal, uploader.address)

    def stored(sha: str, storage_id: str) -> None:
        record = UploadRecord(content_service=uploader.address, text_sha256=sha, storage_id=storage_id)
        journal.append([record.model_dump_json().encode()])

    with progress(len(texts)) as shown:
        ids = build(texts, uploader, known, stored, shown)
    write_model(
        paths.uploads,
        Uploads(
            content_service=uploader.address,
            storage_ids={sha: ids[sha] for sha in sorted(ids) if sha != prompt},
            prompt_storage_id=ids[prompt] if prompt else None,
        ),
    )


def _answered_with(paths: RunnerPaths, texts: set[str]) -> bool:
    """The batch is answered, and 20_uploads.json has these texts: their ids are not needed again."""
    if batch_end(paths) is None or not paths.uploads.exists():
        return False
    uploads = read_model(paths.uploads, Uploads)
    return texts <= set(uploads.storage_ids)


def _text(paths: RunnerPaths, essay: Essay, privacy: Privacy) -> str:
    path = paths.project.root / Path(essay.path)
    text = text_to_send(path, privacy)
    if sha256_text(text) != essay.text_sha256:
        raise InputError(
            "the essay changed while the run was going on", where=path, remedy="run the same command again"
        )
    return text


def _known(journal: JsonLines, address: str) -> dict[str, str]:
    records = (parse_model(line, UploadRecord, journal.path) for line in journal)
    return {one.text_sha256: one.storage_id for one in records if one.content_service == address}
