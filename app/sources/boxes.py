"""Boxes of HEIF and AVIF files (ISO/IEC 14496-12)."""

import struct
from collections.abc import Iterator


def boxes_in(data: bytes, *path: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of the boxes in the box at the end of a path, which may be absent."""
    place = 0
    while place + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        if size < 8:  # a large file's, or one that goes on to the end: none of those sought
            return
        if not path:
            yield kind, data[place + 8 : place + size]
        elif kind == path[0]:
            head = 12 if kind == b"meta" else 8  # with version and flags
            yield from boxes_in(data[place + head : place + size], *path[1:])
        place += size
