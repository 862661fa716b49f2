"""PicoDet-S pedestrian, PaddleDetection's small person detector, through OpenVINO.

Source: Yu et al., "PP-PicoDet: A Better Real-Time Object Detector on Mobile Devices", arXiv:2111.00902. The graph ends
before non-maximum suppression, which happens here.
"""

from typing import Any

import cv2
import numpy as np

from app.detectors.base import DetectorConfig, cannot_import, cannot_load, detections_within
from app.results import Detection
from model.arrays import UInt8Array
from model.boxes import suppress_overlaps
from model.normalisation import MEAN, STD

_BLANK_CONTRAST = 10  # levels; photographs of people have over 100, a covered lens with strong noise has below 5


class PicoDet:
    """Finds people of about a tenth of the frame's height and up.

    Args:
        config: Its files are the OpenVINO graph (.xml) and that graph's weights (.bin).

    Raises:
        DetectorError: OpenVINO is not installed, or does not take the files.
    """

    engine = "OpenVINO"
    device = "CPU"

    def __init__(self, config: DetectorConfig) -> None:
        self.name = config.name
        self.default_threshold = config.default_threshold
        self._threshold = config.threshold
        compiled = _compile(config)
        _, self._height, self._width, _ = compiled.input(0).shape
        self._request = compiled.create_infer_request()

    def detect(self, image: UInt8Array) -> list[Detection]:
        # The training resized with bicubic interpolation and without regard to the aspect ratio.
        resized = cv2.resize(image, (self._width, self._height), interpolation=cv2.INTER_CUBIC)
        if is_blank(resized):
            return []  # where there is nothing to see, the network is sure of a person who fills the frame
        outputs = self._request.infer([resized[np.newaxis]], share_inputs=True)
        scores = outputs[1].reshape(-1)
        candidates = scores >= self._threshold
        boxes, scores = suppress_overlaps(outputs[0].reshape(-1, 4)[candidates], scores[candidates])
        height, width = image.shape[:2]
        to_frame = np.array([width / self._width, height / self._height] * 2, np.float32)
        return detections_within(boxes * to_frame, scores, (height, width))

    def close(self) -> None:
        self._request = None


def is_blank(image: UInt8Array) -> bool:
    """Whether a picture, (H, W, 3) uint8, shows nothing but one tone: a covered lens, a fade, an empty slide."""
    tones = cv2.resize(image, (16, 16), interpolation=cv2.INTER_AREA)
    contrast = np.ptp(tones.reshape(-1, 3), axis=0)
    return bool(np.all(contrast < _BLANK_CONTRAST))


def _compile(config: DetectorConfig) -> Any:
    """The compiled graph: (1, H, W, 3) uint8 BGR to boxes (1, N, 4) in input pixels and scores (1, 1, N)."""
    try:
        import openvino
    except ImportError as error:
        raise cannot_import(config.name, "openvino", error) from error
    graph, weights = config.files
    # Full precision: where the CPU knows bfloat16, OpenVINO would take it unasked, and boxes would differ by machine.
    settings: dict[str, object] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    if config.threads is not None:
        settings["INFERENCE_NUM_THREADS"] = config.threads
    core = openvino.Core()
    try:
        # As bytes: a path with letters beyond the Windows code page is then no concern of OpenVINO's.
        network = core.read_model(graph.read_bytes(), weights.read_bytes())
        return core.compile_model(_with_preprocessing(network), "CPU", settings)
    except (OSError, RuntimeError) as error:
        raise cannot_load(config.name, graph, error) from error


def _with_preprocessing(graph: Any) -> Any:
    """The graph with layout, colour order, mean and scale taken in."""
    from openvino import Layout, Type
    from openvino.preprocess import ColorFormat, PrePostProcessor

    steps = PrePostProcessor(graph)
    steps.input().tensor().set_element_type(Type.u8).set_layout(Layout("NHWC")).set_color_format(ColorFormat.BGR)
    steps.input().model().set_layout(Layout("NCHW"))
    converted = steps.input().preprocess().convert_element_type(Type.f32).convert_color(ColorFormat.RGB)
    converted.mean(list(MEAN)).scale(list(STD))
    return steps.build()
