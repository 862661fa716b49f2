"""Tags of TIFF files, and of EXIF blocks, which are written in the same way (TIFF 6.0)."""

import struct
from collections.abc import Iterator

_ORDERS = {b"II": "<", b"MM": ">"}
_KIND_OF_PAGE, _SMALLER, _MASK = 254, 1, 4  # a tag, and bits of its value


def short_tag(block: bytes, wanted: int) -> int | None:
    """The (first) 16-bit value of a tag of the first directory; None where there is none, or no directory."""
    place = next(_directories(block), {}).get(wanted)
    return None if place is None else _number(block, "H", place)


def page_count(block: bytes) -> int:
    """How many pictures follow each other in a file; smaller copies and masks are not counted."""
    kinds = (_number(block, "I", tags[_KIND_OF_PAGE]) if _KIND_OF_PAGE in tags else 0 for tags in _directories(block))
    return sum(not kind & (_SMALLER | _MASK) for kind in kinds)


def _directories(block: bytes) -> Iterator[dict[int, int]]:
    """Where the value of each tag lies, directory by directory; where the block ends early, as far as it goes."""
    if block[:2] not in _ORDERS or len(block) < 8:
        return
    place, seen = _number(block, "I", 4), {0}
    while place not in seen and place + 2 <= len(block):
        seen.add(place)
        begin, end = place + 2, place + 2 + 12 * _number(block, "H", place)
        yield {_number(block, "H", entry): entry + 8 for entry in range(begin, min(end, len(block) - 11), 12)}
        if end + 4 > len(block):
            return
        place = _number(block, "I", end)


def _number(block: bytes, kind: str, place: int) -> int:
    return int(struct.unpack_from(_ORDERS[block[:2]] + kind, block, place)[0])
