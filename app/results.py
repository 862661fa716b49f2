"""What passes from source to sink. Coordinates are frame pixels: x right, y down, pixel centres at integers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from model.arrays import FloatArray, UInt8Array


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes:
        index: Number of the frame in its source, from 0; a live source counts dropped frames too.
        time_s: Presentation time in seconds from the source's first frame.
        image: (H, W, 3) uint8 BGR, upright (rotation metadata applied). Never written to after construction.
        picture: Name of the file that holds this frame alone, in a folder of pictures; None elsewhere.
    """

    index: int
    time_s: float
    image: UInt8Array
    picture: str | None = None

    def __post_init__(self) -> None:
        _require(self.index >= 0, f"frame index is {self.index}; it counts from 0")
        shape_fits = self.image.ndim == 3 and self.image.shape[2] == 3 and self.image.dtype == np.uint8
        _require(shape_fits, f"image is {self.image.dtype} {self.image.shape}; expected uint8 (H, W, 3)")
        _require(self.image.size > 0, f"image has no pixels: {self.image.shape}")

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.image.shape[0], self.image.shape[1]


@dataclass(frozen=True, eq=False)
class Detection:
    """A person's box (4,) as x1, y1, x2, y2, and how sure the detector is, 0..1."""

    box: FloatArray
    score: float

    def __post_init__(self) -> None:
        _require(self.box.shape == (4,), f"box has shape {self.box.shape}; expected (4,)")
        ordered = self.box[0] <= self.box[2] and self.box[1] <= self.box[3]
        _require(bool(ordered), f"box {self.box.tolist()} is not x1 <= x2, y1 <= y2")


@dataclass(frozen=True, eq=False)
class Heatmap:
    """How sure the network is, cell by cell of a person's crop, that one keypoint lies there.

    Attributes:
        values: (H, W) float32, about 0..1.
        corners: (2, 2) x, y of the first cell, and of the place one cell past the last one across and down.
    """

    values: FloatArray
    corners: FloatArray

    def __post_init__(self) -> None:
        _require(self.values.ndim == 2, f"heatmap has shape {self.values.shape}; expected (H, W)")
        _require(self.corners.shape == (2, 2), f"corners have shape {self.corners.shape}; expected (2, 2)")


@dataclass(frozen=True, eq=False)
class Person:
    """One tracked person.

    Attributes:
        track_id: Lasting number, from 1, never used again within a run.
        box: (4,) x1, y1, x2, y2.
        box_score: The detector's score of the box, 0..1; the last one seen while the detector rests.
        keypoints: (K, 2) x, y.
        scores: (K,) heatmap maxima clipped to 0..1; not probabilities.
        score: The person's score, 0..1: box score times the mean of the keypoint scores above 0.2.
        heatmap: Of the keypoint that the settings name for drawing; None where they name none.
    """

    track_id: int
    box: FloatArray
    box_score: float
    keypoints: FloatArray
    scores: FloatArray
    score: float
    heatmap: Heatmap | None = None

    def __post_init__(self) -> None:
        _require(self.box.shape == (4,), f"box has shape {self.box.shape}; expected (4,)")
        keypoints_fit = self.keypoints.ndim == 2 and self.keypoints.shape[1] == 2
        _require(keypoints_fit, f"keypoints have shape {self.keypoints.shape}; expected (K, 2)")
        scores_fit = self.scores.shape == self.keypoints.shape[:1]
        _require(scores_fit, f"scores have shape {self.scores.shape}; keypoints have {self.keypoints.shape}")


@dataclass(frozen=True, eq=False)
class FrameResult:
    """Everybody found in one frame.

    Attributes:
        frame_index: As in the frame.
        time_s: As in the frame.
        image_size: (height, width) in pixels.
        persons: In order of track id; empty where nobody is in view.
        timings_ms: Milliseconds by stage ("detect", "crop", "infer", "decode", "track", "smooth") and in "total".
        picture: As in the frame.
    """

    frame_index: int
    time_s: float
    image_size: tuple[int, int]
    persons: tuple[Person, ...]
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    picture: str | None = None
