"""No search at all: one person is taken to fill the frame."""

import numpy as np

from app.detectors.base import DetectorConfig
from app.results import Detection
from model.arrays import UInt8Array


class WholeFrame:
    """Reports one box round the whole frame with score 1, whatever the frame shows.

    For pictures that are already cut to one person. Only the user can choose it; nothing falls back to it.
    """

    engine = "none"
    device = "none"

    def __init__(self, config: DetectorConfig) -> None:
        self.name = config.name
        self.default_threshold = config.default_threshold

    def detect(self, image: UInt8Array) -> list[Detection]:
        height, width = image.shape[:2]
        return [Detection(np.array([0, 0, width, height], np.float32), 1.0)]

    def close(self) -> None:
        pass
