"""The only place that opens files: atomic writes, validated reads, append-only JSON lines."""

from __future__ import annotations

import contextlib
import fcntl
import filecmp
import hashlib
import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from glob import escape
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar, cast

from eng5.errors import DamagedFileError, InputError, nothing_in_the_way

if TYPE_CHECKING:
    from pydantic import BaseModel

Model = TypeVar("Model", bound="BaseModel")

CHUNK = 1 << 20
LARGE = 16 << 20
"""Bytes from which a file is read piece by piece, where its model can be."""


def relative(path: Path, root: Path) -> str:
    """The path from `root`, with forward slashes; as it is when it lies elsewhere."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def sha256_bytes(content: bytes) -> str:
    """Lower-case hexadecimal SHA-256 (64 characters)."""
    return hashlib.sha256(content).hexdigest()


def sha256_text(text: str) -> str:
    """SHA-256 of the UTF-8 bytes of `text`."""
    return sha256_bytes(text.encode("utf-8"))


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes; InputError as `read_bytes`."""
    with _readable(path), path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_bytes(path: Path) -> bytes:
    """The file's bytes; InputError names the file when it cannot be read."""
    with _readable(path):
        return path.read_bytes()


def file_size(path: Path) -> int:
    """The file's size in bytes; InputError as `read_bytes`."""
    with _readable(path):
        return path.stat().st_size


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    """What keeps the block from reading the file, as InputError."""
    try:
        yield
    except FileNotFoundError:
        raise InputError("the file does not exist", where=path, remedy="check the path") from None
    except (OSError, ValueError) as error:
        raise InputError(
            f"the file cannot be read ({getattr(error, 'strerror', error)})",
            where=path,
            remedy="check that it is a file and that you may read it",
        ) from None


def read_text(path: Path) -> str:
    """UTF-8 text without a byte-order mark; InputError when it is not UTF-8."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = f"not UTF-8 (byte {error.start})"
        raise InputError(at, where=path, remedy="save the file as UTF-8") from None


def write_bytes(path: Path, content: bytes) -> None:
    """Replace `path` by `content`, whole or not at all; a file that says the same is left alone."""
    with contextlib.suppress(OSError):
        if path.read_bytes() == content:
            return
    write_chunks(path, [content])


@nothing_in_the_way()
def write_chunks(path: Path, chunks: Iterable[bytes]) -> None:
    """`write_bytes` of what is too long for memory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.{os.getpid()}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb", buffering=CHUNK) as stream:
            stream.writelines(chunks)
            stream.flush()
            os.fsync(stream.fileno())
        if path.is_file() and filecmp.cmp(name, path, shallow=False):
            Path(name).unlink()
            return
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:  # such as no room, which names no file
            error.filename = str(path)
        raise
    _sync_folder(path.parent)


@cache
def _umask() -> int:
    """The process's mask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _remove_leftovers(path: Path) -> None:
    """Remove temporary files of `path` whose process was killed while it wrote."""
    for leftover in path.parent.glob(f".{escape(path.name)}.*.tmp"):
        process = leftover.name.split(".")[-3]
        if process.isdigit() and not _runs(int(process)):
            leftover.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        with contextlib.suppress(PermissionError):
            os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: Path, text: str) -> None:
    """`write_bytes` for UTF-8 text."""
    write_bytes(path, text.encode("utf-8"))


def model_bytes(model: BaseModel) -> bytes:
    """The canonical bytes of an own file: indented JSON in the order of the contract's fields."""
    return model.__pydantic_serializer__.to_json(model, indent=2) + b"\n"


def write_model(path: Path, model: BaseModel) -> None:
    """Write a file of the chain atomically."""
    write_bytes(path, model_bytes(model))


def read_model(path: Path, kind: type[Model]) -> Model:
    """Read a file of the chain; DamagedFileError says which field is wrong and what to do.

    Of a large file, a model with `piecewise` leaves on disk what it can.
    """
    if (piecewise := getattr(kind, "piecewise", None)) is not None and file_size(path) >= LARGE:
        with _damage_named(path):
            if (found := piecewise(FileBytes(path))) is not None:
                return cast(Model, found)
    return parse_model(read_bytes(path), kind, path)


def parse_model(content: bytes, kind: type[Model], path: Path) -> Model:
    """A file of the chain, or a line of one, that was read from `path`; errors as those of `read_model`."""
    with _damage_named(path):
        return kind.model_validate_json(content)


@contextlib.contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    from pydantic import ValidationError

    try:
        yield
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise DamagedFileError(
            f"damaged: {field}: {first['msg']}",
            where=path,
            remedy="delete the file and run the same command again; it is made anew",
        ) from None


class FileBytes:
    """The bytes of a file by place. What replaces the file later is not seen."""

    def __init__(self, path: Path) -> None:
        self.size = file_size(path)
        with _readable(path):
            self._descriptor = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._descriptor)

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`, fewer where the file ends."""
        return os.pread(self._descriptor, end - start, start)


class Scratch:
    """Bytes that are too many for memory, in a nameless file in `folder` that goes with the object."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._size = self._flushed = 0

    @cached_property
    def _stream(self) -> IO[bytes]:
        stream = tempfile.TemporaryFile(dir=self._folder, buffering=CHUNK)  # noqa: SIM115
        weakref.finalize(self, stream.close)
        return stream

    def append(self, content: bytes) -> int:
        """The place at which the content now begins."""
        place = self._size
        self._size += self._stream.write(content)
        return place

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`."""
        if end > self._flushed:
            self._stream.flush()
            self._flushed = self._size
        return os.pread(self._stream.fileno(), end - start, start)


class JsonLines:
    """An append-only file of lines, for many processes. A torn last line is cut before the next append."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @nothing_in_the_way()
    def append(self, lines: Iterable[bytes]) -> None:
        """Append whole lines (without their newline) and fsync once."""
        block = b"".join(line + b"\n" for line in lines)
        if not block:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab+") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            _cut_torn_tail(stream)
            stream.write(block)
            stream.flush()
            os.fsync(stream.fileno())

    def __iter__(self) -> Iterator[bytes]:
        """Every whole line, without its newline; nothing when the file is not there."""
        if not self.path.exists():
            return
        with nothing_in_the_way(), self.path.open("rb", buffering=CHUNK) as stream:
            for line in stream:
                if line.endswith(b"\n"):
                    yield line[:-1]

    @nothing_in_the_way()
    def last(self) -> bytes | None:
        """The last whole line, read from the end of the file; None when there is none."""
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            end = _end_of_last_whole_line(stream, size)
            if end:
                start = _end_of_last_whole_line(stream, end - 1)
                stream.seek(start)
                return stream.read(end - start - 1)
        return None


def _end_of_last_whole_line(stream: IO[bytes], size: int) -> int:
    """Offset just behind the last newline in the first `size` bytes; 0 without one."""
    position = size
    while position > 0:
        step = min(65_536, position)
        position -= step
        stream.seek(position)
        found = stream.read(step).rfind(b"\n")
        if found >= 0:
            return position + found + 1
    return 0


def _cut_torn_tail(stream: IO[bytes]) -> None:
    whole = _end_of_last_whole_line(stream, stream.seek(0, os.SEEK_END))
    if stream.seek(0, os.SEEK_END) != whole:
        stream.truncate(whole)
