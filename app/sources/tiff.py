"""Tags of TIFF files, and of EXIF blocks, which are written in the same way (TIFF 6.0)."""

import struct


def short_tag(block: bytes, wanted: int) -> int | None:
    """The (first) 16-bit value of a tag of the first directory; None where there is none, or no directory."""
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return None
    try:
        (directory,) = struct.unpack_from(f"{order}I", block, 4)
        (entries,) = struct.unpack_from(f"{order}H", block, directory)
        for entry in range(entries):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", block, directory + 2 + 12 * entry)
            if tag == wanted:
                return int(value)
    except struct.error:  # the block ends early
        pass
    return None
