"""How many pictures a picture file holds, told by its structure alone, without decoding any."""

import struct
from collections.abc import Iterator

from app.sources import tiff
from app.sources.boxes import boxes_in

_PNG = b"\x89PNG\r\n\x1a\n"


def picture_count(data: bytes) -> int:
    """Pictures of an animated PNG, WebP or AVIF, or pages of a TIFF; 1 for anything else.

    Args:
        data: The file, which may be damaged.
    """
    if data.startswith(_PNG):
        return int.from_bytes(png_chunks_before_pixels(data).get(b"acTL", b"")[:4], "big") or 1
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return sum(kind == b"ANMF" for kind in _webp_chunks(data)) or 1
    if data[4:12] == b"ftypavis":
        tables = boxes_in(data, b"moov", b"trak", b"mdia", b"minf", b"stbl")
        return max((int.from_bytes(table[8:12], "big") for kind, table in tables if kind == b"stsz"), default=0) or 1
    return tiff.page_count(data) or 1


def png_chunks_before_pixels(data: bytes) -> dict[bytes, bytes]:
    """Content by name of a PNG's chunks up to its pixels."""
    chunks, place = {}, len(_PNG)
    while place + 8 <= len(data) and (name := data[place + 4 : place + 8]) != b"IDAT":
        end = place + 8 + int.from_bytes(data[place : place + 4], "big")
        chunks[name] = data[place + 8 : end]
        place = end + 4  # behind the checksum
    return chunks


def _webp_chunks(data: bytes) -> Iterator[bytes]:
    place = 12
    while place + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, place)
        yield kind
        place += 8 + size + size % 2
