"""Still pictures: one, or a folder of them."""

import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from app.closing import ClosedAtExit
from app.errors import SourceError
from app.results import Frame
from app.sources import PICTURE_SUFFIXES, check_readable, files_in, orientation, tiff
from app.sources.alpha import over_white
from app.sources.orientation import Orientation
from app.sources.picture_count import picture_count, png_chunks_before_pixels
from app.sources.quiet_opencv import quiet_opencv
from model.arrays import UInt8Array

_LOGGER = logging.getLogger(__name__)

FOLDER_FPS = 25.0
"""The rate that a folder of pictures is numbered with, as FFmpeg does."""

_EXTRA_SAMPLES, _OPACITIES = 338, (1, 2)  # a tag of TIFF, and its values for the two kinds of opacity
_HEIF = b"ftyp"  # how AVIF begins, behind a number
_OPAQUE = (b"\xff\xd8", b"BM")  # how JPEG and BMP begin
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_COLOUR, _PNG_OPAQUE = 25, (0, 2, 3)  # where it is told; grey, colour and palette, unless a chunk tRNS adds opacity


def read_picture(path: Path) -> UInt8Array:
    """Read a picture as (H, W, 3) uint8 BGR, upright.

    Grey, palette and CMYK pictures become colour, 16 bits become 8, and what is transparent is laid over white. Of an
    animation or several pages the first picture is read, and the others are told of.

    Raises:
        SourceError: The file is absent, unreadable, empty or no picture.
    """
    check_readable(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}; check its permissions") from error
    # Where the boxes of an AVIF tell which way is up, EXIF, which OpenCV goes by, is not to be heeded.
    turned = orientation.from_heif(content) if content[4:8] == _HEIF else Orientation()
    as_stored = turned != Orientation()
    data = np.frombuffer(content, np.uint8)
    try:
        with quiet_opencv():
            image = cv2.imdecode(data, cv2.IMREAD_COLOR | (cv2.IMREAD_IGNORE_ORIENTATION if as_stored else 0))
            alpha = None if image is None or _is_opaque(content) else _alpha(data, turned)
    except cv2.error as error:
        raise SourceError(f"{path} cannot be decoded ({error.err}); save it anew as JPEG or PNG") from error
    if image is None:
        raise SourceError(f"{path} is damaged or not a picture; save it anew as JPEG or PNG")
    colour = np.asarray(image, dtype=np.uint8)
    colour = turned.applied_to(colour)
    if (count := picture_count(content)) > 1:
        _tell_of_others(path, count)
    return colour if alpha is None else over_white(colour, alpha.opacity, multiplied=alpha.multiplied)


@cache
def _tell_of_others(path: Path, count: int) -> None:
    """Once a run: pictures of a folder are read anew with every iteration."""
    _LOGGER.info("%s holds %d pictures; only the first is used: make a video of them for all", path, count)


def _is_opaque(data: bytes) -> bool:
    """Whether the first bytes of a file tell that its picture has no opacity, so that it need not be decoded again."""
    if data.startswith(_PNG):
        return data[_PNG_COLOUR] in _PNG_OPAQUE and b"tRNS" not in png_chunks_before_pixels(data)
    return data.startswith(_OPAQUE) or (data.startswith(b"RIFF") and data[12:16] == b"VP8 ")


class _Alpha(NamedTuple):
    """Opacity (H, W) of a picture, upright, and whether its colours come multiplied by it."""

    opacity: UInt8Array
    multiplied: bool


def _alpha(data: UInt8Array, turned: Orientation) -> _Alpha | None:
    """The opacity of a picture; None where it has none.

    Args:
        data: The file.
        turned: How its boxes turn it; upright where EXIF may do that.
    """
    stored, kinds, metadata = cv2.imdecodeWithMetadata(data, flags=cv2.IMREAD_UNCHANGED)
    if stored is None or stored.ndim != 3 or stored.shape[2] != 4:
        return None
    alpha = stored[..., 3]
    # So libtiff gives colours of 8 bits where the file says what their fourth channel is.
    multiplied = alpha.dtype == np.uint8 and tiff.short_tag(data.tobytes(), _EXTRA_SAMPLES) in _OPACITIES
    if alpha.dtype != np.uint8:
        # AVIF gives 10 or 12 bits in 16: the smallest range that holds the values is theirs.
        full = next(full for full in (255, 1023, 4095, 65535) if alpha.max() <= full)
        alpha = (alpha.astype(np.uint32) * 255 // full).astype(np.uint8)
    if turned == Orientation():
        exif = (block for kind, block in zip(kinds, metadata, strict=True) if kind == cv2.IMAGE_METADATA_EXIF)
        turned = orientation.from_exif(next((block.tobytes() for block in exif), b""))
    alpha = turned.applied_to(alpha)
    return _Alpha(np.asarray(alpha, dtype=np.uint8), multiplied)


def _own_name(folder: Path) -> str:
    """What a folder is called, also where it is given as the current one or the one above."""
    if folder.name not in ("", ".."):
        return folder.name
    folder = folder.resolve()
    return folder.name or str(folder)


class PictureSource(ClosedAtExit):
    """One picture, as one frame."""

    is_live = False
    continuous = False
    fps: float | None = None
    frame_count: int | None = 1
    duration_s: float | None = None
    damaged_frames = 0

    def __init__(self, path: Path) -> None:
        """Read the picture.

        Raises:
            SourceError: As of read_picture.
        """
        self.name = path.name
        self._image = read_picture(path)
        self.size = (self._image.shape[0], self._image.shape[1])

    def __iter__(self) -> Iterator[Frame]:
        yield Frame(0, 0.0, self._image)

    def close(self) -> None:
        """Nothing is held open."""


class PictureFolderSource(ClosedAtExit):
    """The pictures of a folder in natural order, each on its own; sizes may differ.

    A picture that cannot be read is left out and counted; the others keep their numbers, so that `paths[frame.index]`
    is a frame's file.

    Attributes:
        paths: The pictures, whether they can be read or not.
        errors: What was wrong with each picture that the iteration so far left out.
    """

    is_live = False
    continuous = False
    fps: float | None = FOLDER_FPS

    def __init__(self, folder: Path) -> None:
        """List the folder and read its first picture.

        Raises:
            SourceError: The folder cannot be listed, or holds no picture that can be read.
        """
        self.name = _own_name(folder)
        self.paths = tuple(files_in(folder, PICTURE_SUFFIXES))
        self._closed = False
        self.errors: list[str] = []
        if not self.paths:
            raise SourceError(f"{folder} holds no pictures; give a folder with some (subfolders are not entered)")
        first = next(iter(self), None)
        if first is None:
            raise SourceError(f"none of the {len(self.paths)} pictures in {folder} can be read; save them anew as JPEG")
        self.size = first.size
        self.frame_count: int | None = len(self.paths)
        self.duration_s: float | None = len(self.paths) / FOLDER_FPS

    @property
    def damaged_frames(self) -> int:
        """How many pictures of the iteration so far could not be read and were left out."""
        return len(self.errors)

    def __iter__(self) -> Iterator[Frame]:
        return self.frames_from_number(0)

    def frames_from_number(self, first: int) -> Iterator[Frame]:
        """Iterate from a picture on; those before it are not read."""
        self.errors = []
        for index, path in enumerate(self.paths[first:], first):
            if self._closed:
                return
            try:
                image = read_picture(path)
            except SourceError as error:
                self.errors.append(str(error))
                continue
            yield Frame(index, index / FOLDER_FPS, image, path.name)

    def close(self) -> None:
        """End a running iteration at its next picture."""
        self._closed = True
