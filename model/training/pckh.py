"""PCKh at 0.5, the measure of MPII Human Pose (Andriluka et al., CVPR 2014).

A keypoint is found when it lies within half the head's size of its label. As in the code of HRNet and mmpose, which
published figures are made with, a joint's share is that of its labels found; a pair's is the mean of the left and the
right share; the mean is over all labels but those of pelvis and thorax, so that a joint weighs as much as it is
labelled often. MPII's own MATLAB code has the same mean, but counts the upper neck to the head.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from model.skeletons import MPII_16

REACH = 0.5  # of the head's size

_JOINTS = {
    "head": ("head_top",),
    "shoulder": ("left_shoulder", "right_shoulder"),
    "elbow": ("left_elbow", "right_elbow"),
    "wrist": ("left_wrist", "right_wrist"),
    "hip": ("left_hip", "right_hip"),
    "knee": ("left_knee", "right_knee"),
    "ankle": ("left_ankle", "right_ankle"),
}
_LEFT_OUT = ("pelvis", "thorax")


class Pckh(NamedTuple):
    """Fractions 0..1; a joint that nobody has labelled is None, as is the mean where nothing is labelled."""

    mean: float | None
    joints: Mapping[str, float | None]


def pckh(found: npt.ArrayLike, labelled: npt.ArrayLike, visible: npt.ArrayLike, head_sizes: npt.ArrayLike) -> Pckh:
    """Share of keypoints found within half the head's size, by joint and in the mean.

    Args:
        found: (N, 16, 2) in pixels.
        labelled: (N, 16, 2).
        visible: (N, 16), which keypoints are labelled.
        head_sizes: (N,) 0.6 of the diagonal of the labelled head box.
    """
    distances = np.linalg.norm(np.asarray(found, np.float64) - np.asarray(labelled, np.float64), axis=-1)
    counted = np.asarray(visible) > 0
    right = counted & (distances <= REACH * np.asarray(head_sizes, np.float64)[:, None])
    counts, rights = counted.sum(axis=0), right.sum(axis=0)

    def share(names: tuple[str, ...]) -> float | None:
        indices = [MPII_16.keypoint_names.index(name) for name in names]
        if not counts[indices].all():
            return None
        return float(np.mean(rights[indices] / counts[indices]))

    weighed = [name not in _LEFT_OUT for name in MPII_16.keypoint_names]
    total = int(counts[weighed].sum())
    mean = int(rights[weighed].sum()) / total if total else None
    return Pckh(mean, {joint: share(names) for joint, names in _JOINTS.items()})
