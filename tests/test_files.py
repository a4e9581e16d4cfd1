"""Files: whole or not at all, validated when read, lines appended for good."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import eng5
from eng5.contracts.own import OwnFile
from eng5.contracts.published import Published
from eng5.errors import DamagedFileError, InputError
from eng5.files import JsonLines, model_bytes, read_bytes, read_model, read_text, write_bytes, write_model

LINES = st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")))


class Reading(OwnFile):
    name: str
    value: float | None = None


def disk_full(descriptor: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_failing_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up while a file is replaced: the old content stands, no temporary file is left."""
    path = tmp_path / "file"
    write_bytes(path, b"old")
    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(OSError, match="No space left"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failing_first_write_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be written whole does not exist at all."""
    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(OSError, match="No space left"):
        write_bytes(tmp_path / "file", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Content first, then the name, then the folder: after a power cut there is the old file or the new one."""
    done: list[str] = []
    replace = Path.replace

    def named(self: Path, target: Path) -> Path:
        done.append("replace")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", lambda descriptor: done.append(kind_of(descriptor)))
    monkeypatch.setattr(Path, "replace", named)
    write_bytes(tmp_path / "file", b"new")
    assert done == ["file", "replace", "folder"]


def kind_of(descriptor: int) -> str:
    return "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"


def test_a_line_is_on_the_disk_when_append_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sync an append, with all of its lines in the file."""
    sizes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: sizes.append(os.fstat(descriptor).st_size))
    JsonLines(tmp_path / "journal.jsonl").append([b"one", b"two"])
    assert sizes[:1] == [8]


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    """Its temporary file goes with the next write of the same file; those of living processes and others stay."""
    with subprocess.Popen([sys.executable, "-c", ""]) as killed:
        pass
    left = tmp_path / f".file.{killed.pid}.abcdefgh.tmp"
    kept = [tmp_path / f".file.{os.getpid()}.abcdefgh.tmp", tmp_path / f".other.{killed.pid}.abcdefgh.tmp"]
    for path in (left, *kept):
        path.touch()
    write_bytes(tmp_path / "file", b"new")
    assert set(tmp_path.iterdir()) == {tmp_path / "file", *kept}


def test_the_same_content_is_not_written_again(tmp_path: Path) -> None:
    """A file that says the same is left alone, so that nothing after it runs."""
    path = tmp_path / "file"
    write_bytes(path, b"same")
    before = path.stat()
    write_bytes(path, b"same")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_who_may_read_is_the_users_choice(tmp_path: Path, mask: int) -> None:
    """The private rights of a temporary file are not kept, and those that the user's mask takes away are not given."""
    script = f"""
import os, pathlib
os.umask({mask})
from eng5.files import write_bytes
write_bytes(pathlib.Path("file"), b"new")
"""
    here = os.environ | {"PYTHONPATH": str(Path(eng5.__file__).parents[1])}
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=here, check=True)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o666 & ~mask


def test_folders_are_made(tmp_path: Path) -> None:
    """A file may be the first of its folder."""
    write_bytes(tmp_path / "a" / "b" / "file", b"new")
    assert (tmp_path / "a" / "b" / "file").read_bytes() == b"new"


def test_canonical_bytes() -> None:
    """Indented JSON in the order of the contract's fields, unescaped UTF-8, a newline at the end."""
    assert (
        model_bytes(Reading(value=1.0, name="Skåne")) == '{\n  "name": "Skåne",\n  "value": 1.0\n}\n'.encode()
    )


