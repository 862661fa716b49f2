"""What every person detector offers, and what they share."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from app.errors import DetectorError
from app.results import Detection
from model.arrays import UInt8Array


@dataclass(frozen=True)
class DetectorConfig:
    """What a detector is built from.

    Attributes:
        name: As the command line takes it.
        files: Its weights, in the catalogue's order.
        default_threshold: As in PersonDetector.
        threshold: Boxes scored lower are not reported.
        threads: CPU threads, where the engine lets them be chosen; None leaves the choice to it.
        device: As create_engine takes it; for the detectors that run on this project's engines.
    """

    name: str
    files: tuple[Path, ...]
    default_threshold: float
    threshold: float
    threads: int | None
    device: str = "auto"


class PersonDetector(Protocol):
    """Finds the boxes of people in a frame.

    A detector belongs to the thread that built it, and is closed before the program ends.

    Attributes:
        name: As the command line takes it.
        default_threshold: Score from which its boxes are usually worth following, 0..1.
        engine: What runs it, for display.
        device: Where it runs, for display.
    """

    name: str
    default_threshold: float
    engine: str
    device: str

    def detect(self, image: UInt8Array) -> list[Detection]:
        """Find everybody in a frame.

        Args:
            image: (H, W, 3) uint8 BGR, of any size.

        Returns:
            Best first; boxes lie within the frame, 0..W and 0..H, and have an area. Empty where nobody is found.
        """
        ...

    def close(self) -> None:
        """Release what the engine holds; the detector is of no use afterwards."""
        ...


def detections_within(boxes: npt.ArrayLike, scores: npt.ArrayLike, image_size: tuple[int, int]) -> list[Detection]:
    """Detections of what lies within the frame, best first, without boxes that have no area there.

    Args:
        boxes: (N, 4) x1, y1, x2, y2 in frame pixels; what lies outside the frame is cut off.
        scores: (N,) 0..1.
        image_size: (height, width) of the frame.
    """
    height, width = image_size
    clipped = np.clip(np.asarray(boxes, np.float32).reshape(-1, 4), 0, np.array([width, height] * 2, np.float32))
    visible = np.all(clipped[:, 2:] > clipped[:, :2], axis=1)
    kept = np.asarray(scores, np.float32)[visible]
    order = np.argsort(-kept, kind="stable")
    return [Detection(box, float(score)) for box, score in zip(clipped[visible][order], kept[order], strict=True)]


def cannot_import(detector: str, package: str, error: ImportError) -> DetectorError:
    """The error of a detector whose engine is not installed, or installed but broken."""
    return DetectorError(
        f"detector {detector} needs the package {package}, which cannot be imported ({_reason(error)}); "
        "run pip install -r requirements.txt or choose another --detector"
    )


def cannot_load(detector: str, path: Path, error: Exception) -> DetectorError:
    """The error of a detector whose engine does not take its file."""
    return DetectorError(
        f"detector {detector} cannot be loaded from {path}: {_reason(error)}; "
        "run python main.py weights verify or choose another --detector"
    )


def _reason(error: Exception) -> str:
    """The last line: native engines put where in their own source it happened before what happened."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]
