"""Step `uploads`: every text once, and nothing of it again after an interruption."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from eng5.contracts.journal import JournalEnd, end_line
from eng5.contracts.modes import RunnerMode
from eng5.contracts.uploads import UploadRecord, Uploads
from eng5.errors import DamagedFileError, InputError, ServiceError
from eng5.files import JsonLines, read_model, sha256_bytes
from eng5.steps.uploads import CONCURRENCY, build
from tests.chain import ANCHORS, Chain
from tests.fakes import FakeContent, Progress


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """A project whose inventory is made."""
    chain = Chain(tmp_path)
    chain.freeze()
    chain.take_stock()
    return chain


def journal(chain: Chain) -> list[UploadRecord]:
    return [UploadRecord.model_validate_json(line) for line in JsonLines(chain.project.upload_journal)]


def ids(chain: Chain) -> dict[str, str]:
    return read_model(chain.paths.uploads, Uploads).storage_ids


def many(count: int) -> dict[str, bytes]:
    texts = [f"text {number}".encode() for number in range(count)]
    return {sha256_bytes(text): text for text in texts}


def test_every_text_once(chain: Chain) -> None:
    """The extracted text is stored, and its id is filed under its hash."""
    chain.upload()
    assert sorted(chain.content.texts.values()) == sorted(text.encode() for text in ANCHORS.values())
    assert {sha: sha256_bytes(chain.content.text(one)) for sha, one in ids(chain).items()} == {
        essay.text_sha256: essay.text_sha256 for essay in chain.found.anchors
    }
    assert read_model(chain.paths.uploads, Uploads).content_service == chain.content.address
    assert {(record.text_sha256, record.storage_id) for record in journal(chain)} == set(ids(chain).items())


def test_a_second_run_uploads_nothing(chain: Chain) -> None:
    """The journal knows every id, and 20_uploads.json gets the same bytes."""
    chain.upload()
    before = chain.paths.uploads.read_bytes()
    chain.paths.uploads.unlink()
    chain.upload()
    assert chain.content.uploads == 4
    assert chain.paths.uploads.read_bytes() == before


def test_other_runs_share_the_uploads(chain: Chain) -> None:
    """Another run of the project with the same essays needs no upload."""
    chain.upload()
    other = Chain(chain.root, name="other", content=chain.content)
    other.freeze()
    other.take_stock()
    other.upload()
    assert chain.content.uploads == 4
    assert ids(other) == ids(chain)


def test_one_changed_essay_is_one_upload(chain: Chain) -> None:
    """Only the text that is new is sent."""
    chain.upload()
    (chain.project.anchors / "role_model_004_A.txt").write_text("Another text.", encoding="utf-8")
    chain.freeze()
    chain.take_stock()
    chain.upload()
    assert chain.content.uploads == 5
    assert b"Another text." in chain.content.texts.values()


@pytest.mark.parametrize("done", [0, 1, 2, 3])
def test_an_interrupted_upload_goes_on_with_what_is_missing(chain: Chain, done: int) -> None:
    """The service breaks down after some uploads: what it took is kept, and only the rest is sent later."""
    chain.content.refuse_after = done
    with pytest.raises(ServiceError, match="out of order"):
        chain.upload()
    assert not chain.paths.uploads.exists()
    assert len(journal(chain)) == done
    chain.content.refuse_after = None
    chain.upload()
    assert chain.content.uploads == 4
    assert len(journal(chain)) == 4


def test_uploads_under_way_are_noted_when_another_fails() -> None:
    """One upload fails while others run: those are waited for and noted, and no further one begins."""
    begun, refused = threading.Barrier(CONCURRENCY), threading.Event()
    noted: list[str] = []

    class Failing(FakeContent):
        def upload(self, text: bytes) -> str:
            begun.wait(60)
            if text == b"text 0":
                refused.set()
                raise ServiceError("out of order")
            refused.wait(60)
            return super().upload(text)

    content = Failing()
    with pytest.raises(ServiceError, match="out of order"):
        build(many(CONCURRENCY), content, {}, lambda sha, storage_id: noted.append(storage_id), Progress())
    assert sorted(noted) == sorted(content.texts)
    assert len(noted) == CONCURRENCY - 1


def test_no_more_than_ten_at_once() -> None:
    """Forty texts, and the service never sees an eleventh request while ten are under way."""
    guard, running, highest = threading.Lock(), 0, 0
    ten = threading.Barrier(CONCURRENCY)

    class Counting(FakeContent):
        def upload(self, text: bytes) -> str:
            nonlocal running, highest
            with guard:
                running += 1
                highest = max(highest, running)
            ten.wait(60)
            with guard:
                running -= 1
            return super().upload(text)

    assert len(build(many(40), Counting(), {}, lambda sha, storage_id: None, Progress())) == 40
    assert CONCURRENCY == highest == 10


def test_another_service_gets_its_own_uploads(chain: Chain) -> None:
    """Ids are good at one address only."""
    chain.upload()
    chain.content = FakeContent("http://other.test/v1/content")
    chain.upload()
    assert chain.content.uploads == 4
    assert set(ids(chain).values()) == set(chain.content.texts)


def test_a_lost_id_is_uploaded_again(chain: Chain) -> None:
    """The service answers 404 for one id: that text is sent again, the others are not."""
    chain.upload()
    before = ids(chain)
    lost = next(iter(before))
    del chain.content.texts[before[lost]]
    chain.upload()
    assert chain.content.uploads == 5
    after = ids(chain)
    assert after[lost] != before.pop(lost)
    assert before.items() <= after.items()


def test_force_uploads_everything_again(chain: Chain) -> None:
    """--force-reupload trusts no earlier id."""
    chain.upload()
    before = ids(chain)
    chain.upload(force=True)
    assert chain.content.uploads == 8
    assert not set(before.values()) & set(ids(chain).values())


def test_an_answered_batch_needs_no_service(chain: Chain) -> None:
    """When all answers are there, nothing is asked of the service, even if it has lost everything."""
    chain.upload()
    chain.content.texts.clear()
    closing = JournalEnd.model_validate({"end": "completed", "cluster": "c", "read_to": {}})
    JsonLines(chain.paths.events).append([end_line(closing)])
    chain.upload()
    assert chain.content.uploads == 4


def test_an_essay_that_changes_meanwhile_is_refused(chain: Chain) -> None:
    """What is uploaded is what the inventory says, or nothing."""
    (chain.project.anchors / "role_model_004_A.txt").write_text("Another text.", encoding="utf-8")
    with pytest.raises(InputError, match="changed while the run was going on"):
        chain.upload()
    assert chain.content.uploads == 0


def test_students_and_prompt_of_execute(tmp_path: Path) -> None:
    """Without an assignment the prompt is uploaded with the students; the anchors are not."""
    chain = Chain(tmp_path, changes={"mode": RunnerMode.EXECUTE})
    (chain.project.students / "elev_1.txt").write_text("I admire my coach.", encoding="utf-8")
    chain.project.prompt.write_text("Write about a role model.", encoding="utf-8")
    chain.freeze()
    chain.take_stock()
    chain.upload()
    uploads = read_model(chain.paths.uploads, Uploads)
    assert uploads.prompt_storage_id
    assert chain.content.text(uploads.prompt_storage_id) == b"Write about a role model."
    assert [chain.content.text(one) for one in uploads.storage_ids.values()] == [b"I admire my coach."]
    assert chain.content.uploads == 2


def test_a_damaged_journal_is_named(chain: Chain) -> None:
    """A line that is no record is an error with file and remedy, not a traceback."""
    JsonLines(chain.project.upload_journal).append([b'{"content_service": 1}'])
    with pytest.raises(DamagedFileError) as caught:
        chain.upload()
    assert caught.value.where == str(chain.project.upload_journal)
