"""From what a video decoder yields to upright 8-bit BGR pictures."""

from fractions import Fraction
from typing import cast

import cv2
import numpy as np
from av.buffer import Buffer
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, VideoReformatter

from app.sources.alpha import over_white
from app.sources.orientation import Orientation, from_display_matrix, from_quarter_turns
from model.arrays import UInt8Array

_UNSPECIFIED_COLOUR_SPACE = 2  # AVCOL_SPC_UNSPECIFIED
_PQ_TRANSFER = 16  # AVCOL_TRC_SMPTE2084
_HIGH_DEFINITION_ROWS = 720
_LARGEST_PIXEL_ASPECT = 10.0  # beyond it is an error of whoever wrote the file


class FrameConverter:
    """Converts the frames of one stream; all come out in the size and the orientation of the first.

    Colours are converted by the stream's own matrix and range, BT.709 where a picture of high definition names none, as
    players do. Pixels that are not square are made square by stretching. PQ-coded HDR is brought to the range of a
    standard display, since its code values taken as they are give a flat grey picture; HLG was made to be shown as it
    is.

    Args:
        pixel_aspect: Width over height of a stored pixel; None where unknown.
    """

    def __init__(self, pixel_aspect: Fraction | None) -> None:
        aspect = float(pixel_aspect) if pixel_aspect else 1.0
        self._pixel_aspect = aspect if 1 / _LARGEST_PIXEL_ASPECT <= aspect <= _LARGEST_PIXEL_ASPECT else 1.0
        self._reformatter = VideoReformatter()  # keeps its tables from frame to frame
        self._stored_size: tuple[int, int] | None = None
        self._orientation = Orientation()

    def to_bgr(self, frame: VideoFrame) -> UInt8Array:
        """The frame as (H, W, 3) uint8 BGR, upright."""
        if self._stored_size is None:
            self._stored_size = self._square_pixels(frame.width, frame.height)
            self._orientation = _orientation(frame)
        width, height = self._stored_size
        has_alpha = any(component.is_alpha for component in frame.format.components)
        converted = self._reformatter.reformat(
            frame,
            width=width,
            height=height,
            format="bgra" if has_alpha else "bgr24",
            src_colorspace=_assumed_matrix(frame),
            threads=1,  # a frame is too little work to share out: 0.4 ms, and 1.9 ms on all cores
        )
        image = np.asarray(converted.to_ndarray(), dtype=np.uint8)
        if has_alpha:
            image = over_white(image[..., :3], image[..., 3])
        if frame.color_trc == _PQ_TRANSFER:
            image = cv2.LUT(image, _PQ_TO_STANDARD)
        return self._orientation.applied_to(image)

    def _square_pixels(self, width: int, height: int) -> tuple[int, int]:
        aspect = self._pixel_aspect
        return (round(width * aspect), height) if aspect >= 1.0 else (width, round(height / aspect))


def _assumed_matrix(frame: VideoFrame) -> int | None:
    unnamed = frame.colorspace == _UNSPECIFIED_COLOUR_SPACE and not frame.format.is_rgb
    return int(Colorspace.ITU709) if unnamed and frame.height >= _HIGH_DEFINITION_ROWS else None


def _orientation(frame: VideoFrame) -> Orientation:
    try:
        matrix = cast("Buffer | None", frame.side_data.get("DISPLAYMATRIX"))
    except ValueError:  # PyAV 18 cannot list side data beside a kind it has no name for (EXIF); it still gives the turn
        return from_quarter_turns(frame.rotation)
    return from_display_matrix(bytes(matrix)) if matrix is not None else Orientation()


def _pq_to_standard() -> UInt8Array:
    """Table (256,) from PQ code values (SMPTE ST 2084) to those of a standard display (BT.1886 gamma 2.4).

    Reference white, 203 cd/m2 (ITU-R BT.2408), becomes the display's white; what is brighter is clipped.
    """
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 4096 * 128, 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = np.linspace(0.0, 1.0, 256) ** (1 / m2)
    nits = 10000.0 * (np.maximum(root - c1, 0.0) / (c2 - c3 * root)) ** (1 / m1)
    return np.round(255.0 * np.minimum(nits / 203.0, 1.0) ** (1 / 2.4)).astype(np.uint8)


_PQ_TO_STANDARD = _pq_to_standard()
