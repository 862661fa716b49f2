"""Stick figures that walk about, and a detector and a pose estimator that see them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from app.results import Detection, Frame
from model.arrays import FloatArray, UInt8Array
from model.boxes import box_areas, box_iou
from model.estimator import PoseEstimate, PoseEstimator
from model.skeletons import COCO_17

HEIGHT = 100.0  # of a figure, pixels
SIZE = (360, 640)

# Fractions of the height, from the middle of the box; heads end above the eyes and feet below the ankles.
_STANDING = np.array(
    [
        (0.0, -0.42), (0.02, -0.44), (-0.02, -0.44), (0.04, -0.43), (-0.04, -0.43), (0.11, -0.3), (-0.11, -0.3),
        (0.14, -0.13), (-0.14, -0.13), (0.14, 0.02), (-0.14, 0.02), (0.07, 0.03), (-0.07, 0.03), (0.07, 0.24),
        (-0.07, 0.24), (0.07, 0.45), (-0.07, 0.45),
    ]
)  # fmt: skip

Place = Callable[[float], tuple[float, float] | None]  # time to the middle of the box; None while out of the picture


def figure(x: float, y: float, height: float = HEIGHT) -> FloatArray:
    """Keypoints (17, 2) of somebody who stands with the middle of their box at x, y."""
    return (_STANDING * height + [x, y]).astype(np.float32)


def figure_box(x: float, y: float, height: float = HEIGHT) -> FloatArray:
    """Their box (4,)."""
    return np.array([x - 0.18 * height, y - 0.5 * height, x + 0.18 * height, y + 0.5 * height], np.float32)


def scored(value: float = 0.9) -> FloatArray:
    return np.full(17, value, np.float32)


def standing(x: float, y: float = 180) -> Place:
    return lambda time_s: (x, y)


def walking(x: float, speed: float, y: float = 180) -> Place:
    """At x at time 0, then with `speed` pixels a second to the right."""
    return lambda time_s: (x + speed * time_s, y)


def between(begin_s: float, end_s: float, place: Place) -> Place:
    """In the picture at these times only."""
    return lambda time_s: place(time_s) if begin_s <= time_s < end_s else None


@dataclass
class World:
    """People at their places, the last in front; everything refers to the frame last made."""

    people: Sequence[Place]
    fps: float = 30.0
    tremble: float = 0.0  # of keypoints, pixels
    background: UInt8Array = field(default_factory=lambda: np.full((*SIZE, 3), 90, np.uint8))
    now_s: float = 0.0

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(7)

    def frame(self, index: int) -> Frame:
        """The frame, on which people are dark shapes."""
        self.now_s = index / self.fps
        image = self.background.copy()
        for _, (x, y) in self.visible():
            x1, y1, x2, y2 = np.clip(figure_box(x, y), 0, [SIZE[1], SIZE[0]] * 2).astype(int)
            image[y1:y2, x1:x2] = 30
        return Frame(index, self.now_s, image)

    def visible(self) -> list[tuple[int, tuple[float, float]]]:
        """Who is there, and where, from back to front."""
        places = [(number, place(self.now_s)) for number, place in enumerate(self.people)]
        return [(number, place) for number, place in places if place is not None]

    def tremor(self) -> FloatArray:
        return self._random.normal(0, self.tremble, (17, 2)).astype(np.float32)


class Detector:
    """Sees everybody who is not mostly hidden behind somebody else."""

    name, default_threshold, engine, device = "fake", 0.5, "none", "none"

    def __init__(self, world: World, score: Callable[[int, float], float] = lambda number, time_s: 0.9) -> None:
        self.world = world
        self.score = score
        self.calls = 0
        self.closed = False

    def detect(self, image: UInt8Array) -> list[Detection]:
        self.calls += 1
        there = self.world.visible()
        boxes = [figure_box(*place) for _, place in there]
        found = []
        for index, (number, _) in enumerate(there):
            box = np.clip(boxes[index], 0, [SIZE[1], SIZE[0]] * 2).astype(np.float32)
            score = self.score(number, self.world.now_s)
            if score > 0 and box_areas(box[None])[0] > 200 and not _hidden(boxes[index], boxes[index + 1 :]):
                found.append(Detection(box, score))
        return sorted(found, key=lambda detection: -detection.score)

    def close(self) -> None:
        self.closed = True


def _hidden(box: FloatArray, in_front: list[FloatArray]) -> bool:
    return any(box_iou(box[None], other[None])[0, 0] > 0.5 for other in in_front)


class Estimator(PoseEstimator):
    """Finds in a box whoever fills it best, the one in front where two do; nobody: low scores all over the box."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.skeleton = COCO_17
        self.boxes_seen = 0

    def estimate(self, image: UInt8Array, boxes: FloatArray, heatmap_of: int | None = None) -> PoseEstimate:
        self.boxes_seen += len(boxes)
        poses = [self._pose(box) for box in boxes]
        keypoints = np.array([pose for pose, _ in poses], np.float32).reshape(-1, 17, 2)
        scores = np.array([score for _, score in poses], np.float32).reshape(-1, 17)
        return PoseEstimate(keypoints, scores, {"crop": 1.0, "infer": 2.0, "decode": 3.0} if len(boxes) else {})

    def _pose(self, box: FloatArray) -> tuple[FloatArray, FloatArray]:
        there = self.world.visible()
        overlaps = [box_iou(box[None], figure_box(*place)[None])[0, 0] for _, place in there]
        if not overlaps or max(overlaps) < 0.1:
            return figure(*((box[:2] + box[2:]) / 2)), scored(0.05)
        # Crops centre on their person, but somebody in front draws the network.
        best = max(range(len(there)), key=lambda index: overlaps[index] + 0.1 * index)
        return figure(*there[best][1]) + self.world.tremor(), scored()
