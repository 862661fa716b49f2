"""A file that grows by whole records and is readable after every one of them."""

from contextlib import suppress
from pathlib import Path

from app.closing import ClosedAtExit
from app.errors import SinkError
from app.sinks import create_folder_of, write_error


class AppendFile(ClosedAtExit):
    """Writes records straight to the file, each followed by a fixed tail that the next record overwrites.

    With the tail "]", say, a JSON list is complete after each record. A record and the tail go out in one call, so that
    a process killed at any time leaves whole records. A record that does not fit on the disk is taken back. A pipe
    takes records as they come.

    Args:
        path: The file; one that exists is replaced.
        head: What it begins with.
        tail: What it always ends with.
    """

    def __init__(self, path: Path, head: bytes, tail: bytes = b"") -> None:
        """Create the file.

        Raises:
            SinkError: It cannot be created or written, or is a pipe where there is a tail.
        """
        create_folder_of(path)
        self._path = path
        self._tail = tail
        self._length = 0  # without the tail
        try:
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise write_error(path, error.strerror) from error
        try:
            self._seekable = self._file.seekable()
            if tail and not self._seekable:
                raise SinkError(f"{path} is a pipe, which cannot take this format; give the name of an ordinary file")
            self.append(head)
        except SinkError:
            self.close()
            raise

    def append(self, record: bytes) -> None:
        """Write a record.

        Raises:
            SinkError: It cannot be written; the file is as it was before.
        """
        data = record + self._tail
        try:
            if self._seekable:
                self._file.seek(self._length)
            written = 0
            while written < len(data):
                written += self._file.write(data[written:])
        except OSError as error:
            self._take_back()
            raise write_error(self._path, error.strerror) from error
        self._length += len(record)

    def close(self) -> None:
        self._file.close()

    def _take_back(self) -> None:
        tail = self._tail if self._length else b""
        with suppress(OSError):  # the first error is the one to tell
            self._file.seek(self._length)
            self._file.write(tail)
            self._file.truncate(self._length + len(tail))