@given(st.text(), st.none() | st.floats(allow_nan=False, allow_infinity=False))
def test_equal_models_have_equal_bytes_and_read_back(name: str, value: float | None) -> None:
    """Bytes follow from the values alone, and give the same values back."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    one = model_bytes(Reading(name=name, value=value))
    assert one == model_bytes(Reading.model_validate({"value": value, "name": name}))
    assert Reading.model_validate_json(one) == Reading(name=name, value=value)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_lacks_are_refused(number: float) -> None:
    """NaN and infinity never reach a file."""
    with pytest.raises(ValidationError):
        Reading(name="x", value=number)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """A model comes back as it went."""
    write_model(tmp_path / "file", Reading(name="x", value=0.1))
    assert read_model(tmp_path / "file", Reading) == Reading(name="x", value=0.1)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "the file: Invalid JSON"),
        (b'{"name": "x", "val', "the file: Invalid JSON"),
        (b'{"value": 1}', "name: Field required"),
        (b'{"name": "x", "value": "much"}', "value: Input should be a valid number"),
        (b'{"name": "x", "more": 1}', "more: Extra inputs are not permitted"),
        (b"\xff\xfe\x00", "the file: Invalid JSON"),
    ],
)
def test_a_damaged_file_is_named_with_its_remedy(tmp_path: Path, content: bytes, named: str) -> None:
    """The message says which file, which field, and that the file may be deleted."""
    path = tmp_path / "10_file.json"
    path.write_bytes(content)
    with pytest.raises(DamagedFileError) as caught:
        read_model(path, Reading)
    assert str(path) in str(caught.value)
    assert named in str(caught.value)
    assert "delete the file" in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_nested_field_is_named_by_its_path(tmp_path: Path) -> None:
    """Partition 0 of a topic is found by name, not by guessing."""
    path = tmp_path / "file"
    path.write_bytes(
        b'{"cluster_id": "c", "topic": "t", "envelope_sha256": "0", "result_offsets": {"topic": {"0": "end"}}}'
    )
    with pytest.raises(DamagedFileError, match=r"result_offsets\.topic\.0: "):
        read_model(path, Published)


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    """Not a traceback."""
    with pytest.raises(InputError, match="does not exist"):
        read_bytes(tmp_path / "file")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    """What cannot be read says why."""
    with pytest.raises(InputError, match="Is a directory"):
        read_bytes(tmp_path)


def test_text_is_read_without_its_byte_order_mark(tmp_path: Path) -> None:
    """Editors write the mark; prompts and hashes do not have it."""
    (tmp_path / "file").write_bytes(b"\xef\xbb\xbfSk\xc3\xa5ne")
    assert read_text(tmp_path / "file") == "Skåne"


def test_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    """The place of the first wrong byte is in the message."""
    (tmp_path / "file").write_bytes(b"Sk\xe5ne")
    with pytest.raises(InputError, match=r"not UTF-8 \(byte 2\)"):
        read_text(tmp_path / "file")


@given(st.lists(LINES, max_size=4))
def test_appended_lines_come_back_in_order(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[list[bytes]]
) -> None:
    """Whatever the bytes of a line and the grouping into appends; `last` is the last of them."""
    journal = JsonLines(tmp_path_factory.mktemp("lines") / "journal.jsonl")
    for block in blocks:
        journal.append(block)
    lines = [line for block in blocks for line in block]
    assert list(journal) == lines
    assert journal.last() == (lines[-1] if lines else None)


@given(
    LINES.filter(bool),
    st.binary(min_size=1, max_size=40).map(lambda b: b.replace(b"\n", b"x")),
    st.binary(max_size=9),
)
def test_a_torn_last_line_is_cut_before_the_next_append(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], torn: bytes, next_line: bytes
) -> None:
    """A line without its newline was never acknowledged: it is not read, and the next append replaces it."""
    next_line = next_line.replace(b"\n", b"")
    journal = JsonLines(tmp_path_factory.mktemp("lines") / "journal.jsonl")
    journal.append(lines)
    with journal.path.open("ab") as stream:
        stream.write(torn)
    assert list(journal) == lines
    assert journal.last() == lines[-1]
    journal.append([next_line])
    assert list(journal) == [*lines, next_line]


def test_the_last_of_huge_lines(tmp_path: Path) -> None:
    """Lines longer than a reading step of 65,536 bytes are found whole, with a torn one behind them."""
    journal = JsonLines(tmp_path / "journal.jsonl")
    huge = [bytes([letter]) * size for letter, size in ((65, 65_536), (66, 300_000), (67, 65_535))]
    journal.append(huge)
    assert journal.last() == huge[2]
    with journal.path.open("ab") as stream:
        stream.write(b"torn" * 50_000)
    assert journal.last() == huge[2]
    journal.append([b"next"])
    assert list(journal) == [*huge, b"next"]


@pytest.mark.parametrize("content", [None, b"", b"only a torn line"])
def test_no_whole_line(tmp_path: Path, content: bytes | None) -> None:
    """A file that is not there, is empty, or has no newline has no line."""
    journal = JsonLines(tmp_path / "journal.jsonl")
    if content is not None:
        journal.path.write_bytes(content)
    assert journal.last() is None
    assert list(journal) == []


def test_nothing_to_append_makes_no_file(tmp_path: Path) -> None:
    """An empty journal is no journal."""
    JsonLines(tmp_path / "journal.jsonl").append([])
    assert not (tmp_path / "journal.jsonl").exists()


def test_an_append_that_fails_keeps_the_lines_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk tears the new line; the next append goes on behind the old ones."""
    journal = JsonLines(tmp_path / "journal.jsonl")
    journal.append([b"one"])
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", disk_full)
        with pytest.raises(OSError, match="No space left"):
            journal.append([b"two"])
    os.truncate(journal.path, 5)
    journal.append([b"three"])
    assert list(journal) == [b"one", b"three"]


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    """And a file in the place of a folder: both are named, with what to do; nothing is left behind."""
    folder = tmp_path / "uploads.jsonl"
    folder.mkdir()
    attempts: list[Callable[[], object]] = [
        lambda: write_bytes(folder, b"x"),
        lambda: JsonLines(folder).append([b"x"]),
        lambda: list(JsonLines(folder)),
        lambda: JsonLines(folder).last(),
    ]
    for attempt in attempts:
        with pytest.raises(InputError, match="a folder is where a file should be") as caught:
            attempt()
        assert caught.value.where == str(folder) and "move it away" in str(caught.value.remedy)
    (tmp_path / "export").write_text("x")
    with pytest.raises(InputError, match="a file is where a folder should be"):
        write_bytes(tmp_path / "export" / "table.csv", b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export", "uploads.jsonl"]


def test_a_path_with_nul() -> None:
    """No system has such a file."""
    with pytest.raises(InputError, match="null byte"):
        read_bytes(Path("a\0b"))
