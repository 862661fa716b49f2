"""What the tests of `process` have in common."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from app.outputs import Networks
from app.results import Frame, FrameResult, Person
from model.skeletons import COCO_17

NETWORKS = Networks("fake-model", "fake-detector", COCO_17)


class FakePipeline:
    """Finds one person in the middle of every frame."""

    def process(self, frame: Frame) -> FrameResult:
        height, width = frame.size
        keypoints = np.tile(np.array([width / 2, height / 2], np.float32), (17, 1))
        box = np.array([0, 0, width, height], np.float32)
        person = Person(1, box, 0.9, keypoints, np.full(17, 0.9, np.float32), 0.8)
        return FrameResult(frame.index, frame.time_s, frame.size, (person,), picture=frame.picture)

    def reset(self) -> None:
        """Nothing is remembered."""

    def number_by(self, ids: Iterator[int]) -> None:
        """There is one person."""

    def close(self) -> None:
        """Nothing is held."""


def frames_of(path: Path) -> list[float]:
    """Times of the frames that decode."""
    with av.open(str(path)) as container:
        return [float(frame.time) for frame in container.decode(video=0)]


def errors(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]
