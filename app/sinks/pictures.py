"""Drawn pictures as files."""

from contextlib import suppress
from pathlib import Path
from secrets import token_hex

import cv2

from app.closing import ClosedAtExit
from app.errors import SinkError
from app.sinks import PICTURE_SUFFIXES, create_folder_of, unknown_suffix, write_error
from app.sources.quiet_opencv import quiet_opencv
from model.arrays import UInt8Array

_WEBP = (cv2.IMWRITE_WEBP_QUALITY, 95)  # as JPEG has by itself; without it WebP is lossless, several times as slow


def write_picture(path: Path, image: UInt8Array) -> None:
    """Write a picture, whole or not at all; one that exists is replaced.

    Args:
        path: Its suffix names the format.
        image: (H, W, 3) uint8 BGR.

    Raises:
        SinkError: An unknown suffix, a picture too large for the format, or the file cannot be written.
    """
    if path.suffix.lower() not in PICTURE_SUFFIXES:
        raise unknown_suffix(path, PICTURE_SUFFIXES)
    create_folder_of(path)
    with quiet_opencv():
        encoded, data = cv2.imencode(path.suffix.lower(), image, _WEBP)
    if not encoded:
        height, width = image.shape[:2]
        raise SinkError(f"cannot write {path}: the format holds no {height}x{width} pixels; give it the suffix .png")
    partial = path.with_name(f"{token_hex(8)}.partial")  # a longer name than the picture's might be too long
    try:
        partial.write_bytes(data.tobytes())
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):  # the first error is the one to tell
            partial.unlink(missing_ok=True)
        raise write_error(path, error.strerror) from error


class PictureSink(ClosedAtExit):
    """A file for the one picture of a picture source."""

    def __init__(self, path: Path) -> None:
        """Nothing is written yet.

        Raises:
            SinkError: An unknown suffix.
        """
        if path.suffix.lower() not in PICTURE_SUFFIXES:
            raise unknown_suffix(path, PICTURE_SUFFIXES)
        self._path = path
        self._written = False

    def write(self, image: UInt8Array, time_s: float) -> None:
        if self._written:
            raise SinkError(f"{self._path} holds one picture, and more come; give a video (.mp4) or a folder")
        write_picture(self._path, image)
        self._written = True

    def close(self) -> None:
        """The picture is complete as it is."""
