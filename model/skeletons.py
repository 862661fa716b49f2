"""Keypoint conventions: names, links, flip pairs and per-keypoint tolerances.

Sources: COCO keypoints 2017 (names, order and sigmas of the official evaluation code); MPII Human Pose (names and
order of its annotations). MPII publishes no sigmas; none are made up here.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.arrays import FloatArray, IntArray

Side = str  # "left", "right" or "centre"


@dataclass(frozen=True)
class Skeleton:
    """A set of K keypoints.

    Attributes:
        name: Name of the convention.
        keypoint_names: K names; a leading "left_" or "right_" is the person's own side.
        links: Pairs of keypoint indices joined by a limb.
        upper_body: Indices of the keypoints above the hips, for half-body augmentation.
    """

    name: str
    keypoint_names: tuple[str, ...]
    links: tuple[tuple[int, int], ...]
    upper_body: tuple[int, ...]
    oks_sigmas: tuple[float, ...] | None

    @property
    def keypoints(self) -> int:
        return len(self.keypoint_names)

    @cached_property
    def flip_indices(self) -> IntArray:
        """(K,) index of each keypoint's mirror image; a keypoint on the body's axis is its own."""

        def mirrored(name: str) -> str:
            side, _, rest = name.partition("_")
            return {"left": f"right_{rest}", "right": f"left_{rest}"}.get(side, name)

        return np.array([self.keypoint_names.index(mirrored(name)) for name in self.keypoint_names])

    @cached_property
    def sigmas(self) -> FloatArray:
        """(K,) tolerances of object keypoint similarity, as fractions of the square root of the person's area.

        Raises:
            ValueError: The convention defines none.
        """
        if self.oks_sigmas is None:
            raise ValueError(f"{self.name} defines no sigmas for object keypoint similarity")
        return np.array(self.oks_sigmas, np.float32)

    def side(self, keypoint: int) -> Side:
        prefix = self.keypoint_names[keypoint].partition("_")[0]
        return prefix if prefix in ("left", "right") else "centre"

    def link_side(self, link: tuple[int, int]) -> Side:
        """Side of a limb: that of its ends where they agree or one lies on the axis, else "centre"."""
        sides = {self.side(link[0]), self.side(link[1])} - {"centre"}
        return sides.pop() if len(sides) == 1 else "centre"


COCO_17 = Skeleton(
    name="coco-17",
    keypoint_names=(
        "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
        "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
        "right_ankle",
    ),
    links=(
        (15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7), (6, 8), (7, 9), (8, 10),
        (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6),
    ),
    upper_body=(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
    oks_sigmas=(
        0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087,
        0.089, 0.089,
    ),
)  # fmt: skip

MPII_16 = Skeleton(
    name="mpii-16",
    keypoint_names=(
        "right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle", "pelvis", "thorax",
        "upper_neck", "head_top", "right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow",
        "left_wrist",
    ),
    links=(
        (0, 1), (1, 2), (2, 6), (6, 3), (3, 4), (4, 5), (6, 7), (7, 8), (8, 9), (8, 12), (12, 11), (11, 10), (8, 13),
        (13, 14), (14, 15),
    ),
    upper_body=(7, 8, 9, 10, 11, 12, 13, 14, 15),
    oks_sigmas=None,
)  # fmt: skip

_BY_KEYPOINTS = {skeleton.keypoints: skeleton for skeleton in (COCO_17, MPII_16)}
SUPPORTED_KEYPOINTS = "17 (COCO) or 16 (MPII)"


def skeleton_of(keypoints: int) -> Skeleton:
    """The skeleton with this many keypoints: COCO for 17, MPII for 16.

    Raises:
        ValueError: No convention has that many.
    """
    if keypoints not in _BY_KEYPOINTS:
        raise ValueError(f"no skeleton has {keypoints} keypoints: only {SUPPORTED_KEYPOINTS} are supported")
    return _BY_KEYPOINTS[keypoints]
