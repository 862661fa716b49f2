"""Pictures of a data set that cannot be read."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from model.errors import DatasetError
from model.training.pictures import read_picture, stored_size


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


@pytest.mark.parametrize("read", [stored_size, read_picture])
def test_a_picture_that_is_too_large_is_told(tmp_path: Path, read: Callable[[Path], object]) -> None:
    """A PNG of 40,000 pixels a side: what stands in its header is enough to refuse it."""
    path = tmp_path / "그림.png"
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""))
    with pytest.raises(DatasetError, match=r"그림\.png.* too large; make it smaller"):
        read(path)
