"""Which way up a picture is: display matrices of videos and orientation tags of pictures."""

import struct
from typing import NamedTuple

import cv2

from app.sources.boxes import boxes_in
from app.sources.tiff import short_tag
from model.arrays import UInt8Array

_EXIF_ORIENTATION_TAG = 0x0112


class Orientation(NamedTuple):
    """How stored pixels become upright: first exchange rows and columns, then mirror along x, then along y."""

    transpose: bool = False
    flip_x: bool = False
    flip_y: bool = False

    def applied_to(self, image: UInt8Array) -> UInt8Array:
        """The upright picture (H, W) or (H, W, C); the input itself where it is upright already."""
        if self.transpose:
            image = cv2.transpose(image)
        if self.flip_x or self.flip_y:
            image = cv2.flip(image, -1 if self.flip_x and self.flip_y else int(self.flip_x))
        return image


def from_display_matrix(matrix: bytes) -> Orientation:
    """Orientation of a 3 x 3 display matrix, row by row as nine native int32, to the nearest quarter turn.

    ISO/IEC 14496-12, 8.3.2: a pixel (x, y) is shown at (a x + c y, b x + d y), where a, b and c, d begin the first two
    rows.
    """
    a, b, _, c, d, _, _, _, _ = struct.unpack("=9i", matrix)
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Orientation(transpose=True, flip_x=c < 0, flip_y=b < 0)
    return Orientation(flip_x=a < 0, flip_y=d < 0)


def from_quarter_turns(degrees: int) -> Orientation:
    """Orientation of a picture to be turned counterclockwise, to the nearest quarter turn."""
    return (
        Orientation(),
        Orientation(transpose=True, flip_y=True),
        Orientation(flip_x=True, flip_y=True),
        Orientation(transpose=True, flip_x=True),
    )[round(degrees / 90) % 4]


def from_exif(exif: bytes) -> Orientation:
    """Orientation tag of an EXIF block (a TIFF header and its first directory); upright where there is none.

    TIFF 6.0 gives the meaning of the tag's values 1 to 8: on which side of the stored picture the upright picture's top
    and left edges lie.
    """
    return _BY_EXIF_VALUE.get(short_tag(exif, _EXIF_ORIENTATION_TAG) or 1, Orientation())


def from_heif(data: bytes) -> Orientation:
    """Orientation that the boxes of a HEIF or AVIF file give; upright where there is none.

    ISO/IEC 23008-12, 6.5.10 and 6.5.12: `irot` counts quarter turns counterclockwise, after which `imir` exchanges top
    and bottom (0) or left and right (1). OpenCV heeds neither; EXIF's orientation may stand there as well.
    """
    properties = dict(boxes_in(data, b"meta", b"iprp", b"ipco"))
    turns, mirror = (properties.get(kind, b"")[:1] for kind in (b"irot", b"imir"))
    turned = from_quarter_turns(90 * (int.from_bytes(turns) & 3))
    if not mirror:
        return turned
    beside = mirror[0] & 1
    return turned._replace(flip_x=turned.flip_x ^ bool(beside), flip_y=turned.flip_y ^ (not beside))


_BY_EXIF_VALUE = {
    1: Orientation(),
    2: Orientation(flip_x=True),
    3: Orientation(flip_x=True, flip_y=True),
    4: Orientation(flip_y=True),
    5: Orientation(transpose=True),
    6: Orientation(transpose=True, flip_x=True),
    7: Orientation(transpose=True, flip_x=True, flip_y=True),
    8: Orientation(transpose=True, flip_y=True),
}
