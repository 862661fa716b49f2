"""From a frame and people's boxes to their keypoints, all of them as one batch."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from model.arrays import FloatArray, UInt8Array
from model.decoding import Decoding
from model.engines import Engine, create_engine
from model.geometry import cut_crops, to_frame
from model.heatmaps import decode, merge_flipped
from model.skeletons import Skeleton, skeleton_of
from model.zoo.catalogue import PoseModel

_TRUSTED_SCORE = 0.2  # keypoints scored lower do not count towards the person's score, as in mmpose


@dataclass(frozen=True, eq=False)
class PoseEstimate:
    """Keypoints of N persons.

    Attributes:
        keypoints: (N, K, 2) x, y in frame pixels.
        scores: (N, K) heatmap maxima, as they come: slightly above 1 or below 0 at times.
        timings_ms: Milliseconds for "crop", "infer" and "decode".
        heatmaps: (N, H/4, W/4) of the one keypoint that was asked for; None where none was.
    """

    keypoints: FloatArray
    scores: FloatArray
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    heatmaps: FloatArray | None = None


class PoseEstimator:
    """A pose network with everything around it: crops, heatmaps, keypoints.

    Args:
        engine: Runs the network.
        skeleton: What its heatmaps mean.
        input_size: (height, width) of its crops.
        decoding: How its heatmaps become keypoints.
        flip_test: Whether the mirrored crops run too and the maps are averaged: more accurate at twice the cost.
    """

    def __init__(
        self,
        engine: Engine,
        skeleton: Skeleton,
        input_size: tuple[int, int],
        decoding: Decoding = "dark",
        flip_test: bool = False,
    ) -> None:
        self.engine = engine
        self.skeleton = skeleton
        self.input_size = input_size
        self.decoding: Decoding = decoding
        self.flip_test = flip_test

    def estimate(self, image: UInt8Array, boxes: npt.ArrayLike, heatmap_of: int | None = None) -> PoseEstimate:
        """Find the keypoints of everybody in a frame.

        Args:
            image: (H, W, 3) uint8 BGR.
            boxes: (N, 4) x1, y1, x2, y2 in frame pixels; N may be 0.
            heatmap_of: The keypoint whose heatmaps are wanted too.
        """
        boxes = np.asarray(boxes, np.float32).reshape(-1, 4)
        if not len(boxes):
            count = self.skeleton.keypoints
            return PoseEstimate(np.empty((0, count, 2), np.float32), np.empty((0, count), np.float32))
        begin = time.perf_counter()
        crops = cut_crops(image, boxes, self.input_size)
        cut = time.perf_counter()
        heatmaps = self.heatmaps(crops)
        inferred = time.perf_counter()
        peaks = decode(heatmaps, self.decoding)
        keypoints = to_frame(peaks.keypoints, boxes, self.input_size)
        decoded = time.perf_counter()
        timings = {"crop": cut - begin, "infer": inferred - cut, "decode": decoded - inferred}
        timings_ms = {stage: 1e3 * seconds for stage, seconds in timings.items()}
        wanted = None if heatmap_of is None else heatmaps[:, heatmap_of].copy()
        return PoseEstimate(keypoints, peaks.scores, timings_ms, wanted)

    def heatmaps(self, crops: UInt8Array) -> FloatArray:
        """Heatmaps (N, K, H/4, W/4) of crops (N, H, W, 3) uint8 RGB, after the flip test where it is on."""
        if not self.flip_test:
            return self.engine.infer(crops)
        both = self.engine.infer(np.concatenate([crops, crops[:, :, ::-1]]))
        return merge_flipped(both[: len(crops)], both[len(crops) :], self.skeleton.flip_indices)


def build_estimator(
    model: PoseModel,
    engine: str = "auto",
    device: str = "auto",
    threads: int | None = None,
    decoding: Decoding | None = None,
    flip_test: bool = False,
) -> PoseEstimator:
    """An estimator for a weight set, or for a bare network with random weights.

    Args:
        model: From `model.zoo.resolve`; its weights must be on this machine.
        engine: One of ENGINE_NAMES.
        device: "auto", "cpu", "cuda" or "mps".
        threads: CPU threads; None leaves the choice to the engine.
        decoding: None for the model's own.
        flip_test: As in PoseEstimator.

    Raises:
        WeightsError: The weights are absent or damaged.
        CheckpointError: The weights do not fit the network.
        EngineError: This machine does not offer the engine or the device.
    """
    return PoseEstimator(
        create_engine(model, engine, device, threads),
        skeleton_of(model.keypoints),
        model.input_size,
        decoding or model.decoding,
        flip_test,
    )


def person_scores(box_scores: npt.ArrayLike, scores: FloatArray) -> FloatArray:
    """Score of each person (N,): box score times the mean of the keypoint scores above 0.2, within 0..1.

    Args:
        box_scores: (N,).
        scores: (N, K) keypoint scores.
    """
    trusted = scores > _TRUSTED_SCORE
    means = np.where(trusted, scores, 0).sum(axis=1) / np.maximum(trusted.sum(axis=1), 1)
    bounded: FloatArray = np.clip(np.asarray(box_scores, np.float32) * means, 0, 1).astype(np.float32)
    return bounded
