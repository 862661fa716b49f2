"""Person detectors by name. A new one is a module here and a row in the table; engines are imported when built."""

from collections.abc import Callable
from dataclasses import dataclass

from app.detectors.base import DetectorConfig, PersonDetector
from app.detectors.mediapipe_tasks import MediaPipeDetector
from app.detectors.picodet import PicoDet
from app.detectors.shuffle_detector import ShuffleDetector
from app.detectors.whole_frame import WholeFrame
from app.errors import DetectorError
from model.detection import THRESHOLD
from model.zoo import DetectorWeightSet, load_catalogue, own_detectors, resolve_detector, weight_files

__all__ = [
    "PersonDetector",
    "create_detector",
    "default_threshold",
    "detector_names",
    "detector_weights",
    "has_choice_of_device",
]


@dataclass(frozen=True)
class _Kind:
    """How to build a detector, whether it has weights, and the threshold where recall and precision are balanced."""

    build: Callable[[DetectorConfig], PersonDetector]
    default_threshold: float
    has_weights: bool = True


_OF_THIS_PROJECT = _Kind(ShuffleDetector, THRESHOLD)
_KINDS = {
    "person-416": _OF_THIS_PROJECT,
    "person-320": _OF_THIS_PROJECT,
    "picodet-320": _Kind(PicoDet, 0.5),
    "picodet-192": _Kind(PicoDet, 0.4),
    "mediapipe-ssd": _Kind(MediaPipeDetector, 0.3),
    "efficientdet-lite0": _Kind(MediaPipeDetector, 0.5),
    "whole-frame": _Kind(WholeFrame, 0.0, has_weights=False),
}


def detector_names() -> tuple[str, ...]:
    """What --detector takes: default, the detectors that come with the program, those that the user imported.

    Raises:
        WeightsError: The description of one of the user's own weight sets is malformed.
    """
    return ("default", *_KINDS, *(own.name for own in own_detectors()))


def detector_weights(name: str) -> DetectorWeightSet | None:
    """The weight set that a detector needs on this machine, or None where it needs none.

    Args:
        name: One of `detector_names`.

    Raises:
        DetectorError: The name is unknown; the message lists those that are known.
    """
    known, kind = _kind(name)
    return resolve_detector(known) if kind.has_weights else None


def default_threshold(name: str) -> float:
    """The box score from which a detector reports somebody unless another is wanted.

    Args:
        name: One of `detector_names`.

    Raises:
        DetectorError: The name is unknown.
    """
    return _kind(name)[1].default_threshold


def has_choice_of_device(name: str) -> bool:
    """Whether a detector runs where it is told to, as this project's own do; the others run on the CPU.

    Args:
        name: One of `detector_names`.

    Raises:
        DetectorError: The name is unknown.
    """
    return _kind(name)[1] is _OF_THIS_PROJECT


def create_detector(
    name: str, threshold: float | None = None, threads: int | None = None, device: str = "auto"
) -> PersonDetector:
    """Build a detector on the calling thread.

    Args:
        name: One of `detector_names`.
        threshold: Boxes scored lower are not reported; None for the detector's own default.
        threads: CPU threads, for engines that let them be chosen; None leaves the choice to the engine.
        device: Where this project's own detectors run, as create_engine takes it; the others have the CPU.

    Raises:
        EngineError: This machine does not offer the device.
        DetectorError: The name is unknown, or its engine is not installed or does not take the weights.
        WeightsError: The weights are absent or damaged.
    """
    known, kind = _kind(name)
    weights = detector_weights(known)
    files = tuple(weight_files(weights)) if weights else ()
    wanted = kind.default_threshold if threshold is None else threshold
    return kind.build(DetectorConfig(known, files, kind.default_threshold, wanted, threads, device))


def _kind(name: str) -> tuple[str, _Kind]:
    """The name that an alias stands for, and the row of the table."""
    known = load_catalogue().detector_aliases.get(name, name)
    if known in _KINDS:
        return known, _KINDS[known]
    if name in detector_names():
        return name, _OF_THIS_PROJECT
    raise DetectorError(f"no detector is named {name!r}; choose one of {', '.join(detector_names())}")
