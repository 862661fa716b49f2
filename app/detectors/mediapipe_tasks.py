"""Object detectors in MediaPipe's format (TFLite with metadata), through MediaPipe Tasks."""

from functools import partial
from typing import Any

import cv2
import numpy as np

from app.detectors.base import DetectorConfig, cannot_import, cannot_load, detections_within
from app.results import Detection
from model.arrays import UInt8Array

_LONGEST_SIDE = 16_384  # MediaPipe ends the whole process over a picture of more than 32,766
_PERSON_LABELS = ["person", "Person"]  # as COCO and OpenImages spell it


class MediaPipeDetector:
    """Finds what the model's labels call a person.

    Args:
        config: Its file is the model (.tflite) with its metadata; the number of threads is MediaPipe's own choice.

    Raises:
        DetectorError: MediaPipe is not installed, or does not take the file.
    """

    engine = "MediaPipe"
    device = "CPU"

    def __init__(self, config: DetectorConfig) -> None:
        self.name = config.name
        self.default_threshold = config.default_threshold
        (file,) = config.files
        try:
            import mediapipe
            from mediapipe.tasks.python import BaseOptions, vision
        except ImportError as error:
            raise cannot_import(config.name, "mediapipe", error) from error
        try:
            # As bytes: a path with letters beyond the Windows code page is then no concern of MediaPipe's.
            options = vision.ObjectDetectorOptions(
                base_options=BaseOptions(model_asset_buffer=file.read_bytes()),
                score_threshold=config.threshold,
                category_allowlist=_PERSON_LABELS,
            )
            self._task: Any = vision.ObjectDetector.create_from_options(options)
        except (OSError, RuntimeError, ValueError) as error:
            raise cannot_load(config.name, file, error) from error
        self._to_image = partial(mediapipe.Image, image_format=mediapipe.ImageFormat.SRGB)

    def detect(self, image: UInt8Array) -> list[Detection]:
        height, width = image.shape[:2]
        seen = image
        if (shrink := _LONGEST_SIDE / max(height, width)) < 1:
            size = max(round(width * shrink), 1), max(round(height * shrink), 1)
            seen = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        found = self._task.detect(self._to_image(data=cv2.cvtColor(seen, cv2.COLOR_BGR2RGB))).detections
        corners = [detection.bounding_box for detection in found]
        boxes = [(box.origin_x, box.origin_y, box.origin_x + box.width, box.origin_y + box.height) for box in corners]
        scale = np.tile([width / seen.shape[1], height / seen.shape[0]], 2)
        scores = [detection.categories[0].score for detection in found]
        return detections_within(np.reshape(boxes, (-1, 4)) * scale, scores, (height, width))

    def close(self) -> None:
        self._task.close()
