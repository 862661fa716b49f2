"""Reading a picture of a data set."""

from pathlib import Path

import cv2
import numpy as np

from model.arrays import UInt8Array
from model.errors import DatasetError


def read_picture(path: Path) -> UInt8Array:
    """A picture, (H, W, 3) uint8 BGR, as it is stored: annotations do not know of EXIF orientation.

    Raises:
        DatasetError: It is absent or no picture.
    """
    try:
        encoded = np.fromfile(path, np.uint8)
    except OSError as error:
        raise DatasetError(f"cannot read picture {path}: {error.strerror}; check the images folder") from error
    try:
        image = cv2.imdecode(encoded, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION) if encoded.size else None
    except cv2.error as error:  # more pixels than it decodes
        raise DatasetError(f"cannot decode picture {path}: it is too large; make it smaller") from error
    if image is None:
        raise DatasetError(
            f"cannot decode picture {path}: not a picture, or damaged; copy it again or remove it from the annotations"
        )
    return np.asarray(image, np.uint8)


def stored_size(path: Path) -> tuple[int, int]:
    """Width and height of a picture, as it is stored, from the file's header alone.

    Raises:
        DatasetError: It is absent or no picture.
    """
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return picture.size
    except Image.DecompressionBombError as error:
        raise DatasetError(f"cannot read {path}: it is too large; make it smaller") from error
    except OSError as error:
        reason = error.strerror or "not a picture, or damaged"
        raise DatasetError(f"cannot read {path}: {reason}; check the images folder") from error


def read_labelled(path: Path, height: int, width: int) -> UInt8Array:
    """The same, in the size that its annotations are of.

    Raises:
        DatasetError: It is absent, no picture, or of another size.
    """
    image = read_picture(path)
    if image.shape[:2] != (height, width):
        raise DatasetError(
            f"picture {path} is {image.shape[1]}x{image.shape[0]} where its annotations say {width}x{height} "
            "(width x height); correct one of them"
        )
    return image
