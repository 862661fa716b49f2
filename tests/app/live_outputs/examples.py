"""A source's header and results for tests of live outputs."""

import numpy as np

from app.results import FrameResult, Person
from app.sinks.keypoints_jsonl import KeypointsHeader
from model.arrays import UInt8Array
from model.skeletons import COCO_17

SIZE = (48, 64)


def header(source: str = "clip.mp4", size: tuple[int, int] = SIZE, fps: float | None = 25.0) -> KeypointsHeader:
    height, width = size
    names = COCO_17.keypoint_names
    return KeypointsHeader(source, width, height, fps, "a-model", "a-detector", names, COCO_17.links)


def person(track_id: int = 1) -> Person:
    keypoints = np.column_stack([np.arange(17), 2 * np.arange(17)]).astype(np.float32)
    scores = np.linspace(0.2, 0.9, 17, dtype=np.float32)
    return Person(track_id, np.array([0, 0, 32, 48], np.float32), 0.9, keypoints, scores, 0.75)


def result(index: int = 0, *persons: Person) -> FrameResult:
    return FrameResult(index, index / 25, SIZE, persons)


def picture(value: int = 0, size: tuple[int, int] = SIZE) -> UInt8Array:
    return np.full((*size, 3), value, np.uint8)
