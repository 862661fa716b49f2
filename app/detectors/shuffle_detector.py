"""This project's own person detector, on the engines that run the pose networks."""

from app.detectors.base import DetectorConfig, detections_within
from app.results import Detection
from model.arrays import UInt8Array
from model.detection import PersonFinder
from model.engines import create_engine
from model.zoo import resolve_detector


class ShuffleDetector:
    """Finds people of about a twelfth of the frame's height and up, with the weights that come along or the user's own.

    Args:
        config: Its name says which weights.

    Raises:
        EngineError: The engine is not installed or does not take the weights.
    """

    def __init__(self, config: DetectorConfig) -> None:
        self.name = config.name
        self.default_threshold = config.default_threshold
        self._threshold = config.threshold
        weights = resolve_detector(config.name)
        engine = create_engine(weights, device=config.device, threads=config.threads)
        self.engine, self.device = engine.name, engine.device
        self._finder = PersonFinder(engine, max(weights.input_size))

    def detect(self, image: UInt8Array) -> list[Detection]:
        boxes, scores = self._finder.find(image, self._threshold)
        return detections_within(boxes, scores, image.shape[:2])

    def close(self) -> None:
        del self._finder
